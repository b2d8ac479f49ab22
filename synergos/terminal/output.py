"""What is printed: data on stdout, as a table, JSON or CSV, and all else on stderr."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO

from synergos.common.records import as_list, as_mapping
from synergos.common.table import as_text
from synergos.common.text import as_cell
from synergos.results.table import Table

Format = Literal["table", "json", "csv"]
Record = Mapping[str, Any]

# Of these, a record has what is of another one, and of no use in a line.
_NOT_OWN = ("doc_id", "kind", "key", "relations")
_WIDEST = 40


def records(found: Sequence[Record], form: Format) -> None:
    """Print records: all of them as JSON; their ids and fields as a table or CSV."""
    if form == "json":
        print(as_json(list(found)))
        return
    rows = [_row(one) for one in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    if form == "csv":
        _write_csv(names, rows)
        return
    nested = [name for name in names if any(isinstance(row.get(name), Mapping) for row in rows)]
    shown = [name for name in names if name not in nested]
    if rows:
        print(as_text([shown, *([_cell(row.get(name)) for name in shown] for row in rows)]))
    else:
        note("There are none.")
    if nested:
        note(f"Not in the table: {', '.join(nested)}. --format json has all.")


def record(found: Record, form: Format) -> None:
    """Print one record: as a table, a line for each field."""
    if form == "json":
        print(as_json(found))
        return
    row = {name: _text(value) for name, value in _row(found).items()}
    if form == "csv":
        _write_csv(list(row), [row])
        return
    below = {kind: f"{len(as_list(ones))}" for kind, ones in as_mapping(found.get("relations")).items() if ones}
    width = max(map(len, [*row, *below]), default=0)
    for name, value in [*row.items(), *below.items()]:
        print(f"{as_cell(name):{width}}  {as_cell(value)}".rstrip())


def table(found: Table, form: Format) -> None:
    """Print a table. Its title and its notes are no data."""
    if form == "json":
        print(as_json([dict(row) for row in found]))
    elif form == "csv":
        _write_csv(found.columns, found)
    else:
        if found.title:
            note(found.title)
        if found.rows:
            cells = found.cells()
            print(as_text(cells))
            if (more := len(found) - len(cells) + 1) > 0:
                note(f"{more:,} more rows are not shown: --format csv has all.")
        elif not found.notes:
            note("There are none.")
        for text in found.notes:
            note(text)


def as_json(data: object) -> str:
    """Data as JSON, in which nothing steers a terminal."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return "".join(mark if mark.isprintable() or mark == "\n" else json.dumps(mark)[1:-1] for mark in text)


def note(text: str) -> None:
    """Say something to who looks on."""
    print(as_cell(text), file=sys.stderr)


def coloured(stream: TextIO) -> Callable[[str, int], str]:
    """What colours a text on a stream by a number of ANSI; where colours are not wanted, it stays as it is.

    They are not where `NO_COLOR` is set (no-color.org), where the terminal is dumb, and where there is none.
    """
    is_wanted = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return lambda text, number: f"\x1b[{number}m{text}\x1b[0m" if is_wanted else text


def _row(found: Record) -> dict[str, Any]:
    """The ids of a record, and its own fields."""
    key = as_mapping(found.get("key"))
    return {**key, **{name: value for name, value in found.items() if name not in _NOT_OWN}}


def _write_csv(names: Sequence[str], rows: Iterable[Record]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_text(row.get(name)) for name in names] for row in rows)


def _cell(value: object) -> str:
    text = _text(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
