"""Data folders for tests."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from synergos.learning import columns, spelling, target
from synergos.learning.columns import Column
from synergos.learning.target import Numbers, Scale
from synergos.participant import data
from synergos.participant import target as own_target
from synergos.participant.reading import load
from synergos.participant.table import Table

SCHEMA = {"age": "int64", "sex": "category", "target": "category"}
ROWS = "age,sex,target\n30,0,a\n40,1,b\n50,1,a\n"


def write(
    folder: Path,
    rows: str = ROWS,
    schema: Mapping[str, object] = SCHEMA,
    datatype: str = "tabular",
    operations: Mapping[str, object] | None = None,
    name: str = "data.csv",
    encoding: str = "utf-8",
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text(json.dumps({"datatype": datatype, "operations": operations or {}}))
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / name).write_bytes(rows.encode(encoding))
    return folder


def read(data: Path, *tags: str, action: str = "classify", purpose: str = "train", who: str = "p") -> Table:
    return load(data, who, [[tag] for tag in tags], action=action, purpose=purpose)


def agreed(tables: Sequence[Table]) -> dict[str, Column]:
    """What the participants of some training tables agree on."""
    return columns.agree([data.describe(table) for table in tables])


def scale_of(targets: Sequence[Numbers]) -> Scale:
    """The scale of some participants' targets."""
    return target.agree([own_target.describe(one) for one in targets])


def classes_of(tables: Iterable[Table]) -> list[str]:
    """The classes of some tables."""
    return spelling.classes_of(table.classes() for table in tables)
