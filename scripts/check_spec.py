"""Check the contract, spec/openapi.yaml, for what is invalid and for what the generator would lose without a word.

    python scripts/check_spec.py [FILE]    print every problem with its line and what to write instead; exit 1 if any

A valid OpenAPI document is not enough. The generator ignores some of what may stand in one and says nothing, and the
contract has rules of its own: what is sent is described strictly, what is answered leniently, so that a field that a
TTP adds or leaves out never costs the user the answer.
"""

import argparse
import difflib
import keyword
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema_specifications import REGISTRY
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import DuplicateOperationIDError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

# With another implementation installed, its words would stand in the problems.
os.environ["OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND"] = "jsonschema"

ROOT = Path(__file__).resolve().parents[1]
METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")
GENERATIONS = ("sandbox", "v4", "v8")
COMPONENTS = ("parameters", "requestBodies", "responses", "headers", "schemas")
# All that has a meaning in a schema: the words of JSON Schema, and those that OpenAPI adds.
DRAFT = "https://json-schema.org/draft/2020-12/"
KEYWORDS = {"discriminator", "example", "externalDocs", "xml"}.union(
    *(REGISTRY.contents(DRAFT + part["$ref"])["properties"] for part in Draft202012Validator.META_SCHEMA["allOf"])
)
# The generated methods use these for themselves, some of them only beside a union or typed `additionalProperties`.
BREAKING_NAMES = {
    *("d", "cls", "cast", "field_dict", "prop", "prop_name"),
    *("from_dict", "to_dict", "additional_properties"),
}
SCHEMA_MAPS = ("properties", "$defs", "patternProperties", "dependentSchemas")
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SCHEMA_ITEMS = (
    *("items", "contains", "unevaluatedItems", "additionalProperties", "unevaluatedProperties", "propertyNames"),
    *("not", "if", "then", "else"),
)

