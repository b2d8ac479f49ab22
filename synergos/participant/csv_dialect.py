"""How a csv file is written: what its metadata say of it, and what it looks like.

``operations`` of a folder's ``metadata.json`` may say, in the words of pandas, how the csv files of the folder are
written: ``{"csv": {"sep": ";", "decimal": ",", "thousands": ".", "encoding": "latin-1", "na_values": ["unknown"],
"true_values": ["ja"], "false_values": ["nein"]}}``. :class:`Dialect` holds it. What is not said is never guessed: the
other functions here look at a file that cannot be read as it stands, for an error that names what to say.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

from charset_normalizer import from_bytes

from synergos.learning.errors import Rejected, unknown
from synergos.learning.numbers import PLAIN, NumberFormat

SEPARATORS = (",", ";", "\t", "|")
WHITESPACE = r"\s+"
# What a format has to fit to be likely, and what of a column may be lost before it is refused.
MOST_LOST = 0.1
_SAMPLE = 64_000
_SAMPLE_ROWS = 50


@dataclass(frozen=True)
class Dialect:
    r"""How the csv files of a folder are written, in the words of :func:`pandas.read_csv`.

    Attributes:
        sep: What is between two fields: one character, or ``\s+`` for any white space.
        decimal: What is before the fraction of a number.
        thousands: What is between groups of three digits; ``None`` when nothing is.
        encoding: The name of the files' encoding. A byte order mark is passed over.
        na_values: What stands for a missing value, beside an empty field, in every column.
        true_values: What stands for true, beside ``true``, ``t``, ``yes``, ``y`` and ``1``.
        false_values: What stands for false, beside ``false``, ``f``, ``no``, ``n`` and ``0``.

    Example:
        >>> Dialect.from_operations({"csv": {"sep": ";", "decimal": ","}}, "'metadata.json'").decimal
        ','
    """

    sep: str = ","
    decimal: str = "."
    thousands: str | None = None
    encoding: str = "utf-8"
    na_values: tuple[str, ...] = ()
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()

    @classmethod
    def from_operations(cls, operations: Mapping[str, object], where: str) -> Self:
        """Take the dialect that a folder's operations declare.

        Args:
            operations: The operations; without ``csv`` among them it is the usual dialect.
            where: The file that they are from, for messages.

        Returns:
            The dialect.

        Raises:
            Rejected: A name is unknown, a value is of the wrong kind, or two values contradict each other.
        """
        where = f"{where}: operation 'csv'"
        declared = operations.get("csv")
        if declared is None:
            return cls()
        if not isinstance(declared, dict):
            raise Rejected(f'{where} is {declared!r}, and must be an object such as {{"sep": ";"}}')
        known = [field.name for field in fields(cls)]
        for name in declared:
            if name not in known:
                raise unknown(f"{where}: key", name, known)
        given = {name: _CHECKS[name](value, f"{where}: {name!r}") for name, value in declared.items()}
        dialect = cls(**given)  # type: ignore[arg-type]
        if dialect.decimal == dialect.thousands:
            raise Rejected(f"{where}: 'decimal' and 'thousands' are both {dialect.decimal!r}")
        for one, other in (
            ("true_values", "false_values"),
            ("na_values", "true_values"),
            ("na_values", "false_values"),
        ):
            if both := set(getattr(dialect, one)) & set(getattr(dialect, other)):
                raise Rejected(f"{where}: {min(both)!r} is among {one!r} and among {other!r}")
        return dialect


_FORMATS = (
    PLAIN,
    NumberFormat(".", ","),
    NumberFormat(",", None),
    NumberFormat(",", "."),
    *(NumberFormat(decimal, space) for space in ("'", "’", " ", "\u00a0", "\u202f") for decimal in ".,"),
)


def number_formats(values: Iterable[str]) -> list[NumberFormat]:
    """Find the formats in which texts are numbers.

    Args:
        values: The texts of fields; empty ones count for nothing.

    Returns:
        The formats in which at least nine in ten texts are numbers. The first is the likeliest: those that fit more
        texts come first, and of equals plain numbers, and the separator of thousands before the decimal comma. Two
        that fit equally well cannot be told apart: ``1,234`` may be either.

    Example:
        >>> number_formats(["0,5", "12,25"])
        [NumberFormat(decimal=',', thousands=None)]
    """
    texts = [text.strip() for text in values if text.strip()]
    fitting = {one: sum(one.parse(text) is not None for text in texts) for one in _FORMATS}
    # What no text has is not a feature of the format.
    used = [one for one in _FORMATS if all(any(mark in text for text in texts) for mark in _differences(one).values())]
    likely = [one for one in used if texts and fitting[one] >= (1 - MOST_LOST) * len(texts)]
    return sorted(likely, key=lambda one: -fitting[one])


def likely_separator(text: str, columns: Iterable[str] = ()) -> str | None:
    r"""Find what separates the fields of a csv file.

    Args:
        text: The file, or its first lines.
        columns: The names that its header should have, if they are known.

    Returns:
        The separator with which the header has just these columns, or else with which all lines have the same number
        of fields, more than one; the one with most fields if there are several, ``None`` if there is none.

    Example:
        >>> likely_separator("a;b\n1,5;2,5\n")
        ';'
    """
    wanted = set(columns)
    found: dict[str, int] = {}
    for sep in SEPARATORS:
        rows = _records(text, sep)
        if rows and wanted and {name.strip() for name in rows[0]} == wanted:
            return sep
        if len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
            found[sep] = len(rows[0])
    if not found:
        header = text.split("\n", 1)[0].split()
        return WHITESPACE if wanted and set(header) == wanted else None
    return max(found, key=lambda sep: found[sep])


def likely_encoding(content: bytes) -> str | None:
    """Find the encoding of a text.

    Args:
        content: The bytes of the file.

    Returns:
        ``utf-8`` if they can be read so, else what charset-normalizer takes them for; ``None`` if it does not know.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(content[:_SAMPLE], cp_isolation=_ENCODINGS).best()
        if best is None or "cp1252" not in best.could_be_from_charset:
            return None if best is None else best.encoding
        # They differ in the bytes from 0x80 to 0x9f.
        return "cp1252" if re.search(rb"[\x80-\x9f]", content) else "latin-1"
    return "utf-8"


