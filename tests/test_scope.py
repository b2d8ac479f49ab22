"""Ids that are named once: what a scope fills in, what it leaves to the call, and what is still missing."""

from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, Unreachable

ALL = {"collab_id": "c", "project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": "w"}
IN_COLLAB = "collaborations/c/projects/p"


def paths(recorder: Recorder) -> list[str]:
    return [sent.path.removeprefix("/ttp/") for sent in recorder.sent]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("collaborations.read", "connect/collaborations/c"),
        ("projects.read_all", "connect/collaborations/c/projects/"),
        ("projects.read", f"connect/{IN_COLLAB}"),
        ("experiments.read_all", f"connect/{IN_COLLAB}/experiments/"),
        ("experiments.read", f"connect/{IN_COLLAB}/experiments/e"),
        ("runs.read_all", f"connect/{IN_COLLAB}/experiments/e/runs/"),
        ("runs.read", f"connect/{IN_COLLAB}/experiments/e/runs/r"),
        ("participants.read", "connect/participants/w"),
        ("registrations.read", f"connect/{IN_COLLAB}/participants/w/registration"),
        ("tags.read", f"connect/{IN_COLLAB}/participants/w/registration/tags"),
        ("alignments.read", f"train/{IN_COLLAB}/alignments/"),
        ("models.read", f"train/{IN_COLLAB}/models/e/r"),
        ("optimizations.read", f"train/{IN_COLLAB}/models/e/optimizations/"),
        ("validations.read", f"evaluate/{IN_COLLAB}/validations/e/r/w"),
        ("predictions.read", "evaluate/participants/w/collaborations/c/predictions/p/e/r"),
    ],
)
def test_each_id_is_filled_in_where_a_call_takes_it(verb: str, path: str, recorder: Recorder) -> None:
    task, name = verb.split(".")

    getattr(getattr(recorder.driver.scope(**ALL), task), name)()

    assert recorder.sent == [Sent("GET", f"/ttp/{path}")]


def test_ids_of_the_body_are_filled_in_too(recorder: Recorder) -> None:
    scoped = recorder.driver.scope(**ALL)

    scoped.collaborations.create()
    scoped.projects.create(action="classify")
    scoped.experiments.create(model=[])
    scoped.runs.create()
    scoped.participants.create()

    own = [sent.body[name] for sent, name in zip(recorder.sent, [*list(ALL)[:4], "id"], strict=True)]
    assert own == list(ALL.values())
    assert paths(recorder)[3] == f"connect/{IN_COLLAB}/experiments/e/runs/"


def test_scopes_nest_and_leave_the_driver_as_it_was(recorder: Recorder) -> None:
    outer = recorder.driver.scope(project_id="p")
    inner = outer.scope(expt_id="e").scope(run_id="r")

    inner.runs.read()
    outer.projects.read()
    recorder.driver.projects.read_all()
    with pytest.raises(InvalidId):
        outer.runs.read()

    assert paths(recorder) == ["connect/projects/p/experiments/e/runs/r", "connect/projects/p", "connect/projects/"]


def test_the_collaboration_of_a_driver_is_the_scope_of_all_its_calls(recorder: Recorder) -> None:
    driver = Driver("ttp.example", 5000, collab_id=ODD, transport=recorder.transport)

    driver.projects.read_all()
    driver.scope(project_id="p").projects.read()
    driver.scope(collab_id="d", project_id="p").projects.read()

    assert paths(recorder) == [
        f"connect/collaborations/{ODD_ENCODED}/projects/",
        f"connect/collaborations/{ODD_ENCODED}/projects/p",
        "connect/collaborations/d/projects/p",
    ]


