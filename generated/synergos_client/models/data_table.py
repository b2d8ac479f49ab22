from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.data_column import DataColumn
    from ..models.data_table_classes import DataTableClasses
    from ..models.data_table_left_out import DataTableLeftOut


T = TypeVar("T", bound="DataTable")


@_attrs_define
class DataTable:
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
    target: DataColumn | Unset = UNSET
    """ What was read of one column. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        participant_id = self.participant_id

        purpose = self.purpose

        datatype = self.datatype

        tags = []
        for tags_item_data in self.tags:
            tags_item = tags_item_data

            tags.append(tags_item)

        folders = self.folders

        files = self.files

        rows_read = self.rows_read

        rows_used = self.rows_used

        left_out = self.left_out.to_dict()

        columns = []
        for columns_item_data in self.columns:
            columns_item = columns_item_data.to_dict()
            columns.append(columns_item)

        classes = self.classes.to_dict()

        lacks = self.lacks

        target: dict[str, Any] | Unset = UNSET
        if not isinstance(self.target, Unset):
            target = self.target.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "participant_id": participant_id,
                "purpose": purpose,
                "datatype": datatype,
                "tags": tags,
                "folders": folders,
                "files": files,
                "rows_read": rows_read,
                "rows_used": rows_used,
                "left_out": left_out,
                "columns": columns,
                "classes": classes,
                "lacks": lacks,
            }
        )
        if target is not UNSET:
            field_dict["target"] = target

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.data_column import DataColumn  # noqa: PLC0415
        from ..models.data_table_classes import DataTableClasses  # noqa: PLC0415
        from ..models.data_table_left_out import DataTableLeftOut  # noqa: PLC0415

        d = dict(src_dict)
        participant_id = d.pop("participant_id")

        purpose = d.pop("purpose")

        datatype = d.pop("datatype")

        tags = []
        _tags = d.pop("tags")
        for tags_item_data in _tags:
            tags_item = cast(list[str], tags_item_data)

            tags.append(tags_item)

        folders = cast(list[str], d.pop("folders"))

        files = cast(list[str], d.pop("files"))

        rows_read = d.pop("rows_read")

        rows_used = d.pop("rows_used")

        left_out = DataTableLeftOut.from_dict(d.pop("left_out"))

        columns = []
        _columns = d.pop("columns")
        for columns_item_data in _columns:
            columns_item = DataColumn.from_dict(columns_item_data)

            columns.append(columns_item)

        classes = DataTableClasses.from_dict(d.pop("classes"))

        lacks = cast(list[str], d.pop("lacks"))

        _target = d.pop("target", UNSET)
        target: DataColumn | Unset
        if isinstance(_target, Unset):
            target = UNSET
        else:
            target = DataColumn.from_dict(_target)

        data_table = cls(
            participant_id=participant_id,
            purpose=purpose,
            datatype=datatype,
            tags=tags,
            folders=folders,
            files=files,
            rows_read=rows_read,
            rows_used=rows_used,
            left_out=left_out,
            columns=columns,
            classes=classes,
            lacks=lacks,
            target=target,
        )

        data_table.additional_properties = d
        return data_table

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
