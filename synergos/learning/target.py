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
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor

from synergos.learning.errors import Rejected
from synergos.learning.network import Fields, Layer

_SCALABLE = ("MSELoss", "L1Loss", "HuberLoss", "SmoothL1Loss")
_SAME_SCALE = {"relu", "leaky_relu", "ReLU", "LeakyReLU"}
_SAME_VALUES = ("Identity", "Flatten", "Unflatten", "Dropout")

Numbers = npt.NDArray[np.float64]


class Spread(NamedTuple):
    """What a participant says of its target: how many values there are, their mean and their deviation."""

    rows: int
    mean: float
    deviation: float


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


def agree(spreads: Sequence[Spread]) -> Scale:
    """Agree on the scale of the target.

    Args:
        spreads: What each participant says of its known targets of the rows it trains with.

    Returns:
        The mean and the deviation over all rows. Of a target that is the same everywhere the deviation is 1.

    Raises:
        Rejected: The values are too large to be computed with.

    Example:
        >>> agree([Spread(3, 2.0, 0.5), Spread(1, 6.0, 0.0)])
        Scale(mean=3.0, deviation=1.7853571071357126)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        counts, means, deviations = zip(*spreads, strict=True)
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