def test_an_id_that_a_call_is_given_wins(recorder: Recorder) -> None:
    scoped = recorder.driver.scope(**ALL)

    scoped.runs.read(run_id="s")
    scoped.tags.read(participant_id="v")
    scoped.models.read(collab_id="c", project_id="p", expt_id="e")

    assert paths(recorder) == [
        f"connect/{IN_COLLAB}/experiments/e/runs/s",
        f"connect/{IN_COLLAB}/participants/v/registration/tags",
        f"train/{IN_COLLAB}/models/e/r",
    ]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"expt_id": "other"}, f"train/{IN_COLLAB}/models/other"),
        ({"project_id": "other"}, "train/collaborations/c/projects/other/models/"),
        ({"collab_id": "other", "project_id": "p"}, "train/collaborations/other/projects/p/models/"),
        ({"expt_id": "other", "run_id": "r"}, f"train/{IN_COLLAB}/models/other/r"),
    ],
)
def test_ids_below_one_that_is_given_differently_are_not_taken(
    given: dict[str, str], path: str, recorder: Recorder
) -> None:
    scoped = recorder.driver.scope(**ALL)

    scoped.models.read(**given)
    scoped.scope(**given).models.read()

    assert paths(recorder) == [path, path]


@pytest.mark.parametrize(
    ("scope", "verb", "arguments", "words"),
    [
        (ALL, "runs.read", {"expt_id": "other"}, "without run_id"),
        (ALL, "runs.read", {"project_id": "other"}, "without expt_id and run_id"),
        (ALL, "projects.read", {"collab_id": "other"}, "without project_id"),
        (ALL, "models.read", {"collab_id": "other"}, "without project_id"),
        ({"project_id": "p"}, "runs.read", {"run_id": "r"}, "without expt_id"),
        (
            {"project_id": "p", "run_id": "r"},
            "models.create",
            {},
            "project_id='p', run_id='r' is given without expt_id",
        ),
        ({"collab_id": "c"}, "experiments.read_all", {}, "collab_id='c' is given without project_id"),
        ({"expt_id": "e"}, "validations.read", {}, "expt_id='e' is given without project_id"),
        ({}, "tags.delete", {}, "project_id and participant_id is missing"),
        ({"collab_id": "c"}, "tags.read", {}, "without project_id and participant_id"),
        ({"participant_id": "w"}, "alignments.create", {}, "project_id is missing"),
        ({"project_id": "p"}, "collaborations.delete", {}, "collab_id is missing"),
        ({"project_id": "p"}, "collaborations.create", {}, "collab_id is missing"),
        ({"project_id": "p"}, "participants.create", {}, "participant_id is missing"),
        ({"collab_id": "c"}, "projects.create", {"action": "classify"}, "without project_id"),
        ({"project_id": "p"}, "experiments.create", {"model": []}, "without expt_id"),
        ({"project_id": "p", "expt_id": "e"}, "runs.create", {}, "without run_id"),
    ],
)
def test_an_id_that_is_still_missing_is_named_and_nothing_is_sent(
    scope: dict[str, str], verb: str, arguments: dict[str, Any], words: str, recorder: Recorder
) -> None:
    recorder.driver = recorder.driver.scope(**scope)

    recorder.assert_refuses(verb, arguments, words, "driver.scope(...)", kind=InvalidId)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_cannot_be_addressed_is_refused(name: str, bad: Any) -> None:
    with pytest.raises(InvalidId, match=rf"^\[scope\] {name}="):
        Driver("localhost", 5000).scope(**{name: bad})


def test_a_scope_has_tasks_of_its_own_on_the_same_connection(recorder: Recorder) -> None:
    scoped = recorder.driver.scope(project_id="p")

    assert scoped.projects is scoped.projects
    assert scoped.registrations is not recorder.driver.registrations
    scoped.registrations.add_node("h", 1, 2)
    assert recorder.driver.registrations.count_nodes() == 0
    scoped.close()
    with pytest.raises(Unreachable, match="closed"):
        recorder.driver.projects.read_all()


def test_a_scope_returns_errors_as_its_driver_does(recorder: Recorder) -> None:
    recorder.respond(404, json={"message": "no"})
    driver = Driver("ttp.example", 5000, errors="return", transport=recorder.transport)

    assert driver.scope(project_id="p").projects.read() == {"message": "no", "status": 404}


def test_repr_tells_the_ids() -> None:
    scoped = Driver("localhost", 5000, collab_id="c").scope(project_id="p", run_id="r")

    assert repr(scoped).endswith("is_secured=False, collab_id='c', project_id='p', run_id='r')")
    assert "run_id" not in repr(scoped.scope(project_id="q"))
