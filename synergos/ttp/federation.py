"""Federated rounds by Flower, in this process.

Flower's strategies decide who trains and how the replies become one model; a :class:`LocalGrid` hands their messages
to the participants' :class:`~flwr.clientapp.ClientApp` one after the other and collects the replies. A message carries
all that a participant needs but its data (layers, run, weights), so the same ClientApp can run on Flower's SuperNodes.

Each round a participant trains a copy of the global model with a fresh optimizer and scheduler. Its loss is the
criterion + mu/2 |w - w_global|² (FedProx) + l1_lambda |w| + l2_lambda/2 |w|²; the histories hold the criterion alone,
as a mean per row, so that training and evaluation compare. Early stopping watches the evaluation loss: ``patience``
rounds without an improvement of more than ``delta``. The model of the last round is the result, not the best one.

Two rounds of one seed are equal to the last bit, and the process's own random numbers go on as if nothing had been.
"""

import inspect
import json
import logging
import math
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import NoReturn, Self, cast

# Flower reads these when it is imported.
os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")
os.environ.setdefault("FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION", "1")

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Error, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, exception, strategy
from flwr.serverapp.strategy import Strategy
from torch import Tensor, nn

from synergos.learning import bounds
from synergos.learning.divergence import diverged, try_batch
from synergos.learning.errors import Cancelled, Rejected, SandboxError, unknown
from synergos.learning.network import (
    MISFITS,
    Fields,
    Layer,
    Network,
    Objective,
    Schedule,
    first_line,
    optimizer,
    single_thread,
)
from synergos.learning.target import is_standardised
from synergos.participant.rows import Rows, parts

try:
    from flwr.supercore.task_identity import TaskIdentity
except ImportError:  # Flower had no such thing before 1.38, and may have none again.
    pass
else:
    # A message cannot be made without knowing who makes it; here it is always the one server.
    TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = 1, 1, 1

log = logging.getLogger("synergos.sandbox")

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

State = dict[str, Tensor]
Data = tuple[Rows, Tensor]
Replies = dict[str, Message]


@dataclass(frozen=True)
class Site:
    """What a participant trains and evaluates with: features or images, one per row, and targets."""

    participant_id: str
    train: Data
    evaluate: Data | None = None


