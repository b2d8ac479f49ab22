"""What a TTP publishes about itself, held against the contract.

A TTP's own documents are right about paths, methods and most of what may be sent, and wrong about much else. What they
are known to be wrong about is listed apart, with the reason, and is not drift.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synergos.contract import wire
from synergos.contract.changes import Change, find_changes
from synergos.contract.document import Document, Operation, Unusable, read_file, shipped
from synergos.errors import Unreadable
from synergos.http import BaseTransport, Client, Response

PHASES = ("connect", "train", "evaluate")
GENERATIONS = ("v4", "v8", "sandbox")


@dataclass(frozen=True)
class Drift:
    """One way in which a TTP is not what the contract says.

    Attributes:
        kind: What sort, `request field added` for example.
        operations: The operations that it is in, by the contract's names, or by method and path.
        where: The field, parameter or status; empty for a whole operation.
        contract: What the contract says.
        ttp: What the TTP says.
    """

    kind: str
    operations: tuple[str, ...]
    where: str
    contract: str
    ttp: str


@dataclass(frozen=True)
class Fault:
    """Something that a TTP's document is known to be wrong about.

    Attributes:
        name: What is wrong.
        where: The operations or fields that it is wrong of.
        reason: Why it is no drift.
    """

    name: str
    where: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Difference:
    """A TTP's documents against the contract.

    Attributes:
        sources: Where the documents are from.
        generations: The generations of the TTP that they describe.
        compared: How many operations the documents and the contract have in common.
        drift: Where the contract and the TTP differ.
        faults: Where only the TTP's document is wrong.
    """

    sources: tuple[str, ...]
    generations: tuple[str, ...]
    compared: int
    drift: tuple[Drift, ...]
    faults: tuple[Fault, ...]


def find_drift(sources: Sequence[str], transport: BaseTransport | None = None) -> Difference:
    """Compare what a TTP publishes with the contract of this version.

    Args:
        sources: The address of a TTP, as for `wire.open_client`, where none is given too; or files that hold what one
            published: one OpenAPI document, or the Swagger documents of its phases.
        transport: What carries the requests, in place of the network.

    Raises:
        Unusable: When there is no TTP, no document, or a document of something else.
    """
    documents = _read(sources, transport)
    # A document names its operations as it likes: only routes tell what belongs together.
    published = [replace(operation, name="") for document in documents for operation in document.operations]
    generations = _generations(published)
    described = Document.of(_only(shipped().tree, generations), "the contract").operations
    phases = {phase for document in documents for phase in _phases(document)}
    expected = [operation for operation in described if _prefix(operation) in phases]
    drift: list[Drift] = []
    faults: dict[tuple[str, str], dict[str, None]] = {}
    names = {operation.route: operation.title for operation in expected}
    for change in find_changes(expected, published):
        if change.kind in _OWN_NAMES:
            continue
        left: list[Operation] = []
        for operation in change.operations:
            is_swagger = operation.document.is_swagger
            if rule := next((rule for rule in _RULES if is_swagger and rule.applies(change, operation)), None):
                title = names.get(operation.route, operation.label)
                is_whole = rule.is_of_operations or change.where == "body"
                faults.setdefault((rule.name, rule.reason), {})[title if is_whole else change.where] = None
            else:
                left.append(operation)
        if left:
            operations = tuple(names.get(operation.route, operation.label) for operation in left)
            drift.append(_drift(replace(change, operations=tuple(left)), operations, expected, published))
    for name, reason, where in _faults_of(documents):
        faults.setdefault((name, reason), {})[where] = None
    routes = {operation.route for operation in published}
    return Difference(
        sources=tuple(document.source for document in documents),
        generations=generations,
        compared=sum(operation.route in routes for operation in expected),
        drift=tuple(drift),
        faults=tuple(Fault(name, tuple(where), reason) for (name, reason), where in faults.items()),
    )


def _read(sources: Sequence[str], transport: BaseTransport | None) -> list[Document]:
    if sources and not any(map(wire.is_address, sources)):
        return [read_file(Path(source)) for source in sources]
    if len(sources) > 1:
        raise Unusable("Give the address of one TTP, or files, and not both.")
    with wire.open_client("".join(sources), transport) as client:
        return _fetch(client)


def _fetch(client: Client) -> list[Document]:
    """The Swagger documents of the three phases, or the OpenAPI document of a TTP that has none of them."""
    found = {path: wire.reach(client, path) for path in (f"/ttp/{phase}/swagger.json" for phase in PHASES)}
    if all(response.status_code == 404 for response in found.values()):
        found = {"/openapi.json": wire.reach(client, "/openapi.json")}
    return [_document(client, path, response) for path, response in found.items()]


def _document(client: Client, path: str, response: Response) -> Document:
    source = wire.shown(client, path)
    if response.status_code != 200:
        what = "publishes no document about itself" if path == "/openapi.json" else f"does not publish {path}"
        raise Unusable(f"{wire.shown(client)} {what}: it answers {response.status_code}. Is it a TTP?", Unreadable)
    try:
        tree = wire.read_json(response)
    except ValueError as error:
        raise Unusable(f"{source} is not JSON: {error}.", Unreadable) from error
    try:
        return Document.of(tree, source)
    except Unusable as error:
        raise Unusable(str(error), Unreadable) from error


def _generations(published: Sequence[Operation]) -> tuple[str, ...]:
    """The generations whose own routes, those that no other has, are there."""
    routes = {operation.route for operation in published}
    shares: dict[str, float] = {}
    phases = {_prefix(operation) for operation in published}
    for generation in GENERATIONS:
        known = [one for one in shipped().operations if one.generations == {generation}]
        own = [one.route for one in known if _prefix(one) in phases]
        shares[generation] = sum(route in routes for route in own) / max(len(own), 1)
    served = tuple(generation for generation, share in shares.items() if share >= 0.5)
    if not served and any(shares.values()):
        served = (max(shares, key=lambda generation: shares[generation]),)
    if not served:
        raise Unusable("None of the routes in it is a TTP's: is it what a TTP publishes about itself?")
    return served


def _prefix(operation: Operation) -> str:
    """The phase that a route is of; what is no TTP's has none."""
    steps = operation.path.split("/")
    return steps[2] if len(steps) > 2 and steps[1] == "ttp" else ""


