"""From a messy csv or a DataFrame to data folders: what is written is what the sandbox reads, and nothing else."""

import datetime
import doctest
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synergos import InvalidArgument
from synergos.participant.reading import load
from synergos.participant.table import Table
from synergos.sandbox import Preparation, check_data, prepare_data
from synergos.sandbox.server import demo_data


def read(done: Preparation, purpose: str = "train") -> Table:
    return load(done.folder.parent, done.folder.name, [[purpose]], action=done.action, purpose=purpose)


def csv(tmp_path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "raw.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def prepare(tmp_path: Path, text: str | bytes, **options: Any) -> Preparation:
    return prepare_data(csv(tmp_path, text), tmp_path / "data" / "p", **{"target": "y", **options})


def schema(done: Preparation) -> dict[str, str]:
    found: dict[str, str] = json.loads((done.train / "schema.json").read_text(encoding="utf-8"))
    return found


def said(done: Preparation, level: str) -> str:
    return "\n".join(f"{one.where}: {one.what} {one.remedy}" for one in done.findings if one.level == level)


def column_of(tmp_path: Path, values: Sequence[str], sep: str = ";", **options: Any) -> tuple[list[Any], Preparation]:
    """One column of a csv file, as the sandbox reads it once it is prepared."""
    rows = "\n".join(f'"{value}"{sep}{"ab"[number % 2]}' for number, value in enumerate(values))
    done = prepare(tmp_path, f"x{sep}y\n{rows}\n", force=True, **options)
    table = read(done)
    return (table.features["x"].tolist() if "x" in table.features else []), done


# How files are written


@pytest.mark.parametrize(
    ("start", "encoding"), [("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16"), ("", "cp1252"), ("", "latin-1")]
)
@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encoding_and_separator_are_found(tmp_path: Path, start: str, encoding: str, sep: str, end: str) -> None:
    rows = [["größe", " Ort ", "y"], ["3", "Köln", "Ja"], ["4", "Zürich", "Nein"], ["5", "", "Ja"]]
    text = start * (encoding == "utf-8") + "".join(sep.join(row) + end for row in rows)

    done = prepare(tmp_path, text.encode(encoding))

    table = read(done)
    assert table.features["größe"].tolist() == [3, 4, 5]
    assert table.features["Ort"].fillna("").tolist() == ["Köln", "Zürich", ""]
    assert table.target.tolist() == ["Ja", "Nein", "Ja"]


def test_what_excel_writes_above_the_header_is_understood(tmp_path: Path) -> None:
    assert read(prepare(tmp_path, "sep=;\r\nx;y\r\n1,5;a\r\n2,5;b\r\n")).features["x"].tolist() == [1.5, 2.5]


def test_line_breaks_and_separators_in_quotes_are_kept(tmp_path: Path) -> None:
    text = 'x,note,y\n1,"first\nsecond",a\n2,"third, fourth",b\n3,"say ""no""\r\nnow",a\n'

    table = read(prepare(tmp_path, text))

    assert table.features["note"].tolist() == ["first\nsecond", "third, fourth", 'say "no"\nnow']


def test_columns_of_one_name(tmp_path: Path) -> None:
    done = prepare(tmp_path, "x,x,x,y\n1,1,5,a\n2,2,6,b\n")

    table = read(done)
    assert {name: values.tolist() for name, values in table.features.items()} == {"x": [1, 2], "x_2": [5, 6]}
    assert "Column 2 was left out" in said(done, "info")
    assert "Column 3 was renamed 'x_2'" in said(done, "warning")


def test_the_index_that_pandas_writes_is_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [3.5, 2.5], "y": ["a", "b"]})

    done = prepare(tmp_path, frame.to_csv())

    assert list(read(done).features) == ["x"]
    assert "Column 1, which has no name, was left out. " in said(done, "info")


