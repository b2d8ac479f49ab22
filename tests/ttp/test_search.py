"""The search for hyperparameters: what is drawn, what is refused, and that it finds what is best."""

import copy
import json
import math
import pickle
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import httpx
import optuna
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from synergos import Driver, NotFound, Rejected, Trials
from synergos.learning import errors
from synergos.sandbox import Sandbox
from synergos.search.score import mean_score
from synergos.ttp.search import Study

Body = dict[str, Any]
IDS = {"project_id": "penguins", "expt_id": "one_layer"}
GOAL: Body = {"metric": "accuracy", "optimize_mode": "max"}
QUICK_WITHOUT_NAMES: Body = {**GOAL, "fixed": {"rounds": 1, "epochs": 1}}
QUICK: Body = {**GOAL, "fixed": {"rounds": 1, "epochs": 1, "optimizer": "Adam", "criterion": "NLLLoss"}}


def body(space: Body, **more: Any) -> Body:
    return {"search_space": space, "metric": "accuracy", "optimize_mode": "max", **more}


def drawn(distribution: Body, trials: int = 8, **more: Any) -> list[Any]:
    """The values that are tried."""
    values: list[Any] = []

    def objective(fields: Body, _: Callable[[int, float], bool]) -> list[Any]:
        values.append(fields["x"])
        return [{"accuracy": [0.5]}]

    study = Study(body({"x": distribution}, max_trial_num=trials, **more), is_classification=True)
    study.run(objective, threading.Event())
    return values


@settings(max_examples=25, deadline=None)
@given(low=st.integers(-50, 50), width=st.integers(1, 50), kind=st.sampled_from(["uniform", "randint"]))
def test_what_is_drawn_is_inside_the_bounds(low: int, width: int, kind: str) -> None:
    for value in drawn({"_type": kind, "_value": [low, low + width]}, trials=3):
        assert low <= value <= low + width
        if kind == "randint":
            assert isinstance(value, int)
            assert value < low + width


@pytest.mark.parametrize(
    ("kind", "parameters", "q"),
    [
        ("quniform", [0, 1, 0.25], 0.25),
        ("qloguniform", [0.1, 10, 0.1], 0.1),
        ("qrandint", [16, 128, 16], 16),
        ("qlograndint", [2, 64, 2], 2),
        ("qrandn", [0, 5, 0.5], 0.5),
    ],
)
def test_what_has_a_q_is_drawn_in_multiples_of_it(kind: str, parameters: Sequence[float], q: float) -> None:
    for value in drawn({"_type": kind, "_value": parameters}):
        assert math.isclose(value / q, round(value / q), abs_tol=1e-6)
        if "randn" not in kind:
            assert parameters[0] - 1e-9 <= value <= parameters[1] + 1e-9


@pytest.mark.parametrize(
    ("kind", "parameters"), [("loguniform", [0.001, 0.1]), ("lograndint", [1, 100]), ("randn", [10, 0.1])]
)
def test_the_other_names_of_ray_tune_are_known(kind: str, parameters: Sequence[float]) -> None:
    values = drawn({"_type": kind, "_value": parameters})
    assert len(set(values)) > 1
    assert all(math.isfinite(value) for value in values)


def test_choices_may_be_anything_that_json_holds() -> None:
    choices = ["Adam", 0.1, True, [1, 2]]
    assert all(value in choices for value in drawn({"_type": "choice", "_value": choices}))


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (
            {"lr": {"_type": "loguniforn", "_value": [1, 2]}},
            "search_space.lr._type 'loguniforn' is unknown.*loguniform",
        ),
        ({"lr": {"_type": "uniform", "_value": [1]}}, "needs 2 numbers"),
        ({"lr": {"_type": "uniform", "_value": [2, 1]}}, "a lower bound below the upper one"),
        ({"lr": {"_type": "loguniform", "_value": [0, 1]}}, "bounds above 0"),
        ({"lr": {"_type": "randint", "_value": [0.5, 2]}}, "whole numbers"),
        ({"lr": {"_type": "quniform", "_value": [0, 1, 0]}}, "a q above 0"),
        ({"lr": {"_type": "randn", "_value": [0, 0]}}, "a deviation above 0"),
        ({"lr": {"_type": "choice", "_value": []}}, "nothing to choose from"),
    ],
)
def test_a_distribution_that_cannot_be_right_is_refused(space: Body, words: str) -> None:
    with pytest.raises(errors.Rejected, match=words):
        Study(body(space), is_classification=True)


