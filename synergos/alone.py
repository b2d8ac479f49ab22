"""Together against alone: what each participant reaches by itself, beside what all reach together."""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs

from synergos.calls.connection import Connection
from synergos.calls.own_project import Body, done, own_project
from synergos.calls.restore import Call
from synergos.common.records import Fields, as_list, as_mapping, id_in, within
from synergos.errors import InvalidArgument, SynergosError
from synergos.evaluate.results import read_results
from synergos.evaluate.validations import ValidationTask
from synergos.results.results import Results
from synergos.results.scores import SHOWN, RunResult
from synergos.results.table import Table
from synergos.train.alignments import AlignmentTask
from synergos.train.models import ModelTask

# What a run was made with and its TTP never tells.
UNTOLD = ("algorithm", "criterion", "lr_scheduler", "optimizer")
_NO_SANDBOX = (
    "[compare_alone] Only a sandbox can be asked for it. A real TTP trains with everyone who is registered, and what "
    "is deleted there may take records of other projects along. Make a project of one participant there, train it, and "
    "compare: driver.results(project_id='all').compare(driver.results(project_id='one'))."
)


@attrs.frozen(repr=False)
class Alone:
    """What each participant reaches by itself, beside what all reach together. Printed, it is a table.

    Attributes:
        together: The run, as all have trained it.
        alone: The same run as each participant has trained it by itself, on the same rows to evaluate, by its id.
        metric: What is compared first of all.
        notes: What is to be known of it.

    Example:
        >>> run = driver.scope(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> names = {"algorithm": "FedProx", "criterion": "NLLLoss", "optimizer": "Adam"}
        >>> found = run.compare_alone(hyperparameters={**names, "lr_scheduler": "StepLR", "step_size": 50})
        >>> [row["trained_by"] for row in found.table()]
        ['biscoe alone', 'dream alone', 'biscoe and dream']
        >>> found.together.metric("accuracy") == found.table()[2]["accuracy"]
        True
    """

    together: RunResult
    alone: Mapping[str, RunResult]
    metric: str
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """A row for each participant alone, and one for all together, with the metrics that tell most.

        Each is an average over the participants that evaluate, by their rows.
        """
        found = [*((f"{name} alone", run) for name, run in self.alone.items()), (_all(self.alone), self.together)]
        shown = [name for name in SHOWN if any(run.metric(name) is not None for _, run in found)]
        metrics = list(dict.fromkeys([self.metric, *shown]))
        rows = tuple({"trained_by": name, **{one: run.metric(one) for one in metrics}} for name, run in found)
        evaluated = _all([one.participant_id for one in self.together.evaluations])
        count = "" if self.together.rows is None else f"{self.together.rows:,} "
        title = f"{self.together.run_id}: evaluated on the same {count}rows of {evaluated}"
        return Table(("trained_by", *metrics), rows, title, self.notes, frozenset(metrics))

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


class Tagged(NamedTuple):
    """A participant of a project: how it is registered, and its tags."""

    participant_id: str
    registration: Fields
    train: list[list[str]]
    evaluate: list[list[str]]


