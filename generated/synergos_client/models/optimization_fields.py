from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.optimization_fields_backend import OptimizationFieldsBackend, check_optimization_fields_backend
from ..models.optimization_fields_optimize_mode import (
    OptimizationFieldsOptimizeMode,
    check_optimization_fields_optimize_mode,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.optimization_fields_search_space import OptimizationFieldsSearchSpace


T = TypeVar("T", bound="OptimizationFields")


@_attrs_define
class OptimizationFields:
    search_space: OptimizationFieldsSearchSpace | Unset = UNSET
    """ Name of a run field to where its values are drawn from. A trial is a run of these fields and no others: for
    what is left out, the TTP does as it does in a run that lacks it. """
    metric: str | Unset = UNSET
    """ Name of the statistic to optimize: its mean over the classes, and then over the participants, each of whom
    counts the same. """
    optimize_mode: OptimizationFieldsOptimizeMode | Unset = UNSET
    """ Whether more of the metric is better. """
    tuner: str | Unset = UNSET
    """ Name of the tuner, `TPE` for example. """
    backend: OptimizationFieldsBackend | Unset = UNSET
    """ What searches. """
    scheduler: str | Unset = UNSET
    """ Name of the trial scheduler, which may end trials early; the sandbox ends none without one. """
    searcher: str | Unset = UNSET
    """ Name of the search algorithm. """
    trial_concurrency: int | Unset = UNSET
    """ Trials at a time. """
    max_exec_duration: int | str | Unset = UNSET
    """ Time after which no trial is started, `1h` or `30m` for example, or a number of seconds. """
    max_trial_num: int | Unset = UNSET
    """ Trials in all. """
    max_concurrent: int | Unset = UNSET
    """ Trials that the searcher proposes at a time. """
    is_remote: bool | Unset = UNSET
    """ Whether trials run away from the TTP. """
    use_annotation: bool | Unset = UNSET
    """ Whether the search space is annotated in code. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        search_space: dict[str, Any] | Unset = UNSET
        if not isinstance(self.search_space, Unset):
            search_space = self.search_space.to_dict()

        metric = self.metric

        optimize_mode: str | Unset = UNSET
        if not isinstance(self.optimize_mode, Unset):
            optimize_mode = self.optimize_mode

        tuner = self.tuner

        backend: str | Unset = UNSET
        if not isinstance(self.backend, Unset):
            backend = self.backend

        scheduler = self.scheduler

        searcher = self.searcher

        trial_concurrency = self.trial_concurrency

        max_exec_duration: int | str | Unset
        if isinstance(self.max_exec_duration, Unset):
            max_exec_duration = UNSET
        else:
            max_exec_duration = self.max_exec_duration

        max_trial_num = self.max_trial_num

        max_concurrent = self.max_concurrent

        is_remote = self.is_remote

        use_annotation = self.use_annotation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if search_space is not UNSET:
            field_dict["search_space"] = search_space
        if metric is not UNSET:
            field_dict["metric"] = metric
        if optimize_mode is not UNSET:
            field_dict["optimize_mode"] = optimize_mode
        if tuner is not UNSET:
            field_dict["tuner"] = tuner
        if backend is not UNSET:
            field_dict["backend"] = backend
        if scheduler is not UNSET:
            field_dict["scheduler"] = scheduler
        if searcher is not UNSET:
            field_dict["searcher"] = searcher
        if trial_concurrency is not UNSET:
            field_dict["trial_concurrency"] = trial_concurrency
        if max_exec_duration is not UNSET:
            field_dict["max_exec_duration"] = max_exec_duration
        if max_trial_num is not UNSET:
            field_dict["max_trial_num"] = max_trial_num
        if max_concurrent is not UNSET:
            field_dict["max_concurrent"] = max_concurrent
        if is_remote is not UNSET:
            field_dict["is_remote"] = is_remote
        if use_annotation is not UNSET:
            field_dict["use_annotation"] = use_annotation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.optimization_fields_search_space import OptimizationFieldsSearchSpace  # noqa: PLC0415

        d = dict(src_dict)
        _search_space = d.pop("search_space", UNSET)
        search_space: OptimizationFieldsSearchSpace | Unset
        if isinstance(_search_space, Unset):
            search_space = UNSET
        else:
            search_space = OptimizationFieldsSearchSpace.from_dict(_search_space)

        metric = d.pop("metric", UNSET)

        _optimize_mode = d.pop("optimize_mode", UNSET)
        optimize_mode: OptimizationFieldsOptimizeMode | Unset
        if isinstance(_optimize_mode, Unset):
            optimize_mode = UNSET
        else:
            optimize_mode = check_optimization_fields_optimize_mode(_optimize_mode)

        tuner = d.pop("tuner", UNSET)

        _backend = d.pop("backend", UNSET)
        backend: OptimizationFieldsBackend | Unset
        if isinstance(_backend, Unset):
            backend = UNSET
        else:
            backend = check_optimization_fields_backend(_backend)

        scheduler = d.pop("scheduler", UNSET)

        searcher = d.pop("searcher", UNSET)

        trial_concurrency = d.pop("trial_concurrency", UNSET)

        def _parse_max_exec_duration(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        max_exec_duration = _parse_max_exec_duration(d.pop("max_exec_duration", UNSET))

        max_trial_num = d.pop("max_trial_num", UNSET)

        max_concurrent = d.pop("max_concurrent", UNSET)

        is_remote = d.pop("is_remote", UNSET)

        use_annotation = d.pop("use_annotation", UNSET)

        optimization_fields = cls(
            search_space=search_space,
            metric=metric,
            optimize_mode=optimize_mode,
            tuner=tuner,
            backend=backend,
            scheduler=scheduler,
            searcher=searcher,
            trial_concurrency=trial_concurrency,
            max_exec_duration=max_exec_duration,
            max_trial_num=max_trial_num,
            max_concurrent=max_concurrent,
            is_remote=is_remote,
            use_annotation=use_annotation,
        )

        optimization_fields.additional_properties = d
        return optimization_fields

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
