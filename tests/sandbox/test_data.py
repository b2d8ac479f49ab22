import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from synergos.sandbox import data as module
from synergos.sandbox.data import MOST_CATEGORIES, describe, encode, encode_target, expand, lacking
from synergos.sandbox.errors import Rejected
from synergos.sandbox.folders import find
from synergos.sandbox.reading import load
from synergos.sandbox.table import Table

SCHEMA = {"age": "int64", "sex": "category", "target": "category"}
ROWS = "age,sex,target\n30,0,a\n40,1,b\n50,1,a\n"


def write(folder: Path, rows: str = ROWS, schema: Mapping[str, object] = SCHEMA, datatype: str = "tabular") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text(json.dumps({"datatype": datatype, "operations": {}}))
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "data.csv").write_text(rows)
    return folder


def read(data: Path, *tags: str, action: str = "classify", purpose: str = "train", who: str = "p") -> Table:
    return load(data, who, [[tag] for tag in tags], action=action, purpose=purpose)


class TestFind:
    def test_own_folder_comes_before_a_shared_one(self, tmp_path: Path) -> None:
        shared, own = write(tmp_path / "iid"), write(tmp_path / "p" / "iid")
        assert find(tmp_path, "p", ["iid"]) == own
        assert find(tmp_path, "q", ["iid"], strangers=["p"]) == shared

    def test_all_tokens_must_occur_in_any_order(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "heart" / "2020" / "train")
        write(tmp_path / "heart" / "2020" / "test")
        assert find(tmp_path, "p", ["train", "heart"]) == folder

    def test_folders_of_others_are_never_read(self, tmp_path: Path) -> None:
        write(tmp_path / "q" / "secret")
        with pytest.raises(Rejected, match="leads to no data folder"):
            find(tmp_path, "p", ["secret"], strangers=["p", "q"])

    def test_unknown_tag_names_the_tag_the_places_and_what_there_is(self, tmp_path: Path) -> None:
        write(tmp_path / "shared" / "a")
        write(tmp_path / "p" / "b")
        with pytest.raises(Rejected) as caught:
            find(tmp_path, "p", ["c"])
        for part in ("['c']", str(tmp_path), str(tmp_path / "p"), "['b']", "['shared', 'a']"):
            assert part in caught.value.message
        assert caught.value.status == 417

    def test_several_matches_are_listed(self, tmp_path: Path) -> None:
        write(tmp_path / "a" / "x")
        write(tmp_path / "b" / "x")
        with pytest.raises(Rejected, match="a/x, b/x"):
            find(tmp_path, "p", ["x"])

    def test_the_exact_folder_wins_over_those_below_it(self, tmp_path: Path) -> None:
        exact = write(tmp_path / "x")
        write(tmp_path / "x" / "more")
        assert find(tmp_path, "p", ["x"]) == exact

    @pytest.mark.parametrize("token", ["..", ".", "", "/etc", "a/b", "a\\b", "a\0b"])
    def test_tokens_cannot_lead_elsewhere(self, tmp_path: Path, token: str) -> None:
        with pytest.raises(Rejected, match="cannot be part of a path"):
            find(tmp_path, "p", [token])
        with pytest.raises(Rejected, match="cannot be part of a path"):
            find(tmp_path, token, ["iid"])

    @pytest.mark.parametrize("tag", [[], "iid"])
    def test_a_tag_is_a_list_of_tokens(self, tmp_path: Path, tag: list[str]) -> None:
        with pytest.raises(Rejected, match="a tag must"):
            find(tmp_path, "p", tag)

    def test_links_that_lead_outside_are_refused(self, tmp_path: Path) -> None:
        outside = write(tmp_path / "outside")
        data = tmp_path / "data"
        data.mkdir()
        (data / "iid").symlink_to(outside)
        (data / "p").symlink_to(tmp_path)
        with pytest.raises(Rejected, match="outside of the data folder"):
            find(data, "q", ["iid"])
        with pytest.raises(Rejected, match="outside of the data folder"):
            find(data, "p", ["outside"])

    def test_linked_files_that_lead_outside_are_refused(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "data" / "iid")
        (tmp_path / "secret.csv").write_text(ROWS)
        (folder / "more.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(Rejected, match="outside of the data folder"):
            read(tmp_path / "data", "iid")


class TestLoad:
    def test_numbers_and_text_are_coerced(self, tmp_path: Path) -> None:
        rows = "age,sex,target\n 30 , 1.0 ,a \nunknown,0,b\ninf,,b\n"
        write(tmp_path / "d", rows)
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
        with pytest.raises(Rejected, match="'age' holds numbers in one of 'a' and 'b' only"):
            read(tmp_path, "a", "b")
        with pytest.raises(Rejected, match=r"'age' holds numbers at \['p'\] and categories at \['q'\]"):
            describe([read(tmp_path, "a"), read(tmp_path, "b", who="q")])

    def test_regression_targets_are_numbers(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n1,0,1.5\n2,0,none\n3,1,2\n", {**SCHEMA, "target": "float64"})
        assert read(tmp_path, "d", action="regress").target.tolist() == [1.5, 2.0]


class TestEncode:
    def test_scaling_and_filling_are_shared(self, tmp_path: Path) -> None:
        write(tmp_path / "a", "age,sex,target\n10,0,a\n20,0,b\n,1,c\n")
        write(tmp_path / "b", "age,sex,target\n50,1,a\n60,,b\n70,1,b\n110,1,c\n")
        tables = [read(tmp_path, "a"), read(tmp_path, "b", who="q")]
        columns = describe(tables)
        names = expand(columns)
        assert names == ["age", "sex_0", "sex_1"]
        fill = (15 * 2 + 65 * 4) / 6
        np.testing.assert_allclose(encode(tables[0], columns, names)[:][:, 0], [0, 0.1, (fill - 10) / 100], rtol=1e-6)
        np.testing.assert_array_equal(encode(tables[1], columns, names)[:][1], np.float32([0.5, 0, 1]))

    def test_constant_columns_are_nought(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n7,0,a\n7,1,b\n")
        table = read(tmp_path, "d")
        columns = describe([table])
        assert encode(table, columns, expand(columns))[:].tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    def test_lacking_numbers_are_filled_and_lacking_categories_are_nought(self, tmp_path: Path) -> None:
        write(tmp_path / "full")
        write(tmp_path / "bare", "height,target\n1,a\n", {"height": "float64", "target": "category"})
        columns = describe([read(tmp_path, "full"), read(tmp_path, "bare", who="q")])
        names = expand(columns)
        assert names == ["age", "height", "sex_0", "sex_1"]
        encoded = encode(read(tmp_path, "bare", who="q"), columns, names)[:]
        assert encoded.tolist() == [[0.5, 0.0, 0.0, 0.0]]
        assert encoded.dtype == torch.float32

    def test_unseen_categories_and_columns_count_for_nothing(self, tmp_path: Path) -> None:
        write(tmp_path / "d")
        write(tmp_path / "new", "age,sex,more,target\n60,9,1,a\n", {**SCHEMA, "more": "int64"})
        columns = describe([read(tmp_path, "d")])
        assert encode(read(tmp_path, "new"), columns, expand(columns))[:].tolist() == [[1.5, 0.0, 0.0]]

    def test_kinds_that_differ_from_the_training_data_are_refused(self, tmp_path: Path) -> None:
        columns = describe([read(write(tmp_path / "d").parent, "d")])
        for name, dtype, message in (
            ("age", "category", "'p': column 'age' holds categories in 'age' and numbers in the training data"),
            ("sex", "int64", "'p': column 'sex' holds numbers in 'sex' and categories in the training data"),
        ):
            write(tmp_path / name, schema={**SCHEMA, name: dtype})
            for use in (encode, lacking):
                with pytest.raises(Rejected, match=message):
                    use(read(tmp_path, name), columns, expand(columns))

    def test_it_is_the_same_however_many_columns_are_handled_at_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = [f"{kind}{number}" for number in range(5) for kind in "xc"]
        dtypes = {name: "float64" if name[0] == "x" else "category" for name in names} | {"target": "category"}
        for tag in "ab":
            cells = [
                ["" if (row * len(name) + ord(tag)) % 5 == 0 else f"{row % 3}" for name in names] for row in range(9)
            ]
            lines = [",".join([*names, "target"]), *(",".join([*row, tag]) for row in cells)]
            write(tmp_path / tag, "\n".join(lines), dtypes)
        tables = [read(tmp_path, tag, who=tag) for tag in "ab"]
        found = []
        for cells_at_once in (module._CELLS, 20, 1):
            monkeypatch.setattr(module, "_CELLS", cells_at_once)
            columns = describe(tables)
            order = expand(columns)
            encoded = [encode(table, columns, order)[:].tolist() for table in tables]
            found.append((columns, encoded, [lacking(table, columns, order) for table in tables]))
        assert found[0] == found[1] == found[2]

    def test_ids_as_categories_are_refused_before_they_take_all_memory(self, tmp_path: Path) -> None:
        ids = {"customer": "category", "target": "category"}
        for who in "pq":
            rows = [f"{who}{number},{number % 2}" for number in range(MOST_CATEGORIES // 2 + 1)]
            write(tmp_path / who / "d", "\n".join(["customer,target", *rows]), ids)
        with pytest.raises(
            Rejected, match=r"make 20002 inputs, and .* up to 20000; column 'customer' alone has 20002 cat"
        ):
            describe([read(tmp_path, "d"), read(tmp_path, "d", who="q")])

    def test_a_category_named_like_a_column_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "sex,sex_0,target\n0,1,a\n", {"sex": "category", "sex_0": "int64", "target": "category"})
        with pytest.raises(Rejected, match="'sex_0' arise twice"):
            expand(describe([read(tmp_path, "d")]))

    def test_targets(self, tmp_path: Path) -> None:
        write(tmp_path / "d")
        table = read(tmp_path, "d")
        classes = encode_target(table, ["0", "a", "b"])
        assert (classes.tolist(), classes.dtype) == ([1, 2, 1], np.int64)
        with pytest.raises(Rejected, match="holds class 'b', and the project was aligned on a, c"):
            encode_target(table, ["a", "c"])
