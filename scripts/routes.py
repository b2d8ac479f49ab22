"""Which operations the verbs of a resource lead to: what the names and the paths of the contract say of that."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from synergos.contract.document import Operation

NAME = re.compile(r"(?P<verb>[a-z]+)_(?P<what>\w+?)(_by_\w+?)?(_in_collab)?")


class Unclear(Exception):
    """An operation that no verb can be made of; the message says what to write instead."""


class Route(NamedTuple):
    """How a verb asks for an operation.

    Attributes:
        operation: The operation's module below `api`, `runs.create_run` for example.
        in_path: The ids that stand in its path.
        in_body: The ids that stand in what is sent.
    """

    operation: str
    in_path: tuple[str, ...]
    in_body: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """All ids that it takes."""
        return frozenset((*self.in_path, *self.in_body))


Routes = dict[str, dict[str, list[Route]]]


def routes_of(operations: Iterable[Operation]) -> Routes:
    """The routes of each verb of each resource.

    `read_runs` and `create_run` are of the resource `runs`. A list is read by `read_all` where one record can be read
    too, and else by `read`. A record is created where it is read, so an id that its path lacks stands in the body.

    Raises:
        Unclear: When an operation is not named after its resource, or two cannot be told apart by their ids.
    """
    chosen = {operation.name: operation for operation in operations if not operation.alias_of}
    found: Routes = {}
    for name, operation in chosen.items():
        verb, resource = _verb_and_resource(operation, chosen.values())
        read = chosen.get(name.replace("create_", "read_", 1), operation) if verb == "create" else operation
        in_body = tuple(one for one in read.ids if one not in operation.ids)
        route = Route(f"{operation.tag}.{name}", operation.ids, in_body)
        known = found.setdefault(resource, {}).setdefault(verb, [])
        if twin := next((one for one in known if one.ids == route.ids), None):
            ids = " and ".join(sorted(route.ids)) or "no ids"
            raise Unclear(
                f"{name} and {twin.operation.rpartition('.')[2]} both {verb} {resource} by {ids}: name the other one "
                f"as `x-alias-of`, or take another path."
            )
        known.append(route)
    return found


def _verb_and_resource(operation: Operation, others: Collection[Operation]) -> tuple[str, str]:
    match = NAME.fullmatch(operation.name)
    if match is None:
        raise Unclear(f"{operation.name} names no verb and no resource: write read_{operation.tag}, for example.")
    verb, what = match["verb"], match["what"]
    if operation.generations == {"sandbox"}:
        return verb, what
    item = operation.tag.removesuffix("s")
    if what not in (item, operation.tag):
        raise Unclear(f"{operation.name} is of {operation.tag}: write {verb}_{item} or {verb}_{operation.tag}.")
    if verb == "read" and operation.is_list and any(_reads_one(other, operation.tag) for other in others):
        verb = "read_all"
    return verb, operation.tag


def _reads_one(operation: Operation, tag: str) -> bool:
    return operation.tag == tag and operation.name.startswith("read_") and not operation.is_list


def as_module(routes: Routes) -> str:
    """The routes as the source of a module."""
    entries = {
        resource: {verb: {one.operation: (one.in_path, one.in_body) for one in known} for verb, known in verbs.items()}
        for resource, verbs in sorted(routes.items())
    }
    return (
        '"""The operations that each verb leads to, with the ids that stand in their paths, and in what is sent."""\n'
        "\n"
        "Ids = tuple[str, ...]\n"
        "\n"
        f"ROUTES: dict[str, dict[str, dict[str, tuple[Ids, Ids]]]] = {entries!r}\n"
    )
