"""Two generations and several collaborations in one sandbox: the same ids everywhere, and nothing meets."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synergos import Driver, Node, NotFound, Rejected
from synergos.sandbox import Sandbox

# Where everything is made once more under the same ids: outside of collaborations, and in two of them.
PLACES = (None, "c", "d")
IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}
LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 3}, "activation": None}
RUN = {"rounds": 1, "epochs": 1, "lr": 0.1, "optimizer": "Adam", "criterion": "NLLLoss", "lr_scheduler": ""}
TRAIN = {"biscoe": [["non_iid_1"]], "dream": [["non_iid_2"]]}


def prepare(driver: Driver, collab_id: str | None, **run: Any) -> Driver:
    """Make everything up to the alignment in one place; a scope on it."""
    if collab_id is not None:
        driver.collaborations.create(collab_id, mq={"host": f"queue-of-{collab_id}"})
    its = driver.scope(collab_id=collab_id, **IDS)
    its.projects.create(action="classify", incentives={f"tier of {collab_id}": ["dream"]})
    its.experiments.create(model=[LAYER])
    its.runs.create(**{**RUN, **run})
    for name, train in TRAIN.items():
        driver.participants.create(name, host="127.0.0.1", port=8020, f_port=5000)
        nodes = None if collab_id is None else [Node(f"{name}.{collab_id}", 8020, 5000)]
        its.registrations.create(participant_id=name, role="guest", nodes=nodes)
        its.tags.create(participant_id=name, train=train, evaluate=[["iid_1"]])
    its.alignments.create()
    return its


def work(its: Driver) -> None:
    its.models.create()
    its.validations.create()
    its.predictions.create({"p": [["iid_1"]]}, "biscoe")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a sandbox, now stopped, where the same is done in each place."""
    path = tmp_path_factory.mktemp("places") / "grid.sqlite"
    with Sandbox(store=path) as ttp, Driver(ttp.host, ttp.port) as driver:
        for place in PLACES:
            work(prepare(driver, place))
    return path


@pytest.fixture
def ttp(store: Path, tmp_path: Path, copy_store: Callable[[Path, Path], Path]) -> Iterator[Sandbox]:
    with Sandbox(store=copy_store(store, tmp_path)) as ttp:
        yield ttp


@pytest.fixture
def driver(ttp: Sandbox) -> Iterator[Driver]:
    with Driver(ttp.host, ttp.port) as driver:
        yield driver


def seen(driver: Driver, place: str | None) -> dict[str, Any]:
    """All that one place answers."""
    its = driver.scope(collab_id=place, **IDS)
    answers = {
        "projects": its.projects.read_all(),
        "project": its.projects.read(),
        "experiments": its.experiments.read_all(),
        "runs": its.runs.read_all(),
        "registrations": its.registrations.read_all(),
        "tags": its.tags.read(participant_id="dream"),
        "alignments": its.alignments.read(),
        "models": its.models.read(),
        "validations": its.validations.read(),
        "predictions": its.predictions.read("biscoe"),
    }
    if place is not None:
        answers["collaboration"] = its.collaborations.read()
    return {name: answer["data"] for name, answer in answers.items()}


def files(driver: Driver, place: str | None, ttp: Sandbox) -> list[Path]:
    """The files that the records of one place name, where they are now that the store is a copy."""
    answers = seen(driver, place)
    paths = [part["path"] for part in answers["models"][0].values() if isinstance(part, dict) and "path" in part]
    paths += [one["evaluate"]["res_path"] for one in answers["validations"]]
    paths += [one["predict"]["res_path"] for one in answers["predictions"]]
    return [ttp.outputs / path.partition(f"{ttp.outputs.name}/")[2] for path in paths]


def keys_in(value: Any) -> Iterator[dict[str, Any]]:
    """The key of every record in an answer, however deep."""
    if isinstance(value, dict):
        if "kind" in value:
            yield {"kind": value["kind"], **value["key"]}
        for part in value.values():
            yield from keys_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from keys_in(part)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_shows_its_own_records_and_no_others(place: str | None, driver: Driver) -> None:
    answers = seen(driver, place)

    assert [len(answers[name]) for name in answers if isinstance(answers[name], list)] == [1, 1, 1, 2, 2, 1, 2, 1]
    with_collab = [key for key in keys_in(answers) if key["kind"] not in ("Model", "Prediction")]
    assert {key.get("collab_id") for key in with_collab} == {place}
    kinds = ("Experiment", "Run", "Registration", "Tag", "Model", "Validation", "Prediction")
    assert [len(answers["project"]["relations"][kind]) for kind in kinds] == [1, 1, 2, 2, 1, 2, 1]


