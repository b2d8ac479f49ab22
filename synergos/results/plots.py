"""What of results is drawn, and how it is called there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from synergos.errors import InvalidArgument, SynergosError
from synergos.results.charts import Bars, Dots, Line, Lines, Panel, short
from synergos.results.picture import Picture
from synergos.results.roc import curves, read_scores
from synergos.results.scores import Losses, RunResult
from synergos.results.table import Table

if TYPE_CHECKING:
    import pandas as pd

# So many runs have a colour of their own; others stay behind them.
_IN_COLOUR = 10
_MOST_PANELS = 12
_NOT_SHARES = ("R2", "MSE", "MAE")


class Ranked(Protocol):
    """Runs in their order, as results have them."""

    @property
    def runs(self) -> Sequence[RunResult]:
        """The runs, the best first."""

    @property
    def metric(self) -> str | None:
        """What they are ranked by."""

    @property
    def is_local(self) -> bool:
        """Whether what the TTP keeps in files is on this machine."""

    @property
    def losses(self) -> Table:
        """The losses, with a note where they are not told."""

    def best(self, metric: str | None = None) -> RunResult:
        """The run that did best."""

    def by_metric(self, metric: str) -> "Ranked":
        """The same runs, ranked by another metric."""


class Plots:
    """Pictures of results: `results.plot.losses()`. Each takes the best runs first.

    Pictures are drawn by matplotlib, which `pip install 'synergos-driver[plots]'` brings; without it, a small chart of
    text is printed.
    """

    def __init__(self, results: Ranked) -> None:
        """Make the pictures of results."""
        self._results = results

    def losses(self) -> Picture:
        """The losses over the rounds: a panel for training and one for evaluation, and one for each participant.

        Each run is a line of its colour. Of more than ten runs the best ten have one; participants beyond the first ten
        are counted and not drawn.

        Raises:
            SynergosError: When the TTP does not tell losses, as a real one does not, or nothing is trained.
        """
        runs = [run for run in self._results.runs if run.losses]
        if not runs:
            raise SynergosError(" ".join(self._results.losses.notes) or "There are no losses: nothing is trained.")
        names = dict.fromkeys(
            one.participant_id for run in runs for one in run.losses if one.participant_id is not None
        )
        panels = [
            Panel("all: training", tuple(_curves(runs, None, "train"))),
            Panel("all: evaluation", tuple(_curves(runs, None, "evaluate"))),
            *(Panel(f"{name}: training", tuple(_curves(runs, name, "train"))) for name in names),
        ]
        panels = [panel for panel in panels if any(line.points for line in panel.lines)]
        left = len(panels) - _MOST_PANELS
        note = f"{left} more participant{'s are' if left > 1 else ' is'} not drawn." if left > 0 else ""
        return Picture(Lines(tuple(panels[:_MOST_PANELS]), "round", "loss", note=note))

    def metric(self, name: str | None = None) -> Picture:
        """A metric by run and participant, with the average of each run.

        Args:
            name: The metric; None for what the results are ranked by.

        Raises:
            InvalidArgument: When no run has it.
            SynergosError: When nothing was validated.
        """
        best = self._results.best(name)
        ranked = self._results if name is None else self._results.by_metric(name)
        metric = ranked.metric or ""
        runs = [run for run in ranked.runs if run.metric(metric) is not None]
        participants = list(dict.fromkeys(one.participant_id for run in [best, *runs] for one in run.evaluations))
        values = []
        for run in runs:
            own = {one.participant_id: one.metric(metric) for one in run.evaluations}
            values.append(tuple(own.get(participant) for participant in participants))
        return Picture(
            Dots(
                rows=tuple(_names(runs)),
                series=tuple(participants),
                values=tuple(values),
                means=tuple(run.metric(metric) for run in runs),
                x_name=metric,
                is_share=metric not in _NOT_SHARES,
            )
        )

    def confusion(self, run: RunResult | None = None, participant_id: str | None = None) -> Picture:
        """How many rows of each class were found, how many were missed, and how many others were taken for it.

        Args:
            run: The run; None for the best.
            participant_id: On whose rows; None for those of all who have the same classes.

        Raises:
            SynergosError: When there are no counts of it.
        """
        run = run or self._results.best()
        found = [one for one in run.evaluations if participant_id in (None, one.participant_id) and one.counts]
        # Numbers of classes can be added up only where they are the same classes.
        found = [one for one in found if (one.classes, one.n_classes) == (found[0].classes, found[0].n_classes)]
        if not found:
            whose = f" of {participant_id!r}" if participant_id else ""
            raise SynergosError(f"There are no counts{whose} in the run {run.run_id!r}: a regression has none.")
        counts = [
            tuple(map(sum, zip(*of_class, strict=True)))
            for of_class in zip(*(one.counts or () for one in found), strict=True)
        ]
        whose = ", ".join(short(one.participant_id) for one in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        names = found[0].classes or tuple(f"class number {number}" for number in range(found[0].n_classes))
        return Picture(
            Bars(
                f"{short(run.run_id)}: {whose}{more}",
                names,
                found=tuple(one[0] for one in counts),
                missed=tuple(one[3] for one in counts),
                taken=tuple(one[2] for one in counts),
            )
        )

    def roc(
        self,
        run: RunResult | None = None,
        scores: "str | Path | pd.DataFrame | Iterable[Mapping[str, object]] | None" = None,
    ) -> Picture:
        """True over false positive rates, each class against the rest, with the area under each curve.

        The scores of each row stay with the participant. On a sandbox of this machine they are read from where it keeps
        them, those of all participants together; elsewhere give them.

        Args:
            run: The run; None for the best.
            scores: Whose scores to take: the path of a `predictions.csv`, or its rows as dicts or as a DataFrame.

        Raises:
            SynergosError: When there are no scores at hand.
            InvalidArgument: When what was given holds none.
        """
        run = run or self._results.best()
        if scores is None:
            paths = [Path(one.res_path) for one in run.evaluations if one.res_path] if self._results.is_local else []
            at_hand = [path for path in paths if path.name == "predictions.csv" and path.is_file()]
            if not at_hand:
                raise SynergosError(
                    "The scores are not at hand: they are with the participants, where each validation's `res_path` "
                    "says. Give the path of a predictions.csv as scores=..."
                )
            rows: Sequence[Mapping[str, object]] = read_scores(at_hand)
        else:
            rows = _rows(scores)
        lines = [
            Line(name, tuple(points), number, f"{area:.3f}")
            for number, (name, (points, area)) in enumerate(curves(rows).items())
        ]
        return Picture(Lines((Panel(run.run_id, tuple(lines)),), "false positive rate", "true positive rate", True))


def _rows(scores: "str | Path | pd.DataFrame | Iterable[Mapping[str, object]]") -> Sequence[Mapping[str, object]]:
    if isinstance(scores, str | Path):
        return read_scores([Path(scores)])
    if hasattr(scores, "to_dict"):
        return [{str(name): value for name, value in row.items()} for row in scores.to_dict("records")]
    rows = list(scores)
    if not all(isinstance(row, Mapping) for row in rows):
        raise InvalidArgument("[plot.roc] scores must be a path, a DataFrame, or rows as dicts.")
    return rows


def _curves(runs: Sequence[RunResult], participant_id: str | None, part: str) -> Iterator[Line]:
    for place, (run, name) in enumerate(zip(runs, _names(runs), strict=True)):
        is_behind = place >= _IN_COLOUR
        for one in run.losses:
            if one.participant_id == participant_id:
                label = f"{len(runs) - _IN_COLOUR} other runs" if is_behind else name
                yield Line(label, _points(one, part), None if is_behind else place)


def _points(losses: Losses, part: str) -> tuple[tuple[float, float], ...]:
    values = losses.train if part == "train" else losses.evaluate
    return tuple((float(number), value) for number, value in enumerate(values, start=1) if value is not None)


def _names(runs: Sequence[RunResult]) -> list[str]:
    """What runs are called: with their experiment where there are several."""
    several = len({run.expt_id for run in runs}) > 1
    return [f"{run.expt_id}/{run.run_id}" if several else run.run_id for run in runs]
