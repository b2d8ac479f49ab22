"""What changed between two versions of an interface, as who calls it sees it.

What is sent may be allowed more freely, and what is answered promised more firmly: that breaks nobody. The other way
round breaks.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from synergos.contract.document import (
    FORMS,
    LOWER_BOUNDS,
    UPPER_BOUNDS,
    Operation,
    Parameter,
    Place,
    Tree,
    View,
    in_words,
)

Side = Literal["operation", "request", "answer"]
Effect = Literal["narrower", "wider", "breaking", "compatible"]

NAMED = 3


@dataclass(frozen=True)
class Change:
    """One change, and the operations that it is in.

    Attributes:
        kind: What sort of change, `field gone` for example.
        side: Whether it is in what is sent, in what is answered, or in the operation itself.
        where: What has changed: a field of a component, a parameter, a status.
        before: What it was; empty when that says nothing.
        after: What it is.
        breaking: Whether code that was right before may no longer be.
        operations: The operations that it is in, as they are called now.
    """

    kind: str
    side: Side
    where: str
    before: str
    after: str
    breaking: bool
    operations: tuple[Operation, ...] = ()

    @property
    def text(self) -> str:
        """The change in one line, without the operations."""
        detail = f": {self.before or 'nothing'} → {self.after or 'nothing'}" if self.before or self.after else ""
        where = f"{self.where}  " if self.where else ""
        return f"{where}{self.kind}{detail}"


def find_changes(old: Iterable[Operation], new: Iterable[Operation]) -> list[Change]:
    """Compare two versions of an interface.

    Args:
        old: The operations of the earlier version.
        new: Those of the later one.

    Returns:
        The changes, the breaking ones first. What is in several operations at once is one change.
    """
    found: dict[Change, dict[Operation, None]] = {}
    for before, after in _pairs(old, new):
        for change in _operation_changes(before, after):
            operation = after or before
            assert operation is not None
            found.setdefault(change, {})[operation] = None
    changes = [replace(one, operations=tuple(operations)) for one, operations in found.items()]
    return sorted(changes, key=lambda change: not change.breaking)


def _pairs(old: Iterable[Operation], new: Iterable[Operation]) -> Iterator[tuple[Operation | None, Operation | None]]:
    """What belongs together: the same route, or else the same name."""
    before, after = ({operation.route: operation for operation in side} for side in (old, new))
    left = {operation.name: operation for route, operation in before.items() if route not in after and operation.name}
    for route, operation in after.items():
        yield before.get(route) or left.pop(operation.name, None), operation
    for route, operation in before.items():
        if route not in after and (operation.name in left or not operation.name):
            yield operation, None


def _operation_changes(old: Operation | None, new: Operation | None) -> Iterator[Change]:
    if new is None:
        assert old is not None
        yield Change("operation gone", "operation", old.label, "", "", breaking=True)
    elif old is None:
        yield Change("operation added", "operation", new.label, "", "", breaking=False)
    else:
        yield from _identity_changes(old, new)
        yield from _parameter_changes(old, new)
        yield from _body_changes(old, new)
        yield from _answer_changes(old, new)


def _identity_changes(old: Operation, new: Operation) -> Iterator[Change]:
    if old.route != new.route:
        yield Change("path moved", "operation", "", old.label, new.label, breaking=True)
    if old.name != new.name:
        yield Change("operation renamed", "operation", "", old.name, new.name, breaking=True)
    if old.tag != new.tag:
        yield Change("tag renamed", "operation", "", old.tag, new.tag, breaking=True)
    for generation in sorted(old.generations - new.generations):
        yield Change("TTP dropped", "operation", generation, "", "", breaking=True)
    for generation in sorted(new.generations - old.generations):
        yield Change("TTP added", "operation", generation, "", "", breaking=False)


def _parameter_changes(old: Operation, new: Operation) -> Iterator[Change]:
    if len(old.ids) == len(new.ids):
        for before, after in zip(old.ids, new.ids, strict=True):
            if before != after:
                yield Change("path parameter renamed", "request", f"{{{after}}}", before, after, breaking=True)
        renamed = dict(zip(old.ids, new.ids, strict=True))
    else:
        renamed = {}
    described_before = {(one.location, renamed.get(one.name, one.name)): one for one in old.parameters}
    described_after = {(one.location, one.name): one for one in new.parameters}
    for key, parameter in described_before.items():
        if key not in described_after:
            yield Change("parameter gone", "request", _name(parameter), "", "", breaking=True)
            continue
        other = described_after[key]
        yield from _requirement(parameter.required, other.required, "request", "parameter", _name(other))
        old_place, new_place = (Place(one.place.document, one.place.schema, _name(one)) for one in (parameter, other))
        yield from _Comparison("request").compare(old_place, new_place)
    for key, parameter in described_after.items():
        if key not in described_before:
            kind = "required parameter added" if parameter.required else "parameter added"
            yield Change(kind, "request", _name(parameter), "", "", breaking=parameter.required)


def _body_changes(old: Operation, new: Operation) -> Iterator[Change]:
    if old.body is None and new.body is None:
        return
    if old.body is None:
        kind = "required body added" if new.body_required else "body added"
        yield Change(kind, "request", "body", "", "", breaking=new.body_required)
    elif new.body is None:
        yield Change("body gone", "request", "body", "", "", breaking=True)
    else:
        yield from _requirement(old.body_required, new.body_required, "request", "body", "body")
        yield from _Comparison("request").compare(old.body, new.body)


def _answer_changes(old: Operation, new: Operation) -> Iterator[Change]:
    for status, before in old.answers.items():
        if status not in new.answers:
            # An error that no longer comes breaks nobody.
            yield Change("status gone", "answer", status, "", "", breaking=status.startswith("2"))
            continue
        after = new.answers[status]
        if before is not None and after is not None:
            yield from _Comparison("answer").compare(before, after)
        elif before is not None:
            yield Change("answer no longer described", "answer", status, "", "", breaking=True)
        elif after is not None:
            yield Change("answer described", "answer", status, "", "", breaking=False)
    for status in new.answers:
        if status not in old.answers:
            yield Change("status added", "answer", status, "", "", breaking=False)


class _Comparison:
    """The comparison of what an operation is sent, or of what it answers: schemas, field by field."""

    def __init__(self, side: Side) -> None:
        self._side: Side = side
        # Schemas that were compared. They are kept with their numbers, so that no others get these.
        self._seen: dict[tuple[int, int], tuple[Tree, Tree]] = {}

    def compare(self, old: Place, new: Place) -> Iterator[Change]:
        """The changes from one schema to another and in all that they lead to, each pair of schemas once."""
        pair = id(old.schema), id(new.schema)
        if pair in self._seen:
            return
        self._seen[pair] = old.schema, new.schema
        before, after = old.document.view(old), new.document.view(new)
        # Swagger 2.0 knows no null, and what Flask-RESTX has no type for, it calls an object.
        no_null = old.document.is_swagger or new.document.is_swagger
        if no_null and (before.is_anything or after.is_anything):
            return
        ignored = frozenset(["null"]) if no_null else frozenset()
        had, has = before.kinds - ignored, after.kinds - ignored
        where = after.where
        if had != has:
            effect: Effect = "narrower" if has < had else "wider" if has > had else "breaking"
            yield self._change("type changed", where, in_words(had), in_words(has), effect)
        if not had & has:
            return
        yield from self._values(before, after)
        yield from self._limits(before, after)
        if self._side == "request" and before.default != after.default:
            yield self._change("default changed", where, before.default or "", after.default or "", "breaking")
        if "object" in had & has:
            yield from self._fields(before, after)
            yield from self._rest(before, after)
        if "array" in had & has:
            yield from self._items(before, after)
        yield from self._options(before, after)

    def _fields(self, before: View, after: View) -> Iterator[Change]:
        for name in {**before.fields, **dict.fromkeys(sorted(before.required | after.required))}:
            if (name in before.fields) == (name in after.fields):
                was, is_now = name in before.required, name in after.required
                yield from _requirement(was, is_now, self._side, "field", f"{after.where}.{name}")
        for name, field in before.fields.items():
            if name in after.fields:
                yield from self._generations(field, after.fields[name])
                yield from self._sent_by_default(field, after.fields[name])
                yield from self.compare(field, after.fields[name])
            else:
                # Where any field is taken it can still be sent, but the client's model no longer has it.
                yield self._change("field gone", field.where, "", "", "breaking")
        for name, field in after.fields.items():
            if name in before.fields:
                continue
            if isinstance(before.rest, Place):
                yield from self._named(before.rest, field, is_map=not before.fields)
            must_be_sent = self._side == "request" and name in after.required
            if must_be_sent:
                yield self._change("required field added", field.where, "", self._kinds(field), "breaking")
            elif not isinstance(before.rest, Place):
                yield self._change("field added", field.where, "", self._kinds(field), "compatible")

    def _generations(self, old: Place, new: Place) -> Iterator[Change]:
        """Which TTPs have a field; one that is not marked is of them all."""
        had, has = (one.schema.get("x-ttp") for one in (old, new))
        before, after = ("all" if one is None else ", ".join(one) for one in (had, has))
        if has is not None and (had is None or set(had) - set(has)):
            yield Change("TTP dropped", self._side, new.where, before, after, breaking=True)
        elif had is not None and (has is None or set(has) - set(had)):
            yield Change("TTP added", self._side, new.where, before, after, breaking=False)

    def _sent_by_default(self, old: Place, new: Place) -> Iterator[Change]:
        """What the driver sends where a field is not given."""
        before, after = (json.dumps(one.schema["x-default"]) if "x-default" in one.schema else "" for one in (old, new))
        if before != after:
            how = "changed" if before and after else "added" if after else "dropped"
            yield self._change(f"sent default {how}", new.where, before, after, "breaking")

    def _named(self, rest: Place, field: Place, *, is_map: bool) -> Iterator[Change]:
        """A field that was one of any name before, and has a schema of its own now.

        Beside other fields it is a new one. Where all names were free, one of these has only been written down.
        """
        allowed, now = rest.document.view(rest).kinds, field.document.view(field).kinds
        effect: Effect = "compatible" if now == allowed else "narrower" if now < allowed else "breaking"
        kind = "field named" if not is_map else "key named" if now <= allowed else "type changed"
        yield self._change(kind, field.where, in_words(allowed), in_words(now), effect)

    def _rest(self, before: View, after: View) -> Iterator[Change]:
        match before.rest, after.rest:
            case Place() as old, Place() as new:
                yield from self.compare(old, new)
            case old, new if old != new:
                order = [False, None, True]
                ranks = [order.index(None if isinstance(one, Place) else one) for one in (old, new)]
                effect: Effect = "narrower" if ranks[1] < ranks[0] else "wider"
                yield self._change("further fields", after.where, _rest_in_words(old), _rest_in_words(new), effect)

    def _items(self, before: View, after: View) -> Iterator[Change]:
        where = f"{after.where}[]"
        if before.items and after.items:
            yield from self.compare(before.items, after.items)
        elif after.items and not self._is_anything(after.items):
            yield self._change("items restricted", where, "anything", self._kinds(after.items), "narrower")
        elif before.items and not self._is_anything(before.items):
            yield self._change("items freed", where, self._kinds(before.items), "anything", "wider")

    def _options(self, before: View, after: View) -> Iterator[Change]:
        """What changed in the options of an `anyOf`, in whatever order these stand."""
        old, new = (sorted(view.options, key=self._kinds) for view in (before, after))
        if [*map(self._kinds, old)] == [*map(self._kinds, new)]:
            for option, other in zip(old, new, strict=True):
                yield from self.compare(option, other)
        elif before.kinds == after.kinds and old and new:
            effect: Effect = "narrower" if len(new) < len(old) else "wider" if len(new) > len(old) else "breaking"
            yield self._change("options changed", after.where, str(len(old)), str(len(new)), effect)

    def _values(self, before: View, after: View) -> Iterator[Change]:
        where = after.where
        if before.values is None and after.values is not None:
            yield self._change("values restricted", where, "any", ", ".join(sorted(after.values)), "narrower")
        elif before.values is not None and after.values is None:
            yield self._change("values freed", where, ", ".join(sorted(before.values)), "any", "wider")
        elif before.values is not None and after.values is not None:
            if gone := before.values - after.values:
                yield self._change("value gone", where, ", ".join(sorted(gone)), "", "narrower")
            if added := after.values - before.values:
                yield self._change("value added", where, "", ", ".join(sorted(added)), "wider")

    def _limits(self, before: View, after: View) -> Iterator[Change]:
        for word in (*LOWER_BOUNDS, *UPPER_BOUNDS, *FORMS):
            was, is_now = before.limits.get(word), after.limits.get(word)
            if was == is_now:
                continue
            effect: Effect
            if was is None or is_now is None:
                effect = "narrower" if was is None else "wider"
            elif word in LOWER_BOUNDS or word in UPPER_BOUNDS:
                effect = "narrower" if (is_now > was) == (word in LOWER_BOUNDS) else "wider"
            else:
                effect = "breaking"
            before_text, after_text = ("" if one is None else str(one) for one in (was, is_now))
            yield self._change(f"{word} changed", after.where, before_text, after_text, effect)

    def _kinds(self, place: Place) -> str:
        return in_words(place.document.view(place).kinds)

    def _is_anything(self, place: Place) -> bool:
        return place.document.view(place).is_anything

    def _change(self, kind: str, where: str, before: str, after: str, effect: Effect) -> Change:
        is_breaking = effect == "breaking" or effect == ("narrower" if self._side == "request" else "wider")
        return Change(kind, self._side, where, before, after, is_breaking)


def _requirement(was: bool, is_now: bool, side: Side, what: str, where: str) -> Iterator[Change]:
    if was == is_now:
        return
    if side == "request":
        kind = f"{what} newly required" if is_now else f"{what} newly optional"
        yield Change(kind, side, where, "", "", breaking=is_now)
    else:
        kind = f"{what} newly guaranteed" if is_now else f"{what} no longer guaranteed"
        yield Change(kind, side, where, "", "", breaking=was)


def _rest_in_words(rest: bool | Place) -> str:
    if isinstance(rest, Place):
        view = rest.document.view(rest)
        return "any, some described" if view.is_anything else in_words(view.kinds)
    return "any" if rest else "none"


def _name(parameter: Parameter) -> str:
    return f"{{{parameter.name}}}" if parameter.location == "path" else f"{parameter.location} {parameter.name}"


def as_data(changes: Iterable[Change]) -> list[Mapping[str, object]]:
    """The changes for JSON."""
    return [
        {
            "kind": change.kind,
            "breaking": change.breaking,
            "side": change.side,
            "where": change.where,
            "before": change.before,
            "after": change.after,
            "operations": [operation.title for operation in change.operations],
        }
        for change in changes
    ]


def as_text(changes: Iterable[Change]) -> str:
    """The changes as text, one a line, with the first of the operations that each is in."""
    lines = ((change, [operation.title for operation in change.operations]) for change in changes)
    return "\n".join(
        f"{'breaking' if change.breaking else 'compatible':<10}  {change.side:<9}  {change.text}  "
        f"({', '.join([*names[:NAMED], *[f'{len(names) - NAMED} more'] * (len(names) > NAMED)])})"
        for change, names in lines
    )