def test_rows_that_are_short_empty_or_end_in_separators(tmp_path: Path) -> None:
    done = prepare(tmp_path, "x,z,y\n1,2,a,,\n,,\n\n3,4,b\n5,6\n", missing=["?"])

    assert read(done).features.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert "1 row with fewer fields than the header, row 4 the first" in said(done, "warning")
    assert "1 row without a target left out, row 3 the first" in said(done, "warning")
    assert "1 empty row left out" in said(done, "info")
    assert done.left_out == {"no target": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2,3\n", "row 1 has 3 fields and the header 2: a value that holds ','"),
        ("A report\nx,z,y\n1,2,a\n", "row 1 has 3 fields and the header 1"),
        ('x,y\n1,"a\n2,b\n', "in or before line 3: unexpected end of data"),
        ("y\na\nb\n", "one column, or a separator other than"),
        ("", "is empty"),
        ("x,y\n", "a header and no rows"),
        ("1,2,3\n4,5,6\n", "the first row, 1, 2, 3, holds numbers and no names"),
        (b"PK\x03\x04rest", "an Excel or zip file: save it as csv"),
        (b"\x1f\x8brest", "compressed: unpack it first"),
        ("x,y\n1,\0\n", "NUL characters"),
        ("x,target,Y\n1,2,3\n", "target='y': raw.csv has no such column: did you mean 'Y'?"),
        ("y,e\na,\nb,\n", "no column with values besides the target"),
        ("x,y\n1,\n2,\n", "the target 'y' has no value in any row"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_is_written(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        prepare(tmp_path, text, **({"sep": ","} if text[:1] == "A" else {}))

    assert message in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["raw.csv"]


# Numbers


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["0,5", "1,25", "3"], [0.5, 1.25, 3]),
        (["1.234,5", "2.000,75"], [1234.5, 2000.75]),
        (["1,234.5", "2,000.75"], [1234.5, 2000.75]),
        (["1,234,567", "1,000,000"], [1234567, 1000000]),
        (["1.234.567", "12.000.000"], [1234567, 12000000]),
        (["1'200", "3’400.5"], [1200, 3400.5]),
        (["1 200", "3\u00a0400", "5\u202f600"], [1200, 3400, 5600]),
        (["12,34,567.5", "1.5"], [1234567.5, 1.5]),
        (["€ 3", "€1,50"], [3, 1.5]),
        (["EUR 3", "EUR 4"], [3, 4]),
        (["$-5", "$1,234.50", "-$2"], [-5, 1234.5, -2]),
        (["3 kg", "4.5 kg"], [3, 4.5]),
        (["12%", "3.5%"], [12, 3.5]),
        (["37 °C", "38.5 °C"], [37, 38.5]),
        (["1e-3", "2.5E6", "-7"], [0.001, 2.5e6, -7]),
        (["−5", "+5", "(3)"], [-5, 5, -3]),
        ([".5", "5.", "-.25"], [0.5, 5, -0.25]),
        (["1e-9", "123456789012.5"], [1e-9, 123456789012.5]),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, values: list[str], expected: list[float]) -> None:
    for sep in ";\t":
        found, done = column_of(tmp_path, values, sep)
        assert found == expected
        assert schema(done)["x"] in ("int64", "float64")


@pytest.mark.parametrize("mark", ["NA", "nan", "null", "None", "?", "-", ".", "N/A", "#N/A", ""])
def test_marks_of_missing_numbers_are_gaps_and_told(tmp_path: Path, mark: str) -> None:
    found, done = column_of(tmp_path, ["1", mark, "3"])

    assert np.isnan(found[1])
    assert [found[0], found[2]] == [1, 3]
    assert schema(done)["x"] == "float64"
    assert not mark or f"{mark!r} (1 row) became gaps" in said(done, "info")


def test_what_is_no_number_is_counted_and_shown(tmp_path: Path) -> None:
    found, done = column_of(tmp_path, [*map(str, range(30)), "about 40", "many"])

    assert found[:30] == [*range(30)]
    assert np.isnan(found[30:]).all()
    assert "2 values that are no numbers became gaps: 'about 40' in row 31 is the first" in said(done, "warning")


def test_a_column_that_is_half_numbers_is_categories_and_told(tmp_path: Path) -> None:
    found, done = column_of(tmp_path, ["1", "2", "3", "low", "high"])

    assert found == ["1", "2", "3", "low", "high"]
    assert "3 of its 5 values are numbers, others are not, such as 'low' in row 4" in said(done, "warning")


def test_codes_keep_what_a_number_would_lose(tmp_path: Path) -> None:
    found, done = column_of(tmp_path, ["00412", "10115", "00412"])
    assert found == ["00412", "10115", "00412"]
    assert "It holds codes, such as '00412'" in said(done, "warning")

    found, done = column_of(tmp_path, ["12345678901234567", "12345678901234568"])
    assert found == ["12345678901234567", "12345678901234568"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1,234", "5,678"], "'1,234' in row 1 may be a number with thousands or with decimals"),
        (["250.000", "1.000"], "'250.000' in row 1 may be a number with thousands or with decimals"),
        (["1.5", "2,5", "3.5"], "has two decimal marks, '1.5' in row 1 and '2,5' in row 2"),
        (["3 kg", "4 lb"], "holds numbers with 'kg' and others without it, such as '4 lb' in row 2"),
        (["12%", "0.5"], "holds numbers with '%' and others without it, such as '0.5' in row 2"),
        (["01/02/2023", "03/04/2023"], "'01/02/2023' in row 1 may have the day first or the month"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_for(tmp_path: Path, values: list[str], message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        column_of(tmp_path, values)

    assert f"column 'x'{':' if message[0] == chr(39) else ''} {message}" in str(caught.value)


def test_all_that_is_open_is_asked_for_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"column 'a'.*; column 'b'.*--dates dmy or mdy\."):
        prepare(tmp_path, "a;b;y\n1,234;01/02/2023;k\n5,678;03/04/2023;l\n")


def test_what_one_column_leaves_open_another_tells(tmp_path: Path) -> None:
    rows = "1,234;0,5;01/02/2023;13/02/2023;k\n5,678;1;03/04/2023;28/02/2023;l\n"

    table = read(prepare(tmp_path, f"a;b;c;d;y\n{rows}"))

    day = datetime.date(2023, 2, 1).toordinal() - datetime.date(1970, 1, 1).toordinal()
    assert table.features["a"].tolist() == [1.234, 5.678]
    assert table.features["c"].tolist()[0] == day


def test_what_is_said_decides(tmp_path: Path) -> None:
    assert column_of(tmp_path, ["1,234", "5,678"], decimal=",")[0] == [1.234, 5.678]
    assert column_of(tmp_path, ["1,234", "5,678"], decimal=".")[0] == [1234, 5678]
    assert column_of(tmp_path, ["1,234", "5,678"], sep=",")[0] == [1234, 5678]
    assert column_of(tmp_path, ["1", "-99", "x"], missing=["-99", "x"])[0][0] == 1
    dmy, mdy = (column_of(tmp_path, ["01/02/2023"] * 2, dates=order)[0][0] for order in ("dmy", "mdy"))
    assert dmy - mdy == 30


# Dates, truth values, categories


@pytest.mark.parametrize(
    ("values", "day"),
    [
        (["2023-02-28", "1969-12-31"], "2023-02-28"),
        (["28.02.2023", "01.03.1969"], "2023-02-28"),
        (["28/2/2023", "1/3/1969"], "2023-02-28"),
        (["2/28/2023", "3/1/1969"], "2023-02-28"),
        (["28 Feb 2023", "1 Mar 1969"], "2023-02-28"),
        (["Feb 28, 2023", "Mar 1, 1969"], "2023-02-28"),
        (["28-Feb-23", "1-Mar-69"], "2023-02-28"),
        (["20230228", "19691231"], "2023-02-28"),
        (["2023/02/28", "1969/12/31"], "2023-02-28"),
        (["2023-02-28T12:00:00", "1969-12-31T00:00:00"], "2023-02-28T12:00"),
        (["2023-02-28 06:00", "1969-12-31 18:30"], "2023-02-28T06:00"),
        (["2023-02-28T14:00:00+02:00", "1969-12-31T00:00:00Z"], "2023-02-28T12:00"),
        (["02/28/2023 06:30 PM", "03/01/1969 12:00 AM"], "2023-02-28T18:30"),
    ],
)
def test_dates_become_days_since_1970(tmp_path: Path, values: list[str], day: str) -> None:
    found, done = column_of(tmp_path, [*values, "", "N/A"])

    assert found[0] == (pd.Timestamp(day) - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    assert np.isnan(found[2:]).all()
    assert "became the number of days since 1970-01-01" in said(done, "info")


def test_truth_is_spelt_one_way(tmp_path: Path) -> None:
    found, done = column_of(tmp_path, ["TRUE", "true", "False", "FALSE"])
    assert len(set(found[:2])) == len(set(found[2:])) == 1
    assert found[0] != found[2]
    assert schema(done)["x"] == "bool"
    assert "FALSE, False, TRUE, true became True and False" in said(done, "info")

    found, done = column_of(tmp_path, ["True", "", "False"])
    assert schema(done)["x"] == "category"


def test_values_that_look_like_gaps_stay_among_categories(tmp_path: Path) -> None:
    _, done = column_of(tmp_path, ["None", "NA", "red", "null", "nan"])

    assert pd.read_csv(done.train / "data.csv", keep_default_na=False)["x"].tolist() == [
        "None",
        "NA",
        "red",
        "null",
        "nan",
    ]
    assert "It holds 'None' (1 row), 'NA' (1 row)" in said(done, "warning")
    assert pd.isna(column_of(tmp_path, ["None", "red", "blue"], missing=["None"])[0][0])


def test_what_is_spelt_in_two_ways_is_told(tmp_path: Path) -> None:
    _, done = column_of(tmp_path, ["Male", "male", "female"])

    assert "'Male' and 'male' are two categories" in said(done, "warning")


def test_identifiers_and_constants_are_warned_of_and_kept(tmp_path: Path) -> None:
    rows = "".join(f"{n + 100},P{n:03},{n * n / 7:.3f},k,{'ab'[n % 2]}\n" for n in range(20))
    done = prepare(tmp_path, f"number,Patient ID,measure,site,y\n{rows}")

    told = said(done, "warning")
    assert "column 'number': It numbers the rows: it looks like an identifier" in told
    assert (
        "column 'Patient ID': It has 20 values in 20 rows: it looks like an identifier. Give --drop 'Patient ID'"
        in told
    )
    assert "column 'site': It has a single value, 'k'" in told
    assert "'measure'" not in told
    assert set(schema(done)) == {"number", "Patient ID", "measure", "site", "target"}
    dropped = prepare(tmp_path, f"number,Patient ID,measure,site,y\n{rows}", drop=["Patient ID", "number"], force=True)
    assert set(schema(dropped)) == {"measure", "site", "target"}


# Targets


def test_a_column_called_target_that_is_not_the_target(tmp_path: Path) -> None:
    done = prepare(tmp_path, "target,target_feature,Readmitted?\n1,2,Yes\n3,4,No\n", target="Readmitted?")

    table = read(done)
    assert {name: values.tolist() for name, values in table.features.items()} == {
        "target_2": [1, 3],
        "target_feature": [2, 4],
    }
    assert table.target.tolist() == ["Yes", "No"]
    assert "It was renamed 'target_2'" in said(done, "warning")


@pytest.mark.parametrize(
    ("values", "action", "classes"),
    [
        (["Yes", "No", "Yes"], "classify", {"No": 1, "Yes": 2}),
        (["0", "1", "1"], "classify", {"0": 1, "1": 2}),
        (["None", "NA", "Insomnia"], "classify", {"Insomnia": 1, "NA": 1, "None": 1}),
        (["0,5", "1,5", "1,5"], "regress", {}),
        (["True", "false", "TRUE"], "classify", {"False": 1, "True": 2}),
    ],
)
def test_what_is_to_be_learned(tmp_path: Path, values: list[str], action: str, classes: dict[str, int]) -> None:
    rows = "".join(f"{n},5;{value}\n" for n, value in enumerate(values))
    done = prepare(tmp_path, f"x;y\n{rows}")

    assert (done.action, done.classes) == (action, classes)
    written = pd.read_csv(done.train / "data.csv", dtype=str, keep_default_na=False)["target"]
    assert written.value_counts().to_dict() == classes or action == "regress"


def test_numbers_to_be_learned_are_a_regression_from_some_on(tmp_path: Path) -> None:
    done = prepare(tmp_path, "x,y\n" + "".join(f"{n},{n * 10}\n" for n in range(30)))

    assert done.action == "regress"
    with pytest.raises(InvalidArgument, match="stratify=True is for classes, and 'y' holds 30 numbers"):
        prepare(
            tmp_path, "x,y\n" + "".join(f"{n},{n * 10}\n" for n in range(30)), evaluate=0.5, stratify=True, force=True
        )


# Rows to evaluate on


ROWS = "x,y\n" + "".join(f"{n},{'abbbbbbc'[n % 8]}\n" for n in range(80)) + "99,once\n"


def test_rows_are_divided_and_none_is_lost(tmp_path: Path) -> None:
    done = prepare(tmp_path, ROWS, evaluate=0.25, seed=3)

    train, evaluate = (read(done, part).features["x"].tolist() for part in ("train", "evaluate"))
    assert (len(train), len(evaluate)) == (61, 20)
    assert sorted([*train, *evaluate]) == [*range(80), 99]
    again, other = (prepare(tmp_path, ROWS, evaluate=0.25, seed=seed, force=True) for seed in (3, 4))
    assert other.rows == again.rows == {"train": 61, "evaluate": 20}
    assert read(other, "evaluate").features["x"].tolist() != evaluate


def test_the_same_seed_draws_the_same_rows(tmp_path: Path) -> None:
    first, second = (
        read(prepare(tmp_path, ROWS, evaluate=0.25, seed=7, stratify=True, force=True), "evaluate") for _ in range(2)
    )

    assert first.features.equals(second.features)


def test_each_class_is_in_both_parts(tmp_path: Path) -> None:
    done = prepare(tmp_path, ROWS, evaluate=0.1, stratify=True)

    counts = {part: read(done, part).target.value_counts().to_dict() for part in ("train", "evaluate")}
    assert counts == {"train": {"b": 54, "a": 9, "c": 9, "once": 1}, "evaluate": {"b": 6, "a": 1, "c": 1}}
    assert "Classes with a single row stay in train: 'once' (1 in all)" in said(done, "warning")


# Arguments, and what is on the disk


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"evaluate": 0}, "evaluate=0 is not allowed: it must be above 0 and below 1"),
        ({"evaluate": 1.0}, "must be above 0 and below 1"),
        ({"evaluate": 25}, "must be above 0 and below 1"),
        ({"evaluate": "0.25"}, "evaluate='0.25' is not allowed: it must be a number or None"),
        ({"stratify": True}, "stratify=True needs evaluate"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"drop": "x"}, "drop='x' is not allowed: it must be a list"),
        ({"drop": ["Z"]}, "drop='Z': raw.csv has no such column: did you mean 'z'?"),
        ({"drop": ["y"]}, "'y' is the target and cannot be dropped"),
        ({"drop": ["x", "z"]}, "no column besides the target"),
        ({"target": "w"}, "target='w': raw.csv has no such column: there are 'x', 'z', 'y'"),
        ({"target": None}, "target=None is not allowed: it must be a text"),
        ({"sep": ";;"}, "sep=';;' is not allowed: it must be one character"),
        ({"decimal": ";"}, "decimal=';' is not allowed: it must be one of '.', ','"),
        ({"dates": "dym"}, "dates='dym' is not allowed: it must be one of 'ymd', 'dmy', 'mdy'"),
        ({"encoding": "utf-9"}, "cannot be read as utf-9: unknown encoding"),
        ({"encoding": "ascii"}, "cannot be read as ascii"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        prepare(tmp_path, "x,z,y\n1,2,ä\n3,4,b\n", **options)

    assert message in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["raw.csv"]


def test_sources_that_are_none(tmp_path: Path) -> None:
    for source, error in (
        (tmp_path / "none.csv", FileNotFoundError),
        (3, InvalidArgument),
        (tmp_path, FileNotFoundError),
    ):
        with pytest.raises(error):
            prepare_data(source, tmp_path / "data" / "p", target="y")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="sep and encoding are for a csv file"):
        prepare_data(pd.DataFrame({"x": [1], "y": [2]}), tmp_path / "data" / "p", target="y", sep=",")


def test_folders_that_are_there_are_never_overwritten_unasked(tmp_path: Path) -> None:
    first = prepare(tmp_path, "x,y\n1,a\n2,b\n3,a\n4,b\n", evaluate=0.5)
    before = {path: path.read_bytes() for path in first.folder.rglob("*.*")}

    with pytest.raises(FileExistsError, match="is there already, and nothing was written; give --force"):
        prepare(tmp_path, "x,y\n5,a\n6,b\n")
    with pytest.raises(InvalidArgument):
        prepare(tmp_path, "x,y\n1.5,a\n2,b\n", drop=["q"], force=True)
    assert {path: path.read_bytes() for path in first.folder.rglob("*.*")} == before

    second = prepare(tmp_path, "x,y\n5,a\n6,b\n", force=True)
    assert read(second).features["x"].tolist() == [5, 6]
    assert [path.name for path in second.folder.iterdir()] == ["train"], "rows of before would be evaluated on"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "raw.csv"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["p"]


def test_what_was_not_made_here_is_not_removed(tmp_path: Path) -> None:
    done = prepare(tmp_path, "x,y\n1,a\n2,b\n")
    (done.folder / "2020").mkdir()
    (done.train / "notes.txt").write_text("mine")

    with pytest.raises(InvalidArgument, match="holds more than csv and json files"):
        prepare(tmp_path, "x,y\n5,a\n6,b\n", force=True)
    assert (done.train / "notes.txt").exists()
    (done.train / "notes.txt").unlink()
    prepare(tmp_path, "x,y\n5,a\n6,b\n", force=True)
    assert sorted(path.name for path in done.folder.iterdir()) == ["2020", "train"]


def test_what_the_sandbox_could_not_read_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(InvalidArgument, match="is not a folder below which one can be made"):
        prepare(tmp_path, "x,y\n1,a\n2,b\n")


# DataFrames


def test_a_dataframe_by_its_dtypes(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3, 4], dtype="Int64"),
            "real": [0.1, float("inf"), np.nan, 1e-9],
            "truth": [True, False, True, True],
            "half truth": pd.array([True, None, False, True], dtype="boolean"),
            "code": pd.Categorical([1, 2, None, 1]),
            "day": pd.to_datetime(["2023-02-28", None, "1970-01-02", "1970-01-01"]),
            "moment": pd.to_datetime(["2023-02-28T12:00Z"] * 4).tz_convert("Europe/Berlin"),
            "month": pd.PeriodIndex(["1970-01", "1970-02", "1970-03", "1970-04"], freq="M"),
            "stay": pd.to_timedelta(["1 days", "12 hours", None, "2 days"]),
            "text": ["a", None, "b", "b"],
            "mixed": [1, 2.5, "3", None],
            "dates": [datetime.date(1970, 1, 2), datetime.date(1970, 1, 3), None, datetime.date(1970, 1, 5)],
            7: [1, 2, 3, 4],
            "y": ["a", "b", "a", "b"],
        },
        index=list("wxyz"),
    )

    done = prepare_data(frame, tmp_path / "p", target="y")

    found = {
        name: values.astype("object").where(values.notna(), None).tolist()
        for name, values in read(done).features.items()
    }
    truth = found.pop("truth")
    assert len(set(truth)) == 2
    assert truth[0] == truth[2] == truth[3]
    assert found == {
        "whole": [1, None, 3, 4],
        "real": [0.1, None, None, 1e-9],
        "half truth": ["True", None, "False", "True"],
        "code": ["1", "2", None, "1"],
        "day": [19416, None, 1, 0],
        "moment": [19416.5] * 4,
        "month": [0, 31, 59, 90],
        "stay": [1, 0.5, None, 2],
        "text": ["a", None, "b", "b"],
        "mixed": [1, 2.5, 3, None],
        "dates": [1, 2, None, 4],
        "7": [1, 2, 3, 4],
    }
    assert "the DataFrame: Its index was left out" in said(done, "info")
    assert "column 'real': A value that is no number became a gap: inf in row 2" in said(done, "warning")


