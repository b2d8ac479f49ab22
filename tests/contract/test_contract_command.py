"""The command `synergos contract`: what it prints, and with which status it ends."""

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synergos import Unreachable
from synergos.__main__ import main
from synergos.contract.check import Deviation, Report
from synergos.contract.document import shipped
from synergos.contract.report import check_as_text

Swagger = dict[str, dict[str, Any]]


@pytest.fixture
def saved(tmp_path: Path, published: Callable[[str], Swagger]) -> Callable[..., list[str]]:
    """Files with a generation's documents, changed before they are written."""

    def save(change: Callable[[Swagger], None] = lambda _: None) -> list[str]:
        documents = published("v4")
        change(documents)
        paths = []
        for phase, document in documents.items():
            path = tmp_path / f"{phase}.json"
            path.write_text(json.dumps(document))
            paths.append(str(path))
        return paths

    return save


def with_route(documents: Swagger) -> None:
    documents["connect"]["paths"]["/notes/"] = {"get": {"responses": {"200": {"description": "Notes."}}}}


def test_no_drift_is_said_and_ends_well(saved: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "diff", *saved()]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    count = sum("v4" in operation.generations for operation in shipped().operations)
    assert f"It is a TTP of the generation v4; {count} operations are also in the contract." in printed.out
    assert "No drift" in printed.out
    assert "repeated operationIds" in printed.out


def test_drift_is_a_table_and_ends_with_1(saved: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "diff", *saved(with_route)]) == 1
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line.split() for line in lines if line.startswith("route missing"))
    assert row == ["route", "missing", "in", "the", "contract", "GET", "/ttp/connect/notes/", "there"]
    assert "1 difference from the contract" in lines


def test_drift_is_json_too(saved: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "diff", "--format", "json", *saved(with_route)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["drift"] == [
        {
            "kind": "route missing in the contract",
            "operations": ["GET /ttp/connect/notes/"],
            "where": "",
            "contract": "",
            "ttp": "there",
        }
    ]
    assert found["generations"] == ["v4"]
    assert {fault["name"] for fault in found["faults"]} >= {"answers", "repeated operationIds"}


def test_a_sandbox_publishes_the_contract(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "diff", address]) == 0
    assert f"the generations v4 and v8; {len(shipped().operations)} operations" in capsys.readouterr().out


def test_a_sandbox_answers_as_the_contract_says(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "check", address, "--write"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Every answer is what the contract says." in printed.out
    assert "another does the same work: create_alignments," in printed.out


def test_a_check_is_json_too(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "check", address, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["requests"], found["deviations"], found["left"], found["aborted"]) == (3, [], [], "")
    assert found["tried"] == ["read_collaborations", "read_participants", "read_projects"]


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report("a", ("v4",)), 0),
        (Report("a", ("v4",), deviations=[Deviation("read_projects", "GET /a", "", "", "no")]), 1),
        (Report("a", ("v4",), left=["projects: p"]), 5),
        (Report("a", ("v4",), aborted="It is gone.", cause=Unreachable), 6),
        (Report("a", ("v4",), aborted="It was interrupted.", cause=KeyboardInterrupt), 130),
    ],
)
def test_the_status_says_how_a_check_ended(monkeypatch: pytest.MonkeyPatch, report: Report, status: int) -> None:
    monkeypatch.setattr("synergos.contract.check.check_ttp", lambda *_, **__: report)
    assert main(["contract", "check", "http://ttp:5000"]) == status


def test_deviations_that_are_alike_are_one_row_and_the_rest_is_told() -> None:
    alike = [
        Deviation("read_projects", "GET /a", f"Project p{index}", f"/data/{index}/action", f"{index} is no text")
        for index in range(3)
    ]
    other = Deviation("read_run", "GET /b", "", "", "404, where the contract has 200: No.")
    report = Report("http://a", ("v4",), 5, {"read_projects"}, {"read_run"}, [*alike, other], ["runs: r"], "It ended.")
    text = check_as_text(report)
    assert "4 deviations from the contract" in text
    (first,) = (line for line in text.splitlines() if line.startswith("read_projects"))
    assert first.split("  ")[-1].strip() == "0 is no text (and 2 more like it)"
    assert "Project p1" not in text
    assert "read_run" in text
    assert "GET /b" in text
    assert "Made for the check and still there, remove it by hand: runs: r." in text
    assert "The check ended early. It ended." in text


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["diff", "http://127.0.0.1:1"], 6, "No TTP answers at http://127.0.0.1:1"),
        (["diff", "missing.json"], 2, "missing.json cannot be read"),
        (["check", "http://127.0.0.1:1"], 6, "No TTP answers at http://127.0.0.1:1"),
        (["check", "somewhere"], 2, "url='somewhere' is not the address of a TTP"),
        (["diff", "127.0.0.1:5000"], 2, "url='127.0.0.1:5000' is not the address of a TTP: write scheme, host and"),
        (["diff"], 2, "Where is the TTP? Give its address, or set the environment variable SYNERGOS_URL."),
        (["check"], 2, "Where is the TTP? Give its address, or set the environment variable SYNERGOS_URL."),
    ],
)
def test_what_cannot_be_used_is_one_line(
    arguments: list[str], status: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SYNERGOS_URL", raising=False)
    assert main(["contract", *arguments]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"synergos: {message}")
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["diff", "http://ttp:5000"], ["check", "http://ttp:5000"]])
def test_an_interruption_is_one_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("synergos.contract.wire.reach", interrupt)
    assert main(["contract", *arguments]) == 130
    assert tuple(capsys.readouterr()) == ("", "It was interrupted.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required"),
        (["check", "http://ttp:5000", "--data", "w=a"], "--data needs --write"),
        (["check", "http://ttp:5000", "--write", "--data", "w"], "'w' is not PARTICIPANT=TAG,TAG"),
    ],
)
def test_wrong_arguments_are_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["contract", *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["diff", "a.json"], ["check", "http://ttp:5000"]])
def test_what_is_not_installed_is_told_with_the_command_to_install_it(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    for name in [name for name in sys.modules if name.startswith("synergos.contract")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "rich" else real(name, *rest))
    assert main(["contract", *arguments]) == 2
    assert capsys.readouterr().err == (
        "synergos: synergos contract needs rich, which is not installed: pip install 'synergos-driver[contract]'\n"
    )
