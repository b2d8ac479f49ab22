from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Distribution")


@_attrs_define
class Distribution:
    field_type_: str
    """ Name of the distribution, `choice` or `uniform` for example. """
    field_value: list[Any]
    """ Its parameters: the choices, or the bounds. """

    def to_dict(self) -> dict[str, Any]:
        field_type_ = self.field_type_

        field_value = self.field_value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "_type": field_type_,
                "_value": field_value,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        field_type_ = d.pop("_type")

        field_value = cast(list[Any], d.pop("_value"))

        distribution = cls(
            field_type_=field_type_,
            field_value=field_value,
        )

        return distribution
