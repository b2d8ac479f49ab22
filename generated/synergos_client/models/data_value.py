from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class DataValue(_Record[Any]):
    """One value as it is written, and where."""

    file: str
    """ The file. """
    row: int
    """ Its row; 1 is the first below the header. """
    value: str
    """ The text of the field. """

    _wires: ClassVar[dict[str, Wire]] = {
        "file": Wire("file", is_always=True),
        "row": Wire("row", is_always=True),
        "value": Wire("value", is_always=True),
    }
