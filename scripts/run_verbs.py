"""The verbs that take the fields of a run, written from the contract: signatures, help, and what is handed on."""

import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

import jinja2
from routes import Unclear

from synergos.contract.document import Document

BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
)
TYPES = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
# Where the help of an argument stands, and how wide a line may be.
INDENT, WIDTH = 12, 120


class Field(NamedTuple):
    """A field of a run.

    Attributes:
        name: Its name.
        annotation: Its type, as Python has it.
        default: What `create` sends where it is not given; None when it sends nothing.
        help: Its entry in the help.
    """

    name: str
    annotation: str
    default: object
    help: str


def as_module(document: Document, template: str) -> str:
    """The verbs as the source of a module.

    Args:
        document: The contract.
        template: The words around the fields.

    Raises:
        Unclear: When a field is of a kind that no argument can be made of.
    """
    described = document.tree["components"]["schemas"]["RunFields"]["properties"]
    fields = [_field(name, document.resolve(schema)) for name, schema in described.items()]
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    has_bounds = any("Between" in field.annotation for field in fields)
    return environment.from_string(template).render(fields=fields, has_bounds=has_bounds)


def _field(name: str, schema: Mapping[str, Any]) -> Field:
    described = f"{name}: {' '.join(schema.get('description', '').split())}"
    wrapped = textwrap.wrap(
        described, WIDTH - INDENT, subsequent_indent=" " * 4, break_long_words=False, break_on_hyphens=False
    )
    return Field(name, _annotation(name, schema), schema.get("x-default"), f"\n{' ' * INDENT}".join(wrapped))


def _annotation(name: str, schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, sorted(schema['enum'])))}]"
    if bounds := {word: schema[word] for word in BOUNDS if word in schema}:
        if kind != "integer" or "minimum" not in bounds or not bounds.keys() <= {"minimum", "maximum"}:
            raise Unclear(
                f"RunFields.{name}: no argument can be made of {kind} with {', '.join(bounds)}: a whole number may "
                "have a minimum, and a maximum beside it."
            )
        least, most = bounds["minimum"], bounds.get("maximum")
        return "Count" if (least, most) == (1, None) else f"Annotated[int, Between({least}, {most})]"
    if kind == "array" and "type" in schema.get("items", {}):
        return f"Sequence[{_annotation(name, schema['items'])}]"
    if kind not in TYPES:
        kinds = ", ".join([*TYPES, "array"])
        raise Unclear(f"RunFields.{name}: no argument can be made of the type {kind!r}: there are {kinds}.")
    return TYPES[kind]
