from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="TagUpdate")


@_attrs_define
class TagUpdate:
    train: list[list[str]] | Unset = UNSET
    """ Data sets, each named by its tags: the tokens of the path, below the participant's data folder, that leads
    to it. Several data sets are read as one. """
    evaluate: list[list[str]] | Unset = UNSET
    """ Data sets, each named by its tags: the tokens of the path, below the participant's data folder, that leads
    to it. Several data sets are read as one. """
    predict: list[list[str]] | Unset = UNSET
    """ Data sets, each named by its tags: the tokens of the path, below the participant's data folder, that leads
    to it. Several data sets are read as one. """
    model: list[str] | Unset = UNSET
    """ Tags of models. The TTP keeps them and does nothing with them. """
    hyperparameters: list[str] | Unset = UNSET
    """ Tags of hyperparameters. The TTP keeps them and does nothing with them. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        train: list[list[str]] | Unset = UNSET
        if not isinstance(self.train, Unset):
            train = []
            for componentsschemas_data_tags_item_data in self.train:
                componentsschemas_data_tags_item = componentsschemas_data_tags_item_data

                train.append(componentsschemas_data_tags_item)

        evaluate: list[list[str]] | Unset = UNSET
        if not isinstance(self.evaluate, Unset):
            evaluate = []
            for componentsschemas_data_tags_item_data in self.evaluate:
                componentsschemas_data_tags_item = componentsschemas_data_tags_item_data

                evaluate.append(componentsschemas_data_tags_item)

        predict: list[list[str]] | Unset = UNSET
        if not isinstance(self.predict, Unset):
            predict = []
            for componentsschemas_data_tags_item_data in self.predict:
                componentsschemas_data_tags_item = componentsschemas_data_tags_item_data

                predict.append(componentsschemas_data_tags_item)

        model: list[str] | Unset = UNSET
        if not isinstance(self.model, Unset):
            model = self.model

        hyperparameters: list[str] | Unset = UNSET
        if not isinstance(self.hyperparameters, Unset):
            hyperparameters = self.hyperparameters

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if train is not UNSET:
            field_dict["train"] = train
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
        d = dict(src_dict)
        _train = d.pop("train", UNSET)
        train: list[list[str]] | Unset = UNSET
        if _train is not UNSET:
            train = []
            for componentsschemas_data_tags_item_data in _train:
                componentsschemas_data_tags_item = cast(list[str], componentsschemas_data_tags_item_data)

                train.append(componentsschemas_data_tags_item)

        _evaluate = d.pop("evaluate", UNSET)
        evaluate: list[list[str]] | Unset = UNSET
        if _evaluate is not UNSET:
            evaluate = []
            for componentsschemas_data_tags_item_data in _evaluate:
                componentsschemas_data_tags_item = cast(list[str], componentsschemas_data_tags_item_data)

                evaluate.append(componentsschemas_data_tags_item)

        _predict = d.pop("predict", UNSET)
        predict: list[list[str]] | Unset = UNSET
        if _predict is not UNSET:
            predict = []
            for componentsschemas_data_tags_item_data in _predict:
                componentsschemas_data_tags_item = cast(list[str], componentsschemas_data_tags_item_data)

                predict.append(componentsschemas_data_tags_item)

        model = cast(list[str], d.pop("model", UNSET))

        hyperparameters = cast(list[str], d.pop("hyperparameters", UNSET))

        tag_update = cls(
            train=train,
            evaluate=evaluate,
            predict=predict,
            model=model,
            hyperparameters=hyperparameters,
        )

        tag_update.additional_properties = d
        return tag_update

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
