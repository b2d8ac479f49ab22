from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RunKey")


@_attrs_define
class RunKey:
    """What leads to a run."""

    project_id: str
    """ Id of the project. """
    expt_id: str
    """ Id of the experiment, inside its project. """
    run_id: str
    """ Id of the run, inside its experiment. """
    collab_id: str | Unset = UNSET
    """ Only in the generation v8; and there not in models and predictions. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        expt_id = self.expt_id

        run_id = self.run_id

        collab_id = self.collab_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "project_id": project_id,
                "expt_id": expt_id,
                "run_id": run_id,
            }
        )
        if collab_id is not UNSET:
            field_dict["collab_id"] = collab_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        project_id = d.pop("project_id")

        expt_id = d.pop("expt_id")

        run_id = d.pop("run_id")

        collab_id = d.pop("collab_id", UNSET)

        run_key = cls(
            project_id=project_id,
            expt_id=expt_id,
            run_id=run_id,
            collab_id=collab_id,
        )

        run_key.additional_properties = d
        return run_key

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