# Others are taken for these in short texts, or these for others.
_ENCODINGS = ["utf_16", "utf_32", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030", "big5"]


def cure(**declared: object) -> str:
    """Say what to declare.

    Args:
        **declared: Keys of ``csv`` and their values.

    Returns:
        A phrase.

    Example:
        >>> cure(sep=";")
        'say {"csv": {"sep": ";"}} among the operations of metadata.json'
    """
    return f"say {_declaration(**declared)} {_WHERE}"


def explain(strays: Sequence[str], *, are_classes: bool = False) -> str:
    """Say why values are no numbers, as far as one can see it, and what to do.

    Args:
        strays: The texts of some values that are no numbers.
        are_classes: Whether they are the classes of a classification.

    Returns:
        One or two sentences.

    Example:
        >>> explain(["12%", "7%"])
        'They end in a percent sign: write plain numbers.'
    """
    texts = [text.strip() for text in strays]
    if are_classes:
        return "For classes write 'category' as its dtype in schema.json."
    if formats := number_formats(texts):
        names, ways = zip(*((_name(one), _declaration(**_differences(one))) for one in formats[:2]), strict=True)
        return f"They look like numbers with {' or '.join(names)}: say {' or '.join(ways)} {_WHERE}."
    for is_it, sentence in _CAUSES:
        if sum(is_it(text) is not None for text in texts) >= (1 - MOST_LOST) * len(texts):
            return sentence
    if units := _units(texts):
        return f"They carry {units}: write plain numbers."
    words = sorted(set(texts), key=texts.index)
    advice = "If they are names and no numbers, write 'category' as its dtype in schema.json"
    if len(words) <= 2:
        advice += f"; if {words[0]!r} means that the value is missing, {cure(na_values=words)}"
    return f"{advice}."


_WHERE = "among the operations of metadata.json"


def _declaration(**declared: object) -> str:
    return json.dumps({"csv": declared}, ensure_ascii=False)


def _name(one: NumberFormat) -> str:
    if one.thousands is None:
        return "a decimal comma"
    return f"{one.thousands!r} between thousands{' and a decimal comma' if one.decimal == ',' else ''}"


def _differences(one: NumberFormat) -> dict[str, str]:
    found = {} if one.decimal == PLAIN.decimal else {"decimal": one.decimal}
    return found if one.thousands is None else found | {"thousands": one.thousands}


_NUMBER = r"[+-]?[0-9][0-9.,']*(?:[eE][+-]?[0-9]+)?"
_CAUSES = (
    (
        re.compile(r"[+-]?(?:inf|infinity)|[+-]?[0-9.]+[eE]\+?[0-9]+", re.I).fullmatch,
        "They are infinite or too large for a float: leave them empty, or write the largest value that there can be.",
    ),
    (re.compile(rf"{_NUMBER}\s*%").fullmatch, "They end in a percent sign: write plain numbers."),
    (
        re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2}.*)?").fullmatch,
        "They look like dates or times: write them as numbers, such as days since a certain day.",
    ),
    (
        re.compile(r"true|false|t|f|yes|no|y|n", re.I).fullmatch,
        "They are words for true and false: write 'bool' as the column's dtype in schema.json.",
    ),
    (re.compile(r"[+-]?0[xX][0-9a-fA-F]+").fullmatch, "They look hexadecimal: write them in decimal digits."),
    (re.compile(r"[+-]?[0-9]+(?:_[0-9]+)+(?:\.[0-9]*)?").fullmatch, "They hold '_' between digits: leave it out."),
    (
        re.compile(r"[+−–-]?\d[\d.,٫٬]*").fullmatch,
        "They hold a minus sign or digits other than '-' and 0 to 9: write plain numbers.",
    ),
)


