from __future__ import annotations

from typing import ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class DataTableLeftOut(_Record["int"]):
    """Why the others are not: a reason to the number of rows."""

    _wires: ClassVar[dict[str, Wire]] = {}
