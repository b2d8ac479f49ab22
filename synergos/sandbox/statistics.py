"""The statistics of a model, in the shape of the grid's contract.

A classification gives one entry per class, each class against the rest; up to two classes give two entries. What is
undefined, such as the precision of a class that nothing was predicted as, is nought. The area under the precision and
recall curve is the trapezoid over its points, not the average precision.
"""

import torch
from torch import Tensor
from torchmetrics.functional import mean_absolute_error, mean_squared_error, r2_score
from torchmetrics.functional.classification import binary_auroc, binary_precision_recall_curve, multilabel_stat_scores

Statistics = dict[str, float] | dict[str, list[float] | list[int]]

_THRESHOLD = 0.5


def class_scores(output: Tensor) -> Tensor:
    """Give every class a score, from an output that may have a single one for two classes.

    Args:
        output: Shape (rows, classes), or (rows, 1): the score of the second class.

    Returns:
        Shape (rows, classes), with at least two classes.
    """
    return torch.cat([1 - output, output], dim=1) if output.shape[1] == 1 else output


def predicted(output: Tensor) -> Tensor:
    """Say which class each row is: the one with the highest score; of two, the second if its score is above 0.5.

    Args:
        output: Shape (rows, classes), or (rows, 1): the score of the second class.

    Returns:
        Class indices of shape (rows,).
    """
    return (output[:, 0] > _THRESHOLD).long() if output.shape[1] == 1 else output.argmax(dim=1)


def classification(output: Tensor, target: Tensor) -> dict[str, list[float] | list[int]]:
    """Compare a classifier's scores with the truth.

    Args:
        output: Shape (rows, classes), or (rows, 1): the score of the second class.
        target: Class indices of shape (rows,) or (rows, 1).

    Returns:
        Lists with one entry per class: ``accuracy``, ``roc_auc_score``, ``pr_auc_score``, ``f_score``, the rates
        ``TPRs TNRs PPVs NPVs FPRs FNRs FDRs`` and the counts ``TPs TNs FPs FNs``.
    """
    scores = class_scores(output)
    count = scores.shape[1]
    truth = _one_hot(target.flatten().long(), count)
    counts = multilabel_stat_scores(_one_hot(predicted(output), count), truth, num_labels=count, average=None)
    tp, fp, tn, fn = counts.double().unbind(dim=1)[:4]
    rates = {
        "accuracy": _ratio(tp + tn, tp + tn + fp + fn),
        "roc_auc_score": [_roc_auc(scores[:, index], truth[:, index]) for index in range(count)],
        "pr_auc_score": [_pr_auc(scores[:, index], truth[:, index]) for index in range(count)],
        "f_score": _ratio(2 * tp, 2 * tp + fp + fn),
        "TPRs": _ratio(tp, tp + fn),
        "TNRs": _ratio(tn, tn + fp),
        "PPVs": _ratio(tp, tp + fp),
        "NPVs": _ratio(tn, tn + fn),
        "FPRs": _ratio(fp, fp + tn),
        "FNRs": _ratio(fn, fn + tp),
        "FDRs": _ratio(fp, fp + tp),
    }
    whole = {"TPs": tp, "TNs": tn, "FPs": fp, "FNs": fn}
    return {**rates, **{name: value.long().tolist() for name, value in whole.items()}}


def regression(output: Tensor, target: Tensor) -> dict[str, float]:
    """Compare a regression's values with the truth.

    Args:
        output: Shape (rows, 1).
        target: Shape (rows, 1).

    Returns:
        ``R2`` (NaN for a single row, where it is undefined), ``MSE`` and ``MAE``.
    """
    values, truth = output.flatten(), target.flatten()
    return {
        "R2": float(r2_score(values, truth)) if len(truth) > 1 else float("nan"),
        "MSE": float(mean_squared_error(values, truth)),
        "MAE": float(mean_absolute_error(values, truth)),
    }


def _one_hot(indices: Tensor, count: int) -> Tensor:
    return torch.nn.functional.one_hot(indices, count)


def _ratio(part: Tensor, whole: Tensor) -> list[float]:
    ratios: list[float] = torch.where(whole > 0, part / whole.clamp(min=1), 0.0).tolist()
    return ratios


def _roc_auc(scores: Tensor, truth: Tensor) -> float:
    return float(binary_auroc(scores, truth)) if 0 < truth.sum() < len(truth) else 0.0


def _pr_auc(scores: Tensor, truth: Tensor) -> float:
    if truth.sum() == 0:
        return 0.0
    precision, recall, _ = binary_precision_recall_curve(scores, truth)
    return abs(float(torch.trapezoid(precision, recall)))
