"""One class in one spelling, and one truth, whoever writes it.

:mod:`~synergos.participant.values` writes what one participant declares in one way. Here is what shows only when all
are side by side: classes that are all numbers are the same when the numbers are, ``01`` and ``1`` for example.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence

from synergos.learning.numbers import PLAIN, same_number
from synergos.learning.tables import TableReport

logger = logging.getLogger("synergos.sandbox")


def classes_of(parties: Iterable[Collection[str]]) -> list[str]:
    """Name the classes of a project.

    Args:
        parties: The classes of each table.

    Returns:
        The classes, in numeric order if all of them are numbers, else sorted. Of several spellings of one number it is
        the plain one, which is told in the log.
    """
    names = sorted(set().union(*parties))
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


def places_of(names: Iterable[str], classes: Sequence[str]) -> list[int]:
    """Find names among the classes.

    Args:
        names: What targets are called.
        classes: What :func:`classes_of` returned.

    Returns:
        The place of each among the classes; -1 for what is none of them.
    """
    order = {name: index for index, name in enumerate(classes)}
    by_number = {number: order[name] for name, number in _numbers(classes).items()}
    return [order.get(name, by_number.get(_number(name) or "", -1)) for name in names]


def truths_of(tables: Iterable[TableReport]) -> list[str]:
    """Name the columns that anyone declares to be true or false, sorted.

    Args:
        tables: How all participants' tables were read.

    Returns:
        The names of the columns, ``target`` among them if it is one.
    """
    reports = [column for table in tables for column in (*table.columns, table.target) if column]
    return sorted({column.name for column in reports if column.kind == "truth" and column.values})


def _numbers(names: Sequence[str]) -> Mapping[str, str]:
    """Write each class as its number; nothing when any of them is none."""
    numbers = {name: number for name in names if (number := _number(name)) is not None}
    return numbers if len(numbers) == len(names) else {}


def _number(name: str) -> str | None:
    return None if PLAIN.parse(name) is None else same_number(name)
