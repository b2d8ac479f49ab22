"""The strategies of Flower by name, and whether a run's fields are any that can be trained with."""

import inspect
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import torch
from flwr.serverapp import strategy
from flwr.serverapp.strategy import Strategy
from torch import Tensor, nn

from synergos.learning import bounds
from synergos.learning.errors import Rejected, unknown
from synergos.learning.network import MISFITS, Fields, Objective, Schedule, first_line, optimizer
from synergos.learning.signature import chosen
from synergos.learning.target import is_standardised
from synergos.learning.task import misfits, real_number, whole_number

ALGORITHMS = [
    "FedAvg",
    "FedProx",
    "FedAdam",
    "FedYogi",
    "FedAdagrad",
    "FedAvgM",
    "FedMedian",
    "FedTrimmedAvg",
    "Krum",
    "MultiKrum",
    "Bulyan",
    "QFedAvg",
]
_NOT_IN_THE_SANDBOX = ("FedGKT", "FedSplit")
_DEFAULT_MU = 0.1
_DEFAULT_RATE = 0.001

# What strategies take that is not for a run to set: Flower waits for ever for nodes that are not there.
_RESERVED = {
    "min_train_nodes": 1,
    "min_evaluate_nodes": 1,
    "min_available_nodes": 1,
    "weighted_by_key": "rows",
    "train_loss_key": "loss",
    "arrayrecord_key": "arrays",
    "configrecord_key": "config",
    "train_metrics_aggr_fn": None,
    "evaluate_metrics_aggr_fn": None,
    "selection_rule": None,
}


def check_run(fields: Fields, classes: int = 3) -> None:
    """Find what is wrong with a run's fields before there is data.

    Args:
        fields: The run's fields.
        classes: How many classes to assume.

    Raises:
        Rejected: A name is unknown, a number is out of range, or torch or Flower cannot take a keyword argument.
    """
    for name in ("rounds", "epochs", "batch_size"):
        if fields.get(name) is not None and whole_number(fields, name, 1) < 1:
            raise Rejected(f"{name} is {fields[name]}, and must be 1 or more")
    for name in ("mu", "l1_lambda", "l2_lambda", "delta", "patience"):
        if real_number(fields, name, 0.0) < 0:
            raise Rejected(f"{name} is {fields[name]}, and must not be negative")
    if not -(2**63) <= whole_number(fields, "seed", 0) < 2**63:
        raise Rejected(f"seed is {fields['seed']}, and must fit into 64 bits")
    bounds.check_run(fields)
    is_standardised(fields)
    chosen(fields)
    build_strategy(fields)
    Objective(fields, classes)
    weight = nn.Parameter(torch.ones(2, 2))
    subject = optimizer(fields, [weight])
    schedule = Schedule(fields, subject, batches=1, epochs=whole_number(fields, "epochs", 1))

    def closure() -> Tensor:
        loss = weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with misfits("optimizer and lr_scheduler: a first step with them"):
        subject.step(closure)  # type: ignore[arg-type]
        schedule.batch_done()
        schedule.epoch_done(0.0)


def build_strategy(fields: Fields) -> Strategy:
    """Build the strategy of Flower that a run names as its algorithm; FedProx by default.

    Args:
        fields: The run's fields; ``algorithm`` and whatever its class takes, such as ``eta`` and ``beta_1``. FedProx
            takes ``mu`` (0.1 by default), QFedAvg's ``client_learning_rate`` is ``lr`` unless given.

    Returns:
        The strategy.

    Raises:
        Rejected: The algorithm is unknown or not among those the sandbox has, or cannot be built of these fields.
    """
    name = str(fields.get("algorithm") or "FedProx")
    if name in _NOT_IN_THE_SANDBOX or "snn" in name.casefold() or fields.get("is_snn"):
        which = "is_snn" if name in ALGORITHMS else f"algorithm {name!r}"
        raise Rejected(f"{which}: the sandbox does not have it; known algorithms: {', '.join(ALGORITHMS)}")
    if name not in ALGORITHMS:
        raise unknown("algorithm", name, ALGORITHMS)
    cls = cast(type[Strategy], getattr(strategy, name))
    known = inspect.signature(cls).parameters
    arguments = {key: value for key, value in fields.items() if key in known and value is not None}
    for key, value in arguments.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Rejected(f"{key} is {value!r}, and {name} takes a number")
        if key.startswith("fraction_") and not 0 < value <= 1:
            raise Rejected(f"{key} is {value}, and must be above 0 and at most 1")
    if "client_learning_rate" in known:
        arguments.setdefault("client_learning_rate", real_number(fields, "lr", _DEFAULT_RATE))
    if "proximal_mu" in known:
        arguments["proximal_mu"] = real_number(fields, "mu", _DEFAULT_MU)
    arguments |= {key: value for key, value in _RESERVED.items() if key in known}
    try:
        with quiet_flower():
            return cast(Callable[..., Strategy], cls)(**arguments)
    except MISFITS as error:
        raise Rejected(f"algorithm {name!r} cannot be built: {first_line(error)}") from error


class _Quiet(logging.Filter):
    """Drops what Flower logs in threads that federate here: its own handler prints to the terminal."""

    active = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self.active, "on", False)


logging.getLogger("flwr").addFilter(_Quiet())


@contextmanager
def quiet_flower() -> Iterator[None]:
    """Keep Flower from telling the terminal what is done meanwhile."""
    before, _Quiet.active.on = getattr(_Quiet.active, "on", False), True
    try:
        yield
    finally:
        _Quiet.active.on = before
