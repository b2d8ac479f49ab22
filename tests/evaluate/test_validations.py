"""Validations: the requests that are sent, what is refused before, and statistics at each level."""

from pathlib import Path
from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound

PATH = f"/ttp/evaluate/projects/{ODD_ENCODED}/validations/"
JOB = {"auto_align": True, "dockerised": True, "verbose": True, "log_msgs": True}
LEVELS: list[tuple[dict[str, str], str]] = [
    ({"project_id": ODD}, PATH),
    ({"project_id": ODD, "expt_id": ODD}, f"{PATH}{ODD_ENCODED}"),
    ({"project_id": ODD, "expt_id": "e", "run_id": ODD}, f"{PATH}e/{ODD_ENCODED}"),
    ({"project_id": ODD, "expt_id": "e", "run_id": "r", "participant_id": ODD}, f"{PATH}e/r/{ODD_ENCODED}"),
]
IDS = {"project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": "w"}
RUN = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}


@pytest.mark.parametrize(("ids", "path"), LEVELS)
def test_each_level_has_its_route(ids: dict[str, str], path: str, recorder: Recorder) -> None:
    recorder.driver.validations.create(**ids)
    recorder.driver.validations.read(**ids)

    assert [*recorder.written, recorder.sent[-1]] == [Sent("POST", path, JOB), Sent("GET", path)]


@pytest.mark.parametrize("name", JOB)
def test_each_switch_is_sent(name: str, recorder: Recorder) -> None:
    recorder.call("validations.create", {**IDS, name: False})

    assert recorder.sent[-1].body == {**JOB, name: False}


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("verb", ["create", "read"])
@pytest.mark.parametrize("name", IDS)
def test_an_id_that_cannot_be_addressed_is_refused(verb: str, name: str, bad: object, recorder: Recorder) -> None:
    recorder.assert_refuses(f"validations.{verb}", {**IDS, name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize("verb", ["create", "read"])
@pytest.mark.parametrize(
    ("missing", "given"),
    [
        (("expt_id",), "participant_id"),
        (("run_id",), "participant_id"),
        (("expt_id", "run_id"), "participant_id"),
    ],
)
def test_an_id_without_the_one_above_it_is_never_a_wider_request(
    verb: str, missing: tuple[str, ...], given: str, recorder: Recorder
) -> None:
    ids = {name: value for name, value in IDS.items() if name not in missing}

    recorder.assert_refuses(f"validations.{verb}", ids, given, missing[0], kind=InvalidId)
    recorder.assert_refuses(f"validations.{verb}", {**ids, **dict.fromkeys(missing)}, given, missing[0], kind=InvalidId)


@pytest.mark.parametrize("verb", ["create", "read"])
def test_a_project_has_to_be_given(verb: str, recorder: Recorder) -> None:
    recorder.assert_refuses(f"validations.{verb}", {}, "project_id is missing", kind=InvalidId)
    recorder.assert_refuses(f"validations.{verb}", {"project_id": None}, "project_id", kind=InvalidId)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"auto_align": 1}, "auto_align=1"),
        ({"dockerised": None}, "dockerised=None"),
        ({"verbos": True}, "did you mean 'verbose'?"),
        ({"tags": {}}, "no argument 'tags'"),
    ],
)
def test_what_cannot_be_right_is_refused(arguments: dict[str, Any], words: str, recorder: Recorder) -> None:
    recorder.assert_refuses("validations.create", {**IDS, **arguments}, words)


@pytest.mark.parametrize("depth", range(1, 5))
def test_validations_are_read_at_each_level(depth: int, trained: Driver) -> None:
    ids = dict(list({**RUN, "participant_id": "dream"}.items())[:depth])

    found = trained.validations.read(**ids).data

    assert [one.key.participant_id for one in found] == (["dream"] if depth == 4 else ["biscoe", "dream"])


def test_the_counts_of_each_class_are_those_of_the_rows(trained: Driver) -> None:
    statistics = trained.validations.read(**RUN)["data"][0]["evaluate"]["statistics"]

    rows = {
        sum(statistics[name][number] for name in ("TPs", "TNs", "FPs", "FNs"))
        for number in range(len(statistics["TPs"]))
    }
    assert len(rows) == 1
    assert len(statistics["accuracy"]) == 3
    assert all(0 <= value <= 1 for value in statistics["accuracy"])


def test_one_participant_can_be_validated_alone(trained_driver: Driver) -> None:
    (found,) = trained_driver.validations.create(**RUN, participant_id="dream").data

    assert found.key.participant_id == "dream"
    assert isinstance(found.evaluate.res_path, str)
    assert Path(found.evaluate.res_path).is_file()


def test_a_run_that_is_not_trained_has_no_statistics(trained_driver: Driver) -> None:
    ids = {**RUN, "run_id": "later"}
    trained_driver.runs.create(**ids, lr_scheduler="", criterion="NLLLoss")

    for one in trained_driver.validations.create(**ids)["data"]:
        assert one["evaluate"] == {"statistics": {}, "res_path": None}


def test_what_is_not_there_is_not_found(trained: Driver) -> None:
    for ids in ({**RUN, "run_id": "x"}, {**RUN, "participant_id": "x"}, {**RUN, "project_id": "x"}):
        with pytest.raises(NotFound, match="'x'"):
            trained.validations.create(**ids)
        with pytest.raises(NotFound):
            trained.validations.read(**ids)
