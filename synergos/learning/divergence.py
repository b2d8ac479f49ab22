"""Why a training fails by its numbers, and what to do."""

from collections.abc import Mapping, Sequence

from synergos.learning.errors import Rejected
from synergos.learning.network import Fields, Layer
from synergos.learning.target import AS_IT_IS, Scale, is_standardised, scale_for

# Of a target that is standardised, a value of this size is a thousand deviations away.
_LARGE = 1000.0
_OWN_RATES = {"FedAdagrad": "eta", "FedAdam": "eta", "FedAvgM": "server_learning_rate", "FedYogi": "eta"}
_PENALTIES = ("l1_lambda", "l2_lambda", "mu", "weight_decay")


def diverged(
    number: int, fields: Fields, model: Sequence[Layer], sizes: Mapping[str, float] | None, strayed: Sequence[str]
) -> Rejected:
    """Say that a training diverged, and the likeliest cause.

    Args:
        number: The round.
        fields: The run's fields.
        model: The layers.
        sizes: The largest target of each participant in a regression, as it is trained with; ``None`` for classes.
        strayed: The participants whose own weights or losses are not finite; nobody if only the aggregate is not.

    Returns:
        The error, to be raised by the caller.
    """
    where = f" at {', '.join(map(repr, strayed))}" if strayed else ""
    cause = _optimizer(fields) or (sizes and _target(fields, model, sizes)) or _penalty(fields) or _rate(fields)
    return Rejected(
        f"the training diverged in round {number}{where}: the weights or losses are no longer finite; {cause}"
    )


def _optimizer(fields: Fields) -> str | None:
    """LBFGS computes the loss several times a step, and believes that it is always the same function."""
    if fields.get("optimizer") != "LBFGS":
        return None
    lacking = {
        "batch_size=None": fields.get("batch_size") is not None,
        "lr_scheduler=''": fields.get("lr_scheduler", "CyclicLR") not in ("", None),
        "line_search_fn='strong_wolfe'": fields.get("line_search_fn") != "strong_wolfe",
    }
    wanted = ", ".join(setting for setting, lacks in lacking.items() if lacks)
    return f"LBFGS needs all rows at every step and finds its own step size: set {wanted}" if wanted else None


def _target(fields: Fields, model: Sequence[Layer], sizes: Mapping[str, float]) -> str | None:
    """A target far from nought makes large losses, and large steps of them."""
    name, size = max(sizes.items(), key=lambda item: item[1])
    if size < _LARGE:
        return None
    if not is_standardised(fields):
        advice = "train with standardise_target=True"
    elif scale_for(model, fields, Scale(1.0, 2.0)) == AS_IT_IS:
        advice = (
            "give it in a larger unit, or have the last layer a Linear without an activation and MSELoss, L1Loss, "
            "HuberLoss or SmoothL1Loss as the criterion: then it is standardised"
        )
    else:
        advice = "look for a value far from all others, or align the project again to have it standardised"
    return f"the targets go up to {size:.3g} at {name!r} as they are trained with: {advice}"


def _penalty(fields: Fields) -> str | None:
    """A penalty that is more than undone by one step grows with every step."""
    weights = {name: float(str(fields.get(name) or 0)) for name in _PENALTIES}
    name, weight = max(weights.items(), key=lambda item: item[1])
    rate = float(str(fields.get("lr") or 0))
    return f"lower {name}, which is {weight:g}, or lower the learning rate" if weight * rate > 1 else None


def _rate(fields: Fields) -> str:
    rate = f" below {fields['lr']}" if fields.get("lr") is not None else ""
    is_raised = fields.get("lr_scheduler", "CyclicLR") in ("CyclicLR", "OneCycleLR") and fields.get("max_lr") is None
    raised = ", which the scheduler raises to ten times that" if is_raised else ""
    own = _OWN_RATES.get(str(fields.get("algorithm")))
    return f"lower the learning rate{rate}{raised}{f', or {own}' if own else ''}"
