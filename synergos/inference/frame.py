"""A user's frame as a participant's table, read by the rules for csv files; nothing is lost in silence.

A column of numbers takes numbers and texts; a mark such as NA is a gap, and other texts are too, with a warning, up to
one in ten of the values. A column of categories takes anything that is one value, as text: 1, 1.0 and "1" are the
same. Columns that the model does not have are left aside.
"""

import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.errors import InvalidArgument
from synergos.learning.alignment import Alignment
from synergos.learning.tables import IMAGE, PREDICTION, TABULAR, TableReport
from synergos.participant import values
from synergos.participant.csv_dialect import MOST_LOST, Dialect
from synergos.participant.table import Table

WHO = "frame"
_DIALECT = Dialect()
_NAMED = 5
# What a column cannot be, by the kinds of numpy: times, and numbers with two parts.
_STRANGE = {"M": "dates or times", "m": "durations", "c": "complex numbers"}


def table_of(rows: "pd.DataFrame | Sequence[str | Path]", alignment: Alignment) -> Table:
    """Read a frame of a model's columns, or paths of images.

    Args:
        rows: The rows.
        alignment: What the model was trained on.

    Returns:
        The table.

    Raises:
        InvalidArgument: A column is missing, there twice, or holds what it cannot.
    """
    if alignment.image is not None:
        return _table(_images(rows), IMAGE)
    if not isinstance(rows, pd.DataFrame):
        raise InvalidArgument(
            f"[predict] The rows are of type {type(rows).__name__}, and must be a DataFrame of pandas."
        )
    _check_columns(rows, list(alignment.columns))
    read = {name: _read(rows[name], name, alignment) for name in alignment.columns}
    return _table(pd.DataFrame(read, index=pd.RangeIndex(len(rows))), TABULAR)


def _check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    if lacking := [name for name in names if name not in frame]:
        own = ", ".join(map(repr, list(frame.columns)[:_NAMED])) + (", ..." if frame.shape[1] > _NAMED else "")
        raise InvalidArgument(
            f"[predict] The frame lacks {_listed(lacking)}; it has {own or 'no column'}. The model needs "
            f"{len(names)} columns, signature.columns names them; fill one that is not known with None."
        )
    counts = frame.columns.value_counts()
    if twice := [name for name in names if counts[name] > 1]:
        raise InvalidArgument(f"[predict] The frame has {_listed(twice)} more than once: keep one of each.")


def _read(column: "pd.Series[Any]", name: str, alignment: Alignment) -> "pd.Series[Any]":
    about = alignment.columns[name]
    kind = getattr(column.dtype, "kind", "O")
    strange = _STRANGE.get(kind) or next(
        (f"a {type(value).__name__}" for value in column if not pd.api.types.is_scalar(value)), None
    )
    if strange is None and kind == "O":
        dated = pd.api.types.infer_dtype(column, skipna=True)
        strange = "dates or times" if "date" in dated or "time" in dated else None
    if strange is not None:
        wanted = "categories" if about.categories else "numbers"
        raise InvalidArgument(
            f"[predict] Column {name!r} holds {strange} (dtype {column.dtype}), and the model was trained on {wanted} "
            "there: prepare it as the participants prepared theirs."
        )
    if not about.categories:
        return _numbers(column, name)
    read = values.truths if name in alignment.truths else None
    texts = _texts(column).to_frame()
    found = (read(texts, _DIALECT)[0] if read else values.categories(texts, _DIALECT)).iloc[:, 0]
    _warn_of_strangers(found, name, about.categories)
    return found


def _numbers(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.astype("Float64").to_numpy(np.float64, na_value=np.nan)
        if not np.isinf(numbers).any():
            return pd.Series(numbers)
    found, strays = values.numbers(_texts(column).to_frame(), _DIALECT)
    if len(strays):
        held = int(found.iloc[:, 0].notna().sum()) + len(strays)
        first = f"{strays['value'].iloc[0]!r} in row {int(strays['row'].iloc[0]) + 1}"
        if len(strays) > MOST_LOST * held:
            raise InvalidArgument(
                f"[predict] Column {name!r} holds {first}, which is no number, like {len(strays)} of {held} values: "
                "the model was trained on numbers there. Mend the column."
            )
        _warn(f"Column {name!r} holds {first}, which is no number: {len(strays)} of {held} values are taken for gaps.")
    return found.iloc[:, 0]


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Each value as a csv file would have it; gaps stay gaps."""
    gaps = column.isna().to_numpy(np.bool_)
    texts: npt.NDArray[np.object_] = np.array([str(value) for value in column], object)
    texts[gaps] = np.nan
    return pd.Series(texts, name=str(column.name), dtype=object)


def _warn_of_strangers(found: "pd.Series[Any]", name: str, known: Sequence[str]) -> None:
    strange = found[found.notna() & ~found.isin(list(known))]
    if len(strange):
        _warn(
            f"Column {name!r} holds {_listed(list(dict.fromkeys(strange)))} in {len(strange)} of {len(found)} rows, "
            "which nobody trained on: it counts for nothing there."
        )


def _images(rows: "pd.DataFrame | Sequence[str | Path]") -> pd.DataFrame:
    if isinstance(rows, pd.DataFrame):
        _check_columns(rows, ["image"])
        rows = rows["image"].tolist()
    if isinstance(rows, str | Path) or not isinstance(rows, Iterable):
        raise InvalidArgument(
            "[predict] The model takes images: pass a list of paths, or a frame with the column 'image'."
        )
    paths = list(rows)
    for place, path in enumerate(paths, start=1):
        if not isinstance(path, str | Path) or not Path(path).is_file():
            raise InvalidArgument(f"[predict] Row {place}: {path!r} is not the path of a file.")
    return pd.DataFrame({"path": [str(path) for path in paths], "name": [str(path) for path in paths]}, dtype=object)


def _table(features: pd.DataFrame, datatype: str) -> Table:
    count = len(features)
    report = TableReport(WHO, PREDICTION, datatype, [], [], [], count, count, {}, [], None, {})
    return Table(
        features=features,
        target=pd.Series(np.full(count, np.nan, object), dtype=object),
        origin=pd.DataFrame({"file": [WHO] * count, "row": range(1, count + 1)}),
        participant_id=WHO,
        datatype=datatype,
        folders="the frame",
        report=report,
    )


def _warn(text: str) -> None:
    # At the line that asked for the prediction.
    warnings.warn(text, UserWarning, stacklevel=_depth())


def _depth() -> int:
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith("synergos"):
        frame, depth = frame.f_back, depth + 1
    return depth


def _listed(names: Sequence[object]) -> str:
    more = len(names) - _NAMED
    return ", ".join(map(repr, names[:_NAMED])) + (f" and {more} more" if more > 0 else "")
