from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.project_incentives import ProjectIncentives
    from ..models.project_key import ProjectKey
    from ..models.relations import Relations


T = TypeVar("T", bound="Project")


@_attrs_define
class Project:
    """What is to be learned together."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: ProjectKey
    """ What leads to a project. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    action: str | Unset = UNSET
    """ `classify` or `regress`. """
    incentives: ProjectIncentives | Unset = UNSET
    """ Name of a tier of incentives to the participants in it. """
    universe_alignment: list[str] | Unset = UNSET
    """ As it was sent. """
    start_at: datetime.datetime | str | Unset = UNSET
    """ A time where it reads as one, else the text as it was sent. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        created_at: str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        relations: dict[str, Any] | Unset = UNSET
        if not isinstance(self.relations, Unset):
            relations = self.relations.to_dict()

        action = self.action

        incentives: dict[str, Any] | Unset = UNSET
        if not isinstance(self.incentives, Unset):
            incentives = self.incentives.to_dict()

        universe_alignment: list[str] | Unset = UNSET
        if not isinstance(self.universe_alignment, Unset):
            universe_alignment = self.universe_alignment

        start_at: str | Unset
        if isinstance(self.start_at, Unset):
            start_at = UNSET
        elif isinstance(self.start_at, datetime.datetime):
            start_at = self.start_at.isoformat()
        else:
            start_at = self.start_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "doc_id": doc_id,
                "kind": kind,
                "key": key,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if relations is not UNSET:
            field_dict["relations"] = relations
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
        from ..models.project_incentives import ProjectIncentives  # noqa: PLC0415
        from ..models.project_key import ProjectKey  # noqa: PLC0415
        from ..models.relations import Relations  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = ProjectKey.from_dict(d.pop("key"))

        def _parse_created_at(data: object) -> datetime.datetime | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                created_at_type_0 = datetime.datetime.fromisoformat(data)

                return created_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        _relations = d.pop("relations", UNSET)
        relations: Relations | Unset
        if isinstance(_relations, Unset):
            relations = UNSET
        else:
            relations = Relations.from_dict(_relations)

        action = d.pop("action", UNSET)

        _incentives = d.pop("incentives", UNSET)
        incentives: ProjectIncentives | Unset
        if isinstance(_incentives, Unset):
            incentives = UNSET
        else:
            incentives = ProjectIncentives.from_dict(_incentives)

        universe_alignment = cast(list[str], d.pop("universe_alignment", UNSET))

        def _parse_start_at(data: object) -> datetime.datetime | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                start_at_type_0 = datetime.datetime.fromisoformat(data)

                return start_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | str | Unset, data)

        start_at = _parse_start_at(d.pop("start_at", UNSET))

        project = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            created_at=created_at,
            relations=relations,
            action=action,
            incentives=incentives,
            universe_alignment=universe_alignment,
            start_at=start_at,
        )

        project.additional_properties = d
        return project

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
