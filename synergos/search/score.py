"""How trials are compared."""

import math
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any


def mean_score(statistics: Iterable[Mapping[str, Any]], metric: str) -> float | None:
    """The metric of a trial: the mean over the classes, and then over the participants.

    Each participant counts the same, however many rows it has. Where the metric is undefined, as R2 is for a single
    row, a participant or a class is left out.

    Args:
        statistics: The statistics of each participant.
        metric: The name of one of them.

    Returns:
        The mean; None when it is nowhere defined.
    """
    values = [_mean(found.get(metric)) for found in statistics]
    return _mean(values)


def _mean(value: object) -> float | None:
    values = value if isinstance(value, list) else [value]
    known = [float(one) for one in values if isinstance(one, int | float) and not math.isnan(one)]
    return fmean(known) if known else None
