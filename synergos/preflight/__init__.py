"""Whether a training can work, before minutes are spent on it.

A check reads what a TTP holds, with three requests that change nothing, and holds it against what is known of real
TTPs. Each thing that it looks for is a function of its own that yields what it found; how bad that is on which kind of
TTP, and where it was seen, stands in :mod:`~synergos.preflight.rules`.
"""

from collections.abc import Callable, Iterator, Mapping

from synergos.calls.connection import Connection
from synergos.common.text import one_line
from synergos.errors import InvalidId, NotFound, NotReady, ServerFailure
from synergos.findings import Finding, Report
from synergos.preflight import data, grid, run
from synergos.preflight.facts import Facts, gather
from synergos.preflight.rules import OF_A_RUN, OF_AN_EXPERIMENT

__all__ = ["Finding", "Report", "examine", "require_ready"]

_OF_THE_PROJECT: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    grid.has_action,
    grid.has_runs,
    grid.has_participants,
    grid.has_data_to_train_on,
    grid.has_data_to_evaluate_on,
    grid.says_where_workers_are,
    run.is_known,
)


def examine(
    operation: str,
    connection: Connection,
    ids: Mapping[str, str],
    told: Mapping[str, str] | None = None,
    *,
    reach: bool = False,
    trains_now: bool = False,
) -> Report:
    """Look for what stands against a training.

    Args:
        operation: What asks, `models.create` for example; it stands in errors.
        connection: What reaches the TTP.
        ids: The ids of what is to be trained.
        told: What the caller says of the runs: fields that TTPs never tell.
        reach: Whether to connect to the workers.
        trains_now: Whether the training is next, so that the project has to be aligned already.

    Returns:
        The report.

    Raises:
        InvalidId: When an id is given without the one above it; nothing was sent.
        StatusError: When the TTP says no.
    """
    for above, below in (("project_id", None), ("expt_id", "run_id")):
        if above not in ids and (below is None or below in ids):
            raise InvalidId(f"[{operation}] {above} is missing: give it, or name it once with driver.scope(...).")
    subject = ", ".join(f"{_NOUNS[name]} {value!r}" for name, value in ids.items() if name in _NOUNS)
    try:
        facts = gather(connection, ids, told or {})
    except NotFound as error:
        return Report(subject, [_no_project(ids, error)])
    except ServerFailure as error:
        if error.status != 500:
            raise
        return Report(subject, [_spoiled(ids, error)])
    held = data.read(connection, ids)
    findings = [*_findings(facts, reach=reach, trains_now=trains_now), *data.findings(held)]
    return Report(subject, findings, data.tables(held))


def require_ready(operation: str, connection: Connection, ids: Mapping[str, str], *, trains_now: bool) -> None:
    """Refuse a training that cannot work.

    Args:
        operation: What asks, `models.create` for example; it stands in errors.
        connection: What reaches the TTP.
        ids: The ids of what is to be trained.
        trains_now: Whether the training is next, so that the project has to be aligned already.

    Raises:
        NotReady: When the report has an error. Nothing was started.
        InvalidId: When an id is given without the one above it; nothing was sent.
        StatusError: When the TTP says no.
    """
    report = examine(operation, connection, ids, trains_now=trains_now)
    if not report.ok:
        raise NotReady(operation, report)


_NOUNS = {"project_id": "Project", "expt_id": "experiment", "run_id": "run"}


def _findings(facts: Facts, *, reach: bool, trains_now: bool) -> Iterator[Finding]:
    for of_project in _OF_THE_PROJECT:
        yield from of_project(facts)
    yield from grid.is_aligned(facts, has_to_be=trains_now)
    for experiment in facts.experiments:
        for rule in OF_AN_EXPERIMENT:
            yield from rule.findings(facts, experiment)
        for one in experiment.runs:
            for rule in OF_A_RUN:
                yield from rule.findings(facts, experiment, one)
    if reach:
        yield from grid.workers_answer(facts)


def _no_project(ids: Mapping[str, str], error: NotFound) -> Finding:
    return Finding(
        "error",
        f"There is no project {ids['project_id']!r}.",
        f"project {ids['project_id']!r}",
        f"The TTP says: {one_line(error.message)}",
        "Create it with driver.projects.create(...), or correct the id.",
    )


def _spoiled(ids: Mapping[str, str], error: ServerFailure) -> Finding:
    return Finding(
        "error",
        f"The TTP fails on {error.operation}: {error.status} {one_line(error.message)}",
        f"project {ids['project_id']!r}",
        "On a real TTP one broken record spoils all that hold it: a layer with a list in its structure, or a "
        "registration without its participant.",
        "Delete the record that was added last, and create it anew.",
    )
