from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class ModelFile(_Record[Any]):
    """Where a trained model is."""

    origin: str
    """ `ttp`, or the id of the participant. """
    path: str
    """ The parameters: a file on the TTP's disk, written by torch. """
    loss_history: str
    """ The loss of each round: a JSON file on the TTP's disk. """

    _wires: ClassVar[dict[str, Wire]] = {
        "origin": Wire("origin", is_always=True),
        "path": Wire("path", is_always=True),
        "loss_history": Wire("loss_history", is_always=True),
    }
