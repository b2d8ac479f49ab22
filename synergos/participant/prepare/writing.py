"""Data folders on the disk: all of them, or none."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd

from synergos.errors import InvalidArgument

FOLDERS = ("train", "evaluate")
_METADATA = {"datatype": "tabular", "operations": {}}


def check_folder(to: Path, *, force: bool) -> Path:
    """See that folders can be written, and that none is lost that was not made here.

    Args:
        to: The participant's folder.
        force: Whether those that are there may be replaced.

    Returns:
        The folder, as an absolute path.

    Raises:
        FileExistsError: When there is one, and they may not.
        InvalidArgument: When something else would be lost.
    """
    folder = to.resolve()
    nearest_there = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest_there.is_dir() or not folder.name:
        raise InvalidArgument(
            f"[prepare_data] to={str(to)!r}: {str(nearest_there)!r} is not a folder below which one can be made."
        )
    for path in (folder / name for name in FOLDERS):
        if not path.exists():
            continue
        if not force:
            raise FileExistsError(
                f"{str(path)!r} is there already, and nothing was written; give --force to replace it, or another --to."
            )
        if not path.is_dir() or any(
            file.suffix not in (".csv", ".json") or not file.is_file() for file in path.iterdir()
        ):
            raise InvalidArgument(
                f"[prepare_data] {str(path)!r} holds more than csv and json files: remove it by hand."
            )
    return folder


def write(
    folder: Path, parts: Mapping[str, pd.DataFrame], schema: Mapping[str, str], verify: Callable[[Path], None]
) -> None:
    """Write data folders beside where they belong, try them, and put them there.

    Args:
        folder: The participant's folder.
        parts: The rows by the name of their folder; a folder that is there and not named is removed.
        schema: The dtype of each column.
        verify: Given the folder that stands for the data folder, raises what is wrong with what was written.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".preparing-", dir=folder.parent))
    try:
        for name, rows in parts.items():
            _write_one(stage / folder.name / name, rows, schema)
        verify(stage)
        folder.mkdir(exist_ok=True)
        _swap(stage / folder.name, folder)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        for path in made:
            with suppress(OSError):
                path.rmdir()
        raise
    shutil.rmtree(stage, ignore_errors=True)


def _write_one(path: Path, rows: pd.DataFrame, schema: Mapping[str, str]) -> None:
    path.mkdir(parents=True)
    rows.to_csv(path / "data.csv", index=False, lineterminator="\n", encoding="utf-8")
    for name, content in (("schema.json", schema), ("metadata.json", _METADATA)):
        (path / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _swap(new: Path, folder: Path) -> None:
    """Put new folders in place of old ones; when one cannot be put there, the old ones are back."""
    old = new.with_name("old")
    old.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        for name in FOLDERS:
            for source, goal in ((folder / name, old / name), (new / name, folder / name)):
                if source.exists():
                    moved.append((source.rename(goal), source))
    except BaseException:
        for here, there in reversed(moved):
            here.rename(there)
        raise