def _phases(document: Document) -> set[str]:
    """The phases that a document is about, whether it has routes of them or not."""
    if not document.is_swagger:
        return {_prefix(operation) for operation in shipped().operations}
    whole = re.fullmatch(r"/ttp/(\w+)/?", str(document.tree.get("basePath", "")))
    return {whole[1]} if whole else {_prefix(operation) for operation in document.operations}


def _only(node: Any, generations: Iterable[str]) -> Any:
    """The contract without the operations and the fields that other generations have."""
    if isinstance(node, Mapping):
        return {key: _only(value, generations) for key, value in node.items() if _is_of(value, generations)}
    if isinstance(node, list):
        return [_only(value, generations) for value in node]
    return node


def _is_of(node: object, generations: Iterable[str]) -> bool:
    marked = node.get("x-ttp") if isinstance(node, Mapping) else None
    return not isinstance(marked, list) or bool(set(marked) & set(generations))


def _drift(
    change: Change, operations: tuple[str, ...], expected: Sequence[Operation], published: Sequence[Operation]
) -> Drift:
    if change.side == "operation":
        is_gone = change.kind == "operation gone"
        others = published if is_gone else expected
        path = change.operations[0].route[1]
        what = "method" if any(other.route[1] == path for other in others) else "route"
        kind = f"{what} gone from the TTP" if is_gone else f"{what} missing in the contract"
        return Drift(kind, (change.where,), "", "there" if is_gone else "", "" if is_gone else "there")
    kind = _KINDS.get(change.kind, change.kind)
    # What the contract takes as a field of any name, it does not have.
    contract = "" if change.kind == "field named" else change.before
    return Drift(f"{change.side} {kind}", operations, change.where, contract, change.after)


_KINDS = {"field gone": "field removed", "type changed": "field retyped", "field named": "field added"}
# Names that a document has for itself: they are not sent, and the contract has its own.
_OWN_NAMES = (
    *("operation renamed", "tag renamed", "TTP dropped", "TTP added", "path parameter renamed", "key named"),
    *("sent default changed", "sent default added", "sent default dropped"),
)


@dataclass(frozen=True)
class _Rule:
    """What the Swagger documents of real TTPs are known to be wrong about.

    Attributes:
        name: What is wrong.
        reason: Why it is no drift.
        applies: Whether a change of an operation, from the contract to the document, comes from it.
        is_of_operations: Whether it is told by operation; else by field.
    """

    name: str
    reason: str
    applies: Callable[[Change, Operation], bool]
    is_of_operations: bool = False


