from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.distribution import Distribution


T = TypeVar("T", bound="OptimizationFieldsSearchSpace")


@_attrs_define
class OptimizationFieldsSearchSpace:
    """Name of a run field to where its values are drawn from. A trial is a run of these fields and no others: for what is
    left out, the TTP does as it does in a run that lacks it.

    """

    additional_properties: dict[str, Distribution] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.distribution import Distribution  # noqa: PLC0415

        d = dict(src_dict)
        optimization_fields_search_space = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = Distribution.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        optimization_fields_search_space.additional_properties = additional_properties
        return optimization_fields_search_space

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Distribution:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Distribution) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
