"""Csv files that a spreadsheet shows and does not run.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end for a formula, whoever wrote
it: a participant's file may be named like one, and a class too. An apostrophe before it makes it a text.
"""

import csv
import re

import pandas as pd

_OPENING = tuple("=+-@\t\r\n'")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_csv(frame: pd.DataFrame) -> str:
    """Write a table as csv, with an apostrophe before each text that may be taken for a formula.

    What begins with an apostrophe itself is given a second one, so that whoever reads the file takes one away wherever
    there is one. Numbers stay as they are, those in texts too.

    Args:
        frame: The table.

    Returns:
        The text, with a first line of the columns' names.
    """
    columns = {
        _told(name): column if pd.api.types.is_numeric_dtype(column) else column.astype(object).map(_told)
        for name, column in frame.items()
    }
    told = pd.DataFrame(columns)
    # A bare carriage return inside a cell would begin a new one.
    has_returns = any("\r" in value for column in columns.values() for value in column if isinstance(value, str))
    if has_returns:
        return str(told.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC))
    return str(told.to_csv(index=False, lineterminator="\n"))


def _told(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(_OPENING) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value
