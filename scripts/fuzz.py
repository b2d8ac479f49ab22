"""Ask the sandbox for everything that the contract allows, and for much that it does not.

    python scripts/fuzz.py [--minutes 5] [--seed 1] [--cases 20] [--cluster]

Each round takes the resources one by one, each on a fresh sandbox where the records of the contract's examples are
made and trained, and sends every operation its examples, every single deviation from its schemas, and random requests.
Then it goes from create to read, update and delete by what is answered. A 400, 403, 404 or 417 is a rejection; any
other surprise is a failure: a 500, an answer that the contract does not describe, a wrong request that is taken, a
record that stays after it was deleted. The same seed asks much the same. Exit 1 if anything failed.
"""

import argparse
import collections
import dataclasses
import functools
import re
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import httpx
import schemathesis
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from synergos.sandbox import Sandbox
from synergos.ttp import contract
from synergos.ttp.contract import Operation

PHASES = ("examples", "coverage", "fuzzing", "stateful")
REJECTIONS = ("400", "403", "404", "417")
# Trainings are real: what is asked for is cut to this, or a round would take days.
LARGEST = {"rounds": 2, "epochs": 2, "max_trial_num": 1}
ONE_ROUND = {"rounds": {"_type": "choice", "_value": [1]}}
# What the examples of the contract lead to, in an order in which each has what it needs.
PREPARED = (
    "create_collaboration",
    "create_project",
    "create_experiment",
    "create_run",
    "create_participant",
    "create_registration",
    "create_tags",
    "create_alignments",
    "create_models_by_run",
    "create_validations_by_run",
    "create_predictions_by_run",
)
# Where an example would be refused, or would take long, with the data that come with the sandbox.
PREPARED_BODIES: Mapping[str, Mapping[str, Any]] = {
    "create_run": {"rounds": 1, "epochs": 1, "criterion": "MSELoss"},
    "create_tags": {"train": [["non_iid_1"]]},
}
# What is asked for below a record that was answered. What phases 2 and 3 make is not there until it is made.
BELOW = {
    "collaborations": ("projects",),
    "projects": ("experiments", "registrations"),
    "experiments": ("runs",),
    "runs": ("models", "validations", "predictions"),
    "participants": ("registrations",),
    "registrations": ("tags",),
    "tags": ("alignments",),
}


@dataclasses.dataclass
class Findings:
    """What came of one or more runs.

    Attributes:
        requests: How often each operation was asked, by what it answered.
        failures: Each failure once: what is wrong, and a command that repeats it.
    """

    requests: dict[str, collections.Counter[int]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(collections.Counter)
    )
    failures: dict[str, str] = dataclasses.field(default_factory=dict)

    def __iadd__(self, other: "Findings") -> "Findings":
        for name, statuses in other.requests.items():
            self.requests[name].update(statuses)
        self.failures = {**other.failures, **self.failures}
        return self

    @property
    def cases(self) -> int:
        """How many requests were sent."""
        return sum(statuses.total() for statuses in self.requests.values())

    @property
    def succeeding(self) -> set[str]:
        """The operations that answered with a success."""
        return {name for name, statuses in self.requests.items() if any(status < 300 for status in statuses)}


