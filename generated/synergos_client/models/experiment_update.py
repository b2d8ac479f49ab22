from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.layer_input import LayerInput


T = TypeVar("T", bound="ExperimentUpdate")


@_attrs_define
class ExperimentUpdate:
    model: list[LayerInput] | Unset = UNSET
    """ The layers, from the input to the output. """

    def to_dict(self) -> dict[str, Any]:
        model: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.model, Unset):
            model = []
            for model_item_data in self.model:
                model_item = model_item_data.to_dict()
                model.append(model_item)

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if model is not UNSET:
            field_dict["model"] = model

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.layer_input import LayerInput  # noqa: PLC0415

        d = dict(src_dict)
        _model = d.pop("model", UNSET)
        model: list[LayerInput] | Unset = UNSET
        if _model is not UNSET:
            model = []
            for model_item_data in _model:
                model_item = LayerInput.from_dict(model_item_data)

                model.append(model_item)

        experiment_update = cls(
            model=model,
        )

        return experiment_update
