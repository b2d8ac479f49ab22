"""Charts as they are before they are drawn: in a terminal as text, elsewhere as pictures."""

import math
from collections.abc import Sequence

import attrs

from synergos.common.text import as_cell

_LEVELS = "▁▂▃▄▅▆▇█"
_WIDTH = 40
_LONGEST_NAME = 28

Point = tuple[float, float]


@attrs.frozen
class Line:
    """A curve.

    Attributes:
        name: What it is of.
        points: Where it leads.
        group: Lines of the same group have the same colour in all panels; None for those that stay behind.
        remark: What is said of it beside its name; "" for nothing.
    """

    name: str
    points: tuple[Point, ...]
    group: int | None = 0
    remark: str = ""


@attrs.frozen
class Panel:
    """Curves over the same axes."""

    title: str
    lines: tuple[Line, ...]


@attrs.frozen
class Lines:
    """Panels of curves: losses over rounds, or true over false positive rates."""

    panels: tuple[Panel, ...]
    x_name: str
    y_name: str
    is_square: bool = False
    note: str = ""

    def as_text(self) -> str:
        """Each curve as a row of blocks, from its beginning to its end."""
        parts = []
        for panel in self.panels:
            low, high = _bounds([y for line in panel.lines for _, y in line.points])
            rows = [
                [line.name, _spark([y for _, y in line.points], low, high), _ends(line), line.remark]
                for line in panel.lines
                if line.points
            ]
            parts.append(f"{as_cell(panel.title)} ({self.y_name} over {self.x_name})\n{_aligned(rows)}")
        return "\n\n".join([*parts, *([self.note] if self.note else [])])


@attrs.frozen
class Dots:
    """A value of each of several series in each of several rows, and their mean: a metric by run and participant."""

    rows: tuple[str, ...]
    series: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    means: tuple[float | None, ...]
    x_name: str
    is_share: bool

    def as_text(self) -> str:
        """A bar for each value."""
        known = [value for row in self.values for value in row if value is not None]
        low, high = (0.0, 1.0) if self.is_share else _bounds([0.0, *known])
        rows = [
            [row, name, _bar(value, low, high), f"{value:.4g}"]
            for row, values in zip(self.rows, self.values, strict=True)
            for name, value in zip(self.series, values, strict=True)
            if value is not None
        ]
        return f"{self.x_name}\n{_aligned(rows)}"


@attrs.frozen
class Bars:
    """Counts of classes: the rows of each that were found and missed, and the others that were taken for it."""

    title: str
    classes: tuple[str, ...]
    found: tuple[int, ...]
    missed: tuple[int, ...]
    taken: tuple[int, ...]

    def as_text(self) -> str:
        """A bar for each count."""
        most = max((*self.found, *self.missed, *self.taken, 1))
        rows = [
            [name, what, _bar(count, 0, most), str(count)]
            for name, *counts in zip(self.classes, self.found, self.missed, self.taken, strict=True)
            for what, count in zip(("found", "missed", "taken for it"), counts, strict=True)
        ]
        return f"{as_cell(self.title)}\n{_aligned(rows)}"


Chart = Lines | Dots | Bars


def short(name: str) -> str:
    """A name as it stands in a chart: long ones without their middle."""
    name = as_cell(name)
    half = (_LONGEST_NAME - 1) // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def _bounds(values: Sequence[float]) -> Point:
    return (min(values), max(values)) if values else (0.0, 1.0)


def _spark(values: Sequence[float], low: float, high: float) -> str:
    """Values as a row of blocks; of many, so many as fit, evenly spread."""
    step = max(1.0, len(values) / _WIDTH)
    chosen = [values[min(len(values) - 1, math.floor(index * step))] for index in range(min(len(values), _WIDTH))]
    if chosen:
        chosen[-1] = values[-1]
    return "".join(_LEVELS[round((value - low) / ((high - low) or 1) * (len(_LEVELS) - 1))] for value in chosen)


def _bar(value: float, low: float, high: float) -> str:
    share = min(1.0, max(0.0, (value - low) / ((high - low) or 1)))
    return "█" * round(share * _WIDTH) or "▏"


def _ends(line: Line) -> str:
    first, last = line.points[0][1], line.points[-1][1]
    return f"{first:.4g} → {last:.4g}" if not line.remark else ""


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    cells = [[short(row[0]), *map(as_cell, row[1:])] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(f"  {line}".rstrip() for line in lines)
