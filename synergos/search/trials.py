"""The trials of a search: what each was tried with, what came of it, and which did best."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, Self

import attrs
from synergos_client.models.validation import Validation

from synergos.common.records import as_mapping, id_in
from synergos.common.table import as_html, as_text
from synergos.errors import InvalidArgument, StatusError, SynergosError
from synergos.reply import Reply
from synergos.search.known import Record, Search
from synergos.search.score import mean_score
from synergos.work.job import POLL, Job

State = Literal["done", "pruned", "failed", "open"]

_OF_EVERY_RECORD = ("doc_id", "kind", "key", "relations", "created_at")


@attrs.frozen
class Trial:
    """One trial of a search.

    Attributes:
        run_id: Id of its run. That of a failed trial is not kept.
        state: "done"; "pruned" when a scheduler ended it early; "failed" when it could not be trained; "open" when the
            TTP has no statistics of it.
        hyperparameters: What it was tried with, by the names of `runs.create`. Real TTPs do not tell the names of
            algorithm, optimizer, criterion and scheduler: where these were searched, they are missing.
        score: The metric, as a mean over the classes and then over the participants; None where there is none.
        statistics: All statistics by participant.
        message: What it failed with; empty for the others.
    """

    run_id: str
    state: State
    hyperparameters: Mapping[str, Any]
    score: float | None
    statistics: Mapping[str, Mapping[str, Any]]
    message: str = ""


class Trials(Reply[list[Validation]]):
    """The answer to a search: its validations, as every reply has its data, and the trials that they are of.

    What the answer does not hold is asked for when it is first needed: on the sandbox its list of trials, on other TTPs
    the runs. Printed, or shown by a notebook, it is a table of the trials, the best one first.

    Example:
        >>> trials = driver.optimizations.create(
        ...     project_id="penguins",
        ...     expt_id="one_layer",
        ...     search_space={"lr": [0.001, 0.03]},
        ...     fixed={"rounds": 2, "epochs": 1, "optimizer": "Adam", "criterion": "NLLLoss"},
        ...     metric="accuracy",
        ...     optimize_mode="max",
        ... )
        >>> trials.best.hyperparameters["optimizer"]
        'Adam'
        >>> [trial.state for trial in trials.trials]
        ['done', 'done']
        >>> print(str(trials).splitlines()[0].split())
        ['run_id', 'state', 'accuracy', 'lr']
    """

    __slots__ = ("_look", "_search")

    def __init__(
        self,
        answer: Mapping[str, Any],
        parse: Callable[[Any], list[Validation]],
        error: StatusError | InvalidArgument | None = None,
        search: Search | Callable[[Sequence[Record]], Search] | None = None,
    ) -> None:
        """Wrap an answer.

        Args:
            answer: The answer, as JSON was read.
            parse: What makes the typed data of the answer's `data`.
            error: The error that the answer stands for, with `Driver(errors="return")`.
            search: What is known of the search, or what finds it out from the records of the answer.
        """
        super().__init__(answer, parse, error)
        self._look = search or Search()

    @classmethod
    def from_reply(
        cls, reply: Reply[list[Validation]], before: Collection[str], look: Callable[[Sequence[Record]], Search] | None
    ) -> Self:
        """Make the trials of a reply.

        Args:
            reply: The reply.
            before: Ids of the runs that are not meant: they are of earlier searches.
            look: Finds out what there is to know of the search, from the records of the answer.

        Returns:
            The reply without the records of those runs.
        """
        answer: dict[str, Any] = dict(reply)
        if before and isinstance(reply.get("data"), list):
            answer["data"] = [record for record in reply["data"] if record["key"]["run_id"] not in before]
        return cls(answer, reply._parse, reply._error, look)

    @property
    def trials(self) -> list[Trial]:
        """The trials, in the order in which they were made.

        Raises:
            Unreadable: When the data are not what the contract says.
            NotAnswered: When a record does not tell its run.
            StatusError: When the reply is an error that was returned and not raised.
        """
        by_run: dict[str, list[Validation]] = {}
        for validation in self.data:
            by_run.setdefault(validation.key.run_id, []).append(validation)
        statistics = {run_id: _statistics(found) for run_id, found in by_run.items()}
        search = self._known()
        told = {record["key"]["run_id"]: record for record in search.told}
        fields = {record["key"]["run_id"]: _fields_of(record) for record in search.runs}
        run_ids = dict.fromkeys([*told, *statistics])
        return [
            _trial(run_id, search, told.get(run_id, {}), fields.get(run_id, {}), statistics.get(run_id, {}))
            for run_id in run_ids
        ]

    @property
    def best(self) -> Trial:
        """The trial that did best, of those that were neither pruned nor failed.

        Raises:
            SynergosError: When there is none, or when it is not known what was optimized: `read` takes `metric` and
                `optimize_mode` too.
        """
        search = self._known()
        if search.metric is None or search.optimize_mode is None:
            advice = "read them with optimizations.read(..., metric='accuracy', optimize_mode='max')"
            raise SynergosError(f"What is best is not known, for these trials had no metric, or several: {advice}.")
        ranked = self._ranked()
        if not ranked or not _is_ranked(ranked[0]):
            states = ", ".join(f"{trial.run_id} {trial.state}" for trial in ranked) or "there are none"
            raise SynergosError(f"No trial has come to its end with {search.metric!r} in its statistics: {states}.")
        return ranked[0]

    def table(self) -> list[dict[str, Any]]:
        """The trials as rows, the best one first: `pandas.DataFrame(trials.table())` makes a frame of them.

        Returns:
            For each trial its `run_id`, `state`, the metric under its own name, and the hyperparameters that were
            searched; None where the TTP tells nothing. A trial that failed also has its `message`.
        """
        search, ranked = self._known(), self._ranked()
        names = _searched(search, ranked)
        metric = search.metric or "score"
        has_failed = any(trial.message for trial in ranked)
        return [
            {
                "run_id": trial.run_id,
                "state": trial.state,
                metric: trial.score,
                **{name: trial.hyperparameters.get(name) for name in names},
                **({"message": trial.message} if has_failed else {}),
            }
            for trial in ranked
        ]

    def __repr__(self) -> str:
        return as_text(_cells(self.table())) if "data" in self else super().__repr__()

    def _repr_html_(self) -> str | None:
        return as_html(_cells(self.table())) if "data" in self else None

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        search = self._known() if "data" in self else Search()
        return type(self), (dict(self), self._parse, self._error, search)

    def _known(self) -> Search:
        if callable(self._look):
            if "data" not in self:
                # It says why there are none.
                _ = self.data
            self._look = self._look(self["data"])
        return self._look

    def _ranked(self) -> list[Trial]:
        """The best first; then those without a place, in their order."""
        sign = -1 if self._known().optimize_mode == "max" else 1
        found = self.trials
        placed = [trial for trial in found if _is_ranked(trial)] if self._known().optimize_mode else []
        return [
            *sorted(placed, key=lambda trial: sign * (trial.score or 0.0)),
            *(trial for trial in found if trial not in placed),
        ]


class SearchJob(Job[list[Validation]]):
    """A search that was given to a TTP: a job whose result are its trials."""

    look: Callable[[Sequence[Record]], Search] | None = None
    """Finds out what there is to know of the search."""

    def result(self, timeout: float | None = None, *, poll: float = POLL, title: str | None = None) -> Trials:
        """Wait until it is done, and take what came of it.

        Args:
            timeout: As for `Job.wait`.
            poll: As for `Job.wait`.
            title: As for `Job.wait`.

        Returns:
            The trials of this search alone; of one that was picked up without its job, all that there are.

        Raises:
            StatusError: When the TTP refused it, or failed.
            Cancelled: When it was called off.
            TimedOut: When it has not ended by then. The message says what is there and what is not; the job goes on.
            Unreachable: When the request never reached the TTP, or the driver was closed.

        Example:
            >>> driver.optimizations.job(project_id="penguins", expt_id="one_layer").result().trials[0].state
            'done'
        """
        reply = super().result(timeout, poll=poll, title=title)
        return Trials.from_reply(reply, {run_id for run_id, *_ in self._before}, self.look)


def _statistics(validations: Iterable[Validation]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in validations:
        told = one.to_dict()
        statistics = as_mapping(as_mapping(told.get("evaluate")).get("statistics"))
        if statistics:
            found[id_in(told, "participant_id")] = dict(statistics)
    return found


def _trial(run_id: str, search: Search, told: Record, fields: Record, statistics: Mapping[str, Record]) -> Trial:
    state: State = told.get("state", "done" if statistics else "open")
    score = mean_score(statistics.values(), search.metric) if search.metric else None
    hyperparameters = {**search.fixed, **fields, **told.get("hyperparameters", {})}
    return Trial(run_id, state, hyperparameters, score, statistics, told.get("message", ""))


def _fields_of(run: Record) -> dict[str, Any]:
    return {name: value for name, value in run.items() if name not in _OF_EVERY_RECORD}


def _is_ranked(trial: Trial) -> bool:
    return trial.state == "done" and trial.score is not None


def _searched(search: Search, trials: Sequence[Trial]) -> list[str]:
    """The hyperparameters that were searched; where that is not known, those that differ."""
    if search.searched is not None:
        return list(search.searched)
    names = dict.fromkeys(name for trial in trials for name in trial.hyperparameters)
    return [name for name in names if len({repr(trial.hyperparameters.get(name)) for trial in trials}) > 1]


def _cells(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    names = list(rows[0]) if rows else ["run_id", "state"]
    return [names, *([_shown(row[name]) for name in names] for row in rows)]


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
