"""What a check finds, as it is shown to a data scientist."""

import html
import itertools
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import attrs

Level = Literal["error", "warning", "info"]

LEVELS: tuple[Level, ...] = ("error", "warning", "info")
# Widths of the columns of a report in text.
_PLACE, _TEXT, _CELL = 28, 60, 40
_COLORS = {"error": "#b3261e", "warning": "#9a6700", "info": "#57606a"}


@attrs.frozen
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


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level)))


@attrs.frozen(repr=False)
class Report:
    """What a check found. It is true when nothing stands against the training, and prints as a table.

    Attributes:
        subject: What was checked.
        findings: What was found: errors first, then warnings, then what is good to know.

    Example:
        >>> report = driver.check(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> report.ok
        True
        >>> [finding.what for finding in report.errors]
        []
    """

    subject: str
    findings: tuple[Finding, ...] = attrs.field(converter=_ordered)

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
        parts = [_printable(self.headline), *([findings_as_text(self.findings)] if self.findings else [])]
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<div><p><b>{_escaped(self.headline)}</b></p>{findings_as_html(self.findings)}</div>"

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        counts = Counter(finding.level for finding in self.findings)
        listed = ", ".join(_counted(counts[level], level) for level in LEVELS if counts[level])
        outcome = "is ready to train" if self.ok else "is not ready to train"
        return f"{self.subject} {outcome}{f': {listed}' if listed else ''}."


def findings_as_text(findings: Iterable[Finding]) -> str:
    """Findings as text: a paragraph each, the worst first."""
    return "\n\n".join("\n".join(_rows(finding)) for finding in _ordered(findings))


def findings_as_html(findings: Iterable[Finding]) -> str:
    """Findings as a table, the worst first; nothing when there are none."""
    rows = "".join(_html_row(finding) for finding in _ordered(findings))
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


def _cut(cell: str) -> str:
    printable = _printable(cell)
    return printable if len(printable) <= _CELL else f"{printable[: _CELL - 1]}…"


def _counted(number: int, level: Level) -> str:
    return f"{number} {level}{'s' if number > 1 and level != 'info' else ''}"


def _rows(finding: Finding) -> list[str]:
    """A finding as lines of three columns: its level, its place, and what it says."""
    places = _wrapped(finding.where, _PLACE)
    said = [*_wrapped(finding.what, _TEXT), *_wrapped(finding.why, _TEXT), *_wrapped(f"-> {finding.remedy}", _TEXT)]
    lines = itertools.zip_longest([finding.level], places, said, fillvalue="")
    return [f"{level:9}{place:{_PLACE + 2}}{text}".rstrip() for level, place, text in lines]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(_printable(text), width)


def _html_row(finding: Finding) -> str:
    level = f'<td style="color:{_COLORS[finding.level]};font-weight:bold">{_escaped(finding.level)}</td>'
    said = (finding.where, finding.what, finding.why, finding.remedy)
    rest = "".join(f'<td style="text-align:left">{_escaped(text)}</td>' for text in said)
    return f"<tr>{level}{rest}</tr>"


def _escaped(text: str) -> str:
    return html.escape(_printable(text))


def _printable(text: str) -> str:
    """A text that any terminal and notebook can show, whatever an id in it holds."""
    encodable = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii") for mark in encodable)
