"""Rounds in a csv file."""

import csv
import datetime
import errno
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from synergos.errors import InvalidArgument
from synergos.track.round import Round

_COLUMNS = (
    *("time", "collab_id", "project_id", "expt_id", "run_id", "participant_id"),
    *("round", "rounds", "train_loss", "evaluate_loss"),
)
# More than the line of their names takes, however it is quoted.
_LINE = 1000


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
        # As it is now: who goes to another folder meanwhile does not take the file along.
        self._path = Path(path).expanduser().absolute()
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
        rows = [(now, *ids, name, done.number, done.rounds, train, evaluate) for name, train, evaluate in losses]
        # Opened anew for each round and written at once: so all of it is there whatever becomes of this process, and
        # what another training writes to the same file stands between lines, and in none.
        with self._path.open("a+b", buffering=0) as file:
            if not file.tell():
                lines = _lines([_COLUMNS, *rows])
            else:
                file.seek(-1, os.SEEK_END)
                # Who has edited it may have left the last line open.
                lines = (b"" if file.read().endswith(b"\n") else b"\r\n") + _lines(rows)
            if file.write(lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def close_as(self, state: str) -> None:
        """Nothing is left open."""

    def __repr__(self) -> str:
        return f"csv:{self._path}"

    def _reason_against(self) -> str:
        if not self._path.exists():
            folder = self._path.parent
            if not folder.is_dir():
                return f"there is no folder {folder}"
            return "" if os.access(folder, os.W_OK) else f"nothing can be written to {folder}"
        with self._path.open(encoding="utf-8", newline="") as file:
            first = file.readline(_LINE)
        if first and tuple(next(csv.reader([first]))) != _COLUMNS:
            return "the file holds something else than rounds"
        return "" if os.access(self._path, os.W_OK) else "the file cannot be written"


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
