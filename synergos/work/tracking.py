"""Rounds on their way to a tracker, beside the work and whoever waits for it."""

import functools
import logging
import threading
from collections.abc import Callable, Iterator

from synergos.track.round import Round
from synergos.track.tracker import Tracker

# After so many errors in a row a tracker is given up: one whose server is gone may take minutes for each.
_GIVEN_UP = 3

logger = logging.getLogger("synergos")


class Tracking:
    """Gives the rounds of one job to one tracker, in a thread. What the tracker raises is kept, and stops nothing.

    Attributes:
        error: The first error that it raised, or with which the rounds could not be read.
    """

    def __init__(self, operation: str, tracker: Tracker) -> None:
        """Take note of the tracker; nothing is asked for yet.

        Args:
            operation: What is called; it stands in messages.
            tracker: What takes the rounds.
        """
        self._operation, self._tracker = operation, tracker
        self._thread: threading.Thread | None = None
        self._missed = 0
        self._is_told = False
        self.error: BaseException | None = None

    def start(self, rounds: Callable[[], Iterator[Round]], state: Callable[[], str]) -> None:
        """Begin.

        Args:
            rounds: Gives the rounds as they come, and ends when there are no more.
            state: How the job has ended, by then.
        """
        name = f"synergos-{self._operation}-track"
        self._thread = threading.Thread(target=self._follow, args=(rounds, state), name=name, daemon=True)
        self._thread.start()

    @property
    def is_own_thread(self) -> bool:
        """Whether it is the tracker who asks."""
        return self._thread is threading.current_thread()

    def wait(self, seconds: float | None) -> None:
        """Wait until the tracker has taken all rounds, or so many seconds; None for as long as it takes."""
        if self._thread is not None:
            self._thread.join(seconds)

    def trouble(self) -> str:
        """What was not tracked and why, in one line; nothing when all is well."""
        missed = f"{self._missed} {'round was' if self._missed == 1 else 'rounds were'} not tracked"
        is_behind = self._thread is not None and self._thread.is_alive()
        parts = [
            missed if self._missed else "",
            f"{type(self.error).__name__}: {self.error}" if self.error is not None else "",
            "it has not taken all rounds yet, and goes on" if is_behind else "",
        ]
        said = "; ".join(part for part in parts if part)
        return said and f"{self._tracker!r}: {said}"

    def trouble_once(self) -> str:
        """The same the first time that there is any, and then nothing."""
        told = "" if self._is_told else self.trouble()
        self._is_told = self._is_told or self.error is not None
        return told

    def _follow(self, rounds: Callable[[], Iterator[Round]], state: Callable[[], str]) -> None:
        in_a_row = 0
        try:
            for done in rounds():
                if in_a_row < _GIVEN_UP and self._does(functools.partial(self._tracker, done)):
                    in_a_row = 0
                else:
                    in_a_row, self._missed = in_a_row + 1, self._missed + 1
        except Exception as error:
            self._keep(error)
        self._does(lambda: self._tracker.close_as(state()))

    def _does(self, step: Callable[[], object]) -> bool:
        """Do a step, and keep its error; whether there was none."""
        try:
            step()
        except BaseException as error:
            # Also what is to end a process or a test: here it would end the thread, and nobody would hear of it.
            self._keep(error)
            return False
        return True

    def _keep(self, error: BaseException) -> None:
        if self.error is None:
            self.error = error
            text = "[%s] %r: the rounds are not tracked as they should be; the work goes on."
            logger.warning(text, self._operation, self._tracker, exc_info=error)
