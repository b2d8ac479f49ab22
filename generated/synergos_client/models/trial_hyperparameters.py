from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TrialHyperparameters")


@_attrs_define
class TrialHyperparameters:
    """The fields of its run."""

    additional_properties: dict[str, bool | float | int | list[bool | float | str] | str] = _attrs_field(
        init=False, factory=dict
    )

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, list):
                field_dict[prop_name] = []
                for componentsschemas_hyperparameter_type_4_item_data in prop:
                    componentsschemas_hyperparameter_type_4_item: bool | float | str
                    componentsschemas_hyperparameter_type_4_item = componentsschemas_hyperparameter_type_4_item_data
                    field_dict[prop_name].append(componentsschemas_hyperparameter_type_4_item)

            else:
                field_dict[prop_name] = prop

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        trial_hyperparameters = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> bool | float | int | list[bool | float | str] | str:
                try:
                    if not isinstance(data, list):
                        raise TypeError()
                    componentsschemas_hyperparameter_type_4 = []
                    _componentsschemas_hyperparameter_type_4 = data
                    for componentsschemas_hyperparameter_type_4_item_data in _componentsschemas_hyperparameter_type_4:

                        def _parse_componentsschemas_hyperparameter_type_4_item(data: object) -> bool | float | str:
                            return cast(bool | float | str, data)

                        componentsschemas_hyperparameter_type_4_item = (
                            _parse_componentsschemas_hyperparameter_type_4_item(
                                componentsschemas_hyperparameter_type_4_item_data
                            )
                        )

                        componentsschemas_hyperparameter_type_4.append(componentsschemas_hyperparameter_type_4_item)

                    return componentsschemas_hyperparameter_type_4
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(bool | float | int | list[bool | float | str] | str, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        trial_hyperparameters.additional_properties = additional_properties
        return trial_hyperparameters

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> bool | float | int | list[bool | float | str] | str:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: bool | float | int | list[bool | float | str] | str) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
