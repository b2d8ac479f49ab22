from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.layer_structure import LayerStructure  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Layer(_Record[Any]):
    """One layer of the network. An activation of null and an empty structure are left out."""

    is_input: bool
    """ Whether it is the layer that takes the data. """
    l_type: str
    """ Name of the layer's class in `torch.nn`. """
    structure: LayerStructure
    """ Arguments of the layer's class by name. """
    activation: None | str = ABSENT
    """ Name of a function in `torch.nn.functional`. """

    _wires: ClassVar[dict[str, Wire]] = {
        "is_input": Wire("is_input", is_always=True),
        "l_type": Wire("l_type", is_always=True),
        "structure": Wire("structure", one("LayerStructure"), is_always=True),
        "activation": Wire("activation", is_none=True),
    }
