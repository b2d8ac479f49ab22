"""What all tasks share: how a verb becomes a request and an answer becomes a reply. No verbs."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar

from synergos.checks import check_timeout
from synergos.errors import InvalidArgument, InvalidId, PhaseError, StatusError
from synergos.reply import Reply
from synergos.transport import Transport


class Record(Protocol):
    """A generated class of the contract."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Make an object of a JSON object."""

    def to_dict(self) -> dict[str, Any]:
        """Make a JSON object of it."""


T = TypeVar("T")
RequestBuilder = Callable[..., dict[str, Any]]
RecordT = TypeVar("RecordT", bound=Record)


class Task:
    """One resource of the TTP. The verbs are the subclasses'."""

    _name: ClassVar[str]

    def __init__(self, transport: Transport, returns_errors: bool) -> None:
        self._transport = transport
        self._returns_errors = returns_errors

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<{self._name} of the TTP at {self._transport.url}>"

    def _one(
        self, kind: type[RecordT], verb: str, request: Mapping[str, Any], ids: Mapping[str, str]
    ) -> Reply[RecordT]:
        """Send a short request whose answer holds one record."""
        return self._reply(kind.from_dict, lambda: self._transport.send(f"{self}.{verb}", request, ids))

    def _many(
        self, kind: type[RecordT], verb: str, request: Mapping[str, Any], ids: Mapping[str, str]
    ) -> Reply[list[RecordT]]:
        """Send a short request whose answer holds a list of records."""
        parse = functools.partial(_parse_list, kind)
        return self._reply(parse, lambda: self._transport.send(f"{self}.{verb}", request, ids))

    def _work(
        self,
        kind: type[RecordT],
        verb: str,
        request: Mapping[str, Any],
        ids: Mapping[str, str],
        timeout: float | None,
    ) -> Reply[list[RecordT]]:
        """Send a request that the TTP answers when minutes of work are done."""
        check_timeout(f"{self}.{verb}", timeout)
        parse = functools.partial(_parse_list, kind)
        return self._reply(parse, lambda: self._transport.send_and_wait(f"{self}.{verb}", request, ids, timeout))

    def _changes(self, **fields: Any) -> dict[str, Any]:
        """The fields of an update that were given; at least one."""
        found = given(**fields)
        if not found:
            raise InvalidArgument(f"[{self}.update] There is nothing to change: give {' or '.join(fields)}.")
        return found

    def _reply(self, parse: Callable[[Any], T], send: Callable[[], dict[str, Any]]) -> Reply[T]:
        try:
            return Reply(send(), parse)
        except StatusError as error:
            if not self._returns_errors:
                raise
            return Reply({"message": error.message, "status": error.status}, parse, error)


class DerivedTask(Task):
    """A resource of phase 2 or 3: the grid makes it, so there is nothing to list, change or delete by hand."""

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


def nested_ids(operation: str, **ids: str | None) -> dict[str, str]:
    """The ids that were given, from the outermost to the innermost.

    Args:
        operation: The verb, `models.create` for example; it stands in the error.
        **ids: Each id after the one it is below.

    Returns:
        The ids that are not None.

    Raises:
        InvalidId: When one is given without the one above it: the TTP would take the call for a wider one.
    """
    names = list(ids)
    found = given(**ids)
    for name in names[len(found) :]:
        if name in found:
            missing = next(other for other in names if other not in found)
            raise InvalidId(f"[{operation}] {name}={found[name]!r} is given without {missing}: give that too.")
    return found


def _parse_list(kind: type[RecordT], data: list[Mapping[str, Any]]) -> list[RecordT]:
    return [kind.from_dict(record) for record in data]
