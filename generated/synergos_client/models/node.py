from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire
from synergos.common.record import Record as _Record


@_attrs_define(eq=False, repr=False)
class Node(_Record[Any]):
    """Where a worker listens."""

    host: str
    """ Address under which the TTP reaches the worker. """
    port: int
    """ Port of the worker's data connection. """
    f_port: int
    """ Port of the worker's REST interface. """
    log_msgs: bool | None = ABSENT
    """ Whether the worker logs its messages. """
    verbose: bool | None = ABSENT
    """ Whether the worker logs in detail. """

    _wires: ClassVar[dict[str, Wire]] = {
        "host": Wire("host", is_always=True),
        "port": Wire("port", is_always=True),
        "f_port": Wire("f_port", is_always=True),
        "log_msgs": Wire("log_msgs", is_none=True),
        "verbose": Wire("verbose", is_none=True),
    }
