"""What passes between a TTP and its participants, and that it may pass between machines."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from flwr.app import Context
from flwr.supercore.task_identity import TaskIdentity
from PIL import Image
from torch import Tensor
from whole import Site, federate

from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.errors import Rejected
from synergos.learning.network import Layer
from synergos.learning.party import Agreed, Dataset, Participant, Party
from synergos.learning.task import Task
from synergos.participant.client import client_app
from synergos.participant.images import Room
from synergos.participant.reading import Reader
from synergos.participant.worker import Worker
from synergos.sandbox.parties import LocalCrew, LocalGrid, _context
from synergos.sandbox.server import demo_data
from synergos.ttp import training
from synergos.ttp.alignments import align
from synergos.ttp.rounds import Node, Outcome
from synergos.ttp.rounds import federate as federate_nodes

PARTICIPANTS = [
    Participant("biscoe", train=[["non_iid_1"]], evaluate=[["iid_1"]], predict=[["iid_1"]]),
    Participant("dream", train=[["non_iid_2"]]),
]
LAYERS: list[Layer] = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 1, "out_features": 4}, "activation": "relu"},
    {"is_input": False, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": ""},
]
RUN = {"algorithm": "FedAvg", "rounds": 2, "lr": 0.05, "batch_size": 16, "optimizer": "Adam", "seed": 3}


@pytest.fixture
def crew(tmp_path: Path) -> LocalCrew:
    return LocalCrew(demo_data(), tmp_path)


def datasets() -> dict[str, Dataset]:
    return {one.participant_id: Dataset.of(one, "classify", ["biscoe", "dream"]) for one in PARTICIPANTS}


def parts(value: object) -> Iterator[object]:
    """Everything in an answer that is not made of other things."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        assert all(type(key) is str for key in value), value
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from parts(one)
    else:
        yield value


