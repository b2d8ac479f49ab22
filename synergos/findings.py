"""What a check finds, as it is shown to a data scientist."""

import html
import itertools
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import attrs

from synergos.common.text import as_cell

Level = Literal["error", "warning", "info"]

LEVELS: tuple[Level, ...] = ("error", "warning", "info")
# Widths of the columns of a report in text.
_PLACE, _TEXT, _CELL = 28, 60, 40
_COLUMN_HEADS = ("column", "kind", "values", "gaps", "categories", "not of its kind", "note")
_COLORS = {"error": "#b3261e", "warning": "#9a6700", "info": "#57606a"}


@dataclass(frozen=True)
class Finding:
    """One thing that stands against a training, or that is good to know before it.

    Attributes:
        level: "error" when the training cannot work, "warning" when it may not or learns badly, "info" for the rest.
        what: What was found.
        where: What it was found in: a project, an experiment, a layer, a run, a participant.
        why: Why it matters.
        remedy: What to do about it.
    """

    level: Level
    what: str
    where: str
    why: str
    remedy: str


@attrs.frozen(repr=False)
class DataTable:
    """What was read of one participant's data for one purpose, by one tag. It prints as a table of its columns.

    Counts and examples of values are for the participant's own eyes. The sandbox is one machine, and shows them; on a
    grid they stay with the participant.

    Attributes:
        participant_id: Whose data they are.
        purpose: "train", "evaluate" or "predict".
        tags: The tag that leads to them.
        rows_read: How many rows there are.
        rows_used: How many of them are used.
        left_out: Why the others are not: a reason to the number of rows.
        columns: The columns, each with its `name`, `kind`, `values`, `gaps`, `categories`, whether it looks like an
            identifier, `is_id`, why it is not used, `dropped`, how many `strays` it has, values that are not of its
            kind, and the first of them, `stray`.
        classes: The classes to how many rows have them; empty for a regression.
        lacks: Columns that another participant trains on and these data lack.
    """

    participant_id: str
    purpose: str
    tags: Sequence[Sequence[str]]
    rows_read: int
    rows_used: int
    left_out: Mapping[str, int]
    columns: Sequence[Mapping[str, Any]]
    classes: Mapping[str, int]
    lacks: Sequence[str]

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Make one of what the sandbox answers."""
        names = (field.name for field in attrs.fields(cls) if field.name != "columns")
        target = [record["target"]] if "target" in record else []
        return cls(columns=[*record["columns"], *target], **{name: record[name] for name in names})

    def __str__(self) -> str:
        return "\n".join([as_cell(self._headline), table_as_text(_COLUMN_HEADS, self._cells()), *self._notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{_escaped(note)}</p>" for note in self._notes)
        table = table_as_html(_COLUMN_HEADS, self._cells())
        return f"<details><summary>{_escaped(self._headline)}</summary>{table}{notes}</details>"

    @property
    def _headline(self) -> str:
        tags = ", ".join(str(list(tag)) for tag in self.tags)
        out = "".join(f", {number:,} left out: {reason}" for reason, number in self.left_out.items() if number)
        return (
            f"{self.participant_id}, {self.purpose} {tags}: {self.rows_read:,} rows read, {self.rows_used:,} used{out}."
        )

    @property
    def _notes(self) -> list[str]:
        classes = ", ".join(f"{name} {number:,}" for name, number in self.classes.items())
        return [
            *([f"classes: {_cut(classes, 4 * _CELL)}"] if classes else []),
            *([f"lacks: {_cut(', '.join(self.lacks), 4 * _CELL)}"] if self.lacks else []),
        ]

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                column["name"],
                column["kind"],
                f"{column['values']:,}",
                f"{column['gaps']:,}" if column["gaps"] else "",
                f"{column['categories']:,}" if column.get("categories") is not None else "",
                _stray(column),
                column["dropped"] or ("like an identifier" if column["is_id"] else ""),
            )
            for column in self.columns
        ]


def _stray(column: Mapping[str, Any]) -> str:
    first = column.get("stray")
    shown = f", as {first['value']!r} in {first['file']}, row {first['row']}" if first else ""
    return f"{column['strays']:,}{shown}" if column.get("strays") else ""


@attrs.frozen
class Fault:
    """What stands against a training, before it is known how bad that is on a TTP.

    Attributes:
        what: As of a finding.
        where: As of a finding.
        why: As of a finding.
        remedy: As of a finding.
        is_certain: Whether the training fails by it; otherwise that depends on what is not known.
    """

    what: str
    where: str
    why: str
    remedy: str
    is_certain: bool = True


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the worst first."""
    return tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level)))


