"""What every call returns."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar

from synergos.common.record import Record, records
from synergos.common.shown import as_field, never_raises, paragraph
from synergos.common.text import one_line
from synergos.errors import MISREADINGS, InvalidArgument, StatusError, Unreadable

T = TypeVar("T")

T_co = TypeVar("T_co", covariant=True)


class Reply(dict[str, Any], Generic[T_co]):
    """An answer of the TTP: the whole of it as a plain dict, and its data as typed objects.

    The dict is the answer as it was sent, so `json.dumps` and everything else that takes a dict takes a reply. `data`
    is parsed when it is first asked for: an answer that is not what the contract says still arrives as a dict.

    Example:
        >>> reply = driver.projects.read(project_id="penguins")
        >>> reply["data"]["key"]["project_id"]
        'penguins'
        >>> reply.data.key.project_id
        'penguins'
    """

    __slots__ = ("_data", "_error", "_parse")

    def __init__(
        self,
        answer: Mapping[str, Any],
        parse: Callable[[Any], T_co],
        error: StatusError | InvalidArgument | None = None,
    ) -> None:
        """Wrap an answer.

        Args:
            answer: The answer, as JSON was read.
            parse: What makes the typed data of the answer's `data`.
            error: The error that the answer stands for, with `Driver(errors="return")`.
        """
        super().__init__(answer)
        self._parse = parse
        self._error = error

    @classmethod
    def of(cls, data: T, *, status: int = 200, params: Mapping[str, str] | None = None) -> "Reply[T]":
        """Make up a reply, for a test of what takes one.

        Args:
            data: What its `data` is to be: a record, a list of some, or anything that is as JSON reads it.
            status: The HTTP status.
            params: The ids of the call.

        Returns:
            A reply as from a TTP. Its `data` are equal to those that are given, and made anew.

        Raises:
            InvalidArgument: When a list holds records of several classes, or records and other things.

        Example:
            >>> from synergos import Reply
            >>> from synergos_client.models import Run
            >>> run = Run.from_dict({"doc_id": "1", "kind": "Run", "key": {"run_id": "adam"}, "lr": 0.1})
            >>> Reply.of([run]).data[0].lr
            0.1
        """
        sent, parse = _as_sent(data)
        answer = {"apiVersion": "0.1.0", "success": 1, "status": status, "params": dict(params or {}), "data": sent}
        return Reply(answer, parse)

    @property
    def data(self) -> T_co:
        """The record, or the list of records, as objects of `synergos_client.models`.

        Raises:
            Unreadable: When the data are not what the contract says. The dict still holds them.
            StatusError: When the reply is an error that was returned and not raised; or `InvalidArgument`.
        """
        try:
            return self._data
        except AttributeError:
            pass
        if self._error is not None:
            raise self._error
        try:
            self._data: T_co = self._parse(self["data"])
        except MISREADINGS as error:
            reason = f"{type(error).__name__}: {error}"
            raise Unreadable(f"The answer's data are not what the contract says ({reason}).", dict(self)) from error
        return self._data

    @property
    def status(self) -> int:
        """The HTTP status, as the answer repeats it.

        Raises:
            Unreadable: When the answer does not.
        """
        try:
            return int(self["status"])
        except MISREADINGS as error:
            raise Unreadable(f"The answer has no status ({type(error).__name__}: {error}).", dict(self)) from error

    @property
    def params(self) -> dict[str, str]:
        """The ids of the call, as far as the TTP tells them.

        Raises:
            Unreadable: When they are not ids by name.
        """
        try:
            return dict(self.get("params") or {})
        except MISREADINGS as error:
            reason = f"{type(error).__name__}: {error}"
            raise Unreadable(f"The answer's params are not ids by name ({reason}).", dict(self)) from error

    def __repr__(self) -> str:
        return never_raises(self._shown)() or f"<Reply: {len(self)} fields>"

    def _repr_html_(self) -> str | None:
        return never_raises(self._as_html)()

    def _shown(self) -> str:
        status = one_line(str(self.get("status", "without status")))
        if "data" not in self:
            return f"<Reply {status}: {one_line(str(self.get('message', dict(self))))}>"
        return f"<Reply {status}: {self._data_shown(repr)}>"

    def _as_html(self) -> str:
        shown = "" if "data" not in self else self._data_shown(lambda data: data._repr_html_())
        return shown if shown.startswith(("<table", "<p>None.")) else paragraph(self._shown())

    def _data_shown(self, show: Callable[[Any], str]) -> str:
        try:
            return show(self.data)
        except (Unreadable, AttributeError):
            return as_field(self["data"])

    def __reduce__(
        self,
    ) -> tuple[type[Self], tuple[dict[str, Any], Callable[[Any], T_co], StatusError | InvalidArgument | None]]:
        # What was parsed is left behind: it is of this reply, and a copy has its own.
        return type(self), (dict(self), self._parse, self._error)


def _as_sent(data: T) -> tuple[Any, Callable[[Any], T]]:
    """Data as a TTP sends them, and what reads them."""
    if isinstance(data, Record):
        return data.to_dict(), type(data).from_dict
    kinds = {type(part) for part in data} if isinstance(data, list) else set()
    if not any(issubclass(kind, Record) for kind in kinds):
        return data, _as_it_is
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise InvalidArgument(f"[Reply.of] data is a list of {names}: a TTP answers with records of one kind.")
    (kind,) = kinds
    make: Callable[[Any], Any] = functools.partial(records, make=kind.from_dict)
    return [record.to_dict() for record in data], make  # type: ignore[attr-defined]


def _as_it_is(sent: Any) -> Any:
    return sent
