from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AlignmentInput")


@_attrs_define
class AlignmentInput:
    auto_align: bool | Unset = UNSET
    """ Whether the data are brought to one set of features. """
    auto_fix: bool | Unset = UNSET
    """ Whether the experiments are fitted to the data. """

    def to_dict(self) -> dict[str, Any]:
        auto_align = self.auto_align

        auto_fix = self.auto_fix

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if auto_align is not UNSET:
            field_dict["auto_align"] = auto_align
        if auto_fix is not UNSET:
            field_dict["auto_fix"] = auto_fix

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        auto_align = d.pop("auto_align", UNSET)

        auto_fix = d.pop("auto_fix", UNSET)

        alignment_input = cls(
            auto_align=auto_align,
            auto_fix=auto_fix,
        )

        return alignment_input
