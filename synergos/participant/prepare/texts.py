"""Columns of text, taken apart into their different values."""

import shlex
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

# What stands for a missing number; in a column of categories each is a value like any other.
_MARKS = frozenset({"na", "nan", "null", "none", "?", "-", ".", "n/a", "#n/a"})


class Undecided(Exception):
    """A column that cannot be prepared without a word from who asks."""


@dataclass(frozen=True)
class Texts:
    """A column of text: its different values, and which of them each row has."""

    name: str
    uniques: list[str]
    codes: npt.NDArray[np.intp]

    @classmethod
    def of(cls, name: str, uniques: Iterable[str], codes: npt.NDArray[np.intp]) -> Self:
        """Take space off around values, which may then be the same; an empty text is a gap."""
        tidied: dict[str, int] = {}
        again = [tidied.setdefault(_tidy(value), len(tidied)) for value in uniques]
        return cls(name, list(tidied), np.array(again, np.intp)[codes])

    @classmethod
    def of_series(cls, name: str, values: "pd.Series[str]") -> Self:
        """Take a column of text apart."""
        codes, uniques = pd.factorize(values.to_numpy(object))
        return cls.of(name, map(str, uniques), codes)

    @property
    def counts(self) -> npt.NDArray[np.intp]:
        """How many rows have each of the values."""
        return np.bincount(self.codes, minlength=len(self.uniques))

    def held(self, missing: Collection[str]) -> npt.NDArray[np.bool_]:
        """Which of the values are none that stands for a gap."""
        return np.array([value != "" and value not in missing for value in self.uniques], np.bool_)

    def row(self, index: int) -> int:
        """The first row with a value; 1 is the first below the header."""
        return int(np.argmax(self.codes == index)) + 1

    def named(self, indices: Sequence[int]) -> str:
        """Some values, with how many rows have each."""
        counts = self.counts
        return ", ".join(f"{self.uniques[index]!r} ({counted(counts[index], 'row')})" for index in indices)

    def example(self, index: int) -> str:
        """A value and where it stands."""
        return f"{shortened(self.uniques[index])} in row {self.row(index)}"


def is_mark(value: str) -> bool:
    """Whether a value usually stands for a missing number."""
    return len(value) <= 4 and value.casefold() in _MARKS


def quoted(value: str) -> str:
    """A value as it is given on a command line."""
    return shlex.quote(value) if value.isprintable() else repr(value)


def shortened(value: str) -> str:
    """A value for a message."""
    return repr(value if len(value) <= 40 else f"{value[:37]}...")


def counted(number: int | np.integer, noun: str) -> str:
    """A number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def as_texts(name: str, values: "pd.Series[str]") -> "pd.Series[str]":
    """The values of a DataFrame's column of objects as text; gaps are empty.

    Raises:
        Undecided: A value is neither text nor a number, a truth value or a date.
    """

    def written(value: object) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, list | tuple | set | dict | np.ndarray):
            raise Undecided(f"column {name!r} holds a {type(value).__name__}: take it apart into columns, or drop it")
        return code_of(value)

    return values.map(written, na_action="ignore").fillna("").astype("object")


def code_of(value: object) -> str:
    """A value of a category as text: a whole number as one, also where a gap has made it a float."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _tidy(value: str) -> str:
    """A value without the space around it, and with line breaks of one kind."""
    value = value.strip()
    return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
