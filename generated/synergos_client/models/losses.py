from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.run_key import RunKey


T = TypeVar("T", bound="Losses")


@_attrs_define
class Losses:
    """How the losses of one model went, round by round."""

    key: RunKey
    """ What leads to a run. """
    origin: str
    """ `ttp`, or the id of the participant whose own losses they are. """
    train: list[float | None]
    """ Mean loss per row of the training data, by round; null where the participant had no turn. """
    evaluate: list[float | None] | Unset = UNSET
    """ The same on the data with `evaluate` tags, of all participants together; null where nobody has any. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        key = self.key.to_dict()

        origin = self.origin

        train = []
        for train_item_data in self.train:
            train_item: float | None
            train_item = train_item_data
            train.append(train_item)

        evaluate: list[float | None] | Unset = UNSET
        if not isinstance(self.evaluate, Unset):
            evaluate = []
            for evaluate_item_data in self.evaluate:
                evaluate_item: float | None
                evaluate_item = evaluate_item_data
                evaluate.append(evaluate_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "key": key,
                "origin": origin,
                "train": train,
            }
        )
        if evaluate is not UNSET:
            field_dict["evaluate"] = evaluate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.run_key import RunKey  # noqa: PLC0415

        d = dict(src_dict)
        key = RunKey.from_dict(d.pop("key"))

        origin = d.pop("origin")

        train = []
        _train = d.pop("train")
        for train_item_data in _train:

            def _parse_train_item(data: object) -> float | None:
                if data is None:
                    return data
                return cast(float | None, data)

            train_item = _parse_train_item(train_item_data)

            train.append(train_item)

        _evaluate = d.pop("evaluate", UNSET)
        evaluate: list[float | None] | Unset = UNSET
        if _evaluate is not UNSET:
            evaluate = []
            for evaluate_item_data in _evaluate:

                def _parse_evaluate_item(data: object) -> float | None:
                    if data is None:
                        return data
                    return cast(float | None, data)

                evaluate_item = _parse_evaluate_item(evaluate_item_data)

                evaluate.append(evaluate_item)

        losses = cls(
            key=key,
            origin=origin,
            train=train,
            evaluate=evaluate,
        )

        losses.additional_properties = d
        return losses

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
