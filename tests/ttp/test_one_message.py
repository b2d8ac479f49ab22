"""A round is one message: the evaluation of the last model rides with the next training, and changes no figure."""

import random
from collections.abc import Iterable, Sequence
from typing import Any, cast

import pytest
import torch
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from whole import ALIGNED, Site, SiteParty, federate

from synergos.learning.errors import SandboxError
from synergos.learning.messages import Order, pack
from synergos.learning.network import Layer, single_thread
from synergos.learning.party import Dataset
from synergos.learning.task import Task, fitting
from synergos.participant import training as at_participant
from synergos.sandbox.parties import LocalGrid
from synergos.ttp.rounds import Outcome, Roster, RoundReport
from synergos.ttp.strategies import ALGORITHMS, build_strategy

MODEL: list[Layer] = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 3, "out_features": 8}, "activation": "relu"},
    {"is_input": False, "l_type": "Dropout", "structure": {"p": 0.2}, "activation": ""},
    {"is_input": False, "l_type": "Linear", "structure": {"in_features": 8, "out_features": 3}, "activation": ""},
]
RUN: dict[str, Any] = {
    **{"criterion": "CrossEntropyLoss", "optimizer": "Adam", "lr_scheduler": "", "lr": 0.02},
    **{"rounds": 4, "epochs": 2, "batch_size": 16, "seed": 7},
}


def site(name: str, rows: int, seed: int, evaluates: bool = True) -> Site:
    """Rows whose class is their largest feature."""
    features = torch.randn(rows + 20, 3, generator=torch.Generator().manual_seed(seed))
    target = features.argmax(dim=1)
    evaluate = (features[rows:], target[rows:]) if evaluates else None
    return Site(name, (features[:rows], target[:rows]), evaluate)


SITES = [site("one", 50, 1), site("two", 65, 2, evaluates=False), site("six", 40, 3)]
# Enough for Bulyan, which wants three, and for fractions.
MANY = [*SITES, site("ten", 33, 4), site("tea", 20, 5, evaluates=False), site("eleven", 41, 6)]
GRID = [
    *((name, {}) for name in ALGORITHMS),
    *((name, {"fraction_train": 0.4, "fraction_evaluate": 0.5}) for name in ("FedProx", "FedAdam", "QFedAvg", "Krum")),
    *((name, {"patience": 1, "delta": 0.1}) for name in ("FedAvg", "FedAdam", "FedAvgM")),
    ("FedProx", {"mu": 2.0, "patience": 2, "delta": 0.1, "fraction_train": 0.4}),
]


class Stop(Exception):
    """What ends a training in the middle."""


def task_of(algorithm: str, more: dict[str, Any]) -> Task:
    fields = {"server_momentum": 0.5, "client_learning_rate": 0.05, "eta": 0.05, **RUN, "algorithm": algorithm, **more}
    if algorithm == "Bulyan":
        fields["num_malicious_nodes"] = 0
    return Task(MODEL, fields, 3)


