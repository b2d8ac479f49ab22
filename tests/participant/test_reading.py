import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image
from tables import ROWS, SCHEMA, agreed, read, write

from synergos.learning.errors import Rejected
from synergos.learning.tables import Example
from synergos.participant import csv_files
from synergos.participant.reading import Reader, load
from synergos.participant.table import Table


class TestLoad:
    def test_numbers_and_text_are_read(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n 30 , 1.0 ,a \nNA,0,b\n?,,b\n")
        table = read(tmp_path, "d")
        assert table.features["age"].tolist()[0] == 30.0
        assert table.features["age"].isna().tolist() == [False, True, True]
        assert table.features["sex"].tolist()[:2] == ["1", "0"]
        assert table.target.tolist() == ["a", "b", "b"]

    def test_tags_are_put_below_one_another_with_all_columns(self, tmp_path: Path) -> None:
        write(tmp_path / "a")
        write(tmp_path / "b", "target,height\nc,1.5\n", {"height": "float64", "target": "category"})
        table = read(tmp_path, "a", "b", "a")
        assert sorted(table.columns) == ["age", "height", "sex"]
        assert len(table.target) == 4
        assert table.origin.values.tolist() == [
            ["a/data.csv", 1],
            ["a/data.csv", 2],
            ["a/data.csv", 3],
            ["b/data.csv", 1],
        ]

    def test_empty_columns_and_rows_without_target_are_dropped(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n1,,a\n2,,\n3,,b\n")
        table = read(tmp_path, "d")
        assert table.columns == ["age"]
        assert table.features["age"].tolist() == [1.0, 3.0]

    def test_repeated_rows_stay(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n1,0,a\n1,0,a\n1,0,b\n")
        assert len(read(tmp_path, "d").target) == 3

    def test_predictions_do_without_targets(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex\n1,0\n2,1\n", {"age": "int64", "sex": "category"})
        assert read(tmp_path, "d", purpose="predict").target.isna().all()
        with pytest.raises(Rejected, match=r"'d': column 'target' is missing"):
            read(tmp_path, "d", purpose="evaluate")

    @pytest.mark.parametrize(
        ("rows", "schema", "message"),
        [
            ("age,target\n1,a\n", SCHEMA, r"'d/data.csv' does not match schema.json: lacks columns \['sex'\]"),
            ("age,sex,new,target\n1,0,1,a\n", SCHEMA, r"unknown columns \['new'\]"),
            ("age,sex,target\n1,0,\n", SCHEMA, "no row has a usable value in column 'target'"),
            ("age,sex,target\n", SCHEMA, "there are no rows"),
            ("age,sex,target\n1,0,a,7\n", SCHEMA, "more fields than its header"),
            ("", SCHEMA, "'d/data.csv' cannot be read as csv"),
            (ROWS, {**SCHEMA, "age": "datetime64[ns]"}, r"'d/schema.json': column 'age' has dtype 'datetime64\[ns\]'"),
            (ROWS, {**SCHEMA, "age": "flaot64"}, "column 'age' has dtype 'flaot64'"),
            (ROWS, {**SCHEMA, "age": None}, "column 'age' has dtype None"),
        ],
    )
    def test_what_cannot_be_used_is_named(
        self, tmp_path: Path, rows: str, schema: Mapping[str, object], message: str
    ) -> None:
        write(tmp_path / "d", rows, schema)
        with pytest.raises(Rejected, match=message):
            read(tmp_path, "d")

    def test_metadata_and_schema_must_be_json_objects(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "d")
        for name, content in (("schema.json", "{"), ("schema.json", "[]"), ("metadata.json", "\xff")):
            kept = (folder / name).read_text()
            (folder / name).write_text(content)
            with pytest.raises(Rejected, match=f"'d/{name}'"):
                read(tmp_path, "d")
            (folder / name).write_text(kept)
        (folder / "schema.json").unlink()
        with pytest.raises(Rejected, match=r"'d/schema.json' is missing"):
            read(tmp_path, "d")

    @pytest.mark.parametrize("name", ["metadata.json", "schema.json"])
    def test_json_that_is_nested_too_deeply_or_says_a_name_twice_is_refused(self, tmp_path: Path, name: str) -> None:
        folder = write(tmp_path / "d")
        for content, message in (
            ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "it is nested too deeply"),
            ('{"a": 1, "b": 2, "a": 3}', "'a' is said twice"),
        ):
            (folder / name).write_text(content)
            with pytest.raises(Rejected, match=f"'d/{name}' cannot be read as JSON: {message}"):
                read(tmp_path, "d")

    @pytest.mark.parametrize("name", ["metadata.json", "schema.json", "data.csv", "mapping.csv"])
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path, name: str) -> None:
        folder = write(tmp_path / "d", datatype="image" if name == "mapping.csv" else "tabular")
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
        with pytest.raises(Rejected, match=f"'d/{name}' is not a file"):
            read(tmp_path, "d")

    def test_other_datatypes_are_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "d", datatype="text")
        with pytest.raises(Rejected, match="datatype 'text' is unknown; known: image, tabular"):
            read(tmp_path, "d")

    def test_a_folder_without_csv_is_refused(self, tmp_path: Path) -> None:
        (write(tmp_path / "d") / "data.csv").unlink()
        with pytest.raises(Rejected, match="'d' holds no csv file"):
            read(tmp_path, "d")

    def test_a_column_is_numbers_everywhere_or_nowhere(self, tmp_path: Path) -> None:
        write(tmp_path / "a")
        write(tmp_path / "b", schema={**SCHEMA, "age": "category"})
        with pytest.raises(Rejected, match="'age' holds numbers in 'a' and categories in 'b'"):
            read(tmp_path, "a", "b")
        with pytest.raises(Rejected, match=r"'age' holds numbers at \['p'\] and categories at \['q'\]"):
            agreed([read(tmp_path, "a"), read(tmp_path, "b", who="q")])

    def test_regression_targets_are_numbers(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n1,0,1.5\n2,0,none\n3,1,2\n", {**SCHEMA, "target": "float64"})
        assert read(tmp_path, "d", action="regress").target.tolist() == [1.5, 2.0]


def values_in(data: Path, place: str, texts: list[str], purpose: str) -> list[object]:
    """Write texts as a column of a kind, and read them back."""
    if place == "mapping":
        pixel = Image.new("L", (2, 2))
        write(data / "d", "image,target\n" + "".join(f"{i}.png,{one}\n" for i, one in enumerate(texts)), {}, "image")
        (data / "d" / "data.csv").rename(data / "d" / "mapping.csv")
        for index in range(len(texts)):
            pixel.save(data / "d" / f"{index}.png")
        return read(data, "d", purpose=purpose).target.tolist()
    column, _, dtype = place.partition(":")
    rows = "".join(f"{one},{one if column == 'target' else 'a'}\n" for one in texts)
    write(
        data / "d",
        f"x,target\n{rows}",
        {"x": dtype if column == "x" else "category", "target": "category"}
        | ({"target": dtype} if column == "target" else {}),
    )
    table = read(data, "d", purpose=purpose)
    return (table.target if column == "target" else table.features["x"]).tolist()


NAMES = ["None", "NA", "N/A", "null", "NULL", "nan", "NaN", "n/a", "-", "?", ".", "<NA>", "#N/A", "inf", "other"]
PLACES = [
    *(f"x:{dtype}" for dtype in ("category", "object", "string", "bool")),
    *(f"target:{dtype}" for dtype in ("category", "object", "string", "bool")),
    "mapping",
]


@pytest.mark.parametrize("purpose", ["train", "evaluate", "predict"])
@pytest.mark.parametrize("place", PLACES)
def test_names_of_nothing_are_values_where_names_are(tmp_path: Path, place: str, purpose: str) -> None:
    assert values_in(tmp_path, place, NAMES, purpose) == NAMES


@pytest.mark.parametrize("place", [place for place in PLACES if not place.startswith("target") and place != "mapping"])
def test_an_empty_field_is_a_gap(tmp_path: Path, place: str) -> None:
    found = values_in(tmp_path, place, ["None", "", "  ", '""', "b"], "train")
    assert [value for value in found if isinstance(value, str)] == ["None", "b"]
    assert len(found) == 5


@pytest.mark.parametrize("place", [place for place in PLACES if place.startswith("target") or place == "mapping"])
def test_a_row_without_a_target_is_left_out(tmp_path: Path, place: str) -> None:
    assert values_in(tmp_path, place, ["None", "", "  ", "b"], "train") == ["None", "b"]
    table = read(tmp_path, "d")
    assert (table.report.rows_read, table.report.rows_used) == (4, 2)
    assert table.report.left_out == {"no target": 2}


def one_column(data: Path, texts: list[str], dtype: str = "float64", **csv: object) -> Table:
    """Read texts as the feature `x` of a table whose target is one class."""
    sep = csv.get("sep", ",")
    rows = "".join(f'"{text}"{sep}a\n' for text in texts)
    operations = {"csv": csv} if csv else None
    write(data / "d", f"x{sep}target\n{rows}", {"x": dtype, "target": "category"}, operations=operations)
    return read(data, "d")


MARKS = ["", " ", "NA", "na", "NaN", "nan", "null", "NULL", "None", "none", "?", "-", ".", " NA ", "N/A", "nUlL"]


@pytest.mark.parametrize("dtype", ["float64", "int64", "Int64", "Float32", "uint8"])
def test_usual_marks_are_gaps_among_numbers(tmp_path: Path, dtype: str) -> None:
    table = one_column(tmp_path, ["1", *MARKS, "2"], dtype)
    assert table.features["x"].dropna().tolist() == [1.0, 2.0]
    (column,) = table.report.columns
    assert (column.kind, column.values, column.gaps, column.strays) == ("number", 2, len(MARKS), 0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("1", 1), ("+1", 1), ("-0.5", -0.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E-2", 0.01), (" 7 ", 7)),
        *(("007", 7), ("True", 1), ("FALSE", 0), ("true", 1), ("99999999999999999999", 1e20)),
        ("9007199254740993", 2.0**53),
    ],
)
def test_numbers_are_read_with_and_without_gaps_strays_and_others_beside_them(
    tmp_path: Path, text: str, number: float
) -> None:
    for others in ([], [""], ["1.5"], ["nUlL"], ["1"] * 20 + ["x"]):
        assert one_column(tmp_path, [text, *others]).features["x"].tolist()[0] == number


NO_NUMBERS = {
    "1,234.00": '{"csv": {"thousands": ","}}',
    "0,5": '{"csv": {"decimal": ","}}',
    "1.234,5": '{"csv": {"decimal": ",", "thousands": "."}}',
    "1'200": '{"csv": {"thousands": "\'"}}',
    "EUR 3": "a unit or a currency, 'EUR'",
    "€3": "a unit or a currency, '€'",
    "3 kg": "a unit or a currency, 'kg'",
    "12%": "percent",
    "1_000": "'_' between digits",
    "0x10": "hexadecimal",
    "−5": "minus sign",
    "١٢": "digits",
    "inf": "infinite",
    "-Infinity": "infinite",
    "1e400": "infinite",
    "2020-01-31": "dates",
    "yes": "'bool'",
    "tall": "'category'",
    "1 2": "'category'",
    "--1": "'category'",
}


@pytest.mark.parametrize(("text", "cause"), NO_NUMBERS.items())
def test_what_is_no_number_is_counted_and_above_one_in_ten_refused(tmp_path: Path, text: str, cause: str) -> None:
    table = one_column(tmp_path, [*["1"] * 9, text])
    assert table.features["x"].isna().sum() == 1
    (column,) = table.report.columns
    assert (column.values, column.gaps, column.strays) == (9, 1, 1)
    assert column.stray == Example("d/data.csv", 10, text)
    assert cause in column.cause
    with pytest.raises(Rejected) as caught:
        one_column(tmp_path, [*["1"] * 8, "", text])
    assert f"'d/data.csv', row 10: column 'x' holds {text!r}, which is no number" in caught.value.message
    assert "'d/schema.json' says that it is 'float64'" in caught.value.message
    assert cause in caught.value.message


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_the_same_goes_for_the_targets_of_a_regression(tmp_path: Path, text: str) -> None:
    for count, is_refused in ((9, False), (8, True)):
        rows = "x,target\n" + "1,2\n" * count + f'1,"{text}"\n'
        for dtype in ("float64", "category"):
            write(tmp_path / "d", rows, {"x": "float64", "target": dtype})
            for purpose in ("train", "evaluate"):
                if is_refused:
                    with pytest.raises(Rejected, match=rf"row 9: column 'target' holds {re.escape(repr(text))}"):
                        read(tmp_path, "d", action="regress", purpose=purpose)
                else:
                    report = read(tmp_path, "d", action="regress", purpose=purpose).report
                    assert (report.rows_used, report.left_out) == (9, {"no target": 1})
                    assert report.target is not None
                    assert report.target.stray == Example("d/data.csv", 10, text)


def test_one_folder_that_is_written_otherwise_is_refused_however_small_it_is(tmp_path: Path) -> None:
    schema = {"x": "float64", "target": "category"}
    write(tmp_path / "large", "x,target\n" + "1,a\n" * 100, schema)
    write(tmp_path / "small", 'x,target\n"0,5",a\n"1,5",b\n', schema)
    with pytest.raises(Rejected, match=r"'small/data.csv', row 1: .* decimal comma"):
        read(tmp_path, "large", "small")
    write(tmp_path / "small", "x,target\nunknown,a\n1,b\n", schema)
    assert read(tmp_path, "large", "small").report.columns[0].strays == 1


def test_columns_are_judged_on_the_rows_that_are_used(tmp_path: Path) -> None:
    schema = {"x": "float64", "lab": "float64", "name": "category", "target": "category"}
    write(tmp_path / "d", "x,lab,name,target\n1,5 kg,u,\n2,,,a\n3,,,b\n", schema)
    table = read(tmp_path, "d")
    assert table.columns == ["x"]
    assert [(column.name, column.dropped) for column in table.report.columns] == [
        ("x", ""),
        ("lab", "no value in the rows used"),
        ("name", "no value in the rows used"),
    ]


@pytest.mark.parametrize("dtype", ["bool", "boolean"])
@pytest.mark.parametrize(
    "pair",
    [("True", "False"), ("TRUE", "FALSE"), ("true", "false"), ("1", "0"), ("1.0", "0.0"), ("Yes", "no"), ("T", "F")],
)
def test_a_truth_is_one_value_however_it_is_spelt(tmp_path: Path, dtype: str, pair: tuple[str, str]) -> None:
    rows = "x,target\n" + "".join(f"{one},{one}\n" for one in pair)
    write(tmp_path / "d", rows, {"x": dtype, "target": dtype})
    table = read(tmp_path, "d")
    assert table.features["x"].tolist() == table.target.tolist() == ["True", "False"]


def test_truths_can_be_declared_and_other_values_stay(tmp_path: Path) -> None:
    declared = {"true_values": ["ja"], "false_values": ["nein"]}
    assert one_column(tmp_path, ["ja", "nein", "True"], "bool", **declared).features["x"].tolist() == [
        "True",
        "False",
        "True",
    ]
    assert one_column(tmp_path, ["ja", "nein"], **declared).features["x"].tolist() == [1.0, 0.0]
    table = one_column(tmp_path, ["ja", "True"], "bool")
    assert table.features["x"].tolist() == ["ja", "True"]
    (column,) = table.report.columns
    assert (column.kind, column.strays, column.stray) == ("truth", 1, Example("d/data.csv", 1, "ja"))


@pytest.mark.parametrize("texts", [["+1", "-1"], ["1", "-1"], ["1.0", "-1.0"], [" 1", "-1 "]])
@pytest.mark.parametrize("dtype", ["category", "int64", "float64", "string"])
def test_classes_that_are_numbers_are_written_one_way(tmp_path: Path, texts: list[str], dtype: str) -> None:
    assert values_in(tmp_path, f"target:{dtype}", texts, "train") == ["1", "-1"]


@pytest.mark.parametrize("text", ["01", "1.00", "1e0", "+1", "1."])
def test_a_class_declared_a_number_is_its_number(tmp_path: Path, text: str) -> None:
    assert values_in(tmp_path, "target:int64", [text, "2.50", "9007199254740993"], "train") == [
        "1",
        "2.5",
        "9007199254740993",
    ]


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int8"])
def test_a_class_declared_a_number_that_is_none_is_refused(tmp_path: Path, dtype: str) -> None:
    write(tmp_path / "d", "x,target\n" + "1,0\n" * 50 + "1,yes\n", {"x": "float64", "target": dtype})
    for purpose in ("train", "evaluate"):
        with pytest.raises(Rejected) as caught:
            read(tmp_path, "d", purpose=purpose)
        for part in ("row 51", "'yes'", "'d/schema.json'", f"'{dtype}'", "For classes write 'category'"):
            assert part in caught.value.message
    assert read(tmp_path, "d", purpose="predict").target.tolist()[-1] == "yes"


def test_repeated_rows_are_dropped_where_the_folder_says_so(tmp_path: Path) -> None:
    rows = "age,sex,target\n1,0,a\n1,0,a\n1,0,b\n"
    write(tmp_path / "d", rows, operations={"drop_duplicates": True})
    write(tmp_path / "e", rows)
    for purpose in ("train", "evaluate"):
        table = read(tmp_path, "d", "e", purpose=purpose)
        assert table.origin["row"].tolist() == [1, 3, 1, 2, 3]
        assert table.report.left_out == {"repeats another row": 1}
    assert len(read(tmp_path, "d", purpose="predict").target) == 3


def test_what_looks_like_an_id_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * i},p{i},{i % 3},{i / 7},a\n" for i in range(30))
    schema = {"row": "int64", "patient_id": "int64", "name": "category", "group": "category", "width": "float64"}
    write(tmp_path / "d", f"{','.join(schema)},target\n{rows}", {**schema, "target": "category"})
    columns = {column.name: column for column in read(tmp_path, "d").report.columns}
    assert [name for name, column in columns.items() if column.is_id] == ["row", "patient_id", "name"]
    assert (columns["name"].categories, columns["group"].categories, columns["width"].categories) == (30, 3, None)


def test_the_report_names_where_the_rows_are_from(tmp_path: Path) -> None:
    write(tmp_path / "d")
    write(tmp_path / "d", "sex,age,target\n1,7,c\n", name="MORE.CSV")
    report = read(tmp_path, "d").report
    assert (report.participant_id, report.purpose, report.tags) == ("p", "train", [["d"]])
    assert (report.folders, report.files) == (["d"], ["d/MORE.CSV", "d/data.csv"])
    assert (report.rows_read, report.rows_used, report.classes) == (4, 4, {"a": 2, "b": 1, "c": 1})


class TestDialect:
    def test_a_declared_dialect_is_read(self, tmp_path: Path) -> None:
        rows = "größe;zahl;target\n1.234,5;-200;Köln\nfehlt;2;Bonn\n"
        for encoding in ("latin-1", "utf-8", "utf-16", "utf-8-sig"):
            write(
                tmp_path / "d",
                rows,
                {"größe": "float64", "zahl": "int64", "target": "category"},
                operations={
                    "csv": {"sep": ";", "decimal": ",", "thousands": ".", "na_values": ["fehlt", -200]}
                    | {"encoding": encoding.removesuffix("-sig")}
                },
                encoding=encoding,
            )
            table = read(tmp_path, "d")
            assert table.features["größe"].dropna().tolist() == [1234.5]
            assert table.features["zahl"].dropna().tolist() == [2.0]
            assert table.target.tolist() == ["Köln", "Bonn"]

    @pytest.mark.parametrize("texts", [["0,5"], ["12,34"], ["1,2,3"], ["1,2345"], ["0,500"]])
    def test_what_is_no_group_of_thousands_is_none(self, tmp_path: Path, texts: list[str]) -> None:
        with pytest.raises(Rejected, match="no number"):
            one_column(tmp_path, texts, thousands=",")

    def test_a_point_is_none_where_the_comma_is(self, tmp_path: Path) -> None:
        with pytest.raises(Rejected, match=r"'0.5', which is no number"):
            one_column(tmp_path, ["0.5", "1,5"], decimal=",", sep=";")

    @pytest.mark.parametrize(
        ("rows", "encoding", "cure"),
        [
            ("age;sex;target\n1;0;a\n", "utf-8", 'looks separated by \';\': say {"csv": {"sep": ";"}}'),
            ("age\tsex\ttarget\n1\t0\ta\n", "utf-8", r'{"csv": {"sep": "\t"}}'),
            ("age|sex|target\n1|0|a\n", "utf-8", r'{"csv": {"sep": "|"}}'),
            ("age sex  target\n1 0  a\n", "utf-8", r'{"csv": {"sep": "\\s+"}}'),
            ("age;sex;target\n1,5;0,5;a\n", "utf-8", r'{"csv": {"sep": ";"}}'),
            ("age,sex,target\n1,0,José\n", "latin-1", "'utf-8'; it looks written in 'latin-1'"),
            ("age,sex,target\n1,0,a\n", "utf-16", '{"csv": {"encoding": "utf_16"}}'),
        ],
    )
    def test_a_likely_dialect_is_named(self, tmp_path: Path, rows: str, encoding: str, cure: str) -> None:
        write(tmp_path / "d", rows, encoding=encoding)
        with pytest.raises(Rejected) as caught:
            read(tmp_path, "d")
        assert "'d/data.csv'" in caught.value.message
        assert cure in caught.value.message
        assert "among the operations of metadata.json" in caught.value.message

    def test_white_space_separates_where_it_is_declared(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age  sex target\n 1 0   a\n2\t1 b\n", operations={"csv": {"sep": r"\s+"}})
        assert read(tmp_path, "d").features.to_numpy().tolist() == [[1.0, "0"], [2.0, "1"]]

    @pytest.mark.parametrize(
        ("operations", "message"),
        [
            ({"csvs": {}}, "operation 'csvs' is unknown; nearest: csv"),
            ({"drop_duplicate": True}, "operation 'drop_duplicate' is unknown; nearest: drop_duplicates"),
            ({"resize": [1, 1]}, "operation 'resize' is unknown"),
            ({"csv": {"separator": ";"}}, "key 'separator' is unknown; nearest: sep"),
            ({"csv": ";"}, "operation 'csv' is ';', and must be an object"),
            ({"csv": {"sep": ";;"}}, "'sep' is ';;', and must be one character"),
            ({"csv": {"decimal": 1}}, "'decimal' is 1, and must be one character"),
            ({"csv": {"decimal": ",", "thousands": ","}}, "'decimal' and 'thousands' are both ','"),
            ({"csv": {"encoding": "latin-99"}}, "'encoding' is 'latin-99', and must be the name of an encoding"),
            ({"csv": {"encoding": "hex"}}, "must be the name of an encoding"),
            ({"csv": {"na_values": [None]}}, "must be a list of texts or numbers"),
            ({"csv": {"na_values": {"age": 1}}}, "must be a list of texts or numbers"),
            ({"csv": {"true_values": ["x"], "false_values": ["x"]}}, "'x' is among 'true_values' and among"),
            ({"drop_duplicates": 1}, "'drop_duplicates' is 1, and must be true or false"),
            ([], r"operations must be an object, not \[\]"),
        ],
    )
    def test_operations_are_checked(self, tmp_path: Path, operations: Mapping[str, object], message: str) -> None:
        folder = write(tmp_path / "d")
        (folder / "metadata.json").write_text(json.dumps({"datatype": "tabular", "operations": operations}))
        with pytest.raises(Rejected, match=f"'d/metadata.json': .*{message}"):
            read(tmp_path, "d")


class TestCsv:
    @pytest.mark.parametrize(
        "rows",
        [
            "\ufeffage,sex,target\n1,0,a\n2,1,b\n",
            "age,sex,target\r\n1,0,a\r\n2,1,b\r\n",
            "age,sex,target\r1,0,a\r2,1,b",
            " age , sex,target \n1,0,a\n\n2,1,b\n\n",
            '"age","sex","target"\n"1","0","a"\n"2","1","b"\n',
        ],
    )
    def test_the_same_table_in_other_clothes(self, tmp_path: Path, rows: str) -> None:
        write(tmp_path / "d", rows)
        table = read(tmp_path, "d")
        assert table.features.to_numpy().tolist() == [[1.0, "0"], [2.0, "1"]]
        assert table.target.tolist() == ["a", "b"]

    def test_quoted_fields_keep_lines_and_separators(self, tmp_path: Path) -> None:
        write(tmp_path / "d", 'age,sex,target\n1,"x\ny","a, ""b"""\n2,,c\n')
        table = read(tmp_path, "d")
        assert table.features["sex"].tolist()[0] == "x\ny"
        assert table.target.tolist() == ['a, "b"', "c"]
        assert table.origin["row"].tolist() == [1, 2]

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ("age,sex,age,target\n1,0,1,a\n", "several columns named 'age'"),
            ("age,sex,target,\n1,0,a,\n", "column 4 has no name"),
            ("age,sex,target\n1,0,a\n1,0\n", "row 2 has fewer fields than its header: 2 and not 3"),
            ("age,sex,target\n1,0,a\n1\n", "row 2 has fewer fields than its header: 1 and not 3"),
            ("age,sex,target\n1,0,a,7\n", "row 1 has more fields than its header: 4 and not 3"),
            ("age,sex,target\n1,0,a\n1,5,0,b\n", "row 2 has more fields than its header"),
            ('age,sex,target\n1,0,"a\n2,1,b\n', "cannot be read as csv"),
        ],
    )
    def test_what_would_be_changed_in_silence_is_refused(self, tmp_path: Path, rows: str, message: str) -> None:
        write(tmp_path / "d", rows)
        with pytest.raises(Rejected, match=f"'d/data.csv'.*{message}"):
            read(tmp_path, "d")

    def test_hidden_files_are_passed_over(self, tmp_path: Path) -> None:
        write(write(tmp_path / "d"), "\0", name="._data.csv")
        assert len(read(tmp_path, "d").target) == 3


