from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, one

if TYPE_CHECKING:
    from ..models.statistics import Statistics  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Inference(_Record[Any]):
    """What came of a model on the data of a participant."""

    statistics: Statistics
    """ How well the predictions fit. Classification: one entry per class, that class against the rest. Regression:
    three numbers. Empty when the run is untrained. Real TTPs send a number that is none as NaN, which strict JSON
    lacks; the sandbox sends null. """
    res_path: None | str
    """ File that holds the results in full, on the participant's disk; null when the run is untrained. """

    _wires: ClassVar[dict[str, Wire]] = {
        "statistics": Wire("statistics", one("Statistics"), is_always=True),
        "res_path": Wire("res_path", is_always=True, is_none=True),
    }
