"""Participants' tables turned into numbers.

Two steps lead from tables, as :func:`~synergos.participant.reading.load` reads them, to what a network takes:

1. :func:`describe` makes one description of the columns out of all participants' *training* tables.
2. :func:`encode` fills the gaps of any table, encodes its categories and scales its numbers by that description.

It departs from the original where the original would do worse: numbers are scaled by the minimum and maximum over all
participants instead of each frame's own, so that a value means the same everywhere; gaps are filled with the median
(numbers) or the most frequent value (categories), likewise shared; and a column that no participant trains on is left
out instead of feeding untrained weights. Images are described and encoded by :mod:`~synergos.participant.images`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from synergos.learning.errors import Rejected
from synergos.participant.rows import OneHot, Rows
from synergos.participant.spelling import class_indices
from synergos.participant.table import Table, dummy

MOST_CATEGORIES = 20_000
"""How many inputs the categories of all columns may make; a column of ids would make one for every row."""

# Whole frames at a time, for a call of pandas per column takes longer than to read a wide table; but of long ones no
# more than so many cells.
_CELLS = 2**20


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
        Rejected: A column holds numbers at one participant and categories at another, there is no column at all, or
            there are more than :data:`MOST_CATEGORIES` categories.
    """
    numbers, categories = _describe_numbers(tables), _describe_categories(tables)
    if both := sorted(numbers.keys() & categories.keys()):
        owners = [[one.participant_id for one in tables if both[0] in names(one)] for names in (_numeric, _textual)]
        raise Rejected(
            f"column {both[0]!r} holds numbers at {owners[0]} and categories at {owners[1]}; make the schemas agree"
        )
    if not numbers and not categories:
        raise Rejected("the training data of all participants have no feature columns with values in them")
    _check_size(categories, sum(len(table.target) for table in tables))
    return dict(sorted((numbers | categories).items()))


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
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
        raise Rejected(f"columns named {repeated[0]!r} arise twice: once as a column, once as a category of another")
    return sorted(names)