Pointer = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing to mend: its line in the document, and what to write instead."""

    line: int
    text: str


class Document:
    """The contract with the lines its parts stand on."""

    def __init__(self, path: Path) -> None:
        self.plain = YAML(typ="safe").load(path)
        self.tree = YAML().load(path)

    @cached_property
    def schemas(self) -> dict[Pointer, object]:
        """Every schema of the document, the ones inside others too, by where it stands."""
        return {pointer: schema for where, root in self.schema_roots() for pointer, schema in _schemas_in(root, where)}

    def line(self, pointer: Pointer) -> int:
        """The line of a part, or of the nearest part above it that has one."""
        node, line = self.tree, 1
        for step in pointer:
            try:
                position = node.lc
                line = (position.key(step) if isinstance(node, Mapping) else position.item(step))[0] + 1
                node = node[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line

    def operations(self) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
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

    def objects(self) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        """Every object of the document but its examples, with where it stands."""
        return self._objects_in(self.tree, ())

    def reachable(self, part: str) -> set[tuple[Pointer, bool]]:
        """The schemas that a part of the operations leads to, and whether as a member of an `allOf`.

        Args:
            part: `requestBody` or `responses`.
        """
        found: set[tuple[Pointer, bool]] = set()

        def follow(node: object, pointer: Pointer, is_part: bool) -> None:
            if (pointer, is_part) in found:
                return
            found.add((pointer, is_part))
            if isinstance(node, Mapping) and isinstance(reference := node.get("$ref"), str):
                follow(self.resolve(reference), tuple(reference.removeprefix("#/").split("/")), is_part)
            is_all_of = pointer[-1] == "allOf" and isinstance(node, list)
            for key, value in _children(node, pointer):
                follow(value, (*pointer, key), is_all_of)

        for pointer, operation in self.operations():
            follow(operation.get(part), (*pointer, part), False)
        return {(pointer, is_part) for pointer, is_part in found if pointer in self.schemas}

    def schema_roots(self) -> Iterator[tuple[Pointer, object]]:
        """Every schema that is not inside another."""
        for pointer, node in self.objects():
            if "schema" in node and pointer[-1:] != ("properties",) and pointer != ("components", "schemas"):
                yield (*pointer, "schema"), node["schema"]
        for name, schema in self.tree.get("components", {}).get("schemas", {}).items():
            yield ("components", "schemas", name), schema

    def _objects_in(self, node: object, pointer: Pointer) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
        if isinstance(node, Mapping):
            yield pointer, node
        for key, value in _children(node, pointer):
            yield from self._objects_in(value, (*pointer, key))


def find_problems(path: Path) -> list[Problem]:
    """Every problem of the document, by line.

    Args:
        path: An OpenAPI document in YAML.

    Returns:
        The problems; none when the generator can be trusted with the document.
    """
    try:
        document = Document(path)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        text = getattr(error, "problem", None) or str(error).splitlines()[0]
        return [Problem(mark.line + 1 if mark else 1, f"This is not YAML: {text}.")]
    if not isinstance(document.plain, Mapping):
        return [Problem(1, "This is not an OpenAPI document: write a mapping with `openapi`, `info` and `paths`.")]
    for checks in CHECKS:
        found = {Problem(document.line(where), text) for check in checks for where, text in check(document)}
        if found:
            return sorted(found)
    return []


Finding = tuple[Pointer, str]


def check_data(document: Document) -> Iterator[Finding]:
    """What YAML can hold and JSON cannot: the contract is handed on as JSON."""

    def check_node(node: object, pointer: Pointer) -> Iterator[Finding]:
        if isinstance(node, dict):
            for key, value in node.items():
                if not isinstance(key, str):
                    yield (*pointer, key), f"The name {key} is not text: write it in quotes."
                yield from check_node(value, (*pointer, key))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                yield from check_node(value, (*pointer, index))
        elif not isinstance(node, str | int | float | None):
            yield pointer, f"{node} is a {type(node).__name__}, which JSON lacks: write it in quotes."

    return check_node(document.plain, ())


def check_values(document: Document) -> Iterator[Finding]:
    """A comma in a text without quotes ends it, and what follows it is taken for a name without a value."""
    for where, node in document.objects():
        for key, value in node.items():
            if value is None and key not in ("const", "default", "example", "value"):
                yield (*where, key), f"{key!r} has no value: write one, or put the text that it is part of in quotes."


def check_shape(document: Document) -> Iterator[Finding]:
    """What the OpenAPI standard says of the form of a document."""
    for error in OpenAPIV31SpecValidator.schema_validator.iter_errors(document.plain):
        yield tuple(error.absolute_path), f"Not valid OpenAPI 3.1: {_first_line(error.message)}"


def check_schema_shape(document: Document) -> Iterator[Finding]:
    """What JSON Schema says of the form of a schema."""
    metaschema = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for where, schema in document.schema_roots():
        if error := best_match(metaschema.iter_errors(schema)):
            yield (*where, *error.absolute_path), f"Not a valid JSON Schema: {_first_line(error.message)}"


def check_fields(document: Document) -> Iterator[Finding]:
    """Fields are described, by their own words or those of what they hold."""
    for where, schema in document.schemas.items():
        if where[-2:-1] == ("properties",) and not _is_described(document, schema):
            yield where, f"The field {where[-1]!r} is not described: write `description:`."


def check_validity(document: Document) -> Iterator[Finding]:
    """What the OpenAPI standard refuses beyond the form, in a document whose references lead somewhere."""
    for error in OpenAPIV31SpecValidator(document.plain).iter_errors():
        if isinstance(error, DuplicateOperationIDError):
            continue
        # These errors carry no place, but most name the path.
        path = next((path for path in document.tree.get("paths", {}) if repr(path) in error.message), None)
        yield ("paths", path) if path else (), f"Not valid OpenAPI 3.1: {_first_line(error.message)}"


def check_operations(document: Document) -> Iterator[Finding]:
    """An operation becomes a function: its name, its module and its help."""
    names = {operation.get("operationId") for _, operation in document.operations()}
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
        if not _are_generations(operation.get("x-ttp")):
            allowed = ", ".join(GENERATIONS)
            yield where, f"Which TTP serves it? Write `x-ttp: [...]` with one or more of {allowed}."
        alias = operation.get("x-alias-of")
        if alias is not None and alias not in names:
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
        if not isinstance(reference, str) or (where[:1] == ("paths",) and len(where) == 2):
            continue
        kind = _referred_kind(document, where)
        if not re.fullmatch(r"#/components/\w+/[\w.-]+", reference):
            text = f"What refers to {reference!r} is dropped: write `#/components/<kind>/<Name>` and move it there."
            yield (*where, "$ref"), text
        elif kind is not None and reference.split("/")[2] != kind:
            yield (*where, "$ref"), f"{reference!r} is not what belongs here: write `#/components/{kind}/<Name>`."
        elif document.resolve(reference) is None:
            yield (*where, "$ref"), f"{reference!r} leads nowhere: write the name of a component that exists."


def check_keywords(document: Document) -> Iterator[Finding]:
    """Names in schemas that mean nothing there, and are passed over by all but the one who wrote them."""
    for where, schema in document.schemas.items():
        if not isinstance(schema, Mapping):
            continue
        for key in schema:
            if key == "nullable":
                yield (*where, key), "`nullable` is of OpenAPI 3.0: write `type: [..., 'null']`."
            elif key not in KEYWORDS and not key.startswith("x-"):
                near = difflib.get_close_matches(key, KEYWORDS, n=1)
                hint = f": write `{near[0]}`" if near else ""
                yield (*where, key), f"{key!r} means nothing in a schema{hint}."
        whole = document.schemas[where[:-2]] if where[-2:-1] == ("allOf",) else schema
        names = _field_names(document, whole)
        for index, name in enumerate(schema.get("required", ())):
            if names and name not in names:
                yield (*where, "required", index), f"{name!r} is required and is no field of it: write one that is."


def check_schemas(document: Document) -> Iterator[Finding]:
    """Parts of JSON Schema that the generator passes over, or turns into a class that does not work."""
    for where, schema in document.schemas.items():
        if isinstance(schema, bool):
            if where[-1] not in ("additionalProperties", "unevaluatedProperties"):
                yield where, f"The schema `{str(schema).lower()}` is not understood: write `{{}}` for anything."
            continue
        if not isinstance(schema, Mapping):
            continue
        if "x-ttp" in schema and not _are_generations(schema["x-ttp"]):
            allowed = ", ".join(GENERATIONS)
            yield (*where, "x-ttp"), f"Which TTP has it? Write `x-ttp: [...]` with one or more of {allowed}."
        if "x-default" in schema and not Draft202012Validator(_plain(schema)).is_valid(schema["x-default"]):
            yield (*where, "x-default"), f"{schema['x-default']!r} is sent by default, and not taken: write what is."
        if "$defs" in schema:
            yield (*where, "$defs"), "`$defs` are dropped with what refers to them: move them to components/schemas."
        if "patternProperties" in schema:
            text = (
                "`patternProperties` is ignored: write `additionalProperties:` with the schema, and `propertyNames:`."
            )
            yield (*where, "patternProperties"), text
        for name in schema.get("properties", {}):
            if _python_name(name) in BREAKING_NAMES:
                text = f"A property called {name!r} breaks the class made of it: give it another name."
                yield (*where, "properties", name), text
        members = [(key, part) for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, [])]
        if len(members) == 1 and isinstance(members[0][1], Mapping) and "$ref" in members[0][1]:
            key = members[0][0]
            text = f"`{key}` of one `$ref` is taken for what it refers to, all else is lost: add a second, inline part."
            yield (*where, key), text
        for index, part in enumerate(schema.get("allOf", [])):
            inner = _target(document, part)
            if isinstance(inner, Mapping) and isinstance(inner.get("additionalProperties"), Mapping):
                text = "Typed `additionalProperties` inside an `allOf` are lost: write them beside the `allOf`."
                yield (*where, "allOf", index), text
        for key in ("anyOf", "oneOf"):
            options = [_target(document, option) for option in schema.get(key, [])]
            if options and {"properties", "additionalProperties", "allOf"} & schema.keys():
                text = f"The fields beside `{key}` are lost: write them in each of its options."
                yield (*where, key), text
            if any(_has_type(option, "null") for option in options) and any(_is_object(option) for option in options):
                text = f"`{key}` of an object and null gives a plain dict when parsing fails: write the object alone."
                yield (*where, key), text
        if _has_type(schema, "null") and _is_object(schema):
            text = "An object or null gives a plain dict when parsing fails: write `type: object`."
            yield (*where, "type"), text


def check_requests(document: Document) -> Iterator[Finding]:
    """What is sent is described strictly: no field that is not named."""
    for where, is_part in document.reachable("requestBody"):
        schema = document.schemas[where]
        if is_part or not isinstance(schema, Mapping) or not _is_object(schema):
            continue
        rest = schema.get("unevaluatedProperties", schema.get("additionalProperties", True))
        if rest is True or rest == {}:
            word = "unevaluatedProperties" if "allOf" in schema else "additionalProperties"
            text = (
                f"A request that takes any field hides typing errors: write `{word}: false`, or the schema of the rest."
            )
            yield where, text


def check_answers(document: Document) -> Iterator[Finding]:
    """What is answered is described leniently: the generated class must not fail on what a TTP adds."""
    for where, _ in document.reachable("responses"):
        schema = document.schemas[where]
        if not isinstance(schema, Mapping):
            continue
        for word in ("enum", "const"):
            if word in schema:
                text = (
                    f"A new value would cost the user the whole answer: leave `{word}` out, name the values in words."
                )
                yield (*where, word), text
        if schema.get("format") in ("date", "date-time", "uuid", "binary") and not _has_a_plain_text_after_it(
            document, where
        ):
            text = (
                f"Any other form than {schema['format']} could not be read: write `type: string` without a format, or "
                "`anyOf` with that as its last option."
            )
            yield (*where, "format"), text
        for word in ("additionalProperties", "unevaluatedProperties"):
            if schema.get(word) is False:
                yield (*where, word), f"A field that is new in an answer would be lost: leave `{word}: false` out."


def _has_a_plain_text_after_it(document: Document, where: Pointer) -> bool:
    """Whether what cannot be read in the form of a schema is read as text, by an option that follows it."""
    *above, word, number = where
    return word == "anyOf" and any(
        document.schemas.get((*above, word, later)) == {"type": "string"} for later in range(int(number) + 1, 9)
    )


def check_words(document: Document) -> Iterator[Finding]:
    """Parameters are described, and bodies and answers shown by an example."""
    for where, node in document.objects():
        is_parameter = where[-2:-1] == ("parameters",) and (where[0] == "components" or isinstance(where[-1], int))
        if is_parameter and "$ref" not in node and not node.get("description"):
            yield where, f"The parameter {node.get('name')!r} is not described: write `description:`."
        is_media = where[-2:-1] == ("content",) and where[-3:-2] != ("properties",)
        if is_media and "example" not in node and not node.get("examples"):
            yield where, "What is sent or answered here is not shown: write `example:`."


def check_use(document: Document) -> Iterator[Finding]:
    """No component is left over, which no rule about requests and answers would reach."""
    used: set[str] = set()

    def follow(node: object, pointer: Pointer) -> None:
        if isinstance(node, Mapping) and isinstance(reference := node.get("$ref"), str) and reference not in used:
            used.add(reference)
            follow(document.resolve(reference), tuple(reference.removeprefix("#/").split("/")))
        for key, value in _children(node, pointer):
            follow(value, (*pointer, key))

    follow(document.tree.get("paths", {}), ("paths",))
    for kind in COMPONENTS:
        for name in document.tree.get("components", {}).get(kind, {}):
            if f"#/components/{kind}/{name}" not in used:
                yield ("components", kind, name), f"No operation leads to {name!r}: refer to it or delete it."


# By turns: each turn relies on what the ones before it have found to be in order.
CHECKS: tuple[tuple[Callable[[Document], Iterator[Finding]], ...], ...] = (
    (check_data,),
    (check_values,),
    (check_shape,),
    (check_schema_shape,),
    (check_references,),
    (
        check_operations,
        check_paths,
        check_keywords,
        check_schemas,
        check_requests,
        check_answers,
        check_words,
    ),
    (check_validity, check_fields, check_use),
)


def _schemas_in(schema: object, pointer: Pointer) -> Iterator[tuple[Pointer, object]]:
    yield pointer, schema
    if not isinstance(schema, Mapping):
        return
    for key in SCHEMA_MAPS:
        for name, part in schema.get(key, {}).items():
            yield from _schemas_in(part, (*pointer, key, name))
    for key in SCHEMA_LISTS:
        for index, part in enumerate(schema.get(key, [])):
            yield from _schemas_in(part, (*pointer, key, index))
    for key in SCHEMA_ITEMS:
        if key in schema:
            yield from _schemas_in(schema[key], (*pointer, key))


def _target(document: Document, schema: object) -> object:
    """The schema itself, or the one that it leads to by one reference or more."""
    seen: set[str] = set()
    while isinstance(schema, Mapping) and isinstance(reference := schema.get("$ref"), str) and reference not in seen:
        seen.add(reference)
        schema = document.resolve(reference)
    return schema


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a schema that say what it takes by itself."""
    return {key: value for key, value in schema.items() if key in ("type", "enum", "minimum", "maximum")}


