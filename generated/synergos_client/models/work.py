from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.work_ids import WorkIds
    from ..models.work_key import WorkKey


T = TypeVar("T", bound="Work")


@_attrs_define
class Work:
    """One request of phase 2 or 3, and how far the sandbox is with it."""

    number: int
    """ Work that was asked for later has a higher one. """
    resource: str
    """ What is made: `models`, for example. """
    ids: WorkIds
    """ The ids of the request. """
    state: str
    """ `queued`, `running`, `done`, `failed` or `cancelled`. """
    seconds: float
    """ How long it has been under way; 0 when it is queued. """
    key: WorkKey | Unset = UNSET
    """ The ids of the run that was trained last. """
    round_: int | Unset = UNSET
    """ How many rounds of it are done. """
    rounds: int | Unset = UNSET
    """ How many there are to be. """
    train_loss: float | None | Unset = UNSET
    """ Mean loss per row in the last round; null when it is no finite number. """
    evaluate_loss: float | None | Unset = UNSET
    """ The same on the data with `evaluate` tags. """
    status: int | Unset = UNSET
    """ When it failed or was called off: the HTTP status of that. """
    message: str | Unset = UNSET
    """ When it failed or was called off: why. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        resource = self.resource

        ids = self.ids.to_dict()

        state = self.state

        seconds = self.seconds

        key: dict[str, Any] | Unset = UNSET
        if not isinstance(self.key, Unset):
            key = self.key.to_dict()

        round_ = self.round_

        rounds = self.rounds

        train_loss: float | None | Unset
        if isinstance(self.train_loss, Unset):
            train_loss = UNSET
        else:
            train_loss = self.train_loss

        evaluate_loss: float | None | Unset
        if isinstance(self.evaluate_loss, Unset):
            evaluate_loss = UNSET
        else:
            evaluate_loss = self.evaluate_loss

        status = self.status

        message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "number": number,
                "resource": resource,
                "ids": ids,
                "state": state,
                "seconds": seconds,
            }
        )
        if key is not UNSET:
            field_dict["key"] = key
        if round_ is not UNSET:
            field_dict["round"] = round_
        if rounds is not UNSET:
            field_dict["rounds"] = rounds
        if train_loss is not UNSET:
            field_dict["train_loss"] = train_loss
        if evaluate_loss is not UNSET:
            field_dict["evaluate_loss"] = evaluate_loss
        if status is not UNSET:
            field_dict["status"] = status
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.work_ids import WorkIds  # noqa: PLC0415
        from ..models.work_key import WorkKey  # noqa: PLC0415

        d = dict(src_dict)
        number = d.pop("number")

        resource = d.pop("resource")

        ids = WorkIds.from_dict(d.pop("ids"))

        state = d.pop("state")

        seconds = d.pop("seconds")

        _key = d.pop("key", UNSET)
        key: WorkKey | Unset
        if isinstance(_key, Unset):
            key = UNSET
        else:
            key = WorkKey.from_dict(_key)

        round_ = d.pop("round", UNSET)

        rounds = d.pop("rounds", UNSET)

        def _parse_train_loss(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        train_loss = _parse_train_loss(d.pop("train_loss", UNSET))

        def _parse_evaluate_loss(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        evaluate_loss = _parse_evaluate_loss(d.pop("evaluate_loss", UNSET))

        status = d.pop("status", UNSET)

        message = d.pop("message", UNSET)

        work = cls(
            number=number,
            resource=resource,
            ids=ids,
            state=state,
            seconds=seconds,
            key=key,
            round_=round_,
            rounds=rounds,
            train_loss=train_loss,
            evaluate_loss=evaluate_loss,
            status=status,
            message=message,
        )

        work.additional_properties = d
        return work

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
