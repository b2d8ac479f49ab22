"""The sandbox as a cluster: work is queued and answered at once, and shows up later or never."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from synergos import Driver, Forbidden, Node, NotFound, Rejected
from synergos.sandbox import Sandbox

IDS = {"collab_id": "c", "project_id": "p", "expt_id": "e", "run_id": "r"}
LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 3}, "activation": None}
RUN = {"rounds": 2, "epochs": 1, "lr": 0.1, "optimizer": "Adam", "criterion": "NLLLoss", "lr_scheduler": ""}
SEARCH: dict[str, Any] = {
    "search_space": {"lr": {"_type": "choice", "_value": [0.1, 0.2]}, "rounds": {"_type": "choice", "_value": [1]}},
    "metric": "accuracy",
    "fixed": {"epochs": 1},
    "optimize_mode": "max",
    "max_trial_num": 2,
}
PREDICT = {"p": [["iid_1"]]}
SECONDS = 60


class Gate:
    """Holds trainings after their first round, until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _: object) -> None:
        self.reached.set()
        assert self.opened.wait(SECONDS)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    gate.opened.set()
    yield gate
    gate.opened.set()


@pytest.fixture
def ttp(gate: Gate) -> Iterator[Sandbox]:
    with Sandbox(cluster=True, on_round=gate) as ttp:
        yield ttp


@pytest.fixture
def its(ttp: Sandbox) -> Iterator[Driver]:
    """A driver on a cluster, with phase 1 done in a collaboration that has a message queue."""
    with Driver(ttp.host, ttp.port) as driver:
        its = driver.scope(**IDS)
        its.collaborations.create(mq={"host": "172.20.0.16", "ports": {"main": 5672}})
        connect(its)
        yield its


def connect(its: Driver) -> None:
    is_v8 = "collab_id" in repr(its)
    its.projects.create(action="classify")
    its.experiments.create(model=[LAYER])
    its.runs.create(**RUN)
    for name, train in {"biscoe": [["non_iid_1"]], "dream": [["non_iid_2"]]}.items():
        its.participants.create(name)
        its.registrations.create(participant_id=name, role="guest", nodes=[Node("h", 1, 2)] if is_v8 else None)
        its.tags.create(participant_id=name, train=train, evaluate=[["iid_1"]])


