"""What the page of a TTP shows: what there is, what is being done, and what came of it. It only reads."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

import attrs

from synergos.common.text import as_cell
from synergos.errors import InvalidArgument
from synergos.learning.errors import Rejected
from synergos.learning.versions import versions
from synergos.results.charts import Line, Lines
from synergos.results.gathering import gather
from synergos.results.results import Results
from synergos.results.table import Table
from synergos.ttp.jobs import Jobs
from synergos.ttp.parties import Parties
from synergos.ttp.records import KINDS, Ids, Records
from synergos.ttp.store import Record
from synergos.ttp.work import Work

# So many projects, participants and jobs are told; the others are counted.
_TOLD = 200
# How much of a chart is told: curves without a colour of their own, and points of one curve.
_BEHIND, _POINTS = 20, 200
# Who is connected is looked up at most this often, in seconds.
_ROLL_CALL = 1.0

Point = TypeVar("Point")


class Overview:
    """What a TTP has to show.

    Args:
        records: The records.
        work: What came of phases 2 and 3.
        jobs: What is being done.
        parties: The participants.
        is_cluster: Whether it answers as a cluster does.
    """

    def __init__(self, records: Records, work: Work, jobs: Jobs, parties: Parties, *, is_cluster: bool) -> None:
        self._records = records
        self._work = work
        self._jobs = jobs
        self._parties = parties
        self._started = time.monotonic()
        self._about = {"is_cluster": is_cluster, "versions": versions()}
        self._lock = threading.Lock()
        self._grid: tuple[int, dict[str, Any]] = (-1, {})
        self._present: tuple[float, Mapping[str, bool] | None] = (-_ROLL_CALL, None)

    def read(self) -> dict[str, Any]:
        """What there is, and how far the work is."""
        with self._lock:
            present = self._roll_call()
            changes, grid = self._counted()
        jobs = self._jobs.shown(ended=True)
        return {
            "kind": "sandbox" if present is None else "machines",
            **self._about,
            "seconds": round(time.monotonic() - self._started, 1),
            "changes": changes,
            **grid,
            **({} if present is None else {"connected": present}),
            "work": jobs[-_TOLD:],
            **_curve(self._jobs.trained()),
        }

    def results(self, ids: Ids, metric: str | None) -> dict[str, Any]:
        """What came of the runs below some ids, as a driver's results show it.

        Args:
            ids: The ids of a project, an experiment, or a run.
            metric: What to rank the runs by; None for the first there is.

        Raises:
            Missing: When there is no such project, experiment or run.
            Rejected: When no run has the metric.
        """
        losses = list(self._work.losses(ids))
        project = self._records.require(KINDS["Project"], ids)
        trials = self._work.tried(ids)
        results = gather(
            self._records.shown_whole(project),
            ids,
            validations=self._shown("Validation", ids),
            trials=trials,
            losses=losses,
            made_with=self._made_with(ids),
        )
        if metric is not None:
            try:
                results = results.by_metric(metric)
            except InvalidArgument as error:
                raise Rejected(str(error)) from error
        levels = {"run": results.by("run")}
        if "run_id" in ids:
            levels |= {"participant": results.by("participant"), "class": results.by("class")}
        return {
            **({} if results.metric is None else {"metric": results.metric}),
            "metrics": list(results.metrics),
            "runs": [
                {"expt_id": run.expt_id, "run_id": run.run_id, "state": run.state} for run in results.runs[:_TOLD]
            ],
            "tables": {name: _table(table) for name, table in levels.items()},
            **_losses(results),
            "searches": _searches(trials),
        }

    def _roll_call(self) -> Mapping[str, bool] | None:
        looked, present = self._present
        if time.monotonic() - looked >= _ROLL_CALL:
            present = self._parties.present()
            self._present = time.monotonic(), present
        return present

    def _counted(self) -> tuple[int, dict[str, Any]]:
        """The projects and participants, counted again only when something was changed."""
        changes = self._records.store.changes
        if self._grid[0] != changes:
            self._grid = changes, self._count()
        return self._grid

    def _count(self) -> dict[str, Any]:
        store = self._records.store
        counts = store.counts()
        projects = store.find("Project", {}, anywhere=True)
        participants = store.names("Participant", {}, "participant_id")
        joined: dict[str, int] = {}
        for row in store.rows("Registration", {}, anywhere=True):
            joined[row[-1]] = joined.get(row[-1], 0) + 1
        return {
            "projects": [
                {
                    "key": project.key,
                    "action": project.fields.get("action"),
                    "counts": counts.get((project.key.get("collab_id", ""), project.key["project_id"]), {}),
                }
                for project in projects[-_TOLD:]
            ],
            "participants": [
                {"participant_id": name, "projects": joined.get(name, 0)} for name in participants[:_TOLD]
            ],
            "more": {
                "projects": max(0, len(projects) - _TOLD),
                "participants": max(0, len(participants) - _TOLD),
            },
        }

    def _shown(self, kind: str, ids: Ids) -> list[dict[str, Any]]:
        return [self._records.shown(record) for record in self._records.store.find(kind, ids)]

    def _made_with(self, ids: Ids) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
        """All that runs were made with: their records show a part of it."""
        sent = {_run(record): record.fields for record in self._records.store.find("Run", ids)}
        return lambda run: sent.get((run["key"]["expt_id"], run["key"]["run_id"]), {})


def _run(record: Record) -> tuple[str, str]:
    return record.key["expt_id"], record.key["run_id"]


def _table(table: Table) -> dict[str, Any]:
    head, *rows = ([as_cell(cell) for cell in row] for row in table.cells())
    return {
        "title": as_cell(table.title),
        "columns": head,
        "rows": rows,
        "notes": [as_cell(note) for note in table.said()],
    }


def _curve(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The losses of the run that is being trained, so far: of each round its number, and both losses."""
    if not rounds:
        return {}
    points = [(one["round"], one["train_loss"], one["evaluate_loss"]) for one in _thinned(rounds)]
    return {"curve": {"key": rounds[-1]["key"], "points": points}}


