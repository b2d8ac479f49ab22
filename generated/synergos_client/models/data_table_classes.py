from __future__ import annotations

from typing import ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class DataTableClasses(_Record["int"]):
    """The classes to how many rows have them; none of a regression."""

    _wires: ClassVar[dict[str, Wire]] = {}
