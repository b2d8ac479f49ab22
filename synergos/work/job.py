"""Work that a TTP was given: it goes on by itself, and can be waited for, looked after and picked up again."""

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, Literal, NamedTuple, NoReturn, Self, TypeVar

from synergos.common.checks import check
from synergos.common.forks import renew_after_fork
from synergos.common.routes import routes
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
from synergos.http.transport import Transport
from synergos.reply import Reply
from synergos.work.advice import may_be_at_work, silence
from synergos.work.memory import Memory
from synergos.work.plan import Combination, Plan, Record, Search, make_plan
from synergos.work.progress import Display

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
State = Literal["running", "done", "failed", "cancelled"]
Send = Callable[[str, Mapping[str, Any], Mapping[str, str], float | None], dict[str, Any]]

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


class Work(NamedTuple):
    """What the sandbox says of one job."""

    number: int
    state: str
    status: int
    message: str
    run_id: str
    round: int
    rounds: int
    losses: tuple[float | None, float | None]


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
        jobs: "Jobs",
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
            jobs: The jobs of the same TTP.
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
        self._jobs, self._plan, self._read, self._before, self._after = jobs, plan, read, before, after
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
        renew_after_fork(self)

    def __reduce__(self) -> NoReturn:
        raise InvalidArgument(
            f"[{self.operation}] A job cannot be copied or sent to another process: pick it up there with "
            f"driver.{self._resource}.job({_named(self.ids)})."
        )

    def renew(self) -> None:
        """After a fork: who waits for the answer is in the other process, so the records are looked for in this one."""
        self._lock = threading.RLock()
        self._answered = threading.Event()
        self._answer = None
        self._is_polled, self._looks = True, 0

    def __repr__(self) -> str:
        return f"<Job {self.operation} {self._state} for {self.elapsed:.0f} s ({_named(self.ids)})>"

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

    def exception(self) -> Exception | None:
        """What it failed with. The TTP may be asked; it is not waited for.

        Returns:
            The error that `result()` raises; None as long as it runs, and when it is done.
        """
        self._look()
        return self._error

    def cancel(self) -> bool:
        """Call it off. Only the sandbox can: real TTPs have no way to stop what they have begun.

        Returns:
            Whether the TTP has called it off. It stops at the next batch and then raises `Cancelled`.
        """
        arrival = time.monotonic() + _ARRIVAL
        with self._lock:
            while not self._look():
                work = self._work()
                if work is not None:
                    is_off = work.state in ("queued", "running") and self._jobs.call_off(work.number)
                    self._is_called_off = self._is_called_off or is_off
                    # What was queued has ended with that: the next look is not put off.
                    self._looks = 0 if is_off else self._looks
                    return is_off
                if not self._jobs.is_sandbox or self._is_polled or time.monotonic() > arrival:
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
                            return
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
        except KeyboardInterrupt as error:
            error.add_note(self._how_to_go_on())
            raise

    def _look(self, poll: float = POLL, *, now: bool = False) -> bool:
        """Find out whether it has ended, as far as that is known or the time to ask has come."""
        with self._lock:
            if self._state == "running":
                has_word = isinstance(self._answer, Reply | StatusError)
                if self._jobs.is_closed and (self._is_polled or not has_word):
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
                self._jobs.note_cluster()
        elif isinstance(answer, NotFound) and self._is_queued_search():
            self._jobs.note_cluster()
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
        return work.state not in ("failed", "cancelled") if work is not None else not self._jobs.is_sandbox

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

    def _work(self) -> Work | None:
        """What the sandbox says of this job; None on other TTPs, and when it does not know it."""
        works = self._jobs.works(self._resource, self.ids)
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
        self._jobs.forget(self)

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
            "" if self._jobs.is_sandbox else silence(self._resource),
            self._how_to_go_on(),
        ]
        return f"[{self.operation}] {' '.join(part for part in parts if part)}"

    def _how_to_go_on(self) -> str:
        off = " job.cancel() calls it off." if self._jobs.is_sandbox else ""
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


