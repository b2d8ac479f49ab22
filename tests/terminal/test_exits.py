"""Exit codes: one table for all commands, which the page shows, and that scripts can tell apart."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest
from code_blocks import ROOT

from synergos.__main__ import main
from synergos.sandbox import Sandbox
from synergos.terminal import exits
from synergos.terminal.words import in_shell

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No TTP is named by the environment, or by a profile."""
    for name in ("SYNERGOS_URL", "SYNERGOS_TOKEN", "SYNERGOS_CA", "SYNERGOS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.chdir(tmp_path)


def test_the_page_shows_the_table() -> None:
    page = (ROOT / "docs" / "guides" / "terminal.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", page, re.MULTILINE)
    assert {int(code): meaning.replace("`", "") for code, meaning in rows} == exits.MEANINGS


def test_help_shows_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    for code, meaning in exits.MEANINGS.items():
        assert f"{code} {meaning}" in printed


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ls", "projects"], exits.WRONG, "Where is the TTP?"),
        (["contract", "diff"], exits.WRONG, "Where is the TTP?"),
        (["contract", "check", "somewhere"], exits.WRONG, "is not the address of a TTP"),
        (["contract", "diff", "missing.json"], exits.WRONG, "missing.json cannot be read"),
        (["contract", "diff", NOBODY], exits.UNREACHABLE, "No TTP answers"),
        (["contract", "check", NOBODY], exits.UNREACHABLE, "No TTP answers"),
        (["ls", "projects", "--url", NOBODY], exits.UNREACHABLE, "No TTP answers"),
        (["data", "check", "missing"], exits.WRONG, "is not a folder"),
        (["data", "prepare", "missing.csv", "--to", "here", "--target", "y"], exits.WRONG, "missing.csv"),
        (["sandbox", "--port", "0", "--data", "missing"], exits.WRONG, "'missing' is not a folder"),
        (["sandbox", "--port", "70000"], exits.WRONG, "port 70000"),
        (["sandbox", "--port", "0", "--token", "a b"], exits.WRONG, "token"),
        (["sandbox", "--port", "0", "--store", "notes.txt"], exits.WRONG, "notes.txt cannot be used as a store"),
        (["ttp", "--folder", "grid", "--participants", "missing.toml"], exits.WRONG, "missing.toml"),
        (["participant", "a", "--ttp", "h:1", "--data", ".", "--key", "no", "--ca", "no"], exits.WRONG, "no"),
        (["ttp certificate", "localhost", "--to", "notes.txt"], exits.WRONG, "notes.txt"),
        (["participant keygen", "a", "--to", "notes.txt"], exits.WRONG, "notes.txt"),
        (["export", "--url", NOBODY], exits.UNREACHABLE, "No TTP answers"),
        (["profile", "use", "nobody"], exits.WRONG, "no profile 'nobody'"),
    ],
)
def test_what_goes_wrong_is_one_line_with_the_code_of_its_kind(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Not to be written over.")
    words = [
        part for word in words for part in (word.split(" ") if word.startswith(("ttp ", "participant ")) else [word])
    ]

    assert main(words) == code

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("synergos: ")
    assert printed.err.count("\n") == 1
    assert said in printed.err
    assert (tmp_path / "notes.txt").read_text() == "Not to be written over."


def test_a_port_that_is_taken_is_no_failure_of_a_ttp(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["sandbox", "--port", str(port)]) == exits.WRONG
    assert capsys.readouterr().err.startswith(f"synergos: The sandbox cannot listen on 127.0.0.1 port {port}: ")


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ({"status": 500}, exits.FAILED),
        ({"status": 502, "times": 3}, exits.FAILED),
        ({"status": 200, "page": True}, exits.FAILED),
        ({"status": 403}, exits.REFUSED),
        ({"status": 417}, exits.REFUSED),
        ({"status": 404}, exits.MISSING),
    ],
    ids=str,
)
def test_how_a_ttp_fails_is_told(ttp: Sandbox, failure: dict[str, Any], code: int) -> None:
    ttp.fail_next(**failure)
    assert main(["show", "projects", "--project-id", "p", "--url", ttp.url]) == code


def test_a_check_finds_failures_and_says_when_nothing_is_of_a_ttp(ttp: Sandbox) -> None:
    ttp.fail_next(500, path="/projects/", times=100)
    assert main(["contract", "check", ttp.url]) == exits.WANTING
    ttp.reset()
    ttp.fail_next(200, page=True, times=100)
    assert main(["contract", "check", ttp.url]) == exits.FAILED


def test_what_is_no_ttp_answers_what_cannot_be_read(ttp: Sandbox) -> None:
    assert main(["contract", "diff", f"{ttp.url}/elsewhere"]) == exits.FAILED
    assert main(["contract", "check", f"{ttp.url}/elsewhere"]) == exits.FAILED


@pytest.mark.parametrize(
    ("call", "command"),
    [
        ("driver.alignments.create(project_id='p')", "synergos create alignments --project-id p"),
        ("driver.projects.read_all()", "synergos ls projects"),
        ("driver.runs.read(project_id='a b')", "synergos show runs --project-id 'a b'"),
        ("driver.projects.create(...)", "synergos create projects ..."),
        ("driver.tags.create(..., train=[[...]])", "synergos create tags ... --train ..."),
        ("driver.check(project_id='p', reach=True)", "synergos check --project-id p --reach"),
        ("driver.check(..., algorithm=..., optimizer=...)", "synergos check ... --algorithm ... --optimizer ..."),
        ("job = driver.models.job(project_id='p')", "synergos jobs follow models --project-id p"),
        ("driver.train(...)", "synergos train ..."),
    ],
)
def test_a_remedy_is_the_command_that_does_it(call: str, command: str) -> None:
    assert in_shell(f"Call {call}. It helps.") == f"Call {command}. It helps."


@pytest.mark.parametrize(
    "text",
    [
        "driver.scope(...)",
        "driver.models.submit(...)",
        "driver.nothing.create(...)",
        "driver.check(project_id=name)",
        "driver.runs.create(**{'run_id': 'r'})",
        # A TTP may say anything, and what is written out is not to steer the terminal after all.
        r"driver.runs.create(run_id='\x1b[31mr')",
        r"driver.runs.create(run_id='\u202er')",
        r"job = driver.models.job(project_id='p\nq')",
        "driver.runs.create(run_id=b'r')",
        "driver.runs.create(run_id={1, 2})",
        f"driver.runs.create(run_id={'-' * 5_000}1)",
        f"driver.runs.create(run_id={'[' * 5_000}{']' * 5_000})",
        f"driver.runs.create(run_id={'9' * 5_000})",
        f"driver.runs.create(run_id={'1+' * 5_000}1)",
    ],
)
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert in_shell(text) == text


@pytest.mark.parametrize(
    "command", [["results"], ["check"], ["show", "runs", "--run-id", "r"], ["ls", "experiments"]], ids=str
)
def test_an_id_that_is_missing_is_asked_for_without_a_scope(
    command: list[str], ttp: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--url", ttp.url]) == exits.WRONG
    said = capsys.readouterr().err
    assert "project_id" in said or "--project-id" in said
    assert "driver." not in said


def test_a_report_says_commands(ttp: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("table", "json", "csv"):
        assert main(["check", "--project-id", "p", "--url", ttp.url, "--format", form]) == exits.WANTING
        printed = " ".join(capsys.readouterr().out.split())
        assert "synergos create projects ..." in printed
        assert "driver." not in printed
