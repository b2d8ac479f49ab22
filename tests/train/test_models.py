"""Models: the requests that are sent, what is refused before, and training at each level."""

import json
from pathlib import Path
from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound, Rejected

PATH = f"/ttp/train/projects/{ODD_ENCODED}/models/"
JOB = {"auto_align": True, "dockerised": True, "verbose": True, "log_msgs": True}
LEVELS: list[tuple[dict[str, str], str]] = [
    ({"project_id": ODD}, PATH),
    ({"project_id": ODD, "expt_id": ODD}, f"{PATH}{ODD_ENCODED}"),
    ({"project_id": ODD, "expt_id": "e", "run_id": ODD}, f"{PATH}e/{ODD_ENCODED}"),
]
IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}


@pytest.mark.parametrize(("ids", "path"), LEVELS)
def test_each_level_has_its_route(ids: dict[str, str], path: str, recorder: Recorder) -> None:
    recorder.driver.models.create(**ids)
    recorder.driver.models.read(**ids)

    assert [*recorder.written, recorder.sent[-1]] == [Sent("POST", path, JOB), Sent("GET", path)]


@pytest.mark.parametrize("name", JOB)
def test_each_switch_is_sent(name: str, recorder: Recorder) -> None:
    recorder.call("models.create", {**IDS, name: False})

    assert recorder.sent[-1].body == {**JOB, name: False}


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("verb", ["create", "read"])
@pytest.mark.parametrize("name", IDS)
def test_an_id_that_cannot_be_addressed_is_refused(verb: str, name: str, bad: object, recorder: Recorder) -> None:
    recorder.assert_refuses(f"models.{verb}", {**IDS, name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize("verb", ["create", "read"])
def test_an_id_without_the_one_above_it_is_never_a_wider_request(verb: str, recorder: Recorder) -> None:
    recorder.assert_refuses(f"models.{verb}", {"project_id": "p", "run_id": "r"}, "run_id", "expt_id", kind=InvalidId)
    recorder.assert_refuses(f"models.{verb}", {**IDS, "expt_id": None}, "run_id", "expt_id", kind=InvalidId)
    recorder.assert_refuses(f"models.{verb}", {**IDS, "project_id": None}, "project_id", kind=InvalidId)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"auto_align": 1}, "auto_align=1"),
        ({"dockerised": "no"}, "dockerised='no'"),
        ({"verbose": None}, "verbose=None"),
        ({"log_mgs": True}, "did you mean 'log_msgs'?"),
        ({"participant_id": "w"}, "no argument 'participant_id'"),
    ],
)
def test_what_cannot_be_right_is_refused(arguments: dict[str, Any], words: str, recorder: Recorder) -> None:
    recorder.assert_refuses("models.create", {**IDS, **arguments}, words)


@pytest.mark.parametrize(
    "ids",
    [
        {},
        {"expt_id": "one_layer"},
        {"expt_id": "one_layer", "run_id": "adam"},
    ],
)
def test_models_are_read_at_each_level(ids: dict[str, str], trained: Driver) -> None:
    (model,) = trained.models.read(project_id="penguins", **ids).data

    assert model.key.run_id == "adam"
    assert {model["local_1"].origin, model["local_2"].origin} == {"biscoe", "dream"}


def test_the_files_of_a_model_are_there(trained_driver: Driver) -> None:
    (model,) = trained_driver.models.create(project_id="penguins").data

    for file in (model.global_, model["local_1"], model["local_2"]):
        assert Path(file.path).is_file()
        assert json.loads(Path(file.loss_history).read_text(encoding="utf-8"))


def test_all_runs_below_the_ids_are_trained(trained_driver: Driver) -> None:
    run = {"rounds": 1, "epochs": 1, "lr_scheduler": "", "criterion": "NLLLoss"}
    trained_driver.runs.create(project_id="penguins", expt_id="one_layer", run_id="sgd", **run)

    models = trained_driver.models.create(project_id="penguins", expt_id="one_layer").data

    assert [model.key.run_id for model in models] == ["adam", "sgd"]
    assert len(trained_driver.models.read(project_id="penguins").data) == 2


def test_training_says_what_is_missing(driver: Driver) -> None:
    with pytest.raises(NotFound, match="'p' does not exist"):
        driver.models.create(project_id="p")

    driver.projects.create(project_id="p", action="classify")
    driver.experiments.create(project_id="p", expt_id="e", model=[])
    with pytest.raises(NotFound, match="no runs"):
        driver.models.create(project_id="p")

    driver.runs.create(project_id="p", expt_id="e", run_id="r", lr_scheduler="")
    with pytest.raises(Rejected, match="not aligned"):
        driver.models.create(project_id="p")
    with pytest.raises(NotFound):
        driver.models.read(project_id="p")


def test_training_needs_a_participant_that_evaluates(trained_driver: Driver) -> None:
    for name in ("biscoe", "dream"):
        trained_driver.tags.update(project_id="penguins", participant_id=name, evaluate=[])

    with pytest.raises(Rejected, match="evaluate"):
        trained_driver.models.create(project_id="penguins")
