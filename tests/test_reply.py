"""The Reply: the answer as a plain dict, and its data as typed objects when they are asked for."""

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from recorder import Recorder, envelope
from synergos_client.models.model_file import ModelFile
from synergos_client.models.project import Project
from synergos_client.models.run import Run

from synergos import Driver, NotAnswered, NotFound, Reply, Unreadable

RECORD = {
    "doc_id": "1",
    "kind": "Project",
    "key": {"project_id": "p"},
    "relations": {"Run": []},
    "action": "classify",
}


@pytest.fixture
def reply(recorder: Recorder) -> Reply[Project]:
    recorder.respond(200, json=envelope(RECORD, project_id="p"))
    return recorder.driver.projects.read(project_id="p")


@pytest.fixture
def failed(recorder: Recorder) -> Reply[Project]:
    recorder.respond(404, json={"message": "Project 'p' does not exist!"})
    driver = Driver("localhost", 5000, errors="return", transport=recorder.transport)
    return driver.projects.read(project_id="p")


def test_a_reply_is_the_answer_as_a_dict(reply: Reply[Project]) -> None:
    assert isinstance(reply, dict)
    assert reply == envelope(RECORD, project_id="p")
    assert json.loads(json.dumps(reply)) == reply
    assert dict(reply) == reply


def test_a_reply_tells_status_and_ids(reply: Reply[Project]) -> None:
    assert reply.status == 200
    assert reply.params == {"project_id": "p"}


def test_the_ids_are_empty_where_the_ttp_tells_none(recorder: Recorder) -> None:
    recorder.respond(200, json={"data": [], "status": 200})

    assert recorder.driver.projects.read_all().params == {}


def test_data_are_typed_and_parsed_once(reply: Reply[Project]) -> None:
    assert isinstance(reply.data, Project)
    assert reply.data.key.project_id == "p"
    assert reply.data.action == "classify"
    assert reply.data is reply.data


def test_data_of_a_list_are_a_list(recorder: Recorder) -> None:
    recorder.answer([RECORD, RECORD])

    data = recorder.driver.projects.read_all().data

    assert [type(project) for project in data] == [Project, Project]


def test_parsing_leaves_the_dict_alone(reply: Reply[Project]) -> None:
    before = copy.deepcopy(dict(reply))

    _ = reply.data

    assert reply == before


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        *(
            lambda reply, protocol=protocol: pickle.loads(pickle.dumps(reply, protocol))
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
@pytest.mark.parametrize("is_parsed", [False, True])
def test_a_copy_is_a_reply_with_data(
    reply: Reply[Project], is_parsed: bool, duplicate: Callable[[Reply[Project]], Reply[Project]]
) -> None:
    if is_parsed:
        _ = reply.data

    found = duplicate(reply)

    assert type(found) is Reply
    assert found == reply
    assert found.status == 200
    assert found.data.key.project_id == "p"
    assert found.data.start_at is None


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])
def test_a_copy_of_a_list_is_a_reply_with_data(duplicate: Callable[[Any], Any], recorder: Recorder) -> None:
    recorder.answer([RECORD])
    reply = recorder.driver.projects.read_all()
    _ = reply.data

    assert duplicate(reply).data[0].key.project_id == "p"


def test_a_deep_copy_shares_nothing(reply: Reply[Project]) -> None:
    found = copy.deepcopy(reply)
    found["data"]["action"] = "regress"

    assert reply["data"]["action"] == "classify"


# Answers that the contract does not know


def test_fields_that_the_contract_does_not_know_are_kept(recorder: Recorder) -> None:
    recorder.answer({**RECORD, "colour": "blue"})

    reply = recorder.driver.projects.read(project_id="p")

    assert reply.data["colour"] == "blue"
    assert reply["data"]["colour"] == "blue"


