from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.structure import Structure


T = TypeVar("T", bound="LayerInput")


@_attrs_define
class LayerInput:
    """One layer of the network."""

    is_input: bool
    """ Whether it is the layer that takes the data. """
    l_type: str
    """ Name of the layer's class in `torch.nn`, `Linear` for example. """
    structure: Structure
    """ Arguments of the layer's class by name. A list or an object among the values is stored by a real TTP, which
    then fails on every reading of the experiment, so it is refused. """
    activation: None | str
    """ Name of a function in `torch.nn.functional`, `relu` for example; null or empty for none. """

    def to_dict(self) -> dict[str, Any]:
        is_input = self.is_input

        l_type = self.l_type

        structure = self.structure.to_dict()

        activation: None | str
        activation = self.activation

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "is_input": is_input,
                "l_type": l_type,
                "structure": structure,
                "activation": activation,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.structure import Structure  # noqa: PLC0415

        d = dict(src_dict)
        is_input = d.pop("is_input")

        l_type = d.pop("l_type")

        structure = Structure.from_dict(d.pop("structure"))

        def _parse_activation(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        activation = _parse_activation(d.pop("activation"))

        layer_input = cls(
            is_input=is_input,
            l_type=l_type,
            structure=structure,
            activation=activation,
        )

        return layer_input