def encode(table: Table, columns: Mapping[str, Column], names: Sequence[str]) -> Rows:
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
        Rows of shape (rows, names), training values within 0 and 1; columns with a single value are 0.

    Raises:
        Rejected: A column holds numbers here and categories in the training data, or the other way round.
    """
    _check_kinds(table, columns)
    places = {name: index for index, name in enumerate(names)}
    numeric = [name for name, about in columns.items() if not about.categories]
    numbers = torch.empty(len(table.target), len(numeric))
    for some in _groups(len(numeric), len(numbers)):
        abouts = [columns[name] for name in numeric[some]]
        minima, maxima = (
            np.array([getattr(one, extreme) for one in abouts], np.float64) for extreme in ("minimum", "maximum")
        )
        spans = np.where(maxima > minima, maxima - minima, 1.0)
        values = table.features.reindex(columns=numeric[some]).to_numpy(np.float64)
        filled = np.where(np.isnan(values), np.array([one.fill for one in abouts], np.float64), values)
        numbers[:, some] = torch.from_numpy((filled - minima) / spans)
        _check_finite(numbers[:, some], numeric[some], table)
    if len(numeric) == len(columns):
        # Both are sorted.
        return numbers
    order = torch.tensor([places[name] for name in numeric], dtype=torch.int64)
    return OneHot(numbers, order, torch.from_numpy(_codes(table, columns, places, fills=True)), len(names))


def lacking(table: Table, columns: Mapping[str, Column], names: Sequence[str]) -> list[int]:
    """Find the encoded columns of which a table has no value.

    Args:
        table: Any participant's table, for any purpose.
        columns: What :func:`describe` returned.
        names: What :func:`expand` returned.

    Returns:
        Their positions among the names, ascending.

    Raises:
        Rejected: A column holds numbers here and categories in the training data, or the other way round.
    """
    _check_kinds(table, columns)
    places = {name: index for index, name in enumerate(names)}
    lacks = np.ones(len(names) + 1, np.bool_)
    lacks[[places[name] for name in _numeric(table) if name in columns]] = False
    # The last one is where -1 leads, which is for no category at all.
    lacks[_codes(table, columns, places, fills=False)] = False
    return [int(place) for place in np.flatnonzero(lacks[:-1])]


def encode_target(table: Table, classes: Sequence[str]) -> npt.NDArray[np.float64] | npt.NDArray[np.int64]:
    """Turn a table's known targets into numbers.

    Args:
        table: A table whose targets are all known.
        classes: The class names in order; empty for a regression.

    Returns:
        Regression: float64 of shape (rows, 1). Classes: their indices, int64 of shape (rows,).

    Raises:
        Rejected: A class is not among those agreed on.
    """
    if not classes:
        return np.asarray(table.target, np.float64).reshape(-1, 1)
    indices = class_indices(table.target, classes)
    if (indices < 0).any():
        raise Rejected(
            f"participant {table.participant_id!r}: column 'target' holds class "
            f"{table.target[indices < 0].min()!r}, and the project was aligned on {', '.join(classes)}; align it again"
        )
    return indices


def _describe_numbers(tables: Sequence[Table]) -> dict[str, Column]:
    """Agree on the columns of numbers."""
    places = {name: index for index, name in enumerate(sorted(set().union(*map(_numeric, tables))))}
    shape = len(tables), len(places)
    medians, counts = np.zeros(shape), np.zeros(shape)
    minima, maxima = np.full(shape, np.inf), np.full(shape, -np.inf)
    for row, table in enumerate(tables):
        names = _numeric(table)
        for some in _groups(len(names), len(table.target)):
            # Gaps are sorted behind all values.
            values = np.sort(table.features[names[some]].to_numpy(np.float64), axis=0)
            count = np.count_nonzero(~np.isnan(values), axis=0)
            column, where = np.arange(values.shape[1]), [places[name] for name in names[some]]
            lower, upper = (values[(count - back) // 2, column] for back in (1, 0))
            minima[row, where], maxima[row, where] = values[0], values[count - 1, column]
            medians[row, where], counts[row, where] = (lower + upper) / 2, count
    fills = (medians * counts).sum(axis=0) / counts.sum(axis=0)
    found = zip(places, minima.min(axis=0).tolist(), maxima.max(axis=0).tolist(), fills.tolist(), strict=True)
    return {name: Column(minimum=minimum, maximum=maximum, fill=fill) for name, minimum, maximum, fill in found}


def _describe_categories(tables: Sequence[Table]) -> dict[str, Column]:
    """Agree on the columns of categories."""
    counts: dict[str, Counter[str]] = {}
    for table in tables:
        for names, values, numbers in _cells(table, _textual(table)):
            # Of every category of a column one number, as there is one of a place in a table.
            pairs, found = np.unique((numbers + len(values) * np.arange(len(names)))[numbers >= 0], return_counts=True)
            for pair, count in zip(pairs.tolist(), found.tolist(), strict=True):
                column, value = divmod(pair, len(values))
                counts.setdefault(names[column], Counter())[values[value]] += count
    return {
        # Ties go to the first name, whatever order the rows are in.
        name: Column(None, None, min(found, key=lambda value: (-found[value], value)), tuple(sorted(found)))
        for name, found in counts.items()
    }


def _check_size(columns: Mapping[str, Column], rows: int) -> None:
    """Refuse more categories than a network can learn anything of."""
    inputs = sum(len(about.categories) for about in columns.values())
    if inputs <= MOST_CATEGORIES:
        return
    name = max(columns, key=lambda column: len(columns[column].categories))
    count = len(columns[name].categories)
    raise Rejected(
        f"the categories of all columns would make {inputs} inputs, and the sandbox takes up to {MOST_CATEGORIES}; "
        f"column {name!r} alone has {count} categories in {rows} rows: leave it out of the csv files and schema.json "
        "if it is an id, declare it 'float64' in schema.json if it holds numbers, or group its values"
    )


def _check_finite(numbers: torch.Tensor, names: Sequence[str], table: Table) -> None:
    """See that there are numbers which a network can compute with."""
    if numbers.isfinite().all():
        return
    row, column = torch.argwhere(~numbers.isfinite())[0].tolist()
    file, line = table.origin.iloc[row]
    held = table.features[names[column]].iloc[row] if names[column] in table.features else "no value"
    raise Rejected(
        f"participant {table.participant_id!r}: column {names[column]!r} holds {held} in row {line} of '{file}', and "
        "no finite number comes of it beside the training data; mend the value, or leave the column out everywhere"
    )


def _check_kinds(table: Table, columns: Mapping[str, Column]) -> None:
    """See that a table's columns are numbers where the training data's are."""
    for names, here, there in (
        (_numeric(table), "numbers", "categories"),
        (_textual(table), "categories", "numbers"),
    ):
        for name in names:
            if name in columns and bool(columns[name].categories) != (here == "categories"):
                raise Rejected(
                    f"participant {table.participant_id!r}: column {name!r} holds {here} in {table.folders} and "
                    f"{there} in the training data; make the schemas agree, and align again"
                )


def _codes(
    table: Table, columns: Mapping[str, Column], places: Mapping[str, int], *, fills: bool
) -> npt.NDArray[np.int32]:
    """Say of every category of a table where it is in an encoded row: shape (rows, columns of categories).

    It is -1 for what nobody trains on, and for gaps unless these are filled with the most frequent category.
    """
    present = [name for name in _textual(table) if name in columns]
    codes = np.full((len(table.target), len(present)), -1, np.int32)
    first = 0
    for names, values, numbers in _cells(table, present):
        known = [(column, value) for column, name in enumerate(names) for value in columns[name].categories]
        found = pd.Index(np.array(values, object)).get_indexer(np.array([value for _, value in known], object))
        # What leads from each column's part of the values to the places; ends with what is found nowhere.
        wanted = np.array([len(values) * column for column, _ in known], np.int64) + found
        where = np.array([places[dummy(names[column], value)] for column, value in known], np.int32)
        wanted, where = wanted[found >= 0], where[found >= 0]
        order = np.argsort(wanted)
        wanted, where = np.append(wanted[order], np.iinfo(np.int64).max), np.append(where[order], -1)
        cells = numbers + len(values) * np.arange(len(names))
        at = np.searchsorted(wanted, cells)
        code = np.where(wanted[at] == cells, where[at], -1)
        fill = [places[dummy(name, str(columns[name].fill))] if fills else -1 for name in names]
        codes[:, first : first + len(names)] = np.where(numbers < 0, np.array(fill, np.int32), code)
        first += len(names)
    return codes


def _cells(table: Table, names: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str], npt.NDArray[np.int64]]]:
    """Number the texts in columns; yields some columns, their texts, and each cell's number among them (-1: a gap)."""
    for some in _groups(len(names), len(table.target)):
        text = table.features[names[some]].to_numpy(object)
        numbers, values = pd.factorize(text.ravel())
        yield names[some], values.tolist(), numbers.reshape(text.shape)


def _groups(columns: int, rows: int) -> Iterator[slice]:
    """Split columns, each with so many rows, into groups that are handled at once."""
    size = max(_CELLS // max(rows, 1), 1)
    yield from (slice(first, first + size) for first in range(0, columns, size))


def _numeric(table: Table) -> list[str]:
    return [str(name) for name, dtype in table.features.dtypes.items() if pd.api.types.is_numeric_dtype(dtype)]


def _textual(table: Table) -> list[str]:
    return [str(name) for name, dtype in table.features.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]