@pytest.mark.parametrize("place", PLACES)
def test_models_and_predictions_name_no_collaboration(place: str | None, driver: Driver) -> None:
    answers = seen(driver, place)

    assert [one["key"] for one in answers["models"]] == [IDS]
    assert [one["key"] for one in answers["predictions"]] == [{**IDS, "participant_id": "biscoe"}]
    own = {} if place is None else {"collab_id": place}
    assert answers["validations"][0]["key"] == {**own, **IDS, "participant_id": "biscoe"}


def test_alignments_name_a_tag_only_outside_of_collaborations(driver: Driver) -> None:
    key = {"project_id": "p", "participant_id": "biscoe"}

    assert seen(driver, None)["alignments"][0]["key"] == {**key, "tag_id": None}
    assert seen(driver, "c")["alignments"][0]["key"] == {"collab_id": "c", **key}


def test_a_registration_in_a_collaboration_shows_what_it_joins(driver: Driver) -> None:
    biscoe = seen(driver, "c")["registrations"][0]

    assert biscoe["collaboration"]["mq"] == {"host": "queue-of-c"}
    assert biscoe["project"] == {"action": "classify", "incentives": {"tier of c": ["dream"]}, "start_at": None}
    assert biscoe["participant"] == {"id": "biscoe", "host": "127.0.0.1", "port": 8020, "f_port": 5000} | {
        "log_msgs": False,
        "verbose": False,
    }
    assert (biscoe["n_count"], biscoe["node_0"]["host"]) == (1, "biscoe.c")
    outside = seen(driver, None)["registrations"][0]
    assert not {"collaboration", "n_count", "node_0"} & outside.keys()
    assert "action" not in outside["project"]


def test_a_participant_has_its_registrations_and_tags_everywhere(driver: Driver) -> None:
    relations = driver.participants.read("biscoe")["data"]["relations"]

    for kind in ("Registration", "Tag"):
        assert [one["key"].get("collab_id") for one in relations[kind]] == list(PLACES)
    assert driver.participants.read_all()["data"][0]["relations"] == relations
    everywhere = driver.registrations.read_all(participant_id="biscoe")["data"]
    assert [one["key"].get("collab_id") for one in everywhere] == list(PLACES)
    assert [len(one["relations"]["Tag"]) for one in everywhere] == [1, 1, 1]


@pytest.mark.parametrize("gone", PLACES)
@pytest.mark.parametrize("verb", ["projects", "experiments", "runs", "registrations"])
def test_what_is_deleted_in_one_place_stays_in_the_others(
    gone: str | None, verb: str, driver: Driver, ttp: Sandbox
) -> None:
    others = [place for place in PLACES if place != gone]
    before = {place: (seen(driver, place), files(driver, place, ttp)) for place in others}
    lost = files(driver, gone, ttp)
    assert all(path.is_file() for path in lost)
    ids = {"participant_id": "biscoe"} if verb == "registrations" else {}

    getattr(driver.scope(collab_id=gone, **IDS), verb).delete(**ids)

    for place in others:
        assert seen(driver, place) == before[place][0]
        assert all(path.is_file() for path in before[place][1])
    assert any(path.exists() for path in lost) == (verb == "registrations")


def test_deleting_a_collaboration_deletes_all_of_it_and_nothing_else(driver: Driver, ttp: Sandbox) -> None:
    before = {place: seen(driver, place) for place in (None, "d")}
    kept = [path for place in (None, "d") for path in files(driver, place, ttp)]
    lost = files(driver, "c", ttp)

    relations = driver.collaborations.delete("c")["data"]["relations"]

    assert {kind: len(records) for kind, records in relations.items()} == {
        **{"Project": 1, "Experiment": 1, "Run": 1, "Registration": 2, "Tag": 2},
        **{"Model": 1, "Validation": 2, "Prediction": 1},
    }
    assert {place: seen(driver, place) for place in (None, "d")} == before
    assert all(path.is_file() for path in kept)
    assert not any(path.exists() for path in lost)
    its = driver.scope(collab_id="c", **IDS)
    assert its.projects.read_all().data == its.experiments.read_all().data == its.registrations.read_all().data == []
    for read in (its.alignments.read, its.models.read, its.validations.read, its.collaborations.read):
        with pytest.raises(NotFound):
            read()
    # One of the same id later begins with nothing.
    its.collaborations.create()
    its.projects.create(action="classify")
    assert not any(its.projects.read()["data"]["relations"].values())
    with pytest.raises(NotFound):
        its.alignments.read()


def test_deleting_a_participant_takes_it_out_of_every_place(driver: Driver) -> None:
    driver.participants.delete("biscoe")

    for place in PLACES:
        its = driver.scope(collab_id=place, **IDS)
        assert [one.key.participant_id for one in its.registrations.read_all().data] == ["dream"]
        assert [one.key.participant_id for one in its.alignments.read().data] == ["dream"]
        with pytest.raises(NotFound):
            its.tags.read(participant_id="biscoe")