@single_thread()
def by_two_messages(sites: Sequence[Site], task: Task) -> dict[str, Any]:
    """Train as one would who asks for training and evaluation one by one, and knows nothing of what is next."""
    strategy, network = build_strategy(task.fields), task.network()
    arrays = pack(network.state_dict())
    parties = {place: SiteParty(site, None) for place, site in enumerate(sites, start=1)}
    evaluating = [place for place, site in enumerate(sites, start=1) if site.evaluate]
    found: dict[str, Any] = {"train": {}, "evaluate": {}, "local": {one.participant_id: {} for one in sites}}
    found |= {"locals": {}, "best": None}
    best, waited, data = None, 0, Dataset("classify", {})

    def ask(configure: Any, number: int, among: list[int]) -> tuple[list[int], ConfigRecord]:
        random.seed(task.seed + number)
        config = ConfigRecord()
        asked = configure(number, arrays, config, Roster(among))
        return sorted(message.metadata.dst_node_id for message in asked), config

    for number in range(1, cast(int, task.fields["rounds"]) + 1):
        places, config = ask(strategy.configure_train, number, list(parties))
        replies = []
        for place in places:
            name, seed = sites[place - 1].participant_id, hash((task.seed, number, place)) % 2**63
            mu = float(cast(float, config.get("proximal-mu", 0.0)))
            done = parties[place].train(data, ALIGNED, task, arrays.to_torch_state_dict(), mu=mu, seed=seed)
            found["local"][name][number] = done.loss
            found["locals"][name] = {key: tensor.clone() for key, tensor in done.weights.items()}
            metrics = MetricRecord({"loss": done.loss, "rows": done.rows})
            replies.append(reply({"arrays": pack(done.weights), "metrics": metrics}))
        arrays, metrics = cast(tuple[ArrayRecord, MetricRecord], strategy.aggregate_train(number, replies))
        found["train"][number] = metrics["loss"]

        replies = []
        for place in ask(strategy.configure_evaluate, number, evaluating)[0]:
            loss, rows = parties[place].loss(data, ALIGNED, task, arrays.to_torch_state_dict())
            replies.append(reply({"metrics": MetricRecord({"loss": loss, "rows": rows})}))
        loss = cast(float, cast(MetricRecord, strategy.aggregate_evaluate(number, replies))["loss"])
        if loss < min(found["evaluate"].values(), default=float("inf")):
            found["best"] = number, fitting(arrays.to_torch_state_dict(), network)
        found["evaluate"][number] = loss
        if best is None or loss < best - cast(float, task.fields.get("delta", 0.0)):
            best, waited = loss, 0
        else:
            best, waited = min(best, loss), waited + 1
        if waited and waited == task.fields.get("patience"):
            break
    return {**found, "weights": fitting(arrays.to_torch_state_dict(), network)}


def reply(records: dict[str, Any]) -> Message:
    return Message(RecordDict(records), dst_node_id=1, message_type="train")


def assert_same(outcome: Outcome, expected: dict[str, Any]) -> None:
    assert outcome.train_losses == expected["train"]
    assert outcome.evaluate_losses == expected["evaluate"]
    assert outcome.local_losses == expected["local"]
    assert_equal(outcome.weights, expected["weights"])
    number, best = expected["best"]
    assert outcome.best_round == number
    assert outcome.best_weights is not None
    assert_equal(outcome.best_weights, best)
    assert set(outcome.local_weights) == set(expected["locals"])
    for name, weights in outcome.local_weights.items():
        assert_equal(weights, expected["locals"][name])


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("algorithm", "more"), GRID, ids=str)
def test_every_figure_is_that_of_two_messages(algorithm: str, more: dict[str, Any]) -> None:
    task, reports = task_of(algorithm, more), list[RoundReport]()

    outcome = federate(MANY, task, on_round=reports.append)

    expected = by_two_messages(MANY, task)
    assert_same(outcome, expected)
    assert [report.evaluate_loss for report in reports] == list(expected["evaluate"].values())
    assert reports[-1].stopped == (len(reports) < RUN["rounds"])


def test_an_evaluation_that_changes_weights_changes_no_training() -> None:
    """Where an Embedding has a max_norm, looking a row up is what shortens it."""
    structure = {"num_embeddings": 10, "embedding_dim": 8, "max_norm": 0.1}
    embedding: Layer = {"is_input": True, "l_type": "Embedding", "structure": structure, "activation": ""}
    task = Task([embedding, {**MODEL[2], "structure": {"in_features": 8, "out_features": 3}}], RUN, 3)
    rows, target = torch.arange(10), torch.arange(10) % 3
    # What is evaluated with is never trained with.
    sites = [Site(name, (rows[:5], target[:5]), (rows[5:], target[5:])) for name in ("one", "two")]

    assert_same(federate(sites, task), by_two_messages(sites, task))


