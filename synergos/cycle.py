"""Phases 2 and 3 in one: align, train and validate, and what came of it as a table."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import attrs
from synergos_client.models.alignment import Alignment
from synergos_client.models.model import Model
from synergos_client.models.validation import Validation

from synergos.calls.connection import Connection
from synergos.connect.experiments import ExperimentTask
from synergos.evaluate.validations import ValidationTask
from synergos.reply import Reply
from synergos.results.results import Results
from synergos.results.table import Table
from synergos.track.tracker import Tracker
from synergos.train.alignments import AlignmentTask
from synergos.train.models import ModelTask

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
logger = logging.getLogger("synergos")


class Readable(Protocol[T_co]):
    """A task of phase 2 or 3, in a scope."""

    def read(self) -> Reply[T_co]:
        """Read what there is."""


@attrs.frozen(repr=False)
class Cycle:
    """What `driver.train(...)` made: print it, or let a notebook show it, for the main statistics as a table.

    Attributes:
        alignments: What the data of each participant lack.
        models: The models, one for each run.
        validations: How well they do, one for each run and participant.
        tracking_error: The first error that the tracking of the rounds ended in; None as long as there is none.

    Example:
        >>> cycle = driver.train(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> print(str(cycle).splitlines()[0])
        expt_id    run_id  participant_id  class      accuracy  f_score  roc_auc_score  pr_auc_score   TPRs   PPVs
    """

    alignments: Reply[list[Alignment]]
    models: Reply[list[Model]]
    validations: Reply[list[Validation]]
    tracking_error: BaseException | None = None

    def __str__(self) -> str:
        return str(self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()

    def _table(self) -> Table:
        return Results.of(self.validations.get("data")).by("class")


class Tasks(NamedTuple):
    """The tasks of a cycle, each with the scope that names what is to be trained."""

    experiments: ExperimentTask
    alignments: AlignmentTask
    models: ModelTask
    validations: ValidationTask


def run_cycle(
    connection: Connection,
    ids: Mapping[str, str],
    tasks: Tasks,
    *,
    align: bool,
    dockerised: bool,
    resume: bool,
    trackers: Sequence[Tracker],
    timeout: float | None,
    poll: float,
) -> Cycle:
    """Align, train and validate.

    Args:
        connection: What leads to the TTP.
        ids: The ids of what is to be trained.
        tasks: The tasks of the steps.
        align: Whether to align; without, the alignments that are there are read.
        dockerised: Whether the workers run in containers.
        resume: Whether to go on with trainings that were begun and have not ended.
        trackers: What takes the rounds.
        timeout: Seconds for all of it; None for as long as it takes.
        poll: Seconds before a TTP that only queues work is asked for the second time.

    Returns:
        What came of it.

    Raises:
        SynergosError: Whatever the steps raise.
    """
    deadline = None if timeout is None else time.monotonic() + timeout

    def remaining() -> float | None:
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    project = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    if align:
        of_logarithms = set() if connection.is_sandbox else _of_logarithms(tasks.experiments, project)
        alignments = _made(connection, tasks.alignments, project) or tasks.alignments.submit().result(
            remaining(), poll=poll, title="1/3 alignments"
        )
        _put_logarithms_back(tasks.experiments, project, of_logarithms)
        connection.memory.made("alignments", project)
    else:
        alignments = tasks.alignments.read()
    models, tracking_error = _made(connection, tasks.models, ids), None
    if models is None:
        training = tasks.models.submit(dockerised=dockerised, resume=resume, track=trackers)
        models = training.result(remaining(), poll=poll, title="2/3 models")
        tracking_error = training.tracking_error
    connection.memory.made("models", ids)
    validations = _made(connection, tasks.validations, ids) or tasks.validations.submit(dockerised=dockerised).result(
        remaining(), poll=poll, title="3/3 validations"
    )
    connection.memory.made("validations", ids)
    return Cycle(alignments, models, validations, tracking_error)


def _made(connection: Connection, task: Readable[T], ids: Mapping[str, str]) -> Reply[T] | None:
    """What a real cluster has made of the very same before, which could not be told from what it makes now."""
    if connection.is_sandbox or not (connection.memory.is_cluster and connection.memory.is_as_made(str(task), ids)):
        return None
    logger.warning("[train] %s: nothing was changed over this connection since they were made; not made again.", task)
    return task.read()


def _of_logarithms(experiments: ExperimentTask, project: Mapping[str, str]) -> set[str]:
    """The experiments whose networks end in what NLLLoss wants."""
    networks = _networks(experiments, project)
    return {expt_id for expt_id, layers in networks if layers[-1].get("activation") == "log_softmax"}


def _put_logarithms_back(experiments: ExperimentTask, project: Mapping[str, str], expt_ids: set[str]) -> None:
    """End networks in a log_softmax again, where the alignment has put a softmax in its place."""
    for expt_id, layers in _networks(experiments, project) if expt_ids else ():
        if expt_id in expt_ids and layers[-1].get("activation") == "softmax":
            # What a TTP leaves out of a layer has to be there when it is sent.
            whole = [{"structure": {}, "activation": None, **layer} for layer in layers]
            whole[-1]["activation"] = "log_softmax"
            experiments.update(**project, expt_id=expt_id, model=whole)


def _networks(experiments: ExperimentTask, project: Mapping[str, str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The experiments of the project with their layers, as they were answered."""
    reply = experiments.read_all(**project)
    for record in reply.get("data") or []:
        key, layers = record.get("key") or {}, record.get("model") or []
        if layers and all(isinstance(layer, dict) for layer in layers):
            yield str(key.get("expt_id")), layers
