"""Participants' tables turned into numbers.

:func:`describe` says of a *training* table what :mod:`~synergos.learning.columns` makes one description of for all
participants; :func:`encode` fills the gaps of any table, encodes its categories and scales its numbers by that.

It departs from the original where the original would do worse: numbers are scaled by the minimum and maximum over all
participants instead of each frame's own, and a column that no participant trains on is left out instead of feeding
untrained weights. Images are described and encoded by :mod:`~synergos.participant.images`.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from synergos.learning.columns import Column, Columns
from synergos.learning.errors import Rejected
from synergos.learning.tables import dummy
from synergos.participant.rows import OneHot, Rows
from synergos.participant.spelling import class_indices
from synergos.participant.table import Table

# Whole frames at a time, for a call of pandas per column takes longer than to read a wide table; but of long ones no
# more than so many cells.
_CELLS = 2**20


def describe(table: Table) -> Columns:
    """Say of a participant's training table what all have to agree on.

    Args:
        table: The table; what it is of does not leave, but the aggregates do.
    """
    names = _numeric(table)
    minima, maxima, medians, counts = (np.zeros(len(names)) for _ in range(4))
    for some in _groups(len(names), len(table.target)):
        # Gaps are sorted behind all values.
        values = np.sort(table.features[names[some]].to_numpy(np.float64), axis=0)
        count, column = np.count_nonzero(~np.isnan(values), axis=0), np.arange(values.shape[1])
        lower, upper = (values[(count - back) // 2, column] for back in (1, 0))
        minima[some], maxima[some] = values[0], values[count - 1, column]
        medians[some], counts[some] = (lower + upper) / 2, count
    return Columns(
        table.participant_id,
        len(table.target),
        names,
        minima=minima.tolist(),
        maxima=maxima.tolist(),
        medians=medians.tolist(),
        counts=counts.tolist(),
        categories=_count_categories(table),
    )


def encode(table: Table, columns: Mapping[str, Column], names: Sequence[str]) -> Rows:
    """Turn a table's features into numbers.

    Gaps are filled with the shared median or most frequent value. A column of numbers that the table lacks wholly is
    filled likewise, since nought would claim the smallest value of all; the one-hot columns of a lacking column are
    noughts, as in the original. Categories and columns that nobody trains on count for nothing. Values beyond the
    training data's extremes go beyond 0 and 1.

    Args:
        table: Any participant's table, for any purpose.
        columns: What all agree on.
        names: The names of the encoded columns: the order of the encoded columns.

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
        columns: What all agree on.
        names: The names of the encoded columns.

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


def _count_categories(table: Table) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for names, values, numbers in _cells(table, _textual(table)):
        # Of every category of a column one number, as there is one of a place in a table.
        pairs, found = np.unique((numbers + len(values) * np.arange(len(names)))[numbers >= 0], return_counts=True)
        for pair, count in zip(pairs.tolist(), found.tolist(), strict=True):
            column, value = divmod(pair, len(values))
            counts.setdefault(names[column], {})[values[value]] = count
    return counts


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
