from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class DataFinding(_Record[Any]):
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

    _wires: ClassVar[dict[str, Wire]] = {
        "level": Wire("level", is_always=True),
        "what": Wire("what", is_always=True),
        "where": Wire("where", is_always=True),
        "why": Wire("why", is_always=True),
        "remedy": Wire("remedy", is_always=True),
    }
