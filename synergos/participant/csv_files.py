"""One csv file read as its dialect says, or refused with what it looks like instead."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from synergos.learning.errors import Rejected
from synergos.participant.csv_dialect import WHITESPACE, Dialect, cure, likely_encoding, likely_separator
from synergos.participant.folders import check_file
from synergos.participant.values import COMMON_MARKS

_SAMPLE = 64_000
# From how many columns on a file is read row by row, if these have fewer bytes each.
_WIDE, _SHORT = 256, 4_000


def read_fields(
    file: Path, root: Path, dialect: Dialect, *, columns: Collection[str] = (), numbers: Collection[str] = ()
) -> pd.DataFrame:
    """Read a csv file, each field as it is written.

    Lines without any field are passed over. White space before a field and around a column's name does not count.

    Args:
        file: The file.
        root: The folder that holds all data, resolved.
        dialect: How the file is written.
        columns: The names that its header has to have, in any order; empty when it may have any.
        numbers: Those of them that pandas may turn into numbers, where it can do so without losing anything.

    Returns:
        The columns as texts, ``""`` for an empty field, and the ``numbers`` as numbers with missing values for the
        usual marks, or as texts where a column holds anything else.

    Raises:
        Rejected: The file is none, is in another encoding or has another separator, its header has a name twice or
            does not have the columns, or a row has more or fewer fields than the header.
    """
    where = check_file(file, root, "csv file")
    names = _header(file, where, dialect)
    _check_header(names, columns, file, where, dialect)
    # With a separator of thousands pandas would take 1,2 for 12.
    free = set() if dialect.thousands else set(numbers)
    marks = [*COMMON_MARKS, *dialect.na_values]
    if len(names) > _WIDE and file.stat().st_size < _SHORT * len(names) and dialect.sep != WHITESPACE:
        return _short_fields(file, where, dialect, names)
    try:
        rows = pd.read_csv(
            file,
            header=0,
            names=names,
            sep=dialect.sep,
            decimal=dialect.decimal,
            encoding=_codec(dialect),
            skipinitialspace=True,
            keep_default_na=False,
            na_values=dict.fromkeys(free, marks),
            # Of the type str each column would be a frame's block of its own, which wide tables take long with.
            dtype={name: object for name in names if name not in free},
            low_memory=False,
        ).copy()  # for one block of all columns of a type
    except UnicodeDecodeError as error:
        raise _other_encoding(file, where, dialect) from error
    except (ValueError, OSError) as error:
        _check_rows(file, where, dialect, names)
        raise Rejected(f"{where} cannot be read as csv: {error}") from error
    last = rows[names[-1]] if isinstance(rows.index, pd.RangeIndex) else None
    # A row that is too short has nothing in the last column.
    if last is None or last.isna().any() or (last.astype(str) == "").any():
        _check_rows(file, where, dialect, names)
    taken = rows.select_dtypes("number")
    if infinite := set(taken.columns[np.isinf(taken.to_numpy(np.float64)).any(axis=0)]):
        # How they are written is lost.
        return read_fields(file, root, dialect, columns=columns, numbers=set(numbers) - infinite)
    return rows


def _short_fields(file: Path, where: str, dialect: Dialect, names: Sequence[str]) -> pd.DataFrame:
    """Read many columns of few rows, all as texts: pandas does its work column by column."""
    try:
        with file.open(encoding=_codec(dialect), newline="") as lines:
            _, *rows = _rows(lines, dialect)
    except UnicodeDecodeError as error:
        raise _other_encoding(file, where, dialect) from error
    except csv.Error as error:
        raise Rejected(f"{where} cannot be read as csv: {error}") from error
    if any(len(row) != len(names) for row in rows):
        _check_rows(file, where, dialect, names)
    return pd.DataFrame(np.array(rows, object).reshape(len(rows), len(names)), columns=list(names), dtype=object)


def _header(file: Path, where: str, dialect: Dialect) -> list[str]:
    try:
        with file.open(encoding=_codec(dialect), newline="") as lines:
            first = next(_rows(lines, dialect), None)
    except UnicodeDecodeError as error:
        raise _other_encoding(file, where, dialect) from error
    except (csv.Error, OSError, LookupError) as error:
        raise Rejected(f"{where} cannot be read as csv: {error}") from error
    if first is None:
        raise Rejected(f"{where} cannot be read as csv: it is empty")
    return [name.strip() for name in first]


def _check_header(names: Sequence[str], columns: Collection[str], file: Path, where: str, dialect: Dialect) -> None:
    wanted = set(columns)
    if (wanted and set(names) != wanted) or len(names) == 1:
        with file.open(encoding=_codec(dialect), errors="replace", newline="") as lines:
            separator = likely_separator(lines.read(_SAMPLE), columns)
        if separator not in (None, dialect.sep):
            raise Rejected(f"{where} looks separated by {separator!r}: {cure(sep=separator)}")
    if "" in names:
        raise Rejected(f"{where}: column {names.index('') + 1} has no name in the header")
    if repeated := sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()):
        raise Rejected(f"{where} has several columns named {repeated[0]!r}; give each a name of its own")
    if wanted and set(names) != wanted:
        extra, lacking = sorted(set(names) - wanted), sorted(wanted - set(names))
        raise Rejected(f"{where} does not match schema.json: lacks columns {lacking}, has unknown columns {extra}")


def _check_rows(file: Path, where: str, dialect: Dialect, names: Sequence[str]) -> None:
    """Refuse rows that have more or fewer fields than the header."""
    number = -1
    try:
        with file.open(encoding=_codec(dialect), newline="") as lines:
            for number, row in enumerate(_rows(lines, dialect)):
                if len(row) > len(names):
                    raise Rejected(
                        f"{where}, row {number} has more fields than its header: {len(row)} and not {len(names)}; "
                        f"a field that holds {dialect.sep!r} must be in quotation marks"
                    )
                if len(row) < len(names):
                    raise Rejected(
                        f"{where}, row {number} has fewer fields than its header: {len(row)} and not {len(names)}; "
                        "is the file cut off?"
                    )
    except UnicodeDecodeError as error:
        raise _other_encoding(file, where, dialect) from error
    except csv.Error as error:
        raise Rejected(f"{where}, row {number + 1} cannot be read as csv: {error}") from error


def _rows(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """Read the rows as pandas does, which passes over lines of nothing but white space."""
    if dialect.sep == WHITESPACE:
        rows: Iterable[list[str]] = (re.findall(r'(?:"(?:[^"]|"")*"|\S)+', line) for line in lines)
    else:
        rows = csv.reader(lines, delimiter=dialect.sep, skipinitialspace=True)
    return (row for row in rows if row and (len(row) > 1 or row[0].strip()))


def _other_encoding(file: Path, where: str, dialect: Dialect) -> Rejected:
    encoding = likely_encoding(file.read_bytes())
    advice = "write it in UTF-8" if encoding is None else f"it looks written in {encoding!r}: {cure(encoding=encoding)}"
    return Rejected(f"{where} cannot be read as {dialect.encoding!r}; {advice}")


def _codec(dialect: Dialect) -> str:
    """Pass over a byte order mark, which pandas does with some encodings only."""
    return "utf-8-sig" if dialect.encoding.replace("_", "-").casefold() in ("utf-8", "utf8") else dialect.encoding
