from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.participant_key import ParticipantKey
    from ..models.participant_socials import ParticipantSocials
    from ..models.relations import Relations


T = TypeVar("T", bound="Participant")


@_attrs_define
class Participant:
    """A party who holds data."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: ParticipantKey
    """ What leads to a participant. """
    id: str
    """ Its own id. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    host: str | Unset = UNSET
    """ Address under which the TTP reaches the participant's worker. """
    port: int | Unset = UNSET
    """ Port of the worker's data connection. """
    f_port: int | Unset = UNSET
    """ Port of the worker's REST interface. """
    log_msgs: bool | Unset = UNSET
    """ Whether the worker logs its messages. """
    verbose: bool | Unset = UNSET
    """ Whether the worker logs in detail. """
    category: list[str] | Unset = UNSET
    """ What kinds of party it is; v8. """
    summary: str | Unset = UNSET
    """ The participant in a few words; v8. """
    phone: str | Unset = UNSET
    """ Its telephone number; v8. """
    email: str | Unset = UNSET
    """ Its address for mail; v8. """
    socials: ParticipantSocials | Unset = UNSET
    """ Name of a network to the participant's name or page there. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        id = self.id

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

        host = self.host

        port = self.port

        f_port = self.f_port

        log_msgs = self.log_msgs

        verbose = self.verbose

        category: list[str] | Unset = UNSET
        if not isinstance(self.category, Unset):
            category = self.category

        summary = self.summary

        phone = self.phone

        email = self.email

        socials: dict[str, Any] | Unset = UNSET
        if not isinstance(self.socials, Unset):
            socials = self.socials.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "doc_id": doc_id,
                "kind": kind,
                "key": key,
                "id": id,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if relations is not UNSET:
            field_dict["relations"] = relations
        if host is not UNSET:
            field_dict["host"] = host
        if port is not UNSET:
            field_dict["port"] = port
        if f_port is not UNSET:
            field_dict["f_port"] = f_port
        if log_msgs is not UNSET:
            field_dict["log_msgs"] = log_msgs
        if verbose is not UNSET:
            field_dict["verbose"] = verbose
        if category is not UNSET:
            field_dict["category"] = category
        if summary is not UNSET:
            field_dict["summary"] = summary
        if phone is not UNSET:
            field_dict["phone"] = phone
        if email is not UNSET:
            field_dict["email"] = email
        if socials is not UNSET:
            field_dict["socials"] = socials

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.participant_key import ParticipantKey  # noqa: PLC0415
        from ..models.participant_socials import ParticipantSocials  # noqa: PLC0415
        from ..models.relations import Relations  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = ParticipantKey.from_dict(d.pop("key"))

        id = d.pop("id")

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

        host = d.pop("host", UNSET)

        port = d.pop("port", UNSET)

        f_port = d.pop("f_port", UNSET)

        log_msgs = d.pop("log_msgs", UNSET)

        verbose = d.pop("verbose", UNSET)

        category = cast(list[str], d.pop("category", UNSET))

        summary = d.pop("summary", UNSET)

        phone = d.pop("phone", UNSET)

        email = d.pop("email", UNSET)

        _socials = d.pop("socials", UNSET)
        socials: ParticipantSocials | Unset
        if isinstance(_socials, Unset):
            socials = UNSET
        else:
            socials = ParticipantSocials.from_dict(_socials)

        participant = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            id=id,
            created_at=created_at,
            relations=relations,
            host=host,
            port=port,
            f_port=f_port,
            log_msgs=log_msgs,
            verbose=verbose,
            category=category,
            summary=summary,
            phone=phone,
            email=email,
            socials=socials,
        )

        participant.additional_properties = d
        return participant

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
