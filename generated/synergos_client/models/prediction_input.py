from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.prediction_fields_tags import PredictionFieldsTags


T = TypeVar("T", bound="PredictionInput")


@_attrs_define
class PredictionInput:
    auto_align: bool
    """ Whether data are fitted to the alignment as they are loaded. """
    dockerised: bool
    """ Whether the workers run in containers. """
    tags: PredictionFieldsTags
    """ Id of a project to the data sets to predict on with its models. They replace the `predict` tags that the
    participant has there. """
    verbose: bool | Unset = UNSET
    """ Whether the workers log in detail. """
    log_msgs: bool | Unset = UNSET
    """ Whether the workers log their messages. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        auto_align = self.auto_align

        dockerised = self.dockerised

        tags = self.tags.to_dict()

        verbose = self.verbose

        log_msgs = self.log_msgs

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "auto_align": auto_align,
                "dockerised": dockerised,
                "tags": tags,
            }
        )
        if verbose is not UNSET:
            field_dict["verbose"] = verbose
        if log_msgs is not UNSET:
            field_dict["log_msgs"] = log_msgs

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.prediction_fields_tags import PredictionFieldsTags  # noqa: PLC0415

        d = dict(src_dict)
        auto_align = d.pop("auto_align")

        dockerised = d.pop("dockerised")

        tags = PredictionFieldsTags.from_dict(d.pop("tags"))

        verbose = d.pop("verbose", UNSET)

        log_msgs = d.pop("log_msgs", UNSET)

        prediction_input = cls(
            auto_align=auto_align,
            dockerised=dockerised,
            tags=tags,
            verbose=verbose,
            log_msgs=log_msgs,
        )

        prediction_input.additional_properties = d
        return prediction_input

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
