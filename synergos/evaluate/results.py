"""Results as they are read from a TTP, with two requests; on the sandbox one more for its losses."""

from collections.abc import Iterator, Mapping
from typing import Any

from synergos.calls.connection import Connection
from synergos.calls.suggestion import with_suggestion
from synergos.common.records import Fields, as_list, as_mapping, id_in, within
from synergos.common.routes import request
from synergos.errors import NotFound
from synergos.results.gathering import TRIAL, gather
from synergos.results.results import Results

_HERE = ("127.0.0.1", "::1", "localhost")


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
    return gather(
        project,
        ids,
        validations=validations,
        trials=_trials(connection, ids, runs),
        losses=_losses(connection, ids),
        # Names that a TTP never tells are those that were sent over this connection, or that the sandbox drew.
        made_with=lambda run: connection.memory.recall(as_mapping(run["key"])),
        is_local=connection.is_sandbox and connection.url.host in _HERE,
    )


def _read(operation: str, connection: Connection, resource: str, ids: Mapping[str, str]) -> object:
    try:
        return connection.send(operation, request(operation, resource, "read", ids), ids).get("data")
    except NotFound as error:
        raise with_suggestion(connection, resource, error) from error.__cause__


def _trials(connection: Connection, ids: Mapping[str, str], runs: list[Fields]) -> Iterator[Fields]:
    """What the sandbox tells of the trials among some runs; nothing on other TTPs, which are not asked."""
    if not connection.is_sandbox:
        return
    above = {name: value for name, value in ids.items() if name in ("collab_id", "project_id")}
    for expt_id in dict.fromkeys(id_in(run, "expt_id") for run in runs if id_in(run, "run_id").startswith(TRIAL)):
        asked = request("optimizations.read", "trials", "read", {**above, "expt_id": expt_id})
        for trial in within({}, _asked(connection, asked)):
            # Its key may hold no experiment, which is that of the list.
            yield {**trial, "key": {**trial["key"], "expt_id": expt_id}}


def _losses(connection: Connection, ids: Mapping[str, str]) -> list[Fields] | None:
    """The losses as the sandbox tells them; None on other TTPs, which are not asked."""
    if not connection.is_sandbox:
        return None
    from synergos_client.api.sandbox import read_losses

    return within(ids, _asked(connection, read_losses._get_kwargs(**ids)))


def _asked(connection: Connection, asked: Mapping[str, Any]) -> list[Any]:
    status, answer = connection.transport.ask("sandbox.read", asked, timeout=None)
    return as_list(as_mapping(answer).get("data")) if status == 200 else []
