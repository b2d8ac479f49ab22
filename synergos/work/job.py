"""Work that a TTP was given: it goes on by itself, and can be waited for, looked after and picked up again."""

import logging
import math
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, Literal, NoReturn, Self, TypeVar

from synergos.common.checks import check
from synergos.common.forks import renew_after_fork
from synergos.common.shown import never_raises
from synergos.common.table import as_html
from synergos.common.text import one_line
from synergos.errors import (
    MISREADINGS,
    Cancelled,
    InvalidArgument,
    NotFound,
    StatusError,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
    status_error,
)
from synergos.http.answers import readable
from synergos.reply import Reply
from synergos.track.round import Round
from synergos.track.tracker import Tracker
from synergos.work.advice import may_be_at_work, silence
from synergos.work.plan import Combination, Plan, Search
from synergos.work.progress import Display
from synergos.work.told import Told, Work
from synergos.work.tracking import Tracking

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
State = Literal["running", "done", "failed", "cancelled"]

# Seconds before the second look at the TTP. Each pause is longer than the one before it, up to a number of times this.
POLL = 0.2
_GROWTH, _LONGEST = 1.5, 20
# While a request is unanswered, there is a look every so many times this: the line may be dead without a sign of it.
_UNANSWERED = 300
# How often a wait looks whether it is over, and draws how far the job is.
_TICK = 0.5
# How long a job that was just sent may take to stand in the sandbox's list.
_ARRIVAL = 2.0
_NAMED = 5

logger = logging.getLogger("synergos")


def as_seconds(operation: str, name: str, value: float | None) -> float:
    """How long to wait, infinite for None.

    Args:
        operation: What is called; it stands in the error.
        name: The argument.
        value: What was passed: 0 stands for now.

    Returns:
        The seconds.

    Raises:
        InvalidArgument: When it is not a number of seconds, and not None.
    """
    if value is None:
        return math.inf
    seconds = float(check(operation, name, value, float))
    if not 0 <= seconds < math.inf:
        raise InvalidArgument(f"[{operation}] {name}={value!r} is not allowed: it must be 0 seconds or more.")
    return seconds


