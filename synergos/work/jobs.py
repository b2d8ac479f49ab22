"""The jobs at one TTP: how work becomes one, and which are under way."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from synergos.common.forks import renew_after_fork
from synergos.errors import InvalidArgument, NotFound
from synergos.http.answers import readable
from synergos.http.transport import Transport
from synergos.reply import Reply
from synergos.track.tracker import Tracker
from synergos.work.job import Job
from synergos.work.memory import Memory
from synergos.work.plan import make_plan
from synergos.work.told import Told

T = TypeVar("T")
Send = Callable[[str, Mapping[str, Any], Mapping[str, str], float | None], dict[str, Any]]


class Jobs:
    """The jobs at one TTP.

    Attributes:
        told: What the TTP tells of them.
    """

    def __init__(self, transport: Transport, memory: Memory) -> None:
        """Take note of the TTP; nothing is sent.

        Args:
            transport: What reaches it.
            memory: What was done there.
        """
        self.told = Told(transport, memory)
        self._transport = transport
        self._under_way: dict[tuple[str, frozenset[tuple[str, str]]], Job[Any]] = {}
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget the jobs that the process was given that this one was forked from."""
        self._under_way = {}

    def submit(
        self,
        operation: str,
        ids: Mapping[str, str],
        request: Mapping[str, Any],
        read_request: Mapping[str, Any],
        parse: Callable[[Any], T],
        send: Send,
        kind: type[Job[T]] = Job,
        trackers: Sequence[Tracker] = (),
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
            trackers: What takes its rounds.

        Returns:
            The job, which is under way.

        Raises:
            InvalidArgument: When the body cannot be written as JSON, or rounds are to be tracked that the TTP does not
                tell.
            SynergosError: When it cannot be seen what there is already; the work was not asked for.
        """
        job = self.prepare(operation, ids, request.get("json", {}), read_request, parse, kind)
        if trackers:
            self.told.require_rounds(operation)
        self.keep(job)
        job._start(lambda: Reply(send(operation, request, ids, None), parse))
        job._track(trackers)
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
        after = max((work.number for work in self.told.works()), default=0)
        return kind(self.told, self._forget, operation, ids, plan, read, before, after, body)

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
        return kind(
            self.told,
            self._forget,
            operation,
            ids,
            plan,
            self._reader(resource, ids, read_request, parse),
            {},
            None,
            body,
        )

    def _forget(self, job: Job[Any]) -> None:
        """Forget a job that has ended."""
        self._under_way = {key: other for key, other in self._under_way.items() if other is not job}

    def _reader(
        self, resource: str, ids: Mapping[str, str], request: Mapping[str, Any], parse: Callable[[Any], T]
    ) -> Callable[[], Reply[T]]:
        return lambda: Reply(self._transport.send(f"{resource}.read", request, ids), parse)
