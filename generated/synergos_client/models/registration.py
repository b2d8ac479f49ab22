from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.node import Node
    from ..models.registration_collaboration import RegistrationCollaboration
    from ..models.registration_key import RegistrationKey
    from ..models.registration_participant import RegistrationParticipant
    from ..models.registration_project import RegistrationProject
    from ..models.relations import Relations


T = TypeVar("T", bound="Registration")


@_attrs_define
class Registration:
    """A participant in a project."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    """ What leads to a registration. """
    role: str
    """ `host`, `guest` or `arbiter`. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    project: RegistrationProject | Unset = UNSET
    """ The project's fields; any may be null. """
    participant: RegistrationParticipant | Unset = UNSET
    """ The participant's fields; any may be null. """
    collaboration: RegistrationCollaboration | Unset = UNSET
    """ The collaboration's components; v8. """
    n_count: int | Unset = UNSET
    """ How many nodes there are; v8. """
    additional_properties: dict[str, Any | Node] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.node import Node  # noqa: PLC0415

        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        role = self.role

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

        project: dict[str, Any] | Unset = UNSET
        if not isinstance(self.project, Unset):
            project = self.project.to_dict()

        participant: dict[str, Any] | Unset = UNSET
        if not isinstance(self.participant, Unset):
            participant = self.participant.to_dict()

        collaboration: dict[str, Any] | Unset = UNSET
        if not isinstance(self.collaboration, Unset):
            collaboration = self.collaboration.to_dict()

        n_count = self.n_count

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, Node):
                field_dict[prop_name] = prop.to_dict()
            else:
                field_dict[prop_name] = prop

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
        if collaboration is not UNSET:
            field_dict["collaboration"] = collaboration
        if n_count is not UNSET:
            field_dict["n_count"] = n_count

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.node import Node  # noqa: PLC0415
        from ..models.registration_collaboration import RegistrationCollaboration  # noqa: PLC0415
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

        _collaboration = d.pop("collaboration", UNSET)
        collaboration: RegistrationCollaboration | Unset
        if isinstance(_collaboration, Unset):
            collaboration = UNSET
        else:
            collaboration = RegistrationCollaboration.from_dict(_collaboration)

        n_count = d.pop("n_count", UNSET)

        registration = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            role=role,
            created_at=created_at,
            relations=relations,
            project=project,
            participant=participant,
            collaboration=collaboration,
            n_count=n_count,
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> Any | Node:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    additional_property_type_0 = Node.from_dict(data)

                    return additional_property_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(Any | Node, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        registration.additional_properties = additional_properties
        return registration

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any | Node:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any | Node) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
