from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class RoundLocalLosses(_Record[Any]):
    """Id of each participant that trained in this round to the mean loss per row of its training data."""

    _wires: ClassVar[dict[str, Wire]] = {}