def test_a_mapping_is_read_as_its_folder_says(tmp_path: Path) -> None:
    for index in range(3):
        (tmp_path / "d").mkdir(exist_ok=True)
        Image.new("L", (2, 2)).save(tmp_path / "d" / f"{index}.png")
    rows = "image;target\n0.png;Köln\n0.png;Köln\n1.png;fehlt\n2.png;NA\n"
    operations = {"csv": {"sep": ";", "encoding": "latin-1", "na_values": ["fehlt"]}, "resize": [4, 4]}
    for drops, targets in ((False, ["Köln", "Köln", "NA"]), (True, ["Köln", "NA"])):
        write(
            tmp_path / "d",
            rows,
            {},
            "image",
            operations | {"drop_duplicates": drops},
            name="mapping.csv",
            encoding="latin-1",
        )
        assert read(tmp_path, "d").target.tolist() == targets
    write(tmp_path / "d", rows, {}, "image", {}, name="mapping.csv")
    with pytest.raises(Rejected, match=r"'d/mapping.csv' looks separated by ';'"):
        read(tmp_path, "d")


MESSY = """\
age, sex ,"target"
1,"m",a

 2.5 ,"f, or ""x\"\"",None
,NA,a
NA, 01,b
True,1.0,a
1e3,,b
-inf,x,a
.5,x,a
3,x,a
4,x,a
5,x,a
6,x,a
7,x,a
8,x,a
"""


