from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, many, one

if TYPE_CHECKING:
    from ..models.data_finding import DataFinding  # noqa: F401
    from ..models.data_table import DataTable  # noqa: F401


@_attrs_define(eq=False, repr=False)
class DataReport(_Record[Any]):
    """What the data of a project hold."""

    tables: list[DataTable]
    """ One for each participant, purpose and tag whose data could be read. """
    findings: list[DataFinding]
    """ What stands against a training, or is good to know before it. """

    _wires: ClassVar[dict[str, Wire]] = {
        "tables": Wire("tables", many(one("DataTable")), is_always=True),
        "findings": Wire("findings", many(one("DataFinding")), is_always=True),
    }
