from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.envelope_params import EnvelopeParams
    from ..models.losses import Losses


T = TypeVar("T", bound="LossesAnswer")


@_attrs_define
class LossesAnswer:
    api_version: str
    """ The same in both generations of the TTP. """
    success: int
    """ Always 1. """
    status: int
    """ The HTTP status. """
    method: str
    """ What was called on which resource. """
    params: EnvelopeParams
    """ The ids of the call, as far as the TTP tells them. """
    data: list[Losses]
    """ The record or the records. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        api_version = self.api_version

        success = self.success

        status = self.status

        method = self.method

        params = self.params.to_dict()

        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "apiVersion": api_version,
                "success": success,
                "status": status,
                "method": method,
                "params": params,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.envelope_params import EnvelopeParams  # noqa: PLC0415
        from ..models.losses import Losses  # noqa: PLC0415

        d = dict(src_dict)
        api_version = d.pop("apiVersion")

        success = d.pop("success")

        status = d.pop("status")

        method = d.pop("method")

        params = EnvelopeParams.from_dict(d.pop("params"))

        data = []
        _data = d.pop("data")
        for data_item_data in _data:
            data_item = Losses.from_dict(data_item_data)

            data.append(data_item)

        losses_answer = cls(
            api_version=api_version,
            success=success,
            status=status,
            method=method,
            params=params,
            data=data,
        )

        losses_answer.additional_properties = d
        return losses_answer

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
