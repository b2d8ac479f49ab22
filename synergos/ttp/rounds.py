"""Federated rounds by Flower.

Flower's strategies decide who trains and how the replies become one model; a grid takes their messages to the
participants, each of whom runs a :class:`~flwr.clientapp.ClientApp`. Which grid it is, one in this process or another,
makes no difference to the numbers: replies are ordered, and random numbers seeded, by the participants' places.

A round is one message to each participant: the evaluation of the last global model rides with the next training, and
after the last round it is asked for alone. So when it turns out that a training ends early, the next round is trained
already: what came of it is dropped, and nobody sees it. A round is reported when its evaluation is known.

The histories hold the criterion alone, as a mean per row, so that training and evaluation compare. Early stopping
watches the evaluation loss: ``patience`` rounds without an improvement of more than ``delta``. The model of the last
round is the result; beside it there is that of the round with the lowest evaluation loss, the first of several.

Two rounds of one seed are equal to the last bit, and the process's own random numbers go on as if nothing had been.
"""

import logging
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn, cast

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, Message, MetricRecord
from flwr.serverapp import Grid, exception
from flwr.serverapp.strategy import Strategy

from synergos.learning.alignment import Alignment
from synergos.learning.divergence import diverged
from synergos.learning.errors import Rejected, SandboxError
from synergos.learning.messages import combined, config, evaluation_of, is_whole, pack
from synergos.learning.network import MISFITS, Fields, Network, first_line, single_thread
from synergos.learning.party import Dataset
from synergos.learning.tables import EVALUATION
from synergos.learning.task import State, Task, fitting, real_number, whole_number
from synergos.ttp.checkpoint import Checkpoint, arrays_of, gathered, give_back, tensors_of
from synergos.ttp.strategies import build_strategy, quiet_flower

log = logging.getLogger("synergos.sandbox")

Replies = dict[str, Message]


@dataclass(frozen=True)
class Node:
    """A participant of a training, in its place among all.

    Attributes:
        participant_id: Who it is.
        node_id: What it is called on the grid.
        dataset: Which of its data to train and evaluate with; without tags to evaluate with, it trains alone.
    """

    participant_id: str
    node_id: int
    dataset: Dataset

    @property
    def evaluates(self) -> bool:
        """Whether it has anything to evaluate with."""
        return bool(self.dataset.tags.get(EVALUATION))


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
    """What a training leaves: weights, those of the round with the lowest evaluation loss too, and losses by round."""

    weights: State
    best_weights: State | None = None
    best_round: int | None = None
    local_weights: dict[str, State] = field(default_factory=dict)
    train_losses: dict[int, float] = field(default_factory=dict)
    evaluate_losses: dict[int, float] = field(default_factory=dict)
    local_losses: dict[str, dict[int, float]] = field(default_factory=dict)


# What of an outcome there is after each round.
_GOES_ON = ("best_weights", "best_round", "train_losses", "evaluate_losses", "local_losses")