@dataclass(frozen=True)
class Task:
    """What is to be trained.

    Attributes:
        model: The fitted layers.
        fields: The run's fields.
        classes: How many classes there are; 0 for a regression.
    """

    model: Sequence[Layer]
    fields: Fields
    classes: int

    def dumps(self) -> str:
        """Write the task as a message can carry it."""
        return json.dumps([list(self.model), dict(self.fields), self.classes])

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what :meth:`dumps` wrote."""
        return cls(*json.loads(text))

    @property
    def seed(self) -> int:
        """The seed of all random numbers; 0 unless the run has one."""
        return _whole(self.fields, "seed", 0)

    def network(self) -> Network:
        """Build the network with the weights that the seed gives it."""
        with _seeded(self.seed):
            return Network(self.model)


@dataclass(frozen=True)
class RoundReport:
    """How one round went.

    Attributes:
        number: Which one it was, from 1.
        rounds: How many there are to be.
        train_loss: Mean loss per row over the participants that trained.
        evaluate_loss: Mean loss per row over the participants that evaluate; ``None`` when nobody does.
        local_losses: Training loss by participant.
        stopped: Whether the training stops early after this round.
        weights: Gives the model as it is after this round.
    """

    number: int
    rounds: int
    train_loss: float
    evaluate_loss: float | None
    local_losses: Mapping[str, float]
    stopped: bool
    weights: Callable[[], State]


@dataclass
class Outcome:
    """What a training leaves: weights, and losses by round."""

    weights: State
    local_weights: dict[str, State] = field(default_factory=dict)
    train_losses: dict[int, float] = field(default_factory=dict)
    evaluate_losses: dict[int, float] = field(default_factory=dict)
    local_losses: dict[str, dict[int, float]] = field(default_factory=dict)


class LocalGrid(Grid):
    """A grid whose nodes are called in this process, in the order of their ids.

    Args:
        app: What every node runs.
        contexts: The nodes' contexts by node id.
    """

    def __init__(self, app: ClientApp, contexts: Mapping[int, Context]) -> None:
        self._app = app
        self._contexts = contexts

    def get_node_ids(self) -> list[int]:
        """Return the ids of all nodes."""
        return sorted(self._contexts)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> list[Message]:
        """Hand each message to its node and return the replies, sorted by node; failures are error replies."""
        return [self._reply(message) for message in sorted(messages, key=lambda one: one.metadata.dst_node_id)]

    def _reply(self, message: Message) -> Message:
        try:
            return self._app(message, self._contexts[message.metadata.dst_node_id])
        except Cancelled:
            raise
        except Exception as error:
            log.debug("a participant failed", exc_info=True)
            status = error.status if isinstance(error, SandboxError) else SandboxError.status
            return Message(Error(code=status, reason=first_line(error)), reply_to=message)

    def _unused(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("a grid in one process only sends and receives")

    set_run = create_message = push_messages = pull_messages = _unused
    run = property(_unused)


def check_run(fields: Fields, classes: int = 3) -> None:
    """Find what is wrong with a run's fields before there is data.

    Args:
        fields: The run's fields.
        classes: How many classes to assume.

    Raises:
        Rejected: A name is unknown, a number is out of range, or torch or Flower cannot take a keyword argument.
    """
    for name in ("rounds", "epochs", "batch_size"):
        if fields.get(name) is not None and _whole(fields, name, 1) < 1:
            raise Rejected(f"{name} is {fields[name]}, and must be 1 or more")
    for name in ("mu", "l1_lambda", "l2_lambda", "delta", "patience"):
        if _number(fields, name, 0.0) < 0:
            raise Rejected(f"{name} is {fields[name]}, and must not be negative")
    if not -(2**63) <= _whole(fields, "seed", 0) < 2**63:
        raise Rejected(f"seed is {fields['seed']}, and must fit into 64 bits")
    bounds.check_run(fields)
    is_standardised(fields)
    build_strategy(fields)
    Objective(fields, classes)
    weight = nn.Parameter(torch.ones(2, 2))
    subject = optimizer(fields, [weight])
    schedule = Schedule(fields, subject, batches=1, epochs=_whole(fields, "epochs", 1))

    def closure() -> Tensor:
        loss = weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with _misfits("optimizer and lr_scheduler: a first step with them"):
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
        arguments.setdefault("client_learning_rate", _number(fields, "lr", _DEFAULT_RATE))
    if "proximal_mu" in known:
        arguments["proximal_mu"] = _number(fields, "mu", _DEFAULT_MU)
    arguments |= {key: value for key, value in _RESERVED.items() if key in known}
    try:
        with _quiet_flower():
            return cast(Callable[..., Strategy], cls)(**arguments)
    except MISFITS as error:
        raise Rejected(f"algorithm {name!r} cannot be built: {first_line(error)}") from error


@single_thread()
def federate(
    sites: Sequence[Site],
    task: Task,
    *,
    on_round: Callable[[RoundReport], bool | None] | None = None,
    cancelled: threading.Event | None = None,
) -> Outcome:
    """Train one model over all participants.

    Args:
        sites: The participants, in order; those without evaluation data train and do not evaluate.
        task: What to train.
        on_round: Called after every round; the training ends after this round when it returns True.
        cancelled: Looked at before every batch.

    Returns:
        The weights and losses.

    Raises:
        Rejected: The layers, criterion or algorithm do not suit the data, or the training diverges.
        Cancelled: ``cancelled`` was set.
        SandboxError: A participant failed.
    """
    fields, rounds = task.fields, _whole(task.fields, "rounds", 1)
    network, aggregator, patience = task.network(), build_strategy(fields), _Patience(fields)
    for site in sites:
        _try_out(network, task, site)
        _warn_of_parts(network, task, site)
    nodes = dict(enumerate(sites, start=1))
    contexts = {node: _context(node, site) for node, site in nodes.items()}
    app = client_app(lambda context: nodes[context.node_id], cancelled)
    training = LocalGrid(app, contexts)
    evaluating = LocalGrid(app, {node: contexts[node] for node, site in nodes.items() if site.evaluate})

    arrays = _pack(network)
    outcome = Outcome(weights={}, local_losses={site.participant_id: {} for site in sites})
    local_arrays: dict[str, dict[str, Array]] = {}
    for number in range(1, rounds + 1):
        with _quiet_flower():
            replies = _train_round(aggregator, number, arrays, task, training, nodes)
            # Some strategies empty the replies that they aggregate.
            local_arrays |= {name: dict(reply.content.array_records["arrays"]) for name, reply in replies.items()}
            strayed = [name for name, reply in replies.items() if not _is_finite(reply.content)]
            if not strayed:
                arrays, train_loss = _aggregate(aggregator, number, replies, network)
            if strayed or not _is_finite(RecordDict({"arrays": arrays})):
                targets = None if task.classes else {site.participant_id: site.train[1] for site in sites}
                raise diverged(number, fields, task.model, targets, strayed)
            evaluate_loss = _evaluate_round(aggregator, number, arrays, task, evaluating, nodes)
        losses = {name: _loss(reply.content.metric_records["metrics"]) for name, reply in replies.items()}
        outcome.train_losses[number] = train_loss
        for name, loss in losses.items():
            outcome.local_losses[name][number] = loss
        if evaluate_loss is not None:
            outcome.evaluate_losses[number] = evaluate_loss

        stopped = number < rounds and patience.exhausted(evaluate_loss)
        shown = "none" if evaluate_loss is None else f"{evaluate_loss:.4f}"
        log.info("round %d of %d: train loss %.4f, evaluate loss %s", number, rounds, train_loss, shown)
        if stopped:
            log.info("no improvement for %d rounds: stopped early", patience.patience)
        weights = partial(_unpack, arrays, network)
        report = RoundReport(number, rounds, train_loss, evaluate_loss, losses, stopped, weights)
        if (on_round is not None and on_round(report)) or stopped:
            break

    outcome.weights = _unpack(arrays, network)
    outcome.local_weights = {name: _unpack(ArrayRecord(local), network) for name, local in local_arrays.items()}
    return outcome


def client_app(site_of: Callable[[Context], Site], cancelled: threading.Event | None = None) -> ClientApp:
    """Make what every participant runs.

    Args:
        site_of: Finds the participant's data; in its context, ``node_config`` says whose they are.
        cancelled: Looked at before every batch, where it can be.

    Returns:
        An app that trains and evaluates.
    """
    app = ClientApp()

    # Made once and given the weights of each message: making one takes as long as training a small one.
    @lru_cache(maxsize=1)
    def empty(task: str) -> Network:
        # Without memory of its own, so that no weights are drawn that the message's take the place of.
        with torch.device("meta"):
            return Network(_loads(task).model)

    def network_of(message: Message) -> Network:
        network = empty(_task_as_sent(message))
        network.load_state_dict(_unpack(message.content.array_records["arrays"], network), assign=True)
        return network

    @app.train()
    def train(message: Message, context: Context) -> Message:
        site, task, network = site_of(context), _task(message), network_of(message)
        config = message.content.config_records["config"]
        number = cast(int, config["server-round"])
        seed = hash((task.seed, number, context.node_id)) % 2**63
        with _seeded(seed), _misfits("training"):
            loss = _fit(network, task, site.train, float(cast(float, config.get("proximal-mu", 0.0))), cancelled)
        metrics = MetricRecord({"loss": loss, "rows": len(site.train[0])})
        return Message(RecordDict({"arrays": _pack(network), "metrics": metrics}), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        site, task, network = site_of(context), _task(message), network_of(message)
        rows, target = cast(Data, site.evaluate)
        objective = Objective(task.fields, task.classes)
        network.eval()
        with torch.no_grad(), _misfits("evaluation"):
            output = torch.cat([objective.output(network, rows[part]) for part in parts(rows)])
            loss = float(objective.loss(output, target)) / (len(rows) if objective.sums else 1)
        metrics = MetricRecord({"loss": loss, "rows": len(rows)})
        return Message(RecordDict({"metrics": metrics}), reply_to=message)

    return app


def _fit(network: Network, task: Task, data: Data, mu: float, cancelled: threading.Event | None) -> float:
    """Train for the epochs of one round, and return the mean loss per row over the last of them."""
    rows, target = data
    fields, epochs = task.fields, _whole(task.fields, "epochs", 1)
    size = min(_whole(fields, "batch_size", len(rows)), len(rows))
    objective = Objective(fields, task.classes)
    penalty = _Penalty(network, mu, _number(fields, "l1_lambda", 0.0), _number(fields, "l2_lambda", 0.0))
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
                loss, whole = torch.zeros(()), torch.zeros(())
                for number, piece in enumerate(parts(rows, batch)):
                    wanted = target[piece]
                    share = objective(network, rows[piece], wanted) * (1 if objective.sums else len(wanted) / count)
                    penalised = share if number else penalty(share)
                    penalised.backward()  # type: ignore[no-untyped-call]
                    loss, whole = loss + share.detach(), whole + penalised.detach()
                losses.append(loss)
                return whole

            trainer.step(closure)  # type: ignore[arg-type]
            schedule.batch_done()
            # LBFGS computes several losses a step; the first is that of the weights it began with.
            total += losses[0] * (1 if objective.sums else count)
        schedule.epoch_done(float(total) / len(rows))
    return float(total) / len(rows)


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


class _Patience:
    """Counts rounds without improvement; never exhausted unless the run has a patience above 0."""

    def __init__(self, fields: Fields) -> None:
        self.patience = _whole(fields, "patience", 0)
        self.delta = _number(fields, "delta", 0.0)
        self.cumulative = bool(fields.get("cumulative_delta"))
        self.best: float | None = None
        self.waited = 0

    def exhausted(self, loss: float | None) -> bool:
        """Count one round and tell whether it was one too many."""
        if loss is None or not self.patience:
            return False
        if self.best is None or loss < self.best - self.delta:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
            # A cumulative delta counts from the last real improvement, any other from the best loss so far.
            if not self.cumulative:
                self.best = min(self.best, loss)
        return self.waited >= self.patience


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


def _try_out(network: Network, task: Task, site: Site) -> None:
    """See that the network takes the rows and the criterion takes its output, before anything is trained."""
    objective = Objective(task.fields, task.classes)
    objective.check(network)
    rows, target = site.train[0][:2], site.train[1][:2]
    width = task.classes if task.classes > 2 else 1
    with torch.no_grad():
        try:
            output = network.eval()(rows)
        except MISFITS as error:
            size = " x ".join(map(str, rows.shape[1:]))
            raise Rejected(
                f"model: the layers cannot take rows of {size} features, as {site.participant_id!r} has them: "
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
        with _misfits(f"participant {site.participant_id!r}: training"):
            objective(network, rows, target)
    batch_size = _whole(task.fields, "batch_size", 2)
    reason = "batch_size is 1: set 2 or more" if batch_size == 1 else "it is all that there is to train with: add rows"
    try_batch(network, rows[:batch_size], site.participant_id, reason)


def _warn_of_parts(network: Network, task: Task, site: Site) -> None:
    """Say where a batch in parts is not quite what it is as a whole."""
    rows, _ = site.train
    size = min(_whole(task.fields, "batch_size", len(rows)), len(rows))
    count = sum(1 for _ in parts(rows, torch.arange(size)))
    sees_batches = any("BatchNorm" in type(layer).__name__ for layer in network.layers)
    if count > 1 and (sees_batches or "weight" in task.fields):
        log.warning(
            "participant %r: a batch of %d rows is too large to be encoded at once and is taken in %d parts; layers "
            "that normalise over a batch and weights of classes see each part alone: set a smaller batch_size",
            *(site.participant_id, size, count),
        )


def _train_round(
    aggregator: Strategy, number: int, arrays: ArrayRecord, task: Task, grid: LocalGrid, nodes: Mapping[int, Site]
) -> Replies:
    """Have participants train, and return their replies by name."""
    with _repeatable(task.seed + number):
        messages = aggregator.configure_train(number, arrays, _config(task), grid)
    return _checked(grid.send_and_receive(messages), nodes)


def _evaluate_round(
    aggregator: Strategy, number: int, arrays: ArrayRecord, task: Task, grid: LocalGrid, nodes: Mapping[int, Site]
) -> float | None:
    """Have participants evaluate, and return their mean loss; ``None`` if nobody does."""
    if not grid.get_node_ids():
        return None
    with _repeatable(task.seed + number):
        messages = aggregator.configure_evaluate(number, arrays, _config(task), grid)
    replies = _checked(grid.send_and_receive(messages), nodes)
    return _loss(cast(MetricRecord, aggregator.aggregate_evaluate(number, list(replies.values()))))


def _aggregate(aggregator: Strategy, number: int, replies: Replies, network: Network) -> tuple[ArrayRecord, float]:
    """Make one model of the participants' models, and one loss of their losses."""
    name, messages = type(aggregator).__name__, list(replies.values())
    buffers = _average_buffers(network, messages) if hasattr(aggregator, "current_arrays") else {}
    try:
        arrays, metrics = aggregator.aggregate_train(number, messages)
    except (exception.AggregationError, exception.InconsistentMessageReplies, *MISFITS) as error:
        raise Rejected(f"algorithm {name!r} cannot aggregate round {number}: {first_line(error)}") from error
    if arrays is None or metrics is None:
        least = "; it needs at least 4 num_malicious_nodes + 3" if name == "Bulyan" else ""
        raise Rejected(f"algorithm {name!r} cannot aggregate the models of {len(replies)} participants{least}")
    arrays.update(buffers)
    return arrays, _loss(metrics)


