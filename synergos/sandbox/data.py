"""Participants' data: folders found by tags, read as tables, turned into numbers.

A data folder holds ``metadata.json`` (``{"datatype": "tabular", "operations": {}}``), ``schema.json`` (each column's
pandas dtype) and csv files, as the workers of a grid keep them. With the datatype ``image`` it holds image files, and
``mapping.csv`` with the columns ``image``, a path below the folder, and ``target``; other columns count for nothing.
Without a ``mapping.csv`` the images are sorted into folders that are named like their classes. Images make a table
too, whose rows say where they are: :mod:`~synergos.sandbox.images` describes and encodes it instead of steps 2 and 3.

Three steps lead from tags to what a network takes:

1. :func:`load` reads the folders of all tags into one :class:`Table`. Numbers that are not numbers become gaps,
   columns without a single value are dropped.
2. :func:`describe` makes one description of the columns out of all participants' *training* tables.
3. :func:`encode` fills the gaps of any table, encodes its categories and scales its numbers by that description.

It departs from the original where the original would do worse: numbers are scaled by the minimum and maximum over all
participants instead of each frame's own, so that a value means the same everywhere; gaps are filled with the median
(numbers) or the most frequent value (categories), likewise shared; evaluation keeps duplicate rows, so that every row
gets its prediction; and a column that no participant trains on is left out instead of feeding untrained weights.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.sandbox import images
from synergos.sandbox.errors import Rejected, unknown

TABULAR = "tabular"
IMAGE = "image"
TARGET = "target"
TRAINING = "train"
PREDICTION = "predict"
CLASSIFY = "classify"

Tag = Sequence[str]


@dataclass(frozen=True)
class Table:
    """One participant's rows for one purpose: read and cleaned, gaps and categories still in it.

    Attributes:
        features: One column per feature, numbers as float64 and categories as text; gaps are missing values. Of
            images, what :func:`images.survey` returns.
        target: Class names as text, or numbers as float64; missing where unknown (predictions only).
        origin: Columns ``file`` (path below the data folder) and ``row`` (1 is the first below the header). Of an
            image, its own file and its row in the mapping.
        participant_id: Whose rows they are.
        datatype: ``tabular`` or ``image``.
        folders: The names of the folders they are from, for messages.
    """

    features: pd.DataFrame
    target: "pd.Series[str] | pd.Series[float]"
    origin: pd.DataFrame
    participant_id: str
    datatype: str
    folders: str

    @property
    def columns(self) -> list[str]:
        """The names of the feature columns, as they were read."""
        return [str(column) for column in self.features]

    def only(self, rows: npt.NDArray[np.bool_]) -> Self:
        """Keep some rows, given as a mask."""
        return replace(self, features=self.features[rows], target=self.target[rows], origin=self.origin[rows])

    def is_numeric(self, column: str) -> bool:
        """Tell a column of numbers from one of categories."""
        return pd.api.types.is_numeric_dtype(self.features[column].dtype)

    def names(self) -> set[str]:
        """Name the columns this table has once its categories are one-hot; images have none."""
        names: set[str] = set()
        if self.datatype == IMAGE:
            return names
        for column in self.columns:
            values = self.features[column].dropna().unique()
            names |= {column} if self.is_numeric(column) else {_dummy(column, str(value)) for value in values}
        return names

    def classes(self) -> set[str]:
        """Name the classes among the known targets."""
        return set(self.target.dropna().unique())


@dataclass(frozen=True)
class Column:
    """What all participants agree on about one column.

    Attributes:
        minimum: Smallest value in any training row; ``None`` for categories.
        maximum: Largest value in any training row; ``None`` for categories.
        fill: What a gap is filled with.
        categories: The values in any training row, sorted; empty for numbers.
    """

    minimum: float | None
    maximum: float | None
    fill: float | str
    categories: tuple[str, ...] = ()


def load(
    data: Path,
    participant_id: str,
    tags: Sequence[Tag],
    *,
    action: str,
    purpose: str,
    strangers: Iterable[str] = (),
) -> Table:
    """Read the folders of some tags into one table.

    Several tags are put below one another; the table has every column that any of them has, with gaps where a
    folder lacks it. A folder named by two tags counts once. For training, rows that repeat another are dropped.

    Args:
        data: The folder that holds all data.
        participant_id: Whose tags they are.
        tags: At least one tag, each a list of path tokens.
        action: ``classify`` or ``regress``.
        purpose: ``train``, ``evaluate`` or ``predict``; only predictions may lack targets.
        strangers: Other participants, whose own folders must not be read.

    Returns:
        The cleaned table.

    Raises:
        Rejected: A tag leads nowhere, outside or to several folders, a folder's content cannot be used, or some
            folders hold tables and others images.
    """
    folders = list(dict.fromkeys(find(data, participant_id, tag, strangers) for tag in tags))
    if not folders:
        raise Rejected(f"participant {participant_id!r} has no tags to {purpose} with")
    root = data.resolve()
    names = [f"'{folder.relative_to(root)}'" for folder in folders]
    datatypes, frames = zip(*(_read(folder, root) for folder in folders), strict=True)
    datatype = one_datatype(zip(datatypes, names, strict=True))
    _check_kinds(frames, folders)
    rows = pd.concat(frames, ignore_index=True)
    where = ", ".join(names)

    if TARGET not in rows:
        if purpose != PREDICTION:
            raise Rejected(f"{where}: column 'target' is missing")
        rows[TARGET] = np.nan
    target = _text(rows[TARGET]) if action == CLASSIFY else _numbers(rows[TARGET])
    features = rows.drop(columns=[TARGET, *_ORIGIN]).dropna(axis="columns", how="all")

    keep = pd.Series(True, index=rows.index) if purpose == PREDICTION else target.notna()
    if purpose == TRAINING:
        keep &= ~features.assign(**{TARGET: target}).duplicated()
    if not keep.any():
        reason = "there are no rows" if rows.empty else "no row has a usable value in column 'target'"
        raise Rejected(f"{where}: {reason} to {purpose} with")
    return Table(
        features=features[keep].reset_index(drop=True),
        target=target[keep].reset_index(drop=True),
        origin=rows.loc[keep, _ORIGIN].set_axis(["file", "row"], axis="columns").reset_index(drop=True),
        participant_id=participant_id,
        datatype=datatype,
        folders=where,
    )


def one_datatype(found: Iterable[tuple[str, str]]) -> str:
    """See that data are all tables or all images.

    Args:
        found: At least one datatype, each with the folder or folders that it is of.

    Returns:
        The one datatype.

    Raises:
        Rejected: There are two.
    """
    (datatype, folder), *others = found
    for other, its_folder in others:
        if other != datatype:
            raise Rejected(
                f"{folder} has datatype {datatype!r} and {its_folder} {other!r}; a project takes tables or images"
            )
    return datatype


def describe(tables: Sequence[Table]) -> dict[str, Column]:
    """Agree on every column that any participant trains on.

    Only aggregates of a participant's rows take part: the extremes, the median and the counts of categories. The
    shared median is the mean of the participants' medians weighted by their rows.

    Args:
        tables: All participants' training tables.

    Returns:
        The columns by name, sorted.

    Raises:
        Rejected: A column holds numbers at one participant and categories at another, or there is no column at all.
    """
    names = sorted({column for table in tables for column in table.columns})
    if not names:
        raise Rejected("the training data of all participants have no feature columns with values in them")
    return {name: _describe(name, [table for table in tables if name in table.features]) for name in names}


def expand(columns: Mapping[str, Column]) -> list[str]:
    """Name the encoded columns, one per number and one per category, sorted.

    Args:
        columns: What :func:`describe` returned.

    Returns:
        Names such as ``age`` and ``sex_0``.

    Raises:
        Rejected: A category of one column is named like another column.
    """
    names = [
        name
        for column, about in columns.items()
        for name in ([_dummy(column, value) for value in about.categories] or [column])
    ]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise Rejected(f"columns named {repeated[0]!r} arise twice: once as a column, once as a category of another")
    return sorted(names)


def encode(table: Table, columns: Mapping[str, Column], names: Sequence[str]) -> npt.NDArray[np.float32]:
    """Turn a table's features into numbers.

    Gaps are filled with the shared median or most frequent value. A column of numbers that the table lacks wholly is
    filled likewise, since nought would claim the smallest value of all; the one-hot columns of a lacking column are
    noughts, as in the original. Categories and columns that nobody trains on count for nothing. Values beyond the
    training data's extremes go beyond 0 and 1.

    Args:
        table: Any participant's table, for any purpose.
        columns: What :func:`describe` returned.
        names: What :func:`expand` returned: the order of the encoded columns.

    Returns:
        Array of shape (rows, names), training values within 0 and 1; columns with a single value are 0.
    """
    encoded: dict[str, npt.NDArray[np.float64]] = {}
    for name, about in columns.items():
        present = name in table.features
        if about.minimum is None or about.maximum is None:
            values = table.features[name].fillna(about.fill) if present else pd.Series([None] * len(table.target))
            encoded |= {_dummy(name, value): np.asarray(values == value, np.float64) for value in about.categories}
        else:
            numbers = table.features[name].to_numpy(np.float64) if present else np.full(len(table.target), np.nan)
            filled = np.where(np.isnan(numbers), float(about.fill), numbers)
            encoded[name] = (filled - about.minimum) / ((about.maximum - about.minimum) or 1.0)
    return np.column_stack([encoded[name] for name in names]).astype(np.float32)


def encode_target(table: Table, classes: Sequence[str]) -> npt.NDArray[np.float32] | npt.NDArray[np.int64]:
    """Turn a table's known targets into what a criterion takes.

    Args:
        table: A table whose targets are all known.
        classes: The class names in order; empty for a regression.

    Returns:
        Regression and up to two classes: float32 of shape (rows, 1). More classes: int64 of shape (rows,).

    Raises:
        Rejected: A class is not among those agreed on.
    """
    if not classes:
        return table.target.to_numpy(np.float32).reshape(-1, 1)
    if strange := sorted(table.classes() - set(classes)):
        raise Rejected(
            f"participant {table.participant_id!r}: column 'target' holds class {strange[0]!r}, "
            f"and the project was aligned on {', '.join(classes)}; align it again"
        )
    order = {name: index for index, name in enumerate(classes)}
    indices = np.array([order[str(name)] for name in table.target], np.int64)
    return indices if len(classes) > 2 else indices.astype(np.float32).reshape(-1, 1)


def find(data: Path, participant_id: str, tag: Tag, strangers: Iterable[str] = ()) -> Path:
    """Find the folder that a tag names: below the participant's own folder, or else among the shared ones.

    Args:
        data: The folder that holds all data; ``data/<participant id>`` is a participant's own.
        participant_id: Whose tag it is.
        tag: Path tokens that must all occur in the folder's path, in any order.
        strangers: Other participants, whose own folders are not shared.

    Returns:
        The one folder, resolved.

    Raises:
        Rejected: No folder or several match, or the tag or the folder leads outside of the data.
    """
    if isinstance(tag, str):
        raise Rejected(f"a tag must be a list of path tokens, not {tag!r}")
    root = data.resolve()
    tokens = [check_name(token, f"tag {list(tag)}") for token in tag]
    if not tokens:
        raise Rejected("a tag must have at least one token")
    own = root / check_name(participant_id, "participant id")
    closed = {root / name for name in strangers} - {own}
    available = []
    for top in (own, root):
        folders = [folder for folder in _folders(top, closed) if (folder / "metadata.json").exists()]
        matches = [folder for folder in folders if set(tokens) <= set(folder.relative_to(top).parts)]
        if len(matches) > 1:
            # A folder named exactly by the tag is meant, even if others lie below it.
            matches = [folder for folder in matches if folder.relative_to(top).parts == tuple(tokens)] or matches
        if len(matches) > 1:
            several = ", ".join(str(folder.relative_to(root)) for folder in matches)
            raise Rejected(f"tag {list(tag)} of participant {participant_id!r} matches several folders: {several}")
        if matches:
            return _inside(matches[0], root, f"tag {list(tag)}")
        available += [list(folder.relative_to(top).parts) for folder in folders if folder != top]
    known = ", ".join(map(str, sorted(available))) or "none"
    raise Rejected(
        f"tag {list(tag)} of participant {participant_id!r} leads to no data folder; "
        f"looked in {own} and {root}; available tags: {known}"
    )


def check_name(name: str, what: str) -> str:
    """Refuse a name that, as part of a path, would lead anywhere but to an entry of its folder.

    Args:
        name: A token or id, as sent.
        what: What it is, for the message.

    Returns:
        The name itself.

    Raises:
        Rejected: The name is empty, a step upwards, or holds a separator or NUL.
    """
    if not isinstance(name, str) or name in ("", ".", "..") or any(mark in name for mark in "/\\\0"):
        raise Rejected(f"{what}: {name!r} cannot be part of a path; use a plain name")
    return name


def _folders(top: Path, closed: set[Path]) -> Iterator[Path]:
    """Walk the folders below and with the top one; symbolic links are listed and not entered."""
    for folder, below, _ in os.walk(top):
        path = Path(folder)
        below[:] = sorted(name for name in below if path / name not in closed)
        yield path
        yield from (path / name for name in below if (path / name).is_symlink())


def _inside(path: Path, root: Path, what: str) -> Path:
    resolved = path.resolve()
    if not resolved.is_relative_to(root):
        raise Rejected(f"{what}: '{path.relative_to(root)}' is a link that leads outside of the data folder")
    return resolved


_ORIGIN = ["\0file", "\0row"]


def _read(folder: Path, root: Path) -> tuple[str, pd.DataFrame]:
    """Read a data folder by its datatype."""
    metadata = _read_json(folder, "metadata.json", root)
    datatype = str(metadata.get("datatype"))
    if datatype not in _READERS:
        error = unknown("datatype", datatype, _READERS)
        raise Rejected(f"'{(folder / 'metadata.json').relative_to(root)}': {error.message}")
    return datatype, _READERS[datatype](folder, root, metadata.get("operations"))


def _read_tables(folder: Path, root: Path, _: object) -> pd.DataFrame:
    """Read the csv files of a folder, every column as its schema says."""
    schema = {name: _kind(name, dtype, folder, root) for name, dtype in _read_json(folder, "schema.json", root).items()}
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise Rejected(f"'{folder.relative_to(root)}' holds no csv file")
    return pd.concat([_read_csv(file, schema, root) for file in files], ignore_index=True)


def _read_images(folder: Path, root: Path, operations: object) -> pd.DataFrame:
    """Read the heads of the images of a folder, and their targets as they are written."""
    mapping = folder / "mapping.csv"
    source = f"'{mapping.relative_to(root)}'"
    listing = _read_text(mapping, root) if mapping.exists() else _list_classes(folder, source)
    if "image" not in listing:
        raise Rejected(f"{source}: column 'image' is missing")
    found = images.survey(folder, listing["image"].str.strip(), root, source=source, operations=operations)
    if TARGET in listing:
        found[TARGET] = listing[TARGET]
    file, row = _ORIGIN
    found[file], found[row] = found["name"], range(1, len(found) + 1)
    return found


def _list_classes(folder: Path, mapping: str) -> pd.DataFrame:
    """List the images that are sorted into folders, one per class, as a mapping would."""
    files = [path.relative_to(folder) for path in sorted(folder.glob("*/**/*")) if path.is_file()]
    below = [path for path in files if not any(part.startswith(".") for part in path.parts)]
    if not below:
        raise Rejected(f"{mapping} is missing, and there are no folders with images in them, one per class, either")
    return pd.DataFrame({"image": [path.as_posix() for path in below], TARGET: [path.parts[0] for path in below]})


_READERS: dict[str, Callable[[Path, Path, object], pd.DataFrame]] = {TABULAR: _read_tables, IMAGE: _read_images}


def _read_text(file: Path, root: Path) -> pd.DataFrame:
    """Read a csv file, every field as it is written."""
    name = str(file.relative_to(root))
    _inside(file, root, "csv file")
    try:
        raw = pd.read_csv(file, dtype=str, skipinitialspace=True)
    except (ValueError, OSError) as error:
        raise Rejected(f"'{name}' cannot be read as csv: {error}") from error
    if not isinstance(raw.index, pd.RangeIndex):
        raise Rejected(f"'{name}' has rows with more fields than its header")
    return raw


def _read_csv(file: Path, schema: Mapping[str, str], root: Path) -> pd.DataFrame:
    name, raw = str(file.relative_to(root)), _read_text(file, root)
    if set(raw.columns) != set(schema):
        extra, lacking = sorted(set(raw.columns) - set(schema)), sorted(set(schema) - set(raw.columns))
        raise Rejected(f"'{name}' does not match schema.json: lacks columns {lacking}, has unknown columns {extra}")
    read = {"number": _numbers, "category": _text}
    columns = {column: read[kind](raw[column]) for column, kind in schema.items()}
    return pd.DataFrame(columns | dict(zip(_ORIGIN, (name, range(1, len(raw) + 1)), strict=True)), index=raw.index)


def _read_json(folder: Path, name: str, root: Path) -> dict[str, object]:
    file = folder / name
    where = f"'{file.relative_to(root)}'"
    if not file.exists():
        raise Rejected(f"{where} is missing")
    _inside(file, root, name)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise Rejected(f"{where} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise Rejected(f"{where} must hold a JSON object")
    return content


def _kind(column: str, dtype: object, folder: Path, root: Path) -> str:
    """Tell from a column's pandas dtype whether it holds numbers or categories."""
    with suppress(TypeError, ValueError):
        parsed = pd.api.types.pandas_dtype(str(dtype))
        if parsed.kind in "iuf":
            return "number"
        if parsed.kind in "bOSUT":
            return "category"
    raise Rejected(
        f"'{(folder / 'schema.json').relative_to(root)}': column {column!r} has dtype {dtype!r}; "
        "allowed are the integers and floats, 'category', 'object', 'string' and 'bool'"
    )


