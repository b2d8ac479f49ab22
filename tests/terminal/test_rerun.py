"""`synergos manifest` and `synergos rerun` in a shell."""

import csv
import io
import json
from pathlib import Path

import pytest

from synergos import Driver, Manifest
from synergos.__main__ import main
from synergos.manifest import sealed
from synergos.sandbox import Sandbox
from synergos.terminal import exits

RUN = ("--project-id", "penguins", "--expt-id", "one_layer", "--run-id", "adam")


@pytest.fixture
def file(trained: Driver, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The manifest as the shell keeps it."""
    path = tmp_path / "manifest.json"
    assert main(["manifest", *RUN, "--url", trained.url, "--format", "json"]) == exits.DONE
    path.write_text(capsys.readouterr().out)
    return path


def other(file: Path) -> Path:
    """A manifest of a training that came to something else."""
    content = dict(Manifest.read(file).content)
    losses = {**content["losses"], "train": {**content["losses"]["train"], "1": 0.25}}  # type: ignore[dict-item]
    file.write_text(json.dumps(sealed({**content, "losses": losses, "platform": "Linux\x1b[31m riscv64"})))
    return file


def test_what_the_shell_keeps_is_the_manifest(file: Path, trained: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    assert Manifest.read(file) == trained.manifest(project_id="penguins", expt_id="one_layer", run_id="adam")

    assert main(["manifest", *RUN, "--url", trained.url]) == exits.DONE
    assert "biscoe (train 60 rows, evaluate 86 rows)" in capsys.readouterr().out


def test_the_same_is_equal_and_leaves_nothing(
    file: Path, trained_ttp: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rerun", str(file), "--url", trained_ttp.url]) == exits.DONE

    told = "penguins/one_layer/adam: equal. The same losses and the same weights, to the last bit.\n"
    assert capsys.readouterr().out == told
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        assert [one.key.project_id for one in driver.projects.read_all().data] == ["penguins"]


def test_what_differs_has_an_exit_code_of_its_own(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exits.DIFFERENT not in (exits.DONE, exits.WANTING, exits.WRONG)

    assert main(["rerun", str(other(file)), "--data", "--format", "json"]) == exits.DIFFERENT
    found = json.loads(capsys.readouterr().out)
    assert found["equal"] is False
    assert {(one["part"], one["what"], one["then"]) for one in found["differences"]} == {
        ("platform", "", "Linux\x1b[31m riscv64"),
        ("losses", "train.1", 0.25),
    }

    assert main(["rerun", str(file), "--data", "--format", "csv"]) == exits.DIFFERENT
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["part"] for row in rows] == ["platform", "losses"]

    assert main(["rerun", str(file), "--data"]) == exits.DIFFERENT
    out = capsys.readouterr().out
    assert out.startswith("penguins/one_layer/adam: not equal. These differ: platform, losses.\n")
    assert "\x1b" not in out


def test_without_a_ttp_it_trains_on_a_folder_of_data(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNERGOS_URL", "http://127.0.0.1:1")
    (tmp_path / "empty").mkdir()

    assert main(["rerun", str(file), "--data"]) == exits.DONE
    capsys.readouterr()
    assert main(["rerun", str(file), "--data", str(tmp_path / "empty")]) == exits.REFUSED
    assert "non_iid_1" in capsys.readouterr().err
    assert main(["rerun", str(file), "--data", str(tmp_path / "nowhere")]) == exits.WRONG
    assert main(["rerun", str(file), "--data", "--url", "http://127.0.0.1:1"]) == exits.WRONG
    assert main(["rerun", str(file), "--data", "--keep"]) == exits.WRONG


def test_a_broken_manifest_is_wrong_before_any_ttp_is_asked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(file.read_text()[:-200])

    assert main(["rerun", str(file), "--url", "http://127.0.0.1:1"]) == exits.WRONG
    assert "is not JSON, or was cut off" in capsys.readouterr().err


def test_what_is_kept_is_named(file: Path, trained_ttp: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rerun", str(file), "--url", trained_ttp.url, "--keep", "--format", "json"]) == exits.DONE

    found = json.loads(capsys.readouterr().out)
    assert found["notes"] == [f"The project '{found['project_id']}' is kept."]
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        assert driver.projects.read(project_id=found["project_id"]).data
