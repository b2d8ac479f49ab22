import logging
from pathlib import Path

import pandas as pd
import pytest
from tables import classes_of, read, write
from whole import align

from synergos.learning.alignment import Alignment
from synergos.learning.errors import Rejected
from synergos.learning.party import Participant
from synergos.participant.data import encode_target
from synergos.participant.spelling import class_indices
from synergos.participant.worker import encode

PARTICIPANTS = [Participant(name, train=[["t"]], evaluate=[["t"]]) for name in ("one", "two")]


def aligned(data: Path, one: tuple[str, list[str]], two: tuple[str, list[str]], column: str = "target") -> Alignment:
    """Align two participants whose column has a dtype and values of its own."""
    for name, (dtype, values) in (("one", one), ("two", two)):
        schema = {"x": "float64", "flag": "category", "target": "category"} | {column: dtype}
        cells = [(value, "a") if column == "flag" else ("a", value) for value in values]
        rows = "".join(f"{number},{flag},{target}\n" for number, (flag, target) in enumerate(cells))
        write(data / name / "t", f"x,flag,target\n{rows}", schema)
    return align(data, "classify", PARTICIPANTS)


@pytest.mark.parametrize("two", [["01", "02"], ["1.0", "2.0"], ["+1", "+2"], ["1e0", "2.00"], [" 1", "2. "]])
@pytest.mark.parametrize("dtypes", [("category", "category"), ("int64", "category"), ("int64", "float64")])
def test_classes_that_are_numbers_are_one_class_at_all_participants(
    tmp_path: Path, dtypes: tuple[str, str], two: list[str]
) -> None:
    found = aligned(tmp_path, (dtypes[0], ["1", "2"]), (dtypes[1], two))
    assert found.targets == ["1", "2"]
    assert found.spacers["two"]["train"]["y"] == []
    assert encode_target(read(tmp_path, "t", who="two"), found.targets).tolist() == [0, 1]


def test_several_spellings_of_a_class_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "synergos.sandbox"):
        aligned(tmp_path, ("category", ["1", "2"]), ("category", ["01", "2"]))
    assert "the classes '01', '1' are one number, and one class, '1'" in caplog.text


def test_classes_that_are_not_all_numbers_stay_as_they_are(tmp_path: Path) -> None:
    assert aligned(tmp_path, ("category", ["01", "1"]), ("category", ["nan", "x"])).targets == ["01", "1", "nan", "x"]
    assert aligned(tmp_path, ("category", ["01", "02"]), ("category", ["03", "02"])).targets == ["01", "02", "03"]


def test_whole_numbers_that_are_the_same_as_floats_are_different_classes(tmp_path: Path) -> None:
    large = ["9007199254740992", "9007199254740993"]
    assert aligned(tmp_path, ("int64", large), ("category", large)).targets == large


def test_what_is_no_class_is_found_nowhere() -> None:
    target = pd.Series(["b", "pending", None, "a"], dtype=object)
    assert class_indices(target, ["a", "b"]).tolist() == [1, -1, -1, 0]
    assert classes_of([]) == []


@pytest.mark.parametrize("column", ["flag", "target"])
@pytest.mark.parametrize("spelling", [("False", "True"), ("FALSE", "TRUE"), ("0", "1"), ("no", "yes"), ("f", "t")])
def test_a_truth_is_one_value_at_all_participants(tmp_path: Path, column: str, spelling: tuple[str, str]) -> None:
    found = aligned(tmp_path, ("bool", ["False", "True"]), ("boolean", list(spelling)), column)
    if column == "target":
        assert found.targets == ["False", "True"]
    else:
        assert found.features == ["flag_False", "flag_True", "x"]


@pytest.mark.parametrize("column", ["flag", "target"])
@pytest.mark.parametrize("purpose", ["train", "predict"])
def test_a_truth_that_another_declares_otherwise_is_refused_unless_it_is_written_so(
    tmp_path: Path, column: str, purpose: str
) -> None:
    bools = ("bool", ["False", "True"])
    found = aligned(tmp_path, bools, ("category", ["False", "True"]), column)
    message = f"'two': column '{column}' holds 'FALSE' in 'two/t', and others declare it 'bool'"
    with pytest.raises(Rejected, match=message):
        aligned(tmp_path, bools, ("category", ["FALSE", "TRUE"]), column)
    with pytest.raises(Rejected, match=message):
        encode(read(tmp_path, "t", who="two", purpose=purpose), found)