def main() -> int:
    """Run rounds until the time is over, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5, help="begin no round after this time (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first round; each next adds one (%(default)s)")
    parser.add_argument("--cases", type=int, default=20, help="random requests for each operation (%(default)s)")
    parser.add_argument("--cluster", action="store_true", help="ask a sandbox that answers as a cluster")
    given = parser.parse_args()

    console = Console(width=120, soft_wrap=True, highlight=False)
    started, seed = time.monotonic(), given.seed
    by_resource: dict[str, Findings] = collections.defaultdict(Findings)
    while seed == given.seed or time.monotonic() - started < 60 * given.minutes:
        for name in (*resources(), "all, in sequence"):
            resource = name if name in resources() else None
            by_resource[name] += run(resource, seed=seed, cases=given.cases, cluster=given.cluster)
        cases = sum(found.cases for found in by_resource.values())
        console.print(f"seed {seed}: {cases} requests so far, {(time.monotonic() - started) / 60:.1f} minutes")
        seed += 1
    console.print(table(by_resource))
    failures = {text: command for found in by_resource.values() for text, command in found.failures.items()}
    for text, command in failures.items():
        console.print(f"{text}\n    {command}\n", markup=False)
    answered = {original(label) for found in by_resource.values() for label in found.succeeding}
    if never := sorted({*map(original, _operations_by_label())} - answered):
        console.print(f"Never answered with a success: {', '.join(never)}")
    console.print(f"{len(failures)} failures")
    return 1 if failures else 0


def run(
    resource: str | None = None, *, seed: int = 1, cases: int = 5, steps: int = 12, cluster: bool = False
) -> Findings:
    """Ask a fresh sandbox for one resource, or for all of them in sequence.

    Args:
        resource: A tag of the contract. None goes from create to read, update and delete over all of them.
        seed: What the random requests follow from.
        cases: How many random requests each operation is sent; without a resource, ten times as many sequences.
        steps: How long a sequence is at the most.
        cluster: Whether the sandbox answers as a cluster.

    Returns:
        What was found.
    """
    ledger.clear()
    with Sandbox(cluster=cluster) as ttp:
        url = f"http://{ttp.host}:{ttp.port}"
        prepare(url)
        phases = PHASES[:-1] if resource else PHASES[-1:]
        config = SchemathesisConfig.from_dict(
            {
                "seed": seed,
                "base-url": url,
                "continue-on-failure": True,
                "request-timeout": 120,
                "suppress-health-check": ["all"],
                "generation": {
                    "max-examples": cases if resource else 10 * cases,
                    "mode": "all" if resource else "positive",
                    "database": "none",
                },
                "phases": {
                    **{name: {"enabled": name in phases} for name in PHASES[:-1]},
                    # What it would infer by itself is many times what there is to follow.
                    "stateful": {
                        "enabled": "stateful" in phases,
                        "max-steps": steps,
                        "inference": {"algorithms": []},
                    },
                },
                "checks": {
                    # `stands_to_what_was_done` is exact where these guess what belongs to what.
                    "use_after_free": {"enabled": False},
                    "ensure_resource_availability": {"enabled": False},
                    "negative_data_rejection": {"expected-statuses": [*REJECTIONS, "405"]},
                    "positive_data_acceptance": {"expected-statuses": ["2xx", *REJECTIONS]},
                },
            }
        )
        schema = schemathesis.openapi.from_dict(linked(contract.load()), config=config)
        return _collect(from_schema(schema.include(tag=resource) if resource else schema).execute())


@schemathesis.hook
def before_call(context: object, case: schemathesis.Case, kwargs: object) -> None:
    """Cut down what would train for long. What is no number is sent as it is, for it has to be refused."""
    if isinstance(case.body, dict):
        for name, most in LARGEST.items():
            if type(case.body.get(name)) is int:
                case.body[name] = min(case.body[name], most)
        space = case.body.get("search_space")
        if isinstance(space, dict) and space:
            case.body["search_space"] = {**ONE_ROUND, **space}


Key = frozenset[tuple[str, str]]


class Ledger:
    """What there has to be in the sandbox after all that it was asked: the keys of the records of phase 1."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, Key]] = set()

    def check(self, operation: Operation, ids: Mapping[str, str], status: int, answer: Any) -> None:
        """Hold an answer against what was answered before.

        Raises:
            AssertionError: When something is there that cannot be, or is gone that was not deleted.
        """
        if operation.resource not in BELOW or operation.is_list:
            return
        if operation.verb == "create":
            if status == 201:
                in_collab = {"collab_id": ids["collab_id"]} if "collab_id" in ids else {}
                self._keys.add(self._key(operation, {**answer["data"]["key"], **in_collab}))
            return
        key = self._key(operation, ids)
        if status == 200:
            assert key in self._keys, "It is there, and was deleted or never made."
        elif status == 404:
            assert key not in self._keys, "It is not there, and was made and not deleted."
        if operation.verb == "delete" and status == 200:
            self._keys = {one for one in self._keys if not _goes_with(*one, *key)}

    def clear(self) -> None:
        """Forget everything, for a fresh sandbox."""
        self._keys.clear()

    def _key(self, operation: Operation, ids: Mapping[str, str]) -> tuple[str, Key]:
        return operation.resource, frozenset(ids.items())


def _goes_with(resource: str, key: Key, deleted: str, deleted_key: Key) -> bool:
    """Whether a record goes when another is deleted."""
    if key == deleted_key:
        return resource == deleted or (deleted, resource) == ("registrations", "tags")
    # Ids mean the same in all collaborations for a participant, and for nothing else.
    is_near = deleted in ("collaborations", "participants") or _in_collab(key) == _in_collab(deleted_key)
    return is_near and key > deleted_key


def _in_collab(key: Key) -> bool:
    return any(name == "collab_id" for name, _ in key)


ledger = Ledger()


