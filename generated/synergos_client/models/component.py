from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.component_ports import ComponentPorts  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Component(_Record[Any]):
    """Where a component of the deployment listens."""

    host: str = ABSENT
    """ Its address. """
    ports: ComponentPorts = ABSENT
    """ Name of a port to its number: `main`, `ui`, of the logger also others. """
    secure: bool = ABSENT
    """ Whether it is reached by TLS. """

    _wires: ClassVar[dict[str, Wire]] = {
        "host": Wire("host"),
        "ports": Wire("ports", one("ComponentPorts")),
        "secure": Wire("secure"),
    }
