from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.model_file import ModelFile
    from ..models.run_key import RunKey


T = TypeVar("T", bound="Model")


@_attrs_define
class Model:
    """What a run has learned."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RunKey
    """ What leads to a run. """
    global_: ModelFile
    """ Where a trained model is. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    additional_properties: dict[str, Any | ModelFile] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.model_file import ModelFile  # noqa: PLC0415

        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        global_ = self.global_.to_dict()

        created_at: str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, ModelFile):
                field_dict[prop_name] = prop.to_dict()
            else:
                field_dict[prop_name] = prop

        field_dict.update(
            {
                "doc_id": doc_id,
                "kind": kind,
                "key": key,
                "global": global_,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.model_file import ModelFile  # noqa: PLC0415
        from ..models.run_key import RunKey  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = RunKey.from_dict(d.pop("key"))

        global_ = ModelFile.from_dict(d.pop("global"))

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

        model = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            global_=global_,
            created_at=created_at,
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> Any | ModelFile:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    additional_property_type_0 = ModelFile.from_dict(data)

                    return additional_property_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(Any | ModelFile, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        model.additional_properties = additional_properties
        return model

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any | ModelFile:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any | ModelFile) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
