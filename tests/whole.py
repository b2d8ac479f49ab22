"""A TTP and its participants as one, for tests of what they compute together: without HTTP and without records."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from synergos.learning.alignment import Alignment
from synergos.learning.data_report import DataReport
from synergos.learning.party import Dataset, Participant, Prepared, Trained
from synergos.learning.statistics import Statistics
from synergos.learning.task import State, Task, fitting, misfits, seeded
from synergos.participant import training as at_participant
from synergos.participant.client import client_app
from synergos.participant.rows import Rows
from synergos.sandbox.parties import LocalCrew, LocalGrid
from synergos.sandbox.parties import _context as context
from synergos.ttp import alignments, training
from synergos.ttp.checkpoint import Checkpoint
from synergos.ttp.rounds import Node, Outcome, RoundReport
from synergos.ttp.rounds import federate as federate_nodes
from synergos.ttp.training import TrainedModel

ALIGNED = Alignment([], [], {}, {})
Evaluation = dict[str, Any]


def align(data: Path, action: str, participants: Sequence[Participant], *more: Any) -> Alignment:
    return alignments.align(LocalCrew(data, data), action, participants, *more)


def look(data: Path, action: str, participants: Sequence[Participant], *more: Any) -> DataReport:
    return alignments.look(LocalCrew(data, data), action, participants, *more)


def train(*, data: Path, cancelled: threading.Event | None = None, **asked: Any) -> dict[str, TrainedModel]:
    return training.train(LocalCrew(data, asked["outputs"], cancelled), **asked)


def evaluate(*, data: Path, outputs: Path, **asked: Any) -> Evaluation:
    return asdict(training.evaluate(LocalCrew(data, outputs), folder=".", **asked))


def judge(*, data: Path, **asked: Any) -> Callable[[State], list[Statistics]]:
    return training.judge(LocalCrew(data, data), **asked)


@dataclass(frozen=True)
class Site:
    """A participant whose rows are tensors."""

    participant_id: str
    train: tuple[Rows, Tensor]
    evaluate: tuple[Rows, Tensor] | None = None


class SiteParty:
    """What a participant does with the rows of a site."""

    def __init__(self, site: Site, cancelled: threading.Event | None) -> None:
        self._site = site
        self._cancelled = cancelled

    def prepare(self, _: Dataset, __: Alignment, task: Task) -> Prepared:
        network, name, own = task.network(), self._site.participant_id, self._site.train
        at_participant.try_out(network, task, name, own)
        at_participant.warn_of_parts(network, task, name, own)
        return Prepared([], None if task.classes else float(own[1].abs().max()))

    def train(self, _: Dataset, __: Alignment, task: Task, weights: State, *, mu: float, seed: int) -> Trained:
        network = task.network()
        network.load_state_dict(fitting(weights, network), assign=True)
        with seeded(seed), misfits("training"):
            loss = at_participant.fit(network, task, self._site.train, mu, self._cancelled)
        return Trained(network.state_dict(), loss, len(self._site.train[0]))

    def loss(self, _: Dataset, __: Alignment, task: Task, weights: State) -> tuple[float, int]:
        assert self._site.evaluate is not None
        network = task.network()
        network.load_state_dict(fitting(weights, network), assign=True)
        return at_participant.loss_of(network, task, self._site.evaluate), len(self._site.evaluate[0])


def federate(
    sites: Sequence[Site],
    task: Task,
    *,
    on_round: Callable[[RoundReport], bool | None] | None = None,
    cancelled: threading.Event | None = None,
    node_ids: Sequence[int] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Train over sites, as a TTP does over participants; nodes are called by their places unless they have ids."""
    parties: Any = {site.participant_id: SiteParty(site, cancelled) for site in sites}
    datasets = {
        site.participant_id: Dataset("classify", {"evaluate": [["own"]] if site.evaluate else []}) for site in sites
    }
    ready = {name: party.prepare(datasets[name], ALIGNED, task) for name, party in parties.items()}
    ids = node_ids or range(1, len(sites) + 1)
    nodes = [Node(name, own_id, dataset) for own_id, (name, dataset) in zip(ids, datasets.items(), strict=True)]
    app = client_app(lambda at: parties[at.node_config["participant-id"]])
    grid = LocalGrid(app, {node.node_id: context(node.node_id, node.participant_id) for node in nodes})
    largest = {name: one.largest for name, one in ready.items() if one.largest is not None}
    return federate_nodes(grid, nodes, task, ALIGNED, largest=largest or None, on_round=on_round, checkpoint=checkpoint)
