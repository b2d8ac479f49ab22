"""Every operation of the contract is reached by one verb of the driver, and every verb has an example that runs."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from recorder import Recorder
from test_docstrings import verbs

from synergos import Node
from synergos.ttp import contract

OPERATIONS = list(contract.operations())
LAYER = {"is_input": True, "l_type": "Linear", "structure": {}, "activation": None}
NESTED = ("project_id", "expt_id", "run_id")
NEEDED: dict[str, dict[str, Any]] = {
    "projects.create": {"action": "classify"},
    "projects.update": {"start_at": "now"},
    "experiments.create": {"model": [LAYER]},
    "experiments.update": {"model": [LAYER]},
    "runs.update": {"rounds": 2},
    "participants.update": {"summary": "x"},
    "registrations.create": {"role": "guest"},
    "registrations.update": {"role": "guest"},
    "tags.create": {"train": [["a"]]},
    "tags.update": {"train": [["a"]]},
    "collaborations.update": {"mq": {"host": "h"}},
    "optimizations.create": {"search_space": {}, "metric": "R2", "optimize_mode": "max"},
    "predictions.create": {"tags": {"p": [["a"]]}},
}
# Each combination of ids leads to an operation of its own. Those without `collab_id` do so in a collaboration, too.
IDS: dict[str, list[tuple[str, ...]]] = {
    "projects": [("project_id",)],
    "experiments": [("project_id", "expt_id")],
    "runs": [NESTED],
    "participants": [("participant_id",)],
    "registrations": [("project_id", "participant_id")],
    "tags": [("project_id", "participant_id")],
    "alignments": [("project_id",)],
    "models": [NESTED[:1], NESTED[:2], NESTED],
    "optimizations": [NESTED[:2]],
    "validations": [NESTED[:1], NESTED[:2], NESTED, (*NESTED, "participant_id")],
    "predictions": [("participant_id", *NESTED[:count]) for count in range(4)],
    "collaborations": [("collab_id",)],
}
LISTS: dict[str, list[tuple[str, ...]]] = {
    "projects": [()],
    "experiments": [("project_id",)],
    "runs": [("project_id", "expt_id")],
    "participants": [()],
    "registrations": [("project_id",), ("participant_id",), ("collab_id",)],
    "collaborations": [()],
}
VERBS = ("create", "read_all", "read", "update", "delete")
# Tasks that are in no collaboration.
OUTSIDE = ("collaborations", "participants")


def calls() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call that leads to an operation of its own."""
    for verb in verbs():
        task, name = verb.split(".")
        if name not in VERBS:
            continue
        for ids, in_collab in itertools.product((LISTS if name == "read_all" else IDS)[task], (False, True)):
            if in_collab and (task in OUTSIDE or "collab_id" in ids):
                continue
            arguments = dict.fromkeys(("collab_id", *ids) if in_collab else ids, "x") | NEEDED.get(verb, {})
            if verb == "registrations.create" and in_collab:
                arguments["nodes"] = [Node("h", 1, 2)]
            if name == "delete" and task in ("projects", "experiments", "runs"):
                arguments["force"] = True
            yield verb, arguments


def operation_of(method: str, path: str) -> str:
    fitting = [
        operation
        for operation in OPERATIONS
        if operation.method == method and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.path)), path)
    ]
    # A literal part of a path goes before an id.
    return min(fitting, key=lambda operation: operation.path.count("{")).name


def described(operation: contract.Operation) -> dict[str, Any]:
    found: dict[str, Any] = contract.load()["paths"][operation.path][operation.method.lower()]
    return found


def test_every_operation_is_reached_by_exactly_one_call() -> None:
    reached: Counter[str] = Counter()
    recorder = Recorder()
    recorder.answer([])
    for verb, arguments in calls():
        recorder.call(verb, arguments)
        # What comes before is a look at what is there.
        reached[operation_of(recorder.sent[-1].method, recorder.sent[-1].path)] += 1

    operations = [operation for operation in OPERATIONS if "sandbox" not in described(operation)["x-ttp"]]
    wanted = {operation.name for operation in operations if "x-alias-of" not in described(operation)}
    assert reached.keys() == wanted
    assert {name: count for name, count in reached.items() if count > 1} == {}


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_has_an_example_that_is_run_on_the_sandbox(verb: str) -> None:
    assert ">>> " in (verbs()[verb].__doc__ or "")
