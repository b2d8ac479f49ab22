"""The pages about the package itself: what they say of versions and names is so."""

import re
import tomllib

import pytest
from code_blocks import ROOT

import synergos
from synergos.common.checks import _OLD_NAMES
from synergos.ttp.strategies import ALGORITHMS

ABOUT = ROOT / "docs" / "about"
VERSIONING = (ABOUT / "versioning.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:scripts|spec|tests)/[\w./]+)", VERSIONING))))
def test_what_is_named_as_a_check_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_what_the_checks_are_is_run() -> None:
    run = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    for command in ("spec_diff.py --since-release", "generate.py --check", "mypy tests/typing", "check_wheel.py"):
        assert command in run


def test_the_deprecated_names_are_all_named() -> None:
    told = VERSIONING[VERSIONING.index("Today there are") :].splitlines()[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(_OLD_NAMES)
    assert f"there are {('none', 'one', 'two', 'three')[len(_OLD_NAMES)]}" in told


def test_the_versions_of_python_are_those_of_the_package() -> None:
    named = {one.rpartition(" ")[2] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)}
    assert PROJECT["requires-python"] == ">=3.11"
    assert named == {"3.11", "3.12", "3.13"}
    assert "name 3.11 to 3.13" in VERSIONING


def test_there_has_been_no_release_as_long_as_the_page_says_so() -> None:
    is_unreleased = f"{PROJECT['version']}, unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert is_unreleased == ("There has been no release yet" in VERSIONING)


def test_the_public_modules_are_there() -> None:
    for name in re.findall(r"`synergos\.(\w+)`", VERSIONING.split("## What is checked")[0]):
        assert getattr(synergos, name, None) or __import__(f"synergos.{name}")


def test_the_algorithms_of_the_glossary_are_those_of_the_sandbox() -> None:
    glossary = (ABOUT / "glossary.md").read_text(encoding="utf-8")
    named = re.findall(r"^\*\*(Fed(?!erated)\w+)\.\*\*", glossary, re.MULTILINE)
    assert named
    assert set(named) <= set(ALGORITHMS)


def test_each_row_of_the_comparison_says_something_of_everyone() -> None:
    rows = [
        line for line in (ABOUT / "neighbours.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    wide = [row for row in rows if row.count(" | ") == 6]
    assert len(wide) > 5
    assert [row for row in wide if "|  |" in row] == []
