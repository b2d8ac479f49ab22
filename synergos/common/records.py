"""Records as they were answered: one outside the contract is no reason to fail, what is not there is not known."""

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]


def as_mapping(value: object) -> Fields:
    """An object; an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """A list; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def id_in(record: Fields, name: str) -> str:
    """An id in the key of a record; "" when it is not there."""
    return str(as_mapping(record.get("key")).get(name, ""))


def within(ids: Mapping[str, str], records: object) -> list[Fields]:
    """The records whose key has these ids: a real TTP also relates those of namesakes elsewhere."""
    found = (as_mapping(record) for record in as_list(records))
    keyed = [record for record in found if as_mapping(record.get("key"))]
    return [record for record in keyed if all(record["key"].get(name, own) == own for name, own in ids.items())]


def own_fields(record: Fields) -> dict[str, Any]:
    """The fields of a record that are set, besides ids and those that every record has."""
    return {name: value for name, value in record.items() if name not in _OF_EVERY_RECORD and value is not None}


_OF_EVERY_RECORD = ("doc_id", "kind", "key", "relations", "created_at", "collab_id", "project_id", "expt_id", "run_id")
