from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire
from synergos.common.record import Record as _Record


@_attrs_define(eq=False, repr=False)
class Statistics(_Record[Any]):
    """How well the predictions fit. Classification: one entry per class, that class against the rest. Regression:
    three numbers. Empty when the run is untrained. Real TTPs send a number that is none as NaN, which strict JSON
    lacks; the sandbox sends null."""

    accuracy: list[float] = ABSENT
    """ Share of the rows that are right, by class. """
    roc_auc_score: list[float] = ABSENT
    """ Area under the curve of true over false positive rates, by class. """
    pr_auc_score: list[float] = ABSENT
    """ Area under the curve of precision over recall, by class. """
    f_score: list[float] = ABSENT
    """ Harmonic mean of precision and recall, by class. """
    tp_rs: list[float] = ABSENT
    """ True positive rate, or recall, by class. """
    tn_rs: list[float] = ABSENT
    """ True negative rate, by class. """
    pp_vs: list[float] = ABSENT
    """ Positive predictive value, or precision, by class. """
    np_vs: list[float] = ABSENT
    """ Negative predictive value, by class. """
    fp_rs: list[float] = ABSENT
    """ False positive rate, by class. """
    fn_rs: list[float] = ABSENT
    """ False negative rate, by class. """
    fd_rs: list[float] = ABSENT
    """ False discovery rate, by class. """
    t_ps: list[int] = ABSENT
    """ True positives, by class. """
    t_ns: list[int] = ABSENT
    """ True negatives, by class. """
    f_ps: list[int] = ABSENT
    """ False positives, by class. """
    f_ns: list[int] = ABSENT
    """ False negatives, by class. """
    r2: float | None = ABSENT
    """ Coefficient of determination, of a regression. Of a single row there is none. """
    mse: float | None = ABSENT
    """ Mean squared error, of a regression. """
    mae: float | None = ABSENT
    """ Mean absolute error, of a regression. """
    rows: int | None = ABSENT
    """ How many rows it is of. The sandbox says it; of a classification real TTPs tell it too, by its counts. """
    classes: list[str] | None = ABSENT
    """ The names of the classes, in the order of the lists. The sandbox says them. """

    _wires: ClassVar[dict[str, Wire]] = {
        "accuracy": Wire("accuracy"),
        "roc_auc_score": Wire("roc_auc_score"),
        "pr_auc_score": Wire("pr_auc_score"),
        "f_score": Wire("f_score"),
        "tp_rs": Wire("TPRs"),
        "tn_rs": Wire("TNRs"),
        "pp_vs": Wire("PPVs"),
        "np_vs": Wire("NPVs"),
        "fp_rs": Wire("FPRs"),
        "fn_rs": Wire("FNRs"),
        "fd_rs": Wire("FDRs"),
        "t_ps": Wire("TPs"),
        "t_ns": Wire("TNs"),
        "f_ps": Wire("FPs"),
        "f_ns": Wire("FNs"),
        "r2": Wire("R2", is_none=True),
        "mse": Wire("MSE", is_none=True),
        "mae": Wire("MAE", is_none=True),
        "rows": Wire("rows", is_none=True),
        "classes": Wire("classes", is_none=True),
    }
