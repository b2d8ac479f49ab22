"""Every operation of the contract is reached by one verb of the driver, and every verb has an example that runs."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from recorder import Recorder
from synergos_client.routes import ROUTES
from verbs import verbs

from synergos import Node
from synergos.common.routes import routes
from synergos.ttp import contract

OPERATIONS = {operation.name: operation for operation in contract.operations()}
VERBS = ("create", "read_all", "read", "update", "delete")
LAYER = {"is_input": True, "l_type": "Linear", "structure": {}, "activation": None}
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


def calls() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every call that leads to an operation of its own, and the operation, as the routes have it."""
    for resource, by_verb in ROUTES.items():
        for verb, known in by_verb.items():
            for module, (in_path, in_body) in known.items():
                called, name = f"{resource}.{verb}", module.rpartition(".")[2]
                if "sandbox" in described(OPERATIONS[name])["x-ttp"]:
                    continue
                arguments = dict.fromkeys((*in_path, *in_body), "x") | NEEDED.get(called, {})
                if called == "registrations.create" and "collab_id" in in_path:
                    arguments["nodes"] = [Node("h", 1, 2)]
                if verb == "delete" and resource in ("projects", "experiments", "runs"):
                    arguments["force"] = True
                yield called, arguments, name


def operation_of(method: str, path: str) -> str:
    fitting = [
        operation
        for operation in OPERATIONS.values()
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
    for verb, arguments, name in calls():
        assert verb in verbs(), f"{name} is reached by no verb: there is no {verb}"
        recorder.call(verb, arguments)
        # What comes before is a look at what is there.
        assert operation_of(recorder.sent[-1].method, recorder.sent[-1].path) == name
        reached[name] += 1

    wanted = {
        name
        for name, operation in OPERATIONS.items()
        if "sandbox" not in described(operation)["x-ttp"] and "x-alias-of" not in described(operation)
    }
    assert reached.keys() == wanted
    assert {name: count for name, count in reached.items() if count > 1} == {}


@pytest.mark.parametrize("verb", [verb for verb in verbs() if verb.split(".")[1] in VERBS])
def test_every_verb_leads_to_an_operation(verb: str) -> None:
    resource, name = verb.split(".")
    assert routes(resource, name), f"{verb} has no operation in the contract"


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_has_an_example_that_is_run_on_the_sandbox(verb: str) -> None:
    assert ">>> " in (verbs()[verb].__doc__ or "")


def ids_of(verb: str) -> list[str]:
    return [name for name in inspect.signature(verbs()[verb]).parameters if name.endswith("_id")]


@pytest.mark.parametrize("verb", [verb for verb in verbs() if ids_of(verb)])
def test_every_verb_checks_its_ids_before_it_sends_anything(verb: str) -> None:
    own = ids_of(verb)[-1]
    Recorder().assert_refuses(verb, NEEDED.get(verb, {}) | {own: 7}, own)
