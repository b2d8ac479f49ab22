from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RegistrationKey")


@_attrs_define
class RegistrationKey:
    """What leads to a registration."""

    project_id: str
    """ Id of the project. """
    participant_id: str
    """ Id of the participant. """
    collab_id: str | Unset = UNSET
    """ Only in the generation v8; and there not in models and predictions. """
    tag_id: None | str | Unset = UNSET
    """ Always null; only in alignments. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        participant_id = self.participant_id

        collab_id = self.collab_id

        tag_id: None | str | Unset
        if isinstance(self.tag_id, Unset):
            tag_id = UNSET
        else:
            tag_id = self.tag_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "project_id": project_id,
                "participant_id": participant_id,
            }
        )
        if collab_id is not UNSET:
            field_dict["collab_id"] = collab_id
        if tag_id is not UNSET:
            field_dict["tag_id"] = tag_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        project_id = d.pop("project_id")

        participant_id = d.pop("participant_id")

        collab_id = d.pop("collab_id", UNSET)

        def _parse_tag_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tag_id = _parse_tag_id(d.pop("tag_id", UNSET))

        registration_key = cls(
            project_id=project_id,
            participant_id=participant_id,
            collab_id=collab_id,
            tag_id=tag_id,
        )

        registration_key.additional_properties = d
        return registration_key

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