def test_an_unknown_metric_is_refused_with_the_nearest() -> None:
    with pytest.raises(errors.Rejected, match="metric 'acuracy' is unknown; nearest: accuracy"):
        Study({**body({}), "metric": "acuracy"}, is_classification=True)
    with pytest.raises(errors.Rejected, match="metric 'accuracy' is unknown"):
        Study({**body({}), "metric": "accuracy"}, is_classification=False)


@pytest.mark.parametrize("duration", ["1h", "30m", "90s", "2d", "1.5h", 90, "90"])
def test_a_duration_has_a_unit_or_is_in_seconds(duration: object) -> None:
    assert len(drawn({"_type": "choice", "_value": [1]}, trials=1, max_exec_duration=duration)) == 1


@pytest.mark.parametrize("duration", ["", "soon", "0", "-1h", "1 week", 0])
def test_what_is_no_duration_is_refused(duration: object) -> None:
    with pytest.raises(errors.Rejected, match="is not a duration"):
        Study(body({}, max_exec_duration=duration), is_classification=True)


@pytest.mark.parametrize(("mode", "best"), [("max", 1.0), ("min", 0.0)])
def test_it_finds_what_is_best(mode: str, best: float) -> None:
    values: list[float] = []

    def objective(fields: Body, _: Callable[[int, float], bool]) -> list[Any]:
        values.append(fields["x"])
        return [{"MSE": fields["x"]}]

    space = {"x": {"_type": "uniform", "_value": [0.0, 1.0]}}
    asked = {"search_space": space, "metric": "MSE", "optimize_mode": mode, "max_trial_num": 40}
    Study(asked, is_classification=False).run(objective, threading.Event())
    assert len(values) == 40
    late, early = values[20:], values[:10]
    assert sum(abs(value - best) for value in late) / 20 < sum(abs(value - best) for value in early) / 10


def test_a_trial_is_ended_when_it_is_worse_than_the_others_at_the_same_round() -> None:
    ended: list[int] = []
    count = 0

    def objective(_: Body, is_hopeless: Callable[[int, float], bool]) -> list[Any]:
        nonlocal count
        count += 1
        score = 0.9 if count < 8 else 0.1
        for number in range(1, 6):
            if is_hopeless(number, score):
                ended.append(count)
                break
        return [{"accuracy": [score]}]

    space = {"x": {"_type": "uniform", "_value": [0, 1]}}
    asked = body(space, max_trial_num=10, scheduler="MedianStoppingRule")
    Study(asked, is_classification=True).run(objective, threading.Event())
    assert ended == [8, 9, 10]


def test_no_trial_is_ended_early_unless_a_scheduler_is_named() -> None:
    asked = body({"x": {"_type": "uniform", "_value": [0, 1]}}, max_trial_num=10)
    study = Study(asked, is_classification=True)
    answers: list[bool] = []

    def objective(_: Body, is_hopeless: Callable[[int, float], bool]) -> list[Any]:
        score = 1 - len(answers) / 10
        answers.append(is_hopeless(1, score))
        return [{"accuracy": [score]}]

    study.run(objective, threading.Event())
    assert answers == [False] * 10
    assert not study.ends_early


def test_an_unknown_scheduler_is_refused_with_those_there_are() -> None:
    with pytest.raises(errors.Rejected, match="scheduler 'PopulationBasedTraining' is unknown"):
        Study(body({}, scheduler="PopulationBasedTraining"), is_classification=True)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc_score"])
