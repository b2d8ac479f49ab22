from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, one

if TYPE_CHECKING:
    from ..models.curve_key import CurveKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Curve(_Record[Any]):
    """How the losses of the run go that is being trained."""

    key: CurveKey
    """ The ids of the run. """
    points: list[list[float | None]]
    """ Of each round, or of many rounds evenly spread ones: its number, the training loss, the evaluation loss. """

    _wires: ClassVar[dict[str, Wire]] = {
        "key": Wire("key", one("CurveKey"), is_always=True),
        "points": Wire("points", is_always=True),
    }
