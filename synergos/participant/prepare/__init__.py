"""From a csv file as people write it, or a DataFrame, to the data folders of a participant."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, cast

import numpy as np
import pandas as pd

from synergos.common.checks import Between, check
from synergos.common.misspelt import nearest
from synergos.errors import InvalidArgument
from synergos.findings import Finding
from synergos.learning.errors import Rejected
from synergos.learning.tables import TARGET
from synergos.participant.prepare.columns import Choices, Column, is_id, of_the_values, read_text, weigh
from synergos.participant.prepare.outcome import Preparation
from synergos.participant.prepare.source import Source, read_csv, read_frame
from synergos.participant.prepare.split import split
from synergos.participant.prepare.texts import Texts, Undecided, counted
from synergos.participant.prepare.typed import read_typed
from synergos.participant.prepare.writing import check_folder, write
from synergos.participant.reading import load

__all__ = ["Preparation", "prepare_data"]

# A regression has more values than this in its target.
_MOST_CLASSES = 20


def prepare_data(
    source: str | Path | pd.DataFrame,
    to: str | Path,
    *,
    target: str,
    evaluate: float | None = None,
    seed: int = 0,
    stratify: bool = False,
    drop: Sequence[str] = (),
    missing: Sequence[str] = (),
    sep: str | None = None,
    encoding: str | None = None,
    decimal: Literal[".", ","] | None = None,
    dates: Literal["ymd", "dmy", "mdy"] | None = None,
    force: bool = False,
) -> Preparation:
    """Make a participant's data folders out of a table.

    It writes `train` and, when asked for, `evaluate` below `to`, each with `metadata.json`, `schema.json` and
    `data.csv`. How the csv file is written and what its columns hold is inferred; what was decided is in the answer.
    Values that can be read in two ways are refused, with what to say. Nothing is written before all is checked and the
    sandbox could read it.

    - Numbers may have a decimal comma, marks between thousands, and one currency or unit for all of the column.
    - Dates become the number of days since 1970-01-01, the same zero for all participants.
    - True and False, however they are capitalised, become truth values; all other text becomes categories. Codes
      such as 00412 stay text.
    - Empty columns, empty rows and rows without a target are left out.
    - What looks like an identifier, and what has a single value, is kept and warned of.

    Args:
        source: The csv file, or the table; a DataFrame's index is left out.
        to: The participant's folder, made if need be: `DATA/<participant id>`, where `DATA` is the sandbox's data.
        target: The column that is to be learned; it is written as `target`.
        evaluate: The share of the rows to evaluate on, above 0 and below 1; None leaves all to train on.
        seed: What decides which rows those are, 0 or more.
        stratify: Whether each class is in both parts, by the same share.
        drop: Columns to leave out.
        missing: Values that stand for a gap, in any column. The empty one always does, and in columns of numbers and
            dates also NA, N/A, NaN, null, None, ?, - and a point.
        sep: The separator of the csv file; None finds comma, semicolon, tab or bar.
        encoding: Its encoding; None finds UTF-8, UTF-16 or Windows-1252.
        decimal: The decimal mark of numbers that are text; None finds it, column by column.
        dates: The order of year, month and day; None finds it.
        force: Whether to replace `train` and `evaluate` folders that are there.

    Returns:
        What was read, decided and written; it prints as a report.

    Raises:
        InvalidArgument: When an argument is wrong, or the table cannot be prepared. Nothing was written.
        FileNotFoundError: When there is no such file.
        FileExistsError: When the folders are there, and `force` is not given.

    Example:
        >>> rows = {"Age": ["41", "67", "n/a", "58"], "Readmitted?": ["No", "Yes", "Yes", "No"]}
        >>> done = prepare_data(pd.DataFrame(rows), folder / "st_mary", target="Readmitted?", evaluate=0.5)
        >>> sorted(path.name for path in done.train.iterdir())
        ['data.csv', 'metadata.json', 'schema.json']
        >>> done.classes
        {'No': 2, 'Yes': 2}
    """
    share = _share(evaluate)
    check("prepare_data", "target", target, str)
    check("prepare_data", "seed", seed, Annotated[int, Between(0)])
    for name, value in (("stratify", stratify), ("force", force)):
        check("prepare_data", name, value, bool)
    for name, given in (("drop", drop), ("missing", missing)):
        check("prepare_data", name, given, Sequence[str])
    _check_style(sep, encoding, decimal, dates)
    if stratify and share is None:
        raise InvalidArgument("[prepare_data] stratify=True needs evaluate: the share of the rows to evaluate on.")
    folder = check_folder(Path(check("prepare_data", "to", str(to) if isinstance(to, Path) else to, str)), force=force)

    table = _read(source, sep, encoding)
    _check_names(table, target, drop)
    for name in dict.fromkeys(drop):
        del table.columns[name]
    choices = Choices(missing=frozenset(missing), decimal=decimal or "", date_order=dates)
    found = _tell_kinds(table, choices)
    return _finish(table, found, target, folder, share, seed, stratify, tuple(dict.fromkeys(drop)))


def _share(evaluate: float | None) -> float | None:
    share = check("prepare_data", "evaluate", evaluate, float | None)
    if share is not None and not 0 < share < 1:
        raise InvalidArgument(
            f"[prepare_data] evaluate={evaluate!r} is not allowed: it must be above 0 and below 1, 0.25 for example."
        )
    return cast(float | None, share)


def _check_style(sep: object, encoding: object, decimal: object, dates: object) -> None:
    check("prepare_data", "encoding", encoding, str | None)
    check("prepare_data", "decimal", decimal, Literal[".", ","] | None)
    check("prepare_data", "dates", dates, Literal["ymd", "dmy", "mdy"] | None)
    if check("prepare_data", "sep", sep, str | None) is not None and (len(str(sep)) != 1 or str(sep) in '"\r\n'):
        raise InvalidArgument(
            f"[prepare_data] sep={sep!r} is not allowed: it must be one character, and no quotation mark."
        )


def _read(source: object, sep: str | None, encoding: str | None) -> Source:
    if isinstance(source, pd.DataFrame):
        if sep is not None or encoding is not None:
            raise InvalidArgument("[prepare_data] sep and encoding are for a csv file, and the source is a DataFrame.")
        return _undecided_as_wrong(lambda: read_frame(source))
    if not isinstance(source, str | Path):
        raise InvalidArgument(
            f"[prepare_data] the source is a {type(source).__name__}: it must be the path of a csv file or a DataFrame."
        )
    if not Path(source).is_file():
        raise FileNotFoundError(f"There is no file {str(source)!r}.")
    return read_csv(Path(source), sep=sep, encoding=encoding)


def _check_names(table: Source, target: str, drop: Sequence[str]) -> None:
    """See that the columns that are asked for are there, and one of them is left to learn from."""
    for what, name in (("target", target), *(("drop", name) for name in drop)):
        if name not in table.columns:
            near = nearest(name, table.columns)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(map(repr, table.columns))}."
            raise InvalidArgument(f"[prepare_data] {what}={name!r}: {table.name} has no such column: {hint}")
    if target in drop:
        raise InvalidArgument(f"[prepare_data] {target!r} is the target and cannot be dropped.")
    if set(table.columns) == {target, *drop}:
        raise InvalidArgument(f"[prepare_data] {table.name} has no column besides the target to learn from.")


def _tell_kinds(table: Source, choices: Choices) -> list[Column]:
    """Tell what every column holds; what one leaves open may be told by the others."""
    proofs = {
        evidence.decimal
        for column in table.columns.values()
        if isinstance(column, Texts)
        for evidence in [weigh(column, choices.missing)]
        if evidence.decimal
    }
    usual = proofs.pop() if len(proofs) == 1 else "." if table.sep == "," and not proofs else ""
    choices = replace(choices, usual_decimal=usual)
    found, problems = _try_kinds(table, choices)
    orders = {column.order for column in found if column.order}
    if problems and len(orders) == 1:
        found, problems = _try_kinds(table, replace(choices, usual_order=orders.pop()))
    if problems:
        raise InvalidArgument(f"[prepare_data] {table.name} cannot be prepared: {'; '.join(problems)}.")
    return found


def _try_kinds(table: Source, choices: Choices) -> tuple[list[Column], list[str]]:
    found, problems = [], []
    for name, column in table.columns.items():
        try:
            found.append(read_text(column, choices) if isinstance(column, Texts) else read_typed(name, column))
        except Undecided as problem:
            problems.append(str(problem))
    return found, problems


def _finish(
    table: Source,
    found: Sequence[Column],
    target: str,
    folder: Path,
    share: float | None,
    seed: int,
    stratify: bool,
    dropped: Sequence[str],
) -> Preparation:
    """Leave out what cannot be used, divide the rows, and write them."""
    (label,) = (column for column in found if column.source == target)
    features, findings = _features(table, found, target)
    known = label.values.notna().to_numpy()
    if not known.any():
        raise InvalidArgument(f"[prepare_data] the target {target!r} has no value in any row.")
    left_out = {"no target": int((~known).sum())} if not known.all() else {}
    if left_out:
        row = int(np.argmin(known)) + 1
        findings.append(
            Finding(
                "warning",
                f"{counted(left_out['no target'], 'row')} without a target left out, row {row} the first.",
                f"column {target!r}",
                "They can be neither trained nor evaluated with.",
                "Prepare them apart to predict them.",
            )
        )
    labels = label.values[known].reset_index(drop=True)
    classes = _classes(label, labels)
    findings += [*label.findings, *_of_the_target(target, labels, classes, stratify=stratify)]
    if stratify and not classes:
        raise InvalidArgument(
            f"[prepare_data] stratify=True is for classes, and {target!r} holds {labels.nunique():,} numbers."
        )
    if share is not None and len(labels) < 2:
        raise InvalidArgument("[prepare_data] evaluate needs two rows with a target at least, and there is one.")
    rows = pd.DataFrame({**{one.name: one.values for one in features}, TARGET: label.values})[known].reset_index(
        drop=True
    )
    schema = {**{one.name: one.dtype for one in features}, TARGET: replace(label, values=labels).dtype}
    parts = {"train": rows}
    if share is not None:
        drawn = split(labels.astype("str"), share, seed, stratify=stratify)
        if not drawn.any():
            raise InvalidArgument("[prepare_data] every class has one row, so there is none to evaluate on.")
        parts = {"train": rows[~drawn], "evaluate": rows[drawn]}
    action = "classify" if classes else "regress"
    write(folder, parts, schema, lambda data: _verify(data, folder.name, parts, action))
    return Preparation(
        source=table.name,
        folder=folder,
        rows={name: len(part) for name, part in parts.items()},
        left_out=left_out,
        dropped=tuple(dropped),
        columns=(*features, replace(label, name=TARGET)),
        classes=classes,
        action=action,
        findings=(*table.findings, *findings),
    )


def _features(table: Source, found: Sequence[Column], target: str) -> tuple[list[Column], list[Finding]]:
    """The columns to learn from, and what is to be known of them."""
    features: list[Column] = []
    findings: list[Finding] = []
    for column in found:
        if column.source == target:
            continue
        where = f"column {column.source!r}"
        if column.gaps == table.rows or not column.values.count():
            findings.append(Finding("info", "It was left out.", where, "It has no value in any row.", "Nothing."))
            continue
        if column.name == TARGET:
            names = {one.name for one in found}
            name = next(
                one for one in (f"{TARGET}_feature", *(f"{TARGET}_{n}" for n in range(2, 10**6))) if one not in names
            )
            column = replace(column, name=name)
            told = f"It was renamed {name!r}."
            why = "The sandbox takes a column of the name 'target' for the target."
            findings.append(
                Finding("warning", told, where, why, f"Give --drop {TARGET} if it is the target in other words.")
            )
        findings += [*column.findings, *of_the_values(column)]
        features.append(column)
    if not features:
        raise InvalidArgument(
            f"[prepare_data] {table.name} has no column with values besides the target to learn from."
        )
    return features, findings


def _classes(label: Column, labels: "pd.Series[float] | pd.Series[str]") -> dict[str, int]:
    """The classes with their rows; none when the target is a quantity."""
    if label.kind in ("number", "date"):
        is_whole = pd.api.types.is_integer_dtype(labels.dtype)
        if label.kind == "date" or not is_whole or labels.nunique() > _MOST_CLASSES:
            return {}
    counts = labels.value_counts().sort_index()
    return {str(name): int(number) for name, number in counts.items()}


def _of_the_target(
    target: str, labels: "pd.Series[float] | pd.Series[str]", classes: dict[str, int], *, stratify: bool
) -> list[Finding]:
    where = f"column {target!r}"
    findings = [
        Finding("info", "It was renamed 'target'.", where, "That is what the grid calls the target.", "Nothing.")
    ]
    if target == TARGET:
        findings.clear()
    if labels.nunique() == 1:
        what, why = (
            f"All rows have the target {str(labels.iloc[0])!r}.",
            "There is nothing to tell apart, unless others have other targets.",
        )
        findings.append(Finding("warning", what, where, why, "See that the other participants have the others."))
    elif classes and is_id(len(labels), len(classes)):
        what, why = (
            f"It has {len(classes)} classes in {len(labels)} rows.",
            "A network cannot learn a class from one row.",
        )
        findings.append(Finding("warning", what, where, why, "Choose another target, or bring classes together."))
    elif stratify and (single := [name for name, number in classes.items() if number == 1]):
        what = f"Classes with a single row stay in train: {', '.join(map(repr, single[:3]))} ({len(single)} in all)."
        findings.append(Finding("warning", what, where, "One row cannot be in both parts.", "Get more rows of it."))
    return findings


def _verify(data: Path, participant_id: str, parts: Collection[str], action: str) -> None:
    """Read what was written as the sandbox will."""
    for name in parts:
        try:
            load(data, participant_id, [[name]], action=action, purpose=name)
        except Rejected as error:
            raise InvalidArgument(
                f"[prepare_data] the sandbox could not read what would be written: {error}"
            ) from error


def _undecided_as_wrong(read: Callable[[], Source]) -> Source:
    try:
        return read()
    except Undecided as problem:
        raise InvalidArgument(f"[prepare_data] {problem}") from problem
