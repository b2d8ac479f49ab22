from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PredictionFieldsTags")


@_attrs_define
class PredictionFieldsTags:
    """Id of a project to the data sets to predict on with its models. They replace the `predict` tags that the participant
    has there.

    """

    additional_properties: dict[str, list[list[str]]] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = []
            for componentsschemas_data_tags_item_data in prop:
                componentsschemas_data_tags_item = componentsschemas_data_tags_item_data

                field_dict[prop_name].append(componentsschemas_data_tags_item)

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prediction_fields_tags = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = []
            _additional_property = prop_dict
            for componentsschemas_data_tags_item_data in _additional_property:
                componentsschemas_data_tags_item = cast(list[str], componentsschemas_data_tags_item_data)

                additional_property.append(componentsschemas_data_tags_item)

            additional_properties[prop_name] = additional_property

        prediction_fields_tags.additional_properties = additional_properties
        return prediction_fields_tags

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> list[list[str]]:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: list[list[str]]) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
