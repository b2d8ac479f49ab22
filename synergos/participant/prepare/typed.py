"""Columns of a DataFrame that say what they are by their dtype."""

import numpy as np
import pandas as pd

from synergos.findings import Finding
from synergos.participant.prepare import dates, numbers
from synergos.participant.prepare.columns import (
    Column,
    as_whole,
    of_codes,
    read_categories,
    told_as_days,
    told_of_strays,
)
from synergos.participant.prepare.texts import Texts, Undecided, code_of


def read_typed(name: str, values: "pd.Series[float]") -> Column:
    """Take over a column of a DataFrame that is of a dtype other than text.

    Args:
        name: Its name.
        values: Its values.

    Returns:
        The column as it is written.

    Raises:
        Undecided: It is of a dtype that is neither numbers, truth values, categories nor dates.
    """
    where, dtype = f"column {name!r}", values.dtype
    if pd.api.types.is_bool_dtype(dtype) and not isinstance(dtype, pd.CategoricalDtype):
        return Column(name, name, "truth", values.astype("object").map({True: "True", False: "False"}))
    if isinstance(dtype, pd.CategoricalDtype):
        written = values.astype("object").map(code_of, na_action="ignore").fillna("").astype("object")
        texts = Texts.of_series(name, written)
        return read_categories(texts, texts.held(()))
    if isinstance(dtype, pd.PeriodDtype | pd.DatetimeTZDtype) or pd.api.types.is_datetime64_any_dtype(dtype):
        index = pd.PeriodIndex(values).to_timestamp() if isinstance(dtype, pd.PeriodDtype) else pd.DatetimeIndex(values)
        moments = index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index
        days = (moments - pd.Timestamp(dates.EPOCH)) / pd.Timedelta(days=1)
        return Column(name, name, "date", as_whole(days.to_numpy(np.float64)), (told_as_days(name, "Dates"),))
    if pd.api.types.is_timedelta64_dtype(dtype):
        days = pd.TimedeltaIndex(values) / pd.Timedelta(days=1)
        told = Finding("info", "Durations became numbers of days.", where, "A network takes numbers.", "Nothing.")
        return Column(name, name, "number", as_whole(days.to_numpy(np.float64)), (told,))
    if pd.api.types.is_complex_dtype(dtype) or not pd.api.types.is_numeric_dtype(dtype):
        raise Undecided(f"{where} has dtype {dtype}: make it numbers, text, truth values or dates, or drop it")
    if pd.api.types.is_integer_dtype(dtype) and values.count() and int(values.abs().max()) > numbers.LARGEST_WHOLE:
        return of_codes(name, values.astype("object").map(str, na_action="ignore"))
    found = values.to_numpy(np.float64, na_value=np.nan)
    infinite = np.isinf(found)
    if not infinite.any():
        return Column(name, name, "number", as_whole(found))
    row = int(np.argmax(infinite))
    told = told_of_strays(where, int(infinite.sum()), f"{found[row]} in row {row + 1}")
    return Column(name, name, "number", as_whole(np.where(infinite, np.nan, found)), (told,))
