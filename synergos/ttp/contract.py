"""The contract as the sandbox uses it: its operations, and what may be sent to each.

The sandbox is not a second description of the TTP. Its routes, the checks of what is sent and the fields of what is
answered are all read from the document that the client is made from.
"""

import functools
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from synergos.common.misspelt import nearest
from synergos.contract import document
from synergos.contract.document import shipped
from synergos.learning import strict
from synergos.learning.errors import Rejected

# So many errors of a body are compared for the one that is told, and so many unknown fields are told.
_LOOKED_AT, _TOLD = 100, 5


@dataclass(frozen=True)
class Operation:
    """One operation of the contract.

    Attributes:
        name: Its operationId, `create_project` for example.
        resource: The tag it stands under, `projects` for example.
        verb: `create`, `read`, `update` or `delete`.
        method: The HTTP method in capitals.
        path: The path, with the names of ids in braces.
        query: The names of what may stand behind a question mark.
        status: The status of a success.
        is_list: Whether the answer holds a list of records.
        body: What may be sent; None for nothing.
    """

    name: str
    resource: str
    verb: str
    method: str
    path: str
    query: tuple[str, ...]
    status: int
    is_list: bool
    body: Draft202012Validator | None

    def check(self, body: object) -> dict[str, Any]:
        """Hold a body against the contract.

        Args:
            body: What was sent, as JSON was read.

        Returns:
            The body.

        Raises:
            Rejected: When it is not what the contract says; the message names the field, the value and what is allowed.
        """
        if self.body is None:
            return {}
        if not isinstance(body, dict):
            raise Rejected(f"The body must be a JSON object, not {_shown(body)}.")
        if number := strict.first_of_none(body):
            raise Rejected(f"{number} is not a number that can be worked with: it must be finite.")
        errors = list(itertools.islice(self.body.iter_errors(body), _LOOKED_AT))
        # A field with a wrong value also counts as one that no schema has evaluated: the value is what is wrong.
        values = [error for error in errors if error.validator != "unevaluatedProperties"]
        if error := best_match(values or errors):
            raise Rejected(_explain(error))
        return body


def load() -> Mapping[str, Any]:
    """The contract as a JSON document."""
    return shipped().tree


def operations() -> Iterator[Operation]:
    """Every operation of the contract."""
    return map(_operation, shipped().operations)


def is_answered(kind: str, field: str) -> bool:
    """Whether a kind of record shows a field in answers: when the contract names it, or has a schema for any other."""
    fields = _answered(kind)
    return fields is None or field in fields


@functools.cache
def _answered(kind: str) -> frozenset[str] | None:
    schema = load()["components"]["schemas"][kind]
    if "additionalProperties" in schema:
        return None
    return frozenset(name for part in schema["allOf"] for name in part.get("properties", {}))


def _operation(described: document.Operation) -> Operation:
    body = None
    if described.body is not None:
        body = Draft202012Validator({**_inlined(described.body.schema), "components": load()["components"]})
    return Operation(
        name=described.name,
        resource=described.tag,
        verb=described.name.split("_")[0],
        method=described.method,
        path=described.path,
        query=tuple(one.name for one in described.parameters if one.location == "query"),
        status=int(described.success),
        is_list=described.is_list,
        body=body,
    )


def _inlined(node: Any, above: tuple[str, ...] = ()) -> Any:
    """A schema with what it refers to in its place, for to follow references takes longer than to check a value."""
    match node:
        case {"$ref": str(reference)} if reference in above:
            return node
        case {"$ref": str(reference), **beside}:
            found = _inlined(shipped().resolve(node), (*above, reference))
            return {**found, **beside}
        case dict():
            return {name: _inlined(part, above) for name, part in node.items()}
        case list():
            return [_inlined(part, above) for part in node]
    return node


def _explain(error: ValidationError) -> str:
    """What is wrong with a body, in the words of who sent it."""
    where = _path(error)
    instance: Any = error.instance
    what = f"{where}: {_shown(instance)}" if where else "The body"
    match error.validator, error.validator_value:
        case "required", list(required):
            missing = [name for name in required if name not in instance]
            return f"{where + ': ' if where else ''}{' and '.join(map(repr, missing))} must be given."
        case (("additionalProperties" | "unevaluatedProperties"), _):
            known = _known_fields(error)
            unknown = [name for name in instance if name not in set(known)]
            return f"{where + ': there' if where else 'There'} is no field {_with_hints(unknown, known)}."
        case "enum", list(values):
            return f"{what} is not one of {', '.join(map(_shown, values))}."
        case "type", str(kind):
            return f"{what} must be {_kinds([kind])}."
        case "type", list(kinds):
            return f"{what} must be {_kinds(kinds)}."
        case "anyOf", list(options):
            return f"{what} must be {_kinds(option['type'] for option in options if 'type' in option)}."
        case ("minimum" | "maximum") as bound, value:
            return f"{what} must be at {'least' if bound == 'minimum' else 'most'} {value}."
        case (("pattern" | "minLength"), _):
            return f"{what} must be a text that is not empty, '.' or '..' and holds no '/'."
        case (("minProperties" | "minItems"), _):
            return f"{what} must not be empty."
    return f"{what}: {error.message}."


_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}


def _kinds(types: Iterable[str]) -> str:
    return " or ".join(_KINDS[name] for name in dict.fromkeys(types))


def _path(error: ValidationError) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return path.removeprefix(".")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:100]}…"


def _known_fields(error: ValidationError) -> list[str]:
    schemas = [error.schema, *error.schema.get("allOf", [])] if isinstance(error.schema, dict) else []
    parts = (shipped().resolve(schema) for schema in schemas)
    return [name for part in parts for name in part.get("properties", {})]


def _with_hints(names: list[str], known: list[str]) -> str:
    hints = ((name, nearest(name, known)) for name in names[:_TOLD])
    told = [f"{_shown_name(name)} (did you mean {near!r}?)" if near else _shown_name(name) for name, near in hints]
    more = f", nor the {len(names) - _TOLD:,} others that were sent" if len(names) > _TOLD else ""
    return ", ".join(told) + more


def _shown_name(name: str) -> str:
    return repr(name if len(name) <= 100 else f"{name[:100]}…")
