from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role import Role, check_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.node_input import NodeInput


T = TypeVar("T", bound="RegistrationInCollabUpdate")


@_attrs_define
class RegistrationInCollabUpdate:
    role: Role | Unset = UNSET
    """ What the participant is in the project. Guests hold the labels, hosts further data, an arbiter neither. """
    n_count: int | Unset = UNSET
    """ How many nodes there are: `node_0`, `node_1` and so on. """
    additional_properties: dict[str, NodeInput] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role: str | Unset = UNSET
        if not isinstance(self.role, Unset):
            role = self.role

        n_count = self.n_count

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        field_dict.update({})
        if role is not UNSET:
            field_dict["role"] = role
        if n_count is not UNSET:
            field_dict["n_count"] = n_count

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.node_input import NodeInput  # noqa: PLC0415

        d = dict(src_dict)
        _role = d.pop("role", UNSET)
        role: Role | Unset
        if isinstance(_role, Unset):
            role = UNSET
        else:
            role = check_role(_role)

        n_count = d.pop("n_count", UNSET)

        registration_in_collab_update = cls(
            role=role,
            n_count=n_count,
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = NodeInput.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        registration_in_collab_update.additional_properties = additional_properties
        return registration_in_collab_update

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
