"""What the guides write is accepted by mypy --strict and by pyright, and so is what tests/typing says of the types."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from code_blocks import ROOT, code_of, notebooks, pages

# What the sandbox stands on takes minutes to read, and is no type of what users write.
SETTINGS = """
[mypy]
strict = True
[mypy-torch.*,flwr.*,pandas.*,numpy.*,optuna.*,sqlalchemy.*,starlette.*,uvicorn.*,rich.*,PIL.*,matplotlib.*]
follow_imports = skip
"""
CACHE = ROOT / ".mypy_cache" / "guides"


@pytest.fixture(scope="module")
def guides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of each page and notebook as a module."""
    folder = tmp_path_factory.mktemp("guides")
    for page in (*pages(), *notebooks()):
        name = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
        (folder / f"{name}.py").write_text(code_of(page), encoding="utf-8")
    # Who uses the package has no settings of ours.
    (folder / "mypy.ini").write_text(SETTINGS, encoding="utf-8")
    return folder


def found_by_mypy(folder: Path) -> str:
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "mypy.ini",
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "guides"),
    ]
    return subprocess.run([*command, "."], capture_output=True, text=True, cwd=folder).stdout


def found_by_pyright(folder: Path) -> list[str]:
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--level", "error", "--outputjson"]
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}', encoding="utf-8")
    found = json.loads(subprocess.run([*command, "."], capture_output=True, text=True, cwd=folder).stdout)
    assert found["summary"]["filesAnalyzed"] >= 1
    return [_shown(each) for each in found["generalDiagnostics"]]


def _shown(found: Mapping[str, Any]) -> str:
    return f"{Path(found['file']).name}:{found['range']['start']['line'] + 1} {found['message']}"


def test_mypy_accepts_what_the_guides_write(guides: Path) -> None:
    assert len(list(guides.glob("*.py"))) == len(pages()) + len(notebooks()) >= 13
    assert found_by_mypy(guides).startswith("Success: no issues found")


def test_pyright_accepts_what_the_guides_write(guides: Path) -> None:
    pytest.importorskip("basedpyright")
    assert found_by_pyright(guides) == []


def test_a_mistake_in_a_guide_is_found(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text(SETTINGS, encoding="utf-8")
    wrong = "from synergos import Driver\n\nDriver('h', 1).runs.read().data.lr.upper()\n"
    (tmp_path / "wrong.py").write_text(wrong, encoding="utf-8")
    assert '"float" has no attribute "upper"' in found_by_mypy(tmp_path)
    pytest.importorskip("basedpyright")
    (found,) = found_by_pyright(tmp_path)
    assert found.startswith('wrong.py:3 Cannot access attribute "upper" for class "float"')


def test_pyright_accepts_what_is_accepted(tmp_path: Path) -> None:
    pytest.importorskip("basedpyright")
    source = (ROOT / "tests" / "typing" / "accepted.py").read_text(encoding="utf-8")
    (tmp_path / "accepted.py").write_text(source, encoding="utf-8")
    assert found_by_pyright(tmp_path) == []