@pytest.mark.parametrize("place", PLACES)
def test_a_change_in_one_place_changes_no_other(place: str | None, driver: Driver) -> None:
    before = {other: seen(driver, other) for other in PLACES if other != place}
    its = driver.scope(collab_id=place, **IDS)

    its.projects.update(start_at="now")
    its.runs.update(rounds=2)
    its.tags.update(participant_id="dream", predict=[["iid_1"]])
    its.models.create()

    assert {other: seen(driver, other) for other in PLACES if other != place} == before


def test_a_collaboration_and_a_project_of_the_same_id_keep_their_files_apart(driver: Driver, ttp: Sandbox) -> None:
    # Outside of collaborations: project p, experiment e, run r. Inside: collaboration p, project e, experiment r.
    driver.collaborations.create("p")
    inside = driver.scope(collab_id="p", project_id="e", expt_id="r", run_id="x")
    inside.projects.create(action="classify")
    inside.experiments.create(model=[LAYER])
    inside.runs.create(**RUN)
    for name, train in TRAIN.items():
        inside.registrations.create(participant_id=name, role="guest", nodes=[Node("h", 1, 2)])
        inside.tags.create(participant_id=name, train=train, evaluate=[["iid_1"]])
    inside.alignments.create()
    inside.models.create()
    (model,) = inside.models.read().data
    outside = files(driver, None, ttp)

    inside.experiments.delete()
    inside.collaborations.delete()

    assert not Path(model.global_.path).exists()
    assert all(path.is_file() for path in outside)


@pytest.mark.parametrize("collab_id", ["...", "a b", "..%2F", "Zürich 日本 🐧", "two\nlines", "x" * 300, "@c"])
def test_a_collaboration_may_be_called_anything_but_with_a_slash(collab_id: str, driver: Driver, ttp: Sandbox) -> None:
    its = prepare(driver, collab_id)

    (model,) = its.models.create().data

    path = Path(model.global_.path)
    assert path.resolve().relative_to(ttp.outputs.resolve()).parts[1:-2] == ("p", "e", "r")
    others = [file for place in PLACES for file in files(driver, place, ttp)]
    assert its.collaborations.delete()["data"]["key"] == {"collab_id": collab_id}
    assert not path.exists()
    assert all(file.is_file() for file in others)


def test_nothing_is_made_in_a_collaboration_that_is_not_there(driver: Driver) -> None:
    its = driver.scope(collab_id="nowhere", **IDS)

    for create in (
        lambda: its.projects.create(action="classify"),
        lambda: its.experiments.create(model=[LAYER]),
        lambda: its.runs.create(**RUN),
        lambda: its.registrations.create(participant_id="biscoe", role="guest", nodes=[Node("h", 1, 2)]),
        lambda: its.tags.create(participant_id="biscoe", train=[["non_iid_1"]]),
        its.alignments.create,
        its.models.create,
        its.validations.create,
        lambda: its.predictions.create({"p": [["iid_1"]]}, "biscoe"),
    ):
        with pytest.raises(NotFound):
            create()
    assert driver.registrations.read_all(collab_id="nowhere").data == []


@pytest.mark.parametrize("count", [1, 3, 10**15])
def test_nodes_that_are_not_as_many_as_counted_are_refused(count: int, caller_of: Any, driver: Driver) -> None:
    node = {"host": "h", "port": 1, "f_port": 2}
    path = "collaborations/c/projects/p/participants/biscoe/registration"
    before = driver.registrations.read_all(collab_id="c")["data"]

    message = caller_of(driver.port).refused(
        417, "POST", path, {"role": "host", "n_count": count, "node_0": node, "node_1": node}
    )

    assert f"n_count is {count}" in message
    assert driver.registrations.read_all(collab_id="c")["data"] == before


def test_nodes_may_be_counted_by_what_json_takes_for_a_whole_number(caller_of: Any, driver: Driver) -> None:
    path = "collaborations/c/projects/p/participants/biscoe/registration"
    body = {"role": "host", "n_count": 1.0, "node_0": {"host": "new", "port": 1, "f_port": 2}}

    caller_of(driver.port).ok("PUT", path, body)

    assert (
        driver.registrations.read(collab_id="c", project_id="p", participant_id="biscoe")["data"]["node_0"]["host"]
        == "new"
    )


def test_an_alignment_leaves_the_network_alone_when_it_is_told_to(driver: Driver) -> None:
    its = driver.scope(collab_id="c", **IDS)
    wrong = {**LAYER, "structure": {"in_features": 99, "out_features": 99}}
    its.experiments.update(model=[wrong])

    its.alignments.create(auto_fix=False)
    assert its.experiments.read()["data"]["model"][0]["structure"] == wrong["structure"]
    with pytest.raises(Rejected, match="align the project"):
        its.models.create()

    its.alignments.create()
    assert its.experiments.read()["data"]["model"][0]["structure"] == {"in_features": 6, "out_features": 3}