class TestMessages:
    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[int, str, bool]]]:
        """What was sent, batch by batch: to whom, of which type, and whether there is something to evaluate."""
        batches: list[list[tuple[int, str, bool]]] = []
        send = LocalGrid.send_and_receive

        def counting(grid: LocalGrid, messages: Iterable[Message], **more: Any) -> list[Message]:
            messages = list(messages)
            batches.append(
                sorted(
                    (one.metadata.dst_node_id, one.metadata.message_type, Order.read(one).evaluates) for one in messages
                )
            )
            return send(grid, messages, **more)

        monkeypatch.setattr(LocalGrid, "send_and_receive", counting)
        return batches

    def test_each_participant_gets_one_a_round_and_one_after_the_last(self, asked: list[Any]) -> None:
        federate(SITES, task_of("FedAvg", {"rounds": 3}))

        both = [(1, "train", True), (2, "train", False), (3, "train", True)]
        assert asked == [
            [(1, "train", False), (2, "train", False), (3, "train", False)],
            both,
            both,
            [(1, "evaluate", True), (3, "evaluate", True)],
        ]

    def test_who_is_not_to_train_evaluates_in_the_same_round(self, asked: list[Any]) -> None:
        federate(SITES, task_of("FedAvg", {"rounds": 3, "fraction_train": 0.4}))

        assert len(asked) == 4
        for batch in asked[1:3]:
            assert sum(kind == "train" for _, kind, _ in batch) == 1
            assert [place for place, _, evaluates in batch if evaluates] == [1, 3]

    @pytest.mark.parametrize(
        ("record", "holds"),
        [
            ("evaluation", None),
            ("evaluation", MetricRecord({"loss": 0.5})),
            ("metrics", None),
            ("metrics", MetricRecord({"loss": [0.5], "rows": 3})),
            ("metrics", ConfigRecord({"loss": 0.5, "rows": 3})),
            ("arrays", None),
        ],
        ids=["no evaluation", "no rows", "no metrics", "another kind of loss", "another kind of record", "no weights"],
    )
    def test_who_answers_something_else_is_named(
        self, record: str, holds: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send = LocalGrid.send_and_receive

        def of_another_version(self: LocalGrid, messages: Iterable[Message], **more: Any) -> Any:
            replies = list(send(self, messages, **more))
            for reply in replies:
                if record in reply.content:
                    del reply.content[record]
                    if holds is not None:
                        reply.content[record] = holds
            return replies

        monkeypatch.setattr(LocalGrid, "send_and_receive", of_another_version)
        with pytest.raises(SandboxError, match="participant 'one' did not answer what it was asked"):
            federate(SITES, task_of("FedAvg", {}))

    def test_where_nobody_evaluates_nothing_is_trained_in_vain(self, asked: list[Any]) -> None:
        federate([SITES[1]], task_of("FedAvg", {"rounds": 3}), on_round=lambda report: report.number == 2)

        assert asked == [[(1, "train", False)]] * 2


class TestTheRoundThatNobodySees:
    """What is trained beyond the end."""

    def failing_from(self, call: int, monkeypatch: pytest.MonkeyPatch, diverges: bool = False) -> None:
        calls, fit = [0], at_participant.fit

        def failing(network: Any, *more: Any) -> float:
            calls[0] += 1
            if calls[0] < call:
                return fit(network, *more)
            if not diverges:
                raise OSError("the disk is full")
            return float("nan")

        monkeypatch.setattr(at_participant, "fit", failing)

    @pytest.mark.parametrize("diverges", [False, True])
    def test_its_failure_is_nobodys(self, diverges: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        task = task_of("FedAvg", {"rounds": 9, "patience": 1, "delta": 100.0})
        expected = by_two_messages(SITES, task)
        assert len(expected["train"]) == 2

        # Three participants for two rounds.
        self.failing_from(7, monkeypatch, diverges)

        assert_same(federate(SITES, task), expected)

    @pytest.mark.parametrize("diverges", [False, True])
    def test_a_failure_that_counts_comes_after_the_round_before(
        self, diverges: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.failing_from(7, monkeypatch, diverges)
        rounds: list[RoundReport] = []

        with pytest.raises(SandboxError, match="diverged in round 3" if diverges else "'one': the disk is full"):
            federate(SITES, task_of("FedAvg", {"rounds": 9}), on_round=rounds.append)

        assert [report.number for report in rounds] == [1, 2]

    def test_an_end_by_the_caller_is_the_end(self) -> None:
        outcome = federate(SITES, task_of("FedAdam", {"rounds": 9}), on_round=lambda report: report.number == 2)

        assert_same(outcome, by_two_messages(SITES, task_of("FedAdam", {"rounds": 2})))
