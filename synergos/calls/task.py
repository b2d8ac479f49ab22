"""What all tasks share: how a verb becomes a request and an answer becomes a reply. No verbs."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from synergos.calls.connection import Connection
from synergos.calls.namesakes import refuse_if_elsewhere
from synergos.calls.suggestion import with_suggestion
from synergos.common.checks import CheckedLater, check_timeout
from synergos.common.record import Record, records
from synergos.common.routes import NESTED, own_id, request
from synergos.errors import (
    InvalidArgument,
    InvalidId,
    NotFound,
    PhaseError,
    ServerFailure,
    StatusError,
    SynergosError,
    with_more,
)
from synergos.http.answers import mended
from synergos.reply import Reply
from synergos.track.tracker import Tracks, trackers_of
from synergos.work.advice import explained, may_be_at_work
from synergos.work.job import Job, how_to_go_on


class Body(Protocol):
    """A generated class of what is sent."""

    def to_dict(self) -> dict[str, Any]:
        """Make a JSON object of it."""


# What is wrong with one, the making of it says.
AnyTracks = Annotated[Tracks, CheckedLater()]

T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=Record[Any])

_UNSEEN = "What there was before could not be read: a job cannot tell it from what is made now."


class Task(Generic[RecordT]):
    """One resource of the TTP. The verbs are the subclasses'."""

    _name: ClassVar[str]
    # The class of one record.
    _kind: type[RecordT]

    def __init__(self, connection: Connection, scope: Mapping[str, str], *, returns_errors: bool) -> None:
        self._connection = connection
        self._scope = scope
        self._returns_errors = returns_errors

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<{self._name} of the TTP at {self._connection.url}>"

    @property
    def address(self) -> str:
        """Where the TTP is, as a URL."""
        return str(self._connection.url)

    def _refused(self, error: InvalidArgument) -> Reply[Any]:
        """An argument that cannot be right, as what a TTP would have answered to it."""
        status = 404 if isinstance(error, InvalidId) else 417
        return Reply({"message": str(error), "status": status}, dict, error)

    def _ids(self, **given: str | None) -> dict[str, str]:
        """The ids of a call: those that were given, and for the others those of the driver's scope."""
        return within(self._scope, given)

    def _changes(self, /, **fields: Any) -> dict[str, Any]:
        """The fields of an update that were given; at least one."""
        found = given(**fields)
        if not found:
            raise InvalidArgument(f"[{self}.update] There is nothing to change: give {' or '.join(fields)}.")
        return found

    def _one(self, verb: str, ids: Mapping[str, str], body: Body | None = None) -> Reply[RecordT]:
        """Send a short request whose answer holds one record."""
        request = self._request(verb, ids, body)
        return self._reply(self._parsed(ids), lambda: self._send_for_item(verb, request, ids))

    def _many(self, verb: str, ids: Mapping[str, str]) -> Reply[list[RecordT]]:
        """Send a short request whose answer holds a list of records."""
        request = self._request(verb, ids)
        return self._reply(self._parsed_list(ids), lambda: self._connection.send(f"{self}.{verb}", request, ids))

    def _delete(self, ids: Mapping[str, str], *, force: bool) -> Reply[RecordT]:
        """Delete an item that a real TTP would delete wherever one of its id is."""
        request = self._request("delete", ids)

        def send() -> dict[str, Any]:
            if not force and not self._connection.is_sandbox:
                refuse_if_elsewhere(self._connection, f"{self}.delete", self._kind.__name__, own_id(ids), ids)
            return self._send_for_item("delete", request, ids)

        return self._reply(self._parsed(ids), send)

    def _send_for_item(self, verb: str, request: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
        """Send a request about one item, and find out what is behind an error."""
        try:
            return self._connection.send(f"{self}.{verb}", request, ids)
        except ServerFailure as failure:
            # Real TTPs fail where there is nothing to change or delete.
            if verb not in ("update", "delete") or not self._is_missing(ids):
                raise
            message = f"There is nothing to {verb}: it does not exist."
            error = NotFound(failure.operation, 404, message, ids, failure.body)
            raise with_suggestion(self._connection, self._name, error) from failure
        except NotFound as error:
            if verb == "create":
                raise
            raise with_suggestion(self._connection, self._name, error) from error.__cause__

    def _is_missing(self, ids: Mapping[str, str]) -> bool:
        try:
            self._connection.send(f"{self}.read", self._request("read", ids), ids)
        except NotFound:
            return True
        except SynergosError:
            return False
        return False

    def _request(
        self, verb: str, ids: Mapping[str, str], body: Body | None = None, *, called: str | None = None
    ) -> dict[str, Any]:
        """What a verb sends; the verb that was called may have another name."""
        return request(f"{self}.{called or verb}", self._name, verb, ids, body)

    def _parsed(self, ids: Mapping[str, str]) -> Callable[[Any], RecordT]:
        return functools.partial(parse_record, self._kind, ids.get("collab_id"))

    def _parsed_list(self, ids: Mapping[str, str]) -> Callable[[Any], list[RecordT]]:
        return functools.partial(_parse_list, self._kind, ids.get("collab_id"))

    def _reply(self, parse: Callable[[Any], T], send: Callable[[], dict[str, Any]]) -> Reply[T]:
        try:
            return Reply(send(), parse)
        except StatusError as error:
            if not self._returns_errors:
                raise
            message = f"{error.message} {error.advice}".strip()
            return Reply({"message": message, "status": error.status}, parse, error)


class DerivedTask(Task[RecordT]):
    """A resource of phase 2 or 3: the grid makes it, so there is nothing to list, change or delete by hand."""

    _job: ClassVar[type[Job[Any]]] = Job

    def _create(
        self,
        ids: Mapping[str, str],
        body: Body | None,
        wait: bool | float,
        timeout: float | None,
        track: Tracks | None = None,
    ) -> Reply[list[RecordT]]:
        """Give the TTP work and return its answer, or with `wait`, True or a number of seconds, what comes of it.

        What is to be tracked is waited for as with True.
        """
        operation = f"{self}.create"
        check_timeout(operation, timeout)
        if wait is not False and wait is not True and timeout is not None:
            raise InvalidArgument(f"[{operation}] wait={wait!r} and timeout={timeout!r} both limit it: give one.")
        parse = self._parsed_list(ids)
        if wait is not False or track is not None:
            submit = functools.partial(self._submit, ids, body, called="create", track=track)
            return self._reply(parse, lambda: submit().result(timeout if isinstance(wait, bool) else wait))
        request, read_request = self._request("create", ids, body), self._request("read", ids)
        sent = request.get("json", {})

        def send() -> dict[str, Any]:
            # The work may outlive the wait for it. Who then asks for its job is to get what was not there before.
            job = self._prepared(operation, ids, sent, read_request, parse)
            try:
                answer = self._work(operation, request, ids, timeout)
            except (KeyboardInterrupt, SynergosError) as error:
                if job is not None:
                    self._connection.jobs.keep_if_it_goes_on(job, error)
                elif isinstance(error, SynergosError) and may_be_at_work(error):
                    raise with_more(error, _UNSEEN) from error.__cause__
                raise
            if job is not None:
                self._connection.jobs.keep_if_it_goes_on(job, answer)
            return answer

        try:
            return self._reply(parse, send)
        except KeyboardInterrupt as error:
            error.add_note(how_to_go_on(self._name, ids, sent))
            raise

    def _prepared(
        self,
        operation: str,
        ids: Mapping[str, str],
        sent: Mapping[str, Any],
        read_request: Mapping[str, Any],
        parse: Callable[[Any], list[RecordT]],
    ) -> Job[list[RecordT]] | None:
        """What a job needs to know of what there is; None where that cannot be seen."""
        try:
            return self._connection.jobs.prepare(operation, ids, sent, read_request, parse, self._job)
        except InvalidArgument:
            raise
        except SynergosError:
            return None

    def _work(
        self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        """Send a request that the TTP works for, and say what may be behind it when that goes wrong."""
        try:
            return self._connection.transport.send_and_wait(operation, request, ids, timeout)
        except SynergosError as error:
            if self._connection.is_sandbox:
                raise
            how = how_to_go_on(self._name, ids, request.get("json", {}))
            raise explained(error, self._name, ids, how) from error.__cause__

    def _submit(
        self, ids: Mapping[str, str], body: Body | None, *, called: str = "submit", track: Tracks | None = None
    ) -> Job[list[RecordT]]:
        """Give the TTP work, and return at once."""
        operation = f"{self}.{called}"
        request, read = self._request("create", ids, body, called=called), self._request("read", ids, called=called)
        parse, trackers = self._parsed_list(ids), trackers_of(operation, track)
        return self._connection.jobs.submit(operation, ids, request, read, parse, self._work, self._job, trackers)

    def _pick_up(self, ids: Mapping[str, str], **body: object) -> Job[list[RecordT]]:
        """The job that is under way with these ids, or one that looks for what there is."""
        request, parse = self._request("read", ids, called="job"), self._parsed_list(ids)
        return self._connection.jobs.pick_up(f"{self}.job", ids, body, request, parse, self._job)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if name in ("read_all", "update", "delete"):
                instead = (
                    "read() gives all there is below the ids it is given"
                    if name == "read_all"
                    else ("create() makes them anew, and deleting their run in phase 1 deletes them")
                )
                raise PhaseError(f"There is no {self}.{name}: {self} are made by the grid; {instead}.")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def given(**fields: Any) -> dict[str, Any]:
    """The fields that were given a value: None stands for none."""
    return {name: value for name, value in fields.items() if value is not None}


def within(scope: Mapping[str, str], ids: Mapping[str, str | None]) -> dict[str, str]:
    """Ids filled in from a scope.

    An id that is given wins. What the scope says below one that is given differently is not meant: the run of the scope
    is not in another experiment.

    Args:
        scope: The ids of the scope.
        ids: Each id, None where it was not given, those of `NESTED` in their order.

    Returns:
        The ids that were given or are in the scope.
    """
    found: dict[str, str] = {}
    is_elsewhere = False
    for name, own in ids.items():
        in_scope = scope.get(name)
        if own is not None:
            found[name] = own
            is_elsewhere = is_elsewhere or (name in NESTED and in_scope not in (None, own))
        elif in_scope is not None and not (is_elsewhere and name in NESTED):
            found[name] = in_scope
    return found


def parse_record(kind: type[RecordT], collab_id: str | None, data: Mapping[str, Any]) -> RecordT:
    """Make the typed object of a record of an answer, for a call in a collaboration or outside of any."""
    return kind.from_dict(mended(data, collab_id))


def _parse_list(kind: type[RecordT], collab_id: str | None, data: list[Mapping[str, Any]]) -> list[RecordT]:
    return records(data, functools.partial(parse_record, kind, collab_id), kind.check)
