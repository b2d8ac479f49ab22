"""The notebooks run from top to bottom, and show what is kept in them."""

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from code_blocks import ROOT
from code_blocks import notebooks as all_notebooks

NOTEBOOKS = all_notebooks()


@pytest.fixture(scope="module")
def notebooks() -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    return importlib.import_module("notebooks")


def test_there_are_five() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == list("12345")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_shows_what_is_kept_in_it(path: Path, notebooks: ModuleType, tmp_path: Path) -> None:
    assert shown(notebooks.run(path, str(tmp_path))) == shown(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_is_small_and_of_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert not re.search(r"/home/|/tmp/|/root/|site-packages", text)


def shown(notebook: nbformat.NotebookNode) -> list[str]:
    """What each cell shows, but for numbers, which differ from processor to processor, and for pictures."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [masked("".join(map(text_of, cell.outputs))) for cell in cells]


def text_of(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    assert output.output_type == "execute_result"
    return "a picture" if "<svg" in output.data.get("text/html", "") else str(output.data["text/plain"])


def masked(text: str) -> str:
    text = re.sub(r"optim_run_[0-9a-f]+", "a trial", text)
    return re.sub(r"\s+", " ", re.sub(r"-?\d[\d.e+-]*", "N", text))
