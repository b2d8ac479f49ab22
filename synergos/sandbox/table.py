"""A participant's table, and the report of how it was read.

:func:`~synergos.sandbox.reading.load` makes both. What a report counts is for the participant's own eyes and for the
sandbox, which is one machine: no count and no example in it leaves a participant for the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

TABULAR = "tabular"
IMAGE = "image"
TARGET = "target"
TRAINING = "train"
EVALUATION = "evaluate"
PREDICTION = "predict"
CLASSIFY = "classify"

Kind = Literal["number", "category", "truth"]
"""How a column is read: as numbers, as categories, or as true and false, which are categories too."""


@dataclass(frozen=True)
class Example:
    """One value as it is written, and where it stands.

    Attributes:
        file: The path of the csv file below the data folder.
        row: Its row there; 1 is the first below the header.
        value: The text of the field.
    """

    file: str
    row: int
    value: str


@dataclass(frozen=True)
class ColumnReport:
    """What was read of one column. All counts but `strays` are over the rows that are used.

    Attributes:
        name: The column's name.
        kind: How it is read; see :data:`Kind`.
        values: How many rows have a value.
        gaps: How many have none: an empty cell, a declared marker, in columns of numbers a mark such as NA or ?, or a
            value that is no number. A gap in a feature is filled; see :func:`~synergos.sandbox.data.encode`.
        strays: How many of the values of all rows read cannot be what the column's dtype says. In a column of numbers
            they are gaps; in a column of truth values they stay, as categories of their own.
        stray: The first of them; ``None`` when there is none.
        cause: What the strays look like and what to do, as sentences; empty when there are none.
        categories: How many different values there are; ``None`` for numbers.
        is_id: Whether it looks like an identifier: (nearly) one value per row, or rows that are numbered.
        dropped: Why the column is not used; empty when it is.
    """

    name: str
    kind: Kind
    values: int
    gaps: int
    strays: int = 0
    stray: Example | None = None
    cause: str = ""
    categories: int | None = None
    is_id: bool = False
    dropped: str = ""


@dataclass(frozen=True)
class TableReport:
    """What was read for one participant and one purpose.

    Attributes:
        participant_id: Whose data they are.
        purpose: ``train``, ``evaluate`` or ``predict``.
        datatype: ``tabular`` or ``image``.
        tags: The tags that lead to the folders.
        folders: The folders' paths below the data folder.
        files: The csv files' paths below it; of images, the mappings'.
        rows_read: How many rows there are.
        rows_used: How many of them are trained, evaluated or predicted with.
        left_out: Why the others are not: a reason, such as ``"no target"``, to the number of rows.
        columns: The feature columns, used and dropped ones, in the order of the files; none of images.
        target: The column ``target``; ``None`` when there is none, which predictions may lack.
        classes: The classes to how many of the used rows have them, sorted; empty for a regression.
    """

    participant_id: str
    purpose: str
    datatype: str
    tags: Sequence[Sequence[str]]
    folders: Sequence[str]
    files: Sequence[str]
    rows_read: int
    rows_used: int
    left_out: Mapping[str, int]
    columns: Sequence[ColumnReport]
    target: ColumnReport | None
    classes: Mapping[str, int]


@dataclass(frozen=True)
class Table:
    """One participant's rows for one purpose: read and cleaned, gaps and categories still in it.

    Attributes:
        features: One column per feature, numbers as float64 and categories as text; gaps are missing values. Of
            images, what :func:`images.survey` returns.
        target: Class names as text, or numbers as float64; missing where unknown (predictions only).
        origin: Columns ``file`` (path below the data folder) and ``row`` (1 is the first below the header). Of an
            image, its own file and its row in the mapping.
        participant_id: Whose rows they are.
        datatype: ``tabular`` or ``image``.
        folders: The names of the folders they are from, for messages.
        report: How they were read.
    """

    features: pd.DataFrame
    target: "pd.Series[str] | pd.Series[float]"
    origin: pd.DataFrame
    participant_id: str
    datatype: str
    folders: str
    report: TableReport

    @property
    def columns(self) -> list[str]:
        """The names of the feature columns, as they were read."""
        return [str(column) for column in self.features]

    def only(self, rows: npt.NDArray[np.bool_]) -> Self:
        """Keep some rows, given as a mask; the report stays that of all."""
        return replace(self, features=self.features[rows], target=self.target[rows], origin=self.origin[rows])

    def is_numeric(self, column: str) -> bool:
        """Tell a column of numbers from one of categories."""
        return pd.api.types.is_numeric_dtype(self.features[column].dtype)

    def names(self) -> set[str]:
        """Name the columns this table has once its categories are one-hot; images have none."""
        names: set[str] = set()
        if self.datatype == IMAGE:
            return names
        for column in self.columns:
            values = self.features[column].dropna().unique()
            names |= {column} if self.is_numeric(column) else {dummy(column, str(value)) for value in values}
        return names

    def classes(self) -> set[str]:
        """Name the classes among the known targets."""
        return set(self.target.dropna().unique())


def dummy(column: str, value: str) -> str:
    """Name the encoded column of one category."""
    return f"{column}_{value}"