@attrs.frozen(repr=False)
class Report:
    """What a check found. It is true when nothing stands against the training, and prints as a table.

    Attributes:
        subject: What was checked.
        findings: What was found: errors first, then warnings, then what is good to know.
        data: On the sandbox, what the data hold, by participant, purpose and tag; nothing on a real TTP, which never
            tells.

    Example:
        >>> report = driver.check(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> report.ok
        True
        >>> [finding.what for finding in report.errors]
        []
    """

    subject: str
    findings: tuple[Finding, ...] = attrs.field(converter=ordered)
    data: tuple[DataTable, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings of the level "error"."""
        return tuple(finding for finding in self.findings if finding.level == "error")

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        parts = [as_cell(self.headline), *([findings_as_text(self.findings)] if self.findings else [])]
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        data = "".join(table._repr_html_() for table in self.data)
        return f"<div><p><b>{_escaped(self.headline)}</b></p>{findings_as_html(self.findings)}{data}</div>"

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        counts = Counter(finding.level for finding in self.findings)
        listed = ", ".join(_counted(counts[level], level) for level in LEVELS if counts[level])
        outcome = "is ready to train" if self.ok else "is not ready to train"
        return f"{self.subject} {outcome}{f': {listed}' if listed else ''}."


def findings_as_text(findings: Iterable[Finding]) -> str:
    """Findings as text: a paragraph each, the worst first."""
    return "\n\n".join("\n".join(_rows(finding)) for finding in ordered(findings))


def findings_as_html(findings: Iterable[Finding]) -> str:
    """Findings as a table, the worst first; nothing when there are none."""
    rows = "".join(_html_row(finding) for finding in ordered(findings))
    return _html_table(("", "where", "what", "why", "what to do"), rows) if rows else ""


def table_as_text(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text; columns with nothing in them are left out, and long cells are cut."""
    cells = [[_cut(cell) for cell in row] for row in rows]
    columns = [column for column in zip(heads, *cells, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    lines = zip(*columns, strict=True)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def table_as_html(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as HTML."""
    cells = ("".join(f'<td style="text-align:left">{_escaped(cell)}</td>' for cell in row) for row in rows)
    return _html_table(heads, "".join(f"<tr>{row}</tr>" for row in cells))


def _html_table(heads: Sequence[str], rows: str) -> str:
    head = "".join(f'<th style="text-align:left">{_escaped(name)}</th>' for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cut(cell: str, width: int = _CELL) -> str:
    text = as_cell(cell)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _counted(number: int, level: Level) -> str:
    return f"{number} {level}{'s' if number > 1 and level != 'info' else ''}"


def _rows(finding: Finding) -> list[str]:
    """A finding as lines of three columns: its level, its place, and what it says."""
    places = _wrapped(finding.where, _PLACE)
    said = [*_wrapped(finding.what, _TEXT), *_wrapped(finding.why, _TEXT), *_wrapped(f"-> {finding.remedy}", _TEXT)]
    lines = itertools.zip_longest([finding.level], places, said, fillvalue="")
    return [f"{level:9}{place:{_PLACE + 2}}{text}".rstrip() for level, place, text in lines]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(as_cell(text), width)


def _html_row(finding: Finding) -> str:
    level = f'<td style="color:{_COLORS[finding.level]};font-weight:bold">{_escaped(finding.level)}</td>'
    said = (finding.where, finding.what, finding.why, finding.remedy)
    rest = "".join(f'<td style="text-align:left">{_escaped(text)}</td>' for text in said)
    return f"<tr>{level}{rest}</tr>"


def _escaped(text: str) -> str:
    return html.escape(as_cell(text))
