"""Rounds in a csv file."""

import csv
import datetime
import os
from pathlib import Path

from synergos.errors import InvalidArgument
from synergos.track.round import Round

_COLUMNS = (
    *("time", "collab_id", "project_id", "expt_id", "run_id", "participant_id"),
    *("round", "rounds", "train_loss", "evaluate_loss"),
)


class CsvFile:
    """Adds the losses of each round to a file: a line for all participants together, and one for each by itself."""

    def __init__(self, operation: str, path: str) -> None:
        """Look whether the file can be written; it is not.

        Args:
            operation: What is called; it stands in errors.
            path: The file. What it holds stays.

        Raises:
            InvalidArgument: When it holds something else, or cannot be written.
        """
        self._path = Path(path).expanduser()
        try:
            reason = self._reason_against()
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = str(error)
        if reason:
            raise InvalidArgument(f"[{operation}] track={f'csv:{path}'!r} is not allowed: {reason}.")

    def __call__(self, done: Round, /) -> None:
        """Write a round."""
        ids = (done.collab_id or "", done.project_id, done.expt_id, done.run_id)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        losses = [("", done.train_loss, done.evaluate_loss)]
        losses += [(name, loss, None) for name, loss in done.local_losses.items()]
        # Opened anew for each round, so that all of it is there whatever becomes of this process.
        with self._path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if not file.tell():
                writer.writerow(_COLUMNS)
            for name, train, evaluate in losses:
                writer.writerow((now, *ids, name, done.number, done.rounds, train, evaluate))

    def close_as(self, state: str) -> None:
        """Nothing is left open."""

    def __repr__(self) -> str:
        return f"csv:{self._path}"

    def _reason_against(self) -> str:
        if not self._path.exists():
            folder = self._path.absolute().parent
            if not folder.is_dir():
                return f"there is no folder {folder}"
            return "" if os.access(folder, os.W_OK) else f"nothing can be written to {folder}"
        with self._path.open(encoding="utf-8", newline="") as file:
            first = next(csv.reader(file), None)
        if first is not None and tuple(first) != _COLUMNS:
            return "the file holds something else than rounds"
        return "" if os.access(self._path, os.W_OK) else "the file cannot be written"
