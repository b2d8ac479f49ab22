"""The results of a project, an experiment or a run, over its runs, participants and classes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import attrs

from synergos.common.misspelt import nearest
from synergos.common.records import Fields, as_list, as_mapping, id_in, within
from synergos.errors import InvalidArgument, SynergosError
from synergos.results.plots import Plots
from synergos.results.scores import FALLING, METRICS, SHOWN, Evaluation, Losses, RunResult, State, as_number
from synergos.results.table import Table

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["run", "participant", "class"]

_IDS = ("expt_id", "run_id")
_UNTOLD_LOSSES = (
    "This TTP does not tell the losses: it keeps them in files on its disk, whose paths "
    "models.read(...) gives as `loss_history`."
)


@attrs.frozen(repr=False)
class Results:
    """What came of the runs below some ids: a leaderboard when it is printed or shown by a notebook, the best first.

    A metric is averaged over the participants by their rows; of a classification it is the mean over the classes before
    that, and the accuracy is the share of the rows that were given their class. Where the TTP does not tell what that
    needs, the notes below the table say what is done instead.

    Attributes:
        subject: What they are of.
        runs: The runs, the best first. Those that have no such metric, and trials that were ended early, come last.
        metric: What they are ranked by; None when there is nothing to rank by.
        tells_losses: Whether the TTP tells losses.
        is_local: Whether what the TTP keeps in files is on this machine.

    Example:
        >>> results = driver.results(project_id="penguins")
        >>> print(str(results).splitlines()[0])
        project 'penguins': 1 run, by accuracy
        >>> results.best().run_id
        'adam'
        >>> [row["class"] for row in results.by("class")][:3]
        ['Adelie', 'Chinstrap', 'Gentoo']
    """

    subject: str
    runs: tuple[RunResult, ...]
    metric: str | None = None
    tells_losses: bool = False
    is_local: bool = False

    @classmethod
    def of(
        cls,
        validations: object,
        *,
        subject: str = "",
        runs: Mapping[tuple[str, str], Fields] | None = None,
        states: Mapping[tuple[str, str], State] | None = None,
        losses: Sequence[Fields] | None = None,
        ids: Mapping[str, str] | None = None,
        is_local: bool = False,
    ) -> Self:
        """Make results of what a TTP answered; what is outside the contract is passed over.

        Args:
            validations: The records of the validations.
            subject: What they are of.
            runs: The ids of an experiment and a run to the hyperparameters; None for those that have validations.
            states: The same to the state of the run, where it is not to be read off the validations.
            losses: The records of the losses; None where the TTP does not tell them.
            ids: The ids that the records have to have.
            is_local: Whether what the TTP keeps in files is on this machine.
        """
        found: dict[tuple[str, str], list[Evaluation]] = {key: [] for key in runs or {}}
        for record in within(ids or {}, validations):
            evaluated = as_mapping(record.get("evaluate"))
            statistics = as_mapping(evaluated.get("statistics"))
            evaluations = found.setdefault(_key(record), [])
            if statistics:
                path = evaluated.get("res_path")
                name = id_in(record, "participant_id")
                evaluations.append(Evaluation(name, statistics, path if isinstance(path, str) else ""))
        curves: dict[tuple[str, str], list[Losses]] = {}
        for record in within(ids or {}, list(losses or [])):
            curves.setdefault(_key(record), []).append(_losses(record))
        of_runs = [
            RunResult(
                *key,
                state=(states or {}).get(key, "done" if evaluations else "not validated"),
                hyperparameters=(runs or {}).get(key, {}),
                evaluations=tuple(sorted(evaluations, key=lambda one: one.participant_id)),
                losses=tuple(curves.get(key, ())),
            )
            for key, evaluations in found.items()
        ]
        metric = next((name for name in SHOWN if any(run.metric(name) is not None for run in of_runs)), None)
        return cls(subject, tuple(_ranked(of_runs, metric)), metric, losses is not None, is_local)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that any run has."""
        return tuple(name for name in METRICS if any(run.metric(name) is not None for run in self.runs))

    def by_metric(self, metric: str) -> Self:
        """The same runs, ranked by another metric.

        Args:
            metric: Its name, "f_score" or "MSE" for example; `metrics` has those that there are. The best has most of
                it, or least of an error: MSE, MAE, FPRs, FNRs and FDRs.

        Raises:
            InvalidArgument: When no run has it.
        """
        self._check(metric)
        return attrs.evolve(self, runs=tuple(_ranked(self.runs, metric)), metric=metric)

    def best(self, metric: str | None = None) -> RunResult:
        """The run that did best.

        Args:
            metric: By what; None for what they are ranked by.

        Raises:
            InvalidArgument: When no run has it.
            SynergosError: When nothing was validated.
        """
        ranked = self if metric is None else self.by_metric(metric)
        if ranked.metric is None:
            raise SynergosError(f"There is no best run, for nothing of {self.subject or 'these runs'} was validated.")
        best = ranked.runs[0]
        if not _has_place(best, ranked.metric):
            raise SynergosError(f"There is no best run, for all that were validated were pruned: {best.run_id}, ...")
        return best

    def by(self, level: Level = "run") -> Table:
        """The results as a table: a row for each run, for each participant of each run, or for each class there.

        Args:
            level: "run", "participant" or "class".

        Returns:
            The table. Its rows of participants and classes have what was answered; of a class, the accuracy is that of
            the class against the rest. Where the TTP does not name classes, they are numbers from 0: `class_number`.

        Raises:
            InvalidArgument: When there is no such level.
        """
        if level not in get_args(Level):
            raise InvalidArgument(f"[results] level={level!r} is not allowed: give {', '.join(get_args(Level))}.")
        make = {"run": self._by_run, "participant": self._by_participant, "class": self._by_class}[level]
        return make()

    def to_frame(self, level: Level = "run") -> "pd.DataFrame":
        """The table of a level as a DataFrame of pandas.

        Args:
            level: As in `by`.

        Raises:
            SynergosError: When pandas is not installed.
        """
        return self.by(level).to_frame()

    @property
    def losses(self) -> Table:
        """The losses: a row for each round of each run, of all participants together and of each by itself.

        `participant_id` is None for all together. Real TTPs do not tell them: then there are no rows, and a note says
        where they are.
        """
        rows = tuple(
            {
                "expt_id": run.expt_id,
                "run_id": run.run_id,
                "participant_id": one.participant_id,
                "round": number,
                "train": train,
                "evaluate": evaluate,
            }
            for run in self.runs
            for one in run.losses
            for number, (train, evaluate) in enumerate(zip_longest(one.train, one.evaluate), start=1)
        )
        notes = () if self.tells_losses else (_UNTOLD_LOSSES,)
        names = (*_IDS, "participant_id", "round", "train", "evaluate")
        return Table(names, rows, notes=notes, decimals=frozenset({"train", "evaluate"}))

    @property
    def plot(self) -> Plots:
        """Pictures: `plot.losses()`, `plot.metric()`, `plot.confusion()` and `plot.roc()`."""
        return Plots(self)

    def compare(self, other: "Results", metric: str | None = None) -> Table:
        """These results beside others: the best of both, and each run that is in either.

        Args:
            other: The others: those of another project, or those from before something was changed.
            metric: What to compare; None for what these are ranked by.

        Returns:
            A row for each, with the metric here, there, and by how much it is more here.

        Raises:
            InvalidArgument: When neither has the metric.
        """
        name = metric or self.metric or other.metric
        if name is None:
            raise SynergosError("There is nothing to compare: nothing was validated in either.")
        if name not in (*self.metrics, *other.metrics):
            self._check(name)
        here, there = ({(run.expt_id, run.run_id): run.metric(name) for run in one.runs} for one in (self, other))
        keys = dict.fromkeys([*here, *there])
        best = [_best_of(one.runs, name) for one in (self, other)]
        rows = [
            _compared("", "(best)", name, *best),
            *(_compared(*key, name, here.get(key), there.get(key)) for key in keys),
        ]
        columns = (*_IDS, name, f"{name} (other)", "difference")
        title = f"{self.subject or 'these'}, beside {other.subject or 'others'}"
        return Table(columns, tuple(rows), title, decimals=frozenset(columns[2:]))

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[RunResult]:
        return iter(self.runs)

    def __str__(self) -> str:
        return str(self.by("run"))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        levels: tuple[Level, ...] = ("participant", "class")
        below = "".join(
            f"<details><summary>by {level}</summary>{table._repr_html_()}</details>"
            for level in levels
            if len(table := self.by(level))
        )
        return f"<div>{self.by('run')._repr_html_()}{below}</div>"

    def _check(self, metric: str) -> None:
        if metric in self.metrics:
            return
        near = nearest(metric, self.metrics)
        hint = f" Did you mean {near!r}?" if near else ""
        known = ", ".join(self.metrics) or "none, for nothing was validated"
        raise InvalidArgument(f"[results] metric={metric!r}: no run has it.{hint} There are: {known}.")

    def _shown_metrics(self) -> list[str]:
        """The metrics of a table: those that tell most, and what the runs are ranked by first of all."""
        metrics = self.metrics
        shown = [name for name in SHOWN if name in metrics]
        return list(dict.fromkeys([*([self.metric] if self.metric else []), *shown]))

    def _by_run(self) -> Table:
        differing, same = _hyperparameters(self.runs)
        metrics = self._shown_metrics()
        has_states = any(run.state != "done" for run in self.runs)
        columns = (*_IDS, *(["state"] if has_states else []), *metrics, *differing)
        rows = tuple(
            {
                "expt_id": run.expt_id,
                "run_id": run.run_id,
                "state": run.state,
                **{name: run.metric(name) for name in metrics},
                **{name: _plain(run.hyperparameters.get(name)) for name in differing},
            }
            for run in self.runs
        )
        rows = tuple({name: row[name] for name in columns} for row in rows)
        count = f"{len(self.runs)} run{'' if len(self.runs) == 1 else 's'}"
        ranking = f", {'best first ' if len(self.runs) > 1 else ''}by {self.metric}" if self.metric else ""
        title = f"{self.subject}: {count}{ranking}" if self.subject else f"{count}{ranking}"
        return Table(columns, rows, title, tuple(self._notes(same)), frozenset(metrics))

    def _by_participant(self) -> Table:
        metrics = self._shown_metrics()
        columns = (*_IDS, "participant_id", "rows", *metrics)
        rows = tuple(
            {
                "expt_id": run.expt_id,
                "run_id": run.run_id,
                "participant_id": one.participant_id,
                "rows": one.rows,
                **{name: one.metric(name) for name in metrics},
            }
            for run, one in self._evaluations()
        )
        return Table(columns, rows, notes=() if rows else ("Nothing was validated.",), decimals=frozenset(metrics))

    def _by_class(self) -> Table:
        found = [one.statistics for _, one in self._evaluations()]
        metrics = [name for name in SHOWN if any(name in statistics for statistics in found)]
        if not metrics:
            return Table((), (), notes=("Nothing was validated.",))
        has_classes = any(one.has_classes for _, one in self._evaluations())
        is_named = any(one.classes for _, one in self._evaluations())
        own = [] if not has_classes else ["class" if is_named else "class_number"]
        rows = tuple(
            {
                "expt_id": run.expt_id,
                "run_id": run.run_id,
                "participant_id": one.participant_id,
                **dict.fromkeys(own, _called(one, index, is_named)),
                **dict(zip(metrics, values, strict=True)),
            }
            for run, one in self._evaluations()
            for index, values in enumerate(
                zip_longest(*(_as_column(one.statistics.get(name, [])) for name in metrics), fillvalue=None)
            )
        )
        return Table((*_IDS, "participant_id", *own, *metrics), rows, decimals=frozenset(metrics))

    def _evaluations(self) -> list[tuple[RunResult, Evaluation]]:
        return [(run, one) for run in self.runs for one in run.evaluations]

    def _notes(self, same: Mapping[str, Any]) -> Iterator[str]:
        """What is to be known of the leaderboard."""
        if same:
            shown = ", ".join(f"{name}={value}" for name, value in same.items())
            yield f"{'Hyperparameters' if len(self.runs) == 1 else 'The same in all runs'}: {shown}."
        if untold := [run.run_id for run in self.runs if run.hyperparameters and not _tells_names(run)]:
            more = f" and {len(untold) - 3} more" if len(untold) > 3 else ""
            yield (
                f"The names of algorithm, criterion, lr_scheduler and optimizer of {', '.join(untold[:3])}{more} are "
                "not known: TTPs do not tell them, and the runs were not made over this connection."
            )
        evaluations = [one for _, one in self._evaluations()]
        if not evaluations:
            yield "Nothing was validated."
            return
        yield from _how_averaged(self.runs)
        if any("accuracy" in one.statistics and one.has_classes for one in evaluations):
            told = [one.share_right() is not None for one in evaluations]
            if all(told):
                yield "accuracy: the share of the rows that were given their class."
            else:
                yield (
                    "accuracy: the mean over the classes of the accuracy of each against the rest, where the TTP does "
                    f"not tell the counts ({told.count(False)} of {len(told)} validations); of more than two classes "
                    "it is higher than the share of the rows that were given their class."
                )
            yield "Other metrics: means over the classes, each of which counts the same."
        undefined = {name: sum(one.undefined(name) for one in evaluations) for name in self._shown_metrics()}
        if most := max(undefined.values(), default=0):
            names = ", ".join(name for name, count in undefined.items() if count)
            yield (
                f"{names}: up to {most} class{'' if most == 1 else 'es'} of a participant left out, which no row there "
                "is of or all are."
            )
        sites = {frozenset(one.participant_id for one in run.evaluations) for run in self.runs if run.evaluations}
        if len(sites) > 1:
            yield "Not all runs were validated by the same participants: see by('participant') before comparing them."


