"""One truth and one class in one spelling, whoever writes it.

:mod:`~synergos.participant.values` writes what one participant declares in one way. Here is what shows only when all
are side by side: classes that are all numbers are the same when the numbers are, ``01`` and ``1`` for example; and a
column that one declares ``bool`` holds nothing but ``True`` and ``False`` at everyone.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.learning.errors import Rejected
from synergos.participant.csv_dialect import PLAIN
from synergos.participant.table import TARGET, Table
from synergos.participant.values import same_number

logger = logging.getLogger("synergos.sandbox")

_TRUTHS = {"True", "False"}


def classes_of(tables: Iterable[Table]) -> list[str]:
    """Name the classes of a project.

    Args:
        tables: The tables whose known targets are classes.

    Returns:
        The classes, in numeric order if all of them are numbers, else sorted. Of several spellings of one number it is
        the plain one, which is told in the log.
    """
    names = sorted(set().union(*(table.classes() for table in tables)))
    numbers = _numbers(names)
    if not numbers:
        return names
    spellings: dict[str, list[str]] = {}
    for name, number in numbers.items():
        spellings.setdefault(number, []).append(name)
    for number, several in spellings.items():
        if len(several) > 1:
            logger.warning("the classes %s are one number, and one class, %r", ", ".join(map(repr, several)), number)
    return sorted((number if len(own) > 1 else own[0] for number, own in spellings.items()), key=float)


def class_indices(target: "pd.Series[str] | pd.Series[float]", classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """Find targets among the classes.

    Args:
        target: The targets of some rows, which may be unknown.
        classes: What :func:`classes_of` returned.

    Returns:
        Their indices, of shape (rows,); -1 for a missing target and for what is none of the classes.
    """
    codes, values = pd.factorize(target.to_numpy(object))
    order = {name: index for index, name in enumerate(classes)}
    by_number = {number: order[name] for name, number in _numbers(classes).items()}
    found = [order.get(str(value), by_number.get(_number(str(value)) or "", -1)) for value in values]
    # The last one is what a missing target has as its code.
    return np.array([*found, -1], np.int64)[codes]


def truths_of(tables: Iterable[Table]) -> list[str]:
    """Name the columns that anyone declares to be true or false, sorted.

    Args:
        tables: All participants' tables.

    Returns:
        The names of the columns, ``target`` among them if it is one.
    """
    reports = [column for table in tables for column in (*table.report.columns, table.report.target) if column]
    return sorted({column.name for column in reports if column.kind == "truth" and column.values})


def check_truths(table: Table, truths: Collection[str]) -> None:
    """See that a table has nothing but true and false in columns that another declares to be so.

    Args:
        table: Any participant's table.
        truths: What :func:`truths_of` returned.

    Raises:
        Rejected: It declares such a column otherwise, and writes true and false otherwise, or holds anything else.
    """
    target = [] if table.report.target is None else [table.report.target]
    for column in (*table.report.columns, *target):
        if column.name not in truths or column.kind != "category" or column.dropped:
            continue
        values = table.target if column.name == TARGET else table.features[column.name]
        if strange := sorted({str(value) for value in values.dropna().unique()} - _TRUTHS):
            raise Rejected(
                f"participant {table.participant_id!r}: column {column.name!r} holds {strange[0]!r} in "
                f"{table.folders}, and others declare it 'bool'; make the dtypes in schema.json agree, and align again"
            )


def _numbers(names: Sequence[str]) -> Mapping[str, str]:
    """Write each class as its number; nothing when any of them is none."""
    numbers = {name: number for name in names if (number := _number(name)) is not None}
    return numbers if len(numbers) == len(names) else {}


def _number(name: str) -> str | None:
    return None if PLAIN.parse(name) is None else same_number(name)
