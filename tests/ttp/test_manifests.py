"""`manifest.json` beside each model: all that it was made of, and all that came of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from caller import Caller

from synergos import Conflict, Driver, Manifest
from synergos.learning.versions import versions
from synergos.participant.digest import digest
from synergos.participant.reading import load
from synergos.sandbox import Sandbox
from synergos.sandbox.server import demo_data
from synergos.ttp.work import Progress

IDS = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}


def folder_of(driver: Driver, **ids: str) -> Path:
    return Path(driver.models.read(**{**IDS, **ids}).data[0].global_.path).parent


def written(driver: Driver, **ids: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder_of(driver, **ids) / "manifest.json").read_text())
    return found


def test_it_says_what_a_model_was_made_of(trained: Driver) -> None:
    found, run = written(trained), trained.runs.read(**IDS).data

    assert found["key"] == IDS
    assert found["versions"] == versions()
    assert found["action"] == "classify"
    layers = trained.experiments.read(project_id="penguins", expt_id="one_layer").data.model
    assert found["layers"] == [{"activation": None, **one.to_dict()} for one in layers]
    assert found["fitted"] is True
    assert found["seed"] == found["run"]["seed"] == run.seed
    assert {name: found["run"][name] for name in ("optimizer", "criterion", "step_size", "rounds")} == {
        "optimizer": "Adam",
        "criterion": "NLLLoss",
        "step_size": 50,
        "rounds": 2,
    }
    assert found["alignment"]["targets"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert found["alignment"]["columns"]["sex"]["categories"] == ["female", "male"]
    assert "spacers" not in found["alignment"]


def test_it_says_which_rows_each_participant_brought(trained: Driver) -> None:
    found = written(trained)["participants"]

    assert list(found) == ["biscoe", "dream"]
    for name, tags in {"biscoe": [["non_iid_1"]], "dream": [["non_iid_2"]]}.items():
        assert found[name]["tags"] == {"train": tags, "evaluate": [["iid_1"]]}
        for purpose, own in found[name]["tags"].items():
            table = load(demo_data(), name, own, action="classify", purpose=purpose)
            assert found[name]["rows"][purpose] == len(table.target)
            assert found[name]["digests"][purpose] == digest(table)


def test_it_says_what_came_of_it(trained: Driver) -> None:
    folder, found = folder_of(trained), written(trained)
    history = json.loads((folder / "global_loss_history.json").read_text())

    assert found["losses"]["train"] == history["train"]
    assert found["losses"]["evaluate"] == history["evaluate"]
    for name in ("biscoe", "dream"):
        assert found["losses"]["local"][name] == json.loads((folder / f"local_loss_history_{name}.json").read_text())
    best = min(history["evaluate"], key=history["evaluate"].__getitem__)
    assert found["rounds"] == {"done": 2, "best": int(best), "ended": "done"}
    assert set(found["weights"]) == {path.name for path in folder.glob("*.pt")}
    for name, hashes in found["weights"].items():
        own = hashlib.sha256()
        for key, tensor in torch.load(folder / name, weights_only=True).items():
            own.update(json.dumps([key, "float32", list(tensor.shape)], separators=(",", ":")).encode() + b"\n")
            own.update(tensor.numpy().tobytes())
        assert hashes["values"] == own.hexdigest()
        assert hashes["file"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_it_is_told_as_it_is_written(trained: Driver) -> None:
    caller = Caller(trained.port)
    asked = "/ttp/sandbox/manifests?project_id=penguins"

    assert caller.ok("GET", asked) == [written(trained)]
    assert caller.ok("GET", f"{asked}&expt_id=one_layer&run_id=adam") == [written(trained)]
    assert "does not exist" in caller.refused(404, "GET", "/ttp/sandbox/manifests?project_id=nothing")
    assert caller.refused(417, "GET", "/ttp/sandbox/manifests") == "'project_id' must be given."
    assert trained.manifest(**IDS) == Manifest.read(folder_of(trained))


def test_it_is_of_the_training_that_made_the_model(trained_driver: Driver) -> None:
    before = written(trained_driver)
    trained_driver.models.create(**IDS)
    assert written(trained_driver) == before

    trained_driver.runs.update(**IDS, seed=8)
    trained_driver.models.create(**IDS)
    now = written(trained_driver)

    assert now["seed"] == now["run"]["seed"] == 8
    assert now["weights"] != before["weights"]
    assert now["losses"] != before["losses"]
    assert now["participants"] == before["participants"]
    assert now["sha256"] != before["sha256"]


def test_one_without_a_best_round_or_with_early_stopping_says_so(trained_driver: Driver) -> None:
    own = {**IDS, "run_id": "early"}
    trained_driver.runs.create(
        **own, rounds=9, epochs=1, lr=0.0, optimizer="SGD", criterion="NLLLoss", patience=1, delta=0.1
    )
    trained_driver.models.create(**own)

    found = written(trained_driver, run_id="early")

    assert found["rounds"]["ended"] == "early"
    assert found["rounds"]["done"] == len(found["losses"]["train"]) < 9


def test_a_search_leaves_one_for_each_trial_and_says_which_it_ended(trained_driver: Driver) -> None:
    found = trained_driver.optimizations.create(
        project_id="penguins",
        expt_id="one_layer",
        search_space={"lr": [0.03, 0.031, 0.032, 0.033, 0.034, 0.035, 1e-9]},
        fixed={"rounds": 3, "epochs": 30, "optimizer": "Adam", "criterion": "NLLLoss"},
        metric="accuracy",
        optimize_mode="max",
        scheduler="MedianStoppingRule",
    )
    manifests = {one.state: written(trained_driver, run_id=one.run_id) for one in found.trials}

    assert set(manifests) == {"done", "pruned"}
    for state, own in manifests.items():
        assert own["rounds"]["ended"] == state
        assert own["rounds"]["done"] == len(own["losses"]["train"])
    assert manifests["pruned"]["rounds"]["done"] < 3

    pruned = Manifest.read(manifests["pruned"])
    again = trained_driver.rerun(pruned)
    assert again, again
    assert "A search had ended it after" in str(again)


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    for name in ("north", "south"):
        for tag in ("train", "evaluate"):
            folder = data / name / tag
            folder.mkdir(parents=True)
            (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
            (folder / "schema.json").write_text('{"x": "float64", "target": "float64"}')
            rows = [f"{number / 7},{number * 2}" for number in range(12)]
            (folder / "data.csv").write_text("\n".join(["x,target", *rows]) + "\n")
    return data


def tell(driver: Driver, **fields: Any) -> None:
    layer: dict[str, Any] = {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 1, "out_features": 1},
        "activation": None,
    }
    driver.projects.create(project_id="p", action="regress", incentives={})
    driver.experiments.create(project_id="p", expt_id="e", model=[layer])
    run: dict[str, Any] = {"rounds": 3, "epochs": 1, "lr": 0.01, "optimizer": "SGD", "criterion": "MSELoss", **fields}
    driver.runs.create(project_id="p", expt_id="e", run_id="r", **run)
    for name in ("north", "south"):
        driver.participants.create(name)
        driver.registrations.create(project_id="p", participant_id=name, role="guest")
        driver.tags.create(project_id="p", participant_id=name, train=[["train"]], evaluate=[["evaluate"]])
    driver.alignments.create(project_id="p")


def test_a_training_does_not_go_on_with_other_rows(own_data: Path, tmp_path: Path) -> None:
    def stop(done: Progress) -> None:
        raise RuntimeError("the power is off")

    with Sandbox(data=own_data, store=tmp_path / "s", on_round=stop) as ttp, Driver(ttp.host, ttp.port) as driver:
        tell(driver)
        with pytest.raises(Exception, match=r"."):
            driver.models.create(project_id="p")
    file = own_data / "south" / "train" / "data.csv"
    kept = file.read_text()
    with Sandbox(data=own_data, store=tmp_path / "s") as ttp, Driver(ttp.host, ttp.port) as driver:
        file.write_text(kept.replace("0.0,0\n", "0.0,0.5\n"))
        with pytest.raises(Conflict, match="the data of participant 'south' to train with changed"):
            driver.models.create(project_id="p", resume=True)
        file.write_text(kept)
        driver.models.create(project_id="p", resume=True)
        resumed = driver.manifest(project_id="p", expt_id="e", run_id="r")
        driver.models.create(project_id="p")

        assert driver.manifest(project_id="p", expt_id="e", run_id="r") == resumed
