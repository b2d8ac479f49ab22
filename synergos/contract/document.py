"""One view of a REST interface, whether it is written down as OpenAPI 3 or as Swagger 2.0.

Schemas are seen as what they come to: references followed, the parts of an `allOf` put together.
"""

import functools
import importlib.resources
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synergos.common.text import printable
from synergos.errors import InvalidArgument, SynergosError

Tree = Mapping[str, Any]

METHODS = ("get", "post", "put", "delete", "patch", "head", "options")
KINDS = frozenset(["array", "boolean", "integer", "null", "number", "object", "string"])
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
FORMS = ("pattern", "format", "multipleOf", "uniqueItems", "propertyNames", "not")


class Unusable(Exception):
    """What was given cannot be worked with: no document, no TTP, nothing that is of one.

    Attributes:
        kind: What a driver raises for the like of it.
    """

    def __init__(self, message: str, kind: type[SynergosError] = InvalidArgument) -> None:
        super().__init__(message)
        self.kind = kind

    def __str__(self) -> str:
        return printable(super().__str__())


@dataclass(frozen=True)
class Place:
    """A schema with the document it stands in and a name for where.

    Attributes:
        document: What its references lead into.
        schema: The schema.
        where: Its name in reports: a component, and below it the fields.
    """

    document: "Document"
    schema: Tree
    where: str

    @property
    def reference(self) -> str | None:
        """The reference that it is, if it is one."""
        return self.schema.get("$ref")


@dataclass(frozen=True)
class View:
    """What a schema comes to.

    Attributes:
        where: Its name in reports.
        kinds: The JSON types that it takes.
        fields: The fields of an object, by name.
        required: The fields that must be there.
        rest: What further fields there may be: any (True), none (False), or those of a schema.
        items: What an array holds, if that is said.
        options: The schemas of which it may be any one.
        values: The only values allowed, as JSON; None for any.
        limits: Bounds, pattern, format and the like, by their keyword.
        default: The default as JSON; None when there is none.
    """

    where: str
    kinds: frozenset[str]
    fields: Mapping[str, Place]
    required: frozenset[str]
    rest: bool | Place
    items: Place | None
    options: tuple[Place, ...]
    values: frozenset[str] | None
    limits: Mapping[str, Any]
    default: str | None

    @property
    def is_anything(self) -> bool:
        """Whether nothing is said of its type."""
        return self.kinds == KINDS


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation other than its body.

    Attributes:
        name: Its name.
        location: `path`, `query`, `header` or `cookie`.
        required: Whether it must be given.
        place: Its schema.
    """

    name: str
    location: str
    required: bool
    place: Place


@dataclass(frozen=True, eq=False)
class Operation:
    """One method of one route.

    Attributes:
        document: What describes it.
        method: The HTTP method in capitals.
        path: The path, with the names of ids in braces.
        name: Its operationId; may be empty.
        tag: The first tag it stands under; may be empty.
        generations: The TTPs that serve it, by `x-ttp`.
        alias_of: The operation that it is a second path to, by `x-alias-of`; empty for most.
        parameters: Its parameters.
        body: The schema of what may be sent; None for nothing.
        body_required: Whether a body must be sent.
        answers: The schema of what is answered, by status; None for an answer that is not described.
    """

    document: "Document"
    method: str
    path: str
    name: str
    tag: str
    generations: frozenset[str]
    alias_of: str
    parameters: tuple[Parameter, ...]
    body: Place | None
    body_required: bool
    answers: Mapping[str, Place | None]

    @property
    def route(self) -> tuple[str, str]:
        """What tells it from others: method and path, whatever the ids in the path are called."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the ids in its path."""
        return tuple(re.findall(r"\{([^}]*)\}", self.path))

    @property
    def label(self) -> str:
        """Method and path, as people write them."""
        return f"{self.method} {self.path}"

    @property
    def title(self) -> str:
        """Its name, or method and path when it has none."""
        return self.name or self.label

    @property
    def success(self) -> str:
        """The status of a success."""
        return next((status for status in self.answers if status.startswith("2")), "200")

    @property
    def is_list(self) -> bool:
        """Whether the data of a success are a list."""
        answer = self.answers.get(self.success)
        data = self.document.view(answer).fields.get("data") if answer else None
        return data is not None and self.document.view(data).kinds == {"array"}


