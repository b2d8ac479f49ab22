from pathlib import Path

import numpy as np
import pytest
import torch
from tables import SCHEMA, agreed, read, write

from synergos.learning.columns import MOST_CATEGORIES, expand
from synergos.learning.errors import Rejected
from synergos.participant import data as module
from synergos.participant.data import encode, encode_target, lacking


class TestEncode:
    def test_scaling_and_filling_are_shared(self, tmp_path: Path) -> None:
        write(tmp_path / "a", "age,sex,target\n10,0,a\n20,0,b\n,1,c\n")
        write(tmp_path / "b", "age,sex,target\n50,1,a\n60,,b\n70,1,b\n110,1,c\n")
        tables = [read(tmp_path, "a"), read(tmp_path, "b", who="q")]
        columns = agreed(tables)
        names = expand(columns)
        assert names == ["age", "sex_0", "sex_1"]
        fill = (15 * 2 + 65 * 4) / 6
        np.testing.assert_allclose(encode(tables[0], columns, names)[:][:, 0], [0, 0.1, (fill - 10) / 100], rtol=1e-6)
        np.testing.assert_array_equal(encode(tables[1], columns, names)[:][1], np.float32([0.5, 0, 1]))

    def test_constant_columns_are_nought(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "age,sex,target\n7,0,a\n7,1,b\n")
        table = read(tmp_path, "d")
        columns = agreed([table])
        assert encode(table, columns, expand(columns))[:].tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    def test_lacking_numbers_are_filled_and_lacking_categories_are_nought(self, tmp_path: Path) -> None:
        write(tmp_path / "full")
        write(tmp_path / "bare", "height,target\n1,a\n", {"height": "float64", "target": "category"})
        columns = agreed([read(tmp_path, "full"), read(tmp_path, "bare", who="q")])
        names = expand(columns)
        assert names == ["age", "height", "sex_0", "sex_1"]
        encoded = encode(read(tmp_path, "bare", who="q"), columns, names)[:]
        assert encoded.tolist() == [[0.5, 0.0, 0.0, 0.0]]
        assert encoded.dtype == torch.float32

    def test_unseen_categories_and_columns_count_for_nothing(self, tmp_path: Path) -> None:
        write(tmp_path / "d")
        write(tmp_path / "new", "age,sex,more,target\n60,9,1,a\n", {**SCHEMA, "more": "int64"})
        columns = agreed([read(tmp_path, "d")])
        assert encode(read(tmp_path, "new"), columns, expand(columns))[:].tolist() == [[1.5, 0.0, 0.0]]

    def test_kinds_that_differ_from_the_training_data_are_refused(self, tmp_path: Path) -> None:
        columns = agreed([read(write(tmp_path / "d").parent, "d")])
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
            columns = agreed(tables)
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
            agreed([read(tmp_path, "d"), read(tmp_path, "d", who="q")])

    def test_a_category_named_like_a_column_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "d", "sex,sex_0,target\n0,1,a\n", {"sex": "category", "sex_0": "int64", "target": "category"})
        with pytest.raises(Rejected, match="'sex_0' arise twice"):
            expand(agreed([read(tmp_path, "d")]))

    def test_targets(self, tmp_path: Path) -> None:
        write(tmp_path / "d")
        table = read(tmp_path, "d")
        classes = encode_target(table, ["0", "a", "b"])
        assert (classes.tolist(), classes.dtype) == ([1, 2, 1], np.int64)
        with pytest.raises(Rejected, match="holds class 'b', and the project was aligned on a, c"):
            encode_target(table, ["a", "c"])
