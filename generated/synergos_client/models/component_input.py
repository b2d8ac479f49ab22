from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.ports_input import PortsInput


T = TypeVar("T", bound="ComponentInput")


@_attrs_define
class ComponentInput:
    """Where a component of the deployment listens."""

    host: str
    """ Its address. """
    ports: PortsInput | Unset = UNSET
    """ Where a component listens, by what the ports are for. """
    secure: bool | Unset = UNSET
    """ Whether it is reached by TLS. """

    def to_dict(self) -> dict[str, Any]:
        host = self.host

        ports: dict[str, Any] | Unset = UNSET
        if not isinstance(self.ports, Unset):
            ports = self.ports.to_dict()

        secure = self.secure

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "host": host,
            }
        )
        if ports is not UNSET:
            field_dict["ports"] = ports
        if secure is not UNSET:
            field_dict["secure"] = secure

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.ports_input import PortsInput  # noqa: PLC0415

        d = dict(src_dict)
        host = d.pop("host")

        _ports = d.pop("ports", UNSET)
        ports: PortsInput | Unset
        if isinstance(_ports, Unset):
            ports = UNSET
        else:
            ports = PortsInput.from_dict(_ports)

        secure = d.pop("secure", UNSET)

        component_input = cls(
            host=host,
            ports=ports,
            secure=secure,
        )

        return component_input
