from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role import Role, check_role

if TYPE_CHECKING:
    from ..models.node_input import NodeInput


T = TypeVar("T", bound="RegistrationInCollabInput")


@_attrs_define
class RegistrationInCollabInput:
    role: Role
    """ What the participant is in the project. Guests hold the labels, hosts further data, an arbiter neither. """
    n_count: int
    """ How many nodes there are: `node_0`, `node_1` and so on. """
    node_0: NodeInput
    """ Where one of the participant's workers listens. """
    additional_properties: dict[str, NodeInput] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role: str = self.role

        n_count = self.n_count

        node_0 = self.node_0.to_dict()

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        field_dict.update(
            {
                "role": role,
                "n_count": n_count,
                "node_0": node_0,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.node_input import NodeInput  # noqa: PLC0415

        d = dict(src_dict)
        role = check_role(d.pop("role"))

        n_count = d.pop("n_count")

        node_0 = NodeInput.from_dict(d.pop("node_0"))

        registration_in_collab_input = cls(
            role=role,
            n_count=n_count,
            node_0=node_0,
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = NodeInput.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        registration_in_collab_input.additional_properties = additional_properties
        return registration_in_collab_input

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> NodeInput:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: NodeInput) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
