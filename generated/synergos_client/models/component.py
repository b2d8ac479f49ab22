from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.component_ports import ComponentPorts


T = TypeVar("T", bound="Component")


@_attrs_define
class Component:
    """Where a component of the deployment listens."""

    host: str | Unset = UNSET
    """ Its address. """
    ports: ComponentPorts | Unset = UNSET
    """ Name of a port to its number: `main`, `ui`, of the logger also others. """
    secure: bool | Unset = UNSET
    """ Whether it is reached by TLS. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        host = self.host

        ports: dict[str, Any] | Unset = UNSET
        if not isinstance(self.ports, Unset):
            ports = self.ports.to_dict()

        secure = self.secure

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if host is not UNSET:
            field_dict["host"] = host
        if ports is not UNSET:
            field_dict["ports"] = ports
        if secure is not UNSET:
            field_dict["secure"] = secure

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.component_ports import ComponentPorts  # noqa: PLC0415

        d = dict(src_dict)
        host = d.pop("host", UNSET)

        _ports = d.pop("ports", UNSET)
        ports: ComponentPorts | Unset
        if isinstance(_ports, Unset):
            ports = UNSET
        else:
            ports = ComponentPorts.from_dict(_ports)

        secure = d.pop("secure", UNSET)

        component = cls(
            host=host,
            ports=ports,
            secure=secure,
        )

        component.additional_properties = d
        return component

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
