"""Where the sandbox keeps its records: one SQLite file, one table, a JSON document for each record."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

Key = Mapping[str, str]

# A record's key in full, from the outermost id to the innermost. An id that a kind of record has not is empty, and so
# is the collaboration of the generation v4: the two generations share the store and never meet.
IDS = ("collab_id", "project_id", "expt_id", "run_id", "participant_id")

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    {", ".join(f"{name} TEXT NOT NULL" for name in IDS)},
    doc_id INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (kind, {", ".join(IDS)})
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS by_number ON records (kind, doc_id);
CREATE INDEX IF NOT EXISTS by_participant ON records (participant_id);
"""


class Record(NamedTuple):
    """One record: its number among those of its kind, its key, and its own fields."""

    kind: str
    doc_id: int
    key: dict[str, str]
    fields: dict[str, Any]


class Store:
    """The records. Every method is one transaction, and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Args:
            path: The SQLite file. No other sandbox may have it open.

        Raises:
            StoreInUse: When another sandbox has it open, or it cannot be a store.
        """
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise StoreInUse(f"{path} cannot be used as a store: {error}.") from error
        try:
            # The lock on the file ends with the process, however that ends.
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._connection.close()
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise StoreInUse(f"{path} is in use by another sandbox: stop that, or name another file.") from error
            raise StoreInUse(f"{path} cannot be used as a store: {error}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def put(self, kind: str, key: Key, fields: Mapping[str, Any], *, replaces: bool = False) -> Record:
        """Keep a record; one of the same key is given the fields and keeps its number and its other fields.

        Args:
            kind: The kind of record, `Project` for example.
            key: The ids of the kind, all of them.
            fields: The record's own fields.
            replaces: Whether a record of the same key loses its other fields.

        Returns:
            The record as it is now.
        """
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            return self._put(kind, key, fields, replaces)

    def put_all(self, records: Iterable[tuple[str, Key, Mapping[str, Any]]]) -> list[Record]:
        """Keep several records, each as `put` keeps one: all or none of them."""
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            return [self._put(kind, key, fields) for kind, key, fields in records]

    def get(self, kind: str, key: Key) -> Record | None:
        """The record of a key in full, or None."""
        with self._lock:
            return self._select_one(kind, key)

    def find(self, kind: str, ids: Key, *, anywhere: bool = False) -> list[Record]:
        """The records of a kind whose keys hold some ids, in the order in which they were made.

        Args:
            kind: The kind of record.
            ids: What their keys hold. Without a collaboration, those outside of any.
            anywhere: Whether they may also be in any collaboration.

        Returns:
            The records.
        """
        with self._lock:
            return self._select(kind, ids if anywhere else {"collab_id": "", **ids})

    def delete(self, kinds: Iterable[str], ids: Key, *, anywhere: bool = False) -> None:
        """Delete the records that `find` finds of some kinds: all or none of them."""
        where, values = _where(ids if anywhere else {"collab_id": "", **ids})
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for kind in kinds:
                self._connection.execute(f"DELETE FROM records WHERE kind = ?{where}", (kind, *values))

    def _put(self, kind: str, key: Key, fields: Mapping[str, Any], replaces: bool = False) -> Record:
        found = self._select_one(kind, key)
        merged = {**found.fields, **fields} if found and not replaces else dict(fields)
        number = found.doc_id if found else self._next_number(kind)
        self._connection.execute(
            f"INSERT OR REPLACE INTO records VALUES (?, {', '.join('?' * len(IDS))}, ?, ?)",
            (kind, *(key.get(name, "") for name in IDS), number, json.dumps(merged)),
        )
        return Record(kind, number, dict(key), merged)

    def _select_one(self, kind: str, key: Key) -> Record | None:
        found = self._select(kind, {name: key.get(name, "") for name in IDS})
        return found[0] if found else None

    def _select(self, kind: str, ids: Key) -> list[Record]:
        where, values = _where(ids)
        columns = ", ".join(IDS)
        # With the plus, records are looked up by their key and then sorted; without it, all of a kind are gone through.
        rows = self._connection.execute(
            f"SELECT doc_id, fields, {columns} FROM records WHERE kind = ?{where} ORDER BY +doc_id", (kind, *values)
        )
        return [
            Record(
                kind, number, {name: value for name, value in zip(IDS, key, strict=True) if value}, json.loads(fields)
            )
            for number, fields, *key in rows
        ]

    def _next_number(self, kind: str) -> int:
        (last,) = self._connection.execute("SELECT MAX(doc_id) FROM records WHERE kind = ?", (kind,)).fetchone()
        return (last or 0) + 1


class StoreInUse(Exception):
    """A store that cannot be opened."""


def _where(ids: Key) -> tuple[str, list[str]]:
    return "".join(f" AND {name} = ?" for name in ids), list(ids.values())