def _are_generations(names: object) -> bool:
    return isinstance(names, list) and bool(names) and all(name in GENERATIONS for name in names)


def _referred_kind(document: Document, where: Pointer) -> str | None:
    """The kind of component that a reference at this place has to lead to; None where any may stand."""
    if where in document.schemas:
        return "schemas"
    if where[-1] == "requestBody":
        return "requestBodies"
    holder = str(where[-2]) if len(where) > 1 else ""
    return holder if holder in ("parameters", "responses", "headers") else None


def _field_names(document: Document, schema: object) -> set[str] | None:
    """The fields of a schema and of all its parts; None when it has some that are not named there."""
    schema = _target(document, schema)
    if not isinstance(schema, Mapping) or {"anyOf", "oneOf"} & schema.keys():
        return None
    if isinstance(schema.get("additionalProperties"), Mapping):
        return None
    names = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        of_part = _field_names(document, part)
        if of_part is None:
            return None
        names |= of_part
    return names


def _is_described(document: Document, schema: object) -> bool:
    """Whether a field says what it is: in its own words, or as what it refers to or is a list of."""
    seen: list[object] = []
    while isinstance(schema, Mapping) and "description" not in schema and schema not in seen:
        seen.append(schema)
        schema = document.resolve(schema["$ref"]) if "$ref" in schema else schema.get("items")
    return isinstance(schema, Mapping) and "description" in schema


def _has_type(schema: object, name: str) -> bool:
    types = schema.get("type") if isinstance(schema, Mapping) else None
    return name == types or (isinstance(types, list) and name in types)


def _is_object(schema: object) -> bool:
    return isinstance(schema, Mapping) and (_has_type(schema, "object") or "properties" in schema or "allOf" in schema)


def _python_name(name: str) -> str:
    """The attribute that the generator makes of a property's name."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[- .]+", "_", name).lower()


def _first_line(message: str) -> str:
    return f"{message.splitlines()[0].rstrip('.')}."


def _children(node: object, pointer: Pointer) -> Iterator[tuple[str | int, object]]:
    """The parts of an object or a list, but not its examples."""
    if isinstance(node, Mapping):
        is_map = pointer[-1:] and pointer[-1] in SCHEMA_MAPS
        yield from ((key, value) for key, value in node.items() if is_map or key not in ("example", "examples"))
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
    if not path.is_file():
        parser.error(f"there is no file {path}")
    if problems := find_problems(path):
        print(report(path, problems))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
