"""What is known of a search besides its records: what was optimized, what was searched, and what each trial had."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from synergos.calls.connection import Connection
from synergos.common.routes import request
from synergos.errors import SynergosError
from synergos.space import Drawn

Mode = Literal["max", "min"]
Record = Mapping[str, Any]

logger = logging.getLogger("synergos")


@attrs.frozen
class Search:
    """What the driver knows of a search besides the answer.

    Attributes:
        metric: What was optimized; None when it is not known.
        optimize_mode: Whether more of it is better; None when it is not known.
        searched: The hyperparameters that differ between the trials; None when it is not known.
        fixed: The hyperparameters that are the same in all of them.
        told: The trials as a sandbox tells them; empty on other TTPs.
        runs: The records of the runs.
    """

    metric: str | None = None
    optimize_mode: Mode | None = None
    searched: tuple[str, ...] | None = None
    fixed: Mapping[str, Any] = attrs.field(factory=dict)
    told: Sequence[Record] = ()
    runs: Sequence[Record] = ()


def look(
    connection: Connection,
    ids: Mapping[str, str],
    metric: str | None,
    mode: Mode | None,
    space: Mapping[str, Drawn] | None,
    records: Sequence[Record],
) -> Search:
    """Find out what the records of an answer do not tell.

    Args:
        connection: The way to the TTP.
        ids: The ids of the experiment.
        metric: What is optimized; None where it is not known.
        mode: Whether more of it is better; None where it is not known.
        space: What was searched, made whole; None where it is not known.
        records: The records of the answer.
    """
    lists = {name: list(drawn["_value"]) for name, drawn in (space or {}).items() if drawn["_type"] == "choice"}
    fixed = {name: values[0] for name, values in lists.items() if len(values) == 1}
    searched = None if space is None else tuple(name for name in space if name not in fixed)
    search = Search(metric, mode, searched, fixed)
    if not records:
        return search
    if not connection.is_sandbox:
        try:
            runs = connection.send("optimizations.read", request("optimizations.read", "runs", "read_all", ids), ids)[
                "data"
            ]
        except (SynergosError, KeyError) as error:
            logger.warning("[optimizations] What the trials were tried with could not be read: %s", error)
            return search
        return attrs.evolve(search, runs=runs)
    _, answer = connection.transport.ask("sandbox.read", request("optimizations.read", "trials", "read", ids))
    told = answer["data"] if isinstance(answer, dict) and "data" in answer else []
    if space is not None:
        own = {record["key"]["run_id"] for record in records}
        searches = {trial["search"] for trial in told if trial["key"]["run_id"] in own}
        told = [trial for trial in told if trial["search"] in searches]
    goals = {(trial["metric"], trial["optimize_mode"]) for trial in told}
    if metric is None and len(goals) == 1:
        [(metric, mode)] = goals
    return attrs.evolve(search, metric=metric, optimize_mode=mode, told=told)
