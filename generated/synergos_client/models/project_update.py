from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action import Action, check_action
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.incentives import Incentives


T = TypeVar("T", bound="ProjectUpdate")


@_attrs_define
class ProjectUpdate:
    action: Action | Unset = UNSET
    """ What the project's models do. """
    incentives: Incentives | Unset = UNSET
    """ Name of a tier of incentives to the ids of the participants in it. """
    universe_alignment: list[str] | Unset = UNSET
    """ Names of the features that all participants are to be aligned to. """
    start_at: str | Unset = UNSET
    """ When the project is to start. The TTP keeps it as text and does nothing with it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action: str | Unset = UNSET
        if not isinstance(self.action, Unset):
            action = self.action

        incentives: dict[str, Any] | Unset = UNSET
        if not isinstance(self.incentives, Unset):
            incentives = self.incentives.to_dict()

        universe_alignment: list[str] | Unset = UNSET
        if not isinstance(self.universe_alignment, Unset):
            universe_alignment = self.universe_alignment

        start_at = self.start_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if action is not UNSET:
            field_dict["action"] = action
        if incentives is not UNSET:
            field_dict["incentives"] = incentives
        if universe_alignment is not UNSET:
            field_dict["universe_alignment"] = universe_alignment
        if start_at is not UNSET:
            field_dict["start_at"] = start_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.incentives import Incentives  # noqa: PLC0415

        d = dict(src_dict)
        _action = d.pop("action", UNSET)
        action: Action | Unset
        if isinstance(_action, Unset):
            action = UNSET
        else:
            action = check_action(_action)

        _incentives = d.pop("incentives", UNSET)
        incentives: Incentives | Unset
        if isinstance(_incentives, Unset):
            incentives = UNSET
        else:
            incentives = Incentives.from_dict(_incentives)

        universe_alignment = cast(list[str], d.pop("universe_alignment", UNSET))

        start_at = d.pop("start_at", UNSET)

        project_update = cls(
            action=action,
            incentives=incentives,
            universe_alignment=universe_alignment,
            start_at=start_at,
        )

        project_update.additional_properties = d
        return project_update

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
