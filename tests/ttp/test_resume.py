"""Trainings that are called off or killed go on from their last round, to the bits of one that never stopped."""

import json
import multiprocessing
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
import whole
from recorder import Recorder

from synergos import Conflict, Driver, InvalidArgument
from synergos.errors import SynergosError
from synergos.learning.network import Layer
from synergos.learning.task import Task
from synergos.sandbox import Sandbox
from synergos.ttp.checkpoint import Checkpoint
from synergos.ttp.rounds import Outcome, RoundReport
from synergos.ttp.strategies import ALGORITHMS
from synergos.ttp.work import Progress

IDS = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "long"}
RUN: dict[str, Any] = {"rounds": 5, "epochs": 1, "batch_size": 32, "lr": 0.03, "criterion": "NLLLoss"}


class Stopped(Exception):
    """What ends a training in the middle."""


LAYERS: list[Layer] = [
    {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 3, "out_features": 4},
        "activation": "relu",
    },
    {"is_input": False, "l_type": "BatchNorm1d", "structure": {"num_features": 4}, "activation": None},
    {
        "is_input": False,
        "l_type": "Linear",
        "structure": {"in_features": 4, "out_features": 1},
        "activation": "sigmoid",
    },
]


def federate(fields: Mapping[str, Any], **more: Any) -> Outcome:
    numbers = torch.Generator().manual_seed(5)

    def rows() -> tuple[torch.Tensor, torch.Tensor]:
        return torch.rand(8, 3, generator=numbers), torch.randint(0, 2, (8, 1), generator=numbers).float()

    sites = [whole.Site(name, rows(), rows()) for name in "abcdefg"]
    return whole.federate(sites, Task(LAYERS, {**RUN, "criterion": "BCELoss", **fields}, 2), **more)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


@pytest.mark.parametrize(
    ("algorithm", "more"),
    [
        *((name, {}) for name in ALGORITHMS),
        ("FedProx", {"patience": 2, "delta": 0.5}),
        ("FedAvg", {"fraction_train": 0.5}),
    ],
    ids=str,
)
def test_every_algorithm_goes_on_to_the_same_bits(algorithm: str, more: dict[str, Any], tmp_path: Path) -> None:
    fields = {"algorithm": algorithm, "server_momentum": 0.5, "server_learning_rate": 0.9, **more}
    if algorithm == "Bulyan":
        fields |= {"num_malicious_nodes": 0}
    never, checkpoint = federate(fields), Checkpoint(tmp_path / "checkpoint.pt")
    rounds: list[int] = []

    def stop(done: RoundReport) -> None:
        rounds.append(done.number)
        raise Stopped

    for _ in never.train_losses:
        with pytest.raises(Stopped):
            federate(fields, on_round=stop, checkpoint=checkpoint)
    found = federate(fields, on_round=stop, checkpoint=checkpoint)

    assert rounds == list(never.train_losses)
    for name in ("weights", "local_weights", "best_weights", "best_round", "train_losses", "local_losses"):
        assert same(getattr(found, name), getattr(never, name)), name
    assert found.evaluate_losses == never.evaluate_losses


def make(driver: Driver, **fields: Any) -> None:
    driver.runs.create(**IDS, **{**RUN, **fields})


def bits(driver: Driver) -> dict[str, bytes]:
    """What a training leaves, by the names of the files."""
    folder = Path(driver.models.read(**IDS).data[0].global_.path).parent
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def uninterrupted(trained_store: Path, copy_store: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with Sandbox(store=copy_store(trained_store, tmp_path_factory.mktemp("whole"))) as ttp:
        driver = Driver(ttp.host, ttp.port)
        make(driver)
        driver.models.create(**IDS)
        return bits(driver)


def sandbox(store: Path, on_round: Callable[[Progress], None] | None = None) -> Sandbox:
    return Sandbox(store=store, on_round=on_round)


def call_off(store: Path) -> None:
    """Train, and call it off as soon as two rounds are done."""

    def cancel(done: Progress) -> None:
        if done.round.number == 2:
            ttp_driver.models.job(**IDS).cancel()

    with sandbox(store, cancel) as ttp:
        ttp_driver = Driver(ttp.host, ttp.port)
        make(ttp_driver)
        with pytest.raises(SynergosError):
            ttp_driver.models.submit(**IDS).result(60)


def die(store: Path) -> None:
    def kill(done: Progress) -> None:
        if done.round.number == 2:
            os._exit(9)

    with sandbox(store, kill) as ttp:
        driver = Driver(ttp.host, ttp.port)
        make(driver)
        driver.models.create(**IDS)


def kill(store: Path) -> None:
    """Train in a process that ends without a word after two rounds."""
    process = multiprocessing.get_context("spawn").Process(target=die, args=(store,))
    process.start()
    process.join(120)
    assert process.exitcode == 9


def create(driver: Driver) -> None:
    driver.models.create(**IDS, resume=True)


def train(driver: Driver) -> None:
    """All of it, with an alignment before and a validation after."""
    cycle = driver.train(**IDS, resume=True)
    assert len(cycle.validations.data) == 2


@pytest.mark.parametrize(("end", "go_on"), [(call_off, train), (kill, create)])
def test_what_was_called_off_or_killed_is_gone_on_with(
    end: Callable[[Path], None],
    go_on: Callable[[Driver], None],
    trained_store: Path,
    copy_store: Any,
    tmp_path: Path,
    uninterrupted: dict[str, bytes],
) -> None:
    store = copy_store(trained_store, tmp_path)
    end(store)
    rounds: list[int] = []
    with sandbox(store, lambda done: rounds.append(done.round.number)) as ttp:
        driver = Driver(ttp.host, ttp.port)
        go_on(driver)
        assert bits(driver) == uninterrupted
        assert rounds == [3, 4, 5]
        # Nothing is left to go on with: what is trained stays, and its checkpoint is gone.
        go_on(driver)
        assert rounds == [3, 4, 5]
        assert not list(ttp.outputs.rglob("checkpoint.pt"))


def test_what_was_changed_meanwhile_is_not_gone_on_with(trained_store: Path, copy_store: Any, tmp_path: Path) -> None:
    store = copy_store(trained_store, tmp_path)
    call_off(store)
    with sandbox(store) as ttp:
        driver = Driver(ttp.host, ttp.port)
        driver.runs.update(**IDS, lr=0.5)
        with pytest.raises(Conflict, match="its run changed: train it without resume"):
            driver.models.create(**IDS, resume=True)
        rounds = json.loads(Path(driver.models.create(**IDS).data[0].global_.loss_history).read_text())["train"]
        assert len(rounds) == RUN["rounds"]


def test_a_real_ttp_is_not_asked_to(recorder: Recorder) -> None:
    recorder.answer([])
    with pytest.raises(InvalidArgument, match="only the sandbox goes on"):
        recorder.driver.models.create(project_id="p", resume=True)
    assert not recorder.writes
