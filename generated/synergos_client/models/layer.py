from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.layer_structure import LayerStructure


T = TypeVar("T", bound="Layer")


@_attrs_define
class Layer:
    """One layer of the network. An activation of null and an empty structure are left out."""

    is_input: bool
    """ Whether it is the layer that takes the data. """
    l_type: str
    """ Name of the layer's class in `torch.nn`. """
    structure: LayerStructure | Unset = UNSET
    """ Arguments of the layer's class by name. """
    activation: None | str | Unset = UNSET
    """ Name of a function in `torch.nn.functional`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_input = self.is_input

        l_type = self.l_type

        structure: dict[str, Any] | Unset = UNSET
        if not isinstance(self.structure, Unset):
            structure = self.structure.to_dict()

        activation: None | str | Unset
        if isinstance(self.activation, Unset):
            activation = UNSET
        else:
            activation = self.activation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_input": is_input,
                "l_type": l_type,
            }
        )
        if structure is not UNSET:
            field_dict["structure"] = structure
        if activation is not UNSET:
            field_dict["activation"] = activation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.layer_structure import LayerStructure  # noqa: PLC0415

        d = dict(src_dict)
        is_input = d.pop("is_input")

        l_type = d.pop("l_type")

        _structure = d.pop("structure", UNSET)
        structure: LayerStructure | Unset
        if isinstance(_structure, Unset):
            structure = UNSET
        else:
            structure = LayerStructure.from_dict(_structure)

        def _parse_activation(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        activation = _parse_activation(d.pop("activation", UNSET))

        layer = cls(
            is_input=is_input,
            l_type=l_type,
            structure=structure,
            activation=activation,
        )

        layer.additional_properties = d
        return layer

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