class Roster(Grid):
    """Some nodes of a grid in their order, for strategies to choose from.

    Args:
        node_ids: The nodes.
    """

    def __init__(self, node_ids: Sequence[int]) -> None:
        self._node_ids = node_ids

    def get_node_ids(self) -> list[int]:
        """Return the ids of the nodes."""
        return list(self._node_ids)

    def _unused(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("strategies only choose from these nodes")

    set_run = create_message = push_messages = pull_messages = send_and_receive = _unused
    run = property(_unused)


@single_thread()
def federate(
    grid: Grid,
    nodes: Sequence[Node],
    task: Task,
    alignment: Alignment,
    *,
    largest: Mapping[str, float] | None = None,
    on_round: Callable[[RoundReport], bool | None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Train one model over all participants.

    Args:
        grid: What takes messages to the nodes.
        nodes: The participants, in order.
        task: What to train.
        alignment: What the participants agree on.
        largest: The largest target of each in a regression, as it is trained with; ``None`` for classes.
        on_round: Called after every round; the training ends after this round when it returns True.
        checkpoint: Where the training goes on, if it was begun, and what keeps how far it is.

    Returns:
        The weights and losses.

    Raises:
        Rejected: The layers, criterion or algorithm do not suit the data, or the training diverges.
        Cancelled: A participant was told to stop.
        SandboxError: A participant failed.
    """
    fields, rounds = task.fields, whole_number(task.fields, "rounds", 1)
    network, aggregator, patience = task.network(), build_strategy(fields), _Patience(fields)
    crew = _Crew(grid, nodes, task, alignment)
    arrays = pack(network.state_dict())
    weights = tensors_of(arrays)
    outcome = Outcome(weights={}, local_losses={node.participant_id: {} for node in nodes})
    local_weights: dict[str, State] = {}
    done, stopped = 0, False
    if checkpoint is not None and (state := checkpoint.load()):
        done, stopped, weights, local_weights = (state[one] for one in ("round", "stopped", "arrays", "local_arrays"))
        arrays = arrays_of(weights)
        outcome = Outcome({}, **state["outcome"])
        give_back(aggregator, state["strategy"])
        patience.best, patience.waited = state["patience"]
        log.info("going on after round %d of %d", done, rounds)
    for number in () if stopped else range(done + 1, rounds + 1):
        with quiet_flower():
            replies = crew.train(aggregator, number, arrays)
            losses = {name: _loss(reply.content.metric_records["metrics"]) for name, reply in replies.items()}
            # Some strategies empty the replies that they aggregate.
            trained = {name: tensors_of(reply.content.array_records["arrays"]) for name, reply in replies.items()}
            strayed = [name for name, one in trained.items() if not (math.isfinite(losses[name]) and _is_finite(one))]
            if not strayed:
                arrays, train_loss = _aggregate(aggregator, number, replies, network)
                weights = tensors_of(arrays)
            if strayed or not _is_finite(weights):
                raise diverged(number, fields, task.model, largest, strayed)
            local_weights |= trained
            evaluate_loss = crew.evaluate(aggregator, number, arrays, goes_on=number < rounds)
        outcome.train_losses[number] = train_loss
        for name, loss in losses.items():
            outcome.local_losses[name][number] = loss
        if evaluate_loss is not None:
            lowest = min(filter(math.isfinite, outcome.evaluate_losses.values()), default=math.inf)
            if outcome.best_round is None or evaluate_loss < lowest:
                outcome.best_weights, outcome.best_round = fitting(weights, network), number
            outcome.evaluate_losses[number] = evaluate_loss

        stopped = number < rounds and patience.exhausted(evaluate_loss)
        shown = "none" if evaluate_loss is None else f"{evaluate_loss:.4f}"
        log.info("round %d of %d: train loss %.4f, evaluate loss %s", number, rounds, train_loss, shown)
        if stopped:
            log.info("no improvement for %d rounds: stopped early", patience.patience)
        if checkpoint is not None:
            checkpoint.save(
                {
                    "round": number,
                    "stopped": stopped,
                    "arrays": weights,
                    "local_arrays": local_weights,
                    "outcome": {name: getattr(outcome, name) for name in _GOES_ON},
                    "strategy": gathered(aggregator),
                    "patience": (patience.best, patience.waited),
                }
            )
        given = partial(fitting, weights, network)
        report = RoundReport(number, rounds, train_loss, evaluate_loss, losses, stopped, given)
        if (on_round is not None and on_round(report)) or stopped:
            break

    outcome.weights = fitting(weights, network)
    outcome.local_weights = {name: fitting(one, network) for name, one in local_weights.items()}
    return outcome


class _Crew:
    """The participants of one training, reached over a grid."""

    def __init__(self, grid: Grid, nodes: Sequence[Node], task: Task, alignment: Alignment) -> None:
        self._grid = grid
        self._task = task
        self._config = config(task, alignment)
        self._places = {node.node_id: (place, node) for place, node in enumerate(nodes, start=1)}
        self._all = Roster([node.node_id for node in nodes])
        self._evaluating = Roster([node.node_id for node in nodes if node.evaluates])
        self._ahead: Replies = {}

    def train(self, aggregator: Strategy, number: int, arrays: ArrayRecord) -> Replies:
        """Have participants train, unless they have, and return their replies by name, in the order of their places."""
        replies = self._ahead or self._ask(self._trainings(aggregator, number, arrays), [])[0]
        self._ahead = {}
        return _sound(replies)

    def evaluate(self, aggregator: Strategy, number: int, arrays: ArrayRecord, *, goes_on: bool) -> float | None:
        """Have participants evaluate, and where it goes on, train for the next round by the same message.

        Returns:
            Their mean loss; ``None`` if nobody evaluates.
        """
        if not self._evaluating.get_node_ids():
            return None
        with _repeatable(self._task.seed + number):
            evaluations = list(aggregator.configure_evaluate(number, arrays, self._config.copy(), self._evaluating))
        trainings = self._trainings(aggregator, number + 1, arrays) if goes_on else []
        self._ahead, replies = self._ask(trainings, evaluations)
        if any(reply.has_error() for reply in self._ahead.values()):
            # What the next training fails with is not to hide how this round went, by which it may be the last.
            _, replies = self._ask([], evaluations)
        return _loss(cast(MetricRecord, aggregator.aggregate_evaluate(number, list(_sound(replies).values()))))

    def _trainings(self, aggregator: Strategy, number: int, arrays: ArrayRecord) -> list[Message]:
        with _repeatable(self._task.seed + number):
            return list(aggregator.configure_train(number, arrays, self._config.copy(), self._all))

    def _ask(self, trainings: Sequence[Message], evaluations: Sequence[Message]) -> tuple[Replies, Replies]:
        """Send each participant one message, whether it is to train, to evaluate, or both.

        Returns:
            The replies to the trainings, and those to the evaluations; who failed in one of them failed in both.
        """
        training, evaluation = (
            {message.metadata.dst_node_id: message for message in messages} for messages in (trainings, evaluations)
        )
        messages = []
        for node_id in {**training, **evaluation}:
            place, node = self._places[node_id]
            messages.append(combined(training.get(node_id), evaluation.get(node_id), place, node.dataset))
        trained: Replies = {}
        evaluated: Replies = {}
        for reply in sorted(
            self._grid.send_and_receive(messages), key=lambda one: self._places[one.metadata.src_node_id][0]
        ):
            node_id = reply.metadata.src_node_id
            name = self._places[node_id][1].participant_id
            asked = {"trains": node_id in training, "evaluates": node_id in evaluation}
            if not reply.has_error() and not is_whole(reply.content, **asked):
                raise SandboxError(
                    f"participant {name!r} did not answer what it was asked: install the same Synergos there"
                )
            if node_id in evaluation:
                evaluated[name] = evaluation_of(reply)
            if node_id in training:
                trained[name] = reply
        return trained, evaluated


def _sound(replies: Replies) -> Replies:
    """Raise what a participant failed with; Flower itself would go on without it."""
    for name, reply in replies.items():
        if reply.has_error():
            kind = Rejected if reply.error.code == Rejected.status else SandboxError
            raise kind(f"participant {name!r}: {reply.error.reason}")
    return replies


class _Patience:
    """Counts rounds without improvement; never exhausted unless the run has a patience above 0."""

    def __init__(self, fields: Fields) -> None:
        self.patience = whole_number(fields, "patience", 0)
        self.delta = real_number(fields, "delta", 0.0)
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


def _is_finite(weights: State) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in weights.values())


def _loss(metrics: MetricRecord) -> float:
    return float(cast(float, metrics["loss"]))


@contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """Seed Python's random numbers, by which Flower samples nodes, and restore them afterwards."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