def _units(texts: Sequence[str]) -> str:
    """Name what stands before or behind every number."""
    found = [re.fullmatch(rf"([^0-9+-]*)\s*{_NUMBER}\s*([^0-9]*)", text) for text in texts]
    around = {(match[1].strip(), match[2].strip()) for match in found if match and (match[1] + match[2]).strip()}
    if not around or sum(match is not None for match in found) < (1 - MOST_LOST) * len(texts):
        return ""
    names = sorted({name for pair in around for name in pair if name})
    return f"a unit or a currency, {', '.join(map(repr, names[:3]))}"


def _records(text: str, sep: str) -> list[list[str]]:
    """Read the first records, without the last line of a sample, which may be cut off."""
    lines = io.StringIO(text if len(text) < _SAMPLE else text[:_SAMPLE].rpartition("\n")[0], newline="")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=sep, skipinitialspace=True):
            if row:
                rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        return []
    return rows


def _character(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) != 1 or value.isalnum() or value in '"\r\n\0':
        raise Rejected(f"{what} is {value!r}, and must be one character that is no letter, digit or quotation mark")
    return value


def _separator(value: object, what: str) -> str:
    return WHITESPACE if value == WHITESPACE else _character(value, what)


def _encoding(value: object, what: str) -> str:
    try:
        if not isinstance(value, str):
            raise LookupError
        "a".encode(value)
    except (LookupError, ValueError) as error:
        raise Rejected(f"{what} is {value!r}, and must be the name of an encoding, such as 'latin-1'") from error
    return value


def _texts(value: object, what: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in values):
        raise Rejected(f"{what} is {value!r}, and must be a list of texts or numbers")
    return tuple(str(one).strip() for one in values)


_CHECKS = {
    "sep": _separator,
    "decimal": _character,
    "thousands": lambda value, what: None if value is None else _character(value, what),
    "encoding": _encoding,
    "na_values": _texts,
    "true_values": _texts,
    "false_values": _texts,
}
