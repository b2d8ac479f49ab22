from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.relations import Relations  # noqa: F401
    from ..models.run_key import RunKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Run(_Record[Any]):
    """A set of hyperparameters to try. Its algorithm, optimizer, criterion and scheduler are never told."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RunKey
    """ What leads to a run. """
    relations: Relations
    """ The records below this one, by their kind. They carry no relations of their own. """
    rounds: int
    """ Rounds of training and aggregation. """
    epochs: int
    """ Passes over its own data that a participant makes in each round. """
    lr: float
    """ Learning rate of the optimizer. """
    lr_decay: float
    """ Decay of the learning rate. """
    weight_decay: float
    """ Weight decay of the optimizer. """
    mu: float
    """ Weight of FedProx's proximal term. """
    l1_lambda: float
    """ Weight of the L1 penalty on the parameters. """
    l2_lambda: float
    """ Weight of the L2 penalty on the parameters. """
    delta: float
    """ Least fall of the loss that counts as an improvement. """
    patience: int
    """ Rounds without an improvement after which the training stops. """
    seed: int
    """ Seed of every random choice. """
    precision_fractional: int
    """ Decimal places kept when values are shared in fixed precision. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    batch_size: int | None = ABSENT
    """ Rows in a batch. Left out, each epoch is one batch of all rows. """
    cumulative_delta: bool | None = ABSENT
    """ Whether `delta` is counted from the last improvement and not from the last round. """
    is_condensed: bool | None = ABSENT
    """ Whether a model of two classes has one output and not two. """
    input_size: int | None = ABSENT
    """ Features that the model takes. """
    output_size: int | None = ABSENT
    """ Values that the model gives. """
    use_clr: bool | None = ABSENT
    """ Whether to cycle the learning rate. """
    reduction: str | None = ABSENT
    """ How the criterion reduces the losses of a batch. """
    dampening: float | None = ABSENT
    """ Dampening of SGD's momentum. """
    base_lr: float | None = ABSENT
    """ Lower bound of CyclicLR. """
    max_lr: float | None = ABSENT
    """ Upper bound of CyclicLR. """
    step_size_up: int | None = ABSENT
    """ Batches in the rising half of CyclicLR's cycle. """
    step_size_down: int | None = ABSENT
    """ Batches in the falling half of CyclicLR's cycle. """
    mode: str | None = ABSENT
    """ Shape of CyclicLR's cycle. """
    gamma: float | None = ABSENT
    """ Factor of the decay of schedulers that have one; of CyclicLR in the mode `exp_range`. """
    scale_mode: str | None = ABSENT
    """ What CyclicLR's scaling counts. """
    cycle_momentum: bool | None = ABSENT
    """ Whether CyclicLR cycles the momentum against the learning rate. """
    base_momentum: float | None = ABSENT
    """ Lower bound of the momentum in CyclicLR. """
    max_momentum: float | None = ABSENT
    """ Upper bound of the momentum in CyclicLR. """
    last_epoch: int | None = ABSENT
    """ Index of the last epoch when a schedule is taken up again. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("RunKey"), is_always=True),
        "relations": Wire("relations", one("Relations"), is_always=True),
        "rounds": Wire("rounds", is_always=True),
        "epochs": Wire("epochs", is_always=True),
        "lr": Wire("lr", is_always=True),
        "lr_decay": Wire("lr_decay", is_always=True),
        "weight_decay": Wire("weight_decay", is_always=True),
        "mu": Wire("mu", is_always=True),
        "l1_lambda": Wire("l1_lambda", is_always=True),
        "l2_lambda": Wire("l2_lambda", is_always=True),
        "delta": Wire("delta", is_always=True),
        "patience": Wire("patience", is_always=True),
        "seed": Wire("seed", is_always=True),
        "precision_fractional": Wire("precision_fractional", is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "batch_size": Wire("batch_size", is_none=True),
        "cumulative_delta": Wire("cumulative_delta", is_none=True),
        "is_condensed": Wire("is_condensed", is_none=True),
        "input_size": Wire("input_size", is_none=True),
        "output_size": Wire("output_size", is_none=True),
        "use_clr": Wire("use_CLR", is_none=True),
        "reduction": Wire("reduction", is_none=True),
        "dampening": Wire("dampening", is_none=True),
        "base_lr": Wire("base_lr", is_none=True),
        "max_lr": Wire("max_lr", is_none=True),
        "step_size_up": Wire("step_size_up", is_none=True),
        "step_size_down": Wire("step_size_down", is_none=True),
        "mode": Wire("mode", is_none=True),
        "gamma": Wire("gamma", is_none=True),
        "scale_mode": Wire("scale_mode", is_none=True),
        "cycle_momentum": Wire("cycle_momentum", is_none=True),
        "base_momentum": Wire("base_momentum", is_none=True),
        "max_momentum": Wire("max_momentum", is_none=True),
        "last_epoch": Wire("last_epoch", is_none=True),
    }
