"""What came of a preparation, as it is shown to who asked for it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synergos.findings import Finding, findings_as_html, findings_as_text, table_as_html, table_as_text
from synergos.participant.prepare.columns import Column

_HEADS = ("column", "written as", "kind", "dtype", "gaps", "categories", "example")


@dataclass(frozen=True, repr=False)
class Preparation:
    """What was read, decided and written. It prints as a report.

    Attributes:
        source: The name of the file, or the DataFrame.
        folder: The participant's folder.
        rows: How many rows were written, by folder: `train`, and perhaps `evaluate`.
        left_out: Why the others were not: a reason to the number of rows.
        dropped: The columns that were to be left out.
        columns: The columns that were written, the target last. Each has its `name`, its `source`, the name in the
            source, its `kind`, `dtype`, `gaps` and `categories`.
        classes: The classes to how many rows have them; empty when the target is a quantity.
        action: What a project with this target does, as far as can be told: "classify" or "regress".
        findings: What was decided, level "info", and what to look at, level "warning".
    """

    source: str
    folder: Path
    rows: Mapping[str, int]
    left_out: Mapping[str, int]
    dropped: tuple[str, ...]
    columns: tuple[Column, ...]
    classes: Mapping[str, int]
    action: str
    findings: tuple[Finding, ...]

    @property
    def train(self) -> Path:
        """The folder to train on."""
        return self.folder / "train"

    @property
    def evaluate(self) -> Path | None:
        """The folder to evaluate on; None when there is none."""
        return self.folder / "evaluate" if "evaluate" in self.rows else None

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What to look at before training."""
        return tuple(finding for finding in self.findings if finding.level == "warning")

    def __str__(self) -> str:
        parts = [self._headline, table_as_text(_HEADS, self._cells())]
        if self.classes:
            parts.append(f"classes: {', '.join(f'{name} {number:,}' for name, number in self.classes.items())}")
        if self.findings:
            parts.append(findings_as_text(self.findings))
        return "\n\n".join([*parts, self._next])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "".join(
            (
                f"<div><p><b>{html.escape(self._headline)}</b></p>",
                table_as_html(_HEADS, self._cells()),
                findings_as_html(self.findings),
                f"<pre>{html.escape(self._next)}</pre></div>",
            )
        )

    @property
    def _headline(self) -> str:
        written = " and ".join(f"{number:,} rows to {self.folder / name}" for name, number in self.rows.items())
        return f"Prepared {self.source}: {written}."

    @property
    def _next(self) -> str:
        name = self.folder.name
        tags = ", ".join(f'{part}=[["{part}"]]' for part in self.rows)
        lacks = "" if "evaluate" in self.rows else "\nSome participant needs rows to evaluate on: give --evaluate 0.25."
        return (
            f'Next: Sandbox(data="{self.folder.parent}"), a project with action="{self.action}", and\n'
            f'  driver.tags.create(project_id=..., participant_id="{name}", {tags}){lacks}'
        )

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                column.source,
                column.name if column.name != column.source else "",
                column.kind,
                column.dtype,
                f"{column.gaps:,}" if column.gaps else "",
                f"{column.categories:,}" if column.categories is not None else "",
                str(next(iter(column.values.dropna()), "")),
            )
            for column in self.columns
        ]
