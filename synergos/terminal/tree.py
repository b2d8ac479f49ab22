"""`synergos tree`: what there is at a TTP, each below what it belongs to."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from synergos.common.records import as_list, as_mapping, id_in, within
from synergos.common.text import as_cell
from synergos.driver import Driver
from synergos.errors import NotFound
from synergos.terminal import exits, output
from synergos.terminal.profiles import add_where, driver_of


class Branch(NamedTuple):
    """One thing, and what is below it."""

    kind: str
    name: str
    said: str
    below: list["Branch"]


def add_tree(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synergos tree`."""
    command = commands.add_parser(
        "tree",
        help="show all that there is, each below what it belongs to",
        description="Show projects with their experiments, runs and participants, and what was made of the runs.",
    )
    add_where(command)
    command.add_argument("--collab-id", metavar="ID", help="only this collaboration")
    command.add_argument("--project-id", metavar="ID", help="only this project")
    command.add_argument("--format", choices=("table", "json", "csv"), default="table", help="how to print (table)")
    command.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    with driver_of(given) as driver:
        found = grow(driver.scope(collab_id=given.collab_id), given.project_id)
    if given.format == "json":
        print(output.as_json([_as_data(one) for one in found]))
    elif given.format == "csv":
        output.records(
            [{"path": "/".join(path), "what": kind, "said": said} for path, kind, said in _flat(found)], "csv"
        )
    else:
        for branch in found:
            print(_line(branch))
            for line in _lines(branch.below, ""):
                print(line)
        if not found:
            output.note("There are no projects.")
    return exits.DONE


def grow(driver: Driver, project_id: str | None = None) -> list[Branch]:
    """What there is at a TTP; where it has collaborations, each with its projects.

    Args:
        driver: A driver on it; the collaboration of its scope is the only one.
        project_id: Id of the only project; None for all.
    """
    collab_id = driver._scope.get("collab_id")
    if collab_id is None:
        try:
            collaborations = [id_in(one, "collab_id") for one in driver.collaborations.read_all()["data"]]
        except NotFound:
            collaborations = []
        own = [Branch("collaboration", name, "", _projects(driver, project_id, name)) for name in collaborations]
        try:
            return [*own, *_projects(driver, project_id, None)]
        except NotFound:
            if own:
                return own
            raise
    return [Branch("collaboration", collab_id, "", _projects(driver, project_id, collab_id))]


def _projects(driver: Driver, project_id: str | None, collab_id: str | None) -> list[Branch]:
    scoped = driver if collab_id is None else driver.scope(collab_id=collab_id)
    found = (
        scoped.projects.read_all()["data"]
        if project_id is None
        else [scoped.projects.read(project_id=project_id)["data"]]
    )
    return [_project(one) for one in found]


def _project(record: Mapping[str, Any]) -> Branch:
    key = as_mapping(record.get("key"))
    relations = {kind: within(key, ones) for kind, ones in as_mapping(record.get("relations")).items()}
    experiments = [_experiment(one, relations) for one in relations.get("Experiment", [])]
    tags = {id_in(one, "participant_id"): one for one in relations.get("Tag", [])}
    participants = [
        Branch("participant", name := id_in(one, "participant_id"), _registered(one, tags.get(name)), [])
        for one in relations.get("Registration", [])
    ]
    return Branch("project", id_in(record, "project_id"), str(record.get("action", "")), [*experiments, *participants])


def _experiment(record: Mapping[str, Any], relations: Mapping[str, list[Mapping[str, Any]]]) -> Branch:
    key = as_mapping(record.get("key"))
    runs = [_run_of(one, relations) for one in within(key, relations.get("Run", []))]
    layers = len(as_list(record.get("model")))
    return Branch("experiment", id_in(record, "expt_id"), f"{layers} layer{'' if layers == 1 else 's'}", runs)


def _run_of(record: Mapping[str, Any], relations: Mapping[str, list[Mapping[str, Any]]]) -> Branch:
    key = as_mapping(record.get("key"))
    made = {"Model": "trained", "Validation": "validated", "Prediction": "predicted"}
    done = [word for kind, word in made.items() if within(key, relations.get(kind, []))]
    return Branch("run", id_in(record, "run_id"), ", ".join(done) or "not trained", [])


def _registered(record: Mapping[str, Any], tags: Mapping[str, Any] | None) -> str:
    told = {name: as_list((tags or {}).get(name)) for name in ("train", "evaluate", "predict")}
    shown = [f"{name} {' + '.join('/'.join(map(str, tag)) for tag in ones)}" for name, ones in told.items() if ones]
    return ", ".join([str(record.get("role", "")), *(shown or ["no tags"])])


def _lines(branches: list[Branch], before: str) -> Iterator[str]:
    for number, branch in enumerate(branches, start=1):
        is_last = number == len(branches)
        yield f"{before}{'└── ' if is_last else '├── '}{_line(branch)}"
        yield from _lines(branch.below, f"{before}{'    ' if is_last else '│   '}")


def _line(branch: Branch) -> str:
    said = f"  ({as_cell(branch.said)})" if branch.said else ""
    return f"{branch.kind} {as_cell(branch.name)}{said}"


def _flat(branches: list[Branch], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for one in branches:
        yield (*above, one.name), one.kind, one.said
        yield from _flat(one.below, (*above, one.name))


def _as_data(branch: Branch) -> dict[str, Any]:
    return {
        "kind": branch.kind,
        "id": branch.name,
        "said": branch.said,
        "below": [_as_data(one) for one in branch.below],
    }
