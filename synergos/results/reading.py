"""Results as they are read from a TTP, with two requests; on the sandbox one more for its losses."""

from collections.abc import Mapping
from typing import Any

from synergos.calls.connection import Connection
from synergos.calls.suggestion import with_suggestion
from synergos.common.records import Fields, as_list, as_mapping, id_in, own_fields, within
from synergos.common.routes import request
from synergos.errors import NotFound
from synergos.results.results import Results
from synergos.results.scores import State

_HERE = ("127.0.0.1", "::1", "localhost")
# A search for hyperparameters leaves the runs of its trials.
_TRIAL = "optim_run_"
_WHAT = {"run_id": "run", "expt_id": "experiment", "project_id": "project"}


def read_results(operation: str, connection: Connection, ids: Mapping[str, str]) -> Results:
    """Read what came of the runs below some ids.

    Args:
        operation: What is called; it stands in errors.
        connection: What leads to the TTP.
        ids: The ids of a project, of an experiment, or of a run.

    Raises:
        InvalidId: When an id is given without the one above it.
        NotFound: When there is no such project, experiment or run.
        StatusError: When the TTP says no to being read.
    """
    ask = request(operation, "validations", "read", ids)
    outer = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    project = as_mapping(_read(operation, connection, "projects", outer))
    relations = as_mapping(project.get("relations"))
    experiments, runs = (within(ids, relations.get(kind)) for kind in ("Experiment", "Run"))
    if "run_id" in ids and not runs:
        _read(operation, connection, "runs", ids)
    elif "expt_id" in ids and not (experiments or runs):
        _read(operation, connection, "experiments", {name: ids[name] for name in ids if name != "run_id"})
    try:
        validations = connection.send(operation, ask, ids).get("data")
    except NotFound:
        validations = []
    trials = _trials(connection, ids, runs)
    fields: dict[tuple[str, str], Fields] = {}
    states: dict[tuple[str, str], State] = {}
    trained = {(id_in(one, "expt_id"), id_in(one, "run_id")) for one in within(ids, relations.get("Model"))}
    for run in runs:
        key = id_in(run, "expt_id"), id_in(run, "run_id")
        told = trials.get(key, {})
        # Names that a TTP never tells are those that were sent over this connection, or that the sandbox drew.
        sent = connection.memory.recall(as_mapping(run["key"]))
        fields[key] = own_fields({**as_mapping(told.get("hyperparameters")), **sent, **own_fields(run)})
        if told.get("state") == "pruned":
            states[key] = "pruned"
        elif key not in trained:
            states[key] = "not trained"
    return Results.of(
        validations,
        subject=_subject(ids),
        runs=fields,
        states=states,
        losses=_losses(connection, ids),
        ids=ids,
        is_local=connection.is_sandbox and connection.url.host in _HERE,
    )


def _read(operation: str, connection: Connection, resource: str, ids: Mapping[str, str]) -> object:
    try:
        return connection.send(operation, request(operation, resource, "read", ids), ids).get("data")
    except NotFound as error:
        raise with_suggestion(connection, resource, error) from error.__cause__


def _trials(connection: Connection, ids: Mapping[str, str], runs: list[Fields]) -> dict[tuple[str, str], Fields]:
    """What the sandbox tells of the trials among some runs; nothing on other TTPs, which are not asked."""
    if not connection.is_sandbox:
        return {}
    above = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    searched = dict.fromkeys(id_in(run, "expt_id") for run in runs if id_in(run, "run_id").startswith(_TRIAL))
    found: dict[tuple[str, str], Fields] = {}
    for expt_id in searched:
        asked = request("optimizations.read", "trials", "read", {**above, "expt_id": expt_id})
        for trial in within({}, _asked(connection, asked)):
            found[expt_id, id_in(trial, "run_id")] = trial
    return found


def _losses(connection: Connection, ids: Mapping[str, str]) -> list[Fields] | None:
    """The losses as the sandbox tells them; None on other TTPs, which are not asked."""
    if not connection.is_sandbox:
        return None
    from synergos_client.api.sandbox import read_losses

    return within(ids, _asked(connection, read_losses._get_kwargs(**ids)))


def _asked(connection: Connection, asked: Mapping[str, Any]) -> list[Any]:
    status, answer = connection.transport.ask("sandbox.read", asked, timeout=None)
    return as_list(as_mapping(answer).get("data")) if status == 200 else []


def _subject(ids: Mapping[str, str]) -> str:
    own = next(name for name in _WHAT if name in ids)
    return f"{_WHAT[own]} {ids[own]!r}"
