"""Dates as people write them, turned into days since 1970-01-01, the same day for all participants."""

import datetime
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Order = Literal["ymd", "dmy", "mdy"]
_FORMATS: dict[Order, tuple[str, ...]] = {
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m"),
    "dmy": (
        *("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%d-%m-%y"),
        *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y"),
    ),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y"),
}
_WITH_TIME = re.compile(
    r"(?P<day>.*?\d)(?:(?:[T,]\s*|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
# A format by which none of so many values is a date is not tried on the others.
_SAMPLE = 50
EPOCH = "1970-01-01"


class Dates(NamedTuple):
    """How dates were read.

    Attributes:
        days: Days since 1970-01-01, NaN for what is no date.
        order: The order of year, month and day.
        pattern: The format, as `strptime` knows it.
        has_time: Whether some have a time of the day.
        others: Orders by which as many values are dates, and other ones.
    """

    days: npt.NDArray[np.float64]
    order: Order
    pattern: str
    has_time: bool
    others: tuple[Order, ...]


def are_compact(values: Sequence[str]) -> bool:
    """Whether all values are eight digits that are a day of the last or this century, such as 20240131."""
    return all(_COMPACT.fullmatch(value) for value in values)


def parse(values: Sequence[str], order: Order | None) -> Dates:
    """Read dates.

    Args:
        values: Different values, none of them a gap.
        order: The order of year, month and day; None takes the one by which the most are dates.

    Returns:
        The dates; none of them a number when the values are no dates.
    """
    matches = [_WITH_TIME.fullmatch(value) for value in values]
    days = pd.Series([match["day"] if match else "" for match in matches], dtype=object)
    clock = np.array([_share_of_day(match) if match else np.nan for match in matches], np.float64)
    tries = [
        (name, pattern, _days(days, pattern))
        for name in ([order] if order else _FORMATS)
        for pattern in _FORMATS[name]
        if any(_is_day(day, pattern) for day in days[:_SAMPLE])
    ]
    if not tries:
        return Dates(np.full(len(values), np.nan), order or "ymd", "", False, ())
    most = max(int(np.isfinite(found).sum()) for _, _, found in tries)
    best = [one for one in tries if np.isfinite(one[2]).sum() == most]
    chosen, pattern, found = best[0]
    others = tuple({name for name, _, other in best if not np.array_equal(other, found, equal_nan=True)} - {chosen})
    return Dates(found + clock, chosen, pattern, bool((clock > 0).any()), others)


def _is_day(day: str, pattern: str) -> bool:
    try:
        datetime.datetime.strptime(day, pattern)
    except ValueError:
        return False
    return True


def _days(days: "pd.Series[str]", pattern: str) -> npt.NDArray[np.float64]:
    parsed = pd.to_datetime(days, format=pattern, errors="coerce")
    return np.asarray((parsed - pd.Timestamp(EPOCH)) / pd.Timedelta(days=1), np.float64)


def _share_of_day(match: re.Match[str]) -> float:
    if match["hour"] is None:
        return 0.0
    hour, minute, second = int(match["hour"]), int(match["minute"]), float((match["second"] or "0").replace(",", "."))
    if half := (match["half"] or "").lower():
        if not 1 <= hour <= 12:
            return np.nan
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59 or second >= 60:
        return np.nan
    zone = (match["zone"] or "").replace(":", "")
    offset = 0.0
    if zone[:1] in ("+", "-"):
        offset = (int(zone[1:3]) * 60 + int(zone[3:5])) * (1 if zone[0] == "+" else -1)
    return (hour * 3600 + (minute - offset) * 60 + second) / 86400
