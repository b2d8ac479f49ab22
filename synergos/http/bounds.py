"""What is left of the time and of the bytes that an exchange may take."""

import contextlib
import math
import threading
import time
from collections.abc import Iterator

from synergos.http import ConnectError, DecodingError


class TooLarge(DecodingError):
    """More was sent than is to be read."""

    def __init__(self) -> None:
        super().__init__("The answer is larger than it may be")


class SpeaksTls(ConnectError):
    """What was asked by http answers as https."""

    def __init__(self) -> None:
        super().__init__("It answers by https and was asked by http")


class _Bounds(threading.local):
    """What is left of the exchange that a thread has under way."""

    deadline = math.inf
    bytes = math.inf

    def cut(self, timeout: float | None, late: type[Exception]) -> float | None:
        """A timeout, cut to the time that is left."""
        if self.deadline == math.inf:
            return timeout
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise late("timed out")
        return left if timeout is None else min(timeout, left)

    def take(self, size: int) -> None:
        """Count what was received."""
        self.bytes -= size
        if self.bytes < 0:
            raise TooLarge


bounds = _Bounds()


@contextlib.contextmanager
def bounded(deadline: float, size: float) -> Iterator[None]:
    """Bound what this thread exchanges: until when, by the monotonic clock, and how many bytes it may receive."""
    bounds.deadline, bounds.bytes = deadline, size
    try:
        yield
    finally:
        bounds.deadline, bounds.bytes = math.inf, math.inf
