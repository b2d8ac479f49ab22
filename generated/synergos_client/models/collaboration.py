from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.collaboration_key import CollaborationKey
    from ..models.component import Component
    from ..models.relations import Relations


T = TypeVar("T", bound="Collaboration")


@_attrs_define
class Collaboration:
    """Who works together, and with which components of the deployment; v8."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: CollaborationKey
    """ What leads to a collaboration. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    catalogue: Component | Unset = UNSET
    """ Where a component of the deployment listens. """
    logs: Component | Unset = UNSET
    """ Where a component of the deployment listens. """
    meter: Component | Unset = UNSET
    """ Where a component of the deployment listens. """
    mlops: Component | Unset = UNSET
    """ Where a component of the deployment listens. """
    mq: Component | Unset = UNSET
    """ Where a component of the deployment listens. """
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

        catalogue: dict[str, Any] | Unset = UNSET
        if not isinstance(self.catalogue, Unset):
            catalogue = self.catalogue.to_dict()

        logs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.logs, Unset):
            logs = self.logs.to_dict()

        meter: dict[str, Any] | Unset = UNSET
        if not isinstance(self.meter, Unset):
            meter = self.meter.to_dict()

        mlops: dict[str, Any] | Unset = UNSET
        if not isinstance(self.mlops, Unset):
            mlops = self.mlops.to_dict()

        mq: dict[str, Any] | Unset = UNSET
        if not isinstance(self.mq, Unset):
            mq = self.mq.to_dict()

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
        if catalogue is not UNSET:
            field_dict["catalogue"] = catalogue
        if logs is not UNSET:
            field_dict["logs"] = logs
        if meter is not UNSET:
            field_dict["meter"] = meter
        if mlops is not UNSET:
            field_dict["mlops"] = mlops
        if mq is not UNSET:
            field_dict["mq"] = mq

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.collaboration_key import CollaborationKey  # noqa: PLC0415
        from ..models.component import Component  # noqa: PLC0415
        from ..models.relations import Relations  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = CollaborationKey.from_dict(d.pop("key"))

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

        _catalogue = d.pop("catalogue", UNSET)
        catalogue: Component | Unset
        if isinstance(_catalogue, Unset):
            catalogue = UNSET
        else:
            catalogue = Component.from_dict(_catalogue)

        _logs = d.pop("logs", UNSET)
        logs: Component | Unset
        if isinstance(_logs, Unset):
            logs = UNSET
        else:
            logs = Component.from_dict(_logs)

        _meter = d.pop("meter", UNSET)
        meter: Component | Unset
        if isinstance(_meter, Unset):
            meter = UNSET
        else:
            meter = Component.from_dict(_meter)

        _mlops = d.pop("mlops", UNSET)
        mlops: Component | Unset
        if isinstance(_mlops, Unset):
            mlops = UNSET
        else:
            mlops = Component.from_dict(_mlops)

        _mq = d.pop("mq", UNSET)
        mq: Component | Unset
        if isinstance(_mq, Unset):
            mq = UNSET
        else:
            mq = Component.from_dict(_mq)

        collaboration = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            created_at=created_at,
            relations=relations,
            catalogue=catalogue,
            logs=logs,
            meter=meter,
            mlops=mlops,
            mq=mq,
        )

        collaboration.additional_properties = d
        return collaboration

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
