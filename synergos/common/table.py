"""Tables as a data scientist sees them: in a terminal and in a notebook."""

import html
from collections.abc import Sequence

from synergos.common.text import as_cell


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """A table in text, numbers to the right.

    Args:
        rows: The cells, row by row, the first one the names of the columns.

    Returns:
        One line for each row.
    """
    rows = [[as_cell(cell) for cell in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    is_text = [not all(map(_is_number, column[1:])) for column in columns]
    lines = (
        "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(row, widths, is_text, strict=True)
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def as_html(rows: Sequence[Sequence[str]]) -> str:
    """A table in HTML.

    Args:
        rows: The cells, row by row, the first one the names of the columns.

    Returns:
        A `table` element.
    """
    head, *body = rows
    lines = [_row("th", head), *(_row("td", row) for row in body)]
    return f"<table>\n{chr(10).join(lines)}\n</table>"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell == ""
    return True


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(as_cell(cell))}</{tag}>" for cell in cells) + "</tr>"
