"""Numbers as people write them: with a comma or a point as decimal mark, with thousands apart, with a unit."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

_SPACES = " \u00a0\u202f\u2009"
_QUOTES = "'’"
_CURRENCY = "[€$£¥]|EUR|USD|GBP|CHF|JPY"
_WITH_UNIT = re.compile(
    rf"(?P<outer>[+\-−]?)\s*(?P<before>{_CURRENCY})?\s*(?P<number>[+\-−]?[\d.,{_QUOTES}{_SPACES}]*\d(?:[eE][+\-]?\d+)?)"
    rf"(?P<after>\s*(?:%|°\s?\w+|{_CURRENCY})|\s+[^\W\d_][\w/²³]*)?"
)
_MARKED = re.compile(rf"[+\-−]?(?P<body>[\d.,{_QUOTES}{_SPACES}]+)(?:[eE][+\-]?\d+)?")
_BY_DECIMAL = {
    decimal: re.compile(
        rf"[+-]?(?:\d+|\d{{1,3}}(?P<mark>[{thousands}{_QUOTES}{_SPACES}])\d{{3}}(?:(?P=mark)\d{{3}})*{lakhs})?"
        rf"(?:{re.escape(decimal)}\d*)?(?:[eE][+-]?\d+)?"
    )
    for decimal, thousands, lakhs in ((".", ",", r"|\d{1,2}(?:,\d{2})+,\d{3}"), (",", ".", ""))
}
# Whole numbers up to here are the same as the floats that a network takes.
LARGEST_WHOLE = 2**53


class Unit(NamedTuple):
    """What stands before and after all numbers of a column."""

    before: str
    after: str

    def __str__(self) -> str:
        return self.before or self.after


class Evidence(NamedTuple):
    """What the values of a column say of its decimal mark: the one that a value proves, or a value that may be both."""

    decimal: str = ""
    proof: str = ""
    doubtful: str = ""


def take_units_off(values: Sequence[str]) -> tuple[list[str], Unit | None, str]:
    """Take a currency or unit off numbers.

    Args:
        values: Different values, none of them a gap.

    Returns:
        The values without it, the unit that all share, and a value that has another unit or none; nothing is taken
        off when that is not empty.
    """
    if all(value[-1].isdigit() and (value[0].isdigit() or value[0] in "+-.,") for value in values):
        return list(values), None, ""
    matches = [_WITH_UNIT.fullmatch(value) for value in values]
    units = [Unit(match["before"] or "", (match["after"] or "").strip()) if match else None for match in matches]
    if not any(unit is not None and any(unit) for unit in units):
        return list(values), None, ""
    found = next(unit for unit in units if unit is not None and any(unit))
    odd = next((value for value, unit in zip(values, units, strict=True) if unit is not None and unit != found), "")
    if odd:
        return list(values), found, odd
    bare = [match["outer"] + match["number"] if match else value for match, value in zip(matches, values, strict=True)]
    return bare, found, ""


def weigh(values: Iterable[str]) -> Evidence:
    """See which decimal mark numbers are written with.

    A mark that stands before another number of digits than three, or alone behind 0, is a decimal mark; one that
    occurs twice, or before the other, keeps thousands apart. `1,234` may be both.

    Args:
        values: Values without units.

    Returns:
        The first proof that there is, or else the first value in doubt.
    """
    doubtful = ""
    for value in values:
        if not ("." in value or "," in value) or (match := _MARKED.fullmatch(value)) is None:
            continue
        decimal = _decimal_of(match["body"])
        if decimal == "?":
            doubtful = doubtful or value
        elif decimal:
            return Evidence(decimal, value, "")
    return Evidence("", "", doubtful)


def parse(values: Sequence[str], decimal: str) -> npt.NDArray[np.float64]:
    """Read numbers.

    Args:
        values: Values without units.
        decimal: `.` or `,`; the other one may keep thousands apart, as spaces and apostrophes may.

    Returns:
        The numbers, NaN for what is none.
    """
    if decimal == ",":
        # With a point in it, a number is left to be read as it is.
        plain = [value.replace(".", " ").replace(",", ".") for value in values]
    found = _parse_plain(values if decimal == "." else plain)
    for index in np.flatnonzero(~np.isfinite(found)).tolist():
        found[index] = _number(values[index], _BY_DECIMAL[decimal], decimal)
    return found


def _parse_plain(values: Sequence[str]) -> npt.NDArray[np.float64]:
    """Read numbers as pandas does, all at once."""
    found = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")
    return np.array(found, np.float64)


def _number(value: str, pattern: re.Pattern[str], decimal: str) -> float:
    value = value.replace("−", "-")
    if value.startswith("(") and value.endswith(")"):
        # As accountants write what is below nought.
        value = f"-{value[1:-1]}"
    match = pattern.fullmatch(value)
    if match is None:
        return np.nan
    if not value.isdecimal():
        value = re.sub(rf"[{_QUOTES}{_SPACES}{',' if decimal == '.' else '.'}]", "", value).replace(decimal, ".")
    try:
        number = float(value)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _decimal_of(body: str) -> str:
    """The decimal mark of one number, `?` where there are two ways to read it, nothing where it is none."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        last = "." if body.rindex(".") > body.rindex(",") else ","
        return last if body.count(last) == 1 else ""
    mark = "." if points else ","
    if points + commas > 1:
        other = "," if points else "."
        groups = body.split(mark)
        is_grouped = 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
        return other if is_grouped else ""
    before, after = body.split(mark)
    return "?" if len(after) == 3 and 1 <= len(before) <= 3 and before.isdecimal() and before != "0" else mark
