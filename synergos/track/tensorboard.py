"""Rounds for TensorBoard."""

import datetime
import importlib
import re
from pathlib import Path
from typing import Any

from synergos.errors import InvalidArgument, SynergosError
from synergos.track.round import Round

# What some system takes in no name of a file, and what stands for it.
_ODD = re.compile(r'[<>:"\\|?*%\x00-\x1f]')


class TensorBoard:
    """Writes the losses of each round as scalars, each training of a run in a folder of its own."""

    def __init__(self, operation: str, folder: str) -> None:
        """Look whether TensorBoard is there; nothing is written.

        Args:
            operation: What is called; it stands in errors.
            folder: What `tensorboard --logdir` is given.

        Raises:
            InvalidArgument: When the folder is a file.
            SynergosError: When TensorBoard is not installed.
        """
        self._folder = Path(folder).expanduser().absolute()
        if self._folder.exists() and not self._folder.is_dir():
            raise InvalidArgument(f"[{operation}] track={f'tensorboard:{folder}'!r} is not allowed: it is no folder.")
        try:
            self._writer: Any = importlib.import_module("tensorboard.summary").Writer
        except ImportError as error:
            raise SynergosError(
                f"[{operation}] track={f'tensorboard:{folder}'!r} needs TensorBoard: "
                f"pip install 'synergos-driver[tensorboard]' ({error})."
            ) from error
        self._started = f"{datetime.datetime.now():%Y-%m-%d %H.%M.%S.%f}"
        self._writers: dict[tuple[str, ...], Any] = {}

    def __call__(self, done: Round, /) -> None:
        """Write a round."""
        writer = self._writers.get(done.run)
        if writer is None:
            names = [_ODD.sub(lambda odd: f"%{ord(odd[0]):02X}", name) for name in done.run]
            writer = self._writers[done.run] = self._writer(str(self._folder.joinpath(*names, self._started)))
        for name, loss in done.losses.items():
            writer.add_scalar(name, loss, done.number)
        writer.flush()
        if done.number == done.rounds:
            # A search has many runs, and each writer a thread and an open file.
            self._writers.pop(done.run).close()

    def close_as(self, state: str) -> None:
        """Close what is open."""
        while self._writers:
            self._writers.popitem()[1].close()

    def __repr__(self) -> str:
        return f"tensorboard:{self._folder}"
