"""What every call returns."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar

from synergos.errors import MISREADINGS, InvalidArgument, StatusError, Unreadable

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

    def __reduce__(
        self,
    ) -> tuple[type[Self], tuple[dict[str, Any], Callable[[Any], T_co], StatusError | InvalidArgument | None]]:
        # What was parsed is left behind: the generated classes tell an absent value by identity, which a copy breaks.
        return type(self), (dict(self), self._parse, self._error)
