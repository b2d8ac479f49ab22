"""The data report: what was read of the participants' data, what of it is used, and what is to be known of it.

A participant tells the TTP how its own data were read; here it is brought together. What is told to all participants
is the alignment, and no count of rows, no name of a file and no value of a report is in that.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from synergos.findings import Finding, ordered
from synergos.learning import columns, pictures
from synergos.learning.errors import Rejected
from synergos.learning.party import Agreed, Description, Look
from synergos.learning.tables import (
    CLASSIFY,
    EVALUATION,
    IMAGE,
    TRAINING,
    ColumnReport,
    TableReport,
    check_same_datatype,
)

log = logging.getLogger("synergos.sandbox")

# From this share of gaps on a column is more invented than read.
_MANY_GAPS = 0.5
_NAMED = 3


@dataclass(frozen=True)
class DataReport:
    """What was read of the data of a project.

    Attributes:
        tables: One for each participant, purpose and tag whose data could be read.
        lacks: For each of them, the columns that another participant trains on and it lacks.
        findings: What stands against a training, or is good to know before it, the worst first.
    """

    tables: Sequence[TableReport]
    lacks: Sequence[Sequence[str]]
    findings: Sequence[Finding]

    @property
    def can_be_trained_with(self) -> bool:
        """Whether nothing was found that a training fails by."""
        return all(finding.level != "error" for finding in self.findings)

    def as_data(self) -> dict[str, Any]:
        """The report for JSON, as the contract has it."""
        tables = [
            {**_table_as_data(table), "lacks": list(lacks)}
            for table, lacks in zip(self.tables, self.lacks, strict=True)
        ]
        names = ("level", "what", "where", "why", "remedy")
        return {"tables": tables, "findings": [{name: getattr(one, name) for name in names} for one in self.findings]}

    def warn(self) -> None:
        """Tell the sandbox's log what is not as it should be."""
        for finding in self.findings:
            if finding.level != "info":
                log.warning("%s: %s %s %s", finding.where, finding.what, finding.why, finding.remedy)


def look(looks: Sequence[Look], action: str, measure: Callable[[Agreed], object]) -> DataReport:
    """Report what participants read of their data, and try whether it can be brought together.

    Args:
        looks: What each of them says.
        action: ``classify`` or ``regress``.
        measure: Has participants hold images to train on against what is agreed on, which reads them.

    Returns:
        The report. What cannot be read is a finding, and the rest is read all the same.
    """
    tables = [table for one in looks for table in one.tables]
    problems = [problem for one in looks for problem in one.problems]
    try:
        _try_to_agree(tables, [one.training for one in looks if one.training is not None], measure)
    except Rejected as error:
        why, remedy = "They cannot be aligned.", "Mend the data that it names."
        problems.append(Finding("error", f"{error.message}.", "the participants' data", why, remedy))
    return summarize(tables, action, problems)


def summarize(tables: Sequence[TableReport], action: str, findings: Sequence[Finding] = ()) -> DataReport:
    """Report on tables that were read.

    Args:
        tables: How each was read.
        action: ``classify`` or ``regress``.
        findings: What is known already.

    Returns:
        The report.
    """
    held: dict[str, set[str]] = {}
    for table in tables:
        if table.purpose == TRAINING:
            held.setdefault(table.participant_id, set()).update(_held(table))
    everything = set().union(*held.values())
    lacks = [sorted(everything - _held(table)) if table.datatype != IMAGE else [] for table in tables]
    found = [
        *findings,
        *(finding for table in tables for finding in _of_table(table)),
        *_of_columns(held, everything),
        *(_of_classes(tables) if action == CLASSIFY else ()),
    ]
    return DataReport(tables, lacks, ordered(found))


def _table_as_data(table: TableReport) -> dict[str, Any]:
    """A table's report for JSON; what there is none of is left out."""
    found = asdict(table)
    for column in [*found["columns"], *([found["target"]] if table.target else [])]:
        if column["stray"] is None:
            del column["stray"]
    if table.target is None:
        del found["target"]
    lists = {name: list(found[name]) for name in ("folders", "files", "columns")}
    return {**found, **lists, "tags": [list(tag) for tag in table.tags], "left_out": dict(table.left_out)}


def _held(table: TableReport) -> set[str]:
    return {column.name for column in table.columns if not column.dropped}


def _where(table: TableReport) -> str:
    tags = ", ".join(str(list(tag)) for tag in table.tags)
    return f"participant {table.participant_id!r}, {table.purpose} {tags}"


