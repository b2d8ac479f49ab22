"""The records of an answer: objects over the JSON that was sent, whose fields are read when they are touched.

So a list of thousands costs what is looked at, and an answer that is not what the contract says is of use as far as it
is: a field of another shape says so when it is asked for, and the others are there.
"""

import datetime
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from synergos.common.shown import as_field, as_record, list_as_html, list_as_text, record_as_html
from synergos.errors import MISREADINGS, NotAnswered, Unreadable

T = TypeVar("T")
RecordT = TypeVar("RecordT", bound="Record[Any]")
Reader = Callable[[Any], Any]

ABSENT: Any = object()
"""Stands for a field that a record is made without."""


class Wire(NamedTuple):
    """How a field is sent."""

    name: str
    """Its name in the JSON object."""
    read: Reader | None = None
    """What makes its value of what was sent; None where that is the value."""
    is_always: bool = False
    """Whether a TTP always answers it."""
    is_none: bool = False
    """Whether it is None where nothing was sent; else the access says that there is none."""


class Record(Generic[T]):
    """A JSON object of an answer. The subclasses, one for each schema of the contract, are generated."""

    __slots__ = ("_sent", "additional_properties")

    _wires: ClassVar[Mapping[str, Wire]] = {}
    _further: ClassVar[Wire] = Wire("")

    _sent: Mapping[str, Any]
    additional_properties: dict[str, T]
    """Fields that the contract has no name for, by their names."""

    def __attrs_post_init__(self) -> None:
        self._sent = {}
        for name in self._wires:
            if getattr(self, name) is ABSENT:
                delattr(self, name)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Make a record of a JSON object.

        Args:
            src_dict: The object. What of it is touched later should not be changed before.

        Returns:
            The record. Its fields are read when they are touched.

        Raises:
            TypeError: When it cannot be one; or `KeyError`.
        """
        cls.check(src_dict)
        record = cls.__new__(cls)
        record._sent = src_dict
        return record

    @classmethod
    def check(cls, sent: Any) -> None:
        """Hold a JSON object against what every record of the class has.

        Raises:
            TypeError: When it is no object, or its key is none.
            KeyError: When it has no key and all of its kind have one.
        """
        for part in (sent, sent["key"]) if "key" in cls._wires and _is_object(sent) else (sent,):
            if not _is_object(part):
                raise TypeError(f"{as_field(part)} is no {cls.__name__}")

    def to_dict(self) -> dict[str, Any]:
        """Make a JSON object of the record, with what was changed in it."""
        found = {name: _copied(value) for name, value in self._sent.items()}
        names = {wire.name for wire in self._wires.values()}
        if (further := self._touched("additional_properties")) is not ABSENT:
            found = {name: value for name, value in found.items() if name in names} | _as_json(further)
        for name, wire in self._wires.items():
            if (value := self._touched(name)) is not ABSENT:
                found[wire.name] = _as_json(value)
        return found

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the contract has none for."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> T:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: T) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Record) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return as_record(self)

    def _repr_html_(self) -> str | None:
        return record_as_html(self)

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], Self], tuple[dict[str, Any]]]:
        return type(self).from_dict, (self.to_dict(),)

    def _shown(self) -> dict[str, Any]:
        """What there is, by its name here: as it was sent where it cannot be read."""
        names = {wire.name: name for name, wire in self._wires.items()}
        there = {names.get(name, name): value for name, value in self._sent.items() if name in names}
        fields = {name: self._or(name, there.get(name)) for name in self._wires if name in self._told()}
        further = self._or("additional_properties", {})
        return {name: value for name, value in (fields | further).items() if value is not None}

    def _told(self) -> list[str]:
        """The names of the fields that there are, of those that the contract has names for."""
        wires = self._wires.items()
        return [name for name, wire in wires if self._sent.get(wire.name, self._touched(name)) is not ABSENT]

    def _or(self, name: str, otherwise: Any) -> Any:
        try:
            return getattr(self, name)
        except (NotAnswered, Unreadable):
            return otherwise

    def _touched(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return ABSENT

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Read a field when it is first asked for."""
            if name == "additional_properties":
                names = {wire.name for wire in self._wires.values()}
                read = self._further.read or _as_it_is
                value = {
                    key: _read(read, f"{key} of this {type(self).__name__}", part)
                    for key, part in self._sent.items()
                    if key not in names
                }
            elif name not in self._wires:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            else:
                _, read, _, is_none = self._wires[name]
                value = self._sent.get(self._wires[name].name)
                if value is None:
                    if is_none:
                        return None
                    raise NotAnswered(self, name)
                if read is not None:
                    value = _read(read, f"{name} of this {type(self).__name__}", value)
            setattr(self, name, value)
            return value


