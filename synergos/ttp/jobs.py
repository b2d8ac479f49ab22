"""What the sandbox is asked to do in phases 2 and 3: what waits, how far it is, and how the last of it ended."""

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from synergos.learning.errors import Cancelled, SandboxError
from synergos.ttp.errors import Missing
from synergos.ttp.records import Ids, named
from synergos.ttp.rounds import RoundReport

_KEPT = 100
# So many rounds at most are told at once.
_TOLD_ROUNDS = 1000
# Of these each takes a look, batch by batch, whether it is called off.
_TRAININGS = ("models", "optimizations")


@dataclass
class Job:
    """One request of phase 2 or 3."""

    number: int
    resource: str
    ids: Ids
    state: str = "queued"
    started: float = 0.0
    seconds: float = 0.0
    rounds: list[dict[str, Any]] = field(default_factory=list)
    failure: dict[str, Any] = field(default_factory=dict)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be done for it."""
        return self.state not in ("queued", "running")

    def shown(self) -> dict[str, Any]:
        """The job as the contract shows it."""
        seconds = time.monotonic() - self.started if self.state == "running" else self.seconds
        own = {"number": self.number, "resource": self.resource, "ids": self.ids, "state": self.state}
        last = {name: value for name, value in self.rounds[-1].items() if name != "local_losses"} if self.rounds else {}
        return {**own, "seconds": round(seconds, 3), **last, **self.failure}


class Jobs:
    """The jobs of a sandbox, in the order in which they were asked for. One thread works them off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, Job] = {}
        self._ended: deque[Job] = deque(maxlen=_KEPT)
        self._running: Job | None = None
        self._last_number = 0
        self._is_stopped = False

    @property
    def cancelled(self) -> threading.Event:
        """What is set when the job that is being done is called off."""
        return self._running.cancelled if self._running else threading.Event()

    def add(self, resource: str, ids: Ids) -> Job:
        """Put a job at the end of the queue."""
        with self._lock:
            self._last_number += 1
            job = self._open[self._last_number] = Job(self._last_number, resource, ids)
            if self._is_stopped:
                self._call_off(job)
            return job

    @contextlib.contextmanager
    def doing(self, job: Job) -> Iterator[None]:
        """Keep how a job goes, while it is done.

        Raises:
            Cancelled: When it was called off, before or while it was done.
        """
        with self._lock:
            if job.has_ended:
                raise Cancelled(job.failure["message"])
            job.state, job.started = "running", time.monotonic()
            self._running = job
        try:
            yield
        except Cancelled as error:
            self._end(job, "cancelled", error.status, _called_off(job))
            raise Cancelled(_called_off(job)) from error
        except SandboxError as error:
            self._end(job, "failed", error.status, error.message)
            raise
        except BaseException:
            self._end(job, "failed", SandboxError.status, "Internal Server Error")
            raise
        else:
            self._end(job, "done")

    def report(self, key: Ids, done: RoundReport) -> None:
        """Keep how a round of the training of a run went, in the job that is being done."""
        with self._lock:
            if self._running:
                told = {
                    "key": key,
                    "round": done.number,
                    "rounds": done.rounds,
                    "train_loss": done.train_loss,
                    "evaluate_loss": done.evaluate_loss,
                    "local_losses": dict(done.local_losses),
                }
                self._running.rounds.append(told)

    def trained(self) -> list[dict[str, Any]]:
        """The rounds of the run that is being trained; none when none is."""
        with self._lock:
            rounds = self._running.rounds if self._running else []
            own = list(itertools.takewhile(lambda one: one["key"] == rounds[-1]["key"], reversed(rounds)))
            return own[::-1]

    def rounds(self, number: int, after: int) -> list[dict[str, Any]]:
        """The rounds that a job has trained, in their order, and no more of them than one answer may hold.

        Args:
            number: The number of the job.
            after: How many of them are left out, from the first.

        Raises:
            Missing: When there is no such job, or it has ended so long ago that nothing is known of it any more.
        """
        with self._lock:
            job = self._open.get(number) or next((one for one in self._ended if one.number == number), None)
            if job is None:
                raise Missing(f"There is no work of the number {number}: of what has ended, the last {_KEPT} are kept.")
            return job.rounds[after : after + _TOLD_ROUNDS]

    def shown(self, *, ended: bool) -> list[dict[str, Any]]:
        """The jobs that wait or are being done, and the last of those that have ended."""
        with self._lock:
            jobs = [*self._ended, *self._open.values()] if ended else [*self._open.values()]
            return [job.shown() for job in sorted(jobs, key=lambda job: job.number)]

    def call_off(self, number: int | None) -> list[dict[str, Any]]:
        """Call off one job, or without a number the training that is being done.

        Returns:
            What was called off: nothing when there is none, or it cannot be called off where it is.
        """
        with self._lock:
            job = self._running if number is None else self._open.get(number)
            if job is None or not (job.state == "queued" or job.resource in _TRAININGS):
                return []
            self._call_off(job)
            return [job.shown()]

    def stop(self) -> None:
        """Call off everything, and whatever else comes."""
        with self._lock:
            self._is_stopped = True
            for job in list(self._open.values()):
                self._call_off(job)

    def restart(self) -> None:
        """Begin anew, with no job behind. All that there were are stopped, and have ended."""
        with self._lock:
            self._ended.clear()
            self._last_number = 0
            self._is_stopped = False

    def _call_off(self, job: Job) -> None:
        job.cancelled.set()
        if job.state == "queued":
            self._close(job, "cancelled", {"status": Cancelled.status, "message": _called_off(job)})

    def _end(self, job: Job, state: str, status: int | None = None, message: str | None = None) -> None:
        with self._lock:
            self._running = None
            self._close(job, state, {} if status is None else {"status": status, "message": message})

    def _close(self, job: Job, state: str, failure: dict[str, Any]) -> None:
        job.seconds = time.monotonic() - job.started if job.state == "running" else 0.0
        job.state, job.failure = state, failure
        del self._open[job.number]
        self._ended.append(job)


def _called_off(job: Job) -> str:
    return f"The {job.resource} of {named(job.ids)} were called off."