def compare(
    connection: Connection,
    ids: Mapping[str, str],
    told: Mapping[str, object],
    metric: str | None,
    timeout: float | None,
) -> Alone:
    """Train a run once more with each participant alone, and evaluate on the rows of all.

    It is done in a project of its own, which is deleted in the end, whatever happens. There all are aligned as in the
    federation, so that network, features, classes and rows to evaluate are the same; then one after the other trains
    with its own rows only.

    Args:
        connection: What leads to the TTP.
        ids: The ids of the run.
        told: What the caller says of its hyperparameters, which TTPs do not tell in full.
        metric: What to compare; None for what the results are ranked by.
        timeout: Seconds for each alignment, training and validation.

    Raises:
        InvalidArgument: When the metric is not there, or it is not known what the run was made with.
        NotFound: When there is no such run.
        SynergosError: When it was not validated, the TTP is no sandbox, or the data have changed since.
    """
    results = read_results("compare_alone", connection, ids)
    if not connection.is_sandbox:
        raise SynergosError(_NO_SANDBOX)
    together = results.best(metric)
    fields = {**together.hyperparameters, **told}
    unknown = [name for name in UNTOLD if name not in fields]
    if unknown:
        raise InvalidArgument(
            f"[compare_alone] Of the run {together.run_id!r} it is not known what {' and '.join(unknown)} were, for it "
            "was not made over this connection: give hyperparameters={...}."
        )
    call = Call(connection, "compare_alone")
    people = _people(call, {name: value for name, value in ids.items() if name in ("collab_id", "project_id")})
    trainers = [one for one in people if one.train]
    trained: dict[str, RunResult] = {}
    with _project_like(call, ids, people) as own:
        done(AlignmentTask(connection, own, returns_errors=False).submit(), timeout, "alignments")
        for one in trainers:
            title = f"{one.participant_id} alone"
            run = {**own, "expt_id": ids["expt_id"], "run_id": title}
            call.send("runs", "create", run, Body({**fields, "run_id": title}))
            for other in people:
                _tag(call, own, other, train=other.train if other == one else [])
            # Who has nothing to evaluate on stops early by what it trains on, for a training needs such rows.
            _tag(call, own, one, evaluate=one.evaluate or one.train)
            done(ModelTask(connection, run, returns_errors=False).submit(), timeout, title)
            _tag(call, own, one, evaluate=one.evaluate)
            validating = ValidationTask(connection, run, returns_errors=False).submit()
            (found,) = Results.of(done(validating, timeout, f"{title}: validations").get("data"))
            trained[one.participant_id] = _of_same_rows(attrs.evolve(found, hyperparameters=fields), together)
    notes = ["Network, hyperparameters, alignment and rows to evaluate are the same; the rows to train are their own."]
    if helped := [one.participant_id for one in trainers if not one.evaluate]:
        notes.append(f"{_all(helped)}: without rows to evaluate; alone, the rows to train say when to stop early.")
    return Alone(together, trained, metric or results.metric or "", tuple(notes))


def _people(call: Call, ids: Mapping[str, str]) -> list[Tagged]:
    """Who takes part in a project, with the data that each brings."""
    found = []
    for registration in within(ids, call.send("registrations", "read_all", ids).get("data")):
        name = id_in(registration, "participant_id")
        related = as_mapping(registration.get("relations")).get("Tag")
        tags = next(iter(within({**ids, "participant_id": name}, related)), {})
        nodes = {part: node for part, node in registration.items() if part.startswith("node_")}
        body = {"role": registration.get("role"), **({"n_count": len(nodes), **nodes} if nodes else {})}
        found.append(Tagged(name, body, as_list(tags.get("train")), as_list(tags.get("evaluate"))))
    return [one for one in found if one.train or one.evaluate]


@contextlib.contextmanager
def _project_like(call: Call, ids: Mapping[str, str], people: Sequence[Tagged]) -> Iterator[dict[str, str]]:
    """A project with the network and the participants of another, which is deleted in the end; its ids."""
    outer = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    above = {name: value for name, value in ids.items() if name != "run_id"}
    project = as_mapping(call.send("projects", "read", outer).get("data"))
    experiment = as_mapping(call.send("experiments", "read", above).get("data"))
    own = {**outer, "project_id": f"{ids['project_id']}__alone_{uuid.uuid4().hex[:12]}"}
    with own_project(call, own, project.get("action")):
        layers = [{"structure": {}, "activation": None, **layer} for layer in as_list(experiment.get("model"))]
        body = Body({"expt_id": ids["expt_id"], "model": layers})
        call.send("experiments", "create", {**own, "expt_id": ids["expt_id"]}, body)
        for one in people:
            key = {**own, "participant_id": one.participant_id}
            call.send("registrations", "create", key, Body(one.registration))
            call.send("tags", "create", key, Body({"train": one.train, "evaluate": one.evaluate}))
        yield own


def _tag(call: Call, ids: Mapping[str, str], one: Tagged, **tags: list[list[str]]) -> None:
    """Change the tags of a participant; also to none, with which it does not train."""
    call.send("tags", "update", {**ids, "participant_id": one.participant_id}, Body(tags))


def _of_same_rows(alone: RunResult, together: RunResult) -> RunResult:
    """A run with those evaluations that the other has too.

    Raises:
        SynergosError: When they are not of the same rows, as far as that is told.
    """
    rows = {one.participant_id: one.rows for one in together.evaluations}
    own = tuple(one for one in alone.evaluations if one.participant_id in rows)
    if {one.participant_id: one.rows for one in own} != rows:
        raise SynergosError(
            f"[compare_alone] The rows to evaluate are no longer those on which {together.run_id!r} was validated: "
            "validate it again."
        )
    return attrs.evolve(alone, evaluations=own)


def _all(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
