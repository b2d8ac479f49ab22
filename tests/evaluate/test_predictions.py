"""Predictions: the requests that are sent, what is refused before, and predictions at each level."""

import csv
from pathlib import Path
from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound, Rejected

PATH = f"/ttp/evaluate/participants/{ODD_ENCODED}/predictions/"
JOB = {"auto_align": True, "dockerised": True, "verbose": True, "log_msgs": True}
TAGS = {"p": [["iid_1"]]}
LEVELS: list[tuple[dict[str, str], str]] = [
    ({"participant_id": ODD}, PATH),
    ({"participant_id": ODD, "project_id": ODD}, f"{PATH}{ODD_ENCODED}"),
    ({"participant_id": ODD, "project_id": "p", "expt_id": ODD}, f"{PATH}p/{ODD_ENCODED}"),
    ({"participant_id": ODD, "project_id": "p", "expt_id": "e", "run_id": ODD}, f"{PATH}p/e/{ODD_ENCODED}"),
]
IDS = {"participant_id": "w", "project_id": "p", "expt_id": "e", "run_id": "r"}
RUN = {"participant_id": "biscoe", "project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}


@pytest.mark.parametrize(("ids", "path"), LEVELS)
def test_each_level_has_its_route(ids: dict[str, str], path: str, recorder: Recorder) -> None:
    recorder.call("predictions.create", {"tags": TAGS, **ids})
    recorder.driver.predictions.read(**ids)

    # The tags that there are already are read before.
    assert any(sent.method == "GET" and sent.path.endswith("/registration/tags") for sent in recorder.sent[:-2])
    assert recorder.sent[-2:] == [*recorder.written, Sent("GET", path)]
    assert recorder.written == [Sent("POST", path, {"tags": TAGS, **JOB})]


def test_tags_and_ids_may_be_given_in_their_order(recorder: Recorder) -> None:
    recorder.driver.predictions.create(TAGS, "w", "p", "e", "r")
    recorder.driver.predictions.read("w", "p", "e", "r")

    assert {sent.path for sent in recorder.sent[-2:]} == {"/ttp/evaluate/participants/w/predictions/p/e/r"}


@pytest.mark.parametrize("name", JOB)
def test_each_switch_is_sent(name: str, recorder: Recorder) -> None:
    recorder.call("predictions.create", {"tags": TAGS, **IDS, name: False})

    assert recorder.sent[-1].body == {"tags": TAGS, **JOB, name: False}


def test_tags_of_several_projects_are_sent_as_lists(recorder: Recorder) -> None:
    recorder.driver.predictions.create({"p": (("a", "b"),), ODD: []}, "w")

    assert recorder.sent[-1].body["tags"] == {"p": [["a", "b"]], ODD: []}


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(("verb", "arguments"), [("create", {"tags": TAGS}), ("read", {})])
@pytest.mark.parametrize("name", IDS)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], name: str, bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"predictions.{verb}", {**arguments, **IDS, name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize(("verb", "arguments"), [("create", {"tags": TAGS}), ("read", {})])
@pytest.mark.parametrize(
    ("missing", "given"),
    [(("project_id",), "run_id"), (("expt_id",), "run_id"), (("project_id", "expt_id"), "run_id")],
)
def test_an_id_without_the_one_above_it_is_never_a_wider_request(
    verb: str, arguments: dict[str, Any], missing: tuple[str, ...], given: str, recorder: Recorder
) -> None:
    ids = {name: value for name, value in IDS.items() if name not in missing}

    recorder.assert_refuses(f"predictions.{verb}", {**arguments, **ids}, given, missing[0], kind=InvalidId)


@pytest.mark.parametrize(("verb", "arguments"), [("create", {"tags": TAGS}), ("read", {})])
def test_a_participant_has_to_be_given(verb: str, arguments: dict[str, Any], recorder: Recorder) -> None:
    recorder.assert_refuses(f"predictions.{verb}", arguments, "participant_id is missing", kind=InvalidId)
    recorder.assert_refuses(
        f"predictions.{verb}", {**arguments, "participant_id": None}, "participant_id", kind=InvalidId
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tags": None}, "tags=None"),
        ({"tags": [["iid_1"]]}, "tags=[['iid_1']]"),
        ({"tags": {"p": "iid_1"}}, "tags['p']='iid_1'"),
        ({"tags": {"p": ["iid_1"]}}, "tags['p'][0]='iid_1'"),
        ({"tags": {"p": [[1]]}}, "tags['p'][0][0]=1"),
        ({"tags": {1: [["iid_1"]]}}, "a key of tags=1"),
        ({"tags": TAGS, "auto_align": "yes"}, "auto_align='yes'"),
        ({"tags": TAGS, "dockerized": True}, "did you mean 'dockerised'?"),
        ({"tags": TAGS, "predict": TAGS}, "no argument 'predict'"),
    ],
)
def test_what_cannot_be_right_is_refused(arguments: dict[str, Any], words: str, recorder: Recorder) -> None:
    recorder.assert_refuses("predictions.create", {**IDS, **arguments}, words)


@pytest.mark.parametrize("depth", range(1, 5))
def test_predictions_are_read_at_each_level(depth: int, trained: Driver) -> None:
    (found,) = trained.predictions.read(**dict(list(RUN.items())[:depth])).data

    assert (found.key.participant_id, found.key.run_id) == ("biscoe", "adam")


def test_there_is_one_line_for_each_row_of_the_data(trained_driver: Driver) -> None:
    (found,) = trained_driver.predictions.create({"penguins": [["non_iid_2"]]}, "biscoe").data

    statistics = found.predict.statistics.to_dict()
    with Path(str(found.predict.res_path)).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == sum(statistics[name][0] for name in ("TPs", "TNs", "FPs", "FNs"))


def test_predicting_replaces_the_tags_to_predict_on(trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "participant_id": "biscoe"}
    before = trained_driver.tags.read(**ids).data

    trained_driver.predictions.create({"penguins": [["non_iid_2"]]}, "biscoe")

    after = trained_driver.tags.read(**ids).data
    assert after.predict == [["non_iid_2"]]
    assert (after.train, after.evaluate) == (before.train, before.evaluate)


def test_a_project_without_tags_is_refused(trained_driver: Driver) -> None:
    trained_driver.projects.create(project_id="other", action="classify")

    with pytest.raises(Rejected, match="'penguins'"):
        trained_driver.predictions.create({"other": [["iid_1"]]}, "biscoe", "penguins")


def test_what_is_not_there_is_not_found(trained: Driver) -> None:
    for ids in ({**RUN, "run_id": "x"}, {**RUN, "participant_id": "x"}):
        with pytest.raises(NotFound, match="'x'"):
            trained.predictions.create({"penguins": [["iid_1"]]}, **ids)
        with pytest.raises(NotFound):
            trained.predictions.read(**ids)