def _of_table(table: TableReport) -> Iterator[Finding]:
    where = _where(table)
    for reason, number in table.left_out.items():
        if number:
            yield Finding(
                "warning",
                f"{number:,} of {table.rows_read:,} rows left out: {reason}.",
                where,
                f"{table.rows_used:,} rows are used.",
                "Write their target into the csv file if it is known."
                if reason == "no target"
                else "See that it is meant.",
            )
    columns = [*table.columns, *([table.target] if table.target else [])]
    for column in columns:
        yield from _of_column(column, where, table)


def _of_column(column: ColumnReport, where: str, table: TableReport) -> Iterator[Finding]:
    name, is_trained_on = f"Column {column.name!r}", table.purpose == TRAINING
    if column.strays:
        # A participant on a machine of its own does not send them.
        shown = "" if column.stray else " `synergos data check` there shows the first."
        example = f": {column.stray.value!r} in row {column.stray.row} of {column.stray.file}" if column.stray else ""
        what = "no number in it" if column.kind == "number" else "neither true nor false in it"
        yield Finding(
            "warning",
            f"{name} has {column.strays:,} {'value' if column.strays == 1 else 'values'} with {what}{example}.",
            where,
            "They count as gaps." if column.kind == "number" else "They are categories of their own.",
            column.cause or f"Correct them, or declare in metadata.json how they are written.{shown}",
        )
    if column.dropped:
        yield Finding(
            "warning",
            f"{name} is not used: {column.dropped}.",
            where,
            "It tells nothing.",
            "Nothing, if that is right.",
        )
    elif column.is_id and is_trained_on:
        yield Finding(
            "warning",
            f"{name} looks like an identifier.",
            where,
            "It tells rows apart and nothing about them, and each category is an input of the network.",
            "Leave it out of the csv files and schema.json.",
        )
    elif column.gaps >= _MANY_GAPS * table.rows_used:
        yield Finding(
            "warning",
            f"{name} has no value in {column.gaps:,} of {table.rows_used:,} rows.",
            where,
            "Gaps are filled with the median or the most frequent value of all participants.",
            "Leave it out, or find the values.",
        )
    elif column.categories == 1 and column is not table.target and is_trained_on:
        yield Finding(
            "info", f"{name} has a single category.", where, "It tells nothing, unless others have another.", "Nothing."
        )


def _of_columns(columns: Mapping[str, set[str]], everything: set[str]) -> Iterator[Finding]:
    """What only some participants train on."""
    for name in sorted(everything):
        lacking = [participant for participant, own in columns.items() if name not in own]
        if lacking:
            yield Finding(
                "warning",
                f"Column {name!r} is at {_listed([one for one in columns if one not in lacking])} only, "
                f"and not at {_listed(lacking)}.",
                "the participants' columns",
                "Where it lacks, numbers are filled with the median, and categories are none of them.",
                "See that the columns are called alike, or leave it out.",
            )


def _of_classes(tables: Sequence[TableReport]) -> Iterator[Finding]:
    trained = {name for table in tables if table.purpose == TRAINING for name in table.classes}
    for table in tables:
        strange = sorted(table.classes.keys() - trained)
        if trained and strange and table.purpose == EVALUATION:
            yield Finding(
                "warning",
                f"Only the evaluation has the {'class' if len(strange) == 1 else 'classes'} {_listed(strange)}, "
                f"in {sum(table.classes[name] for name in strange):,} of its rows.",
                _where(table),
                "What nobody trains on is never predicted.",
                "Move some of these rows into training data, or correct the name of the class.",
            )
    if len(trained) == 1:
        yield Finding(
            "warning",
            f"All rows to train on have the class {next(iter(trained))!r}.",
            "the participants' targets",
            "There is nothing to tell apart.",
            "See that the right column is the target.",
        )


def _try_to_agree(
    tables: Sequence[TableReport], training: Sequence[Description], measure: Callable[[Agreed], object]
) -> None:
    """Bring together what an alignment would."""
    if not training:
        return
    check_same_datatype((one.datatype, one.where) for one in tables)
    if tables[0].datatype == IMAGE:
        shape = pictures.agree_on_shape([said.sizes for said in training if said.sizes is not None])
        measure(Agreed({}, (), (), shape))
    else:
        columns.expand(columns.agree([said.columns for said in training if said.columns is not None]))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(map(repr, names[:_NAMED])) + (f" and {more} more" if more > 0 else "")