class Jobs:
    """The jobs at one TTP, and what it tells of them when it is a sandbox."""

    def __init__(self, transport: Transport, memory: Memory) -> None:
        """Take note of the TTP; nothing is sent.

        Args:
            transport: What reaches it.
            memory: What was done there.
        """
        self._transport = transport
        self._memory = memory
        self._under_way: dict[tuple[str, frozenset[tuple[str, str]]], Job[Any]] = {}
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget the jobs that the process was given that this one was forked from."""
        self._under_way = {}

    @property
    def is_sandbox(self) -> bool:
        """Whether the TTP tells of jobs."""
        return self._transport.is_sandbox

    @property
    def is_closed(self) -> bool:
        """Whether the driver was closed."""
        return self._transport.is_closed

    def submit(
        self,
        operation: str,
        ids: Mapping[str, str],
        request: Mapping[str, Any],
        read_request: Mapping[str, Any],
        parse: Callable[[Any], T],
        send: Send,
        kind: type[Job[T]] = Job,
    ) -> Job[T]:
        """Give the TTP work.

        Args:
            operation: What is called, `models.submit` for example.
            ids: The ids of the call.
            request: What asks for the work.
            read_request: What reads that which comes of it.
            parse: What makes typed data of either answer.
            send: What sends the request and waits for its answer.
            kind: The class of the job.

        Returns:
            The job, which is under way.

        Raises:
            InvalidArgument: When the body cannot be written as JSON.
            SynergosError: When it cannot be seen what there is already; the work was not asked for.
        """
        job = self.prepare(operation, ids, request.get("json", {}), read_request, parse, kind)
        self.keep(job)
        job._start(lambda: Reply(send(operation, request, ids, None), parse))
        return job

    def prepare(
        self,
        operation: str,
        ids: Mapping[str, str],
        body: Mapping[str, Any],
        read_request: Mapping[str, Any],
        parse: Callable[[Any], T],
        kind: type[Job[T]] = Job,
    ) -> Job[T]:
        """A job that is about to be sent, with what there is before it.

        Args:
            operation: What is called, `models.submit` for example.
            ids: The ids of the call.
            body: What is to be sent.
            read_request: What reads that which comes of it.
            parse: What makes typed data of the answer.
            kind: The class of the job.

        Returns:
            The job; nothing was sent but what reads.

        Raises:
            InvalidArgument: When the body cannot be written as JSON.
            SynergosError: When it cannot be seen what there is already.
        """
        try:
            json.dumps(body, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"[{operation}] An argument cannot be sent as JSON: {error}.") from error
        resource = operation.partition(".")[0]
        read = self._reader(resource, ids, read_request, parse)
        with readable(operation):
            plan = make_plan(self._transport, resource, ids, body)
            try:
                before = plan.sorted_out(read()["data"])
            except NotFound:
                before = {}
        after = max((work.number for work in self.works()), default=0)
        return kind(self, operation, ids, plan, read, before, after, body)

    def keep_if_it_goes_on(self, job: Job[Any], outcome: Mapping[str, Any] | BaseException) -> None:
        """Keep a job as the one that is under way with its ids, if the TTP may be at it.

        Args:
            job: The job, of which somebody has waited for the answer.
            outcome: The answer, or what the waiting for it ended in.
        """
        if job._may_go_on(outcome):
            self.keep(job)

    def keep(self, job: Job[Any]) -> None:
        """Keep a job as the one that is under way with its ids."""
        self._under_way[job.operation.partition(".")[0], frozenset(job.ids.items())] = job

    def note_cluster(self) -> None:
        """Keep that the TTP only queues work."""
        self._memory.is_cluster = True

    def pick_up(
        self,
        operation: str,
        ids: Mapping[str, str],
        body: Mapping[str, Any],
        read_request: Mapping[str, Any],
        parse: Callable[[Any], T],
        kind: type[Job[T]] = Job,
    ) -> Job[T]:
        """The job that is under way with these ids, or one that looks for what there is.

        Args:
            operation: What is called, `models.job` for example.
            ids: The ids of the call.
            body: What is known of what was sent.
            read_request: What reads that which comes of it.
            parse: What makes typed data of the answer.
            kind: The class of the job, where none is under way.

        Returns:
            The job.

        Raises:
            SynergosError: When the project cannot be read.
        """
        resource = operation.partition(".")[0]
        job: Job[T] | None = self._under_way.get((resource, frozenset(ids.items())))
        if job is not None:
            return job
        with readable(operation):
            plan = make_plan(self._transport, resource, ids, body)
        return kind(self, operation, ids, plan, self._reader(resource, ids, read_request, parse), {}, None, body)

    def forget(self, job: Job[Any]) -> None:
        """Forget a job that has ended."""
        self._under_way = {key: other for key, other in self._under_way.items() if other is not job}

    def works(self, resource: str | None = None, ids: Mapping[str, str] | None = None) -> list[Work]:
        """What the sandbox says of its jobs, of all or of those with some ids; nothing on other TTPs."""
        told = (self.told() if self.is_sandbox else None) or []
        works = [(one["resource"], one["ids"], _work(one)) for one in told]
        return [work for made, its_ids, work in works if resource is None or (made, its_ids) == (resource, ids)]

    def told(self) -> list[Record] | None:
        """What the TTP says of its jobs, those that have ended too; None where it does not tell."""
        [progress] = routes("progress", "read").values()
        status, answer = self._transport.ask("sandbox.read", progress.request({}, ended=True))
        return answer["data"] if status == 200 and isinstance(answer, dict) else None

    def call_off(self, number: int) -> bool:
        """Have the sandbox call off a job; whether it did."""
        [training] = routes("training", "cancel").values()
        status, answer = self._transport.ask("sandbox.delete", training.request({}, number=number))
        return status == 200 and isinstance(answer, dict) and bool(answer.get("data"))

    def _reader(
        self, resource: str, ids: Mapping[str, str], request: Mapping[str, Any], parse: Callable[[Any], T]
    ) -> Callable[[], Reply[T]]:
        return lambda: Reply(self._transport.send(f"{resource}.read", request, ids), parse)


def _work(one: Record) -> Work:
    losses = (one.get("train_loss"), one.get("evaluate_loss"))
    run_id = one.get("key", {}).get("run_id", "")
    status, message = one.get("status", 0), one.get("message", "")
    return Work(one["number"], one["state"], status, message, run_id, one.get("round", 0), one.get("rounds", 0), losses)


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
