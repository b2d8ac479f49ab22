from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.data_value import DataValue  # noqa: F401


@_attrs_define(eq=False, repr=False)
class DataColumn(_Record[Any]):
    """What was read of one column."""

    name: str
    """ Its name. """
    kind: str
    """ `number`, `category` or `truth`. """
    values: int
    """ How many of the rows that are used have a value. """
    gaps: int
    """ How many have none. """
    strays: int
    """ How many values cannot be what the column is declared as. """
    cause: str
    """ What they look like and what to do. """
    categories: int | None
    """ How many different values there are; null for numbers. """
    is_id: bool
    """ Whether it looks like an identifier: nearly a value for each row. """
    dropped: str
    """ Why it is not used; empty when it is. """
    stray: DataValue | None = ABSENT
    """ One value as it is written, and where. """

    _wires: ClassVar[dict[str, Wire]] = {
        "name": Wire("name", is_always=True),
        "kind": Wire("kind", is_always=True),
        "values": Wire("values", is_always=True),
        "gaps": Wire("gaps", is_always=True),
        "strays": Wire("strays", is_always=True),
        "cause": Wire("cause", is_always=True),
        "categories": Wire("categories", is_always=True, is_none=True),
        "is_id": Wire("is_id", is_always=True),
        "dropped": Wire("dropped", is_always=True),
        "stray": Wire("stray", one("DataValue"), is_none=True),
    }