@pytest.mark.parametrize("age", ["float64", "category"])
def test_wide_tables_are_read_as_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: str) -> None:
    write(tmp_path / "d", MESSY, {**SCHEMA, "age": age})
    usual = read(tmp_path, "d")
    monkeypatch.setattr(csv_files, "_WIDE", 0)
    wide = read(tmp_path, "d")
    assert wide.report == usual.report
    for ours, theirs in ((wide.features, usual.features), (wide.target, usual.target), (wide.origin, usual.origin)):
        assert ours.astype(object).where(ours.notna(), None).equals(theirs.astype(object).where(theirs.notna(), None))
    for rows, message in (("1,0,a\n2,0\n", "row 2 has fewer"), ("1,0,a,9\n", "row 1 has more")):
        write(tmp_path / "d", f"age,sex,target\n{rows}")
        with pytest.raises(Rejected, match=message):
            read(tmp_path, "d")


def test_a_reader_reads_each_folder_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "d")
    reader = Reader(tmp_path)
    first = load(reader, "p", [["d"]], action="classify", purpose="train")
    (folder / "data.csv").write_text("cut off")
    again = load(reader, "q", [["d"]], action="classify", purpose="evaluate")
    assert again.features.equals(first.features)
    with pytest.raises(Rejected):
        load(tmp_path, "p", [["d"]], action="classify", purpose="train")
