from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.statistics import Statistics


T = TypeVar("T", bound="Inference")


@_attrs_define
class Inference:
    """What came of a model on the data of a participant."""

    statistics: Statistics
    """ How well the predictions fit. Classification: one entry per class, that class against the rest. Regression:
    three numbers. Empty when the run is untrained. Real TTPs send a number that is none as NaN, which strict JSON
    lacks; the sandbox sends null. """
    res_path: None | str
    """ File that holds the results in full, on the participant's disk; null when the run is untrained. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        statistics = self.statistics.to_dict()

        res_path: None | str
        res_path = self.res_path

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "statistics": statistics,
                "res_path": res_path,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.statistics import Statistics  # noqa: PLC0415

        d = dict(src_dict)
        statistics = Statistics.from_dict(d.pop("statistics"))

        def _parse_res_path(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        res_path = _parse_res_path(d.pop("res_path"))

        inference = cls(
            statistics=statistics,
            res_path=res_path,
        )

        inference.additional_properties = d
        return inference

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