@schemathesis.check
def stands_to_what_was_done(context: object, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """What was made is there until it is deleted, and what was deleted is not."""
    operation = _operations_by_label().get(f"{response.request.method} {case.operation.path}")
    if operation is None or response.status_code not in (200, 201, 404):
        return
    sent = response.request.path_url.partition("?")[0].split("/")
    parts = operation.path.split("/")
    if len(sent) == len(parts):
        ids = {part[1:-1]: unquote(text) for part, text in zip(parts, sent, strict=True) if part.startswith("{")}
        ledger.check(operation, ids, response.status_code, response.json())


def prepare(url: str) -> None:
    """Make the records that the examples of the contract speak of, in both generations, and train them."""
    document = contract.load()
    by_name = {operation.name: operation for operation in contract.operations()}
    ids = {name: part["example"] for name, part in document["components"]["parameters"].items()}
    wanted = [name for one in PREPARED for name in (one, f"{one}_in_collab") if name in by_name]
    with httpx.Client(base_url=url, timeout=120) as http:
        for name in wanted:
            operation = by_name[name]
            described = document["paths"][operation.path][operation.method.lower()]
            body = None
            if "requestBody" in described:
                content = _resolved(document, described["requestBody"])["content"]["application/json"]
                body = {**content["example"], **PREPARED_BODIES.get(name.removesuffix("_in_collab"), {})}
            response = http.request(operation.method, operation.path.format(**ids), json=body)
            if not response.is_success:
                raise RuntimeError(f"{name}: {response.status_code} {response.text}")
            own = {one: ids[one] for one in _ids(operation.path)}
            ledger.check(operation, own, response.status_code, response.json())


def linked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with links: from each answer that holds a record to what can be asked about it and below it.

    They are not in the contract itself, for they follow from the names of the ids in the paths.
    """
    operations = list(contract.operations())
    paths = {path: dict(item) for path, item in document["paths"].items()}
    for source in operations:
        if source.resource not in BELOW:
            continue
        method, status = source.method.lower(), str(source.status)
        described = paths[source.path][method]
        answer = _resolved(document, described["responses"][status])
        if source.is_list:
            values = {name: f"$request.path.{name}" for name in _ids(source.path)}
            targets = [one for one in operations if one.path == source.path and one.verb == "create"]
        else:
            own = {*answer["content"]["application/json"]["example"]["data"]["key"]} | (
                _ids(source.path) & {"collab_id"}
            )
            values = {name: f"$response.body#/data/key/{name}" for name in own}
            targets = [one for one in operations if _follows(source, own, one)]
        links = {
            target.name: {
                "operationId": target.name,
                "parameters": {
                    f"path.{name}": values.get(name) or _example(document, name) for name in _ids(target.path)
                },
            }
            for target in targets
        }
        if links:
            responses = {**described["responses"], status: {**answer, "links": links}}
            paths[source.path][method] = {**described, "responses": responses}
    return {**document, "paths": paths}


def resources() -> list[str]:
    """The tags of the contract."""
    return [tag["name"] for tag in contract.load()["tags"]]


@functools.cache
def _operations_by_label() -> Mapping[str, Operation]:
    return {f"{operation.method} {operation.path}": operation for operation in contract.operations()}


@functools.cache
def original(label: str) -> str:
    """The operation that another is a second path to, or itself; each as method and path."""
    operation = _operations_by_label()[label]
    alias = contract.load()["paths"][operation.path][operation.method.lower()].get("x-alias-of")
    return next((other for other, one in _operations_by_label().items() if one.name == alias), label)


def table(by_resource: Mapping[str, Findings]) -> Table:
    """What was asked and answered, a line for each resource."""
    shown = Table(Column("resource", no_wrap=True), box=SIMPLE_HEAD)
    for title in ("operations", "requests", "succeeded", "rejected", "405", "failures"):
        shown.add_column(title, justify="right")
    for name, found in by_resource.items():
        statuses = sum(found.requests.values(), start=collections.Counter[int]())
        succeeded = sum(count for status, count in statuses.items() if status < 300)
        rejected = sum(statuses[int(status)] for status in REJECTIONS)
        numbers = (len(found.requests), found.cases, succeeded, rejected, statuses[405], len(found.failures))
        shown.add_row(name, *map(str, numbers))
    return shown


def _collect(stream: Iterator[Any]) -> Findings:
    found = Findings()
    for event in stream:
        if isinstance(event, events.NonFatalError):
            found.failures[f"{event.label}: {event.info.title}: {event.info.message}"] = ""
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            for number, node in recorder.cases.items():
                done = recorder.interactions.get(number)
                if done is not None and done.response is not None:
                    found.requests[node.value.operation.label][done.response.status_code] += 1
            for number, checks in recorder.checks.items():
                for check in checks:
                    if check.status == Status.FAILURE and check.failure_info is not None:
                        failure = check.failure_info.failure
                        label = recorder.cases[number].value.operation.label
                        text = f"{label}: {failure.title}: {failure.message}"
                        found.failures.setdefault(text, check.failure_info.code_sample)
    return found


def _follows(source: Operation, own: set[str], target: Operation) -> bool:
    """Whether an operation can be asked for with the ids of a record that another answered."""
    ids = _ids(target.path)
    if target.resource == source.resource:
        return ids == own and not target.is_list
    if source.verb == "delete":
        return False
    if target.resource not in BELOW[source.resource] or not (target.verb == "create" or target.resource in BELOW):
        return False
    if target.verb != "create" and not target.is_list:
        return False
    # A participant is in no project by itself, and a project knows no participant: that comes from what was prepared.
    others = {"project_id", "collab_id"} if source.resource == "participants" else {"participant_id"}
    is_same_generation = ("collab_id" in ids) == ("collab_id" in own)
    return ids - own <= others and (is_same_generation or source.resource == "participants")


def _ids(path: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", path))


def _example(document: Mapping[str, Any], name: str) -> str:
    example: str = document["components"]["parameters"][name]["example"]
    return example


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    found: Mapping[str, Any] = document["components"][kind][name]
    return found


if __name__ == "__main__":
    sys.exit(main())