class Records(list[T]):
    """A list of records, each made when it is first touched. To all who use it, it is a list."""

    __slots__ = ("_make",)

    def __init__(self, sent: Iterable[Any] = (), make: Callable[[Any], T] | None = None) -> None:
        """Take what was sent.

        Args:
            sent: JSON objects.
            make: What makes a record of one; None when they are made.
        """
        super().__init__(sent)
        self._make = make

    def __repr__(self) -> str:
        return list_as_text(self)

    def _repr_html_(self) -> str | None:
        return list_as_html(self)

    def __reduce__(self) -> tuple[type[Self], tuple[list[T]]]:
        return type(self), (list(self),)

    def _at(self, index: int) -> T:
        found: Any = list.__getitem__(self, index)
        if self._make is not None and _is_object(found):
            found = _read(self._make, f"Record {index} of this list", found)
            list.__setitem__(self, index, found)
        return found  # type: ignore[no-any-return]

    if not TYPE_CHECKING:

        def __getitem__(self, index: Any) -> Any:
            if isinstance(index, slice):
                return [self._at(number) for number in range(*index.indices(len(self)))]
            return self._at(index)

        def __iter__(self) -> Iterator[T]:
            number = 0
            while number < len(self):
                yield self._at(number)
                number += 1

        def __radd__(self, other: list[Any]) -> list[Any]:
            return other + list(self)


def _with_all_made(name: str) -> Callable[..., Any]:
    method = getattr(list, name)

    @functools.wraps(method)
    def call(self: Records[Any], *args: Any, **kwargs: Any) -> Any:
        for number in range(len(self)) if self._make is not None else ():
            self._at(number)
        self._make = None
        # Others of the kind are compared and added as what they hold.
        plain = [list(one) if isinstance(one, Records) else one for one in args]
        return method(self, *plain, **kwargs)

    return call


# All that a list does with what it holds, but for what is above.
for _name in (
    *("__add__", "__contains__", "__delitem__", "__eq__", "__ge__", "__gt__", "__iadd__", "__imul__", "__le__"),
    *("__lt__", "__mul__", "__ne__", "__reversed__", "__rmul__", "__setitem__"),
    *("append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"),
):
    setattr(Records, _name, _with_all_made(_name))


def one(name: str) -> Reader:
    """What makes a record of the class of a name, which is imported when it is needed."""

    @functools.cache
    def kind() -> type[Record[Any]]:
        return getattr(import_module("synergos_client.models"), name)  # type: ignore[no-any-return]

    def read(sent: Any) -> Record[Any]:
        return kind().from_dict(sent)

    return read


def many(read: Reader) -> Reader:
    """What makes a list of such, each when it is touched."""

    def read_all(sent: Any) -> list[Any]:
        return records(sent, read)

    return read_all


def either(read: Reader) -> Reader:
    """What makes such where it can be, and else leaves what was sent."""

    def read_or_leave(sent: Any) -> Any:
        try:
            found = read(sent)
        except MISREADINGS:
            return sent
        # Of an object that may be anything, what lacks something is something else.
        wires = found._wires.values() if isinstance(found, Record) else ()
        return sent if any(wire.is_always and wire.name not in sent for wire in wires) else found

    return read_or_leave


def time(sent: Any) -> datetime.datetime:
    """A time, as ISO 8601 writes it."""
    return datetime.datetime.fromisoformat(sent)


def records(sent: Any, make: Callable[[Any], T], check: Callable[[Any], None] | None = None) -> Records[T]:
    """A list of records.

    Args:
        sent: The JSON objects.
        make: What makes a record of one.
        check: What raises an error when there can be none of one.

    Returns:
        The list.

    Raises:
        TypeError: When it is no list of objects.
    """
    # Nothing is in an empty object, as in an empty list.
    if not isinstance(sent, list) and sent != {}:
        raise TypeError(f"{as_field(sent)} is no list")
    for each in sent:
        if not _is_object(each):
            raise TypeError(f"{as_field(each)} is no record")
        if check is not None:
            check(each)
    return Records(sent, make)


def _read(read: Reader, what: str, sent: Any) -> Any:
    try:
        return read(sent)
    except Unreadable:
        raise
    except MISREADINGS as error:
        reason = f"{type(error).__name__}: {error}"
        raise Unreadable(f"{what} is not what the contract says ({reason}).", sent) from error


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _as_it_is(value: Any) -> Any:
    return value


def _as_json(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, list):
        # Not as the list gives them: records that nobody has looked at are not made for this.
        return [_as_json(part) for part in list.__iter__(value)]
    if isinstance(value, dict):
        return {name: _as_json(part) for name, part in value.items()}
    return value


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(part) for name, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value