def test_a_trial_that_a_scheduler_ends_is_pruned_by_the_metric_and_never_the_best(
    metric: str, trained_driver: Driver
) -> None:
    rates = [0.03, 0.031, 0.032, 0.033, 0.034, 0.035, 1e-9, 1e-8]
    found = trained_driver.optimizations.create(
        **IDS,
        search_space={"lr": rates},
        fixed={"rounds": 3, "epochs": 30, "optimizer": "Adam", "criterion": "NLLLoss"},
        metric=metric,
        optimize_mode="max",
        scheduler="MedianStoppingRule",
    )
    states = {trial.hyperparameters["lr"]: trial.state for trial in found.trials}

    assert len(found.trials) == 8
    assert found.best.state == "done"
    assert max(trial.score or 0 for trial in found.trials) == found.best.score
    for trial in found.trials:
        if trial.state == "pruned":
            run = trained_driver.models.read(**IDS, run_id=trial.run_id).data[0]
            assert len(json.loads(Path(run.global_.loss_history).read_text())["train"]) < 3
    assert [rate for rate, state in states.items() if state == "pruned"] == [1e-8, 1e-9]


def test_it_says_nothing_by_itself(capfd: pytest.CaptureFixture[str]) -> None:
    drawn({"_type": "choice", "_value": [1]})
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() >= optuna.logging.WARNING


def test_each_trial_leaves_its_run_its_model_and_its_validations(trained_driver: Driver) -> None:
    driver = trained_driver
    with pytest.raises(NotFound):
        driver.optimizations.read(**IDS)
    space = {"lr": {"_type": "loguniform", "_value": [0.001, 0.1]}, "rounds": {"_type": "choice", "_value": [1]}}
    found = driver.optimizations.create(
        **IDS, search_space=space, metric="accuracy", optimize_mode="max", fixed={"epochs": 1}, max_trial_num=2
    ).data

    trials = {validation.key.run_id for validation in found}
    assert len(trials) == 2
    assert all(trial.startswith("optim_run_") for trial in trials)
    for trial in trials:
        assert driver.runs.read(**IDS, run_id=trial).data.rounds == 1
        assert driver.models.read(**IDS, run_id=trial).data
        assert driver.validations.read(**IDS, run_id=trial).data
    assert driver.optimizations.read(**IDS)["data"] == driver.validations.read(**IDS)["data"][-len(found) :]


@pytest.mark.parametrize("searched", ["lr", "epochs", "optimizer", "seed"])
def test_a_trial_is_the_run_of_the_same_hyperparameters(searched: str, trained_ttp: Sandbox) -> None:
    fields: Body = {"rounds": 2, "epochs": 2, "lr": 0.03, "optimizer": "Adam", "criterion": "NLLLoss", "seed": 7}
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        driver.runs.create(**IDS, run_id="same", **fields)
        run = driver.models.create(**IDS, run_id="same").data[0]
        of_run = driver.validations.create(**IDS, run_id="same").data
        trials = driver.optimizations.create(
            **IDS,
            search_space={searched: [fields[searched]]},
            fixed={name: value for name, value in fields.items() if name != searched},
            metric="accuracy",
            optimize_mode="max",
        )
        trial = driver.models.read(**IDS, run_id=trials.best.run_id).data[0]
        of_trial = trials.data

    assert [one.evaluate.statistics for one in of_trial] == [one.evaluate.statistics for one in of_run]
    assert Path(trial.global_.loss_history).read_text() == Path(run.global_.loss_history).read_text()
    weights, same = (torch.load(one.global_.path, weights_only=True) for one in (trial, run))
    assert all(torch.equal(weights[name], same[name]) for name in same)


