from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire
from synergos.common.record import Record as _Record


@_attrs_define(eq=False, repr=False)
class Spacers(_Record[Any]):
    """Columns of the aligned data that this participant's data lack, by their index; each is filled in."""

    x: list[int] = ABSENT
    """ Features. """
    y: list[int] = ABSENT
    """ Classes. """

    _wires: ClassVar[dict[str, Wire]] = {
        "x": Wire("X"),
        "y": Wire("y"),
    }
