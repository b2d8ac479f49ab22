"""What of a participant's answers stays with it: values of rows, where they stand, and hashes of them.

A report of how data were read is also for the participant's own eyes (``synergos data check``), and quotes values that
could not be read. What is sent to another machine says how many there are, and no more.
"""

from collections.abc import Sequence
from dataclasses import replace
from traceback import walk_tb
from typing import TypeVar

from synergos.findings import Finding
from synergos.learning.errors import SandboxError
from synergos.learning.party import Description, Look, Prepared
from synergos.learning.tables import ColumnReport, TableReport

Answer = TypeVar("Answer")

_ROOM = "synergos.participant."
# What these refuse is a matter of layers, runs and tags. All else in this room reads values, and may quote them.
_SPEAKS_OF_NO_VALUES = ("client", "folders", "node", "training", "worker")
_OWN_LOG = "the participant's own log says why"


def for_others(answer: Answer) -> Answer:
    """Take out of an answer what stays with the participant."""
    if isinstance(answer, Description):
        return replace(answer, tables=_tables(answer.tables))
    if isinstance(answer, Prepared):
        return replace(answer, tables=_tables(answer.tables), digests={})
    if isinstance(answer, Look):
        training = None if answer.training is None else for_others(answer.training)
        problems = [_problem(one) for one in answer.problems]
        return replace(answer, tables=_tables(answer.tables), problems=problems, training=training)
    return answer


def reason(error: Exception) -> str:
    """Say what went wrong, as far as it can be said without a value of anybody's.

    Args:
        error: What was raised.
    """
    if not isinstance(error, SandboxError):
        return f"it failed with {type(error).__name__}; {_OWN_LOG}"
    raised_in = [name for frame, _ in walk_tb(error.__traceback__) if (name := frame.f_globals.get("__name__", ""))]
    own = [name.removeprefix(_ROOM) for name in raised_in if name.startswith(_ROOM)]
    if own and own[-1] not in _SPEAKS_OF_NO_VALUES:
        return f"its data cannot be used as they are; {_OWN_LOG}"
    return error.message


def _tables(tables: Sequence[TableReport]) -> list[TableReport]:
    return [
        replace(
            table,
            files=[],
            columns=[_column(column) for column in table.columns],
            target=None if table.target is None else _column(table.target),
        )
        for table in tables
    ]


def _column(column: ColumnReport) -> ColumnReport:
    return replace(column, stray=None, cause="")


def _problem(found: Finding) -> Finding:
    return replace(found, what=f"The data cannot be used as they are; {_OWN_LOG}.")
