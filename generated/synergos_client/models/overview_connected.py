from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class OverviewConnected(_Record[Any]):
    """Where participants are on machines of their own: of each whose key is known, whether it is connected."""

    _wires: ClassVar[dict[str, Wire]] = {}
