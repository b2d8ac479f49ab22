"""Trials: what they tell on a TTP that is no sandbox, and what is left of that which it does not tell."""

import json
from typing import Any

import httpx
import pytest
from recorder import envelope

from synergos import Driver, SynergosError

IDS = {"collab_id": "c", "project_id": "p", "expt_id": "e"}
GOAL: dict[str, Any] = {"metric": "accuracy", "optimize_mode": "max"}


def key(run_id: str, **more: str | None) -> dict[str, str | None]:
    return {**IDS, "run_id": run_id, **more}


def validation(run_id: str, participant: str, *accuracy: float) -> dict[str, Any]:
    found = {"statistics": {"accuracy": [*accuracy]} if accuracy else {}, "res_path": None}
    return {"doc_id": "1", "kind": "Validation", "key": key(run_id, participant_id=participant), "evaluate": found}


def run(run_id: str, **fields: object) -> dict[str, Any]:
    return {"doc_id": "1", "kind": "Run", "key": key(run_id), "relations": {}, "created_at": "now", **fields}


class Cluster:
    """A real TTP: what it has of trials before and after a search is asked for, and its runs."""

    def __init__(self, before: list[dict[str, Any]], after: list[dict[str, Any]], runs: list[dict[str, Any]]) -> None:
        self.before, self.after, self.runs = before, after, runs
        self.was_asked = False
        self.refuses_runs = False
        self.requests: list[str] = []
        self.driver = Driver("ttp.example", 5000, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.path.rstrip('/').rpartition('/')[2]}")
        if request.url.path.endswith("/runs/"):
            return httpx.Response(500) if self.refuses_runs else self.found(self.runs)
        if request.method == "GET":
            found = self.after if self.was_asked else self.before
            return self.found(found) if found else httpx.Response(404, json={"message": "none"})
        self.was_asked = True
        return self.found(self.after)

    @staticmethod
    def found(data: list[dict[str, Any]]) -> httpx.Response:
        return httpx.Response(200, content=json.dumps(envelope(data)), headers={"content-type": "application/json"})


OLD = [validation("optim_run_old", "a", 0.9), validation("optim_run_old", "b", 0.9)]
NEW = [
    validation("optim_run_1", "a", 0.2, 0.4),
    validation("optim_run_1", "b", 0.6, 0.6),
    validation("optim_run_2", "a", 0.8, 0.6),
    validation("optim_run_2", "b", 0.7, 0.7),
]
RUNS = [
    run("optim_run_old", lr=9.0, epochs=1),
    run("optim_run_1", lr=0.1, epochs=2),
    run("optim_run_2", lr=0.2, epochs=2),
    run("r", lr=5.0),
]


def search(cluster: Cluster, **more: Any) -> Any:
    space = {"lr": [0.1, 0.2], "optimizer": ["Adam", "SGD"]}
    return cluster.driver.optimizations.create(**IDS, search_space=space, fixed={"epochs": 2}, **{**GOAL, **more})


def test_only_the_trials_of_the_search_are_answered() -> None:
    found = search(Cluster(OLD, [*OLD, *NEW], RUNS))

    assert [trial.run_id for trial in found.trials] == ["optim_run_1", "optim_run_2"]
    assert [record["key"]["run_id"] for record in found["data"]] == ["optim_run_1"] * 2 + ["optim_run_2"] * 2


def test_of_a_cluster_that_answers_with_an_earlier_search_nothing_is_left() -> None:
    found = search(Cluster(OLD, OLD, RUNS))

    assert found["data"] == found.trials == found.table() == []
    with pytest.raises(SynergosError, match="No trial has come to its end"):
        _ = found.best


def test_the_best_trial_is_told_with_what_the_ttp_tells_of_its_run() -> None:
    found = search(Cluster([], NEW, RUNS))

    assert found.best.run_id == "optim_run_2"
    assert found.best.score == pytest.approx(0.7)
    assert found.best.hyperparameters["lr"] == 0.2
    assert found.best.hyperparameters["criterion"] == "BCELoss"
    # It was searched, and no real TTP tells it.
    assert "optimizer" not in found.best.hyperparameters
    assert "created_at" not in found.best.hyperparameters
    assert found.table()[0] == {
        "run_id": "optim_run_2",
        "state": "done",
        "accuracy": pytest.approx(0.7),
        "lr": 0.2,
        "optimizer": None,
    }


def test_less_may_be_better() -> None:
    assert search(Cluster([], NEW, RUNS), optimize_mode="min").best.run_id == "optim_run_1"


def test_all_trials_that_are_read_can_be_compared_by_any_metric() -> None:
    cluster = Cluster([*OLD, *NEW], [], RUNS)
    found = cluster.driver.optimizations.read(**IDS, metric="accuracy", optimize_mode="max")

    assert found.best.run_id == "optim_run_old"
    assert [row["lr"] for row in found.table()] == [9.0, 0.2, 0.1]
    with pytest.raises(SynergosError, match=r"optimizations.read\(..., metric='accuracy', optimize_mode='max'\)"):
        _ = cluster.driver.optimizations.read(**IDS).best


def test_a_metric_that_is_not_there_makes_no_trial_the_best() -> None:
    found = search(Cluster([], NEW, RUNS), metric="R2")

    assert [trial.score for trial in found.trials] == [None, None]
    with pytest.raises(SynergosError, match=r"'R2'.*optim_run_1 done"):
        _ = found.best


def test_trials_that_are_not_validated_yet_are_open() -> None:
    queued = {**validation("optim_run_3", "a"), "kind": "Optimization", "key": key("optim_run_3", participant_id=None)}
    found = search(Cluster([], [*NEW, queued, validation("optim_run_4", "a")], RUNS))

    assert [trial.state for trial in found.trials] == ["done", "done", "open", "open"]
    assert [row["state"] for row in found.table()] == ["done", "done", "open", "open"]


def test_runs_that_cannot_be_read_cost_only_what_they_would_have_told(caplog: pytest.LogCaptureFixture) -> None:
    cluster = Cluster([], NEW, RUNS)
    cluster.refuses_runs = True
    found = search(cluster)

    assert found.best.run_id == "optim_run_2"
    assert found.best.hyperparameters["epochs"] == 2
    assert "lr" not in found.best.hyperparameters
    assert "could not be read" in caplog.text


def test_what_is_not_asked_is_not_sent() -> None:
    cluster = Cluster([], NEW, RUNS)
    found = search(cluster)
    asked = [*cluster.requests]
    assert "GET runs" not in asked

    assert found.best == found.best
    assert cluster.requests == [*asked, "GET runs"]


def test_a_returned_error_is_shown_as_it_is() -> None:
    refuse = httpx.MockTransport(lambda _: httpx.Response(403, json={"message": "only in a cluster"}))
    with Driver("ttp.example", 5000, transport=refuse, errors="return") as driver:
        found = driver.optimizations.create(**IDS, search_space={"lr": [0.1]}, metric="accuracy", optimize_mode="max")

    assert "only in a cluster" in str(found)
    assert found._repr_html_() is None
    with pytest.raises(SynergosError, match="only in a cluster"):
        _ = found.best
