"""Completion: each shell gets its script, and the parser says what may come next."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synergos.__main__ import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("argcomplete")
    assert main(["completion", shell]) == 0
    assert "synergos" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("synergos ls pro", {"projects"}),
        ("synergos show runs --proj", {"--project-id"}),
        ("synergos create projects --action cl", {"classify"}),
        ("synergos compl", {"completion"}),
    ],
)
def test_what_may_come_next_is_completed(line: str, wanted: set[str], tmp_path: Path) -> None:
    pytest.importorskip("argcomplete")
    found = tmp_path / "found"
    environment = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(found),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_IFS": "\n",
    }
    subprocess.run([sys.executable, "-m", "synergos"], env=environment, timeout=120, check=False)
    assert {one.strip() for one in found.read_text().split("\n")} == wanted


def test_without_the_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    monkeypatch.setitem(sys.modules, "argcomplete.shell_integration", None)
    assert main(["completion", "bash"]) == 4
    assert "pip install 'synergos-driver[terminal]'" in capsys.readouterr().err
