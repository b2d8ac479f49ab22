"""A participant's part of a training: its epochs on the weights that it is sent, and the loss of a round's model.

Each round a copy of the global model is trained with a fresh optimizer and scheduler. The loss is the criterion
+ mu/2 |w - w_global|² (FedProx) + l1_lambda |w| + l2_lambda/2 |w|²; what is told is the criterion alone, as a mean per
row, so that training and evaluation compare.
"""

import copy
import logging
import threading
from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from synergos.learning.errors import Cancelled, Rejected
from synergos.learning.network import MISFITS, Network, Objective, Schedule, first_line, optimizer
from synergos.learning.task import Task, misfits, real_number, whole_number
from synergos.participant.rows import Rows, parts

log = logging.getLogger("synergos.sandbox")

Data = tuple[Rows, Tensor]


def try_out(network: Network, task: Task, participant_id: str, data: Data) -> None:
    """See that the network takes the rows and the criterion takes its output, before anything is trained."""
    objective = Objective(task.fields, task.classes)
    objective.check(network)
    rows, target = data[0][:2], data[1][:2]
    width = task.outputs
    with torch.no_grad():
        try:
            output = network.eval()(rows)
        except MISFITS as error:
            size = " x ".join(map(str, rows.shape[1:]))
            raise Rejected(
                f"model: the layers cannot take rows of {size} features, as {participant_id!r} has them: "
                f"{first_line(error)}; "
                "align the project to fit the experiment's layers"
            ) from error
        alone = torch.cat([network(rows[index : index + 1]) for index in range(len(rows))])
        if not torch.allclose(alone, output, rtol=1e-3, atol=1e-5, equal_nan=True):
            raise Rejected("model: the layers make something else of a row alone than of the same row among others")
        if output.shape != (len(rows), width):
            raise Rejected(
                f"model: the layers give each row an output of shape {tuple(output.shape[1:])}, and it must be "
                f"({width},); align the project to fit the experiment's layers"
            )
        with misfits(f"participant {participant_id!r}: training"):
            objective(network, rows, target)
    batch_size = whole_number(task.fields, "batch_size", 2)
    reason = "batch_size is 1: set 2 or more" if batch_size == 1 else "it is all that there is to train with: add rows"
    _try_batch(network, rows[:batch_size], participant_id, reason)


def warn_of_parts(network: Network, task: Task, participant_id: str, data: Data) -> None:
    """Say where a batch in parts is not quite what it is as a whole."""
    rows, _ = data
    size = min(whole_number(task.fields, "batch_size", len(rows)), len(rows))
    count = sum(1 for _ in parts(rows, torch.arange(size)))
    sees_batches = any("BatchNorm" in type(layer).__name__ for layer in network.layers)
    if count > 1 and (sees_batches or "weight" in task.fields):
        log.warning(
            "participant %r: a batch of %d rows is too large to be encoded at once and is taken in %d parts; layers "
            "that normalise over a batch and weights of classes see each part alone: set a smaller batch_size",
            *(participant_id, size, count),
        )


