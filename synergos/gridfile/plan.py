"""What is to be changed at a TTP so that it is as a file says."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import attrs

from synergos.connect.registrations import Node
from synergos.driver import Driver
from synergos.errors import InvalidArgument, NotFound
from synergos.gridfile.exporting import TOLD, UNTOLD, told_items
from synergos.gridfile.layout import TASKS, Fields, Grid, Item, Items, arguments, flatten

_MARKS = {"create": "+", "update": "~", "delete": "-"}
_ORDER = list(TASKS)


class Change(NamedTuple):
    """One thing that is made, changed or deleted.

    Attributes:
        action: What is done.
        item: With what.
        fields: What it is given: of an update, those fields that are different.
        before: Of an update, what those fields are now.
    """

    action: Literal["create", "update", "delete"]
    item: Item
    fields: Mapping[str, Any]
    before: Mapping[str, Any]

    def __str__(self) -> str:
        lines = [f"{_MARKS[self.action]} {self.item}"]
        for name, value in self.fields.items():
            was = f"{self.before.get(name)!r} -> " if self.action == "update" else ""
            lines.append(f"    {name}: {was}{value!r}")
        return "\n".join(lines)


@attrs.frozen(repr=False)
class Plan:
    """What is to be changed. Printed, it is a list; `apply()` does it. It is true when there is something to change.

    Attributes:
        changes: The changes, in the order in which they are made.
        notes: What is not compared or not known, a sentence each.
    """

    _driver: Driver
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    def apply(self) -> None:
        """Make the changes, one after the other.

        Raises:
            SynergosError: When one is refused. Those before it are made: plan again for the rest.
        """
        for change in self.changes:
            task = getattr(self._driver, change.item.kind)
            fields = dict(change.fields)
            if "nodes" in fields:
                fields["nodes"] = [Node(**node) for node in fields["nodes"]]
            getattr(task, change.action)(**dict(change.item.ids), **fields)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        if not self.changes:
            return "There is nothing to change."
        counts = {action: sum(one.action == action for one in self.changes) for action in _MARKS}
        listed = ", ".join(f"{count} to {action}" for action, count in counts.items() if count)
        return "\n".join([*map(str, self.changes), "", f"{listed}."])

    __repr__ = __str__


def plan_changes(driver: Driver, grid: Grid, *, prune: bool = False) -> Plan:
    """Find out what is to be changed so that a TTP is as a grid says. Nothing is changed.

    Fields and items that the grid does not name stay as they are. What an alignment has fitted in networks and runs
    stays as well, for it would have to be done again.

    Args:
        driver: A driver on the TTP.
        grid: The grid, as `export_grid` makes one and `read_grid` reads one.
        prune: Whether to delete what the projects of the grid do not name; of a grid that is `complete`, also whole
            participants, projects and collaborations.

    Returns:
        The plan.

    Raises:
        InvalidArgument: When something in the grid cannot be right, or what is to be made lacks something.
        SynergosError: Whatever reading raises.
    """
    wanted, there = flatten(grid), told_items(driver)
    notes: dict[str, None] = {}
    changes = []
    for item, fields in sorted(wanted.items(), key=lambda one: _ORDER.index(one[0].kind)):
        if item not in there:
            _check_new(item, fields, wanted, there)
            changes.append(Change("create", item, fields, {}))
            if item.kind == "runs" and (lacking := [name for name in UNTOLD if name not in fields]):
                known = arguments("runs")
                shown = ", ".join(f"{name}={known[name].default}" for name in lacking)
                notes[f"{item}: the file does not name {', '.join(lacking)}; it is made with {shown}."] = None
            continue
        different = _different(driver, item, fields, there[item], notes)
        if different:
            before = {name: there[item].get(name) for name in different}
            changes.append(Change("update", item, different, before))
    if prune:
        changes += _deletions(wanted, there, is_complete=bool(grid.get("complete")))
    return Plan(driver, tuple(changes), tuple(notes))


def _check_new(item: Item, fields: Fields, wanted: Items, there: Items) -> None:
    needed = [name for name, one in arguments(item.kind).items() if one.default is inspect.Parameter.empty]
    needed = [name for name in needed if arguments(item.kind)[name].kind is not inspect.Parameter.VAR_KEYWORD]
    if missing := [name for name in needed if name not in fields]:
        raise InvalidArgument(f"[apply] {item} is not there yet, and the file does not say its {', '.join(missing)}.")
    if item.kind == "registrations":
        if Item("participants", item.ids[-1:]) not in {**wanted, **there}:
            raise InvalidArgument(f"[apply] {item}: neither the file nor the TTP has that participant.")
        if len(item.ids) == 3 and not fields.get("nodes"):
            raise InvalidArgument(f"[apply] {item}: a registration in a collaboration needs nodes.")


def _different(driver: Driver, item: Item, fields: Fields, told: Fields, notes: dict[str, None]) -> Fields:
    """The fields that are not as they should be, less those that cannot be compared."""
    found = {name: value for name, value in fields.items() if not _same(name, value, told.get(name))}
    if item.kind == "runs":
        unknown = [name for name in found if name not in TOLD and name not in told]
        if unknown:
            notes[f"{item}: {', '.join(unknown)} cannot be compared, for the TTP does not tell them."] = None
        found = {name: value for name, value in found.items() if name not in unknown}
    fitted = [name for name in found if _may_be_fitted(item.kind, name, found[name], told.get(name))]
    if fitted and _is_aligned(driver, item):
        notes[f"{item}: {', '.join(fitted)} as the alignment has fitted it."] = None
        return {name: value for name, value in found.items() if name not in fitted}
    return found


def _same(name: str, wanted: object, told: object) -> bool:
    if name == "model" and isinstance(wanted, list) and isinstance(told, list):
        return [_whole(one) for one in wanted] == [_whole(one) for one in told]
    if name == "nodes" and isinstance(wanted, list) and isinstance(told, list):
        return [attrs.asdict(Node(**one)) for one in wanted] == [attrs.asdict(Node(**one)) for one in told]
    if name in arguments("collaborations") and isinstance(wanted, Mapping) and isinstance(told, Mapping):
        # What a component is not given, the TTP has defaults for.
        return all(key in told and _same(name, value, told[key]) for key, value in wanted.items())
    if name == "predict" and not wanted and not told:
        return True
    return wanted == told


def _whole(layer: Mapping[str, Any]) -> dict[str, Any]:
    """A layer with what a TTP leaves out of one."""
    return {**layer, "structure": layer.get("structure") or {}, "activation": layer.get("activation") or None}


def _may_be_fitted(kind: str, name: str, wanted: Any, told: Any) -> bool:
    """Whether only that is different which an alignment fits: the ends of a network, and the sizes of a run."""
    if kind == "runs":
        return name in ("input_size", "output_size")
    return kind == "experiments" and bool(told) and _without_ends(wanted) == _without_ends(told)


def _without_ends(model: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    layers = [_whole(one) for one in model]
    layers[0]["structure"] = {name: one for name, one in layers[0]["structure"].items() if not name.startswith("in_")}
    last = layers[-1]
    last["structure"] = {name: one for name, one in last["structure"].items() if not name.startswith("out_")}
    last["activation"] = None
    return layers


def _is_aligned(driver: Driver, item: Item) -> bool:
    ids = {name: value for name, value in item.ids if name in ("collab_id", "project_id")}
    try:
        return bool(driver.alignments.read(**ids)["data"])
    except NotFound:
        return False


def _deletions(wanted: Items, there: Items, *, is_complete: bool) -> Iterator[Change]:
    """What the grid has not, less what goes with something else; the innermost first."""
    projects = [one.ids for one in wanted if one.kind == "projects"]
    needed = {one.ids[-1:] for one in wanted if one.kind == "registrations"}
    gone = [
        item
        for item in there
        if item not in wanted
        and (is_complete or any(ids == item.ids[: len(ids)] for ids in projects))
        and not (item.kind == "participants" and item.ids in needed)
    ]
    for item in sorted(gone, key=lambda one: -_ORDER.index(one.kind)):
        if not any(one != item and one.ids == item.ids[: len(one.ids)] for one in gone if one.kind != "tags"):
            yield Change("delete", item, {}, {})
