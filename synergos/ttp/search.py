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

Trials follow each other, each a run of what was drawn and of nothing else: what is not in the space, a trial has as a
run has that is sent without it. A space that is no larger than the number of trials is tried in full, each combination
once. A trial that cannot be trained, because it diverges for example, counts for nothing. With a `scheduler`, trials
whose metric is worse than that of others at the same round end there, and are not the best whatever they reached.
"""

import functools
import inspect
import itertools
import logging
import math
import random
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

from flwr.serverapp import strategy

from synergos import space
from synergos.common.durations import seconds_of
from synergos.learning import bounds
from synergos.learning.errors import Cancelled, Rejected, SandboxError, unknown
from synergos.learning.network import CRITERIA, OPTIMIZERS, SCHEDULERS
from synergos.learning.statistics import Statistics
from synergos.search.score import mean_score
from synergos.ttp import contract, strategies
from synergos.ttp.errors import Conflict, DiskFull, Missing
from synergos.ttp.strategies import ALGORITHMS

with warnings.catch_warnings():
    # In a notebook, Optuna's progress bars, which nobody draws here, ask for widgets.
    warnings.simplefilter("ignore")
    import optuna

Fields = dict[str, object]
Draw = Callable[[optuna.Trial, str, Sequence[Any]], object]
Objective = Callable[[Fields, Callable[[int, float], bool]], list[Statistics]]

# The runs of trials are told by it from those that a user made.
TRIAL = "optim_run_"

optuna.logging.set_verbosity(optuna.logging.WARNING)
logger = logging.getLogger("synergos.sandbox")

CLASSIFICATION = (
    *("accuracy", "roc_auc_score", "pr_auc_score", "f_score"),
    *("TPRs", "TNRs", "PPVs", "NPVs", "FPRs", "FNRs", "FDRs", "TPs", "TNs", "FPs", "FNs"),
)
REGRESSION = ("R2", "MSE", "MAE")
# By the names that they have in Ray Tune, whose default is to end no trial early.
_SCHEDULERS: Mapping[str, Callable[[], optuna.pruners.BasePruner]] = {
    "FIFOScheduler": optuna.pruners.NopPruner,
    "MedianStoppingRule": optuna.pruners.MedianPruner,
    "AsyncHyperBandScheduler": optuna.pruners.SuccessiveHalvingPruner,
    "ASHAScheduler": optuna.pruners.SuccessiveHalvingPruner,
    "HyperBandScheduler": optuna.pruners.HyperbandPruner,
}


class Study:
    """One search, as it was asked for."""

    def __init__(self, body: Mapping[str, Any], *, is_classification: bool) -> None:
        """Check what was asked for; nothing is tried yet.

        Args:
            body: What was sent: the search space, the metric, and how long to search.
            is_classification: Whether the project classifies, and does not regress.

        Raises:
            Rejected: When a distribution, the metric or the scheduler is unknown, or parameters cannot be right.
        """
        self._space: Mapping[str, Mapping[str, Any]] = body["search_space"]
        for name, distribution in self._space.items():
            _check(name, distribution)
        self._metric = str(body["metric"])
        known = CLASSIFICATION if is_classification else REGRESSION
        if self._metric not in known:
            raise unknown("metric", self._metric, known)
        self._is_maximum = body["optimize_mode"] == "max"
        self._scheduler = str(body.get("scheduler", "FIFOScheduler"))
        if self._scheduler not in _SCHEDULERS:
            raise unknown("scheduler", self._scheduler, _SCHEDULERS)
        self._most_trials = int(body.get("max_trial_num", 10))
        self._seconds = _seconds(body.get("max_exec_duration", "1h"))

    @property
    def metric(self) -> str:
        """Name of the statistic to optimize."""
        return self._metric

    @property
    def ends_early(self) -> bool:
        """Whether trials may be ended before they have come to their end."""
        return self._scheduler != "FIFOScheduler"

    def _all_choices(self) -> list[dict[str, int]]:
        """Every combination of choices, by their places, in no order that a user could have meant."""
        places = [range(len(distribution["_value"])) for distribution in self._space.values()]
        combinations = [dict(zip(self._space, each, strict=True)) for each in itertools.product(*places)]
        random.Random(0).shuffle(combinations)
        return combinations

    @property
    def combinations(self) -> float:
        """How many different trials there are; infinite when anything is drawn from a range."""
        distributions = self._space.values()
        if any(distribution["_type"] != "choice" for distribution in distributions):
            return math.inf
        return math.prod(len(distribution["_value"]) for distribution in distributions)

    def run(self, objective: Objective, stopping: threading.Event) -> None:
        """Try until enough is tried, or time is up.

        Args:
            objective: Trains and validates a run of some fields, and returns the statistics of each participant. It
                asks after each round, with the round's number and the metric as it is then, whether the rest is
                hopeless.
            stopping: Ends the search when it is set.

        Raises:
            SandboxError: When no trial can be trained. It says why the last one cannot.
        """
        study = optuna.create_study(
            direction="maximize" if self._is_maximum else "minimize",
            sampler=optuna.samplers.TPESampler(seed=0),
            pruner=_SCHEDULERS[self._scheduler](),
        )
        if self.combinations <= self._most_trials:
            for choice in self._all_choices():
                study.enqueue_trial(choice)
        deadline = time.monotonic() + self._seconds
        failure: SandboxError | None = None
        for _ in range(int(min(self._most_trials, self.combinations))):
            if stopping.is_set() or time.monotonic() > deadline:
                break
            trial = study.ask()
            fields = {name: _draw(trial, name, distribution) for name, distribution in self._space.items()}

            ended_early = threading.Event()

            def is_hopeless(
                number: int, score: float, trial: optuna.Trial = trial, ended_early: threading.Event = ended_early
            ) -> bool:
                trial.report(score, number)
                if trial.should_prune():
                    ended_early.set()
                return ended_early.is_set()

            try:
                score = mean_score(objective(fields, is_hopeless), self._metric)
                if ended_early.is_set():
                    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                elif score is None:
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
                else:
                    study.tell(trial, score)
            except SandboxError as error:
                if not is_trials_own(error):
                    raise
                logger.warning("a trial with %s failed: %s", fields, error.message)
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
                failure = error
        if failure is not None and not study.get_trials(states=[optuna.trial.TrialState.COMPLETE]):
            raise failure


def check_space(search_space: Mapping[str, Mapping[str, Any]]) -> None:
    """See that what is to be searched is something that a run can have.

    Args:
        search_space: The space, as it was sent.

    Raises:
        Rejected: When there is too much of it, a choice is none that the field can have, or nothing that is trained
            takes what is searched.
    """
    bounds.check_space(search_space)
    known = _hyperparameters()
    for name, distribution in search_space.items():
        choices = distribution["_value"] if distribution["_type"] == "choice" else []
        for value in choices:
            if value is not None:
                _run_operation().check({"run_id": TRIAL, name: value})
        # A single one is as in a run: what nothing takes is kept and does nothing.
        if name not in known and len(choices) != 1:
            raise unknown("search_space: hyperparameter", name, known)


def check_run(fields: Fields) -> None:
    """See that a trial is a run that could be sent.

    Raises:
        Rejected: When it is not; it names the field.
    """
    _run_operation().check({"run_id": TRIAL, **fields})
    strategies.check_run(fields)


def is_trials_own(error: SandboxError) -> bool:
    """Whether an error is of one trial alone, so that the search goes on."""
    return not isinstance(error, Cancelled | Missing | Conflict | DiskFull)


@functools.cache
def _run_operation() -> contract.Operation:
    return next(operation for operation in contract.operations() if operation.name == "create_run")


@functools.cache
def _hyperparameters() -> frozenset[str]:
    """The fields that the contract names, and what algorithms, optimizers, schedulers and criteria take."""
    schema = contract.load()["components"]["schemas"]["RunFields"]
    classes = (
        *(getattr(strategy, name) for name in ALGORITHMS),
        *(one for known in (OPTIMIZERS, SCHEDULERS, CRITERIA) for one in known.values()),
    )
    return frozenset(schema["properties"]).union(*(inspect.signature(one).parameters for one in classes))


def _check(name: str, distribution: Mapping[str, Any]) -> None:
    kind = distribution["_type"]
    if kind not in space.TYPES:
        raise unknown(f"search_space.{name}._type", kind, space.TYPES)
    if problem := space.problem(distribution):
        raise Rejected(f"search_space.{name}: {kind} of {distribution['_value']!r} {problem}")


def _draw(trial: optuna.Trial, name: str, distribution: Mapping[str, Any]) -> object:
    return _DISTRIBUTIONS[distribution["_type"]](trial, name, distribution["_value"])


def _draw_choice(trial: optuna.Trial, name: str, parameters: Sequence[Any]) -> object:
    # By its place, for Optuna takes no lists as choices.
    return parameters[trial.suggest_categorical(name, range(len(parameters)))]


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
    first, last = space.multiples(low, high, q)
    return min(max(min(max(round(value / q), first), last) * q, low), high)


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
