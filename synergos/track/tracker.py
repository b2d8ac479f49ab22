"""What takes the rounds of a training as they come."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from synergos.common.text import one_line
from synergos.errors import InvalidArgument
from synergos.track.round import Round

# What a user says: the name of a tracker with where it keeps the rounds, or something to call with each.
Track = str | Callable[[Round], object]
Tracks = Track | Sequence[Track]


@runtime_checkable
class Tracker(Protocol):
    """Takes rounds, and is told when there are no more."""

    def __call__(self, done: Round, /) -> object:
        """Take one round."""

    def close_as(self, state: str) -> None:
        """Take no more.

        Args:
            state: How the training ended: "done", "failed" or "cancelled".
        """


class Callback:
    """What a user has written himself."""

    def __init__(self, call: Callable[[Round], object]) -> None:
        self._call = call

    def __call__(self, done: Round, /) -> object:
        """Call it."""
        return self._call(done)

    def close_as(self, state: str) -> None:
        """Nothing: it is not told."""

    def __repr__(self) -> str:
        return one_line(getattr(self._call, "__qualname__", "") or type(self._call).__name__)


def trackers_of(operation: str, track: Tracks | None) -> list[Tracker]:
    """Make the trackers that a user names; nothing is written yet.

    Args:
        operation: What is called; it stands in errors.
        track: One, several, or None for none. Those that are made already are taken as they are.

    Raises:
        InvalidArgument: When there is no such tracker, or nothing can be kept where it is to be.
        SynergosError: When a package is not installed.
    """
    if track is None:
        return []
    if isinstance(track, str) or callable(track):
        return [_tracker_of(operation, track)]
    if isinstance(track, Sequence):
        return [_tracker_of(operation, one) for one in track]
    raise _unknown(operation, track)


def _tracker_of(operation: str, track: object) -> Tracker:
    if isinstance(track, str):
        name, _, where = track.partition(":")
        if name == "csv" and where:
            from synergos.track.csv_file import CsvFile

            return CsvFile(operation, where)
        if name == "tensorboard" and where:
            from synergos.track.tensorboard import TensorBoard

            return TensorBoard(operation, where)
        if name == "mlflow" and (where or track == name):
            from synergos.track.mlflow import MLflow

            return MLflow(operation, where or None)
    elif isinstance(track, Tracker):
        return track
    elif callable(track):
        return Callback(track)
    raise _unknown(operation, track)


def _unknown(operation: str, track: object) -> InvalidArgument:
    return InvalidArgument(
        f"[{operation}] track={one_line(repr(track))} is not allowed: it must be 'csv:FILE', 'tensorboard:FOLDER', "
        "'mlflow', 'mlflow:URI', something that is called with each round, or a list of such."
    )