def _average_buffers(network: Network, messages: Sequence[Message]) -> dict[str, Array]:
    """Average what is no parameter: a strategy with an optimizer of its own would take a variance below nought."""
    counts = [float(cast(int, message.content.metric_records["metrics"]["rows"])) for message in messages]
    locals_ = [message.content.array_records["arrays"] for message in messages]
    return {
        key: Array(np.asarray(np.average([arrays[key].numpy() for arrays in locals_], axis=0, weights=counts)))
        for key, _ in network.named_buffers()
    }


def _checked(messages: Sequence[Message], nodes: Mapping[int, Site]) -> Replies:
    """Raise what a participant replied that it failed with; Flower itself would go on without it."""
    replies = {nodes[message.metadata.src_node_id].participant_id: message for message in messages}
    for name, reply in replies.items():
        if reply.has_error():
            kind = Rejected if reply.error.code == Rejected.status else SandboxError
            raise kind(f"participant {name!r}: {reply.error.reason}")
    return replies


def _is_finite(content: RecordDict) -> bool:
    """See that all weights and losses of a message are finite."""
    arrays = (array.numpy() for record in content.array_records.values() for array in record.values())
    losses = (_loss(record) for record in content.metric_records.values())
    return all(map(math.isfinite, losses)) and all(np.isfinite(array).all() for array in arrays)


