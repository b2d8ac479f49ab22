from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action import Action, check_action
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.incentives import Incentives


T = TypeVar("T", bound="ProjectInCollabInput")


@_attrs_define
class ProjectInCollabInput:
    incentives: Incentives
    """ Name of a tier of incentives to the ids of the participants in it. """
    project_id: str
    """ Any text but the empty one, `.` and `..`, without `/`: these cannot be addressed. """
    action: Action | Unset = UNSET
    """ What the project's models do. """
    universe_alignment: list[str] | Unset = UNSET
    """ Names of the features that all participants are to be aligned to. """
    start_at: str | Unset = UNSET
    """ When the project is to start. The TTP keeps it as text and does nothing with it. """
    collab_id: str | Unset = UNSET
    """ Any text but the empty one, `.` and `..`, without `/`: these cannot be addressed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        incentives = self.incentives.to_dict()

        project_id = self.project_id

        action: str | Unset = UNSET
        if not isinstance(self.action, Unset):
            action = self.action

        universe_alignment: list[str] | Unset = UNSET
        if not isinstance(self.universe_alignment, Unset):
            universe_alignment = self.universe_alignment

        start_at = self.start_at

        collab_id = self.collab_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "incentives": incentives,
                "project_id": project_id,
            }
        )
        if action is not UNSET:
            field_dict["action"] = action
        if universe_alignment is not UNSET:
            field_dict["universe_alignment"] = universe_alignment
        if start_at is not UNSET:
            field_dict["start_at"] = start_at
        if collab_id is not UNSET:
            field_dict["collab_id"] = collab_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.incentives import Incentives  # noqa: PLC0415

        d = dict(src_dict)
        incentives = Incentives.from_dict(d.pop("incentives"))

        project_id = d.pop("project_id")

        _action = d.pop("action", UNSET)
        action: Action | Unset
        if isinstance(_action, Unset):
            action = UNSET
        else:
            action = check_action(_action)

        universe_alignment = cast(list[str], d.pop("universe_alignment", UNSET))

        start_at = d.pop("start_at", UNSET)

        collab_id = d.pop("collab_id", UNSET)

        project_in_collab_input = cls(
            incentives=incentives,
            project_id=project_id,
            action=action,
            universe_alignment=universe_alignment,
            start_at=start_at,
            collab_id=collab_id,
        )

        project_in_collab_input.additional_properties = d
        return project_in_collab_input

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
