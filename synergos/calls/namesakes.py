"""What a real TTP would delete besides what is meant: it deletes by one id, wherever that is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from synergos.calls.connection import Connection
from synergos.common.routes import request
from synergos.common.text import one_line
from synergos.errors import InvalidArgument, NotFound, StatusError, SynergosError, Unreadable, with_more
from synergos.http.answers import readable

FORCE = "Nothing was deleted. Give force=True if it is to be deleted all the same."


class _Level(NamedTuple):
    """A kind of records: the id that tells them apart, and what lies below one."""

    name: str
    own: str
    below: tuple["_Level", ...] = ()


_PROJECTS = _Level(
    "projects",
    "project_id",
    (_Level("experiments", "expt_id", (_Level("runs", "run_id"),)), _Level("registrations", "participant_id")),
)
_COLLABORATIONS = _Level("collaborations", "collab_id", (_PROJECTS,))


def refuse_if_elsewhere(connection: Connection, operation: str, kind: str, own: str, ids: Mapping[str, str]) -> None:
    """Look through all that can be listed for an item of the same id under another key.

    Args:
        connection: The way to the TTP.
        operation: The verb, `projects.delete` for example.
        kind: What is to be deleted, `Project` for example.
        own: The id that a real TTP deletes by.
        ids: The ids of the item.

    Raises:
        InvalidArgument: When there is another one, or when it cannot be seen whether there is.
        SynergosError: When there is no answer.
    """
    top = _COLLABORATIONS if "collab_id" in ids else _PROJECTS
    try:
        answer = connection.send(operation, request(operation, top.name, "read_all", {}), {})
        with readable(operation):
            if not isinstance(answer["data"], list):
                raise TypeError("data is no list")
            keys = [key for record in answer["data"] for key in _keys_of(kind, record)]
    except NotFound:
        # No list, so no TTP of this generation: it says so better than the delete would.
        raise
    except (StatusError, Unreadable) as error:
        if connection.is_sandbox:
            return
        raise InvalidArgument(
            f"[{operation}] A real TTP deletes every {kind.lower()} with {own}={ids[own]!r}, and whether there are "
            f"others cannot be seen, for the list of {top.name} cannot be read ({error}). "
            f"{_what_spoils(connection, operation, top)} {FORCE}"
        ) from error
    except SynergosError as error:
        raise with_more(error, FORCE) from error
    others = {str(sorted(key.items())): key for key in keys if key.get(own) == ids[own] and key != dict(ids)}
    if others and not connection.is_sandbox:
        raise InvalidArgument(
            f"[{operation}] A real TTP deletes every {kind.lower()} with {own}={ids[own]!r} and what belongs to it, "
            f"and there are others: {'; '.join(_named(key) for key in others.values())}. Nothing was deleted. Give "
            "force=True if that is meant."
        )


def _what_spoils(connection: Connection, operation: str, top: _Level) -> str:
    """The record that a list cannot be read for, in words."""
    found = _spoiling(connection, operation, top, {})
    if found is None:
        return "Which record spoils it could not be found."
    name, key, error = found
    said = one_line(error.message)
    return f"It is spoilt by one of the {name}, {_named(key)} ({said}): mend that by an update, or delete it."


def _spoiling(
    connection: Connection, operation: str, level: _Level, above: dict[str, str]
) -> tuple[str, dict[str, str], StatusError] | None:
    """The first record of a level, or below it, that cannot be read by itself."""
    for key in _keys(connection, operation, level, above):
        try:
            connection.send(operation, request(operation, level.name, "read", key), key)
        except NotFound:
            continue
        except StatusError as error:
            deeper = (_spoiling(connection, operation, below, key) for below in level.below)
            return next((found for found in deeper if found is not None), (level.name, key, error))
        except SynergosError:
            continue
    return None


def _keys(connection: Connection, operation: str, level: _Level, above: dict[str, str]) -> list[dict[str, str]]:
    """The keys of a list that cannot be read whole: a real TTP can be asked for them alone."""
    keys_only = {**request(operation, level.name, "read_all", above), "headers": {"X-Fields": "data{key}"}}
    try:
        answer = connection.send(operation, keys_only, above)
        with readable(operation):
            return [{**above, level.own: record["key"][level.own]} for record in answer["data"]]
    except SynergosError:
        return []


def _keys_of(kind: str, record: Mapping[str, Any]) -> list[dict[str, str]]:
    """The keys of a record and of its relations that are of a kind."""
    related = (record.get("relations") or {}).get(kind) or []
    return [dict(one["key"]) for one in (record, *related) if one.get("kind") == kind]


def _named(key: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in key.items())
