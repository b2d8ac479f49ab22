from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, many, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.data_column import DataColumn  # noqa: F401
    from ..models.data_table_classes import DataTableClasses  # noqa: F401
    from ..models.data_table_left_out import DataTableLeftOut  # noqa: F401


@_attrs_define(eq=False, repr=False)
class DataTable(_Record[Any]):
    """What was read of one participant's data for one purpose, by one tag."""

    participant_id: str
    """ Whose data they are. """
    purpose: str
    """ `train`, `evaluate` or `predict`. """
    datatype: str
    """ `tabular` or `image`. """
    tags: list[list[str]]
    """ The tag that leads to them. """
    folders: list[str]
    """ The folders below the sandbox's data. """
    files: list[str]
    """ The csv files below it. """
    rows_read: int
    """ How many rows there are. """
    rows_used: int
    """ How many of them are trained, evaluated or predicted with. """
    left_out: DataTableLeftOut
    """ Why the others are not: a reason to the number of rows. """
    columns: list[DataColumn]
    """ The columns besides the target; none of images. """
    classes: DataTableClasses
    """ The classes to how many rows have them; none of a regression. """
    lacks: list[str]
    """ Columns that another participant trains on and these data lack. """
    target: DataColumn | None = ABSENT
    """ What was read of one column. """

    _wires: ClassVar[dict[str, Wire]] = {
        "participant_id": Wire("participant_id", is_always=True),
        "purpose": Wire("purpose", is_always=True),
        "datatype": Wire("datatype", is_always=True),
        "tags": Wire("tags", is_always=True),
        "folders": Wire("folders", is_always=True),
        "files": Wire("files", is_always=True),
        "rows_read": Wire("rows_read", is_always=True),
        "rows_used": Wire("rows_used", is_always=True),
        "left_out": Wire("left_out", one("DataTableLeftOut"), is_always=True),
        "columns": Wire("columns", many(one("DataColumn")), is_always=True),
        "classes": Wire("classes", one("DataTableClasses"), is_always=True),
        "lacks": Wire("lacks", is_always=True),
        "target": Wire("target", one("DataColumn"), is_none=True),
    }
