"""The best round's weights, beside the last one's, and which of them a run is validated with."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from synergos import Driver, Rejected, load_model
from synergos.sandbox import Sandbox

# A rate at which the loss of a small network soon goes up and down.
WILD = {"rounds": 6, "epochs": 1, "batch_size": 8, "lr": 0.9, "optimizer": "Adam", "criterion": "NLLLoss", "seed": 3}


def train(driver: Driver, run_id: str, **fields: object) -> tuple[Path, list[float]]:
    """Train a run of the penguins; the folder of its model, and its evaluation losses."""
    ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": run_id}
    driver.runs.create(**ids, **{**WILD, **fields})
    [model] = driver.models.create(**ids).data
    history = json.loads(Path(model.global_.loss_history).read_text())
    return Path(model.global_.path).parent, list(history["evaluate"].values())


def statistics(driver: Driver, run_id: str) -> list[object]:
    reply = driver.validations.create(project_id="penguins", expt_id="one_layer", run_id=run_id)
    return [one["evaluate"]["statistics"] for one in reply["data"]]


def weights(folder: Path, file: str) -> Mapping[str, torch.Tensor]:
    held: Mapping[str, torch.Tensor] = torch.load(folder / file)
    return held


def same(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_the_best_rounds_weights_are_those_of_a_training_that_ends_there(trained_driver: Driver) -> None:
    folder, losses = train(trained_driver, "wild")
    best = min(range(len(losses)), key=losses.__getitem__) + 1
    assert 1 < best < WILD["rounds"], f"the test needs a best round in between: {losses}"
    short, _ = train(trained_driver, "short", **{"rounds": best})
    assert same(weights(folder, "best_model.pt"), weights(short, "global_model.pt"))
    assert not same(weights(folder, "best_model.pt"), weights(folder, "global_model.pt"))


def test_a_run_that_keeps_the_best_is_validated_with_it_and_loaded(trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "one_layer"}
    found = {}
    for run_id, fields in (("last", {}), ("best", {"keep": "best"})):
        folder, losses = train(trained_driver, run_id, **fields)
        trained_driver.validations.create(**ids, run_id=run_id)
        found[run_id] = statistics(trained_driver, run_id)
    best = min(range(len(losses)), key=losses.__getitem__) + 1
    train(trained_driver, "short", **{"rounds": best})
    assert found["best"] == statistics(trained_driver, "short") != found["last"]
    assert load_model(folder).path.name == "best_model.pt"
    assert load_model(trained_driver.models.read(**ids, run_id="last")).path.name == "global_model.pt"


@pytest.mark.parametrize("keep", ["first", True])
def test_what_else_there_is_to_keep_is_refused(ttp: Sandbox, keep: object) -> None:
    with Driver(ttp.host, ttp.port) as driver:
        driver.projects.create(project_id="p", action="classify", incentives={})
        driver.experiments.create(project_id="p", expt_id="e", model=[])
        with pytest.raises(Rejected, match=r"keep is .* must be 'last' or 'best'"):
            driver.runs.create(project_id="p", expt_id="e", run_id="r", rounds=1, keep=keep)