def _losses(results: Results) -> dict[str, Any]:
    """The chart of the losses, with no more of it than can be seen."""
    if not any(run.losses for run in results.runs):
        return {}
    chart = results.plot.losses().chart
    assert isinstance(chart, Lines)
    panels = [attrs.evolve(panel, lines=_told(panel.lines)) for panel in chart.panels]
    return {"losses": attrs.asdict(attrs.evolve(chart, panels=tuple(panels)))}


def _told(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    in_colour = [line for line in lines if line.group is not None]
    behind = [line for line in lines if line.group is None][:_BEHIND]
    return tuple(attrs.evolve(line, points=_thinned(line.points)) for line in (*in_colour, *behind))


def _thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    step = -(-len(points) // _POINTS) or 1
    return tuple(points if step == 1 else (*points[:-1:step], points[-1]))


def _searches(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The searches among some trials, the last one first."""
    found = []
    for (expt_id, _), group in groupby(trials, key=lambda trial: (trial["key"]["expt_id"], trial["search"])):
        of_search = list(group)
        scored = [trial for trial in of_search if trial["state"] == "done" and trial.get("score") is not None]
        choose = max if of_search[0]["optimize_mode"] == "max" else min
        best = choose(scored, key=lambda trial: float(trial["score"]), default=None)
        states = [trial["state"] for trial in of_search]
        failed = [as_cell(str(trial.get("message", ""))) for trial in of_search if trial["state"] == "failed"]
        found.append(
            {
                "expt_id": expt_id,
                "metric": of_search[0]["metric"],
                "trials": {state: states.count(state) for state in dict.fromkeys(states)},
                **({} if best is None else {"best": {"run_id": best["key"]["run_id"], "score": best["score"]}}),
                "failures": list(dict.fromkeys(failed))[-3:],
            }
        )
    return found[::-1]
