"""What a file of a grid holds, and where: nested for who reads it, and item by item for who compares it."""

import functools
import inspect
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from synergos.common.checks import Addressable, Between, Id, check, unknown_name
from synergos.connect.collaborations import CollaborationTask
from synergos.connect.experiments import ExperimentTask
from synergos.connect.participants import ParticipantTask
from synergos.connect.projects import ProjectTask
from synergos.connect.registrations import Node, RegistrationTask
from synergos.connect.runs import RunTask
from synergos.connect.tags import TagTask
from synergos.errors import InvalidArgument

VERSION = 1
Grid = Mapping[str, Any]
Fields = dict[str, Any]

# The kinds of items, in the order in which they are made: each after what it needs.
TASKS: dict[str, type] = {
    "participants": ParticipantTask,
    "collaborations": CollaborationTask,
    "projects": ProjectTask,
    "experiments": ExperimentTask,
    "runs": RunTask,
    "registrations": RegistrationTask,
    "tags": TagTask,
}
# The id that names an item below its parent, and the sections of items that are below it.
_OWN_ID = {
    "participants": "participant_id",
    "collaborations": "collab_id",
    "projects": "project_id",
    "experiments": "expt_id",
    "runs": "run_id",
    "registrations": "participant_id",
}
_BELOW: dict[str, tuple[str, ...]] = {
    "": ("participants", "projects", "collaborations"),
    "collaborations": ("projects",),
    "projects": ("experiments", "registrations"),
    "experiments": ("runs",),
}
_HEAD = {"synergos": "version of this form of file", "complete": "whether the grid has nothing but this"}


class Item(NamedTuple):
    """Which item: its kind, and its ids by name."""

    kind: str
    ids: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.kind} {'/'.join(value for _, value in self.ids)}"


Items = dict[Item, Fields]


@functools.cache
def arguments(kind: str) -> dict[str, inspect.Parameter]:
    """What `create` of a kind of items takes besides ids."""
    found = inspect.signature(TASKS[kind].create).parameters  # type: ignore[attr-defined]
    return {name: one for name, one in found.items() if name != "self" and not name.endswith("_id")}


def flatten(grid: Grid) -> Items:
    """The items of a grid, each after its parent.

    Raises:
        InvalidArgument: When something in it cannot be right; the message says where.
    """
    head = {
        name: value for name, value in _mapping("the file", grid).items() if name in (*_HEAD, "$schema", "$comment")
    }
    if head.get("synergos", VERSION) != VERSION:
        raise InvalidArgument(f"[apply] synergos: {head['synergos']!r} is not known: this release reads {VERSION}.")
    check("apply", "complete", head.get("complete", False), bool)
    body = {name: value for name, value in grid.items() if name not in head}
    _refuse_unknown("the file", body, _BELOW[""])
    return dict(_flat("", body, ()))


def nest(items: Items) -> dict[str, Any]:
    """The grid of items that `flatten` takes apart."""
    grid: dict[str, Any] = {}
    for item, fields in items.items():
        place = grid
        kind_of = {name: kind for kind, name in _OWN_ID.items() if kind != "registrations"}
        ids = list(item.ids)
        for name, value in ids[:-1]:
            place = place[kind_of[name]][value]
        if item.kind == "tags":
            place["registrations"][ids[-1][1]]["tags"] = dict(fields)
        else:
            place.setdefault(item.kind, {})[ids[-1][1]] = dict(fields)
    return grid


def _flat(kind: str, found: Mapping[str, Any], ids: tuple[tuple[str, str], ...]) -> Iterator[tuple[Item, Fields]]:
    for section in _BELOW.get(kind, ()):
        where = "/".join([*(value for _, value in ids), section])
        for name, value in _mapping(where, _or_empty(found.get(section))).items():
            place = f"{where}/{name}"
            own = (*ids, (_OWN_ID[section], check("apply", place, name, Id)))
            fields = _mapping(place, _or_empty(value))
            below = (*_BELOW.get(section, ()), *(["tags"] if section == "registrations" else []))
            yield Item(section, own), _checked(section, place, fields, below)
            yield from _flat(section, fields, own)
            if section == "registrations" and fields.get("tags") is not None:
                tags = _mapping(f"{place}/tags", fields["tags"])
                yield Item("tags", own), _checked("tags", f"{place}/tags", tags, ())


def _checked(kind: str, place: str, fields: Mapping[str, Any], below: Sequence[str]) -> Fields:
    known = arguments(kind)
    takes_any = next((one for one in known.values() if one.kind is one.VAR_KEYWORD), None)
    found: Fields = {}
    for name, value in fields.items():
        if name in below:
            continue
        parameter = known.get(name) if takes_any is None or name != takes_any.name else None
        if parameter is None:
            names = [*(one.name for one in known.values() if one is not takes_any), *below]
            if problem := unknown_name("field", name, names, takes_any=takes_any is not None):
                raise InvalidArgument(f"[apply] {place}: {problem}")
            parameter = takes_any
        assert parameter is not None
        found[name] = check("apply", f"{place}/{name}", value, parameter.annotation)
    for index, node in enumerate(found.get("nodes") or ()):
        _mapping(f"{place}/nodes[{index}]", node)
        try:
            Node(**node)
        except TypeError as error:
            raise InvalidArgument(f"[apply] {place}/nodes[{index}]: {error}.") from None
    return found


def _refuse_unknown(place: str, found: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in found:
        if name not in known:
            raise InvalidArgument(f"[apply] {place}: {unknown_name('section', name, known, takes_any=False)}")


def _mapping(place: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidArgument(
            f"[apply] {place}: it must be a mapping of names to what they name, and is {value!r:.80}."
        )
    return value


def _or_empty(value: object) -> object:
    """A name with nothing behind it is None in YAML."""
    return {} if value is None else value


def schema() -> dict[str, Any]:
    """The form of a file as JSON schema, for editors: made of what the driver takes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Synergos grid",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "$schema": {"type": "string"},
            "$comment": {"type": "string"},
            "synergos": {"const": VERSION, "description": _HEAD["synergos"]},
            "complete": {"type": "boolean", "description": _HEAD["complete"]},
            **{section: _section(section) for section in _BELOW[""]},
        },
    }


def _section(kind: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _one(kind)}


def _one(kind: str) -> dict[str, Any]:
    known = arguments(kind).values()
    named = [one for one in known if one.kind is not one.VAR_KEYWORD]
    below = {section: _section(section) for section in _BELOW.get(kind, ())}
    tags = {"tags": _one("tags")} if kind == "registrations" else {}
    return {
        "type": "object",
        "additionalProperties": len(named) < len(known),
        "properties": {**{one.name: _form(one.annotation) for one in named}, **below, **tags},
        "required": [one.name for one in named if one.default is one.empty],
    }


_FORMS = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}


def _form(annotation: Any) -> dict[str, Any]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        bounds = [one for one in parts[1:] if isinstance(one, Between)]
        ids = [{"pattern": "^[^/]+$"} for one in parts[1:] if isinstance(one, Addressable)]
        limits = [{"minimum": one.least, **({} if one.most is None else {"maximum": one.most})} for one in bounds]
        return {key: value for part in [_form(parts[0]), *limits, *ids] for key, value in part.items()}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_form(part) for part in parts]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _form(parts[1])}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": _form(parts[0])}
    return {"type": _FORMS[annotation]} if annotation in _FORMS else {}
