"""A grid as its TTP tells it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from synergos_client.models.run import Run

from synergos.common.records import as_mapping, id_in, own_fields
from synergos.driver import Driver
from synergos.errors import NotFound
from synergos.gridfile.layout import VERSION, Fields, Item, Items, arguments, nest

UNTOLD = ("algorithm", "criterion", "lr_scheduler", "optimizer")
COMMENT = (
    f"TTPs never tell the {', '.join(UNTOLD)} of a run, nor what these take besides: where a run has none here, it is "
    "made with the defaults of the driver. Add them before you apply this file to make runs."
)
# What a TTP tells of a run, besides those names.
TOLD = frozenset(one.name for one in attrs.fields(Run)) - {"key", "relations", *UNTOLD}


def export_grid(driver: Driver) -> dict[str, Any]:
    """Write down what a TTP holds of phase 1, of both generations: all that is needed to make it again.

    Models and results are not in it. Nor is what TTPs never tell: the algorithm, criterion, scheduler and optimizer of
    runs that were not made over this connection.

    Args:
        driver: A driver on the TTP; what its scope names is not looked at.

    Returns:
        The grid, as `plan_changes` takes it: nested mappings, with each name in its order.

    Raises:
        SynergosError: Whatever reading raises.
    """
    return {"synergos": VERSION, "complete": True, "$comment": COMMENT, **nest(told_items(driver))}


def told_items(driver: Driver) -> Items:
    """The items that a TTP holds, in the order of their names, each after its parent."""
    items: Items = {}
    for record in _sorted(driver.participants.read_all()["data"], "participant_id"):
        name = id_in(record, "participant_id") or str(record.get("id"))
        items[Item("participants", (("participant_id", name),))] = _fields("participants", record)
    items.update(_projects(driver, ()))
    try:
        collaborations = driver.collaborations.read_all()["data"]
    except NotFound:
        collaborations = []
    for record in _sorted(collaborations, "collab_id"):
        ids = (("collab_id", id_in(record, "collab_id")),)
        items[Item("collaborations", ids)] = _fields("collaborations", record)
        items.update(_projects(driver, ids))
    return items


def _projects(driver: Driver, above: tuple[tuple[str, str], ...]) -> Iterator[tuple[Item, Fields]]:
    try:
        projects = driver.projects.read_all(**dict(above))["data"]
    except NotFound:
        # A TTP of the generation v8 has none outside of collaborations.
        return
    for project in _sorted(projects, "project_id"):
        ids = (*above, ("project_id", id_in(project, "project_id")))
        yield Item("projects", ids), _fields("projects", project)
        for experiment in _sorted(driver.experiments.read_all(**dict(ids))["data"], "expt_id"):
            below = (*ids, ("expt_id", id_in(experiment, "expt_id")))
            yield Item("experiments", below), _fields("experiments", experiment)
            for run in _sorted(driver.runs.read_all(**dict(below))["data"], "run_id"):
                key = (*below, ("run_id", id_in(run, "run_id")))
                yield Item("runs", key), {**_sent(driver, dict(key)), **own_fields(run)}
        for registration in _sorted(driver.registrations.read_all(**dict(ids))["data"], "participant_id"):
            key = (*ids, ("participant_id", id_in(registration, "participant_id")))
            yield Item("registrations", key), _fields("registrations", registration)
            try:
                tags = driver.tags.read(**dict(key))["data"]
            except NotFound:
                continue
            yield Item("tags", key), _fields("tags", tags)


def _sent(driver: Driver, ids: Mapping[str, str]) -> Fields:
    """What the run was made with over this connection, names that the TTP never tells too."""
    return own_fields(driver._connection.memory.recall(ids))


def _fields(kind: str, record: Mapping[str, Any]) -> Fields:
    found = {name: record[name] for name in arguments(kind) if record.get(name) is not None}
    if kind == "registrations":
        nodes = sorted((name for name in record if re.fullmatch(r"node_\d+", name)), key=lambda name: int(name[5:]))
        found |= {"nodes": [as_mapping(record[name]) for name in nodes]} if nodes else {}
    return {name: value for name, value in found.items() if kind != "collaborations" or value}


def _sorted(records: list[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return sorted(records, key=lambda record: id_in(record, name))
