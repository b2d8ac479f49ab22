"""What came of one run: its statistics at each participant, their averages, and its losses."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import attrs

from synergos.common.text import as_cell

# Of all statistics those that tell most, in the order in which they are shown; the first there is ranks the runs.
SHOWN = ("accuracy", "f_score", "roc_auc_score", "pr_auc_score", "TPRs", "PPVs", "R2", "MSE", "MAE")
METRICS = (*SHOWN, "TNRs", "NPVs", "FPRs", "FNRs", "FDRs")
# Those of which less is better.
FALLING = ("MSE", "MAE", "FPRs", "FNRs", "FDRs")
# What a class has none of where no row is of it; and what it has none of where all rows are.
_NEED_ROWS = ("f_score", "roc_auc_score", "pr_auc_score", "TPRs", "FNRs")
_NEED_OTHERS = ("roc_auc_score", "TNRs", "FPRs")
_COUNTS = ("TPs", "TNs", "FPs", "FNs")

State = Literal["done", "pruned", "not validated", "not trained"]


class Counts(tuple[int, int, int, int]):
    """The rows of a class: how many are right, rightly of another, taken for it and of another, and missed."""

    __slots__ = ()

    @property
    def own(self) -> int:
        """Rows of the class."""
        return self[0] + self[3]

    @property
    def others(self) -> int:
        """Rows of other classes."""
        return self[1] + self[2]


@attrs.frozen
class Evaluation:
    """How well a run does on the rows of one participant.

    Attributes:
        participant_id: Whose rows they are.
        statistics: What the TTP answered.
        res_path: Where the predictions are, on the participant's disk; "" where it is not told.
    """

    participant_id: str
    statistics: Mapping[str, Any]
    res_path: str = ""

    @property
    def has_classes(self) -> bool:
        """Whether it is of a classification."""
        return any(isinstance(self.statistics.get(name), list) for name in METRICS)

    @cached_property
    def n_classes(self) -> int:
        """How many classes there are statistics of; 0 of a regression."""
        found = (self.statistics.get(name) for name in (*METRICS, *_COUNTS))
        return max((len(one) for one in found if isinstance(one, list)), default=0)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes; None where the TTP does not tell them."""
        names = self.statistics.get("classes")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return None
        return tuple(names) if len(names) == self.n_classes else None

    @cached_property
    def counts(self) -> tuple[Counts, ...] | None:
        """The counts of each class; None where they are not told, or cannot be."""
        columns = [self.statistics.get(name) for name in _COUNTS]
        if not all(isinstance(column, list) and len(column) == self.n_classes > 0 for column in columns):
            return None
        rows = list(zip(*(column for column in columns if isinstance(column, list)), strict=True))
        if not all(isinstance(one, int) and one >= 0 for row in rows for one in row):
            return None
        # Each class is against the same rows.
        return tuple(Counts(row) for row in rows) if len({sum(row) for row in rows}) == 1 else None

    @property
    def rows(self) -> int | None:
        """How many rows it is of; None where the TTP does not tell it."""
        told = self.statistics.get("rows")
        if isinstance(told, int) and told > 0:
            return told
        return sum(self.counts[0]) or None if self.counts else None

    def metric(self, name: str) -> float | None:
        """A statistic as one number: of a classification the mean over its classes.

        The accuracy is the share of the rows that were given their class. The accuracies that a TTP tells are those
        of each class against the rest, whose mean is higher: it stands in only where there are no counts.

        Args:
            name: One of `METRICS`.

        Returns:
            The number; None where it is not told or not defined.
        """
        value = self.statistics.get(name)
        if not isinstance(value, list):
            return as_number(value)
        if name == "accuracy" and (share := self.share_right()) is not None:
            return share
        return mean(as_number(one) for one, counts in self._of_classes(name, value) if _is_defined(name, counts))

    def share_right(self) -> float | None:
        """The share of rows that were given their class; None where it cannot be told."""
        counts = self.counts
        rows = sum(counts[0]) if counts else 0
        if not counts or not rows:
            return None
        if len(counts) == 1:
            return (counts[0][0] + counts[0][1]) / rows
        # Each row is of one class, or the classes are not told apart by the counts.
        return sum(one[0] for one in counts) / rows if sum(one.own for one in counts) == rows else None

    def undefined(self, name: str) -> int:
        """How many classes have no such statistic, for want of rows: a TTP answers nought for them."""
        value = self.statistics.get(name)
        if not isinstance(value, list):
            return 0
        return sum(not _is_defined(name, counts) for _, counts in self._of_classes(name, value))

    def _of_classes(self, name: str, values: Sequence[object]) -> list[tuple[object, Counts | None]]:
        counts = self.counts
        return [(value, counts[index] if counts else None) for index, value in enumerate(values)]


@attrs.frozen
class Losses:
    """How the losses of a run went, round by round; None for a round without.

    Attributes:
        participant_id: Whose they are; None for those of all together.
        train: On the training data, a mean per row.
        evaluate: The same on the data with `evaluate` tags; nothing where it is one participant's.
    """

    participant_id: str | None
    train: tuple[float | None, ...] = ()
    evaluate: tuple[float | None, ...] = ()


@attrs.frozen(repr=False)
class RunResult:
    """What came of one run. Printed, it is its metrics and hyperparameters.

    Attributes:
        expt_id: Id of its experiment.
        run_id: Its id.
        state: "done"; "not validated" or "not trained"; "pruned" for a trial that a search ended early.
        hyperparameters: What it was trained with, as far as it is known.
        evaluations: How well it does at each participant.
        losses: Its losses, those of all together first; nothing where the TTP does not tell them.
    """

    expt_id: str
    run_id: str
    state: State = "done"
    hyperparameters: Mapping[str, Any] = attrs.field(factory=dict)
    evaluations: tuple[Evaluation, ...] = ()
    losses: tuple[Losses, ...] = ()

    @property
    def rows(self) -> int | None:
        """The rows of all participants; None where not all are told."""
        told = [one.rows for one in self.evaluations]
        return sum(rows or 0 for rows in told) if told and None not in told else None

    def __repr__(self) -> str:
        found = {name: value for name in SHOWN if (value := self.metric(name)) is not None}
        metrics = ", ".join(f"{name} {value:.4g}" for name, value in found.items()) or self.state
        fields = ", ".join(f"{name}={value}" for name, value in self.hyperparameters.items())
        said = f"run {self.run_id!r} of {self.expt_id!r}: {metrics}"
        return "\n".join(map(as_cell, [said, fields] if fields else [said]))

    def metric(self, name: str) -> float | None:
        """A statistic, averaged over the participants by their rows.

        Where the rows of one of them are not told, each participant counts the same. Those without the statistic are
        left out.

        Args:
            name: One of `METRICS`.

        Returns:
            The mean; None where no participant has it.
        """
        found = [(value, one.rows) for one in self.evaluations if (value := one.metric(name)) is not None]
        if not found:
            return None
        weights = [1 if self.rows is None else rows or 0 for _, rows in found]
        return math.fsum(value * weight for (value, _), weight in zip(found, weights, strict=True)) / sum(weights)


def as_number(value: object) -> float | None:
    """A number of an answer; None for what is none, as a real TTP's NaN."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that are there; None when there are none."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _is_defined(name: str, counts: Counts | None) -> bool:
    if counts is None:
        return True
    return not ((name in _NEED_ROWS and not counts.own) or (name in _NEED_OTHERS and not counts.others))
