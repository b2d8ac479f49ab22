"""The search for hyperparameters: what is drawn, what is refused, and that it finds what is best."""

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synergos import Driver, NotFound, Rejected
from synergos.sandbox import errors
from synergos.sandbox.search import Study

Body = dict[str, Any]
IDS = {"project_id": "penguins", "expt_id": "one_layer"}


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
        loss = 0.1 if count < 8 else 9.0
        for number in range(1, 6):
            if is_hopeless(number, loss):
                ended.append(count)
                break
        return [{"accuracy": [1 - loss / 10]}]

    asked = body({"x": {"_type": "uniform", "_value": [0, 1]}}, max_trial_num=10)
    Study(asked, is_classification=True).run(objective, threading.Event())
    assert ended == [8, 9, 10]


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
        **IDS, search_space=space, metric="accuracy", optimize_mode="max", max_trial_num=2
    ).data

    trials = {validation.key.run_id for validation in found}
    assert len(trials) == 2
    assert all(trial.startswith("optim_run_") for trial in trials)
    for trial in trials:
        assert driver.runs.read(**IDS, run_id=trial).data.rounds == 1
        assert driver.models.read(**IDS, run_id=trial).data
        assert driver.validations.read(**IDS, run_id=trial).data
    assert driver.optimizations.read(**IDS)["data"] == driver.validations.read(**IDS)["data"][-len(found) :]


def test_what_cannot_be_searched_is_refused_over_http(trained_driver: Driver) -> None:
    with pytest.raises(Rejected, match="'sofmax' is unknown"):
        trained_driver.optimizations.create(
            **IDS,
            search_space={"lr": {"_type": "sofmax", "_value": [1]}},
            metric="accuracy",
            optimize_mode="max",
        )
