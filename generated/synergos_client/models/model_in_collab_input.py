from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ModelInCollabInput")


@_attrs_define
class ModelInCollabInput:
    auto_align: bool | Unset = UNSET
    """ Whether data are fitted to the alignment as they are loaded. """
    dockerised: bool | Unset = UNSET
    """ Whether the workers run in containers. """
    verbose: bool | Unset = UNSET
    """ Whether the workers log in detail. """
    log_msgs: bool | Unset = UNSET
    """ Whether the workers log their messages. """
    resume: bool | Unset = UNSET
    """ Whether runs whose training was begun and has not ended go on from their last round, and runs that are
    trained stay as they are. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        auto_align = self.auto_align

        dockerised = self.dockerised

        verbose = self.verbose

        log_msgs = self.log_msgs

        resume = self.resume

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if auto_align is not UNSET:
            field_dict["auto_align"] = auto_align
        if dockerised is not UNSET:
            field_dict["dockerised"] = dockerised
        if verbose is not UNSET:
            field_dict["verbose"] = verbose
        if log_msgs is not UNSET:
            field_dict["log_msgs"] = log_msgs
        if resume is not UNSET:
            field_dict["resume"] = resume

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        auto_align = d.pop("auto_align", UNSET)

        dockerised = d.pop("dockerised", UNSET)

        verbose = d.pop("verbose", UNSET)

        log_msgs = d.pop("log_msgs", UNSET)

        resume = d.pop("resume", UNSET)

        model_in_collab_input = cls(
            auto_align=auto_align,
            dockerised=dockerised,
            verbose=verbose,
            log_msgs=log_msgs,
            resume=resume,
        )

        model_in_collab_input.additional_properties = d
        return model_in_collab_input

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
