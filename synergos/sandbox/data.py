"""Participants' tables turned into numbers.

Two steps lead from tables, as :func:`~synergos.sandbox.reading.load` reads them, to what a network takes:

1. :func:`describe` makes one description of the columns out of all participants' *training* tables.
2. :func:`encode` fills the gaps of any table, encodes its categories and scales its numbers by that description.

It departs from the original where the original would do worse: numbers are scaled by the minimum and maximum over all
participants instead of each frame's own, so that a value means the same everywhere; gaps are filled with the median
(numbers) or the most frequent value (categories), likewise shared; and a column that no participant trains on is left
out instead of feeding untrained weights. Images are described and encoded by :mod:`~synergos.sandbox.images`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.sandbox.errors import Rejected
from synergos.sandbox.table import Table, dummy


@dataclass(frozen=True)
class Column:
    """What all participants agree on about one column.

    Attributes:
        minimum: Smallest value in any training row; ``None`` for categories.
        maximum: Largest value in any training row; ``None`` for categories.
        fill: What a gap is filled with.
        categories: The values in any training row, sorted; empty for numbers.
    """

    minimum: float | None
    maximum: float | None
    fill: float | str
    categories: tuple[str, ...] = ()


def describe(tables: Sequence[Table]) -> dict[str, Column]:
    """Agree on every column that any participant trains on.

    Only aggregates of a participant's rows take part: the extremes, the median and the counts of categories. The
    shared median is the mean of the participants' medians weighted by their rows.

    Args:
        tables: All participants' training tables.

    Returns:
        The columns by name, sorted.

    Raises:
        Rejected: A column holds numbers at one participant and categories at another, or there is no column at all.
    """
    names = sorted({column for table in tables for column in table.columns})
    if not names:
        raise Rejected("the training data of all participants have no feature columns with values in them")
    return {name: _describe(name, [table for table in tables if name in table.features]) for name in names}


def expand(columns: Mapping[str, Column]) -> list[str]:
    """Name the encoded columns, one per number and one per category, sorted.

    Args:
        columns: What :func:`describe` returned.

    Returns:
        Names such as ``age`` and ``sex_0``.

    Raises:
        Rejected: A category of one column is named like another column.
    """
    names = [
        name
        for column, about in columns.items()
        for name in ([dummy(column, value) for value in about.categories] or [column])
    ]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise Rejected(f"columns named {repeated[0]!r} arise twice: once as a column, once as a category of another")
    return sorted(names)


def encode(table: Table, columns: Mapping[str, Column], names: Sequence[str]) -> npt.NDArray[np.float32]:
    """Turn a table's features into numbers.

    Gaps are filled with the shared median or most frequent value. A column of numbers that the table lacks wholly is
    filled likewise, since nought would claim the smallest value of all; the one-hot columns of a lacking column are
    noughts, as in the original. Categories and columns that nobody trains on count for nothing. Values beyond the
    training data's extremes go beyond 0 and 1.

    Args:
        table: Any participant's table, for any purpose.
        columns: What :func:`describe` returned.
        names: What :func:`expand` returned: the order of the encoded columns.

    Returns:
        Array of shape (rows, names), training values within 0 and 1; columns with a single value are 0.
    """
    encoded: dict[str, npt.NDArray[np.float64]] = {}
    for name, about in columns.items():
        present = name in table.features
        if about.minimum is None or about.maximum is None:
            values = table.features[name].fillna(about.fill) if present else pd.Series([None] * len(table.target))
            encoded |= {dummy(name, value): np.asarray(values == value, np.float64) for value in about.categories}
        else:
            numbers = table.features[name].to_numpy(np.float64) if present else np.full(len(table.target), np.nan)
            filled = np.where(np.isnan(numbers), float(about.fill), numbers)
            encoded[name] = (filled - about.minimum) / ((about.maximum - about.minimum) or 1.0)
    return np.column_stack([encoded[name] for name in names]).astype(np.float32)


def encode_target(table: Table, classes: Sequence[str]) -> npt.NDArray[np.float32] | npt.NDArray[np.int64]:
    """Turn a table's known targets into what a criterion takes.

    Args:
        table: A table whose targets are all known.
        classes: The class names in order; empty for a regression.

    Returns:
        Regression and up to two classes: float32 of shape (rows, 1). More classes: int64 of shape (rows,).

    Raises:
        Rejected: A class is not among those agreed on.
    """
    if not classes:
        return table.target.to_numpy(np.float32).reshape(-1, 1)
    if strange := sorted(table.classes() - set(classes)):
        raise Rejected(
            f"participant {table.participant_id!r}: column 'target' holds class {strange[0]!r}, "
            f"and the project was aligned on {', '.join(classes)}; align it again"
        )
    order = {name: index for index, name in enumerate(classes)}
    indices = np.array([order[str(name)] for name in table.target], np.int64)
    return indices if len(classes) > 2 else indices.astype(np.float32).reshape(-1, 1)


def _describe(name: str, tables: Sequence[Table]) -> Column:
    numeric = [table.participant_id for table in tables if table.is_numeric(name)]
    if len(numeric) == len(tables):
        values = [table.features[name].dropna() for table in tables]
        medians = [float(value.median()) for value in values]
        return Column(
            minimum=min(float(value.min()) for value in values),
            maximum=max(float(value.max()) for value in values),
            fill=float(np.average(medians, weights=[len(value) for value in values])),
        )
    if numeric:
        others = [table.participant_id for table in tables if table.participant_id not in numeric]
        raise Rejected(f"column {name!r} holds numbers at {numeric} and categories at {others}; make the schemas agree")
    counts = pd.concat([table.features[name] for table in tables]).value_counts()
    # Ties go to the first name, whatever order the rows are in.
    fill = min(counts.index, key=lambda value: (-counts[value], value))
    return Column(minimum=None, maximum=None, fill=fill, categories=tuple(sorted(counts.index)))