def how_to_go_on(resource: str, ids: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """What to tell who stops waiting for work: the call that picks it up, with what of the request it has to know."""
    known = {"max_trial_num": body["max_trial_num"]} if "max_trial_num" in body else {}
    return f"The TTP may still be at work: pick it up with job = driver.{resource}.job({_named({**ids, **known})})."


class Job(Generic[T_co]):
    """Work that a TTP was given, as `driver.models.submit(...)` returns it.

    The TTP goes on with it whatever becomes of the connection. A TTP that answers when it is done is waited for in a
    thread. One that answers at once, or whose line is lost, is asked again and again for the records that the job is
    to produce. A record that was there before counts only when it has changed: the job is not done before that is seen.
    The sandbox also tells when it is through with the job, so that nothing has to be concluded. What goes wrong is
    raised, also with `Driver(errors="return")`.

    Attributes:
        operation: What was called, `models.submit` for example.
        ids: The ids of the call.

    Example:
        >>> job = driver.models.submit(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> job.result().data[0].key.run_id
        'adam'
        >>> job.state
        'done'
    """

    def __init__(
        self,
        told: Told,
        on_end: Callable[["Job[Any]"], None],
        operation: str,
        ids: Mapping[str, str],
        plan: Plan,
        read: Callable[[], Reply[T_co]],
        before: Mapping[Combination, str],
        after: int | None,
        body: Mapping[str, Any],
    ) -> None:
        """Take note of a job; nothing is sent. Jobs are made by `submit(...)` and `job(...)` of a task.

        Args:
            told: What the TTP tells of its work.
            on_end: Called when it has ended.
            operation: What was called.
            ids: The ids of the call.
            plan: What it is to produce.
            read: Reads what there is of it.
            before: What there was of it before.
            after: Above which number the sandbox lists it; None when it is the last one that fits.
            body: What was sent, as far as it is known.
        """
        self.operation = operation
        self.ids = dict(ids)
        self._resource = operation.partition(".")[0]
        self._told, self._on_end = told, on_end
        self._plan, self._read, self._before, self._after = plan, read, before, after
        self._body = body
        self._number: int | None = None
        self._lock = threading.RLock()
        self._state: State = "running"
        self._reply: Reply[T_co] | None = None
        self._error: Exception | None = None
        self._trouble: Exception | None = None
        self._produced: Collection[Combination] = ()
        self._unchanged: Collection[Combination] = ()
        self._is_called_off = False
        self._started = self._looked = time.monotonic()
        self._ended = math.inf
        self._looks = 0
        # What the request was answered with: None as long as it is not, and where none was sent.
        self._answer: Reply[T_co] | Exception | None = None
        self._is_polled = True
        self._answered = threading.Event()
        self._has_ended = threading.Event()
        self._trackings: list[Tracking] = []
        renew_after_fork(self)

    def __reduce__(self) -> NoReturn:
        raise InvalidArgument(
            f"[{self.operation}] A job cannot be copied or sent to another process: pick it up there with "
            f"driver.{self._resource}.job({_named(self.ids)})."
        )

    def renew(self) -> None:
        """After a fork: who waits for the answer is in the other process, so the records are looked for in this one."""
        self._lock = threading.RLock()
        self._answered, self._has_ended = threading.Event(), threading.Event()
        self._trackings = []
        self._answer = None
        self._is_polled, self._looks = True, 0

    def __repr__(self) -> str:
        return f"<Job {self.operation} {self._state} for {self.elapsed:.0f} s ({_named(self.ids)})>"

    @never_raises
    def _repr_html_(self) -> str:
        if not self._is_polled or self._told.is_sandbox:
            self._look()
        work = self._work()
        rows = {**self.ids, "state": self._state, "seconds": f"{self.elapsed:.0f}"}
        if work is not None and work.rounds:
            names = ("train_loss", "evaluate_loss")
            losses = {name: f"{loss:.4g}" for name, loss in zip(names, work.losses, strict=True) if loss is not None}
            rows |= {"run": work.run_id, "rounds": f"{work.round} of {work.rounds}", **losses}
        elif work is not None and work.state == "queued":
            rows["state"] = "queued"
        elif self._produced or self._state == "running":
            made = self._plan.size if self._state == "done" else self._plan.count(self._produced)
            rows["records"] = f"{made} of {self._plan.size}"
        if self._error is not None:
            rows["error"] = one_line(str(self._error))
        for tracking in self._trackings:
            if trouble := tracking.trouble():
                rows["tracking"] = one_line(trouble)
        return as_html([["job", self.operation], *([name, value] for name, value in rows.items())])

    @property
    def state(self) -> State:
        """How it stands: "running", "done", "failed" or "cancelled". The TTP may be asked."""
        self._look()
        return self._state

    @property
    def elapsed(self) -> float:
        """Seconds since it was submitted or picked up, until it ended."""
        return min(time.monotonic(), self._ended) - self._started

    def done(self) -> bool:
        """Whether it has ended, well or not. The TTP may be asked; it is not waited for.

        Returns:
            True when `result()` returns or raises at once.
        """
        return self._look()

    def wait(self, timeout: float | None = None, *, poll: float = POLL, title: str | None = None) -> Self:
        """Wait until it has ended, well or not.

        In a terminal and in a notebook, progress is shown while it waits. Ctrl-C stops the waiting and not the work.

        Args:
            timeout: Seconds to wait; 0 looks once, None waits as long as it takes. A TTP deployed as a cluster never
                says that work has failed: give it a timeout there.
            poll: Seconds before the TTP is asked for the second time, 0.2 by default. Each pause is longer than the one
                before it, up to twenty times that.
            title: What stands before the progress; None for the name of what is made.

        Returns:
            The job.

        Raises:
            TimedOut: When it has not ended by then. The message says what is there and what is not; the job goes on.
            InvalidArgument: When an argument is not a number of seconds.

        Example:
            >>> driver.models.job(project_id="penguins").wait().state
            'done'
        """
        self._await(timeout, poll, title)
        return self

    def result(self, timeout: float | None = None, *, poll: float = POLL, title: str | None = None) -> Reply[T_co]:
        """Wait until it is done, and take what came of it.

        Args:
            timeout: As for `wait`.
            poll: As for `wait`.
            title: As for `wait`.

        Returns:
            What `create` would have returned.

        Raises:
            StatusError: When the TTP refused it, or failed.
            Cancelled: When it was called off.
            TimedOut: When it has not ended by then. The message says what is there and what is not; the job goes on.
            Unreachable: When the request never reached the TTP, or the driver was closed.
            Busy: When it was not its turn in time. Nothing was sent.

        Example:
            >>> driver.models.job(project_id="penguins").result().data[0].key.run_id
            'adam'
        """
        self._await(timeout, poll, title)
        if self._reply is None:
            raise self._error or AssertionError("a job that has ended has a reply or an error")
        return self._reply

    @property
    def tracking_error(self) -> BaseException | None:
        """The first error that the tracking of its rounds ended in; None as long as there is none."""
        return next((one.error for one in self._trackings if one.error is not None), None)

    def exception(self) -> Exception | None:
        """What it failed with. The TTP may be asked; it is not waited for.

        Returns:
            The error that `result()` raises; None as long as it runs, and when it is done.
        """
        self._look()
        return self._error

    def rounds(self, timeout: float | None = None, *, poll: float = POLL) -> Iterator[Round]:
        """Wait for the rounds of a training, and give each as it comes.

        Those that are done already come first. Each comes once, in the order in which they were done, and none is left
        out however long one takes between two; every iterator begins with the first. It ends when the job has ended,
        well or not, which `result()` then tells. Of a training of several runs, and of a search, each round says its
        run. Work that trains nothing has no rounds.

        The sandbox and `synergos ttp` tell of rounds while they train, those of the last 100 jobs. Real TTPs keep the
        losses in files on their disk.

        Args:
            timeout: Seconds for all of them; None for as long as it takes.
            poll: Seconds before the TTP is asked again, 0.2 by default. While nothing new comes, each pause is longer
                than the one before it, up to twenty times that.

        Returns:
            The rounds.

        Raises:
            InvalidArgument: When the TTP does not tell of rounds, or an argument is not a number of seconds.
            TimedOut: When the job has not ended by then; it goes on.
            SynergosError: When the rounds of this job cannot be read, or are known no more.

        Example:
            >>> job = driver.models.submit(project_id="penguins", expt_id="one_layer", run_id="adam")
            >>> for done in job.rounds():
            ...     print(done.number, done.rounds, sorted(done.local_losses))
            1 2 ['biscoe', 'dream']
            2 2 ['biscoe', 'dream']
        """
        operation = f"{self._resource}.rounds"
        seconds = as_seconds(operation, "timeout", timeout)
        as_seconds(operation, "poll", check(operation, "poll", poll, float))
        self._told.require_rounds(operation)
        return self._rounds(operation, timeout, time.monotonic() + seconds, poll)

    def cancel(self) -> bool:
        """Call it off. The sandbox and `synergos ttp` can: real TTPs have no way to stop what they have begun.

        Returns:
            Whether the TTP has called it off. It stops at the next batch and then raises `Cancelled`.
        """
        arrival = time.monotonic() + _ARRIVAL
        with self._lock:
            while not self._look():
                work = self._work()
                if work is not None:
                    is_off = work.state in ("queued", "running") and self._told.call_off(work.number)
                    self._is_called_off = self._is_called_off or is_off
                    # What was queued has ended with that: the next look is not put off.
                    self._looks = 0 if is_off else self._looks
                    return is_off
                if not self._told.is_sandbox or self._is_polled or time.monotonic() > arrival:
                    return False
                self._answered.wait(0.02)
            return False

    def _start(self, send: Callable[[], Reply[T_co]]) -> None:
        """Send the request in a thread, for the answer may take as long as the work."""

        def work() -> None:
            try:
                self._answer = send()
            except Exception as error:
                self._answer = error
            finally:
                self._answered.set()

        self._is_polled = False
        threading.Thread(target=work, name=f"synergos-{self.operation}", daemon=True).start()

    def _rounds(self, operation: str, timeout: float | None, deadline: float, poll: float) -> Iterator[Round]:
        known: list[Round] = []
        pause = poll
        while True:
            # Looked at before the rounds are: what had ended by then has no further ones.
            has_ended = self._look(poll)
            before = len(known)
            try:
                number = self._number_of_work()
                for done in self._told.rounds(operation, number, self.ids, known) if number is not None else ():
                    known.append(done)
                    yield done
            except (Unreachable, TimedOut):
                # While it is under way, there is time to ask again.
                if has_ended:
                    raise
            if has_ended:
                if number is None and self._state == "done":
                    raise SynergosError(
                        f"[{operation}] The TTP knows no more of this work, and tells of its last only."
                    )
                return
            if time.monotonic() >= deadline:
                raise TimedOut(
                    f"[{operation}] Not done within {timeout:g} s: {len(known)} rounds. {self._how_to_go_on()}"
                )
            pause = poll if len(known) > before else min(pause * _GROWTH, poll * _LONGEST)
            self._has_ended.wait(max(0.0, min(pause, deadline - time.monotonic())))

    def _track(self, trackers: Iterable[Tracker]) -> None:
        """Give the rounds to trackers from here on, those that are done already too."""
        for tracker in trackers:
            tracking = Tracking(self.operation, tracker)
            self._trackings.append(tracking)
            tracking.start(self.rounds, lambda: self._state)

    def _await_tracking(self, deadline: float) -> None:
        """Wait for the trackers of a job that has ended, and say once what they did not take."""
        if any(tracking.is_own_thread for tracking in self._trackings):
            # A tracker that waits for itself would do so for ever, and so would two for each other.
            return
        for tracking in self._trackings:
            tracking.wait(None if deadline == math.inf else max(0.0, deadline - time.monotonic()))
            if trouble := tracking.trouble_once():
                warnings.warn(f"[{self.operation}] {trouble}", UserWarning, stacklevel=4)

    def _await(self, timeout: float | None, poll: float, title: str | None) -> None:
        """Return when it has ended, and show how far it is until then."""
        deadline = time.monotonic() + as_seconds(self.operation, "timeout", timeout)
        as_seconds(self.operation, "poll", check(self.operation, "poll", poll, float))
        try:
            with Display(title or self._resource) as display:
                while not self._look(poll):
                    remaining = deadline - time.monotonic()
                    if remaining <= 0:
                        if self._look(poll, now=True):
                            break
                        raise TimedOut(self._report(timeout))
                    if display.is_shown:
                        self._show(display)
                    pause = max(0.0, min(_TICK, remaining, self._next_look(poll) - time.monotonic()))
                    if self._is_polled:
                        time.sleep(pause)
                    else:
                        self._answered.wait(pause)
                if display.is_shown:
                    self._show(display)
            self._await_tracking(deadline)
        except KeyboardInterrupt as error:
            error.add_note(self._how_to_go_on())
            raise

    def _look(self, poll: float = POLL, *, now: bool = False) -> bool:
        """Find out whether it has ended, as far as that is known or the time to ask has come."""
        with self._lock:
            if self._state == "running":
                # Closing does not hide what it has failed with before.
                answer = self._answer
                has_word = isinstance(answer, Reply) or (answer is not None and not may_be_at_work(answer))
                if self._told.is_closed and (self._is_polled or not has_word):
                    text = f"[{self.operation}] The Driver was closed. {self._how_to_go_on()}"
                    self._end("failed", error=Unreachable(text))
                elif self._answered.is_set() and not self._is_polled:
                    self._take_answer()
            if self._state == "running" and (now or time.monotonic() >= self._next_look(poll)):
                self._ask()
            return self._state != "running"

    def _next_look(self, poll: float) -> float:
        if not self._is_polled:
            return self._looked + _UNANSWERED * poll
        return self._looked + poll * min(_GROWTH ** (self._looks - 1), _LONGEST) if self._looks else -math.inf

    def _take_answer(self) -> None:
        answer = self._answer
        if isinstance(answer, Reply):
            if self._is_result(answer):
                self._end("done", answer)
            else:
                self._told.note_cluster()
        elif isinstance(answer, NotFound) and self._is_queued_search():
            self._told.note_cluster()
        elif isinstance(answer, StatusError) and self._is_called_off and answer.status >= 500:
            self._end("cancelled", error=_cancelled(self.operation, answer.message, answer))
        elif answer is not None and not may_be_at_work(answer):
            self._end("failed", error=answer)
        else:
            self._trouble = answer
            logger.info("[%s] %s Its records are looked for.", self.operation, answer)
        self._is_polled, self._looks = True, 0

    def _may_go_on(self, outcome: Mapping[str, Any] | BaseException) -> bool:
        """Whether the TTP may still be at work after an answer, an error or an interruption."""
        if isinstance(outcome, NotFound):
            return self._is_queued_search()
        if isinstance(outcome, BaseException):
            return not isinstance(outcome, SynergosError) or may_be_at_work(outcome)
        try:
            return not self._is_result(outcome)
        except Unreadable:
            return False

    def _is_result(self, answer: Mapping[str, Any]) -> bool:
        """Whether an answer is what was asked for: a cluster has only queued it, and may show an earlier search."""
        data = answer.get("data")
        if not data or self._resource != "optimizations":
            return bool(data) or not self._plan.size
        with readable(self.operation):
            return bool(
                {run_id for run_id, *_ in self._plan.sorted_out(data)} - {run_id for run_id, *_ in self._before}
            )

    def _is_queued_search(self) -> bool:
        """Whether a 404 means that there are no trials yet, which wait in a cluster's queue, and nothing is missing."""
        if "collab_id" not in self.ids or not (isinstance(self._plan, Search) and self._plan.can_be_made):
            return False
        work = self._work()
        return work.state not in ("failed", "cancelled") if work is not None else not self._told.is_sandbox

    def _ask(self) -> None:
        """Look at the TTP for what it has made."""
        self._looked, self._looks = time.monotonic(), self._looks + 1
        work = self._work()
        if work is not None and work.state in ("failed", "cancelled"):
            error: SynergosError = status_error(self.operation, work.status, work.message, self.ids, work.message)
            if work.state == "cancelled":
                error = _cancelled(self.operation, work.message, error)
            self._end("cancelled" if work.state == "cancelled" else "failed", error=error)
            return
        try:
            reply = self._read()
            found = self._plan.sorted_out(reply["data"])
        except NotFound as error:
            if work is not None and work.state == "done":
                self._end("failed", error=error)
            return
        except SynergosError as error:
            self._trouble = error
            return
        except MISREADINGS as error:
            self._trouble = Unreadable(f"[{self.operation}] What was read has no records ({error!r}).", error)
            return
        self._produced = [one for one, text in found.items() if self._before.get(one) != text]
        self._unchanged = [one for one, text in found.items() if self._before.get(one) == text]
        is_complete = self._plan.is_complete(self._produced, self.elapsed)
        if work.state == "done" if work is not None else is_complete:
            if work is None and self._after is None and self._looks == 1:
                logger.warning(
                    "[%s] All of it was there at the first look. This TTP does not tell whether that is of this work "
                    "or from before.",
                    self.operation,
                )
            self._end("done", reply)
        elif self._unchanged and work is None and self._is_polled and self._looks == 1:
            names = _some([self._plan.named(one) for one in self._unchanged])
            logger.warning(
                "[%s] What was there before is still as it was: %s. The same made anew cannot be told from it.",
                self.operation,
                names,
            )

    def _number_of_work(self) -> int | None:
        """Its number at the sandbox; None as long as the sandbox does not list it."""
        if self._number is None:
            with self._lock:
                self._work()
        return self._number

    def _work(self) -> Work | None:
        """What the sandbox says of this job; None on other TTPs, and when it does not know it."""
        works = self._told.works(self._resource, self.ids)
        if self._number is not None:
            return next((work for work in works if work.number == self._number), None)
        own = works[-1:] if self._after is None else [work for work in works if work.number > self._after]
        if not own:
            return None
        self._number = own[0].number
        return own[0]

    def _end(self, state: State, reply: Reply[T_co] | None = None, error: Exception | None = None) -> None:
        self._state, self._reply, self._error = state, reply, error
        self._ended = time.monotonic()
        self._has_ended.set()
        self._on_end(self)

    def _report(self, timeout: float | None) -> str:
        """What is there and what is not, for who waited too short."""
        produced = [self._plan.named(one) for one in self._produced]
        unchanged = [self._plan.named(one) for one in self._unchanged]
        missing = [one for one in self._plan.missing(self._produced) if one not in unchanged]
        found = {"Made": produced, "Not made": missing, "There from before, and not seen to be made anew": unchanged}
        parts = [
            f"Not done within {timeout:g} s.",
            *(f"{what}: {_some(names)}." for what, names in found.items() if names),
            f"The last trouble was: {self._trouble}" if self._trouble else "",
            "" if self._told.is_sandbox else silence(self._resource),
            self._how_to_go_on(),
        ]
        return f"[{self.operation}] {' '.join(part for part in parts if part)}"

    def _how_to_go_on(self) -> str:
        off = " job.cancel() calls it off." if self._told.is_sandbox else ""
        return f"{how_to_go_on(self._resource, self.ids, self._body)}{off}"

    def _show(self, display: Display) -> None:
        work = self._work()
        if self._state == "done":
            display.show("", self._plan.size, self._plan.size, "records")
        elif work is not None and work.rounds:
            losses = zip(("loss", "evaluate"), work.losses, strict=True)
            remark = ", ".join(f"{name} {loss:.3f}" for name, loss in losses if loss is not None)
            display.show(work.run_id, work.round, work.rounds, "rounds", remark)
        else:
            what = _some([value for name, value in self.ids.items() if name != "collab_id"], "/")
            state = "" if work is None or work.state == "running" else work.state
            display.show(what, self._plan.count(self._produced), self._plan.size, "records", state)


def _cancelled(operation: str, message: str, cause: Exception) -> Cancelled:
    error = Cancelled(f"[{operation}] {message}")
    error.__cause__ = cause
    return error


def _named(ids: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in ids.items())


def _some(names: Collection[str], between: str = "; ") -> str:
    """Names in a message: no more than one can read."""
    shown = list(names)[:_NAMED]
    more = f"{between}and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"{between.join(shown)}{more}" or "nothing"