@dataclass(frozen=True, eq=False)
class Document:
    """An OpenAPI 3 or Swagger 2.0 document.

    Attributes:
        tree: The document as JSON was read.
        source: Where it is from.
    """

    tree: Tree
    source: str = ""
    _views: dict[int, tuple[Tree, View]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, tree: object, source: str) -> "Document":
        """Take what was read for a document.

        Args:
            tree: What was read.
            source: Where from; it stands in errors.

        Raises:
            Unusable: When it is neither OpenAPI 3 nor Swagger 2.0.
        """
        if not isinstance(tree, Mapping) or not isinstance(tree.get("paths"), Mapping):
            raise Unusable(f"{source} is no OpenAPI or Swagger document: it has no `paths`.")
        version = str(tree.get("openapi") or tree.get("swagger"))
        if not version.startswith(("3.", "2.")):
            raise Unusable(f"{source} says it is neither OpenAPI 3 nor Swagger 2.0.")
        return cls(tree, source)

    @property
    def is_swagger(self) -> bool:
        """Whether it is Swagger 2.0: these are written by Flask-RESTX, with habits of its own."""
        return "swagger" in self.tree

    @functools.cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation."""
        try:
            return tuple(self._operations())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unusable(f"{self.source} is not well formed: {type(error).__name__} {error}.") from error

    def view(self, place: Place) -> View:
        """What a schema comes to."""
        known = self._views.get(id(place.schema))
        # The schema is kept with its view, so that no other one gets its number.
        if known is None or known[0] is not place.schema or known[1].where != _start(place):
            try:
                view = _view(list(self._parts(place, frozenset())), _start(place))
            except RecursionError as error:
                raise Unusable(f"{self.source}: the schema of {place.where} has no end.") from error
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                text = f"{self.source}: the schema of {place.where} is not well formed: {error}."
                raise Unusable(text) from error
            known = place.schema, view
            self._views[id(place.schema)] = known
        return known[1]

    def _operations(self) -> Iterator[Operation]:
        base = str(self.tree.get("basePath", "")).rstrip("/") if self.is_swagger else ""
        for path, item in self.tree["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(method, f"{base}{path}", item, item[method])

    def _operation(self, method: str, path: str, item: Tree, described: Tree) -> Operation:
        shared = [self.resolve(parameter) for parameter in item.get("parameters") or []]
        own = [self.resolve(parameter) for parameter in described.get("parameters") or []]
        overridden = {(parameter["name"], parameter["in"]) for parameter in own}
        given = [one for one in shared if (one["name"], one["in"]) not in overridden] + own
        sent = next((one for one in given if one["in"] == "body"), None)
        body, is_required = self._body(sent, described)
        answers = {str(status): self._answer(status, answer) for status, answer in described["responses"].items()}
        return Operation(
            document=self,
            method=method.upper(),
            path=path,
            name=str(described.get("operationId") or ""),
            tag=next(iter(described.get("tags") or []), ""),
            generations=frozenset(described.get("x-ttp", [])),
            alias_of=str(described.get("x-alias-of") or ""),
            parameters=tuple(self._parameter(one) for one in given if one["in"] != "body" and not _is_mask(one)),
            body=body,
            body_required=is_required,
            answers=answers,
        )

    def _body(self, sent: Tree | None, described: Tree) -> tuple[Place | None, bool]:
        if self.is_swagger:
            return (Place(self, sent["schema"], "body"), bool(sent.get("required"))) if sent else (None, False)
        if "requestBody" not in described:
            return None, False
        body = self.resolve(described["requestBody"])
        return self._content(body, "body"), bool(body.get("required"))

    def _answer(self, status: object, answer: Tree) -> Place | None:
        answer = self.resolve(answer)
        if not self.is_swagger:
            return self._content(answer, str(status))
        return Place(self, answer["schema"], str(status)) if "schema" in answer else None

    def _content(self, part: Tree, where: str) -> Place | None:
        media = part.get("content", {}).get("application/json", {})
        return Place(self, media["schema"], where) if "schema" in media else None

    def _parameter(self, described: Tree) -> Parameter:
        schema, about = described.get("schema", described), ("name", "in", "required")
        return Parameter(
            name=described["name"],
            location=described["in"],
            required=described["in"] == "path" or bool(described.get("required")),
            place=Place(self, {key: value for key, value in schema.items() if key not in about}, ""),
        )

    def resolve(self, node: Tree) -> Tree:
        """What a reference leads to, or what is no reference as it is."""
        seen: set[str] = set()
        while isinstance(reference := node.get("$ref"), str):
            target: Any = self.tree if reference.startswith("#/") and reference not in seen else None
            seen.add(reference)
            for step in reference.removeprefix("#/").split("/"):
                target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
            if not isinstance(target, Mapping):
                raise Unusable(f"{self.source}: the reference {reference!r} leads nowhere.")
            node = target
        return node

    def _parts(self, place: Place, seen: frozenset[str]) -> Iterator[Place]:
        """The schemas that a schema is put together from, none of them a reference or an `allOf`."""
        schema, where = place.schema, place.where
        if (reference := place.reference) is not None and reference not in seen:
            name = reference.rpartition("/")[2]
            yield from self._parts(Place(self, self.resolve(schema), name), seen | {reference})
        for member in schema.get("allOf", []):
            yield from self._parts(Place(self, member, where), seen)
        own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        if found := _beside_null(own):
            word, option = found
            for part in self._parts(Place(self, option, where), seen):
                yield Place(self, {**part.schema, "nullable": True}, part.where)
            del own[word]
        if own:
            yield Place(self, _plain(own) if self.is_swagger else own, where)


@functools.cache
def shipped() -> Document:
    """The contract that this version of the client is made from."""
    text = importlib.resources.files("synergos_client").joinpath("openapi.json").read_text(encoding="utf-8")
    return Document.of(json.loads(text), "the contract")


def read_file(path: Path) -> Document:
    """Read a saved document.

    Args:
        path: A JSON file.

    Raises:
        Unusable: When there is none, or it is no document.
    """
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path} is not JSON: {error}.") from error
    return Document.of(tree, str(path))


def in_words(kinds: Iterable[str]) -> str:
    """JSON types as text."""
    names = sorted(kinds)
    if set(names) == KINDS:
        return "anything"
    return " or ".join(name for name in names if name != "integer" or "number" not in names) or "nothing"


def _is_mask(parameter: Tree) -> bool:
    """Whether it is Flask-RESTX's own header, which every route of it takes."""
    return bool(parameter["name"].lower() == "x-fields" and parameter["in"] == "header")


