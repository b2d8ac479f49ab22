from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.run_key import RunKey
    from ..models.trial_hyperparameters import TrialHyperparameters


T = TypeVar("T", bound="Trial")


@_attrs_define
class Trial:
    """One trial of a search, as the sandbox tells it."""

    key: RunKey
    """ What leads to a run. """
    search: str
    """ The same for all trials of a search. """
    metric: str
    """ Name of the statistic that was optimized. """
    optimize_mode: str
    """ `max` when more of it is better, `min` when less is. """
    state: str
    """ `done`, `pruned` when a scheduler ended it early, or `failed` when it could not be trained; then it has no
    run. """
    hyperparameters: TrialHyperparameters
    """ The fields of its run. """
    score: float | None | Unset = UNSET
    """ The metric, averaged over classes and then over participants; null when it is undefined. """
    rounds: int | Unset = UNSET
    """ After how many rounds it was ended early. """
    message: str | Unset = UNSET
    """ Why it failed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        key = self.key.to_dict()

        search = self.search

        metric = self.metric

        optimize_mode = self.optimize_mode

        state = self.state

        hyperparameters = self.hyperparameters.to_dict()

        score: float | None | Unset
        if isinstance(self.score, Unset):
            score = UNSET
        else:
            score = self.score

        rounds = self.rounds

        message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "key": key,
                "search": search,
                "metric": metric,
                "optimize_mode": optimize_mode,
                "state": state,
                "hyperparameters": hyperparameters,
            }
        )
        if score is not UNSET:
            field_dict["score"] = score
        if rounds is not UNSET:
            field_dict["rounds"] = rounds
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.run_key import RunKey  # noqa: PLC0415
        from ..models.trial_hyperparameters import TrialHyperparameters  # noqa: PLC0415

        d = dict(src_dict)
        key = RunKey.from_dict(d.pop("key"))

        search = d.pop("search")

        metric = d.pop("metric")

        optimize_mode = d.pop("optimize_mode")

        state = d.pop("state")

        hyperparameters = TrialHyperparameters.from_dict(d.pop("hyperparameters"))

        def _parse_score(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        score = _parse_score(d.pop("score", UNSET))

        rounds = d.pop("rounds", UNSET)

        message = d.pop("message", UNSET)

        trial = cls(
            key=key,
            search=search,
            metric=metric,
            optimize_mode=optimize_mode,
            state=state,
            hyperparameters=hyperparameters,
            score=score,
            rounds=rounds,
            message=message,
        )

        trial.additional_properties = d
        return trial

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
