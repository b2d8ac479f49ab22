from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PortsInput")


@_attrs_define
class PortsInput:
    """Where a component listens, by what the ports are for."""

    main: int
    ui: int | Unset = UNSET
    """ Port of the component's web page; 0 for none. """

    def to_dict(self) -> dict[str, Any]:
        main = self.main

        ui = self.ui

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "main": main,
            }
        )
        if ui is not UNSET:
            field_dict["ui"] = ui

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        main = d.pop("main")

        ui = d.pop("ui", UNSET)

        ports_input = cls(
            main=main,
            ui=ui,
        )

        return ports_input
