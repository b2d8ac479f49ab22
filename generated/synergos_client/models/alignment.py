from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.registration_key import RegistrationKey
    from ..models.spacers import Spacers


T = TypeVar("T", bound="Alignment")


@_attrs_define
class Alignment:
    """How the data of a participant were brought to what all have in common."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    """ What leads to a registration. """
    train: Spacers
    """ Columns of the aligned data that this participant's data lack, by their index; each is filled in. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    evaluate: Spacers | Unset = UNSET
    """ Columns of the aligned data that this participant's data lack, by their index; each is filled in. """
    predict: Spacers | Unset = UNSET
    """ Columns of the aligned data that this participant's data lack, by their index; each is filled in. """
    features: list[str] | Unset = UNSET
    """ The names of the features, in the order of their indexes; none of images. The sandbox says them. """
    classes: list[str] | Unset = UNSET
    """ The names of the classes, in the order of their indexes; none of a regression. The sandbox says them. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        train = self.train.to_dict()

        created_at: str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        evaluate: dict[str, Any] | Unset = UNSET
        if not isinstance(self.evaluate, Unset):
            evaluate = self.evaluate.to_dict()

        predict: dict[str, Any] | Unset = UNSET
        if not isinstance(self.predict, Unset):
            predict = self.predict.to_dict()

        features: list[str] | Unset = UNSET
        if not isinstance(self.features, Unset):
            features = self.features

        classes: list[str] | Unset = UNSET
        if not isinstance(self.classes, Unset):
            classes = self.classes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "doc_id": doc_id,
                "kind": kind,
                "key": key,
                "train": train,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if evaluate is not UNSET:
            field_dict["evaluate"] = evaluate
        if predict is not UNSET:
            field_dict["predict"] = predict
        if features is not UNSET:
            field_dict["features"] = features
        if classes is not UNSET:
            field_dict["classes"] = classes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.registration_key import RegistrationKey  # noqa: PLC0415
        from ..models.spacers import Spacers  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = RegistrationKey.from_dict(d.pop("key"))

        train = Spacers.from_dict(d.pop("train"))

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

        _evaluate = d.pop("evaluate", UNSET)
        evaluate: Spacers | Unset
        if isinstance(_evaluate, Unset):
            evaluate = UNSET
        else:
            evaluate = Spacers.from_dict(_evaluate)

        _predict = d.pop("predict", UNSET)
        predict: Spacers | Unset
        if isinstance(_predict, Unset):
            predict = UNSET
        else:
            predict = Spacers.from_dict(_predict)

        features = cast(list[str], d.pop("features", UNSET))

        classes = cast(list[str], d.pop("classes", UNSET))

        alignment = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            train=train,
            created_at=created_at,
            evaluate=evaluate,
            predict=predict,
            features=features,
            classes=classes,
        )

        alignment.additional_properties = d
        return alignment

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
