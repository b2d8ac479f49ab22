from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ParticipantUpdate")


@_attrs_define
class ParticipantUpdate:
    host: str | Unset = UNSET
    """ Address under which the TTP reaches the participant's worker. """
    port: int | Unset = UNSET
    f_port: int | Unset = UNSET
    log_msgs: bool | Unset = UNSET
    """ Whether the worker logs its messages. """
    verbose: bool | Unset = UNSET
    """ Whether the worker logs in detail. """
    category: list[str] | None | Unset = UNSET
    """ What kinds of party it is; v8. """
    summary: None | str | Unset = UNSET
    """ The participant in a few words; v8. """
    phone: None | str | Unset = UNSET
    """ Its telephone number; v8. """
    email: None | str | Unset = UNSET
    """ Its address for mail; v8. """
    socials: Any | Unset = UNSET
    """ Name of a network to the participant's name or page there, or null; v8. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        host = self.host

        port = self.port

        f_port = self.f_port

        log_msgs = self.log_msgs

        verbose = self.verbose

        category: list[str] | None | Unset
        if isinstance(self.category, Unset):
            category = UNSET
        elif isinstance(self.category, list):
            category = self.category

        else:
            category = self.category

        summary: None | str | Unset
        if isinstance(self.summary, Unset):
            summary = UNSET
        else:
            summary = self.summary

        phone: None | str | Unset
        if isinstance(self.phone, Unset):
            phone = UNSET
        else:
            phone = self.phone

        email: None | str | Unset
        if isinstance(self.email, Unset):
            email = UNSET
        else:
            email = self.email

        socials = self.socials

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if host is not UNSET:
            field_dict["host"] = host
        if port is not UNSET:
            field_dict["port"] = port
        if f_port is not UNSET:
            field_dict["f_port"] = f_port
        if log_msgs is not UNSET:
            field_dict["log_msgs"] = log_msgs
        if verbose is not UNSET:
            field_dict["verbose"] = verbose
        if category is not UNSET:
            field_dict["category"] = category
        if summary is not UNSET:
            field_dict["summary"] = summary
        if phone is not UNSET:
            field_dict["phone"] = phone
        if email is not UNSET:
            field_dict["email"] = email
        if socials is not UNSET:
            field_dict["socials"] = socials

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        host = d.pop("host", UNSET)

        port = d.pop("port", UNSET)

        f_port = d.pop("f_port", UNSET)

        log_msgs = d.pop("log_msgs", UNSET)

        verbose = d.pop("verbose", UNSET)

        def _parse_category(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                category_type_0 = cast(list[str], data)

                return category_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        category = _parse_category(d.pop("category", UNSET))

        def _parse_summary(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        summary = _parse_summary(d.pop("summary", UNSET))

        def _parse_phone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        phone = _parse_phone(d.pop("phone", UNSET))

        def _parse_email(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        email = _parse_email(d.pop("email", UNSET))

        socials = d.pop("socials", UNSET)

        participant_update = cls(
            host=host,
            port=port,
            f_port=f_port,
            log_msgs=log_msgs,
            verbose=verbose,
            category=category,
            summary=summary,
            phone=phone,
            email=email,
            socials=socials,
        )

        participant_update.additional_properties = d
        return participant_update

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