def _tells_names(run: RunResult) -> bool:
    return any(name in run.hyperparameters for name in ("algorithm", "criterion", "lr_scheduler", "optimizer"))


def _how_averaged(runs: Sequence[RunResult]) -> Iterator[str]:
    several = [run for run in runs if len(run.evaluations) > 1]
    weighted = [run for run in several if run.rows is not None]
    if weighted:
        yield "Averaged over the participants by their rows."
    if len(several) > len(weighted):
        whose = "" if not weighted else f" of {', '.join(run.run_id for run in several if run.rows is None)}"
        yield f"The rows of participants{whose} are not told: each participant counts the same in the averages."


def _hyperparameters(runs: Sequence[RunResult]) -> tuple[list[str], dict[str, Any]]:
    """The names of those that differ between runs, and those that are the same in all."""
    names = dict.fromkeys(name for run in runs for name in run.hyperparameters)
    values = {name: [run.hyperparameters.get(name) for run in runs] for name in names}
    differing = [name for name, found in values.items() if len({repr(one) for one in found}) > 1]
    return differing, {name: found[0] for name, found in values.items() if name not in differing}


def _ranked(runs: Sequence[RunResult], metric: str | None) -> list[RunResult]:
    """The best first; then those without a place, in their order."""
    if metric is None:
        return list(runs)
    sign = 1 if metric in FALLING else -1
    placed = [run for run in runs if _has_place(run, metric)]
    rest = [run for run in runs if not _has_place(run, metric)]
    return [*sorted(placed, key=lambda run: sign * (run.metric(metric) or 0.0)), *rest]


