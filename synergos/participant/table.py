"""A participant's table. :func:`~synergos.participant.reading.load` makes it, with the report of how it was read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.learning.tables import IMAGE, TARGET, ColumnReport, Example, Kind, TableReport, dummy
from synergos.participant.csv_dialect import cure, explain


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


def report_columns(
    features: pd.DataFrame,
    target: "pd.Series[str] | pd.Series[float] | None",
    kinds: Mapping[str, Kind],
    strays: pd.DataFrame,
    origin: pd.DataFrame,
) -> tuple[list[ColumnReport], ColumnReport | None]:
    """Report how columns were read.

    Args:
        features: The feature columns over the rows that are used, those without any value too.
        target: The targets of these rows; ``None`` when there are none.
        kinds: How each column was read.
        strays: The strays of all rows, as :func:`~synergos.participant.values.numbers` gives them.
        origin: The columns ``file`` and ``row`` of all rows.

    Returns:
        The reports of the features, in their order, and that of the target.
    """
    frame = features if target is None else features.assign(**{TARGET: target})
    names = [str(name) for name in frame]
    counts, distinct = frame.notna().sum().to_numpy(), _distinct(frame, kinds)
    numbered = _numbered(frame, kinds)
    found = {str(name): group for name, group in strays.groupby("column", sort=False)}
    reports = []
    for index, name in enumerate(names):
        values, categories = int(counts[index]), distinct.get(name)
        own = found.get(name)
        reports.append(
            ColumnReport(
                name=name,
                kind=kinds[name],
                values=values,
                gaps=len(frame) - values,
                strays=0 if own is None else len(own),
                stray=None if own is None else _example(own, origin),
                cause="" if own is None else _cause(own, kinds[name]),
                categories=categories,
                is_id=name in numbered or (values >= _FEWEST_IDS and (categories or 0) >= _ID_SHARE * values),
                dropped="" if values else "no value in the rows used",
            )
        )
    return (reports, None) if target is None else (reports[:-1], reports[-1])


# Below this many values, different ones are nothing to wonder at.
_FEWEST_IDS, _ID_SHARE = 20, 0.95
_ID_NAME = re.compile(r"(?:.*[\W_])?(?i:id|uuid|guid|index|key)|.*[a-z]I[dD]")


def _distinct(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> dict[str, int]:
    """Count the categories of all columns at once."""
    names = [str(name) for name in frame if kinds[str(name)] != "number"]
    codes, texts = pd.factorize(frame[names].to_numpy(object).ravel())
    columns = np.tile(np.arange(len(names)), len(frame))[codes >= 0]
    pairs = pd.unique(columns * max(len(texts), 1) + codes[codes >= 0])
    found = np.bincount(pairs // max(len(texts), 1), minlength=len(names))
    return dict(zip(names, found.tolist(), strict=True))


def _numbered(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> set[str]:
    """Find the columns of whole numbers that number the rows, or differ in all rows and are named like an id."""
    names = [str(name) for name in frame if kinds[str(name)] == "number" and name != TARGET]
    if len(frame) < _FEWEST_IDS or not names:
        return set()
    values = np.sort(frame[names].to_numpy(np.float64), axis=0)
    steps = np.diff(values, axis=0)
    is_whole = (values == np.floor(values)).all(axis=0) & (steps > 0).all(axis=0)
    is_row_number = is_whole & (steps == 1).all(axis=0)
    return {
        name
        for name, whole, row in zip(names, is_whole, is_row_number, strict=True)
        if row or (whole and _ID_NAME.fullmatch(name))
    }


def _example(strays: pd.DataFrame, origin: pd.DataFrame) -> Example:
    row, value = int(strays["row"].iloc[0]), str(strays["value"].iloc[0])
    place = origin.iloc[row]
    return Example(file=str(place["file"]), row=int(place["row"]), value=value)


def _cause(strays: pd.DataFrame, kind: Kind) -> str:
    if kind == "truth":
        words = [str(word) for word in strays["value"].unique()[:2]]
        return f"They are neither true nor false, and categories of their own: {cure(true_values=words)} if they are."
    return explain([str(value) for value in strays["value"]])
