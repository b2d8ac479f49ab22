"""Check the contract, spec/openapi.yaml, for what is invalid and for what the generator would lose without a word.

    python scripts/check_spec.py [FILE]    print every problem with its line and what to write instead; exit 1 if any

A valid OpenAPI document is not enough. The generator ignores some of what may stand in one and says nothing, and the
contract has rules of its own: what is sent is described strictly, what is answered leniently, so that a field that a TTP
adds or leaves out never costs the user the answer.
"""

import argparse
import keyword
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

ROOT = Path(__file__).resolve().parents[1]
METHODS = ("get", "post", "put", "delete", "patch")
GENERATIONS = {"v4", "v8", "sandbox"}
BREAKING_NAMES = {"d", "cls", "from_dict", "to_dict", "additional_properties"}
SCHEMA_MAPS = ("properties", "$defs", "patternProperties")
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SCHEMA_ITEMS = ("items", "additionalProperties", "unevaluatedProperties", "propertyNames", "not")

Pointer = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing to mend: its line in the document, and what to write instead."""

    line: int
    text: str


class Document:
    """The contract with the lines its parts stand on."""

    def __init__(self, path: Path) -> None:
        self.tree = YAML().load(path)
        self.plain = YAML(typ="safe").load(path)
        if not isinstance(self.tree, Mapping):
            raise TypeError("not a mapping")
        self.schemas = dict(self._find_schemas())

    def line(self, pointer: Pointer) -> int:
        """The line of a part, or of the nearest part above it that has one."""
        node, line = self.tree, 1
        for step in pointer:
            position = getattr(node, "lc", None)
            try:
                line = (position.key(step) if isinstance(node, Mapping) else position.item(step))[0] + 1
                node = node[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line

    def operations(self) -> Iterator[tuple[Pointer, Mapping]]:
        """Every operation with where it stands."""
        for path, item in self.tree.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    yield ("paths", path, method), item[method]

    def resolve(self, reference: str) -> object:
        """What a reference inside the document leads to, or None."""
        node: object = self.tree
        for step in reference.removeprefix("#/").split("/"):
            node = node.get(step) if isinstance(node, Mapping) else None
        return node

    def objects(self) -> Iterator[tuple[Pointer, Mapping]]:
        """Every object of the document but its examples, with where it stands."""
        return self._objects_in(self.tree, ())

    def reachable(self, part: str) -> dict[Pointer, object]:
        """The schemas that `requestBody` or `responses` of the operations lead to."""
        found: dict[Pointer, object] = {}

        def follow(node: object, pointer: Pointer) -> None:
            if pointer in found:
                return
            if pointer in self.schemas:
                found[pointer] = node
            if isinstance(node, Mapping):
                if isinstance(reference := node.get("$ref"), str) and reference.startswith("#/"):
                    follow(self.resolve(reference), tuple(reference[2:].split("/")))
            for key, value in _children(node):
                follow(value, (*pointer, key))

        for pointer, operation in self.operations():
            follow(operation.get(part), (*pointer, part))
        return found

    def _objects_in(self, node: object, pointer: Pointer) -> Iterator[tuple[Pointer, Mapping]]:
        if isinstance(node, Mapping):
            yield pointer, node
        for key, value in _children(node):
            yield from self._objects_in(value, (*pointer, key))

    def _find_schemas(self) -> Iterator[tuple[Pointer, object]]:
        for pointer, node in self.objects():
            if "schema" in node and pointer[-1:] != ("properties",):
                yield from self._schemas_in(node["schema"], (*pointer, "schema"))
        for name, schema in self.tree.get("components", {}).get("schemas", {}).items():
            yield from self._schemas_in(schema, ("components", "schemas", name))

    def _schemas_in(self, schema: object, pointer: Pointer) -> Iterator[tuple[Pointer, object]]:
        yield pointer, schema
        if not isinstance(schema, Mapping):
            return
        for key in SCHEMA_MAPS:
            for name, part in schema.get(key, {}).items():
                yield from self._schemas_in(part, (*pointer, key, name))
        for key in SCHEMA_LISTS:
            for index, part in enumerate(schema.get(key, [])):
                yield from self._schemas_in(part, (*pointer, key, index))
        for key in SCHEMA_ITEMS:
            if key in schema:
                yield from self._schemas_in(schema[key], (*pointer, key))


def find_problems(path: Path) -> list[Problem]:
    """Every problem of the document, by line.

    Args:
        path: An OpenAPI document in YAML.

    Returns:
        The problems; none when the generator can be trusted with the document.
    """
    try:
        document = Document(path)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return [Problem(line, f"This is not YAML: {error.problem}.")]
    except TypeError:
        return [Problem(1, "This is not an OpenAPI document: write a mapping with `openapi`, `info` and `paths`.")]
    found = {Problem(document.line(where), text) for check in CHECKS for where, text in check(document)}
    return sorted(found)


Finding = tuple[Pointer, str]


def check_validity(document: Document) -> Iterator[Finding]:
    """What the OpenAPI standard itself refuses."""
    for error in OpenAPIV31SpecValidator(document.plain).iter_errors():
        where = tuple(getattr(error, "absolute_path", ()))
        yield where, f"Not valid OpenAPI 3.1: {str(getattr(error, 'message', error)).splitlines()[0]}."


def check_operations(document: Document) -> Iterator[Finding]:
    """An operation becomes a function: its name, its module and its help."""
    seen: dict[str, Pointer] = {}
    declared = {tag.get("name") for tag in document.tree.get("tags", [])}
    for where, operation in document.operations():
        name = operation.get("operationId")
        tags = operation.get("tags", [])
        if name is None:
            yield where, "The operation has no name: write `operationId: verb_resource`."
        elif not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
            yield (*where, "operationId"), f"{name!r} does not read as a function's name: write it in snake_case."
        elif name in seen:
            first = document.line(seen[name])
            text = (
                f"{name!r} names the operation on line {first} too, which the generator would overwrite: write another."
            )
            yield (*where, "operationId"), text
        else:
            seen[name] = where
        if len(tags) != 1:
            text = f"{len(tags)} tags, and each would get a copy of the function: write one, the resource's name."
            yield (*where, "tags"), text
        elif tags[0] not in declared:
            yield (
                (*where, "tags"),
                f"The tag {tags[0]!r} is not described: add it to `tags` at the top of the document.",
            )
        for part in ("summary", "description"):
            if not operation.get(part):
                yield where, f"No {part}: write `{part}:` in words that a data scientist understands."
        generations = operation.get("x-ttp")
        if not isinstance(generations, list) or not generations or not GENERATIONS.issuperset(generations):
            allowed = ", ".join(sorted(GENERATIONS))
            yield where, f"Which TTP serves it? Write `x-ttp: [...]` with one or more of {allowed}."
        alias = operation.get("x-alias-of")
        if alias is not None and alias not in {other.get("operationId") for _, other in document.operations()}:
            yield (*where, "x-alias-of"), f"No operation is called {alias!r}: write the operationId that it repeats."


def check_paths(document: Document) -> Iterator[Finding]:
    """A path item that stands elsewhere is not generated."""
    for path, item in document.tree.get("paths", {}).items():
        if "$ref" in item:
            yield ("paths", path, "$ref"), "A path item by `$ref` is skipped: write the operations here."


def check_references(document: Document) -> Iterator[Finding]:
    """References that the generator follows lead to a named component of this document."""
    for where, node in document.objects():
        reference = node.get("$ref")
        if not isinstance(reference, str) or where[0] == "paths" and len(where) == 2:
            continue
        if not re.fullmatch(r"#/components/\w+/[\w.-]+", reference):
            text = f"The generator drops what refers to {reference!r}: move it to components, `#/components/<kind>/<Name>`."
            yield (*where, "$ref"), text
        elif document.resolve(reference) is None:
            yield (*where, "$ref"), f"{reference!r} leads nowhere: write the name of a component that exists."


def check_schemas(document: Document) -> Iterator[Finding]:
    """Parts of JSON Schema that the generator passes over, or turns into a class that does not work."""
    for where, schema in document.schemas.items():
        if isinstance(schema, bool):
            if where[-1] not in ("additionalProperties", "unevaluatedProperties"):
                yield where, f"The schema `{str(schema).lower()}` is not understood: write `{{}}` for anything."
            continue
        if not isinstance(schema, Mapping):
            continue
        if "$defs" in schema:
            yield (*where, "$defs"), "`$defs` are dropped with what refers to them: move them to components/schemas."
        if "patternProperties" in schema:
            text = (
                "`patternProperties` is ignored: write `additionalProperties:` with the schema, and `propertyNames:`."
            )
            yield (*where, "patternProperties"), text
        for name in BREAKING_NAMES & schema.get("properties", {}).keys():
            text = f"A property called {name!r} breaks the class made of it: the TTP must not be asked for it by that name."
            yield (*where, "properties", name), text
        parts = schema.get("allOf", [])
        if len(parts) == 1 and "$ref" in parts[0]:
            text = (
                "An `allOf` of one `$ref` is taken for what it refers to and loses all else: add a second, inline part."
            )
            yield (*where, "allOf"), text
        for index, part in enumerate(parts):
            inner = document.resolve(part["$ref"]) if "$ref" in part else part
            if isinstance(inner, Mapping) and isinstance(inner.get("additionalProperties"), Mapping):
                text = "Typed `additionalProperties` inside an `allOf` are lost: write them beside the `allOf`."
                yield (*where, "allOf", index), text
        for key in ("anyOf", "oneOf"):
            options = schema.get(key, [])
            nullable = any(option.get("type") == "null" for option in options if isinstance(option, Mapping))
            if nullable and any(_is_object(document, option) for option in options):
                text = f"`{key}` of an object and null hands out a plain dict when parsing fails: leave the property out for null."
                yield (*where, key), text


def check_requests(document: Document) -> Iterator[Finding]:
    """What is sent is described strictly: no field that is not named."""
    found = document.reachable("requestBody")
    parts = {
        (*where, "allOf", index) for where, schema in found.items() if isinstance(schema, Mapping) for index in range(9)
    }
    references = {
        tuple(part["$ref"][2:].split("/"))
        for schema in found.values()
        if isinstance(schema, Mapping)
        for part in schema.get("allOf", [])
        if str(part.get("$ref", "")).startswith("#/")
    }
    for where, schema in found.items():
        if where in parts or where in references or not isinstance(schema, Mapping) or "$ref" in schema:
            continue
        is_object = schema.get("type") == "object" or "allOf" in schema
        if is_object and not {"additionalProperties", "unevaluatedProperties"} & schema.keys():
            word = "unevaluatedProperties" if "allOf" in schema else "additionalProperties"
            yield (
                where,
                f"A request that takes any field hides typing errors: write `{word}: false`, or the schema of the rest.",
            )


def check_answers(document: Document) -> Iterator[Finding]:
    """What is answered is described leniently: the generated class must not fail on what a TTP adds."""
    for where, schema in document.reachable("responses").items():
        if not isinstance(schema, Mapping):
            continue
        for word in ("enum", "const"):
            if word in schema:
                text = f"A value that is new in an answer would cost the user all of it: leave `{word}` out, name the values in words."
                yield (*where, word), text
        if schema.get("format") in ("date", "date-time", "uuid", "binary"):
            text = f"An answer in another form than {schema['format']} could not be read: write `type: string` without a format."
            yield (*where, "format"), text
        for word in ("additionalProperties", "unevaluatedProperties"):
            if schema.get(word) is False:
                yield (*where, word), f"A field that is new in an answer would be lost: leave `{word}: false` out."


def check_words(document: Document) -> Iterator[Finding]:
    """Parameters are described, and bodies and answers shown by an example."""
    components = document.tree.get("components", {})
    for name, parameter in components.get("parameters", {}).items():
        if not parameter.get("description"):
            yield ("components", "parameters", name), f"The parameter {name!r} is not described: write `description:`."
    for kind in ("requestBodies", "responses"):
        for name, part in components.get(kind, {}).items():
            for media, content in part.get("content", {}).items():
                if not {"example", "examples"} & content.keys():
                    yield ("components", kind, name, "content", media), f"{name} is not shown: write `example:`."


CHECKS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    check_validity,
    check_operations,
    check_paths,
    check_references,
    check_schemas,
    check_requests,
    check_answers,
    check_words,
)


def _is_object(document: Document, schema: object) -> bool:
    if isinstance(schema, Mapping) and "$ref" in schema:
        schema = document.resolve(schema["$ref"])
    return isinstance(schema, Mapping) and (
        schema.get("type") == "object" or "properties" in schema or "allOf" in schema
    )


def _children(node: object) -> Iterator[tuple[str | int, object]]:
    """The parts of an object or a list, but not its examples."""
    if isinstance(node, Mapping):
        yield from ((key, value) for key, value in node.items() if key not in ("example", "examples"))
    elif isinstance(node, list):
        yield from enumerate(node)


def report(path: Path, problems: list[Problem]) -> str:
    """The problems as text, one a line, each after the file and the line it stands on."""
    return "\n".join(f"{path}:{problem.line}: {problem.text}" for problem in problems)


def main() -> int:
    """Print the problems of a document; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "spec" / "openapi.yaml")
    path = parser.parse_args().file
    if problems := find_problems(path):
        print(report(path, problems))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
