from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Node")


@_attrs_define
class Node:
    """Where a worker listens."""

    host: str
    """ Address under which the TTP reaches the worker. """
    port: int
    """ Port of the worker's data connection. """
    f_port: int
    """ Port of the worker's REST interface. """
    log_msgs: bool | Unset = UNSET
    """ Whether the worker logs its messages. """
    verbose: bool | Unset = UNSET
    """ Whether the worker logs in detail. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        host = self.host

        port = self.port

        f_port = self.f_port

        log_msgs = self.log_msgs

        verbose = self.verbose

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
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

        node = cls(
            host=host,
            port=port,
            f_port=f_port,
            log_msgs=log_msgs,
            verbose=verbose,
        )

        node.additional_properties = d
        return node

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