def test_fields_that_are_absent_are_none_or_say_that_they_are(recorder: Recorder) -> None:
    recorder.answer({"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}, "relations": {}, "incentives": None})

    project = recorder.driver.projects.read(project_id="p").data

    assert project.universe_alignment is None
    for name in ("action", "incentives"):
        with pytest.raises(NotAnswered, match=rf"no {name} of this Project. It has told: doc_id, kind, key, relations"):
            getattr(project, name)
    assert not hasattr(project, "action")
    with pytest.raises(AttributeError, match="no attribute 'accion'"):
        _ = project.accion  # type: ignore[attr-defined]


def test_a_value_that_the_contract_does_not_know_is_kept(recorder: Recorder) -> None:
    recorder.answer({**RECORD, "action": "cluster"})

    assert recorder.driver.projects.read(project_id="p").data.action == "cluster"


def test_hyperparameters_that_the_contract_does_not_know_are_kept(recorder: Recorder) -> None:
    ids = {"project_id": "p", "expt_id": "e", "run_id": "r"}
    recorder.answer({"doc_id": "1", "kind": "Run", "key": ids, "relations": {}, "mode": "zigzag", "momentum": 0.9})

    run = recorder.driver.runs.read(**ids).data

    assert isinstance(run, Run)
    assert (run.mode, run["momentum"]) == ("zigzag", 0.9)


def test_each_participants_model_is_typed(recorder: Recorder) -> None:
    file = {"origin": "w", "path": "w.pt", "loss_history": "w.json"}
    key = {"project_id": "p", "expt_id": "e", "run_id": "r"}
    recorder.answer(
        [{"doc_id": "1", "kind": "Model", "key": key, "global": {**file, "origin": "ttp"}, "local_1": file}]
    )

    (model,) = recorder.driver.models.read(project_id="p").data

    assert model.global_.origin == "ttp"
    assert isinstance(model["local_1"], ModelFile)
    assert model["local_1"].origin == "w"


def test_statistics_may_be_absent_or_not_a_number(recorder: Recorder) -> None:
    key = {"project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": "w"}
    record = {"doc_id": "1", "kind": "Validation", "key": key}
    untrained = {**record, "evaluate": {"statistics": {}, "res_path": None}}
    poor = {**record, "evaluate": {"statistics": {"accuracy": [0.5, math.nan]}, "res_path": "x.csv"}}
    recorder.respond(200, content=json.dumps(envelope([untrained, poor])))

    first, second = recorder.driver.validations.read(project_id="p").data

    with pytest.raises(NotAnswered, match="The run is untrained"):
        first.evaluate.statistics.accuracy[0]
    assert first.evaluate.statistics.r2 is None
    assert first.evaluate.res_path is None
    assert math.isnan(second.evaluate.statistics.accuracy[1])


@pytest.mark.parametrize("none", [None, math.nan])
def test_a_number_that_there_is_none_of_is_read_as_each_ttp_sends_it(recorder: Recorder, none: float | None) -> None:
    key = {"project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": "w"}
    evaluate = {"statistics": {"R2": none, "MSE": 0.5, "MAE": 0.5}, "res_path": "x.csv"}
    sent = {"doc_id": "1", "kind": "Validation", "key": key, "evaluate": evaluate}
    recorder.respond(200, content=json.dumps(envelope([sent])))

    (found,) = recorder.driver.validations.read(project_id="p").data

    assert found.evaluate.statistics.r2 is None if none is None else math.isnan(found.evaluate.statistics.r2)
    assert found.evaluate.statistics.mse == 0.5


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        7,
        [],
        [RECORD],
        {},
        {"doc_id": "1", "kind": "Project"},
        {**RECORD, "key": None},
    ],
)
def test_data_outside_the_contract_are_told_and_stay_in_the_dict(data: object, recorder: Recorder) -> None:
    recorder.answer(data)

    reply = recorder.driver.projects.read(project_id="p")

    assert reply["data"] == data
    assert reply.status == 200
    for _ in range(2):
        with pytest.raises(Unreadable, match="not what the contract says") as caught:
            _ = reply.data
        assert caught.value.body == reply
        assert caught.value.__cause__ is not None
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [None, {}, RECORD, 7, [None], [7], ["text"], [{}]])
def test_lists_outside_the_contract_are_told_and_stay_in_the_dict(data: object, recorder: Recorder) -> None:
    recorder.answer(data)

    reply = recorder.driver.projects.read_all()

    assert reply["data"] == data
    if data == {}:
        # Nothing in it, as in a list.
        assert reply.data == []
    else:
        with pytest.raises(Unreadable):
            _ = reply.data


