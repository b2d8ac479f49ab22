"""Participants' folders read as tables.

A data folder holds ``metadata.json`` (``{"datatype": "tabular", "operations": {}}``), ``schema.json`` (each column's
pandas dtype) and csv files, as the workers of a grid keep them. With the datatype ``image`` it holds image files, and
``mapping.csv`` with the columns ``image``, a path below the folder, and ``target``; other columns count for nothing.
Without a ``mapping.csv`` the images are sorted into folders that are named like their classes. Images make a table
too, whose rows say where they are.

Of both datatypes ``operations`` may hold ``csv``, how the csv files are written (see
:class:`~synergos.participant.csv_dialect.Dialect`), and ``drop_duplicates``: true to leave out rows that repeat
another.

:func:`load` reads the folders of all tags into one :class:`~synergos.participant.table.Table`, and counts what it could
not take; :mod:`~synergos.participant.values` says what a field is read as. It departs from the original where the
original would do worse: rows with equal values are different people and stay, unless their folder says otherwise; and
rows to predict always stay, so that each gets its prediction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synergos.common.misspelt import resembling
from synergos.learning.errors import Rejected, unknown
from synergos.learning.tables import (
    CLASSIFY,
    IMAGE,
    KINDS,
    PREDICTION,
    TABULAR,
    TARGET,
    Kind,
    TableReport,
    check_same_datatype,
)
from synergos.participant import images, values
from synergos.participant.csv_dialect import MOST_LOST, Dialect, explain, number_formats
from synergos.participant.csv_files import read_fields
from synergos.participant.folders import Tag, find, read_json
from synergos.participant.table import Table, report_columns

OPERATIONS = ("csv", "drop_duplicates")
"""What ``operations`` may hold whatever the datatype is; of images also :data:`images.OPERATIONS`."""

_ORIGIN = ["\0file", "\0row"]
_PASSED_OVER = "passed_over"


@dataclass(frozen=True)
class _Folder:
    """What was read of one data folder.

    Attributes:
        name: Its path below the root.
        datatype: ``tabular`` or ``image``.
        rows: The features, the target if there is one, and the origin.
        strays: As :func:`values.numbers` gives them.
        kinds: How each column was read; of images there is only the target.
        dtypes: What the schema says of each column.
        drops_repeats: Whether rows that repeat another are to be left out.
        passed_over: How many files beside the images, such as Thumbs.db, are none.
    """

    name: str
    datatype: str
    rows: pd.DataFrame
    strays: pd.DataFrame
    kinds: Mapping[str, Kind]
    dtypes: Mapping[str, str]
    drops_repeats: bool
    passed_over: int = 0


class Reader:
    """Reads each data folder once, for as long as one job lasts; whoever does the next job takes another.

    Args:
        data: The folder that holds all data.
    """

    def __init__(self, data: Path) -> None:
        self.root = data.resolve()
        self._folders: dict[tuple[Path, str], _Folder] = {}

    def read(self, folder: Path, action: str) -> _Folder:
        """Read a folder by its datatype, unless that has been done."""
        if (folder, action) not in self._folders:
            self._folders[folder, action] = _read(folder, self.root, action)
        return self._folders[folder, action]


def load(
    data: Path | Reader,
    participant_id: str,
    tags: Sequence[Tag],
    *,
    action: str,
    purpose: str,
    strangers: Iterable[str] = (),
) -> Table:
    """Read the folders of some tags into one table.

    Several tags are put below one another; the table has every column that any of them has, with gaps where a
    folder lacks it. A folder named by two tags counts once. Rows without a target are left out, except of predictions;
    a column without a value in the rows that are used is dropped.

    Args:
        data: The folder that holds all data, or who reads it for several calls.
        participant_id: Whose tags they are.
        tags: At least one tag, each a list of path tokens.
        action: ``classify`` or ``regress``.
        purpose: ``train``, ``evaluate`` or ``predict``; only predictions may lack targets.
        strangers: Other participants, whose own folders must not be read.

    Returns:
        The cleaned table, with the report of how it was read.

    Raises:
        Rejected: A tag leads nowhere, outside or to several folders, a folder's content cannot be used, some folders
            hold tables and others images, or more than one in ten values of a column that is declared a number are
            none.
    """
    reader = data if isinstance(data, Reader) else Reader(data)
    paths = list(dict.fromkeys(find(reader.root, participant_id, tag, strangers) for tag in tags))
    if not paths:
        raise Rejected(f"participant {participant_id!r} has no tags to {purpose} with")
    folders = [reader.read(path, action) for path in paths]
    names = [f"'{folder.name}'" for folder in folders]
    datatype = folders[0].datatype
    check_same_datatype((folder.datatype, name) for folder, name in zip(folders, names, strict=True))
    kinds = _one_kind(folders)
    where = ", ".join(names)
    rows = pd.concat([folder.rows for folder in folders], ignore_index=True)
    strays = _below([(folder.strays, len(folder.rows)) for folder in folders])

    has_target = TARGET in rows
    if not has_target:
        if purpose != PREDICTION:
            raise Rejected(f"{where}: column 'target' is missing")
        rows[TARGET] = np.nan
    if purpose != PREDICTION:
        _check_numbers(folders, rows, strays[strays["column"] == TARGET], action)
    is_known = rows[TARGET].notna()
    is_repeat = pd.Series(False, index=rows.index)
    if purpose != PREDICTION:
        may_drop = np.repeat([folder.drops_repeats for folder in folders], [len(folder.rows) for folder in folders])
        candidates = rows[is_known & may_drop].drop(columns=_ORIGIN)
        is_repeat[candidates.index[candidates.duplicated()]] = True
    keep = pd.Series(True, index=rows.index) if purpose == PREDICTION else is_known & ~is_repeat
    if not keep.any():
        reason = "there are no rows" if rows.empty else "no row has a usable value in column 'target'"
        raise Rejected(f"{where}: {reason} to {purpose} with")
    is_judged = keep.to_numpy()[strays["row"]] & (strays["column"] != TARGET)
    _check_numbers(folders, rows[keep], strays[is_judged], action)

    used = rows[keep].drop(columns=[TARGET, *_ORIGIN]).reset_index(drop=True)
    target = rows.loc[keep, TARGET].reset_index(drop=True)
    origin = rows[_ORIGIN].set_axis(["file", "row"], axis="columns")
    passed_over = sum(folder.passed_over for folder in folders)
    left_out = {"no target": int((~is_known).sum()), "repeats another row": int(is_repeat.sum())}
    left_out = ({} if purpose == PREDICTION else left_out) | {"no image": passed_over}
    classes = target.value_counts() if action == CLASSIFY else pd.Series(dtype=int)
    columns, target_report = report_columns(
        used if datatype == TABULAR else used[[]], target if has_target else None, kinds, strays, origin
    )
    report = TableReport(
        participant_id=participant_id,
        purpose=purpose,
        datatype=datatype,
        tags=tags,
        folders=[folder.name for folder in folders],
        files=[str(file) for file in origin["file"].unique()] if datatype == TABULAR else [],
        rows_read=len(rows) + passed_over,
        rows_used=len(used),
        left_out={reason: count for reason, count in left_out.items() if count},
        columns=columns,
        target=target_report,
        classes={str(name): int(count) for name, count in classes.sort_index().items()},
    )
    return Table(
        features=used[[column.name for column in columns if not column.dropped]] if datatype == TABULAR else used,
        target=target,
        origin=origin[keep].reset_index(drop=True),
        participant_id=participant_id,
        datatype=datatype,
        folders=where,
        report=report,
    )


def _read(folder: Path, root: Path, action: str) -> _Folder:
    """Read a data folder by its datatype."""
    metadata = read_json(folder, "metadata.json", root)
    where = f"'{(folder / 'metadata.json').relative_to(root)}'"
    datatype = str(metadata.get("datatype"))
    if datatype not in _READERS:
        raise Rejected(f"{where}: {unknown('datatype', datatype, _READERS).message}")
    operations = {} if metadata.get("operations") is None else metadata["operations"]
    if not isinstance(operations, dict):
        raise Rejected(f"{where}: operations must be an object, not {operations!r}")
    known = (*OPERATIONS, *(images.OPERATIONS if datatype == IMAGE else ()))
    for name in operations:
        if name not in known:
            raise unknown(f"{where}: operation", name, known)
    if not isinstance(operations.get("drop_duplicates", False), bool):
        raise Rejected(
            f"{where}: operation 'drop_duplicates' is {operations['drop_duplicates']!r}, and must be true or false"
        )
    return _READERS[datatype](folder, root, action, operations, Dialect.from_operations(operations, where))


def _read_tables(folder: Path, root: Path, action: str, operations: Mapping[str, object], dialect: Dialect) -> _Folder:
    """Read the csv files of a folder, every column as its schema says."""
    schema = read_json(folder, "schema.json", root)
    # Each dtype is looked up once, for the first column that has it.
    firsts: dict[str, Kind] = {}
    kinds = {
        name: firsts[str(dtype)]
        if str(dtype) in firsts
        else firsts.setdefault(str(dtype), _kind(name, dtype, folder, root))
        for name, dtype in schema.items()
    }
    # macOS keeps a file of its own beside each on foreign disks, as ._data.csv.
    files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() == ".csv" and file.name[0] != "."]
    if not files:
        raise Rejected(f"'{folder.relative_to(root)}' holds no csv file")
    is_class_number = action == CLASSIFY and kinds.get(TARGET) == "number"
    if action != CLASSIFY and TARGET in kinds:
        kinds[TARGET] = "number"
    numbers = [name for name, kind in kinds.items() if kind == "number" and not (name == TARGET and is_class_number)]
    parts, strays = [], []
    for file in files:
        fields = read_fields(file, root, dialect, columns=kinds, numbers=numbers)
        part, found = _clean(fields[list(kinds)], kinds, dialect, is_class_number=is_class_number)
        part[_ORIGIN] = pd.DataFrame({"file": str(file.relative_to(root)), "row": range(1, len(part) + 1)})
        parts.append(part)
        strays.append((found, len(part)))
    return _Folder(
        name=str(folder.relative_to(root)),
        datatype=TABULAR,
        rows=pd.concat(parts, ignore_index=True),
        strays=_below(strays),
        kinds=kinds,
        dtypes={name: str(dtype) for name, dtype in schema.items()},
        drops_repeats=bool(operations.get("drop_duplicates")),
    )


def _read_images(folder: Path, root: Path, action: str, operations: Mapping[str, object], dialect: Dialect) -> _Folder:
    """Read the heads of the images of a folder, and their targets."""
    mapping = folder / "mapping.csv"
    source = f"'{mapping.relative_to(root)}'"
    listing = read_fields(mapping, root, dialect) if mapping.exists() else _list_classes(folder, source)
    if "image" not in listing:
        raise Rejected(f"{source}: column 'image' is missing")
    own = {name: value for name, value in operations.items() if name not in OPERATIONS}
    names = listing["image"].str.strip()
    left = int(listing.attrs.get(_PASSED_OVER, 0))
    is_listed = np.array([not images.is_of_system(name) for name in names], bool)
    numbers = np.flatnonzero(is_listed) + 1
    listing, names = listing[is_listed].reset_index(drop=True), names[is_listed].set_axis(numbers)
    rows = images.survey(folder, names.where(names != ""), root, source=source, operations=own)
    kinds: dict[str, Kind] = {}
    if TARGET in listing:
        kinds[TARGET] = "category" if action == CLASSIFY else "number"
    target, strays = _clean(listing[list(kinds)], kinds, dialect)
    rows = pd.concat([rows, target], axis="columns")
    file, row = _ORIGIN
    rows[file], rows[row] = rows["name"], numbers
    return _Folder(
        name=str(folder.relative_to(root)),
        datatype=IMAGE,
        rows=rows,
        strays=strays,
        kinds=kinds,
        dtypes={},
        drops_repeats=bool(operations.get("drop_duplicates")),
        passed_over=int((~is_listed).sum()) + left,
    )


def _list_classes(folder: Path, mapping: str) -> pd.DataFrame:
    """List the images that are sorted into folders, one per class, as a mapping would."""
    files = [path.relative_to(folder) for path in sorted(folder.glob("*/**/*")) if path.is_file()]
    below = [path for path in files if images.is_image(str(path))]
    if not below:
        raise Rejected(f"{mapping} is missing, and there are no folders with images in them, one per class, either")
    listing = pd.DataFrame({"image": [path.as_posix() for path in below], TARGET: [path.parts[0] for path in below]})
    listing.attrs[_PASSED_OVER] = len(files) - len(below)
    return listing


_READERS: dict[str, Callable[[Path, Path, str, Mapping[str, object], Dialect], _Folder]] = {
    TABULAR: _read_tables,
    IMAGE: _read_images,
}


def _clean(
    fields: pd.DataFrame, kinds: Mapping[str, Kind], dialect: Dialect, *, is_class_number: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read all columns, those of a kind at once."""
    names = {kind: [name for name, its in kinds.items() if its == kind] for kind in ("number", "truth", "category")}
    if is_class_number:
        names["number"].remove(TARGET)
    numbers, number_strays = values.numbers(fields[names["number"]], dialect)
    truths, truth_strays = values.truths(fields[names["truth"]], dialect)
    parts, strays = (
        [numbers, truths, values.categories(fields[names["category"]], dialect)],
        [number_strays, truth_strays],
    )
    if is_class_number:
        classes, class_strays = values.class_numbers(fields[[TARGET]], dialect)
        parts.append(classes)
        strays.append(class_strays)
    return pd.concat(parts, axis="columns")[list(kinds)], pd.concat(strays, ignore_index=True)


