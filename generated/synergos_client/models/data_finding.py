from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="DataFinding")


@_attrs_define
class DataFinding:
    """One thing to know of the data."""

    level: str
    """ `error` when they cannot be trained with, `warning` or `info`. """
    what: str
    """ What was found. """
    where: str
    """ What it was found in. """
    why: str
    """ Why it matters. """
    remedy: str
    """ What to do about it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        level = self.level

        what = self.what

        where = self.where

        why = self.why

        remedy = self.remedy

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "level": level,
                "what": what,
                "where": where,
                "why": why,
                "remedy": remedy,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        level = d.pop("level")

        what = d.pop("what")

        where = d.pop("where")

        why = d.pop("why")

        remedy = d.pop("remedy")

        data_finding = cls(
            level=level,
            what=what,
            where=where,
            why=why,
            remedy=remedy,
        )

        data_finding.additional_properties = d
        return data_finding

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
