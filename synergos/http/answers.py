"""The records of an answer, made good before they become typed objects.

Real TTPs leave out what is null or empty in a layer, name no collaboration in the keys of models and predictions, and
show records of other collaborations among the relations where ids are the same. The dict of a reply stays as it was
sent.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from synergos.errors import MISREADINGS, SynergosError, Unreadable

_LAYER: Mapping[str, object] = {"structure": {}, "activation": None}
_TIMES = ("created_at", "start_at")
# The start of a day and an hour: what has less is no time, and nothing is guessed to it.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@contextlib.contextmanager
def readable(operation: str) -> Iterator[None]:
    """Where the driver itself reads answers: what is not as the contract says ends in an error that says so.

    Args:
        operation: What is called, `registrations.create` for example.

    Raises:
        Unreadable: When an answer lacks something, or has another kind of thing there.
    """
    try:
        yield
    except SynergosError:
        # Some of these are built-in errors too, such as `NotFound`.
        raise
    except MISREADINGS as error:
        reason = f"{type(error).__name__}: {error}"
        raise Unreadable(
            f"[{operation}] What the TTP answered is not what the contract says ({reason}).", ""
        ) from error


def misaddressed(data: object, ids: Mapping[str, str]) -> str:
    """How the records of an answer are others than were asked for, as far as their keys tell.

    Args:
        data: A record, or a list of some.
        ids: The ids that were asked for.

    Returns:
        The ids that differ, with what they should have been; nothing when there are none.
    """
    for record in data if isinstance(data, list) else [data]:
        key = record.get("key") if isinstance(record, Mapping) else None
        if isinstance(key, Mapping):
            # Models and predictions of a real TTP name no collaboration, and tags have an id that is null.
            wrong = [name for name in ids if key.get(name) is not None and str(key[name]) != ids[name]]
            if wrong:
                return ", ".join(f"{name}={key[name]!r} in place of {ids[name]!r}" for name in wrong)
    return ""


def mended(record: Mapping[str, Any], collab_id: str | None) -> Mapping[str, Any]:
    """A record as it is meant.

    Args:
        record: The record as it was sent.
        collab_id: The collaboration that was asked for; None in the generation v4.

    Returns:
        A copy in which layers are complete, keys hold the collaboration, relations are the record's own, and times are
        written as ISO 8601 does it.
    """
    kind, key = record.get("kind"), record.get("key")
    whole = {**record, **{name: _iso(record[name]) for name in _TIMES if name in record}}
    if kind == "Experiment" and isinstance(record.get("model"), list):
        whole["model"] = [{**_LAYER, **layer} if isinstance(layer, Mapping) else layer for layer in record["model"]]
    if kind in ("Model", "Prediction") and isinstance(key, Mapping) and collab_id is not None:
        whole["key"] = {"collab_id": collab_id, **key}
    if isinstance(key, Mapping) and isinstance(record.get("relations"), Mapping):
        below = key.get("collab_id", collab_id)
        whole["relations"] = {
            name: [
                mended(child, below) if isinstance(child, Mapping) else child
                for child in children
                if _is_below(child, key)
            ]
            if isinstance(children, list)
            else children
            for name, children in record["relations"].items()
        }
    return whole


def _iso(value: object) -> object:
    """A time as ISO 8601 has it: TTPs write "2026-11-24 03:49:56 N" for UTC. What is no time stays as it is."""
    if not isinstance(value, str) or not _TIME.match(value):
        return value
    from dateutil import parser, tz

    try:
        return parser.parse(value, tzinfos={"N": tz.UTC}).isoformat()
    except (ValueError, OverflowError):
        return value


def _is_below(child: object, key: Mapping[str, Any]) -> bool:
    """Whether a related record is that of a key, as far as its own key tells."""
    own = child.get("key") if isinstance(child, Mapping) else None
    return not isinstance(own, Mapping) or all(own.get(name, value) == value for name, value in key.items())
