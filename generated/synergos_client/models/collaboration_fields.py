from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.component_input import ComponentInput
    from ..models.logs_input import LogsInput


T = TypeVar("T", bound="CollaborationFields")


@_attrs_define
class CollaborationFields:
    catalogue: ComponentInput | Unset = UNSET
    """ Where a component of the deployment listens. """
    logs: LogsInput | Unset = UNSET
    """ Where the logger listens. """
    meter: ComponentInput | Unset = UNSET
    """ Where a component of the deployment listens. """
    mlops: ComponentInput | Unset = UNSET
    """ Where a component of the deployment listens. """
    mq: ComponentInput | Unset = UNSET
    """ Where a component of the deployment listens. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        catalogue: dict[str, Any] | Unset = UNSET
        if not isinstance(self.catalogue, Unset):
            catalogue = self.catalogue.to_dict()

        logs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.logs, Unset):
            logs = self.logs.to_dict()

        meter: dict[str, Any] | Unset = UNSET
        if not isinstance(self.meter, Unset):
            meter = self.meter.to_dict()

        mlops: dict[str, Any] | Unset = UNSET
        if not isinstance(self.mlops, Unset):
            mlops = self.mlops.to_dict()

        mq: dict[str, Any] | Unset = UNSET
        if not isinstance(self.mq, Unset):
            mq = self.mq.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if catalogue is not UNSET:
            field_dict["catalogue"] = catalogue
        if logs is not UNSET:
            field_dict["logs"] = logs
        if meter is not UNSET:
            field_dict["meter"] = meter
        if mlops is not UNSET:
            field_dict["mlops"] = mlops
        if mq is not UNSET:
            field_dict["mq"] = mq

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.component_input import ComponentInput  # noqa: PLC0415
        from ..models.logs_input import LogsInput  # noqa: PLC0415

        d = dict(src_dict)
        _catalogue = d.pop("catalogue", UNSET)
        catalogue: ComponentInput | Unset
        if isinstance(_catalogue, Unset):
            catalogue = UNSET
        else:
            catalogue = ComponentInput.from_dict(_catalogue)

        _logs = d.pop("logs", UNSET)
        logs: LogsInput | Unset
        if isinstance(_logs, Unset):
            logs = UNSET
        else:
            logs = LogsInput.from_dict(_logs)

        _meter = d.pop("meter", UNSET)
        meter: ComponentInput | Unset
        if isinstance(_meter, Unset):
            meter = UNSET
        else:
            meter = ComponentInput.from_dict(_meter)

        _mlops = d.pop("mlops", UNSET)
        mlops: ComponentInput | Unset
        if isinstance(_mlops, Unset):
            mlops = UNSET
        else:
            mlops = ComponentInput.from_dict(_mlops)

        _mq = d.pop("mq", UNSET)
        mq: ComponentInput | Unset
        if isinstance(_mq, Unset):
            mq = UNSET
        else:
            mq = ComponentInput.from_dict(_mq)

        collaboration_fields = cls(
            catalogue=catalogue,
            logs=logs,
            meter=meter,
            mlops=mlops,
            mq=mq,
        )

        collaboration_fields.additional_properties = d
        return collaboration_fields

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