class TestValues:
    def test_all_that_a_participant_answers_can_travel(self, crew: LocalCrew) -> None:
        alignment = align(crew, "classify", PARTICIPANTS)
        task = Task(fit_layers(LAYERS, alignment, "classify"), RUN, len(alignment.targets))
        party, dataset = crew.party("biscoe"), datasets()["biscoe"]
        agreed = Agreed(alignment.columns, alignment.features, alignment.truths)
        weights = task.network().state_dict()

        answers: list[object] = [
            party.describe(dataset),
            party.measure(dataset, agreed),
            party.report(dataset),
            party.prepare(dataset, alignment, task),
            party.train(dataset, alignment, task, weights, mu=0.1, seed=1),
            party.loss(dataset, alignment, task, weights),
            party.evaluate(dataset, alignment, task, weights, "folder"),
            party.predict(dataset, alignment, task, weights, None),
        ]

        kinds = {type(part) for answer in answers for part in parts(answer)}
        assert kinds <= {type(None), bool, int, float, str, Tensor}
        json.dumps([part for answer in answers for part in parts(answer) if not isinstance(part, Tensor)])

    def test_images_are_told_by_sizes_and_sums(self, tmp_path: Path) -> None:
        for name, size in (("a", 3), ("b", 5)):
            folder = tmp_path / "p" / "t" / name
            folder.mkdir(parents=True)
            Image.new("RGB", (size, 4), (1, 2, 3)).save(folder / "x.png")
        (tmp_path / "p" / "t" / "metadata.json").write_text('{"datatype": "image", "operations": {}}')
        party = LocalCrew(tmp_path, tmp_path).party("p")
        dataset = Dataset.of(Participant("p", train=[["t"]]), "classify", ["p"])

        said = party.describe(dataset)
        assert said.sizes is not None
        assert (said.sizes.channels, said.sizes.counts, said.columns) == (3, [(3, 4, 1), (5, 4, 1)], None)
        pixels = party.measure(dataset, Agreed({}, (), (), (3, 4, 3))).pixels

        assert pixels is not None
        assert (pixels.count, pixels.sums, pixels.squares) == (24, [24, 48, 72], [24, 96, 216])

    def test_what_others_lack_is_not_told(self, crew: LocalCrew) -> None:
        told: list[Alignment] = []

        class Listening(Worker):
            def prepare(self, dataset: Dataset, alignment: Alignment, task: Task) -> Any:
                told.append(alignment)
                raise Rejected("enough")

        alignment = align(crew, "classify", PARTICIPANTS)
        crew._workers = {"biscoe": Listening("biscoe", Reader(demo_data()), Path())}
        with pytest.raises(Rejected, match="enough"):
            training.train(
                crew,
                outputs=Path(),
                action="classify",
                model=fit_layers(LAYERS, alignment, "classify"),
                run=RUN,
                participants=PARTICIPANTS[:1],
                alignment=alignment,
            )
        assert alignment.spacers.keys() == {"biscoe", "dream"}
        assert [one.spacers for one in told] == [{}]

    def test_predictions_are_kept_nowhere_but_below_the_participants_own_folder(self, crew: LocalCrew) -> None:
        alignment = align(crew, "classify", PARTICIPANTS)
        task = Task(fit_layers(LAYERS, alignment, "classify"), RUN, len(alignment.targets))
        weights = task.network().state_dict()
        for folder in ("../elsewhere", "/tmp/elsewhere"):
            with pytest.raises(Rejected, match="leads outside of what participant 'biscoe' keeps"):
                crew.party("biscoe").evaluate(datasets()["biscoe"], alignment, task, weights, folder)


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two trainings are equal to the last bit."""
    return (
        one.train_losses == other.train_losses
        and one.evaluate_losses == other.evaluate_losses
        and one.local_losses == other.local_losses
        and one.weights.keys() == other.weights.keys()
        and all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
        and all(
            torch.equal(weights[name], other.local_weights[who][name])
            for who, weights in one.local_weights.items()
            for name in weights
        )
    )


class TestAnyGrid:
    @pytest.mark.parametrize("algorithm", ["FedAvg", "FedAdam", "Krum"])
    @pytest.mark.parametrize("fraction", [1.0, 0.5])
    def test_what_nodes_are_called_and_who_answers_first_makes_no_difference(
        self, algorithm: str, fraction: float
    ) -> None:
        random = torch.Generator().manual_seed(5)
        sites = [
            Site(name, *[(torch.randn(20, 3, generator=random), torch.randn(20, 1, generator=random))] * 2)
            for name in ("one", "two", "three", "four")
        ]
        layers: list[Layer] = [{**LAYERS[0], "structure": {"in_features": 3, "out_features": 4}}, LAYERS[1]]
        task = Task(layers, {**RUN, "rounds": 3, "algorithm": algorithm, "fraction_train": fraction}, 0)

        here = federate(sites, task)
        # As on a SuperLink: ids of no order, by which the grid of the tests orders its replies.
        elsewhere = federate(sites, task, node_ids=[2**62, 17, 2**40, 5])

        assert same(here, elsewhere)

    def test_a_participant_that_is_started_anew_for_every_message_trains_the_same(self, crew: LocalCrew) -> None:
        alignment = align(crew, "classify", PARTICIPANTS)
        task = Task(fit_layers(LAYERS, alignment, "classify"), RUN, len(alignment.targets))
        nodes = [Node(name, place, dataset) for place, (name, dataset) in enumerate(datasets().items(), start=1)]
        contexts = {node.node_id: _context(node.node_id, node.participant_id) for node in nodes}

        def anew(context: Context) -> Party:
            return Worker(str(context.node_config["participant-id"]), Reader(demo_data()), Path(), Room(0))

        kept = client_app(lambda context: crew.party(str(context.node_config["participant-id"])))
        outcomes = [
            federate_nodes(LocalGrid(app, contexts), nodes, task, alignment) for app in (kept, client_app(anew))
        ]

        assert same(*outcomes)

    def test_who_makes_messages_is_said_only_where_nobody_has_said_it(self) -> None:
        before = TaskIdentity._run_id
        try:
            TaskIdentity.run_id = 77
            LocalGrid(client_app(lambda _: pytest.fail("nobody is asked")), {})
            assert TaskIdentity.run_id == 77
        finally:
            TaskIdentity._run_id = before
