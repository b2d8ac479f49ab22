from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.data_value import DataValue


T = TypeVar("T", bound="DataColumn")


@_attrs_define
class DataColumn:
    """What was read of one column."""

    name: str
    """ Its name. """
    kind: str
    """ `number`, `category` or `truth`. """
    values: int
    """ How many of the rows that are used have a value. """
    gaps: int
    """ How many have none. """
    strays: int
    """ How many values cannot be what the column is declared as. """
    cause: str
    """ What they look like and what to do. """
    categories: int | None
    """ How many different values there are; null for numbers. """
    is_id: bool
    """ Whether it looks like an identifier: nearly a value for each row. """
    dropped: str
    """ Why it is not used; empty when it is. """
    stray: DataValue | Unset = UNSET
    """ One value as it is written, and where. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        kind = self.kind

        values = self.values

        gaps = self.gaps

        strays = self.strays

        cause = self.cause

        categories: int | None
        categories = self.categories

        is_id = self.is_id

        dropped = self.dropped

        stray: dict[str, Any] | Unset = UNSET
        if not isinstance(self.stray, Unset):
            stray = self.stray.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "kind": kind,
                "values": values,
                "gaps": gaps,
                "strays": strays,
                "cause": cause,
                "categories": categories,
                "is_id": is_id,
                "dropped": dropped,
            }
        )
        if stray is not UNSET:
            field_dict["stray"] = stray

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.data_value import DataValue  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        kind = d.pop("kind")

        values = d.pop("values")

        gaps = d.pop("gaps")

        strays = d.pop("strays")

        cause = d.pop("cause")

        def _parse_categories(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        categories = _parse_categories(d.pop("categories"))

        is_id = d.pop("is_id")

        dropped = d.pop("dropped")

        _stray = d.pop("stray", UNSET)
        stray: DataValue | Unset
        if isinstance(_stray, Unset):
            stray = UNSET
        else:
            stray = DataValue.from_dict(_stray)

        data_column = cls(
            name=name,
            kind=kind,
            values=values,
            gaps=gaps,
            strays=strays,
            cause=cause,
            categories=categories,
            is_id=is_id,
            dropped=dropped,
            stray=stray,
        )

        data_column.additional_properties = d
        return data_column

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
