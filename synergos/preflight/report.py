"""What a check finds, as it is shown to a data scientist."""

import html
import itertools
import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import attrs

Level = Literal["error", "warning", "info"]

LEVELS: tuple[Level, ...] = ("error", "warning", "info")
# Widths of the columns of a report in text.
_PLACE, _TEXT = 28, 60
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
        rows = [line for finding in self.findings for line in ("", *_rows(finding))]
        return "\n".join([_printable(self.headline), *rows])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th style="text-align:left">{name}</th>' for name in ("", "where", "what", "why", "what to do")
        )
        rows = "".join(_html_row(finding) for finding in self.findings)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div><p><b>{_escaped(self.headline)}</b></p>{table}</div>"

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        counts = Counter(finding.level for finding in self.findings)
        listed = ", ".join(_counted(counts[level], level) for level in LEVELS if counts[level])
        outcome = "is ready to train" if self.ok else "is not ready to train"
        return f"{self.subject} {outcome}{f': {listed}' if listed else ''}."


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
