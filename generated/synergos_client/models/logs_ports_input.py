from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="LogsPortsInput")


@_attrs_define
class LogsPortsInput:
    """Where the logger listens, by who writes to it."""

    main: int
    sysmetrics: int
    director: int
    ttp: int
    worker: int
    ui: int | Unset = UNSET
    """ Port of its web page; 0 for none. """

    def to_dict(self) -> dict[str, Any]:
        main = self.main

        sysmetrics = self.sysmetrics

        director = self.director

        ttp = self.ttp

        worker = self.worker

        ui = self.ui

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "main": main,
                "sysmetrics": sysmetrics,
                "director": director,
                "ttp": ttp,
                "worker": worker,
            }
        )
        if ui is not UNSET:
            field_dict["ui"] = ui

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        main = d.pop("main")

        sysmetrics = d.pop("sysmetrics")

        director = d.pop("director")

        ttp = d.pop("ttp")

        worker = d.pop("worker")

        ui = d.pop("ui", UNSET)

        logs_ports_input = cls(
            main=main,
            sysmetrics=sysmetrics,
            director=director,
            ttp=ttp,
            worker=worker,
            ui=ui,
        )

        return logs_ports_input
