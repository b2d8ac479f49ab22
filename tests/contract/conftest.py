"""A sandbox to check, and what real TTPs of both generations would publish about themselves."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from synergos.contract.document import Operation, Place, shipped
from synergos.sandbox import Sandbox

Swagger = dict[str, dict[str, Any]]
PHASES = ("connect", "train", "evaluate")


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of a sandbox."""
    with Sandbox() as ttp:
        yield f"http://{ttp.host}:{ttp.port}"


@pytest.fixture(scope="session")
def described() -> Mapping[str, Swagger]:
    """The contract of each generation as Swagger documents by phase, in the manner of Flask-RESTX."""
    return {generation: _swagger(generation) for generation in ("v4", "v8")}


@pytest.fixture
def published(described: Mapping[str, Swagger]) -> Callable[[str], Swagger]:
    """A generation's documents, to be changed at will."""
    return lambda generation: copy.deepcopy(described[generation])


@pytest.fixture
def serving() -> Callable[[Swagger], httpx.MockTransport]:
    """A TTP that publishes some documents and has nothing else."""

    def serve(documents: Swagger) -> httpx.MockTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            phase = re.fullmatch(r"/ttp/(\w+)/swagger\.json", request.url.path)
            document = documents.get(phase[1] if phase else request.url.path)
            return httpx.Response(404) if document is None else httpx.Response(200, json=document)

        return httpx.MockTransport(answer)

    return serve


def _swagger(generation: str) -> Swagger:
    documents: Swagger = {
        phase: {"swagger": "2.0", "basePath": f"/ttp/{phase}", "paths": {}, "definitions": {}} for phase in PHASES
    }
    for operation in shipped().operations:
        if generation in operation.generations:
            phase, path = re.fullmatch(r"/ttp/(\w+)(/.*)", operation.path).groups()  # type: ignore[union-attr]
            item = documents[phase]["paths"].setdefault(path, {})
            item[operation.method.lower()] = _described(operation, generation)
            item["parameters"] = [
                {"name": name, "in": "path", "required": True, "type": "string"} for name in operation.ids
            ]
    return documents


def _described(operation: Operation, generation: str) -> dict[str, Any]:
    mask = {"name": "X-Fields", "in": "header", "type": "string", "format": "mask"}
    parameters: list[dict[str, Any]] = [mask]
    if operation.body is not None:
        schema = _plain(operation.body, generation)
        parameters.append({"name": "payload", "in": "body", "required": True, "schema": schema})
    answers = {status: {"description": "An answer."} for status in operation.answers}
    # Whatever is answered, these documents show the model that was defined last.
    answers["200"] = {"description": "An answer.", "schema": {"type": "array", "items": {"type": "object"}}}  # type: ignore[dict-item]
    return {"operationId": operation.tag, "tags": [operation.tag], "parameters": parameters, "responses": answers}


def _plain(place: Place, generation: str) -> dict[str, Any]:
    """A schema without references, null, values and bounds."""
    view = place.document.view(place)
    kinds = [
        kind for kind in sorted(view.kinds) if kind != "null" and (kind != "integer" or "number" not in view.kinds)
    ]
    schema: dict[str, Any] = {"type": kinds[0]} if len(kinds) == 1 else {}
    if view.fields:
        schema["properties"] = {
            name: _plain(field, generation)
            for name, field in view.fields.items()
            if generation in field.schema.get("x-ttp", [generation])
        }
    if isinstance(view.rest, Place):
        rest = {"type": "object", "additionalProperties": _plain(view.rest, generation)}
        schema.setdefault("properties", {})["*"] = rest
    if view.items:
        schema["items"] = _plain(view.items, generation)
    return schema
