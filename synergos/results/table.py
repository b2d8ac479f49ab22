"""Tables of results: rows that can be printed, shown by a notebook, or made a frame of."""

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from synergos.common.table import as_html, as_text
from synergos.common.text import as_cell
from synergos.errors import SynergosError

if TYPE_CHECKING:
    import pandas as pd

# So many rows are shown; the others are counted.
_SHOWN_ROWS = 100


@attrs.frozen(repr=False)
class Table:
    """Rows of results. Printed, or shown by a notebook, it is a table; `list(table)` are its rows as dicts.

    Attributes:
        columns: The names of the columns.
        rows: The rows: the value of each column; None where there is none.
        title: What it is of, in one line; "" for nothing.
        notes: What is to be known of it, a sentence each.
        decimals: The columns whose numbers are shown with three decimals; other numbers have their digits.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    decimals: frozenset[str] = frozenset()

    def to_frame(self) -> "pd.DataFrame":
        """The rows as a DataFrame of pandas.

        Raises:
            SynergosError: When pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise SynergosError(
                "A frame needs pandas, which is not installed: `pip install pandas`. "
                "Without it, list(table) gives the rows as dicts."
            ) from error
        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        return iter(self.rows)

    def __getitem__(self, index: int) -> Mapping[str, object]:
        return self.rows[index]

    def __str__(self) -> str:
        parts = [as_cell(self.title), as_text(self.cells()) if self.rows else "", "\n".join(map(as_cell, self.said()))]
        return "\n\n".join(part for part in parts if part)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        title = f"<p><b>{_escaped(self.title)}</b></p>" if self.title else ""
        notes = "".join(f"<p>{_escaped(note)}</p>" for note in self.said())
        return f"<div>{title}{as_html(self.cells()) if self.rows else ''}{notes}</div>"

    def cells(self) -> list[list[str]]:
        """The rows as they are shown, below the names of the columns."""
        return [
            list(self.columns),
            *([self._shown(name, row.get(name)) for name in self.columns] for row in self.rows[:_SHOWN_ROWS]),
        ]

    def said(self) -> Sequence[str]:
        """The notes as they are shown, with what is not."""
        more = len(self.rows) - _SHOWN_ROWS
        cut = [f"{more:,} more rows are not shown: list(table) and to_frame() have them."] if more > 0 else []
        return [*cut, *self.notes]

    def _shown(self, name: str, value: object) -> str:
        if value is None:
            return ""
        if not isinstance(value, float):
            return str(value)
        if name not in self.decimals or 0 < abs(value) < 0.0005 or abs(value) >= 1e7:
            return f"{value:.4g}"
        return f"{value:.3f}"


def _escaped(text: str) -> str:
    return html.escape(as_cell(text))
