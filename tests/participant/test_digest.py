"""What tells a participant's rows from any others."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from synergos.participant.digest import digest
from synergos.participant.reading import load

SCHEMA = {"height": "float64", "island": "category", "target": "category"}
ROWS = [("1.5", "north", "yes"), ("", "south", "no"), ("-0.25", "", "yes"), ("3", "north", "yes")]


def table(
    data: Path,
    rows: list[tuple[str, ...]] = ROWS,
    *,
    columns: tuple[str, ...] = ("height", "island", "target"),
    file: str = "data.csv",
    action: str = "classify",
    tag: str = "train",
    **schema: str,
) -> Any:
    folder = data / "biscoe" / tag
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text(
        json.dumps({**{name: SCHEMA.get(name, "float64") for name in columns}, **schema})
    )
    (folder / file).write_text("\n".join(map(",".join, [columns, *rows])) + "\n")
    return load(data, "biscoe", [[tag]], action=action, purpose="train")


def test_it_is_the_hash_that_is_written_down(tmp_path: Path) -> None:
    head = {
        "categories": ["island"],
        "datatype": "tabular",
        "numbers": ["height"],
        "rows": 4,
        "target": "categories",
    }
    told = b"".join(
        [
            json.dumps(head, separators=(",", ":")).encode() + b"\n",
            struct.pack("<d", 1.5) + bytes.fromhex("000000000000f87f") + struct.pack("<2d", -0.25, 3),
            b'["north","south"]\n' + struct.pack("<4q", 0, 1, -1, 0),
            b'["yes","no"]\n' + struct.pack("<4q", 0, 1, 0, 0),
        ]
    )

    assert digest(table(tmp_path)) == hashlib.sha256(told).hexdigest()


def test_where_and_how_the_rows_are_written_counts_for_nothing(tmp_path: Path) -> None:
    turned = [(target, island, "extra", height) for height, island, target in ROWS]
    written = [("1.50", "north", "yes"), ("NA", "south", "no"), ("-25e-2", "", "yes"), ("3.0", "north", "yes")]
    left_out = [*ROWS[:2], ("9", "north", ""), *ROWS[2:]]
    own = digest(table(tmp_path / "a"))

    assert digest(table(tmp_path / "b", file="other.CSV", tag="elsewhere")) == own
    assert digest(table(tmp_path / "c", written)) == own
    assert digest(table(tmp_path / "d", left_out)) == own
    moved = table(tmp_path / "e", turned, columns=("target", "island", "empty", "height"), empty="category")
    assert digest(moved) != own
    turned = [(target, island, "", height) for height, island, target in ROWS]
    assert digest(table(tmp_path / "f", turned, columns=("target", "island", "empty", "height"))) == own


@pytest.mark.parametrize(
    "rows",
    [
        [ROWS[1], ROWS[0], *ROWS[2:]],
        ROWS[:3],
        [*ROWS, ROWS[0]],
        [("1.5000000000000002", "north", "yes"), *ROWS[1:]],
        [("1.5", "south", "yes"), *ROWS[1:]],
        [("1.5", "", "yes"), *ROWS[1:]],
        [("1.5", "north", "no"), *ROWS[1:]],
        [("", "north", "yes"), ("1.5", "south", "no"), *ROWS[2:]],
    ],
    ids=["order", "fewer", "more", "last bit", "category", "gap", "target", "gap in another row"],
)
def test_what_a_training_sees_counts(rows: list[tuple[str, ...]], tmp_path: Path) -> None:
    assert digest(table(tmp_path / "a", rows)) != digest(table(tmp_path / "b"))


def test_a_number_is_not_its_text(tmp_path: Path) -> None:
    rows = [("1", "2", "3"), ("4", "5", "6")]

    found = {
        digest(table(tmp_path / "a", rows)),
        digest(table(tmp_path / "b", rows, island="float64")),
        digest(table(tmp_path / "c", rows, action="regress")),
    }

    assert len(found) == 3


def test_groups_of_columns_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (*(f"n{number}" for number in range(7)), *(f"c{number}" for number in range(7)), "target")
    rows = [tuple(str((row * 7 + column) % 5) for column in range(len(names))) for row in range(6)]
    found = table(tmp_path, rows, columns=names, **{f"c{number}": "category" for number in range(7)})
    own = digest(found)

    monkeypatch.setattr("synergos.participant.digest._CELLS", 13)

    assert digest(found) == own


def images(data: Path, *, name: str = "one", grey: int = 10) -> Any:
    folder = data / "biscoe" / "train"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"datatype": "image", "operations": {}}')
    for number, own in enumerate((name, "other")):
        Image.new("L", (4, 4), grey + 100 * number).save(folder / f"{own}.png")
    (folder / "mapping.csv").write_text(f"image,target\n{name}.png,a\nother.png,b\n")
    return load(data, "biscoe", [["train"]], action="classify", purpose="train")


def test_of_images_their_files_count_and_not_their_names(tmp_path: Path) -> None:
    own = digest(images(tmp_path / "a"))

    assert digest(images(tmp_path / "b", name="first")) == own
    assert digest(images(tmp_path / "c", grey=11)) != own
