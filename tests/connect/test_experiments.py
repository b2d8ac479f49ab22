"""Experiments: the requests that are sent, which layers are refused before, and layers that were read sent again."""

from typing import Any

import numpy as np
import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound

PATH = f"/ttp/connect/projects/{ODD_ENCODED}/experiments/"
LAYER: dict[str, Any] = {
    "is_input": True,
    "l_type": "Linear",
    "structure": {"in_features": 4, "out_features": 1, "bias": True},
    "activation": "sigmoid",
}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", {"expt_id": "e", "model": [LAYER]}, Sent("POST", PATH, {"expt_id": "e", "model": [LAYER]})),
        ("create", {"expt_id": ODD, "model": []}, Sent("POST", PATH, {"expt_id": ODD, "model": []})),
        (
            "create",
            {"expt_id": "e", "model": ({"is_input": False, "l_type": "ReLU"},)},
            Sent(
                "POST",
                PATH,
                {
                    "expt_id": "e",
                    "model": [{"is_input": False, "l_type": "ReLU", "structure": {}, "activation": None}],
                },
            ),
        ),
        (
            "create",
            {"expt_id": "e", "model": [{**LAYER, "activation": "", "structure": {"p": np.float32(0.5), "q": None}}]},
            Sent(
                "POST",
                PATH,
                {"expt_id": "e", "model": [{**LAYER, "activation": "", "structure": {"p": 0.5, "q": None}}]},
            ),
        ),
        ("read_all", {}, Sent("GET", PATH)),
        ("read", {"expt_id": ODD}, Sent("GET", f"{PATH}{ODD_ENCODED}")),
        ("update", {"expt_id": ODD, "model": [LAYER]}, Sent("PUT", f"{PATH}{ODD_ENCODED}", {"model": [LAYER]})),
        ("delete", {"expt_id": ODD, "force": True}, Sent("DELETE", f"{PATH}{ODD_ENCODED}")),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"experiments.{verb}", {"project_id": ODD, **arguments})

    assert recorder.sent == [sent]


IDS = {"project_id": "p", "expt_id": "e"}


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(
    ("verb", "arguments", "name"),
    [
        ("create", {**IDS, "model": []}, "project_id"),
        ("create", {**IDS, "model": []}, "expt_id"),
        ("read_all", {}, "project_id"),
        ("read", IDS, "project_id"),
        ("read", IDS, "expt_id"),
        ("update", {**IDS, "model": []}, "project_id"),
        ("update", {**IDS, "model": []}, "expt_id"),
        ("delete", IDS, "project_id"),
        ("delete", IDS, "expt_id"),
    ],
)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], name: str, bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"experiments.{verb}", {**arguments, name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ("", "model=''"),
        (LAYER, "model="),
        ("Linear", "model='Linear'"),
        (["Linear"], "model[0]='Linear'"),
        ([LAYER, [LAYER]], "model[1]="),
        ([{}], "model[0] has no 'is_input'"),
        ([LAYER, {"is_input": False}], "model[1] has no 'l_type'"),
        ([{**LAYER, "ltype": "Linear"}], "model[0] has no field 'ltype': did you mean 'l_type'?"),
        ([{**LAYER, "colour": "blue"}], "model[0] has no field 'colour'"),
        ([{**LAYER, "is_input": 1}], "model[0]['is_input']=1"),
        ([{**LAYER, "l_type": None}], "model[0]['l_type']=None"),
        ([{**LAYER, "activation": False}], "model[0]['activation']=False"),
        ([{**LAYER, "structure": None}], "model[0]['structure']=None"),
        ([{**LAYER, "structure": [4, 1]}], "model[0]['structure']=[4, 1]"),
        ([{**LAYER, "structure": {"kernel_size": [3, 3]}}], "model[0]['structure']['kernel_size']=[3, 3]"),
        ([LAYER, {**LAYER, "structure": {"kernel_size": (3, 3)}}], "model[1]['structure']['kernel_size']=(3, 3)"),
        ([{**LAYER, "structure": {"weight": {"a": 1}}}], "model[0]['structure']['weight']={'a': 1}"),
        ([{**LAYER, "structure": {"weight": np.zeros(2)}}], "model[0]['structure']['weight']="),
        ([{**LAYER, "structure": {1: 1}}], "model[0]['structure']=1"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_layer_that_cannot_be_right_is_refused(verb: str, layers: Any, words: str, recorder: Recorder) -> None:
    recorder.assert_refuses(f"experiments.{verb}", {**IDS, "model": layers}, words)


def test_an_experiment_has_a_model(recorder: Recorder) -> None:
    with pytest.raises(TypeError, match="model"):
        recorder.call("experiments.create", IDS)
    assert recorder.sent == []


def test_an_update_that_changes_nothing_is_refused(recorder: Recorder) -> None:
    recorder.assert_refuses("experiments.update", IDS, "nothing to change: give model")


def test_a_layer_that_is_sent_stays_as_it_was(recorder: Recorder) -> None:
    layer = {"is_input": False, "l_type": "ReLU"}

    recorder.driver.experiments.create(**IDS, model=[layer])

    assert layer == {"is_input": False, "l_type": "ReLU"}


def test_layers_that_were_read_can_be_sent_again(driver: Driver) -> None:
    driver.projects.create(project_id="p", action="classify")
    bare = {"is_input": False, "l_type": "ReLU", "structure": {}, "activation": None}
    driver.experiments.create(**IDS, model=[LAYER, bare])
    read = driver.experiments.read(**IDS)["data"]["model"]
    assert read[1] == {"is_input": False, "l_type": "ReLU"}

    driver.experiments.update(**IDS, model=read)
    driver.experiments.create(project_id="p", expt_id="copy", model=read)

    assert driver.experiments.read(**IDS)["data"]["model"] == read
    assert driver.experiments.read(project_id="p", expt_id="copy")["data"]["model"] == read


def test_typed_layers_can_be_sent_again_as_dicts(driver: Driver) -> None:
    driver.projects.create(project_id="p", action="classify")
    layers = driver.experiments.create(**IDS, model=[LAYER]).data.model

    driver.experiments.update(**IDS, model=[layer.to_dict() for layer in layers])

    assert driver.experiments.read(**IDS).data.model[0].l_type == "Linear"


def test_deleting_an_experiment_leaves_others_of_its_name_alone(driver: Driver) -> None:
    for project_id in ("p", "q"):
        driver.projects.create(project_id=project_id, action="classify")
        driver.experiments.create(project_id=project_id, expt_id="e", model=[LAYER])
        driver.runs.create(project_id=project_id, expt_id="e", run_id="r", lr_scheduler="", criterion="BCELoss")

    driver.experiments.delete(project_id="p", expt_id="e")

    assert driver.runs.read_all(project_id="p", expt_id="e").data == []
    assert len(driver.runs.read_all(project_id="q", expt_id="e").data) == 1


def test_an_experiment_needs_its_project(driver: Driver) -> None:
    with pytest.raises(NotFound, match="'p' does not exist"):
        driver.experiments.create(**IDS, model=[LAYER])
    assert driver.experiments.read_all(project_id="p").data == []
