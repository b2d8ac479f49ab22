"""Records and lists of them as they are shown in a terminal and in a notebook. Showing never raises."""

import datetime
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from synergos.common.table import as_html
from synergos.common.text import as_cell

P = ParamSpec("P")
T = TypeVar("T")

WIDTH = 120
# How much is shown of a text, of a list or an object inside a record, and of a list of records.
_TEXT, _ITEMS, _LINES, _ROWS = 60, 8, 10, 50
_DEPTH = 3
# What the class, or the place in a list, tells already.
_TOLD = ("kind", "doc_id", "relations")


def never_raises(shown: Callable[P, T]) -> Callable[P, T | None]:
    """None in place of an error: notebooks then show something else."""

    def safe(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return shown(*args, **kwargs)
        except Exception:
            return None

    return safe


def as_record(record: Any) -> str:
    """A record as Python writes objects, without what is not set, in one line or a few.

    Args:
        record: Has `_shown`, which gives its fields.

    Returns:
        The text; the name of the class alone where the rest cannot be shown.
    """
    return never_raises(_as_lines)(record) or f"<{type(record).__name__}>"


def list_as_text(records: Sequence[Any]) -> str:
    """A list of records, one in a line, and of many how many more there are."""
    return never_raises(_list_as_text)(records) or f"<{len(records)} records>"


@never_raises
def record_as_html(record: Any) -> str:
    """A record as a table of its fields."""
    rows = [[name, _as_cell(value)] for name, value in record._shown().items()]
    return as_html([["field", type(record).__name__], *rows])


@never_raises
def list_as_html(records: Sequence[Any]) -> str:
    """A list of records as a table, one in a row, and of many how many more there are."""
    if not records:
        return "<p>None.</p>"
    rows = [dict(_columns(record)) for record in records[:_ROWS]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_as_cell(row[name]) if name in row else "" for name in names] for row in rows]
    more = f"<p>… and {len(records) - _ROWS} more</p>" if len(records) > _ROWS else ""
    return as_html([names, *cells]) + more


def as_field(value: object, depth: int = 1) -> str:
    """A value in a field, in one line and no more of it than one can read."""
    if isinstance(value, str):
        return repr(value if len(value) <= _TEXT else f"{value[:_TEXT]}…")
    if isinstance(value, datetime.datetime):
        return str(value)
    if hasattr(type(value), "_shown"):
        return _as_line(value, depth)
    if isinstance(value, Mapping):
        parts = [f"{as_field(name)}: {as_field(part, depth + 1)}" for name, part in _first(value.items())]
        return f"{{{', '.join(_and_more(parts, len(value)))}}}"
    if isinstance(value, list):
        if hasattr(type(value), "_make") and value:
            # The first tells what they are; to make all of them may take long.
            first = never_raises(lambda: value[0])()
            return f"[{len(value)} {'records' if first is None else type(first).__name__}]"
        parts = [as_field(part, depth + 1) for part in _first(value)]
        return f"[{', '.join(_and_more(parts, len(value)))}]"
    return as_cell(repr(value))


def paragraph(text: str) -> str:
    """A text as HTML."""
    return f"<p>{html.escape(as_cell(text))}</p>"


def _as_lines(record: Any) -> str:
    whole = _as_line(record, 0)
    if len(whole) <= WIDTH:
        return whole
    lines = [f"{type(record).__name__}("]
    for part in _parts(record, 0):
        if len(lines) == 1 or len(lines[-1]) + len(part) + 2 > WIDTH:
            lines.append(f"    {part},")
        else:
            lines[-1] += f" {part},"
    return "\n".join([*lines, ")"])


def _as_line(record: Any, depth: int) -> str:
    return f"{type(record).__name__}({', '.join(_parts(record, depth)) if depth < _DEPTH else '…'})"


def _parts(record: Any, depth: int) -> list[str]:
    return [f"{as_cell(name)}={as_field(value, depth + 1)}" for name, value in record._shown().items()]


def _list_as_text(records: Sequence[Any]) -> str:
    shown = [as_field(record) for record in records[:_LINES]]
    lines = [line if len(line) <= 2 * WIDTH else f"{line[: 2 * WIDTH]}…" for line in shown]
    more = [f"… and {len(records) - _LINES} more"] if len(records) > _LINES else []
    return f"[{(',' + chr(10) + ' ').join([*lines, *more])}]"


def _as_cell(value: object) -> str:
    # A table has no need of marks around a text.
    return as_field(value)[1:-1] if isinstance(value, str) else as_field(value)


def _columns(record: Any) -> Iterator[tuple[str, object]]:
    """What a record has in a table: the ids of its key, and its other fields."""
    shown = record._shown() if hasattr(type(record), "_shown") else {"": record}
    for name, value in shown.items():
        if name == "key" and hasattr(type(value), "_shown"):
            yield from value._shown().items()
        elif name not in _TOLD:
            yield name, value


def _first(values: Any) -> list[Any]:
    return [value for value, _ in zip(values, range(_ITEMS), strict=False)]


def _and_more(parts: list[str], count: int) -> list[str]:
    return parts if count <= len(parts) else [*parts, f"… {count} in all"]
