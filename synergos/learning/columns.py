"""The columns of tables: what each participant says of its own, and what all agree on.

Of a participant's rows only aggregates take part: the extremes and the medians of numbers, and the counts of
categories. Numbers are scaled by the minimum and maximum over all participants, so that a value means the same
everywhere; gaps are filled with the median or the most frequent value, likewise shared.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synergos.learning.errors import Rejected
from synergos.learning.tables import dummy

MOST_CATEGORIES = 20_000
"""How many inputs the categories of all columns may make; a column of ids would make one for every row."""


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


@dataclass(frozen=True)
class Columns:
    """What one participant says of the columns that it trains on.

    Attributes:
        participant_id: Whose they are.
        rows: How many rows there are.
        numbers: The columns of numbers, and by their order in the other fields:
        minima: Their smallest values.
        maxima: Their largest values.
        medians: Their medians.
        counts: How many rows have a value.
        categories: The columns of categories, and how often there is each.
    """

    participant_id: str
    rows: int
    numbers: Sequence[str]
    minima: Sequence[float]
    maxima: Sequence[float]
    medians: Sequence[float]
    counts: Sequence[float]
    categories: Mapping[str, Mapping[str, int]]


def agree(parties: Sequence[Columns]) -> dict[str, Column]:
    """Agree on every column that any participant trains on.

    The shared median is the mean of the participants' medians weighted by their rows.

    Args:
        parties: What each participant says of its training table.

    Returns:
        The columns by name, sorted.

    Raises:
        Rejected: A column holds numbers at one participant and categories at another, there is no column at all, or
            there are more than :data:`MOST_CATEGORIES` categories.
    """
    numbers, categories = _agree_on_numbers(parties), _agree_on_categories(parties)
    if both := sorted(numbers.keys() & categories.keys()):
        owners = (
            [one.participant_id for one in parties if both[0] in one.numbers],
            [one.participant_id for one in parties if both[0] in one.categories],
        )
        raise Rejected(
            f"column {both[0]!r} holds numbers at {owners[0]} and categories at {owners[1]}; make the schemas agree"
        )
    if not numbers and not categories:
        raise Rejected("the training data of all participants have no feature columns with values in them")
    _check_size(categories, sum(one.rows for one in parties))
    return dict(sorted((numbers | categories).items()))


def expand(columns: Mapping[str, Column]) -> list[str]:
    """Name the encoded columns, one per number and one per category, sorted.

    Args:
        columns: What :func:`agree` returned.

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


def _agree_on_numbers(parties: Sequence[Columns]) -> dict[str, Column]:
    places = {name: index for index, name in enumerate(sorted(set().union(*(one.numbers for one in parties))))}
    shape = len(parties), len(places)
    medians, counts = np.zeros(shape), np.zeros(shape)
    minima, maxima = np.full(shape, np.inf), np.full(shape, -np.inf)
    for row, one in enumerate(parties):
        where = [places[name] for name in one.numbers]
        minima[row, where], maxima[row, where] = one.minima, one.maxima
        medians[row, where], counts[row, where] = one.medians, one.counts
    fills = (medians * counts).sum(axis=0) / counts.sum(axis=0)
    found = zip(places, minima.min(axis=0).tolist(), maxima.max(axis=0).tolist(), fills.tolist(), strict=True)
    return {name: Column(minimum=minimum, maximum=maximum, fill=fill) for name, minimum, maximum, fill in found}


def _agree_on_categories(parties: Sequence[Columns]) -> dict[str, Column]:
    counts: dict[str, Counter[str]] = {}
    for one in parties:
        for name, found in one.categories.items():
            counts.setdefault(name, Counter()).update(found)
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