@pytest.mark.parametrize(
    ("changed", "touch"),
    [
        ({"key": {}}, lambda project: project.key.project_id),
        ({"relations": [1]}, lambda project: project.relations),
        ({"relations": {"Run": 1}}, lambda project: project.relations.run),
        ({"relations": {"Run": [1]}}, lambda project: project.relations.run),
        ({"relations": {"Run": [{"kind": "Run"}]}}, lambda project: project.relations.run[0]),
        ({"incentives": "none"}, lambda project: project.incentives),
    ],
)
def test_a_field_outside_the_contract_is_told_when_it_is_touched(
    changed: dict[str, Any], touch: Callable[[Project], object], recorder: Recorder
) -> None:
    recorder.answer({**RECORD, **changed})

    project = recorder.driver.projects.read(project_id="p").data

    assert project.action == "classify"
    for _ in range(2):
        with pytest.raises((Unreadable, NotAnswered)) as caught:
            touch(project)
        assert "\n" not in str(caught.value)
    assert "action='classify'" in repr(project)
    assert "classify" in (project._repr_html_() or "")
    assert project.to_dict() == {**RECORD, **changed}


# Errors that are returned


def test_a_returned_error_is_message_and_status(failed: Reply[Project]) -> None:
    assert type(failed) is Reply
    assert failed == {"message": "Project 'p' does not exist!", "status": 404}
    assert failed.status == 404
    assert failed.params == {}
    assert "data" not in failed
    assert failed.get("data") is None
    assert json.loads(json.dumps(failed)) == failed


def test_the_data_of_a_returned_error_raise_it(failed: Reply[Project]) -> None:
    with pytest.raises(NotFound, match="does not exist") as caught:
        _ = failed.data

    assert caught.value.operation == "projects.read"
    assert caught.value.ids == {"project_id": "p"}


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])
def test_a_copy_of_a_returned_error_is_one(failed: Reply[Project], duplicate: Callable[[Any], Any]) -> None:
    found = duplicate(failed)

    assert found == failed
    with pytest.raises(NotFound, match="does not exist"):
        _ = found.data


@pytest.mark.parametrize("status", [400, 403, 404, 417, 500, 503, 599])
def test_a_returned_error_has_a_message_whatever_the_body_is(status: int, recorder: Recorder) -> None:
    recorder.respond(status, html="<h1>Worn out</h1>")
    driver = Driver("localhost", 5000, errors="return", transport=recorder.transport)

    reply = driver.models.create(project_id="p")
    assert set(reply) == {"message", "status"}
    assert reply["status"] == status
    # What may be behind a failure of work comes after it.
    assert reply["message"].startswith("Worn out") or status == 404


def test_an_answer_that_is_no_answer_raises_in_any_case(recorder: Recorder) -> None:
    recorder.respond(200, text="hello")
    driver = Driver("localhost", 5000, errors="return", transport=recorder.transport)

    with pytest.raises(Unreadable):
        driver.projects.read_all()

    recorder.fail(httpx.ReadTimeout("timed out"))
    with pytest.raises(TimeoutError):
        driver.projects.read_all()


def test_an_answer_without_a_status_says_so() -> None:
    reply = Reply({"data": []}, list)
    with pytest.raises(Unreadable, match="The answer has no status"):
        _ = reply.status