def test_a_search_sent_by_another_client_tries_runs_as_that_client_would_send_them(trained_ttp: Sandbox) -> None:
    fields = {"lr": 0.05, "optimizer": "Adam"}
    url = f"http://{trained_ttp.host}:{trained_ttp.port}/ttp"
    its = "projects/penguins/models/one_layer"
    search = {"metric": "accuracy", "optimize_mode": "max", "tuner": "TPE"}
    space_sent = {name: {"_type": "choice", "_value": [value]} for name, value in fields.items()}
    work = {"auto_align": True, "dockerised": True, "verbose": False, "log_msgs": False}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
        http.post("/connect/projects/penguins/experiments/one_layer/runs/", json={"run_id": "raw", **fields})
        http.post(f"/train/{its}/raw", json=work)
        run = http.post("/evaluate/projects/penguins/validations/one_layer/raw", json=work)
        trials = http.post(f"/train/{its}/optimizations/", json={**search, "search_space": space_sent})

    assert [one["evaluate"]["statistics"] for one in trials.json()["data"]] == [
        one["evaluate"]["statistics"] for one in run.json()["data"]
    ]


def test_who_only_evaluates_validates_trials_too(trained_ttp: Sandbox) -> None:
    url = f"http://{trained_ttp.host}:{trained_ttp.port}/ttp/connect"
    registration = f"{url}/projects/penguins/participants/torgersen/registration"
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        driver.participants.create("torgersen", host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id="penguins", participant_id="torgersen", role="guest")
        httpx.post(f"{registration}/tags", json={"train": [], "evaluate": [["iid_1"]]}, trust_env=False)
        found = driver.optimizations.create(**IDS, search_space={}, **QUICK)

    assert set(found.best.statistics) == {"biscoe", "dream", "torgersen"}


def test_a_search_answers_with_its_own_trials_and_a_read_with_all(trained_driver: Driver) -> None:
    optimizations = trained_driver.optimizations
    first = optimizations.create(**IDS, search_space={"lr": [0.01]}, **QUICK)
    second = optimizations.create(**IDS, search_space={"lr": [0.02, 0.03]}, **QUICK)
    submitted = optimizations.submit(**IDS, search_space={"lr": [0.04]}, **QUICK).result()
    waited = optimizations.create(**IDS, search_space={"lr": [0.05]}, **QUICK, wait=True)
    searches = (first, second, submitted, waited)

    tried = [[trial.hyperparameters["lr"] for trial in search.trials] for search in searches]
    assert [sorted(rates) for rates in tried] == [[0.01], [0.02, 0.03], [0.04], [0.05]]
    everything = optimizations.read(**IDS)
    assert everything["data"] == [record for search in searches for record in search["data"]]
    assert len(everything.trials) == len(everything.table()) == 5
    assert everything.best.score == max(trial.score or 0 for trial in everything.trials)


def test_the_best_trial_is_one_call_away(trained_driver: Driver) -> None:
    found = trained_driver.optimizations.create(
        **IDS, search_space={"lr": [1e-9, 0.05]}, **{**QUICK, "fixed": {**QUICK["fixed"], "epochs": 60}}
    )
    means = {trial.run_id: fmean(fmean(own["accuracy"]) for own in trial.statistics.values()) for trial in found.trials}

    assert found.best.hyperparameters["lr"] == 0.05
    assert found.best.hyperparameters["optimizer"] == "Adam"
    assert found.best.hyperparameters["algorithm"] == "FedProx"
    assert {trial.run_id: trial.score for trial in found.trials} == means
    assert max(means, key=lambda run_id: means[run_id]) == found.best.run_id
    assert [list(row) for row in found.table()] == [["run_id", "state", "accuracy", "lr"]] * 2
    assert found.table()[0]["lr"] == 0.05
    assert str(found).splitlines()[1].split()[0] == found.best.run_id
    assert "<td>0.05</td>" in (found._repr_html_() or "")


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])
def test_a_copy_of_an_answer_knows_its_trials(duplicate: Callable[[Trials], Trials], trained_driver: Driver) -> None:
    found = trained_driver.optimizations.create(**IDS, search_space={"lr": [0.01, 0.02]}, **QUICK)
    other = duplicate(found)
    trained_driver.close()

    assert other == found
    assert other.table() == found.table()
    assert other.best.hyperparameters == found.best.hyperparameters


