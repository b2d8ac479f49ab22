"""A regression's target: its scale over all participants, and training by it.

A network learns values around nought and about one in size; the price of a house is neither. So a network is trained on
(target - mean) / deviation, with the mean and the deviation over the training rows of all participants. Of each
participant only the number of its rows, their mean and their deviation are asked for.

The weights that a training leaves have the scale in their last layer again, which is kept in float64 for it: a model
file gives the target's own unit, and goes on doing so when the project is aligned anew. Predictions, statistics and
csv files are in that unit. Losses are in deviations, for MSELoss squared: whatever the unit, 1 is then the loss of a
model that always says the mean.

It is done where the network and the criterion allow it, and not else:

* the output is that of a ``Linear``, without an activation. Behind one that relu or leaky_relu follows, or without a
  bias, the target is divided by its deviation and nothing is taken from it. A sigmoid, for example, is for targets
  that are from 0 to 1 by themselves;
* the criterion is MSELoss, L1Loss, HuberLoss or SmoothL1Loss, of which the last two count in deviations;
* the run does not have ``standardise_target`` as false.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from synergos.learning.errors import Rejected
from synergos.learning.network import Fields, Layer
from synergos.participant.data import encode_target
from synergos.participant.table import Table

_SCALABLE = ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss")
_SAME_SCALE = {"relu", "leaky_relu", "ReLU", "LeakyReLU"}
_SAME_VALUES = ("Identity", "Flatten", "Unflatten", "Dropout")

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """What is taken from a target, and what it is then divided by."""

    mean: float
    deviation: float

    def apply(self, target: Numbers) -> Numbers:
        """Give a target as a network is trained with it.

        Args:
            target: In its own unit.

        Returns:
            The same, around nought and about one in size.
        """
        return (target - self.mean) / self.deviation


AS_IT_IS = Scale(0.0, 1.0)


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


def describe(targets: Sequence[Numbers]) -> Scale:
    """Agree on the scale of the target.

    Args:
        targets: Each participant's known targets of the rows it trains with.

    Returns:
        The mean and the deviation over all rows. Of a target that is the same everywhere the deviation is 1.

    Raises:
        Rejected: The values are too large to be computed with.

    Example:
        >>> describe([np.array([1.0, 2.0, 3.0]), np.array([6.0])])
        Scale(mean=3.0, deviation=1.8708286933869707)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        counts, means, deviations = zip(*(_describe(target) for target in targets), strict=True)
        mean = means[0] + float(np.average(np.array(means) - means[0], weights=counts))
        shares = [math.sqrt(count / sum(counts)) for count in counts]
        within = [share * own for share, own in zip(shares, deviations, strict=True)]
        between = [share * (own - mean) for share, own in zip(shares, means, strict=True)]
        deviation = math.hypot(*within, *between)
    if not math.isfinite(mean) or not math.isfinite(deviation):
        raise Rejected("column 'target' holds values too large to be computed with; give them in a larger unit")
    return Scale(mean, deviation or 1.0)


def scale_for(model: Sequence[Layer], fields: Fields, scale: Scale | None) -> Scale:
    """Say by what a target is scaled in one training.

    Args:
        model: The experiment's layers, fitted.
        fields: The run's fields.
        scale: The target's own; ``None`` for classes, and where the project was aligned before there was one.

    Returns:
        The scale; ``AS_IT_IS`` where the target is not scaled.
    """
    index = _last_linear(model)
    is_wanted = is_standardised(fields) and str(fields.get("criterion") or "MSELoss") in _SCALABLE
    if scale is None or index is None or not is_wanted:
        return AS_IT_IS
    is_bounded = any({layer["l_type"], layer.get("activation")} & _SAME_SCALE for layer in model[index:])
    has_no_bias = model[index]["structure"].get("bias") is False
    return Scale(0.0, scale.deviation) if is_bounded or has_no_bias else scale


def is_standardised(fields: Fields) -> bool:
    """Read a run's switch ``standardise_target``; on unless it is given.

    Raises:
        Rejected: It is neither true nor false.
    """
    value = fields.get("standardise_target", True)
    if not isinstance(value, bool):
        raise Rejected(f"standardise_target is {value!r}, and must be True or False")
    return value


def put_back(scale: Scale, model: Sequence[Layer], weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Make a network that was trained on a scaled target give the target's own unit.

    Args:
        scale: What :func:`scale_for` returned for the training.
        model: The experiment's layers, fitted.
        weights: The network's weights.

    Returns:
        The weights, with the scale in the last ``Linear``.
    """
    index = _last_linear(model)
    if scale == AS_IT_IS or index is None:
        return dict(weights)
    weight, bias = f"layers.{index}.weight", f"layers.{index}.bias"
    scaled = {weight: weights[weight].double() * scale.deviation}
    if bias in weights:
        scaled[bias] = weights[bias].double() * scale.deviation + scale.mean
    return {**weights, **scaled}


def _describe(target: Numbers) -> tuple[int, float, float]:
    """How many they are, their mean and their deviation; by hypot, which neither overflows nor underflows."""
    count, distances = len(target), target - target[0]
    mean = float(distances.mean())
    return count, float(target[0]) + mean, math.hypot(*((distances - mean) / math.sqrt(count)))


def _last_linear(model: Sequence[Layer]) -> int | None:
    """Where the ``Linear`` is whose output is the network's own but for its sign."""
    for index in reversed(range(len(model))):
        layer = model[index]
        if layer.get("activation") not in (None, "", *_SAME_SCALE):
            return None
        if layer["l_type"] == "Linear":
            return index
        if layer["l_type"] not in (*_SAME_VALUES, *_SAME_SCALE):
            return None
    return None
