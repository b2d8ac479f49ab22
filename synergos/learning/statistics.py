"""The statistics of a model, in the shape of the grid's contract.

All are computed in float64, and equal scikit-learn's but for three things:

* A classification gives one entry per class, each class against the rest; up to two classes give two entries.
* What is undefined, such as the precision of a class that nothing was predicted as or the ROC-AUC of a class that no
  row or every row has, is nought. Only the R2 of a single row is NaN, as in ``r2_score``.
* The area under the precision and recall curve is the trapezoid over its points, scikit-learn's
  ``auc(recall, precision)`` of ``precision_recall_curve``, as in the original; it is not ``average_precision_score``,
  which is a sum of steps.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Statistics = Mapping[str, float | list[float] | list[int] | list[str]]
Numbers = npt.NDArray[np.float64]

_THRESHOLD = 0.5


def class_scores(output: Numbers) -> Numbers:
    """Give every class a score, from an output that may have a single one for two classes.

    Args:
        output: Shape (rows, classes), or (rows, 1): the score of the second class.

    Returns:
        Shape (rows, classes), with at least two classes.
    """
    return np.hstack([1 - output, output]) if output.shape[1] == 1 else output


def predicted(output: Numbers) -> npt.NDArray[np.intp]:
    """Say which class each row is: the one with the highest score; of two, the second if its score is above 0.5.

    Args:
        output: Shape (rows, classes), or (rows, 1): the score of the second class.

    Returns:
        Class indices of shape (rows,).
    """
    return (output[:, 0] > _THRESHOLD).astype(np.intp) if output.shape[1] == 1 else output.argmax(axis=1)


def classification(output: Numbers, target: npt.NDArray[np.int64]) -> dict[str, list[float] | list[int]]:
    """Compare a classifier's scores with the truth.

    Args:
        output: Shape (rows, classes), or (rows, 1): the score of the second class. Finite, of any scale: only their
            order counts, and for a single one on which side of 0.5 it is.
        target: Class indices of shape (rows,).

    Returns:
        Lists with one entry per class: ``accuracy``, ``roc_auc_score``, ``pr_auc_score``, ``f_score``, the rates
        ``TPRs TNRs PPVs NPVs FPRs FNRs FDRs`` and the counts ``TPs TNs FPs FNs``.

    Example:
        >>> found = classification(np.array([[0.2], [0.9], [0.6]]), np.array([0, 1, 0]))
        >>> found["accuracy"], found["TPs"]
        ([0.6666666666666666, 0.6666666666666666], [1, 1])
    """
    # Of two classes the first is ranked by what is against it: 1 - output would make neighbours equal.
    ranks = np.hstack([-output, output]) if output.shape[1] == 1 else output
    classes = np.arange(ranks.shape[1])
    truth, chosen = target[:, None] == classes, predicted(output)[:, None] == classes
    tp, fp = (truth & chosen).sum(axis=0), (~truth & chosen).sum(axis=0)
    tn, fn = (~truth & ~chosen).sum(axis=0), (truth & ~chosen).sum(axis=0)
    return {
        "accuracy": _ratio(tp + tn, tp + tn + fp + fn),
        "roc_auc_score": [_roc_auc(ranks[:, index], truth[:, index]) for index in classes],
        "pr_auc_score": [_pr_auc(ranks[:, index], truth[:, index]) for index in classes],
        "f_score": _ratio(2 * tp, 2 * tp + fp + fn),
        "TPRs": _ratio(tp, tp + fn),
        "TNRs": _ratio(tn, tn + fp),
        "PPVs": _ratio(tp, tp + fp),
        "NPVs": _ratio(tn, tn + fn),
        "FPRs": _ratio(fp, fp + tn),
        "FNRs": _ratio(fn, fn + tp),
        "FDRs": _ratio(fp, fp + tp),
        "TPs": tp.tolist(),
        "TNs": tn.tolist(),
        "FPs": fp.tolist(),
        "FNs": fn.tolist(),
    }


def regression(output: Numbers, target: Numbers) -> dict[str, float]:
    """Compare a regression's values with the truth.

    Args:
        output: Shape (rows, 1).
        target: Shape (rows, 1), in the same unit.

    Returns:
        ``R2``, ``MSE`` and ``MAE``. R2 is 1 - Σ(target - output)² / Σ(target - mean)²; NaN for a single row; of a
        target that is the same in every row 1.0 if the output equals it and else 0.0.

    Example:
        >>> regression(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]]))["R2"]
        0.5
    """
    residuals, truth = (target - output).ravel(), target.ravel()
    return {"R2": _r2(residuals, truth), "MSE": float(np.mean(residuals**2)), "MAE": float(np.mean(np.abs(residuals)))}


def _r2(residuals: Numbers, truth: Numbers) -> float:
    if len(truth) < 2:
        return float("nan")
    # From the first value on, since the mean of equal values is not always that value; and of a size near one, since
    # the square of a small number may be nought.
    distances = truth - truth[0]
    unit = np.abs(distances).max()
    if not unit:
        return float(not residuals.any())
    distances, lost = distances / unit, float(np.sum((residuals / unit) ** 2))
    return 1 - lost / float(np.sum((distances - distances.mean()) ** 2))


def _ratio(part: npt.NDArray[np.int_], whole: npt.NDArray[np.int_]) -> list[float]:
    ratios: list[float] = (part / np.maximum(whole, 1)).tolist()
    return ratios


def _roc_auc(scores: Numbers, truth: npt.NDArray[np.bool_]) -> float:
    true, false = _counts_from_the_top(scores, truth)
    if not true[-1] or not false[-1]:
        return 0.0
    return float(np.trapezoid(true / true[-1], false / false[-1]))


def _pr_auc(scores: Numbers, truth: npt.NDArray[np.bool_]) -> float:
    true, false = _counts_from_the_top(scores, truth)
    if not true[-1]:
        return 0.0
    recall, precision = true / true[-1], np.ones(len(true))
    precision[1:] = true[1:] / (true[1:] + false[1:])
    return float(np.trapezoid(precision, recall))


def _counts_from_the_top(scores: Numbers, truth: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """How many rows of the class and of the rest have at least a score: from none, by falling score, to all."""
    order = np.argsort(-scores, kind="stable")
    last_of_a_score = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true = np.cumsum(truth[order], dtype=np.float64)[last_of_a_score]
    return np.append(0.0, true), np.append(0.0, last_of_a_score + 1 - true)
