from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Spacers")


@_attrs_define
class Spacers:
    """Columns of the aligned data that this participant's data lack, by their index; each is filled in."""

    x: list[int] | Unset = UNSET
    """ Features. """
    y: list[int] | Unset = UNSET
    """ Classes. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        x: list[int] | Unset = UNSET
        if not isinstance(self.x, Unset):
            x = self.x

        y: list[int] | Unset = UNSET
        if not isinstance(self.y, Unset):
            y = self.y

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if x is not UNSET:
            field_dict["X"] = x
        if y is not UNSET:
            field_dict["y"] = y

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        x = cast(list[int], d.pop("X", UNSET))

        y = cast(list[int], d.pop("y", UNSET))

        spacers = cls(
            x=x,
            y=y,
        )

        spacers.additional_properties = d
        return spacers

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