def _plain(schema: Tree) -> Tree:
    """A schema of Flask-RESTX as it is meant: `*` stands for any further field, a bare object for anything."""
    if schema.keys() <= {"type", "description", "title", "example", "readOnly"} and schema.get("type") == "object":
        return {key: value for key, value in schema.items() if key != "type"}
    fields = schema.get("properties", {})
    if "*" not in fields:
        return schema
    named = {name: value for name, value in fields.items() if name != "*"}
    return {**schema, "properties": named, "additionalProperties": fields["*"].get("additionalProperties", True)}


def _schema(node: object) -> Tree:
    """A schema as an object: true takes anything, and false nothing."""
    if isinstance(node, bool):
        return {} if node else {"type": []}
    if not isinstance(node, Mapping):
        raise TypeError(f"{node!r} is no schema")
    return node


def _beside_null(schema: Tree) -> tuple[str, Tree] | None:
    """The only schema beside null in an `anyOf` or `oneOf`, which is to say that it may also be null; and the word."""
    for word in ("anyOf", "oneOf"):
        options = [_schema(one) for one in schema.get(word, [])]
        others = [one for one in options if one.get("type") != "null"]
        if len(others) == 1 and len(options) == 2:
            return word, others[0]
    return None


def _start(place: Place) -> str:
    """The name of where a schema begins: that of the component that it refers to, alone, with words or beside null."""
    if place.reference:
        return place.reference.rpartition("/")[2]
    if place.schema.keys() & {"properties", "required"}:
        return place.where
    found, parts = _beside_null(place.schema), place.schema.get("allOf", [])
    inner = found[1] if found else parts[0] if len(parts) == 1 else None
    return place.where if inner is None else _start(Place(place.document, inner, place.where))