def fit(network: Network, task: Task, data: Data, mu: float, cancelled: threading.Event | None) -> float:
    """Train for the epochs of one round, and return the mean loss per row over the last of them."""
    rows, target = data
    fields, epochs = task.fields, whole_number(task.fields, "epochs", 1)
    size = min(whole_number(fields, "batch_size", len(rows)), len(rows))
    objective = Objective(fields, task.classes)
    penalty = _Penalty(network, mu, real_number(fields, "l1_lambda", 0.0), real_number(fields, "l2_lambda", 0.0))
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    trainer = optimizer(fields, parameters)
    schedule = Schedule(fields, trainer, batches=len(_batches(len(rows), size)), epochs=epochs)
    network.train()
    total = torch.zeros(())
    for _ in range(epochs):
        total = torch.zeros(())
        for batch in _batches(len(rows), size):
            _check_cancelled(cancelled)
            count = len(rows) if batch is None else len(batch)
            losses: list[Tensor] = []

            def closure(batch: Tensor | None = batch, count: int = count, losses: list[Tensor] = losses) -> Tensor:
                _check_cancelled(cancelled)
                trainer.zero_grad()
                shares, wholes = list[Tensor](), list[Tensor]()
                for piece in parts(rows, batch):
                    wanted = target[piece]
                    share = objective(network, rows[piece], wanted)
                    if len(wanted) < count and not objective.sums:
                        share = share * (len(wanted) / count)
                    whole = share if wholes else penalty(share)
                    whole.backward()  # type: ignore[no-untyped-call]
                    shares.append(share.detach())
                    wholes.append(whole.detach())
                losses.append(reduce(torch.add, shares))
                return reduce(torch.add, wholes)

            trainer.step(closure)  # type: ignore[arg-type]
            schedule.batch_done()
            # LBFGS computes several losses a step; the first is that of the weights it began with.
            total += losses[0] * (1 if objective.sums else count)
        schedule.epoch_done(float(total) / len(rows))
    return float(total) / len(rows)


def loss_of(network: Network, task: Task, data: Data) -> float:
    """Evaluate a network: the mean loss per row."""
    rows, target = data
    objective = Objective(task.fields, task.classes)
    network.eval()
    with torch.no_grad(), misfits("evaluation"):
        output = torch.cat([objective.output(network, rows[part]) for part in parts(rows)])
        return float(objective.loss(output, target)) / (len(rows) if objective.sums else 1)


def _try_batch(network: Network, rows: Tensor, participant_id: str, reason: str) -> None:
    """See that the layers can be trained with the smallest batch that there will be.

    Args:
        network: The network to be trained; it is not changed.
        rows: One row if a batch will be a single one, and else two.
        participant_id: Whose rows they are.
        reason: What makes the batch a single row.

    Raises:
        Rejected: A layer cannot take the batch in training.
    """
    trial = copy.deepcopy(network).train()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            trial(rows)
    except MISFITS as error:
        norms = [type(layer).__name__ for layer in network.layers if isinstance(layer, _BatchNorm)]
        if len(rows) == 1 and norms:
            raise Rejected(
                f"participant {participant_id!r}: {norms[0]} cannot train with a batch of a single row, and {reason}, "
                "or take LayerNorm, which sees each row by itself"
            ) from error
        raise Rejected(f"participant {participant_id!r}: training failed: {first_line(error)}") from error


def _check_cancelled(cancelled: threading.Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise Cancelled("the training was cancelled")


class _Penalty:
    """What is added to a criterion's loss: mu/2 |w - w_global|² + l1 |w| + l2/2 |w|²."""

    def __init__(self, network: Network, mu: float, l1: float, l2: float) -> None:
        self.parameters = list(network.parameters())
        self.mu, self.l1, self.l2 = mu, l1, l2
        self.anchors = [parameter.detach().clone() for parameter in self.parameters] if mu else []

    def __call__(self, loss: Tensor) -> Tensor:
        if self.mu:
            distances = zip(self.parameters, self.anchors, strict=True)
            loss = loss + self.mu / 2 * sum((now - then).square().sum() for now, then in distances)
        if self.l1:
            loss = loss + self.l1 * sum(parameter.abs().sum() for parameter in self.parameters)
        if self.l2:
            loss = loss + self.l2 / 2 * sum(parameter.square().sum() for parameter in self.parameters)
        return loss


def _batches(count: int, size: int) -> Sequence[Tensor | None]:
    """Shuffle rows into batches; ``None`` is all rows as they are."""
    if size >= count:
        return [None]
    batches = list(torch.split(torch.randperm(count), size))
    if len(batches[-1]) == 1:
        # Batch normalisation cannot take a single row.
        *batches, beforelast, last = batches
        batches.append(torch.cat([beforelast, last]))
    return batches
