from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class OverviewMore(_Record[Any]):
    """How many `projects` and `participants` there are besides."""

    _wires: ClassVar[dict[str, Wire]] = {}
