"""What a TTP holds that a training depends on: read with three requests, none of which changes anything."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import attrs

from synergos.calls.connection import Connection
from synergos.calls.suggestion import with_suggestion
from synergos.calls.task import given
from synergos.common.records import Fields, as_list, as_mapping, id_in, within
from synergos.common.routes import request
from synergos.errors import NotFound

# A search for hyperparameters leaves the runs of its trials, which the TTP made itself.
_TRIAL = "optim_run_"
# What a run can have and its TTP never tells.
UNTOLD = ("algorithm", "criterion", "lr_scheduler", "optimizer")
# Layers that are an activation, by the name of the function.
_ACTIVATIONS_OF_LAYERS = {"LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "Softmax": "softmax"}

_PURPOSES = ("train", "evaluate")
_KEY_OF_TAGS = ("collab_id", "project_id", "participant_id")


@attrs.frozen
class Layer:
    """A layer of an experiment; the activation is "" for none."""

    index: int
    l_type: str
    structure: Fields
    activation: str
    is_input: bool

    @property
    def name(self) -> str:
        """Where it stands, in the words of a finding."""
        return f"model[{self.index}]"

    def number(self, *arguments: str) -> int | None:
        """The first of some arguments that is a whole number."""
        found = (self.structure.get(argument) for argument in arguments)
        return next((value for value in found if isinstance(value, int) and not isinstance(value, bool)), None)


@attrs.frozen
class Run:
    """A run with all that is known of it: what the TTP tells, what was sent, and what the caller says."""

    run_id: str
    expt_id: str
    fields: Fields
    is_remembered: bool

    @property
    def where(self) -> str:
        """Where it is, in the words of a finding."""
        return f"run {self.run_id!r} of {self.expt_id!r}"


@attrs.frozen
class Experiment:
    """An experiment, and those of its runs that are to be trained."""

    expt_id: str
    layers: Sequence[Layer]
    runs: Sequence[Run]

    @property
    def where(self) -> str:
        """Where it is, in the words of a finding."""
        return f"experiment {self.expt_id!r}"

    def where_is(self, layer: Layer) -> str:
        """Where one of its layers is, in the words of a finding."""
        return f"{self.where}, {layer.name}"

    @property
    def outputs(self) -> int | None:
        """How many values the network gives, when its last layer with weights is one that says so."""
        weighted = [layer for layer in self.layers if _has_weights(layer)]
        return weighted[-1].number("out_features") if weighted else None

    @property
    def last_activation(self) -> str:
        """The activation of the output, "" for none."""
        if not self.layers:
            return ""
        last = self.layers[-1]
        return last.activation or _ACTIVATIONS_OF_LAYERS.get(last.l_type, "")


@attrs.frozen
class Node:
    """Where a worker listens."""

    host: str
    port: int
    f_port: int


@attrs.frozen
class Registration:
    """A participant in the project, with its tags and its workers."""

    participant_id: str
    role: str
    train: Sequence[object]
    evaluate: Sequence[object]
    nodes: Sequence[Node]

    @property
    def where(self) -> str:
        """Where it is, in the words of a finding."""
        return f"participant {self.participant_id!r}"


@attrs.frozen
class Facts:
    """All that a check goes by.

    Attributes:
        ids: The ids that were asked for.
        ttp_host: The machine that the TTP runs on.
        is_sandbox: Whether the TTP is a sandbox.
        action: What the project does, "" when it does not say.
        experiments: The experiments that were asked for.
        known_experiments: The ids of all experiments of the project.
        known_runs: The ids of all runs below what was asked for.
        registrations: Who takes part.
        spacers: By participant, the columns that its data lack in what was aligned; empty before the alignment.
        cut_off: Whose alignment is no longer good by what was done over this connection, and why.
    """

    ids: Mapping[str, str]
    ttp_host: str
    is_sandbox: bool
    action: str
    experiments: Sequence[Experiment]
    known_experiments: Sequence[str]
    known_runs: Sequence[str]
    registrations: Sequence[Registration]
    spacers: Mapping[str, Fields]
    cut_off: Mapping[str, str]

    @property
    def generation(self) -> Literal["v4", "v8"]:
        """The generation of the TTP, by how it was asked."""
        return "v8" if "collab_id" in self.ids else "v4"

    @property
    def project(self) -> str:
        """The project, in the words of a finding."""
        return f"project {self.ids['project_id']!r}"

    @property
    def how_to_align(self) -> str:
        """The call that aligns the project."""
        ids = ", ".join(f"{name}={self.ids[name]!r}" for name in ("collab_id", "project_id") if name in self.ids)
        return f"driver.alignments.create({ids})"

    @property
    def is_aligned(self) -> bool:
        """Whether an alignment has fitted the networks to the data."""
        return bool(self.spacers)

    @property
    def runs(self) -> Iterator[tuple[Experiment, Run]]:
        """Every run that is to be trained, with its experiment."""
        return ((experiment, run) for experiment in self.experiments for run in experiment.runs)

    @property
    def least_features(self) -> int:
        """How many features the aligned data have at least."""
        return max((max(columns) + 1 for columns in self._columns("X")), default=0)

    @property
    def least_classes(self) -> int:
        """How many classes the aligned data have at least: who lacks some has at least one other."""
        if self.action != "classify":
            return 0
        return max((max(max(columns), len(columns)) + 1 for columns in self._columns("y")), default=0)

    def has_many_classes(self, experiment: Experiment) -> bool | None:
        """Whether there are more than two classes; None when it cannot be told."""
        if self.least_classes > 2:
            return True
        # An alignment gives a network one output for up to two classes, and else one for each.
        outputs = experiment.outputs if self.is_aligned else None
        return None if outputs in (None, 2) else outputs > 2

    def _columns(self, axis: str) -> Iterator[list[int]]:
        of_each = (as_mapping(spacers.get(purpose)) for spacers in self.spacers.values() for purpose in _PURPOSES)
        lacking = ([column for column in as_list(one.get(axis)) if isinstance(column, int)] for one in of_each)
        return (columns for columns in lacking if columns)


def gather(connection: Connection, ids: Mapping[str, str], told: Mapping[str, str]) -> Facts:
    """Read what a training depends on.

    Args:
        connection: What reaches the TTP.
        ids: The ids of what is to be trained.
        told: What the caller says of the runs: fields that TTPs never tell.

    Returns:
        The facts.

    Raises:
        StatusError: When the TTP says no: `NotFound` when there is no such project.
    """
    outer = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    try:
        project = as_mapping(_read(connection, "projects", "read", outer))
    except NotFound as error:
        raise with_suggestion(connection, "projects", error) from error.__cause__
    registrations = _read(connection, "registrations", "read_all", outer)
    try:
        alignments = _read(connection, "alignments", "read", outer)
    except NotFound:
        alignments = []
    relations = as_mapping(project.get("relations"))
    experiments = [as_mapping(record) for record in within(outer, relations.get("Experiment"))]
    runs = within(ids, relations.get("Run"))
    asked = [record for record in experiments if ids.get("expt_id") in (None, id_in(record, "expt_id"))]
    return Facts(
        ids=ids,
        ttp_host=connection.url.host,
        is_sandbox=connection.is_sandbox,
        action=str(project.get("action") or ""),
        experiments=[_experiment(record, ids, runs, connection, told) for record in asked],
        known_experiments=[id_in(record, "expt_id") for record in experiments],
        known_runs=[id_in(record, "run_id") for record in within(_without(ids, "run_id"), relations.get("Run"))],
        registrations=[_registration(record, ids) for record in within(outer, registrations)],
        spacers={id_in(record, "participant_id"): record for record in within(outer, alignments)},
        cut_off=connection.memory.who_is_cut_off(outer),
    )


def _read(connection: Connection, resource: str, verb: str, ids: Mapping[str, str]) -> object:
    operation = f"{resource}.{verb}"
    return connection.send(operation, request(operation, resource, verb, ids), ids).get("data")


def _experiment(
    record: Fields, ids: Mapping[str, str], runs: Sequence[Fields], connection: Connection, told: Mapping[str, str]
) -> Experiment:
    expt_id = id_in(record, "expt_id")
    layers = [_layer(index, as_mapping(layer)) for index, layer in enumerate(as_list(record.get("model")))]
    own = [run for run in runs if id_in(run, "expt_id") == expt_id]
    asked = [run for run in own if "run_id" in ids or not id_in(run, "run_id").startswith(_TRIAL)]
    return Experiment(
        expt_id, layers, [_run(run, connection.memory.recall(as_mapping(run["key"])), told) for run in asked]
    )


def _layer(index: int, layer: Fields) -> Layer:
    return Layer(
        index=index,
        l_type=str(layer.get("l_type") or ""),
        structure=as_mapping(layer.get("structure")),
        activation=str(layer.get("activation") or ""),
        is_input=layer.get("is_input") is True,
    )


def _run(record: Fields, sent: Fields, told: Mapping[str, str]) -> Run:
    fields = given(**{**sent, **given(**record), **told})
    return Run(id_in(record, "run_id"), id_in(record, "expt_id"), fields, is_remembered=bool(sent))


def _registration(record: Fields, ids: Mapping[str, str]) -> Registration:
    key = {name: value for name, value in as_mapping(record["key"]).items() if name in _KEY_OF_TAGS}
    tags = next(iter(within(key, as_mapping(record.get("relations")).get("Tag"))), {})
    in_collab = "collab_id" in ids
    workers = [part for name, part in record.items() if re.fullmatch(r"node_\d+", name)]
    return Registration(
        participant_id=id_in(record, "participant_id"),
        role=str(record.get("role") or ""),
        train=as_list(tags.get("train")),
        evaluate=as_list(tags.get("evaluate")),
        nodes=[node for worker in (workers if in_collab else [record.get("participant")]) for node in _node(worker)],
    )


def _node(worker: object) -> list[Node]:
    """The worker as a node, when it says where it listens."""
    found = as_mapping(worker)
    host, port, f_port = found.get("host"), found.get("port"), found.get("f_port")
    if isinstance(host, str) and host and isinstance(port, int) and isinstance(f_port, int):
        return [Node(host, port, f_port)]
    return []


def _has_weights(layer: Layer) -> bool:
    return any(size in layer.structure for size in ("out_features", "out_channels", "hidden_size", "embedding_dim"))


def _without(ids: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in ids.items() if other != name}