def _has_place(run: RunResult, metric: str) -> bool:
    return run.state == "done" and run.metric(metric) is not None


def _best_of(runs: Sequence[RunResult], metric: str) -> float | None:
    ranked = _ranked(runs, metric)
    return ranked[0].metric(metric) if ranked and _has_place(ranked[0], metric) else None


def _compared(
    expt_id: str, run_id: str, metric: str, here: float | None, there: float | None
) -> dict[str, str | float | None]:
    difference = None if here is None or there is None else here - there
    return {
        "expt_id": expt_id,
        "run_id": run_id,
        metric: here,
        f"{metric} (other)": there,
        "difference": difference,
    }


def _called(evaluation: Evaluation, index: int, is_named: bool) -> str | int:
    """What a class is called: its name, or its number; beside others that have names, that it is a number."""
    names = evaluation.classes
    if names:
        return names[index]
    return f"number {index}" if is_named else index


def _as_column(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _key(record: Fields) -> tuple[str, str]:
    return id_in(record, "expt_id"), id_in(record, "run_id")


def _losses(record: Fields) -> Losses:
    train, evaluate = (
        tuple(as_number(value) for value in as_list(part)) for part in (record.get("train"), record.get("evaluate"))
    )
    # The model of all is the one that is evaluated.
    return Losses(None if "evaluate" in record else str(record.get("origin", "")), train, evaluate)
