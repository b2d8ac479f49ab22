"""The search for hyperparameters, by Optuna.

A search space names run fields and says where their values are drawn from, in the words of Ray Tune:

| `_type` | `_value` | draws |
|---|---|---|
| `choice` | the choices | one of them |
| `uniform`, `loguniform` | low, high | a number, the latter evenly over its logarithm |
| `quniform`, `qloguniform` | low, high, q | the same, rounded to multiples of q |
| `randint`, `lograndint` | low, high | a whole number below high |
| `qrandint`, `qlograndint` | low, high, q | the same up to high, in multiples of q |
| `randn` | mean, deviation | a number of the normal distribution |
| `qrandn` | mean, deviation, q | the same, rounded to multiples of q |

Trials follow each other. One whose evaluation loss is worse than the median of the others at the same round ends there.
One that cannot be trained, because it diverges for example, counts for nothing.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist, fmean
from typing import Any

import optuna

from synergos.checks import seconds_of
from synergos.sandbox.errors import Rejected, unknown
from synergos.sandbox.statistics import Statistics

Fields = dict[str, object]
Draw = Callable[[optuna.Trial, str, Sequence[Any]], object]
Objective = Callable[[Fields, Callable[[int, float], bool]], list[Statistics]]

optuna.logging.set_verbosity(optuna.logging.WARNING)
logger = logging.getLogger("synergos.sandbox")

CLASSIFICATION = (
    *("accuracy", "roc_auc_score", "pr_auc_score", "f_score"),
    *("TPRs", "TNRs", "PPVs", "NPVs", "FPRs", "FNRs", "FDRs", "TPs", "TNs", "FPs", "FNs"),
)
REGRESSION = ("R2", "MSE", "MAE")
# Up to here whole numbers are exact, and nothing that is computed of two numbers is infinite.
_LARGEST, _SMALLEST_Q = 1e15, 1e-15
# The quotient of two decimal fractions is a little off.
_TOLERANCE = 1e-9


class Study:
    """One search, as it was asked for."""

    def __init__(self, body: Mapping[str, Any], *, is_classification: bool) -> None:
        """Check what was asked for; nothing is tried yet.

        Args:
            body: What was sent: the search space, the metric, and how long to search.
            is_classification: Whether the project classifies, and does not regress.

        Raises:
            Rejected: When a distribution or the metric is unknown, or has parameters that it cannot have.
        """
        self._space: Mapping[str, Mapping[str, Any]] = body["search_space"]
        for name, distribution in self._space.items():
            _check(name, distribution)
        self._metric = str(body["metric"])
        known = CLASSIFICATION if is_classification else REGRESSION
        if self._metric not in known:
            raise unknown("metric", self._metric, known)
        self._is_maximum = body["optimize_mode"] == "max"
        self._most_trials = int(body.get("max_trial_num", 10))
        self._seconds = _seconds(body.get("max_exec_duration", "1h"))

    def run(self, objective: Objective, stopping: threading.Event) -> None:
        """Try until enough is tried, or time is up.

        Args:
            objective: Trains and validates a run of some fields, and returns the statistics of each participant. It
                asks after each round, with the round's number and loss, whether the rest is hopeless.
            stopping: Ends the search when it is set.

        Raises:
            Rejected: When no trial can be trained. It says why the last one cannot.
        """
        study = optuna.create_study(
            direction="maximize" if self._is_maximum else "minimize",
            sampler=optuna.samplers.TPESampler(seed=0),
            pruner=optuna.pruners.MedianPruner(),
        )
        deadline = time.monotonic() + self._seconds
        failure: Rejected | None = None
        for _ in range(self._most_trials):
            if stopping.is_set() or time.monotonic() > deadline:
                break
            trial = study.ask()
            fields = {name: _draw(trial, name, distribution) for name, distribution in self._space.items()}

            def is_hopeless(number: int, loss: float, trial: optuna.Trial = trial) -> bool:
                trial.report(-loss if self._is_maximum else loss, number)
                return trial.should_prune()

            try:
                study.tell(trial, self._score(objective(fields, is_hopeless)))
            except Rejected as error:
                logger.warning("a trial with %s failed: %s", fields, error.message)
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
                failure = error
        if failure is not None and not study.get_trials(states=[optuna.trial.TrialState.COMPLETE]):
            raise failure

    def _score(self, statistics: Sequence[Statistics]) -> float:
        """The metric, averaged over classes and then over participants."""
        scores = []
        for found in statistics:
            value: Any = found.get(self._metric)
            scores.append(fmean(value) if isinstance(value, list) else float(value))
        worst = -math.inf if self._is_maximum else math.inf
        score = fmean(scores)
        return worst if math.isnan(score) else score


def _check(name: str, distribution: Mapping[str, Any]) -> None:
    kind, parameters = distribution["_type"], distribution["_value"]
    if kind not in _DISTRIBUTIONS:
        raise unknown(f"search_space.{name}._type", kind, _DISTRIBUTIONS)
    where = f"search_space.{name}: {kind} of {parameters!r}"
    if kind == "choice":
        if not parameters:
            raise Rejected(f"{where} has nothing to choose from")
        return
    count = 3 if kind.startswith("q") else 2
    if len(parameters) != count or not all(_is_number(value) for value in parameters):
        raise Rejected(f"{where} needs {count} numbers, none beyond {_LARGEST:g}")
    first, second = parameters[:2]
    if kind.endswith("randn"):
        if second <= 0:
            raise Rejected(f"{where} needs a deviation above 0")
    elif first >= second:
        raise Rejected(f"{where} needs a lower bound below the upper one")
    if "log" in kind and first <= 0:
        raise Rejected(f"{where} needs bounds above 0")
    if "int" in kind and not all(float(value).is_integer() for value in parameters):
        raise Rejected(f"{where} needs whole numbers")
    if count == 3:
        _check_q(where, kind, *parameters)


def _check_q(where: str, kind: str, low: float, high: float, q: float) -> None:
    if q < _SMALLEST_Q:
        raise Rejected(f"{where} needs a q above 0")
    first, last = _multiples(low, high, q)
    if not kind.endswith("randn") and first > last:
        raise Rejected(f"{where} has no multiple of {q} between its bounds")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST


def _draw(trial: optuna.Trial, name: str, distribution: Mapping[str, Any]) -> object:
    return _DISTRIBUTIONS[distribution["_type"]](trial, name, distribution["_value"])


def _draw_choice(trial: optuna.Trial, name: str, parameters: Sequence[Any]) -> object:
    # By its index, for Optuna takes no lists as choices.
    return parameters[trial.suggest_int(name, 0, len(parameters) - 1)]


def _draw_number(trial: optuna.Trial, name: str, parameters: Sequence[Any], *, log: bool = False) -> float:
    low, high, *q = parameters
    return _rounded(trial.suggest_float(name, low, high, log=log), low, high, *q)


def _draw_int(trial: optuna.Trial, name: str, parameters: Sequence[Any], *, log: bool = False) -> int:
    low, high, *q = parameters
    last = int(high) if q else int(high) - 1
    return int(_rounded(trial.suggest_int(name, int(low), last, log=log), low, last, *q))


def _draw_normal(trial: optuna.Trial, name: str, parameters: Sequence[Any]) -> float:
    mean, deviation, *q = parameters
    share = trial.suggest_float(name, 1e-9, 1 - 1e-9)
    value = NormalDist(mean, deviation).inv_cdf(share)
    return round(value / q[0]) * q[0] if q else value


def _rounded(value: float, low: float, high: float, q: float = 0) -> float:
    """A value as the nearest multiple of q inside the bounds."""
    if not q:
        return value
    first, last = _multiples(low, high, q)
    return min(max(min(max(round(value / q), first), last) * q, low), high)


def _multiples(low: float, high: float, q: float) -> tuple[int, int]:
    """The first and the last number by which q is still inside the bounds."""
    return math.ceil(low / q - _TOLERANCE), math.floor(high / q + _TOLERANCE)


def _log(draw: Callable[..., object]) -> Draw:
    return lambda trial, name, parameters: draw(trial, name, parameters, log=True)


_DISTRIBUTIONS: dict[str, Draw] = {
    "choice": _draw_choice,
    "uniform": _draw_number,
    "quniform": _draw_number,
    "loguniform": _log(_draw_number),
    "qloguniform": _log(_draw_number),
    "randint": _draw_int,
    "qrandint": _draw_int,
    "lograndint": _log(_draw_int),
    "qlograndint": _log(_draw_int),
    "randn": _draw_normal,
    "qrandn": _draw_normal,
}


def _seconds(duration: object) -> float:
    seconds = seconds_of(duration)
    if not seconds:
        raise Rejected(f"max_exec_duration: {duration!r} is not a duration: write '1h', '30m', '90s' or seconds")
    return seconds