def _numbers(values: "pd.Series[str]") -> "pd.Series[float]":
    """Coerce to numbers; what is none, and what is not finite, becomes a gap."""
    numbers = pd.to_numeric(values, errors="coerce").astype(np.float64)
    return numbers.where(np.isfinite(numbers))


def _text(values: "pd.Series[str]") -> "pd.Series[str]":
    """Trim text, and write whole numbers one way: a gap makes pandas write the code 1 as 1.0."""
    text = values.astype("str").str.strip().str.replace(r"^([+-]?\d+)\.0+$", r"\1", regex=True)
    return text.where(values.notna() & (text != ""))


def _check_kinds(frames: Sequence[pd.DataFrame], folders: Sequence[Path]) -> None:
    """See that folders of one participant agree on which columns are numbers."""
    seen: dict[str, tuple[bool, Path]] = {}
    for frame, folder in zip(frames, folders, strict=True):
        for column in frame.columns.difference([TARGET, *_ORIGIN]):
            numeric = pd.api.types.is_numeric_dtype(frame[column].dtype)
            first, other = seen.setdefault(column, (numeric, folder))
            if first != numeric:
                raise Rejected(f"column {column!r} holds numbers in one of '{other.name}' and '{folder.name}' only")


def _describe(name: str, tables: Sequence[Table]) -> Column:
    numeric = [table.participant_id for table in tables if table.is_numeric(name)]
    if len(numeric) == len(tables):
        values = [table.features[name].dropna() for table in tables]
        medians = [float(value.median()) for value in values]
        return Column(
            minimum=min(float(value.min()) for value in values),
            maximum=max(float(value.max()) for value in values),
            fill=float(np.average(medians, weights=[len(value) for value in values])),
        )
    if numeric:
        others = [table.participant_id for table in tables if table.participant_id not in numeric]
        raise Rejected(f"column {name!r} holds numbers at {numeric} and categories at {others}; make the schemas agree")
    counts = pd.concat([table.features[name] for table in tables]).value_counts()
    # Ties go to the first name, whatever order the rows are in.
    fill = min(counts.index, key=lambda value: (-counts[value], value))
    return Column(minimum=None, maximum=None, fill=fill, categories=tuple(sorted(counts.index)))


def _dummy(column: str, value: str) -> str:
    return f"{column}_{value}"
