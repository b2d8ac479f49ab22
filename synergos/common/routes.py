"""How a verb becomes a request: which operation it asks for follows from the ids that it is given."""

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from synergos.errors import InvalidId

# Ids of which each names something inside what the one before it names.
NESTED = ("collab_id", "project_id", "expt_id", "run_id")


class Body(Protocol):
    """What is sent: an object of a class of the contract."""

    def to_dict(self) -> dict[str, Any]:
        """Make a JSON object of it."""


class Route(NamedTuple):
    """An operation of the contract that a verb asks for.

    Attributes:
        operation: Its module, below those of the operations.
        in_path: The ids that stand in its path. Others stand in what is sent.
    """

    operation: str
    in_path: tuple[str, ...]

    def request(self, ids: Mapping[str, str], body: Body | None = None, **query: object) -> dict[str, Any]:
        """What to send, as the HTTP library takes it.

        Args:
            ids: The ids of the call.
            body: What is sent.
            **query: What stands behind the question mark.
        """
        sent = {} if body is None else {"body": body}
        return _builder(self.operation)(**{name: ids[name] for name in self.in_path}, **sent, **query)


Routes = Mapping[frozenset[str], Route]


@functools.cache
def routes(resource: str, verb: str) -> Routes:
    """The operations that a verb may ask for, by the ids that each takes; none where the contract has none.

    Args:
        resource: `runs` for example.
        verb: `create`, `read_all`, `read`, `update` or `delete`.
    """
    from synergos_client.routes import ROUTES

    found = ROUTES[resource].get(verb, {})
    return {frozenset((*path, *body)): Route(operation, path) for operation, (path, body) in found.items()}


def request(
    operation: str,
    resource: str,
    verb: str,
    ids: Mapping[str, str],
    body: Body | None = None,
) -> dict[str, Any]:
    """What a call sends.

    Args:
        operation: What is called, `runs.create` for example; it stands in the error.
        resource: What is asked for.
        verb: What is to be done with it.
        ids: The ids of the call.
        body: What is sent.

    Raises:
        InvalidId: When no operation takes just these ids; the message says which are missing.
    """
    known = routes(resource, verb)
    route = known.get(frozenset(ids))
    if route is None:
        raise InvalidId(f"[{operation}] {_what_is_missing(known, ids)}")
    return route.request(ids, body)


@functools.cache
def _builder(operation: str) -> Callable[..., dict[str, Any]]:
    """What makes the request of an operation, which is imported when it is first asked for."""
    build: Callable[..., dict[str, Any]] = importlib.import_module(f"synergos_client.api.{operation}")._get_kwargs
    return build


def own_id(ids: Mapping[str, str]) -> str:
    """Of the ids of an item, the one that tells it from others beside it."""
    return max(ids, key=_outermost_first)


def _what_is_missing(known: Routes, ids: Mapping[str, str]) -> str:
    wider = [names for names in known if ids.keys() < names]
    if not wider:
        choices = " or ".join(sorted(" and ".join(sorted(names)) for names in known))
        return f"{' and '.join(ids)} cannot be given together: give {choices}."
    shortest = [names - ids.keys() for names in wider if len(names) == min(map(len, wider))]
    missing = " or ".join(" and ".join(sorted(names, key=_outermost_first)) for names in shortest)
    shown = ", ".join(f"{name}={value!r}" for name, value in ids.items())
    without = f"{shown} is given without {missing}: give that too" if ids else f"{missing} is missing: give it"
    return f"{without}, or name it once with driver.scope(...)."


def _outermost_first(name: str) -> int:
    return NESTED.index(name) if name in NESTED else len(NESTED)