def test_what_a_dataframe_cannot_hold(tmp_path: Path) -> None:
    nested = pd.DataFrame({("a", "b"): [1], ("a", "c"): [2]})
    with pytest.raises(InvalidArgument, match="names of several levels"):
        prepare_data(nested, tmp_path / "p", target="a")
    with pytest.raises(InvalidArgument, match="column 'x' holds a list"):
        prepare_data(pd.DataFrame({"x": [[1], [2]], "y": [1, 2]}), tmp_path / "p", target="y")
    with pytest.raises(InvalidArgument, match="column 'x' has dtype complex128"):
        prepare_data(pd.DataFrame({"x": [1j, 2j], "y": [1, 2]}), tmp_path / "p", target="y")
    assert list(tmp_path.iterdir()) == []


def test_a_dataframe_stays_as_it_is(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": ["1,5", "2,5"], "target": [1, 2], "y": ["a", None]})
    before = frame.copy(deep=True)

    prepare_data(frame, tmp_path / "p", target="y")

    pd.testing.assert_frame_equal(frame, before)


def test_a_class_called_none_is_learned(tmp_path: Path) -> None:
    done = prepare(tmp_path, "x,y\n1,None\n2,NA\n3,Insomnia\n")

    assert read(done).target.tolist() == ["None", "NA", "Insomnia"]


def test_the_examples_are_right(tmp_path: Path) -> None:
    names = {
        "prepare_data": prepare_data,
        "check_data": check_data,
        "demo_data": demo_data,
        "pd": pd,
        "folder": tmp_path,
    }
    for subject in (prepare_data, check_data):
        example = doctest.DocTestParser().get_doctest(inspect.getdoc(subject) or "", dict(names), "it", None, None)
        result = doctest.DocTestRunner().run(example)
        assert (result.failed, result.attempted > 0) == (0, True)


# Round trips


# Half a character cannot be written, and NUL is refused; the sandbox takes space around values off.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(texts, numbers, st.booleans(), st.sampled_from(["Yes", "No"])), min_size=2, max_size=20))
def test_what_is_written_is_what_was_given(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    frame = pd.DataFrame(rows, columns=["text", "number", "truth", "y"])
    frame["text"] = "t" + frame["text"]
    folder = tmp_path_factory.mktemp("data")
    for source, name in ((frame, "frame"), (folder / "raw.csv", "csv")):
        if name == "csv":
            frame.to_csv(folder / "raw.csv", index=False, lineterminator="\r\n", encoding="utf-8-sig", sep=";")

        done = prepare_data(source, folder / name, target="y", sep=";" if name == "csv" else None, decimal=".")

        table = read(done)
        written = [value.strip().replace("\r\n", "\n").replace("\r", "\n") for value in frame["text"]]
        assert table.features["text"].tolist() == written
        np.testing.assert_allclose(table.features["number"], frame["number"], rtol=1e-15, atol=0)
        assert [value == table.features["truth"][0] for value in table.features["truth"]] == [
            value == frame["truth"][0] for value in frame["truth"]
        ]
        assert table.target.tolist() == frame["y"].tolist()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=2, max_size=20).filter(any),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (".", "")]),
    st.integers(0, 3),
)
def test_numbers_of_any_style_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, values: list[int | None], style: tuple[str, str], places: int
) -> None:
    decimal, thousands = style
    marks = str.maketrans({".": decimal, ",": thousands})
    shown = ["" if value is None else f"{value / 10**places:,.{places}f}".translate(marks) for value in values]
    folder = tmp_path_factory.mktemp("data")
    rows = "\n".join(f'"{value}";{"ab"[number % 2]}' for number, value in enumerate(shown))
    (folder / "raw.csv").write_text(f"x;y\n{rows}\n", encoding="utf-8")

    try:
        done = prepare_data(folder / "raw.csv", folder / "p", target="y")
    except InvalidArgument as error:
        assert "may be a number with thousands or with decimals" in str(error)
        done = prepare_data(folder / "raw.csv", folder / "p", target="y", decimal=decimal)  # type: ignore[arg-type]

    expected = [np.nan if value is None else round(value / 10**places, places) for value in values]
    found = [float(value) if value is not None else np.nan for value in read(done).features["x"]]
    np.testing.assert_array_equal(found, expected)
