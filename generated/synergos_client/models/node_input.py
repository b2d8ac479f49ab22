from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="NodeInput")


@_attrs_define
class NodeInput:
    """Where one of the participant's workers listens."""

    host: str
    """ Address under which the TTP reaches the worker. """
    port: int
    f_port: int
    log_msgs: bool | Unset = UNSET
    """ Whether the worker logs its messages. """
    verbose: bool | Unset = UNSET
    """ Whether the worker logs in detail. """

    def to_dict(self) -> dict[str, Any]:
        host = self.host

        port = self.port

        f_port = self.f_port

        log_msgs = self.log_msgs

        verbose = self.verbose

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "host": host,
                "port": port,
                "f_port": f_port,
            }
        )
        if log_msgs is not UNSET:
            field_dict["log_msgs"] = log_msgs
        if verbose is not UNSET:
            field_dict["verbose"] = verbose

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        host = d.pop("host")

        port = d.pop("port")

        f_port = d.pop("f_port")

        log_msgs = d.pop("log_msgs", UNSET)

        verbose = d.pop("verbose", UNSET)

        node_input = cls(
            host=host,
            port=port,
            f_port=f_port,
            log_msgs=log_msgs,
            verbose=verbose,
        )

        return node_input