def _view(parts: list[Place], where: str) -> View:
    kinds = KINDS
    limits: dict[str, Any] = {}
    fields: dict[str, Place] = {}
    required: set[str] = set()
    values: frozenset[str] | None = None
    rest: bool | Place = True
    items: Place | None = None
    default: str | None = None
    options: list[Place] = []
    for part in parts:
        schema = part.schema
        kinds &= _kinds(part)
        required |= set(schema.get("required", []))
        for name, value in schema.get("properties", {}).items():
            fields[name] = _joined(fields.get(name), Place(part.document, _schema(value), f"{part.where}.{name}"))
        for word in ("additionalProperties", "unevaluatedProperties"):
            if word in schema and rest is not False:
                rest = _rest(part, schema[word])
        if isinstance(schema.get("items"), Mapping):
            items = Place(part.document, schema["items"], f"{part.where}[]")
        if "enum" in schema or "const" in schema:
            allowed = frozenset(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
            values = allowed if values is None else values & allowed
        limits = _stricter(limits, _limits(schema))
        if "default" in schema:
            default = json.dumps(schema["default"])
        options += _options(part)
        if option := _option(part, "object"):
            # One option among others: its fields are known, and none is sure to be there.
            fields |= option.fields
            rest = option.rest if rest is True else rest
        if items is None and (option := _option(part, "array")):
            items = option.items
    return View(where, kinds, fields, frozenset(required), rest, items, tuple(options), values, limits, default)


def _limits(schema: Tree) -> dict[str, Any]:
    """The bounds and forms of a schema; a `not` that names types only is seen as the types it leaves."""
    found = {word: schema[word] for word in (*LOWER_BOUNDS, *UPPER_BOUNDS) if word in schema}
    for word, bound in found.items():
        if not isinstance(bound, int | float):
            raise TypeError(f"{word} is {bound!r}")
    for word in FORMS:
        form = schema.get(word, False)
        if form is not False and not (word == "not" and "type" in form):
            found[word] = form if isinstance(form, str) else json.dumps(form, sort_keys=True)
    return found


def _stricter(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """The limits of both: of two bounds the one that allows less."""
    both = {**first, **second}
    for word in first.keys() & second.keys():
        if word in LOWER_BOUNDS:
            both[word] = max(first[word], second[word])
        elif word in UPPER_BOUNDS:
            both[word] = min(first[word], second[word])
    return both


def _rest(part: Place, schema: object) -> bool | Place:
    if isinstance(schema, Mapping) and schema:
        return Place(part.document, schema, f"{part.where}.*")
    return schema is not False


def _joined(first: Place | None, second: Place) -> Place:
    if first is None:
        return second
    return Place(second.document, {"allOf": [first.schema, second.schema]}, second.where)


def _options(part: Place) -> list[Place]:
    found = [one for word in ("anyOf", "oneOf") for one in part.schema.get(word, [])]
    return [Place(part.document, _schema(one), part.where) for one in found]


def _option(part: Place, kind: str) -> View | None:
    """The only option of an `anyOf` that is of a type, if there is just one."""
    views = map(part.document.view, _options(part))
    found = [option for option in views if kind in option.kinds and not option.is_anything]
    return found[0] if len(found) == 1 else None


def _kinds(part: Place) -> frozenset[str]:
    """The JSON types that a schema takes; whole numbers count as numbers too."""
    schema = part.schema
    kinds = KINDS
    if "type" in schema:
        kinds &= _expanded(schema["type"])
    elif "not" in schema and "type" in schema["not"]:
        kinds -= _expanded(schema["not"]["type"])
    elif schema.keys() & {"properties", "additionalProperties", "unevaluatedProperties"}:
        kinds = frozenset(["object"])
    if options := _options(part):
        kinds &= frozenset().union(*(part.document.view(option).kinds for option in options))
    # OpenAPI 3.0 says so what 3.1 says by the type.
    return kinds | {"null"} if schema.get("nullable") is True else kinds


def _expanded(types: str | list[str]) -> frozenset[str]:
    names = frozenset([types] if isinstance(types, str) else types)
    return names | {"integer"} if "number" in names else names
