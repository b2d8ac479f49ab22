"""A participant's classes and truths, held against those that all agree on."""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.learning.errors import Rejected
from synergos.learning.spelling import places_of
from synergos.learning.tables import TARGET
from synergos.participant.table import Table

_TRUTHS = {"True", "False"}


def class_indices(target: "pd.Series[str] | pd.Series[float]", classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """Find targets among the classes.

    Args:
        target: The targets of some rows, which may be unknown.
        classes: The classes that all agree on.

    Returns:
        Their indices, of shape (rows,); -1 for a missing target and for what is none of the classes.
    """
    codes, values = pd.factorize(target.to_numpy(object))
    # The last one is what a missing target has as its code.
    return np.array([*places_of(map(str, values), classes), -1], np.int64)[codes]


def check_truths(table: Table, truths: Collection[str]) -> None:
    """See that a table has nothing but true and false in columns that another declares to be so.

    Args:
        table: Any participant's table.
        truths: The columns that anyone declares to be true or false.

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
