"""What is to be prepared, as columns with names of their own: a csv file as people write it, or a DataFrame."""

import codecs
import csv
import io
import itertools
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from synergos.errors import InvalidArgument
from synergos.findings import Finding
from synergos.participant.prepare.texts import Texts, as_texts, counted

_CHUNK = 20_000
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel or zip file: save it as csv, or read it with pandas and give the DataFrame",
    b"\xd0\xcf\x11\xe0": "an Excel file: save it as csv, or read it with pandas and give the DataFrame",
    b"\x1f\x8b": "compressed: unpack it first",
    b"PAR1": "a Parquet file: read it with pandas and give the DataFrame",
}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass
class Source:
    """A table before it is prepared.

    Attributes:
        name: What it is called in messages.
        rows: How many rows it has.
        columns: By name, the text or, of a DataFrame, the values.
        sep: The separator; empty for a DataFrame.
        encoding: The encoding; empty for a DataFrame.
        findings: What was to be done to take it apart.
    """

    name: str
    rows: int
    columns: dict[str, "Texts | pd.Series[float]"]
    sep: str = ""
    encoding: str = ""
    findings: list[Finding] = field(default_factory=list)

    def tell(self, what: str, why: str, remedy: str = "Nothing, if that is right.", *, warns: bool = False) -> None:
        """Keep what was decided."""
        self.findings.append(Finding("warning" if warns else "info", what, self.name, why, remedy))


def read_csv(path: Path, *, sep: str | None, encoding: str | None) -> Source:
    """Read a csv file, every field as it is written.

    Args:
        path: The file.
        sep: The separator; None finds it.
        encoding: The encoding; None finds it.

    Returns:
        Its columns.

    Raises:
        InvalidArgument: When it is no table.
    """
    text, encoding = _decode(path, encoding)
    if text.startswith("sep=") and text[5:6] in ("\r", "\n"):
        # As Excel writes it, and reads it.
        sep, text = sep or text[4], text[5:].lstrip("\r\n")
    sep = sep or _find_separator(text, path.name)
    source = Source(path.name, 0, {}, sep, encoding)
    source.tell(
        f"It is read as {encoding.removesuffix('-sig')}, separated by {sep!r}.",
        "It is written as UTF-8, separated by commas.",
        "Give --encoding or --sep if that is wrong.",
    )
    header, texts = _take_apart(text, source)
    if all(_is_number(name) for name in header):
        raise InvalidArgument(
            f"[prepare_data] {source.name}: the first row, {', '.join(header[:3])}, holds numbers and no "
            "names of columns: write a header"
        )
    source.rows = len(texts[0].codes)
    _name(source, header, texts)
    return source


def read_frame(frame: pd.DataFrame) -> Source:
    """Take a DataFrame apart.

    Args:
        frame: The table; its index is left out.

    Returns:
        Its columns.

    Raises:
        InvalidArgument: When its columns have names of several levels.
    """
    source = Source("the DataFrame", len(frame), {})
    if frame.columns.nlevels > 1:
        raise InvalidArgument("[prepare_data] the DataFrame's columns have names of several levels: make them one")
    if not isinstance(frame.index, pd.RangeIndex):
        source.tell("Its index was left out.", "It names rows.", "Call reset_index() first to have it as a column.")
    columns: list[Texts | pd.Series[float]] = []
    for position, name in enumerate(frame.columns):
        values = frame.iloc[:, position].reset_index(drop=True)
        is_text = pd.api.types.is_object_dtype(values.dtype) or pd.api.types.is_string_dtype(values.dtype)
        is_text = is_text and not isinstance(values.dtype, pd.CategoricalDtype)
        columns.append(Texts.of_series("", as_texts(str(name), values)) if is_text else values)
    _name(source, [str(name) for name in frame.columns], columns)
    return source


def _decode(path: Path, encoding: str | None) -> tuple[str, str]:
    content = path.read_bytes()
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise InvalidArgument(f"[prepare_data] {path.name} is {what}")
    found = encoding or next((name for start, name in _MARKS.items() if content.startswith(start)), "")
    tried = [found] if found else ["utf-8", "cp1252", "latin-1"]
    for one in tried:
        try:
            text = content.decode(one)
            break
        except (UnicodeDecodeError, LookupError) as error:
            problem = error
    else:
        raise InvalidArgument(f"[prepare_data] {path.name} cannot be read as {tried[0]}: {problem}") from problem
    if "\0" in text:
        raise InvalidArgument(f"[prepare_data] {path.name} holds NUL characters: it is no csv, or give --encoding")
    if not text.strip():
        raise InvalidArgument(f"[prepare_data] {path.name} is empty")
    return text.removeprefix("\ufeff"), one


def _find_separator(text: str, name: str) -> str:
    sample = text[: 1 << 18]
    best = max(",;\t|", key=lambda sep: _consistency(sample, sep))
    if _consistency(sample, best) == (0.0, 0):
        raise InvalidArgument(
            f"[prepare_data] {name} has one column, or a separator other than comma, semicolon, tab and bar: give --sep"
        )
    return best