def _config(task: Task) -> ConfigRecord:
    return ConfigRecord({"task": task.dumps()})


def _context(node: int, site: Site) -> Context:
    return Context(
        run_id=1,
        node_id=node,
        node_config={"participant-id": site.participant_id},
        state=RecordDict(),
        run_config={},
    )


def _task(message: Message) -> Task:
    return _loads(_task_as_sent(message))


def _task_as_sent(message: Message) -> str:
    return cast(str, message.content.config_records["config"]["task"])


_loads = lru_cache(maxsize=8)(Task.loads)


def _pack(network: Network) -> ArrayRecord:
    """Write the weights as floats throughout: a strategy cannot average integers in place."""
    return ArrayRecord({name: tensor.detach().float() for name, tensor in network.state_dict().items()})


def _unpack(arrays: ArrayRecord, network: Network) -> State:
    """Read weights, each of the type that the network has it in."""
    own = network.state_dict()
    return {name: tensor.to(own[name].dtype) for name, tensor in arrays.to_torch_state_dict().items()}


def _loss(metrics: MetricRecord) -> float:
    return float(cast(float, metrics["loss"]))


def _whole(fields: Fields, name: str, default: int) -> int:
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise Rejected(f"{name} is {value!r}, and must be a whole number")
    return value


def _number(fields: Fields, name: str, default: float) -> float:
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(f"{name} is {value!r}, and must be a number")
    try:
        return float(value)
    except OverflowError as error:
        raise Rejected(f"{name} is too large a number") from error


@contextmanager
def _misfits(what: str) -> Iterator[None]:
    """Turn torch's complaints about tensors into rejections."""
    try:
        yield
    except SandboxError:
        raise
    except MISFITS as error:
        raise Rejected(f"{what} failed: {first_line(error)}") from error


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed torch, and give it back its random state afterwards."""
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed, which looks for devices at every call and takes its time over it.
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """Seed Python's random numbers, by which Flower samples nodes, and restore them afterwards."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


class _Quiet(logging.Filter):
    """Drops what Flower logs in threads that federate here: its own handler prints to the terminal."""

    active = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self.active, "on", False)


logging.getLogger("flwr").addFilter(_Quiet())


@contextmanager
def _quiet_flower() -> Iterator[None]:
    before, _Quiet.active.on = getattr(_Quiet.active, "on", False), True
    try:
        yield
    finally:
        _Quiet.active.on = before
