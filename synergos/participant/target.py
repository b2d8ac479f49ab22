"""A participant's target: what is said of it, and as it is trained with."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from synergos.learning.errors import Rejected
from synergos.learning.target import AS_IT_IS, Numbers, Scale, Spread
from synergos.participant.data import encode_target
from synergos.participant.table import Table


def describe(target: Numbers) -> Spread:
    """Say of a target what all have to agree on: by hypot, which neither overflows nor underflows.

    Args:
        target: The known targets of the rows that are trained with.

    Example:
        >>> describe(np.array([1.0, 2.0, 3.0]))
        Spread(rows=3, mean=2.0, deviation=0.816496580927726)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        count, distances = len(target), target - target[0]
        mean = float(distances.mean())
        return Spread(count, float(target[0]) + mean, math.hypot(*((distances - mean) / math.sqrt(count))))


def as_trained(table: Table, classes: Sequence[str], scale: Scale = AS_IT_IS) -> Tensor:
    """Turn a table's known targets into what a criterion takes.

    Args:
        table: A table whose targets are all known.
        classes: The class names in order; empty for a regression.
        scale: What :func:`scale_for` returned; only of a regression.

    Returns:
        Regression and up to two classes: float32 of shape (rows, 1). More classes: int64 of shape (rows,).

    Raises:
        Rejected: A class is not among those agreed on, or a value is too large for float32.
    """
    target = encode_target(table, classes)
    if len(classes) > 2:
        return torch.from_numpy(target)
    values = torch.from_numpy(scale.apply(target.astype(np.float64))).float().reshape(-1, 1)
    if not values.isfinite().all():
        raise Rejected(
            f"participant {table.participant_id!r}: column 'target' holds {np.abs(target).max():g}, which is beyond "
            "what a network computes with; give it in a larger unit, or train with standardise_target=True"
        )
    return values
