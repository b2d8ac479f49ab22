"""Both generations on one sandbox: apart in all that they hold, and the cluster, which works later."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synergos import Driver, Forbidden, Node, NotFound, Rejected
from synergos.sandbox import Sandbox

LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 1, "out_features": 1}, "activation": None}
RUN = {"rounds": 2, "epochs": 1, "lr": 0.05, "optimizer": "Adam", "lr_scheduler": "StepLR", "step_size": 9}
TRAIN = {"worker_1": "non_iid_1", "worker_2": "non_iid_2"}
NODES = [Node("127.0.0.1", 8020, 5000)]


def connect(driver: Driver, **more: Any) -> Driver:
    """Phase 1 of a project with one run; a driver with all its ids."""
    scoped = driver.scope(project_id="p", expt_id="e", run_id="r")
    scoped.projects.create(action="classify")
    scoped.experiments.create(model=[LAYER])
    scoped.runs.create(**RUN, criterion="CrossEntropyLoss")
    for name, tag in TRAIN.items():
        scoped.participants.create(name)
        scoped.registrations.create(participant_id=name, role="guest", **more)
        scoped.tags.create(participant_id=name, train=[[tag]], evaluate=[["iid_1"]])
    return scoped


def in_collab(driver: Driver, collab_id: str) -> Driver:
    driver.collaborations.create(collab_id, mq={"host": "127.0.0.1", "ports": {"main": 5672}})
    return connect(driver.scope(collab_id=collab_id), nodes=NODES)


@pytest.fixture
def three(driver: Driver) -> tuple[Driver, Driver, Driver]:
    """The same project outside of any collaboration and in two of them."""
    return connect(driver), in_collab(driver, "c"), in_collab(driver, "d")


def test_the_same_ids_are_three_projects(three: tuple[Driver, Driver, Driver]) -> None:
    outside, here, there = three
    outside.projects.update(start_at="outside")
    here.projects.update(start_at="here")
    assert outside.projects.read().data.start_at == "outside"
    assert here.projects.read().data.start_at == "here"
    assert "start_at" not in there.projects.read()["data"]
    for one in three:
        assert len(one.projects.read_all()["data"]) == 1
        assert len(one.registrations.read_all()["data"]) == 2
        relations = one.projects.read()["data"]["relations"]
        assert [len(relations[kind]) for kind in ("Experiment", "Run", "Registration", "Tag")] == [1, 1, 2, 2]


def test_results_and_files_are_apart_too(three: tuple[Driver, Driver, Driver], ttp: Sandbox) -> None:
    paths = set()
    for one in three:
        one.alignments.create()
        one.models.create()
        assert len(one.validations.create()["data"]) == 2
        paths.add(one.models.read().data[0].global_.path)
    assert len(paths) == 3
    three[1].projects.delete()
    assert sum(Path(path).exists() for path in paths) == 2
    with pytest.raises(NotFound):
        three[1].models.read()
    assert three[0].models.read().data
    assert three[2].models.read().data


def test_deleting_a_collaboration_deletes_all_in_it_and_nothing_else(three: tuple[Driver, Driver, Driver]) -> None:
    outside, here, there = three
    relations = here.collaborations.delete()["data"]["relations"]
    assert [len(relations[kind]) for kind in ("Project", "Experiment", "Run", "Registration", "Tag")] == [1, 1, 1, 2, 2]
    assert here.projects.read_all()["data"] == []
    assert here.registrations.read_all(collab_id="c")["data"] == []
    assert len(there.runs.read_all()["data"]) == len(outside.runs.read_all()["data"]) == 1
    assert [one.key.collab_id for one in there.collaborations.read_all().data] == ["d"]


def test_a_participant_is_the_same_everywhere(three: tuple[Driver, Driver, Driver], driver: Driver) -> None:
    assert len(driver.registrations.read_all(participant_id="worker_1")["data"]) == 3
    assert len(driver.registrations.read_all(collab_id="c", participant_id="worker_1")["data"]) == 1
    assert len(driver.registrations.read_all(collab_id="c")["data"]) == 2
    driver.participants.delete("worker_1")
    for one in three:
        assert len(one.registrations.read_all()["data"]) == 1


def test_keys_are_those_of_the_generation(three: tuple[Driver, Driver, Driver]) -> None:
    outside, here, _ = three
    for one in (outside, here):
        one.alignments.create()
        one.models.create()
        one.validations.create()
        one.predictions.create({"p": [["iid_1"]]}, "worker_1")
    assert outside.alignments.read()["data"][0]["key"]["tag_id"] is None
    assert "tag_id" not in here.alignments.read()["data"][0]["key"]
    assert here.validations.read()["data"][0]["key"]["collab_id"] == "c"
    for read in (here.models.read, lambda: here.predictions.read("worker_1")):
        reply = read()
        assert "collab_id" not in reply["data"][0]["key"]
        assert reply.data[0].key.collab_id == "c"


def test_a_registration_shows_what_it_joins_as_it_is_now(driver: Driver) -> None:
    here = in_collab(driver, "c")
    here.collaborations.update(meter={"host": "m"})
    here.projects.update(incentives={"tier_1": ["worker_1"]})
    here.participants.update("worker_1", summary="new")
    shown = here.registrations.read(participant_id="worker_1")["data"]
    assert shown["collaboration"]["meter"] == {"host": "m"}
    assert shown["collaboration"]["logs"] == {}
    assert shown["project"] == {"incentives": {"tier_1": ["worker_1"]}, "start_at": None, "action": "classify"}
    assert shown["participant"] == {"id": "worker_1", "summary": "new"}
    assert (shown["n_count"], shown["node_0"]["port"]) == (1, 8020)


def test_experiments_are_left_alone_without_auto_fix(driver: Driver) -> None:
    here = in_collab(driver, "c")
    here.alignments.create(auto_fix=False)
    assert here.experiments.read()["data"]["model"][0]["structure"]["out_features"] == 1
    here.alignments.create()
    assert here.experiments.read()["data"]["model"][0]["structure"]["out_features"] == 3


def test_a_missing_collaboration_is_a_404(driver: Driver) -> None:
    with pytest.raises(NotFound, match="Collaboration 'c' does not exist"):
        driver.projects.create(collab_id="c", project_id="p", action="classify")
    assert driver.projects.read_all("c")["data"] == []


@pytest.fixture
def cluster() -> Iterator[Driver]:
    with Sandbox(cluster=True) as ttp, Driver(ttp.host, ttp.port) as driver:
        yield driver


def when_done(read: Callable[[], Any]) -> Any:
    for _ in range(600):
        try:
            return read()
        except NotFound:
            time.sleep(0.05)
    raise AssertionError("nothing came")


def test_a_cluster_answers_at_once_and_works_later(cluster: Driver) -> None:
    here = in_collab(cluster, "c")
    assert here.alignments.create()["data"] == []
    assert len(when_done(here.alignments.read)["data"]) == 2
    assert here.models.create()["data"] == []
    assert here.projects.read()["data"]["action"] == "classify"
    assert when_done(here.models.read).data[0].global_.origin == "ttp"
    assert here.validations.create()["data"] == []
    assert when_done(lambda: here.validations.read(participant_id="worker_2")).data
    assert here.predictions.create({"p": [["iid_1"]]}, "worker_1")["data"] == []
    assert when_done(lambda: here.predictions.read("worker_1")).data[0].predict.res_path
    space = {"lr": {"_type": "choice", "_value": [0.1]}, "rounds": {"_type": "choice", "_value": [1]}}
    asked = {"search_space": space, "fixed": {"epochs": 1}, "metric": "accuracy", "optimize_mode": "max"}
    with pytest.raises(NotFound):
        # A search is answered with the trials that there are, and there are none yet.
        here.optimizations.create(**asked)
    assert when_done(here.optimizations.read).data[0].key.run_id.startswith("optim_run_")


def test_a_cluster_without_a_message_queue_does_nothing(cluster: Driver) -> None:
    here = in_collab(cluster, "c")
    cluster.collaborations.create("d")
    there = connect(cluster.scope(collab_id="d"), nodes=NODES)
    with pytest.raises(Forbidden, match="no message queue"):
        there.alignments.create()
    here.alignments.create()


def test_a_job_that_fails_on_a_cluster_never_shows_but_in_its_log(
    cluster: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    here = in_collab(cluster, "c")
    with caplog.at_level(logging.WARNING, "synergos.sandbox"):
        assert here.models.create()["data"] == []
        here.alignments.create()
        when_done(here.alignments.read)
    assert "is not aligned" in caplog.text
    with pytest.raises(NotFound):
        here.models.read()


def test_outside_of_collaborations_a_cluster_answers_when_it_is_done(cluster: Driver) -> None:
    outside = connect(cluster)
    assert len(outside.alignments.create()["data"]) == 2
    assert outside.models.create()["data"]


def test_as_many_nodes_are_sent_as_are_told(driver: Driver) -> None:
    here = in_collab(driver, "c")
    with pytest.raises(Rejected, match="n_count"):
        here.registrations._connection.send(
            "x",
            {
                "method": "put",
                "url": "/ttp/connect/collaborations/c/projects/p/participants/worker_1/registration",
                "json": {"n_count": 2, "node_0": {"host": "h", "port": 1, "f_port": 2}},
            },
            {},
        )
