"""Csv files that a spreadsheet shows and does not run."""

import csv
import io

import pandas as pd
import pytest

from synergos.participant.spreadsheet import to_csv

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example", "x")',
    "+1+1",
    "-1+1",
    "-cmd|x",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
]


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("value", FORMULAS)
def test_a_formula_is_a_text_wherever_it_stands(value: str) -> None:
    frame = pd.DataFrame(
        {"file": [value, "a.csv"], value: [0.5, -0.5], "target": pd.Series([value, None], dtype=object)}
    )
    names, first, second = cells(to_csv(frame))
    assert names == ["file", f"'{value}", "target"]
    assert first == [f"'{value}", "0.5", f"'{value}"]
    assert second == ["a.csv", "-0.5", ""]


@pytest.mark.parametrize("value", ["-1", "+1.5", "-.5e-3", "1", "a=1", "Gentoo", "", "a-b"])
def test_numbers_and_other_texts_stay(value: str) -> None:
    assert cells(to_csv(pd.DataFrame({"class": [value], "row": [1]})))[1] == [value, "1"]


@pytest.mark.parametrize("value", ["'", "'=1", "''", "=1", "it's"])
def test_what_was_there_is_what_is_left_without_the_first_apostrophe(value: str) -> None:
    ((_,), (told,)) = cells(to_csv(pd.DataFrame({"class": [value]})))
    assert told.removeprefix("'") == value


def test_a_carriage_return_begins_no_cell() -> None:
    assert '"a\r=1"' in to_csv(pd.DataFrame({"class": ["a\r=1"], "row": [1]}))
