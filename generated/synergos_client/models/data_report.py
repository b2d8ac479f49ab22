from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.data_finding import DataFinding
    from ..models.data_table import DataTable


T = TypeVar("T", bound="DataReport")


@_attrs_define
class DataReport:
    """What the data of a project hold."""

    tables: list[DataTable]
    """ One for each participant, purpose and tag whose data could be read. """
    findings: list[DataFinding]
    """ What stands against a training, or is good to know before it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        findings = []
        for findings_item_data in self.findings:
            findings_item = findings_item_data.to_dict()
            findings.append(findings_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tables": tables,
                "findings": findings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.data_finding import DataFinding  # noqa: PLC0415
        from ..models.data_table import DataTable  # noqa: PLC0415

        d = dict(src_dict)
        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = DataTable.from_dict(tables_item_data)

            tables.append(tables_item)

        findings = []
        _findings = d.pop("findings")
        for findings_item_data in _findings:
            findings_item = DataFinding.from_dict(findings_item_data)

            findings.append(findings_item)

        data_report = cls(
            tables=tables,
            findings=findings,
        )

        data_report.additional_properties = d
        return data_report

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