def wait(read: Callable[[], Any], count: int = 1) -> Any:
    """Ask until as many records are there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            if len(found := read().data) >= count:
                return found
        except NotFound:
            pass
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_work_is_queued_and_shows_up_later(its: Driver) -> None:
    jobs: list[tuple[Callable[[], Any], Callable[[], Any], int, int]] = [
        (its.alignments.create, its.alignments.read, 201, 2),
        (its.models.create, its.models.read, 200, 1),
        (its.validations.create, its.validations.read, 200, 2),
        (lambda: its.predictions.create(PREDICT, "biscoe"), lambda: its.predictions.read("biscoe"), 200, 1),
    ]
    for create, read, status, count in jobs:
        with pytest.raises(NotFound):
            read()
        reply = create()
        assert (reply["data"], reply.status) == ([], status)
        assert len(wait(read, count)) == count


def test_a_search_is_answered_with_what_there_is_from_searches_before(
    its: Driver, caller_of: Any, ttp: Sandbox
) -> None:
    its.alignments.create()
    path = "/ttp/train/collaborations/c/projects/p/models/e/optimizations/"
    caller = caller_of(ttp.port)
    body = {name: value for name, value in SEARCH.items() if name != "fixed"}

    caller.refused(404, "POST", path, body)
    first = {one.key.run_id for one in wait(its.optimizations.read, 4)}
    second = caller.ok("POST", path, body)
    assert {one["key"]["run_id"] for one in second} == first

    assert {one.key.run_id for one in wait(its.optimizations.read, 8)} > first


def test_a_job_of_a_search_ends_by_its_own_trials(its: Driver) -> None:
    its.alignments.create()

    first = {one.key.run_id for one in its.optimizations.submit(**SEARCH).result(SECONDS, poll=0.01).data}
    second = {one.key.run_id for one in its.optimizations.create(**SEARCH, wait=True).data}

    assert (len(first), len(second)) == (2, 2)
    assert not first & second


def test_jobs_are_worked_off_in_their_order(its: Driver) -> None:
    its.alignments.create()
    its.models.create()
    its.validations.create()

    for validation in wait(its.validations.read, 2):
        assert validation.evaluate.statistics.accuracy


def test_nothing_is_there_until_the_work_is_done_and_the_rest_is_answered(its: Driver, gate: Gate) -> None:
    its.alignments.create()
    wait(its.alignments.read, 2)
    gate.opened.clear()

    started = time.monotonic()
    assert its.models.create()["data"] == []
    assert gate.reached.wait(SECONDS)
    for _ in range(10):
        with pytest.raises(NotFound, match="There are no models yet"):
            its.models.read()
        assert its.projects.read().data.key.project_id == "p"
        its.projects.update(start_at="now")
        assert its.validations.create()["data"] == []
    assert time.monotonic() - started < SECONDS / 2

    gate.opened.set()
    wait(its.models.read)
    wait(its.validations.read, 2)


@pytest.mark.parametrize("components", [{}, {"mlops": {"host": "h"}}], ids=["none", "another"])
def test_without_a_message_queue_nothing_is_done(components: dict[str, Any], its: Driver) -> None:
    other = its.scope(collab_id="d", project_id="p", expt_id="e", run_id="r")
    other.collaborations.create(**components)
    connect(other)

    for create in (
        other.alignments.create,
        other.models.create,
        other.validations.create,
        lambda: other.predictions.create(PREDICT, "biscoe"),
        lambda: other.optimizations.create(**SEARCH),
    ):
        with pytest.raises(Forbidden, match="collab_id='d' has no message queue: update it with `mq`"):
            create()
    with pytest.raises(NotFound):
        other.alignments.read()

    other.collaborations.update(mq={"host": "h"})
    assert other.alignments.create()["data"] == []
    wait(other.alignments.read, 2)


def test_work_in_a_collaboration_that_is_not_there_is_not_queued(its: Driver) -> None:
    with pytest.raises(NotFound, match="Collaboration 'x' does not exist"):
        its.models.create(collab_id="x", project_id="p")


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (lambda its: its.models.create(), "models of collab_id='c', project_id='p', expt_id='e', run_id='r' failed: "),
        (lambda its: its.alignments.create(project_id="q"), "Project 'q' does not exist"),
        (lambda its: its.optimizations.create(**SEARCH), "is not aligned"),
        (lambda its: its.predictions.create(PREDICT, "biscoe"), "predictions of "),
        (
            lambda its: its.optimizations.create(**{**SEARCH, "metric": "acuracy"}),
            "optimizations of collab_id='c', project_id='p', expt_id='e' failed: ",
        ),
    ],
)
def test_a_job_that_fails_is_logged_and_never_surfaces(
    job: Callable[[Driver], Any], words: str, its: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="synergos.sandbox"):
        try:
            assert job(its)["data"] == []
        except NotFound as error:
            # A search is answered with the trials that there are, and there are none.
            assert error.operation == "optimizations.create"
        # What comes after it is done all the same.
        its.alignments.create()
        wait(its.alignments.read, 2)

    assert any(words in message for message in caplog.messages)
    for read in (its.models.read, its.optimizations.read, lambda: its.predictions.read("biscoe")):
        with pytest.raises(NotFound):
            read()


def test_a_job_that_fails_by_a_fault_of_the_sandbox_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no ears")

    with Sandbox(cluster=True, on_round=fail) as ttp, Driver(ttp.host, ttp.port) as driver:
        its = driver.scope(**IDS)
        its.collaborations.create(mq={"host": "h"})
        connect(its)
        its.alignments.create()
        its.models.create()
        its.alignments.create(project_id="last")
        deadline = time.monotonic() + SECONDS
        while "'last'" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.02)

        assert "no ears" in caplog.text
        with pytest.raises(NotFound):
            its.models.read()


def test_a_request_that_is_wrong_in_itself_is_refused_at_once(its: Driver, caller_of: Any, ttp: Sandbox) -> None:
    caller = caller_of(ttp.port)
    models = "/ttp/train/collaborations/c/projects/p/models"

    caller.refused(417, "POST", f"{models}/e/r", {"verbos": True})
    caller.refused(417, "POST", f"{models}/e/optimizations/", {**SEARCH, "optimize_mode": "maximum"})
    caller.refused(417, "POST", "/ttp/evaluate/participants/biscoe/collaborations/c/predictions/", {})


def test_outside_of_collaborations_a_call_waits_until_it_is_done(its: Driver, ttp: Sandbox) -> None:
    with Driver(ttp.host, ttp.port) as driver:
        outside = driver.scope(project_id="p", expt_id="e", run_id="r")
        connect(outside)
        assert len(outside.alignments.create().data) == 2
        assert len(outside.models.create().data) == 1
        with pytest.raises(Rejected, match="'acuracy'"):
            outside.optimizations.create(**{**SEARCH, "metric": "acuracy"})


def test_stopping_does_not_wait_for_what_is_queued(gate: Gate) -> None:
    reached = threading.Event()
    with Sandbox(cluster=True, on_round=lambda _: reached.set()) as ttp, Driver(ttp.host, ttp.port) as driver:
        its = driver.scope(**IDS)
        its.collaborations.create(mq={"host": "h"})
        connect(its)
        its.runs.update(rounds=1_000_000)
        its.alignments.create()
        for _ in range(20):
            its.models.create()
            its.alignments.create()
        assert reached.wait(SECONDS)
        started = time.monotonic()

    assert time.monotonic() - started < 10
    assert not ttp.outputs.exists()
