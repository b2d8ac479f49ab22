from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.layer_input import LayerInput


T = TypeVar("T", bound="ExperimentInput")


@_attrs_define
class ExperimentInput:
    expt_id: str
    """ Any text but the empty one, `.` and `..`, without `/`: these cannot be addressed. """
    model: list[LayerInput]
    """ The layers, from the input to the output. """

    def to_dict(self) -> dict[str, Any]:
        expt_id = self.expt_id

        model = []
        for model_item_data in self.model:
            model_item = model_item_data.to_dict()
            model.append(model_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "expt_id": expt_id,
                "model": model,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.layer_input import LayerInput  # noqa: PLC0415

        d = dict(src_dict)
        expt_id = d.pop("expt_id")

        model = []
        _model = d.pop("model")
        for model_item_data in _model:
            model_item = LayerInput.from_dict(model_item_data)

            model.append(model_item)

        experiment_input = cls(
            expt_id=expt_id,
            model=model,
        )

        return experiment_input
