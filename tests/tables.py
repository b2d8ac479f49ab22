"""Data folders for tests."""

import json
from collections.abc import Mapping
from pathlib import Path

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
