from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.registration_key import RegistrationKey
    from ..models.registration_participant import RegistrationParticipant
    from ..models.registration_project import RegistrationProject
    from ..models.relations import Relations


T = TypeVar("T", bound="Registration")


@_attrs_define
class Registration:
    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    role: str
    """ `host`, `guest` or `arbiter`. """
    created_at: str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    project: RegistrationProject | Unset = UNSET
    """ The project's fields; any may be null. """
    participant: RegistrationParticipant | Unset = UNSET
    """ The participant's fields; any may be null. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        role = self.role

        created_at = self.created_at

        relations: dict[str, Any] | Unset = UNSET
        if not isinstance(self.relations, Unset):
            relations = self.relations.to_dict()

        project: dict[str, Any] | Unset = UNSET
        if not isinstance(self.project, Unset):
            project = self.project.to_dict()

        participant: dict[str, Any] | Unset = UNSET
        if not isinstance(self.participant, Unset):
            participant = self.participant.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "doc_id": doc_id,
                "kind": kind,
                "key": key,
                "role": role,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if relations is not UNSET:
            field_dict["relations"] = relations
        if project is not UNSET:
            field_dict["project"] = project
        if participant is not UNSET:
            field_dict["participant"] = participant

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.registration_key import RegistrationKey  # noqa: PLC0415
        from ..models.registration_participant import RegistrationParticipant  # noqa: PLC0415
        from ..models.registration_project import RegistrationProject  # noqa: PLC0415
        from ..models.relations import Relations  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = RegistrationKey.from_dict(d.pop("key"))

        role = d.pop("role")

        created_at = d.pop("created_at", UNSET)

        _relations = d.pop("relations", UNSET)
        relations: Relations | Unset
        if isinstance(_relations, Unset):
            relations = UNSET
        else:
            relations = Relations.from_dict(_relations)

        _project = d.pop("project", UNSET)
        project: RegistrationProject | Unset
        if isinstance(_project, Unset):
            project = UNSET
        else:
            project = RegistrationProject.from_dict(_project)

        _participant = d.pop("participant", UNSET)
        participant: RegistrationParticipant | Unset
        if isinstance(_participant, Unset):
            participant = UNSET
        else:
            participant = RegistrationParticipant.from_dict(_participant)

        registration = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            role=role,
            created_at=created_at,
            relations=relations,
            project=project,
            participant=participant,
        )

        registration.additional_properties = d
        return registration

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
