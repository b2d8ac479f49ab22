"""The texts of csv fields read as numbers, truth values and categories.

A value is never lost in silence. What cannot be what its column is declared as is a *stray*: it is handed back with
its place, to be counted and told.

* **Numbers** are what :class:`~synergos.learning.numbers.NumberFormat` takes, and ``True`` and ``False``, which
  are 1 and 0. An empty field, a declared marker and the usual marks of a missing number (NA, N/A, NaN, null, None,
  ``?``, ``-``, ``.``, in any case of letters) are gaps. Anything else, an infinity too, is a stray and a gap. Numbers
  are float64: whole ones are exact up to 2 to the power of 53.
* **Truth values** are ``True`` and ``False``, however they are spelt. Any other text is a stray, and stays as it is.
* **Categories** are the texts without white space around them, and None, NA and null are texts like others. Only an
  empty field and a declared marker are gaps. Whole numbers are written one way: ``1.0`` and ``+1`` are ``1``.
"""

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.learning.numbers import PLAIN, NumberFormat, same_number
from synergos.participant.csv_dialect import Dialect

# What stands for a missing number, in small letters.
_MARKS = frozenset(("", "na", "n/a", "#n/a", "<na>", "nan", "+nan", "-nan", "null", "none", "?", "-", "."))
COMMON_MARKS = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "none", "?", "-", ".")
"""Marks that pandas may take for gaps in columns of numbers; the others are found afterwards."""

_TRUE = frozenset(("true", "t", "yes", "y", "1"))
_FALSE = frozenset(("false", "f", "no", "n", "0"))
_WHOLE = re.compile(r"\+?(-?[0-9]+)(?:\.0+)?")
_SIGNED = re.compile(r"\+([0-9]*\.[0-9]+)")

Read = tuple[object, bool]
"""The value of a text, a missing one for a gap, and whether the text is a stray."""


def numbers(frame: pd.DataFrame, dialect: Dialect) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read columns as numbers.

    Args:
        frame: Columns of texts, or of what pandas takes for numbers, without infinite ones, in a dialect without a
            separator of thousands.
        dialect: How they are written.

    Returns:
        The columns as float64, and the strays: ``row`` (a position), ``column`` and ``value`` (a text).
    """
    is_ready = np.array([pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes], bool)
    ready = frame.loc[:, is_ready].astype(np.float64)
    markers = [number for one in dialect.na_values if (number := PLAIN.parse(one)) is not None]
    if markers:
        ready = ready.mask(ready.isin(markers))
    written = NumberFormat(dialect.decimal, dialect.thousands)

    def read(text: str) -> Read:
        if text in dialect.na_values or text.casefold() in _MARKS:
            return np.nan, False
        number = written.parse(text)
        if number is None:
            truth = _truth(text, dialect)
            # Other words than these may be a truth where a truth is declared, not where a number is.
            is_truth = text.casefold() in ("true", "false") or text in (*dialect.true_values, *dialect.false_values)
            return (float(truth), False) if truth is not None and is_truth else (np.nan, True)
        return np.nan if number in markers else number, False

    parsed, strays = _each(frame.loc[:, ~is_ready], read)
    values = pd.concat([ready, parsed.astype(np.float64)], axis="columns")[list(frame.columns)]
    return values, strays


def truths(frame: pd.DataFrame, dialect: Dialect) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read columns of texts as truth values.

    Args:
        frame: Columns of texts.
        dialect: How they are written.

    Returns:
        The columns, with ``"True"`` and ``"False"`` and the strays as they are, and the strays as :func:`numbers` gives
        them.
    """

    def read(text: str) -> Read:
        category = _category(text, dialect)
        truth = _truth(text, dialect)
        return (category, isinstance(category, str)) if truth is None else (str(truth), False)

    return _each(frame, read)


def categories(frame: pd.DataFrame, dialect: Dialect) -> pd.DataFrame:
    """Read columns of texts as categories.

    Args:
        frame: Columns of texts.
        dialect: How they are written.

    Returns:
        The columns, with texts and gaps.
    """
    return _each(frame, lambda text: (_category(text, dialect), False))[0]


def class_numbers(frame: pd.DataFrame, dialect: Dialect) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read columns of texts as classes that are declared to be numbers.

    Args:
        frame: Columns of texts.
        dialect: How they are written.

    Returns:
        The columns, with texts in which each number is written in one way and the strays as they are, and the strays
        as :func:`numbers` gives them.
    """
    written = NumberFormat(dialect.decimal, dialect.thousands)

    def read(text: str) -> Read:
        if text in dialect.na_values or text.casefold() in _MARKS:
            return np.nan, False
        if text.casefold() in ("true", "false"):
            return str(int(text.casefold() == "true")), False
        return (text, True) if written.parse(text) is None else (same_number(written.plain(text)), False)

    return _each(frame, read)


def _truth(text: str, dialect: Dialect) -> bool | None:
    if text in dialect.true_values or text in dialect.false_values:
        return text in dialect.true_values
    word = _one_way(text).casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def _category(text: str, dialect: Dialect) -> object:
    return np.nan if text == "" or text in dialect.na_values else _one_way(text)


def _one_way(text: str) -> str:
    """Write whole numbers one way: a gap makes pandas write the code 1 as 1.0."""
    if match := _WHOLE.fullmatch(text) or _SIGNED.fullmatch(text):
        return "0" if match[1] == "-0" else match[1]
    return text


def _each(frame: pd.DataFrame, read: Callable[[str], Read]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the fields of all columns at once, each text once."""
    codes, texts = pd.factorize(frame.to_numpy(object).ravel())
    found = [read(str(text).strip()) for text in texts]
    # The last one is what a missing field has as its code.
    values = np.array([*(value for value, _ in found), np.nan], object)[codes].reshape(frame.shape)
    is_stray = np.array([*(stray for _, stray in found), False], bool)[codes].reshape(frame.shape)
    return pd.DataFrame(values, index=frame.index, columns=frame.columns, dtype=object), _strays(is_stray, frame)


def _strays(is_stray: npt.NDArray[np.bool_], frame: pd.DataFrame) -> pd.DataFrame:
    rows, columns = np.nonzero(is_stray)
    values = [str(value).strip() for value in frame.to_numpy(object)[rows, columns]] if len(rows) else []
    return pd.DataFrame({"row": rows, "column": frame.columns.to_numpy(object)[columns], "value": values})
