"""Participants' folders read as tables.

A data folder holds ``metadata.json`` (``{"datatype": "tabular", "operations": {}}``), ``schema.json`` (each column's
pandas dtype) and csv files, as the workers of a grid keep them. With the datatype ``image`` it holds image files, and
``mapping.csv`` with the columns ``image``, a path below the folder, and ``target``; other columns count for nothing.
Without a ``mapping.csv`` the images are sorted into folders that are named like their classes. Images make a table
too, whose rows say where they are.

:func:`load` reads the folders of all tags into one :class:`~synergos.sandbox.table.Table`. Numbers that are not
numbers become gaps, columns without a single value are dropped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from synergos.sandbox import images
from synergos.sandbox.errors import Rejected, unknown
from synergos.sandbox.folders import Tag, check_file, find, read_json
from synergos.sandbox.table import (
    CLASSIFY,
    IMAGE,
    PREDICTION,
    TABULAR,
    TARGET,
    ColumnReport,
    Table,
    TableReport,
)


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
    folder lacks it. A folder named by two tags counts once. Rows
    that repeat another stay.

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

    has_target = TARGET in rows
    if not has_target:
        if purpose != PREDICTION:
            raise Rejected(f"{where}: column 'target' is missing")
        rows[TARGET] = np.nan
    target = _text(rows[TARGET]) if action == CLASSIFY else _numbers(rows[TARGET])
    keep = pd.Series(True, index=rows.index) if purpose == PREDICTION else target.notna()
    if not keep.any():
        reason = "there are no rows" if rows.empty else "no row has a usable value in column 'target'"
        raise Rejected(f"{where}: {reason} to {purpose} with")
    used = rows[keep].drop(columns=[TARGET, *_ORIGIN]).reset_index(drop=True)
    features, target = used.dropna(axis="columns", how="all"), target[keep].reset_index(drop=True)
    classes = target.value_counts().sort_index().to_dict() if action == CLASSIFY else {}
    report = TableReport(
        participant_id=participant_id,
        purpose=purpose,
        datatype=datatype,
        tags=tags,
        folders=[str(folder.relative_to(root)) for folder in folders],
        files=list(dict.fromkeys(rows[_ORIGIN[0]])),
        rows_read=len(rows),
        rows_used=len(used),
        left_out={"no target": int((~keep).sum())} if not keep.all() else {},
        columns=[] if datatype == IMAGE else [_report(used[name]) for name in used],
        target=_report(target) if has_target else None,
        classes={str(name): int(count) for name, count in classes.items()},
    )
    return Table(
        features=features,
        target=target,
        origin=rows.loc[keep, _ORIGIN].set_axis(["file", "row"], axis="columns").reset_index(drop=True),
        participant_id=participant_id,
        datatype=datatype,
        folders=where,
        report=report,
    )


def _report(values: "pd.Series[str] | pd.Series[float]") -> ColumnReport:
    """Count what a column holds."""
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    return ColumnReport(
        name=str(values.name),
        kind="number" if is_number else "category",
        values=int(values.count()),
        gaps=int(values.isna().sum()),
        categories=None if is_number else values.nunique(),
        dropped="" if values.count() else "no value in the rows used",
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


_ORIGIN = ["\0file", "\0row"]


def _read(folder: Path, root: Path) -> tuple[str, pd.DataFrame]:
    """Read a data folder by its datatype."""
    metadata = read_json(folder, "metadata.json", root)
    datatype = str(metadata.get("datatype"))
    if datatype not in _READERS:
        error = unknown("datatype", datatype, _READERS)
        raise Rejected(f"'{(folder / 'metadata.json').relative_to(root)}': {error.message}")
    return datatype, _READERS[datatype](folder, root, metadata.get("operations"))


def _read_tables(folder: Path, root: Path, _: object) -> pd.DataFrame:
    """Read the csv files of a folder, every column as its schema says."""
    schema = {name: _kind(name, dtype, folder, root) for name, dtype in read_json(folder, "schema.json", root).items()}
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
    below = [path for path in files if images.is_image(str(path))]
    if not below:
        raise Rejected(f"{mapping} is missing, and there are no folders with images in them, one per class, either")
    return pd.DataFrame({"image": [path.as_posix() for path in below], TARGET: [path.parts[0] for path in below]})


_READERS: dict[str, Callable[[Path, Path, object], pd.DataFrame]] = {TABULAR: _read_tables, IMAGE: _read_images}


def _read_text(file: Path, root: Path) -> pd.DataFrame:
    """Read a csv file, every field as it is written."""
    name = check_file(file, root, "csv file")
    try:
        raw = pd.read_csv(file, dtype=str, skipinitialspace=True)
    except (ValueError, OSError) as error:
        raise Rejected(f"{name} cannot be read as csv: {error}") from error
    if not isinstance(raw.index, pd.RangeIndex):
        raise Rejected(f"{name} has rows with more fields than its header")
    return raw


def _read_csv(file: Path, schema: Mapping[str, str], root: Path) -> pd.DataFrame:
    name, raw = str(file.relative_to(root)), _read_text(file, root)
    if set(raw.columns) != set(schema):
        extra, lacking = sorted(set(raw.columns) - set(schema)), sorted(set(schema) - set(raw.columns))
        raise Rejected(f"'{name}' does not match schema.json: lacks columns {lacking}, has unknown columns {extra}")
    read = {"number": _numbers, "category": _text}
    columns = {column: read[kind](raw[column]) for column, kind in schema.items()}
    return pd.DataFrame(columns | dict(zip(_ORIGIN, (name, range(1, len(raw) + 1)), strict=True)), index=raw.index)


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
