from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.registration_key import RegistrationKey
    from ..models.relations import Relations


T = TypeVar("T", bound="Tag")


@_attrs_define
class Tag:
    """Which of its data a participant brings to a project."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    """ What leads to a registration. """
    train: list[list[str]]
    """ Data sets to train on, each named by its tags. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    evaluate: list[list[str]] | Unset = UNSET
    """ Data sets to validate on, each named by its tags. """
    predict: list[list[str]] | Unset = UNSET
    """ Data sets to predict on, each named by its tags. """
    model: list[str] | Unset = UNSET
    """ Tags of models. The TTP keeps them and does nothing with them. """
    hyperparameters: list[str] | Unset = UNSET
    """ Tags of hyperparameters. The TTP keeps them and does nothing with them. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        train = []
        for train_item_data in self.train:
            train_item = train_item_data

            train.append(train_item)

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

        evaluate: list[list[str]] | Unset = UNSET
        if not isinstance(self.evaluate, Unset):
            evaluate = []
            for evaluate_item_data in self.evaluate:
                evaluate_item = evaluate_item_data

                evaluate.append(evaluate_item)

        predict: list[list[str]] | Unset = UNSET
        if not isinstance(self.predict, Unset):
            predict = []
            for predict_item_data in self.predict:
                predict_item = predict_item_data

                predict.append(predict_item)

        model: list[str] | Unset = UNSET
        if not isinstance(self.model, Unset):
            model = self.model

        hyperparameters: list[str] | Unset = UNSET
        if not isinstance(self.hyperparameters, Unset):
            hyperparameters = self.hyperparameters

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
        if relations is not UNSET:
            field_dict["relations"] = relations
        if evaluate is not UNSET:
            field_dict["evaluate"] = evaluate
        if predict is not UNSET:
            field_dict["predict"] = predict
        if model is not UNSET:
            field_dict["model"] = model
        if hyperparameters is not UNSET:
            field_dict["hyperparameters"] = hyperparameters

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.registration_key import RegistrationKey  # noqa: PLC0415
        from ..models.relations import Relations  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = RegistrationKey.from_dict(d.pop("key"))

        train = []
        _train = d.pop("train")
        for train_item_data in _train:
            train_item = cast(list[str], train_item_data)

            train.append(train_item)

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

        _evaluate = d.pop("evaluate", UNSET)
        evaluate: list[list[str]] | Unset = UNSET
        if _evaluate is not UNSET:
            evaluate = []
            for evaluate_item_data in _evaluate:
                evaluate_item = cast(list[str], evaluate_item_data)

                evaluate.append(evaluate_item)

        _predict = d.pop("predict", UNSET)
        predict: list[list[str]] | Unset = UNSET
        if _predict is not UNSET:
            predict = []
            for predict_item_data in _predict:
                predict_item = cast(list[str], predict_item_data)

                predict.append(predict_item)

        model = cast(list[str], d.pop("model", UNSET))

        hyperparameters = cast(list[str], d.pop("hyperparameters", UNSET))

        tag = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            train=train,
            created_at=created_at,
            relations=relations,
            evaluate=evaluate,
            predict=predict,
            model=model,
            hyperparameters=hyperparameters,
        )

        tag.additional_properties = d
        return tag

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