_UNDOCUMENTED = "RunFields.(algorithm|optimizer|criterion|lr_scheduler|is_snn)"
_RULES = (
    _Rule(
        "list shapes",
        "A list is shown as a list of envelopes; it is one envelope that holds a list.",
        lambda change, _: change.side == "answer" and change.kind == "type changed" and change.after == "array",
        is_of_operations=True,
    ),
    _Rule(
        "answers",
        "Models of one name (payload_single, payload_plural) overwrite each other, and statuses are missing or wrong. "
        "What is really answered is for `synergos contract check`.",
        lambda change, _: change.side == "answer",
        is_of_operations=True,
    ),
    _Rule(
        "required flags",
        "The parser and the document of a TTP disagree on what must be sent; the contract follows the parser.",
        lambda change, _: change.kind.endswith(("newly required", "newly optional")),
    ),
    _Rule(
        "defaults",
        "The document's defaults are not those of the parser, and POST takes what is left out from the latter.",
        lambda change, _: change.kind == "default changed",
    ),
    _Rule(
        "values and bounds",
        "The document leaves out which values, bounds and further fields a TTP takes; the contract names them.",
        lambda change, _: (
            change.kind in ("values freed", "items freed", "further fields")
            or (change.kind.endswith(" changed") and not change.after)
        ),
    ),
    _Rule(
        "a participant's id",
        "A TTP reads `id` from the body of a POST and passes over `participant_id`; in a PUT the path has the id.",
        lambda change, operation: (
            change.kind in ("field added", "required field added")
            and bool(re.search(r"\.(participant_id|id)$", change.where))
            and bool(re.fullmatch(r"/ttp/connect/participants/(\{\w+\})?", operation.path))
        ),
    ),
    _Rule(
        "fields left out",
        "Taken and used by the parser, which is another than the one that the document shows.",
        lambda change, operation: (
            (change.kind == "field gone" and bool(re.fullmatch(_UNDOCUMENTED, change.where)))
            or (change.kind == "body gone" and "/optimizations/" in operation.path)
            or (change.where in ("JobFields.verbose", "JobFields.log_msgs") and "/predictions/" in operation.path)
            or (
                change.kind == "field gone"
                and change.where.endswith(".collab_id")
                and _is_in_collab(operation, "projects/")
            )
        ),
    ),
    _Rule(
        "nodes of a registration",
        "A TTP takes `node_0`, `node_1` and so on, each where a worker listens; the document leaves them out, or has a "
        "wildcard for them.",
        lambda change, operation: (
            bool(re.search(r"\.node_(\d+|\*)$", change.where)) and _is_in_collab(operation, "registration")
        ),
    ),
    _Rule(
        "lists in a layer",
        "A TTP takes a list in a layer's structure and then fails on every reading of the experiment, so the contract "
        "refuses them all.",
        lambda change, _: (
            change.kind == "type changed" and change.where.startswith("structure.") and change.after == "array"
        ),
    ),
    _Rule(
        "a route that does not work",
        "It is mounted and answers 500 to every method.",
        lambda change, operation: (
            change.kind == "operation added"
            and operation.route[1] == "/ttp/connect/participants/{}/collaborations/{}/registrations"
        ),
    ),
)


def _is_in_collab(operation: Operation, resource: str) -> bool:
    """Whether an operation is of a resource inside collaborations, as the generation v8 has it."""
    return "/collaborations/{" in operation.path and operation.path.endswith(f"/{resource}")


def _faults_of(documents: Iterable[Document]) -> Iterator[tuple[str, str, str]]:
    """Faults that show in a Swagger document alone: their name, the reason, and where."""
    for document in documents:
        if not document.is_swagger:
            continue
        repeated = Counter(operation.name for operation in document.operations if operation.name)
        for name, times in repeated.items():
            if times > 1:
                reason = "One name for several operations; the contract gives each its own."
                yield "repeated operationIds", reason, f"{name} ×{times}"
        for model, schema in document.tree.get("definitions", {}).items():
            for path in _wildcards(schema, model):
                yield "wildcard names", "A field called `*` stands for any further field, and is read so.", path


def _wildcards(schema: object, where: str) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    for part in (schema, *schema.get("allOf", [])):
        if isinstance(part, Mapping) and "*" in part.get("properties", {}):
            yield f"{where}.*"