def test_a_trial_that_fails_is_told_of_and_leaves_no_run(trained_driver: Driver) -> None:
    driver = trained_driver
    space = {"optimizer": ["Adam", "SparseAdam"], "criterion": ["NLLLoss"]}
    found = driver.optimizations.create(**IDS, search_space=space, **QUICK_WITHOUT_NAMES)
    done, failed = sorted(found.trials, key=lambda trial: trial.state)

    assert failed.hyperparameters["optimizer"] == "SparseAdam"
    assert "SparseAdam" in failed.message or "sparse" in failed.message
    assert failed.score is None
    assert found.best == done
    assert [row["state"] for row in found.table()] == ["done", "failed"]
    assert found.table()[1]["message"] == failed.message
    runs = {run.key.run_id for run in driver.runs.read_all(**IDS).data}
    assert runs == {"adam", done.run_id}
    # What is left is what can be trained.
    assert len(driver.models.create(**IDS).data) == 2


def test_a_search_in_which_all_fails_says_why(trained_driver: Driver) -> None:
    with pytest.raises(Rejected, match="SparseAdam"):
        trained_driver.optimizations.create(**IDS, search_space={"optimizer": ["SparseAdam"]}, **QUICK_WITHOUT_NAMES)


def test_choices_no_more_than_the_trials_are_all_tried_once(trained_driver: Driver) -> None:
    space: Body = {"lr": [0.01, 0.02, 0.03], "mu": [0.0, 0.1]}
    found = trained_driver.optimizations.create(**IDS, search_space=space, **QUICK)

    tried = [(trial.hyperparameters["lr"], trial.hyperparameters["mu"]) for trial in found.trials]
    assert sorted(tried) == [(lr, mu) for lr in (0.01, 0.02, 0.03) for mu in (0.0, 0.1)]


def test_what_is_none_in_a_choice_is_left_out_of_the_run(trained_driver: Driver) -> None:
    found = trained_driver.optimizations.create(**IDS, search_space={"batch_size": [None, 16]}, **QUICK)
    assert [trial.hyperparameters.get("batch_size") for trial in found.trials] in ([None, 16], [16, None])


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"learning_rte": {"_type": "uniform", "_value": [0.1, 0.2]}}, "'learning_rte' is unknown"),
        ({"lr": {"_type": "choice", "_value": [0.1, "0.2"]}}, 'lr: "0.2" must be a number'),
        ({"epochs": {"_type": "choice", "_value": [0]}}, "epochs: 0 must be at least 1"),
    ],
)
def test_a_search_that_no_driver_checked_is_refused_before_it_begins(
    space: Body, words: str, trained_ttp: Sandbox
) -> None:
    sent = {"search_space": space, "metric": "accuracy", "optimize_mode": "max", "tuner": "TPE"}
    url = f"http://{trained_ttp.host}:{trained_ttp.port}/ttp/train/projects/penguins/models/one_layer/optimizations/"
    answer = httpx.post(url, json=sent, timeout=60, trust_env=False)

    assert answer.status_code == 417
    assert words in answer.json()["message"]


def test_the_metric_is_the_mean_over_classes_and_then_over_participants() -> None:
    few, many = {"accuracy": [0.0, 0.5]}, {"accuracy": [1.0, 1.0]}
    assert mean_score([few, many], "accuracy") == (0.25 + 1.0) / 2
    assert mean_score([{"R2": math.nan}, {"R2": 0.5}], "R2") == 0.5
    assert mean_score([{}, {"R2": 0.5}], "R2") == 0.5
    assert mean_score([{"R2": math.nan}], "R2") is None
    assert mean_score([{"MSE": math.inf}, {"MSE": 1.0}], "MSE") == math.inf


def test_what_cannot_be_searched_is_refused_over_http(trained_driver: Driver) -> None:
    with pytest.raises(Rejected, match="'sofmax' is unknown"):
        trained_driver.optimizations.create(
            **IDS,
            search_space={"lr": {"_type": "sofmax", "_value": [1]}},
            metric="accuracy",
            optimize_mode="max",
        )
