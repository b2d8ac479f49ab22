"""Where the sandbox keeps its records: one SQLite file, one table, a JSON document for each record."""

import contextlib
import json
import logging
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from synergos.learning import strict
from synergos.ttp.errors import Broken, disk_is_full

logger = logging.getLogger("synergos.sandbox")

Key = Mapping[str, str]
# A record as it is in the file: its number, its fields as text, and its ids.
Row = tuple[Any, ...]

# A record's key in full, from the outermost id to the innermost. An id that a kind of record has not is empty, and so
# is the collaboration of the generation v4: the two generations share the store and never meet.
IDS = ("collab_id", "project_id", "expt_id", "run_id", "participant_id")

# By these a file is known as a store of ours, and its version. The first version had neither.
_APPLICATION, _VERSION = 0x53594E47, 2
_RECORDS = f"""
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
# The last number that a record of each kind was given, be that record still there or not.
_NUMBERS = """
CREATE TABLE IF NOT EXISTS numbers (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO numbers SELECT kind, MAX(doc_id) FROM records GROUP BY kind;
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
        """Open the file, or make it. An older store is brought up to date.

        Args:
            path: The SQLite file. No other sandbox may have it open.

        Raises:
            StoreInUse: When another sandbox has it open, or it cannot be a store: it is somebody else's, or broken.
                The file is as it was.
        """
        self._lock = threading.RLock()
        _check_owner(path)
        try:
            # A browser reads no larger whole number exactly.
            self._opened = secrets.randbits(52)
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise StoreInUse(f"{path} cannot be used as a store: {error}.") from error
        try:
            # The lock on the file ends with the process, however that ends.
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            # Written before there is a journal beside the file, so that the file alone says whose it is.
            if self._pragma("application_id") != _APPLICATION:
                self._connection.execute(f"PRAGMA application_id={_APPLICATION}")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._check_pages(path)
            self._connection.executescript(f"BEGIN;{_RECORDS}{_NUMBERS}PRAGMA user_version={_VERSION};COMMIT")
            self._name_broken_records()
        except sqlite3.Error as error:
            self._connection.close()
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise StoreInUse(f"{path} is in use by another sandbox: stop that, or name another file.") from error
            raise StoreInUse(f"{path} cannot be used as a store: {error}.") from error
        except BaseException:
            self._connection.close()
            raise

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

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other threads from the records meanwhile."""
        with self._lock:
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one transaction of all that is called meanwhile: all of it is kept, or after an error nothing.

        Raises:
            DiskFull: When there is no room for it.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            with disk_is_full("the records"):
                try:
                    self._connection.execute("BEGIN IMMEDIATE")
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    # A full disk may have ended it already.
                    with contextlib.suppress(sqlite3.OperationalError):
                        self._connection.execute("ROLLBACK")
                    raise

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
        with self.transaction():
            return self._put(kind, key, fields, replaces)

    def put_all(self, records: Iterable[tuple[str, Key, Mapping[str, Any]]]) -> list[Record]:
        """Keep several records, each as `put` keeps one: all or none of them."""
        with self.transaction():
            return [self._put(kind, key, fields) for kind, key, fields in records]

    def get(self, kind: str, key: Key) -> Record | None:
        """The record of a key in full, or None.

        Raises:
            Broken: When it is there and cannot be read.
        """
        with self._lock:
            rows = self._rows(kind, {name: key.get(name, "") for name in IDS})
            return _record(kind, *rows[0]) if rows else None

    def find(self, kind: str, ids: Key, *, anywhere: bool = False, complete: bool = False) -> list[Record]:
        """The records of a kind whose keys hold some ids, in the order in which they were made.

        Args:
            kind: The kind of record.
            ids: What their keys hold. Without a collaboration, those outside of any.
            anywhere: Whether they may also be in any collaboration.
            complete: Whether all of them are needed.

        Returns:
            The records. One that cannot be read is named in the log and passed over.

        Raises:
            Broken: When one cannot be read and all are needed.
        """
        rows = self.rows(kind, ids, anywhere=anywhere)
        return [_record(kind, *row) for row in rows] if complete else list(readable(kind, rows))

    def rows(self, kind: str, ids: Key, *, anywhere: bool = False) -> list[Row]:
        """What `find` finds, not read yet: ten thousand records at once keep the garbage collector busy."""
        with self._lock:
            return self._rows(kind, ids if anywhere else {"collab_id": "", **ids})

    @property
    def changes(self) -> int:
        """A number that is another one whenever a record was kept, changed or deleted, or the store opened again."""
        with self._lock:
            return self._opened + self._connection.total_changes

    def counts(self) -> dict[tuple[str, str], dict[str, int]]:
        """How many records of each kind there are in each project, by the ids of collaboration and project."""
        query = "SELECT collab_id, project_id, kind, COUNT(*) FROM records WHERE project_id != '' GROUP BY 1, 2, 3"
        found: dict[tuple[str, str], dict[str, int]] = {}
        with self._lock:
            for collab_id, project_id, kind, count in self._connection.execute(query):
                found.setdefault((collab_id, project_id), {})[kind] = count
        return found

    def names(
        self, kind: str, ids: Key, name: str, *, most: int = -1, among: Collection[str] | None = None
    ) -> list[str]:
        """What some records are called, without reading them.

        Args:
            kind: The kind of record.
            ids: Their key, but for one id.
            name: That id.
            most: How many of them at most; -1 for all.
            among: Only these.

        Returns:
            That id of each.
        """
        where, values = _where({one: ids.get(one, "") for one in IDS if one != name})
        if among is not None:
            where += f" AND {name} IN ({', '.join('?' * len(among))})"
            values += among
        query = f"SELECT {name} FROM records WHERE kind = ?{where} LIMIT ?"
        with self._lock:
            return [found for (found,) in self._connection.execute(query, (kind, *values, most))]

    def delete(self, kinds: Iterable[str], ids: Key, *, anywhere: bool = False) -> None:
        """Delete the records that `find` finds of some kinds: all or none of them."""
        where, values = _where(ids if anywhere else {"collab_id": "", **ids})
        with self.transaction():
            for kind in kinds:
                self._connection.execute(f"DELETE FROM records WHERE kind = ?{where}", (kind, *values))

    def clear(self) -> None:
        """Delete all records, and number those that come from 1 again."""
        with self.transaction():
            for table in ("records", "numbers"):
                self._connection.execute(f"DELETE FROM {table}")

    def _put(self, kind: str, key: Key, fields: Mapping[str, Any], replaces: bool = False) -> Record:
        rows = self._rows(kind, {name: key.get(name, "") for name in IDS})
        # One that cannot be read is mended by being made anew.
        found = next(readable(kind, rows), None)
        merged = {**found.fields, **fields} if found and not replaces else dict(fields)
        number = rows[0][0] if rows else self._next_number(kind)
        self._connection.execute(
            f"INSERT OR REPLACE INTO records VALUES (?, {', '.join('?' * len(IDS))}, ?, ?)",
            (kind, *(key.get(name, "") for name in IDS), number, strict.dumps(merged)),
        )
        return Record(kind, number, dict(key), merged)

    def _rows(self, kind: str, ids: Key) -> list[Row]:
        where, values = _where(ids)
        columns = ", ".join(IDS)
        # With the plus, records are looked up by their key and then sorted; without it, all of a kind are gone through.
        return self._connection.execute(
            f"SELECT doc_id, fields, {columns} FROM records WHERE kind = ?{where} ORDER BY +doc_id", (kind, *values)
        ).fetchall()

    def _next_number(self, kind: str) -> int:
        (number,) = self._connection.execute(
            "INSERT INTO numbers VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last", (kind,)
        ).fetchone()
        return int(number)

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _check_pages(self, path: Path) -> None:
        """Refuse a file of which a part is broken, and say up to where its records can be read."""
        (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if found == "ok":
            return
        last = "none of its records can be read"
        with contextlib.suppress(sqlite3.Error):
            for kind, *key in self._connection.execute(f"SELECT kind, {', '.join(IDS)}, fields FROM records"):
                last = f"the last record that can be read is {_named(kind, key[:-1])}"
        problem = " ".join(str(found).split())
        raise StoreInUse(f"{path} is broken ({problem}); {last}. Put back a copy of it, or name another file.")

    def _name_broken_records(self) -> None:
        columns = ", ".join(IDS)
        # What Python's JSON reads and SQLite's does not are numbers that are none, which older stores hold.
        rows = self._connection.execute(
            f"SELECT kind, doc_id, fields, {columns} FROM records "
            "WHERE CASE WHEN json_valid(fields) THEN json_type(fields) != 'object' ELSE 1 END"
        )
        for kind, *row in rows:
            for _ in readable(kind, [tuple(row)]):
                pass


class StoreInUse(Exception):
    """A store that cannot be opened."""


def _check_owner(path: Path) -> None:
    """Refuse a file that is not a store of ours, without touching it.

    Raises:
        StoreInUse: When it is not, or was made by a newer Synergos.
    """
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreInUse(f"{path} cannot be used as a store: {error.strerror}.") from error
    if not head:
        return
    if not head.startswith(b"SQLite format 3\0"):
        raise StoreInUse(f"{path} cannot be used as a store: file is not a database.")
    if int.from_bytes(head[68:72], "big") != _APPLICATION and not _is_ours(path):
        raise StoreInUse(f"{path} is the database of another program, and is left as it is: name another file.")
    if int.from_bytes(head[60:64], "big") > _VERSION:
        raise StoreInUse(f"{path} was made by a newer Synergos: use that, or name another file.")


def _is_ours(path: Path) -> bool:
    """Whether a database that does not say so in the file itself is a store of ours: it may be of the first version."""
    # What is not in the file yet is in the journal beside it. Without one, SQLite need make no files to read it.
    has_journal = path.with_name(f"{path.name}-wal").exists()
    address = f"{path.resolve().as_uri()}?mode=ro{'' if has_journal else '&immutable=1'}"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            columns = [column for _, column, *_ in connection.execute("PRAGMA table_info(records)")]
    except sqlite3.Error as error:
        in_use = isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
        problem = "is in use by another program" if in_use else f"cannot be used as a store: {error}"
        raise StoreInUse(f"{path} {problem}.") from error
    of_first_version = (tables, columns) == ([("records",)], ["kind", *IDS, "doc_id", "fields"])
    return application == _APPLICATION or (application == 0 and of_first_version)


def ids_of(row: Row, names: Iterable[str]) -> tuple[str, ...]:
    """Some ids of a record that is not read yet."""
    return tuple(row[2 + IDS.index(name)] for name in names)


def readable(kind: str, rows: Iterable[Row]) -> Iterator[Record]:
    """Read records one by one. One that cannot be read is named in the log and passed over."""
    for row in rows:
        try:
            yield _record(kind, *row)
        except Broken as error:
            logger.warning("%s", error.message)


def _record(kind: str, number: int, fields: object, *key: str) -> Record:
    try:
        read = json.loads(fields) if isinstance(fields, str) else None
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Broken(f"The record of {_named(kind, key)} is broken: delete it, or make it anew.")
    return Record(kind, number, {name: value for name, value in zip(IDS, key, strict=True) if value}, read)


def _named(kind: str, key: Iterable[str]) -> str:
    ids = ", ".join(f"{name}={value!r}" for name, value in zip(IDS, key, strict=True) if value)
    return f"{kind} {ids}"


def _where(ids: Key) -> tuple[str, list[str]]:
    return "".join(f" AND {name} = ?" for name in ids), list(ids.values())