def _below(parts: Sequence[tuple[pd.DataFrame, int]]) -> pd.DataFrame:
    """Put the strays of tables below one another, as their rows are; each comes with its table's number of rows."""
    starts = np.cumsum([0, *(count for _, count in parts)])
    moved = [found.assign(row=found["row"] + start) for (found, _), start in zip(parts, starts, strict=False)]
    return pd.concat(moved, ignore_index=True)


_DTYPES = (
    *(f"{kind}{size}" for kind in ("int", "uint", "Int", "UInt") for size in (8, 16, 32, 64)),
    *("float32", "float64", "Float32", "Float64", "category", "object", "string", "bool", "boolean"),
)


def _kind(column: str, dtype: object, folder: Path, root: Path) -> Kind:
    """Tell from a column's pandas dtype whether it holds numbers, truth values or categories."""
    advice = ""
    with suppress(TypeError, ValueError, ImportError, NotImplementedError):
        parsed = pd.api.types.pandas_dtype(str(dtype)) if isinstance(dtype, str) else None
        if parsed is not None and parsed.kind in "iuf":
            return "number"
        if parsed is not None and parsed.kind == "b":
            return "truth"
        if parsed is not None and parsed.kind in "OSUT":
            return "category"
        if parsed is not None and parsed.kind in "mM":
            advice = "; write dates and times as numbers, such as days since a certain day"
    if not advice and (near := resembling(str(dtype), _DTYPES, 1)):
        advice = f"; nearest: {near[0]!r}"
    raise Rejected(
        f"'{(folder / 'schema.json').relative_to(root)}': column {column!r} has dtype {dtype!r}; "
        f"allowed are the integers and floats, 'category', 'object', 'string' and 'bool'{advice}"
    )


