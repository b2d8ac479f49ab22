from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Statistics")


@_attrs_define
class Statistics:
    """How well the predictions fit. Classification: one entry per class, that class against the rest. Regression: three
    numbers. Empty when the run is untrained. Real TTPs send a number that is none as NaN, which strict JSON lacks; the
    sandbox sends null.

    """

    accuracy: list[float] | Unset = UNSET
    """ Share of the rows that are right, by class. """
    roc_auc_score: list[float] | Unset = UNSET
    """ Area under the curve of true over false positive rates, by class. """
    pr_auc_score: list[float] | Unset = UNSET
    """ Area under the curve of precision over recall, by class. """
    f_score: list[float] | Unset = UNSET
    """ Harmonic mean of precision and recall, by class. """
    tp_rs: list[float] | Unset = UNSET
    """ True positive rate, or recall, by class. """
    tn_rs: list[float] | Unset = UNSET
    """ True negative rate, by class. """
    pp_vs: list[float] | Unset = UNSET
    """ Positive predictive value, or precision, by class. """
    np_vs: list[float] | Unset = UNSET
    """ Negative predictive value, by class. """
    fp_rs: list[float] | Unset = UNSET
    """ False positive rate, by class. """
    fn_rs: list[float] | Unset = UNSET
    """ False negative rate, by class. """
    fd_rs: list[float] | Unset = UNSET
    """ False discovery rate, by class. """
    t_ps: list[int] | Unset = UNSET
    """ True positives, by class. """
    t_ns: list[int] | Unset = UNSET
    """ True negatives, by class. """
    f_ps: list[int] | Unset = UNSET
    """ False positives, by class. """
    f_ns: list[int] | Unset = UNSET
    """ False negatives, by class. """
    r2: float | None | Unset = UNSET
    """ Coefficient of determination, of a regression. Of a single row there is none. """
    mse: float | None | Unset = UNSET
    """ Mean squared error, of a regression. """
    mae: float | None | Unset = UNSET
    """ Mean absolute error, of a regression. """
    rows: int | Unset = UNSET
    """ How many rows it is of. The sandbox says it; of a classification real TTPs tell it too, by its counts. """
    classes: list[str] | Unset = UNSET
    """ The names of the classes, in the order of the lists. The sandbox says them. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accuracy: list[float] | Unset = UNSET
        if not isinstance(self.accuracy, Unset):
            accuracy = self.accuracy

        roc_auc_score: list[float] | Unset = UNSET
        if not isinstance(self.roc_auc_score, Unset):
            roc_auc_score = self.roc_auc_score

        pr_auc_score: list[float] | Unset = UNSET
        if not isinstance(self.pr_auc_score, Unset):
            pr_auc_score = self.pr_auc_score

        f_score: list[float] | Unset = UNSET
        if not isinstance(self.f_score, Unset):
            f_score = self.f_score

        tp_rs: list[float] | Unset = UNSET
        if not isinstance(self.tp_rs, Unset):
            tp_rs = self.tp_rs

        tn_rs: list[float] | Unset = UNSET
        if not isinstance(self.tn_rs, Unset):
            tn_rs = self.tn_rs

        pp_vs: list[float] | Unset = UNSET
        if not isinstance(self.pp_vs, Unset):
            pp_vs = self.pp_vs

        np_vs: list[float] | Unset = UNSET
        if not isinstance(self.np_vs, Unset):
            np_vs = self.np_vs

        fp_rs: list[float] | Unset = UNSET
        if not isinstance(self.fp_rs, Unset):
            fp_rs = self.fp_rs

        fn_rs: list[float] | Unset = UNSET
        if not isinstance(self.fn_rs, Unset):
            fn_rs = self.fn_rs

        fd_rs: list[float] | Unset = UNSET
        if not isinstance(self.fd_rs, Unset):
            fd_rs = self.fd_rs

        t_ps: list[int] | Unset = UNSET
        if not isinstance(self.t_ps, Unset):
            t_ps = self.t_ps

        t_ns: list[int] | Unset = UNSET
        if not isinstance(self.t_ns, Unset):
            t_ns = self.t_ns

        f_ps: list[int] | Unset = UNSET
        if not isinstance(self.f_ps, Unset):
            f_ps = self.f_ps

        f_ns: list[int] | Unset = UNSET
        if not isinstance(self.f_ns, Unset):
            f_ns = self.f_ns

        r2: float | None | Unset
        if isinstance(self.r2, Unset):
            r2 = UNSET
        else:
            r2 = self.r2

        mse: float | None | Unset
        if isinstance(self.mse, Unset):
            mse = UNSET
        else:
            mse = self.mse

        mae: float | None | Unset
        if isinstance(self.mae, Unset):
            mae = UNSET
        else:
            mae = self.mae

        rows = self.rows

        classes: list[str] | Unset = UNSET
        if not isinstance(self.classes, Unset):
            classes = self.classes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if accuracy is not UNSET:
            field_dict["accuracy"] = accuracy
        if roc_auc_score is not UNSET:
            field_dict["roc_auc_score"] = roc_auc_score
        if pr_auc_score is not UNSET:
            field_dict["pr_auc_score"] = pr_auc_score
        if f_score is not UNSET:
            field_dict["f_score"] = f_score
        if tp_rs is not UNSET:
            field_dict["TPRs"] = tp_rs
        if tn_rs is not UNSET:
            field_dict["TNRs"] = tn_rs
        if pp_vs is not UNSET:
            field_dict["PPVs"] = pp_vs
        if np_vs is not UNSET:
            field_dict["NPVs"] = np_vs
        if fp_rs is not UNSET:
            field_dict["FPRs"] = fp_rs
        if fn_rs is not UNSET:
            field_dict["FNRs"] = fn_rs
        if fd_rs is not UNSET:
            field_dict["FDRs"] = fd_rs
        if t_ps is not UNSET:
            field_dict["TPs"] = t_ps
        if t_ns is not UNSET:
            field_dict["TNs"] = t_ns
        if f_ps is not UNSET:
            field_dict["FPs"] = f_ps
        if f_ns is not UNSET:
            field_dict["FNs"] = f_ns
        if r2 is not UNSET:
            field_dict["R2"] = r2
        if mse is not UNSET:
            field_dict["MSE"] = mse
        if mae is not UNSET:
            field_dict["MAE"] = mae
        if rows is not UNSET:
            field_dict["rows"] = rows
        if classes is not UNSET:
            field_dict["classes"] = classes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        accuracy = cast(list[float], d.pop("accuracy", UNSET))

        roc_auc_score = cast(list[float], d.pop("roc_auc_score", UNSET))

        pr_auc_score = cast(list[float], d.pop("pr_auc_score", UNSET))

        f_score = cast(list[float], d.pop("f_score", UNSET))

        tp_rs = cast(list[float], d.pop("TPRs", UNSET))

        tn_rs = cast(list[float], d.pop("TNRs", UNSET))

        pp_vs = cast(list[float], d.pop("PPVs", UNSET))

        np_vs = cast(list[float], d.pop("NPVs", UNSET))

        fp_rs = cast(list[float], d.pop("FPRs", UNSET))

        fn_rs = cast(list[float], d.pop("FNRs", UNSET))

        fd_rs = cast(list[float], d.pop("FDRs", UNSET))

        t_ps = cast(list[int], d.pop("TPs", UNSET))

        t_ns = cast(list[int], d.pop("TNs", UNSET))

        f_ps = cast(list[int], d.pop("FPs", UNSET))

        f_ns = cast(list[int], d.pop("FNs", UNSET))

        def _parse_r2(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        r2 = _parse_r2(d.pop("R2", UNSET))

        def _parse_mse(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        mse = _parse_mse(d.pop("MSE", UNSET))

        def _parse_mae(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        mae = _parse_mae(d.pop("MAE", UNSET))

        rows = d.pop("rows", UNSET)

        classes = cast(list[str], d.pop("classes", UNSET))

        statistics = cls(
            accuracy=accuracy,
            roc_auc_score=roc_auc_score,
            pr_auc_score=pr_auc_score,
            f_score=f_score,
            tp_rs=tp_rs,
            tn_rs=tn_rs,
            pp_vs=pp_vs,
            np_vs=np_vs,
            fp_rs=fp_rs,
            fn_rs=fn_rs,
            fd_rs=fd_rs,
            t_ps=t_ps,
            t_ns=t_ns,
            f_ps=f_ps,
            f_ns=f_ns,
            r2=r2,
            mse=mse,
            mae=mae,
            rows=rows,
            classes=classes,
        )

        statistics.additional_properties = d
        return statistics

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