def _consistency(sample: str, sep: str) -> tuple[float, int]:
    """How many of the rows have as many fields as most, and how many those are."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=sep, skipinitialspace=True)
    try:
        widths = [len(row) for row in itertools.islice(reader, 1000) if row]
    except csv.Error:
        return 0.0, 0
    # The last may be cut off.
    width, number = Counter(widths[:-1] or widths).most_common(1)[0]
    return (number / max(len(widths) - 1, 1), width) if width > 1 else (0.0, 0)


def _take_apart(text: str, source: Source) -> tuple[list[str], list[Texts]]:
    """The names in the header, and the columns below it."""
    rows = _rows(text, source)
    header = [" ".join(name.split()) for name in next(rows)]
    # By column its different values, each with its number in the order in which they come, and the numbers of the rows.
    numbers: list[defaultdict[str, int]] = [defaultdict(itertools.count().__next__) for _ in header]
    codes = [array("q") for _ in header]
    counts: Counter[str] = Counter()
    fitted = _fitted(rows, len(header), source, counts)
    while chunk := list(itertools.islice(fitted, _CHUNK)):
        for number_of, own, values in zip(numbers, codes, zip(*chunk, strict=True), strict=True):
            own.extend(map(number_of.__getitem__, values))
    if not codes[0]:
        raise InvalidArgument(f"[prepare_data] {source.name} has a header and no rows")
    if counts["short"]:
        source.tell(
            f"{counted(counts['short'], 'row')} with fewer fields than the header, row {counts['first']} the first.",
            "The fields that they lack are gaps.",
            "Look at them: a note may stand there, or a row that was cut in two.",
            warns=True,
        )
    if counts["empty"]:
        source.tell(f"{counted(counts['empty'], 'empty row')} left out.", "There is nothing in them.")
    return header, [Texts.of("", number_of, np.array(own)) for number_of, own in zip(numbers, codes, strict=True)]


def _rows(text: str, source: Source) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.sep, skipinitialspace=True, strict=True)
    try:
        yield from (row for row in reader if row)
    except csv.Error as error:
        raise InvalidArgument(
            f"[prepare_data] {source.name} cannot be read as csv in or before line {reader.line_num}: {error}. "
            "A quotation mark in a value has to be doubled, and one that is opened has to be closed"
        ) from error


def _fitted(rows: Iterator[list[str]], width: int, source: Source, counts: Counter[str]) -> Iterator[list[str]]:
    """Rows of as many fields as there are names."""
    for number, row in enumerate(rows, start=1):
        if not any(map(str.strip, row)):
            counts["empty"] += 1
            continue
        if len(row) > width:
            if any(map(str.strip, row[width:])):
                raise InvalidArgument(
                    f"[prepare_data] {source.name}: row {number} has {len(row)} fields and the header {width}: a value "
                    f"that holds {source.sep!r} has to stand in quotation marks; what stands above the header has to go"
                )
            row = row[:width]
        elif len(row) < width:
            counts["short"] += 1
            counts["first"] = counts["first"] or number
            row = row + [""] * (width - len(row))
        yield row


def _name(source: Source, header: Sequence[str], columns: "Sequence[Texts | pd.Series[float]]") -> None:
    """Give each column a name of its own, and leave out those that hold nothing or another one again."""
    for position, (name, column) in enumerate(zip(header, columns, strict=True), start=1):
        if not name or name.startswith("Unnamed: "):
            if _is_empty(column) or _numbers_rows(column):
                what = "holds nothing" if _is_empty(column) else "numbers the rows"
                source.tell(f"Column {position}, which has no name, was left out.", f"It {what}.")
                continue
            name = name or f"column_{position}"
            source.tell(f"Column {position} has no name and was called {name!r}.", "A column needs a name.", warns=True)
        if name in source.columns:
            if _are_equal(source.columns[name], column):
                source.tell(
                    f"Column {position} was left out.", f"It is called {name!r} as another one, and equal to it."
                )
                continue
            renamed = next(
                one for number in itertools.count(2) if (one := f"{name}_{number}") not in {*header, *source.columns}
            )
            source.tell(
                f"Column {position} was renamed {renamed!r}.",
                f"It is called {name!r} as another one, and holds other values.",
                "Give it a name that says what it is in the source.",
                warns=True,
            )
            name = renamed
        source.columns[name] = replace(column, name=name) if isinstance(column, Texts) else column.rename(name)


def _is_empty(column: "Texts | pd.Series[float]") -> bool:
    return column.uniques == [""] if isinstance(column, Texts) else not column.count()


def _numbers_rows(column: "Texts | pd.Series[float]") -> bool:
    values = [column.uniques[code] for code in column.codes] if isinstance(column, Texts) else column.map(str).tolist()
    return any(values == [str(number) for number in range(start, start + len(values))] for start in (0, 1))


def _are_equal(one: "Texts | pd.Series[float]", other: "Texts | pd.Series[float]") -> bool:
    if isinstance(one, Texts) and isinstance(other, Texts):
        return one.uniques == other.uniques and bool((one.codes == other.codes).all())
    return not isinstance(one, Texts) and not isinstance(other, Texts) and bool(one.equals(other))


def _is_number(name: str) -> bool:
    try:
        float(name.replace(",", "."))
    except ValueError:
        return False
    return True
