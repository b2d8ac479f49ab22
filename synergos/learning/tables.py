"""What is told of a participant's table: the report of how it was read.

:func:`~synergos.participant.reading.load` makes it. What it counts is for the participant and for the TTP's data
report; no count and no example in it goes to another participant.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from synergos.learning.errors import Rejected

TABULAR = "tabular"
IMAGE = "image"
TARGET = "target"
TRAINING = "train"
EVALUATION = "evaluate"
PREDICTION = "predict"
CLASSIFY = "classify"

Kind = Literal["number", "category", "truth"]
"""How a column is read: as numbers, as categories, or as true and false, which are categories too."""

KINDS: Mapping[Kind, str] = {"number": "numbers", "category": "categories", "truth": "truth values"}
"""What a column of each kind holds, for messages."""


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
            value that is no number. A gap in a feature is filled; see :func:`~synergos.participant.data.encode`.
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

    @property
    def where(self) -> str:
        """The folders, for messages."""
        return ", ".join(f"'{name}'" for name in self.folders)


def dummy(column: str, value: str) -> str:
    """Name the encoded column of one category."""
    return f"{column}_{value}"


def check_same_datatype(found: Iterable[tuple[str, str]]) -> None:
    """See that data are all tables or all images.

    Args:
        found: At least one datatype, each with the folder or folders that it is of.

    Raises:
        Rejected: There are two.
    """
    (datatype, folder), *others = found
    for other, its_folder in others:
        if other != datatype:
            raise Rejected(
                f"{folder} has datatype {datatype!r} and {its_folder} {other!r}; a project takes tables or images"
            )