def _one_kind(folders: Sequence[_Folder]) -> dict[str, Kind]:
    """See that folders of one participant agree on how columns are read."""
    kinds: dict[str, Kind] = {}
    seen: dict[str, str] = {}
    for folder in folders:
        for column, kind in folder.kinds.items():
            first = kinds.setdefault(column, kind)
            other = seen.setdefault(column, folder.name)
            if first != kind and (column != TARGET or "truth" in (first, kind)):
                raise Rejected(
                    f"column {column!r} holds {KINDS[first]} in '{other}' and {KINDS[kind]} in '{folder.name}'; "
                    "make the dtypes in their schema.json agree"
                )
    return kinds


def _check_numbers(folders: Sequence[_Folder], rows: pd.DataFrame, strays: pd.DataFrame, action: str) -> None:
    """Refuse columns that lose more of the values they hold than a few, and classes that cannot be numbers.

    A folder that writes its numbers otherwise is refused however small it is beside the others.

    Args:
        folders: What was read.
        rows: The rows to judge, with the index of all folders' rows one below the other.
        strays: Those of these rows.
        action: ``classify`` or ``regress``.
    """
    for column, found in strays.groupby("column", sort=False):
        name = str(column)
        are_classes = name == TARGET and action == CLASSIFY
        if all(folder.kinds.get(name) != "number" for folder in folders):
            continue
        known = rows[name].notna()
        held = int(known.sum()) + (0 if are_classes else len(found))
        if are_classes or len(found) > MOST_LOST * held:
            raise _no_numbers(folders, found, held, are_classes=are_classes)
        start = 0
        for folder in folders:
            end = start + len(folder.rows)
            own = found[found["row"].between(start, end - 1)]
            held = int(known[(rows.index >= start) & (rows.index < end)].sum()) + len(own)
            if len(own) > MOST_LOST * held and number_formats(own["value"]):
                raise _no_numbers(folders, own, held)
            start = end


def _no_numbers(folders: Sequence[_Folder], found: pd.DataFrame, held: int, *, are_classes: bool = False) -> Rejected:
    """Say which values of a column are no numbers."""
    first, place = found.iloc[0], int(found["row"].iloc[0])
    for folder in folders:
        if place < len(folder.rows):
            break
        place -= len(folder.rows)
    column = str(first["column"])
    file, row = folder.rows.loc[place, _ORIGIN]
    what = f"'{file}', row {row}: column {column!r} holds {first['value']!r}, which is no number"
    if len(found) > 1:
        what += f", like {len(found)} of the {held} values"
    declared = f"; '{folder.name}/schema.json' says that it is {folder.dtypes[column]!r}" if folder.dtypes else ""
    return Rejected(f"{what}{declared}. {explain(found['value'].tolist(), are_classes=are_classes)}")
