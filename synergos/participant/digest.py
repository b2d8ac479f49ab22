"""What tells a participant's rows from any others: one hash of the values that a training sees.

It is the SHA-256 of, one after the other:

1. a line of JSON (ASCII, keys sorted, no spaces, then a line feed) with the ``datatype``, the number of ``rows``, the
   names of the ``numbers`` and of the ``categories``, sorted, and which of both the ``target`` is;
2. of a table each column of numbers in this order, its values as float64, least byte first; a gap is the NaN
   ``000000000000f87f``;
3. of a table each column of categories, as a line of JSON with its values in the order in which they first appear, and
   then for each row the place of its value in that list as int64, least byte first; -1 for a gap;
4. of images the SHA-256 of each file, 32 bytes;
5. the target, as 2 or 3.

So folders, file names and the order of columns count for nothing, nor do rows and columns that are not used; the order
of the rows does, for batches are made by it.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.learning.errors import Rejected
from synergos.learning.tables import IMAGE
from synergos.participant.table import Table

# Of a long table, no more cells than so many are looked at together.
_CELLS = 2**20


def digest(table: Table) -> str:
    """Hash a participant's rows for one purpose.

    Args:
        table: The rows that are used, as they were read.

    Returns:
        64 hexadecimal digits.

    Raises:
        Rejected: The file of an image cannot be read any more.
    """
    is_image, target = table.datatype == IMAGE, table.target.to_frame()
    features = table.features[[]] if is_image else table.features
    numbers, categories = _split(features)
    of_target = "numbers" if _split(target)[0] else "categories"
    found = hashlib.sha256()
    found.update(
        _line(
            {
                "datatype": table.datatype,
                "rows": len(table.target),
                "numbers": numbers,
                "categories": categories,
                "target": of_target,
            }
        )
    )
    _add_numbers(found, features[numbers])
    _add_categories(found, features[categories])
    if is_image:
        _add_files(found, table.features["path"].tolist(), table.features["name"].tolist())
    (_add_numbers if of_target == "numbers" else _add_categories)(found, target)
    return found.hexdigest()


def _add_numbers(found: "hashlib._Hash", frame: pd.DataFrame) -> None:
    for some in _groups(frame):
        values = np.ascontiguousarray(some.to_numpy("<f8").T)
        if np.isnan(values).any():
            values = np.where(np.isnan(values), np.array(np.nan, "<f8"), values)
        found.update(values.data)


def _add_categories(found: "hashlib._Hash", frame: pd.DataFrame) -> None:
    for some in _groups(frame):
        for values in some.to_numpy(object).T:
            places, distinct = pd.factorize(np.ascontiguousarray(values))
            found.update(_line([str(one) for one in distinct]))
            found.update(_least_byte_first(places).data)


def _add_files(found: "hashlib._Hash", paths: list[str], names: list[str]) -> None:
    for path, name in zip(paths, names, strict=True):
        try:
            found.update(hashlib.sha256(Path(path).read_bytes()).digest())
        except OSError as error:
            raise Rejected(f"'{name}' cannot be read: {error.strerror}") from error


def _groups(frame: pd.DataFrame) -> list[pd.DataFrame]:
    size = max(_CELLS // max(len(frame), 1), 1)
    return [frame.iloc[:, first : first + size] for first in range(0, frame.shape[1], size)]


def _least_byte_first(places: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    return np.ascontiguousarray(places.astype("<i8"))


def _split(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The names of the columns of numbers, and of the others, sorted."""
    is_number = {str(name): pd.api.types.is_numeric_dtype(dtype) for name, dtype in frame.dtypes.items()}
    names = sorted(is_number)
    return [name for name in names if is_number[name]], [name for name in names if not is_number[name]]


def _line(value: object) -> bytes:
    return f"{json.dumps(value, sort_keys=True, separators=(',', ':'))}\n".encode()
