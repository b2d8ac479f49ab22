"""The Driver in a shell: its verbs as commands, what is printed where, and how they end."""

import argparse
import io
import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from recorder import envelope

from synergos import Driver
from synergos.__main__ import main
from synergos.common.checks import Id, verb
from synergos.connect.projects import ProjectTask
from synergos.reply import Reply
from synergos.terminal.commands import driver_verbs, verbs
from synergos.terminal.joined import add_terminal
from synergos.terminal.output import coloured
from synergos.terminal.signatures import parameters

RUN = ("--project-id", "penguins", "--expt-id", "one_layer", "--run-id", "adam")


class Shell:
    """Runs commands on a TTP, and tells how each ended and what it said."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._url, self._capsys = url, capsys

    def __call__(self, *words: str, code: int = 0) -> str:
        """What a command prints on stdout; its exit code is looked at."""
        self._capsys.readouterr()
        found = main([*words, "--url", self._url])
        self.out, self.err = self._capsys.readouterr()
        assert found == code, self.err
        return self.out


@pytest.fixture
def shell(trained: Driver, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell on the trained sandbox that all tests share: to read."""
    return Shell(trained.url, capsys)


@pytest.fixture
def own(ttp: Any, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell on a fresh sandbox."""
    return Shell(ttp.url, capsys)


@pytest.fixture
def own_trained(trained_ttp: Any, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell on a trained sandbox of its own."""
    return Shell(trained_ttp.url, capsys)


def help_of(*words: str) -> str:
    found = io.StringIO()
    stdout, sys.stdout = sys.stdout, found
    try:
        with pytest.raises(SystemExit):
            main([*words, "--help"])
    finally:
        sys.stdout = stdout
    return found.getvalue()


def test_a_command_has_an_option_for_each_argument() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    add_terminal(parser, commands)

    def command(*words: str) -> argparse.ArgumentParser:
        found = commands.choices[words[0]]
        for word in words[1:]:
            found = next(one for one in found._actions if isinstance(one.choices, dict)).choices[word]  # type: ignore[index]
        return found

    derived = ("alignments", "models", "optimizations", "validations", "predictions")
    asked = [((one.name.replace("_", "-"),), one.method) for one in driver_verbs() if one.name != "jobs"]
    for one in verbs():
        read = "ls" if one.resource in derived else "show"
        word = {"read_all": "ls", "read": read, "job": "jobs follow"}.get(one.name, one.name.replace("_", "-"))
        if one.name != "submit":
            asked.append(((*word.split(), one.resource), one.method))
    assert len(asked) > 50
    for words, method in asked:
        options = command(*words)._option_string_actions
        for one in parameters(method):
            option = "--set" if one.kind is one.VAR_KEYWORD else f"--{one.name.replace('_', '-')}"
            assert (option in options) == (one.name != "wait"), (words, option)
            assert one.name == "wait" or len(options[option].help or "") > 5, (words, option)


def test_a_verb_that_a_task_gains_is_a_command(own: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    @verb
    def archive(self: ProjectTask, *, project_id: Id, copies: int = 1) -> Reply[Any]:
        """Archive a project.

        Args:
            project_id: Id of the project.
            copies: How many are kept.
        """
        return Reply({"data": {"key": {"project_id": project_id}, "copies": copies}}, dict)

    monkeypatch.setattr(ProjectTask, "archive", archive, raising=False)

    assert "How many are kept (1)" in help_of("archive", "projects")
    assert own("archive", "projects", "--project-id", "p", "--copies", "3") == "project_id  p\ncopies      3\n"


def test_a_whole_cycle_needs_no_python(own: Shell, tmp_path: Path) -> None:
    layer = {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 7, "out_features": 3},
        "activation": "softmax",
    }
    own("create", "projects", "--project-id", "penguins", "--action", "classify", "--incentives", '{"tier": []}')
    own("create", "experiments", *RUN[:4], "--model", json.dumps([layer]))
    run = ("--rounds", "1", "--epochs", "1", "--optimizer", "Adam", "--criterion", "NLLLoss", "--lr", "3e-2")
    own("create", "runs", *RUN, *run, "--lr-scheduler", "StepLR", "--set", "step_size=10", "--no-is-condensed")
    for name, train in {"biscoe": "non_iid_1", "dream": "non_iid_2"}.items():
        place = ("--host", "127.0.0.1", "--port", "8020", "--f-port", "5000")
        own("create", "participants", "--participant-id", name, *place)
        own("create", "registrations", *RUN[:2], "--participant-id", name, "--role", "guest")
        tags = ("--train", train, "--evaluate", "iid_1", "--evaluate", "edge_test_na_slices")
        own("create", "tags", *RUN[:2], "--participant-id", name, *tags)

    found = json.loads(own("show", "runs", *RUN, "--format", "json"))
    assert (found["lr"], found["is_condensed"]) == (0.03, False)
    found = json.loads(own("show", "tags", *RUN[:2], "--participant-id", "dream", "--format", "json"))
    assert (found["train"], found["evaluate"]) == ([["non_iid_2"]], [["iid_1"], ["edge_test_na_slices"]])
    assert "is ready to train" in own("check", *RUN)
    tracked = tmp_path / "losses.csv"
    assert own("train", *RUN, "--track", f"csv:{tracked}").split()[:3] == ["expt_id", "run_id", "participant_id"]
    assert [line.split(",")[4:7] for line in tracked.read_text(encoding="utf-8").splitlines()[1:4]] == [
        ["adam", "", "1"],
        ["adam", "biscoe", "1"],
        ["adam", "dream", "1"],
    ]
    lines = own("results", *RUN[:2], "--csv").splitlines()
    assert lines[0].startswith("expt_id,run_id,accuracy,")
    assert lines[1].startswith("one_layer,adam,0.")
    made = own("predict", *RUN, "--participant-id", "dream", "--tags", "penguins=iid_1", "--format", "json")
    assert json.loads(made)[0]["predict"]["res_path"].endswith("predictions.csv")
    tree = own("tree")
    assert "│   └── run adam  (trained, validated, predicted)" in tree
    assert "participant dream  (guest, train non_iid_2, evaluate iid_1 + edge_test_na_slices, predict iid_1)" in tree
    assert [one["resource"] for one in json.loads(own("jobs", "list", "--format", "json"))] == [
        "alignments",
        "models",
        "validations",
        "predictions",
    ]


def test_nothing_but_data_is_on_stdout(shell: Shell) -> None:
    rows = shell("results", *RUN).splitlines()
    assert rows[0].split()[:2] == ["expt_id", "run_id"]
    assert len(rows) == 2
    assert "Averaged over the participants" in shell.err
    for words in (("ls", "projects"), ("ls", "validations", *RUN[:2]), ("check", *RUN), ("results", *RUN), ("tree",)):
        json.loads(shell(*words, "--format", "json"))
        assert shell.err == ""


def test_the_metric_and_the_level_of_results_can_be_chosen(shell: Shell) -> None:
    shell("results", *RUN, "--metric", "f_score")
    assert "by f_score" in shell.err
    assert shell("results", *RUN, "--by", "class").splitlines()[0].split()[:4] == [
        *("expt_id", "run_id", "participant_id", "class"),
    ]
    shell("results", *RUN, "--metric", "f_scor", code=2)
    assert "Did you mean 'f_score'?" in shell.err


def test_csv_holds_what_a_table_cuts(shell: Shell) -> None:
    assert shell("ls", "participants", "--format", "csv").splitlines() == [
        "participant_id,id,host,port,f_port,log_msgs,verbose",
        "biscoe,biscoe,127.0.0.1,8020,5000,false,false",
        "dream,dream,127.0.0.1,8020,5000,false,false",
    ]
    shell("ls", "validations", *RUN[:2])
    assert shell.err == "Not in the table: evaluate. --format json has all.\n"


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, 3), (400, 4), (403, 4), (409, 4), (417, 4), (500, 5), (502, 5)],
)
def test_what_the_ttp_refuses_has_exit_codes(
    status: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(status, json={"message": "no"}))
    monkeypatch.setattr("synergos.terminal.commands.driver_of", lambda _: Driver("ttp", 5000, transport=answer))

    assert main(["show", "projects", "--project-id", "p"]) == code

    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"synergos: \[projects\.read\] {status} no.*\n", err)


def test_other_ends_have_exit_codes_of_their_own(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("show", "projects", "--project-id", "pengins", code=3)
    assert "Did you mean 'penguins'?" in shell.err
    shell("show", "runs", "--run-id", "adam", code=2)
    shell("show", "projects", "--project-id", "a/b", code=2)
    shell("check", "--project-id", "nothing", code=1)
    shell("train", "--project-id", "nothing", code=1)
    assert "There is no project 'nothing'" in shell.err
    shell("jobs", "cancel", "models", *RUN, code=4)
    assert main(["ls", "projects", "--url", "http://127.0.0.1:1"]) == 6
    assert main(["ls", "projects", "--url", "nonsense://"]) == 2
    slow = httpx.MockTransport(lambda _: (_ for _ in ()).throw(httpx.ReadTimeout("slow")))
    monkeypatch.setattr("synergos.terminal.commands.driver_of", lambda _: Driver("ttp", 5000, transport=slow))
    assert main(["ls", "projects"]) == 7
    unreadable = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    monkeypatch.setattr("synergos.terminal.commands.driver_of", lambda _: Driver("ttp", 5000, transport=unreadable))
    assert main(["ls", "projects"]) == 5
    assert capsys.readouterr().out == ""


def test_wrong_words_and_values_are_the_commands_own_fault(
    shell: Shell, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    for words in (("ls", "nothings"), ("show", "projects", "--projekt-id", "p"), ("frobnicate",)):
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        assert ended.value.code == 2
    for option in ("--rounds=many", "--rounds=0", "--set=momentum", "--lr=true"):
        shell("create", "runs", *RUN, option, code=2)
    shell("create", "experiments", *RUN[:4], "--model", f"@{tmp_path / 'nothing.json'}", code=2)
    assert "the file cannot be read" in shell.err


def test_an_id_that_looks_like_something_else_stays_a_text(own: Shell) -> None:
    for name in ("5", "true", "null", "1e3", "@home", "[x]"):
        own("create", "projects", "--project-id", name, "--action", "regress")
        assert json.loads(own("show", "projects", "--project-id", name, "--format", "json"))["key"] == {
            "project_id": name
        }


def test_what_a_ttp_says_does_not_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"key": {"project_id": "p\x1b[2J"}, "action": "classify\x07", "start_at": "a\nb"}
    answer = httpx.MockTransport(lambda one: httpx.Response(200, json=envelope([record])))
    monkeypatch.setattr("synergos.terminal.commands.driver_of", lambda _: Driver("ttp", 5000, transport=answer))
    for form in ("table", "json"):
        assert main(["ls", "projects", "--format", form]) == 0
        out = capsys.readouterr().out
        assert not re.search(r"[\x00-\x09\x0b-\x1f]", out)


class Terminal(io.StringIO):
    """A keyboard before which somebody sits."""

    def isatty(self) -> bool:
        return True


def test_deleting_asks_first(own_trained: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    own_trained("delete", "runs", *RUN, code=2)
    assert "Nobody is there to be asked: give --yes." in own_trained.err
    monkeypatch.setattr(sys, "stdin", Terminal("\n"))
    own_trained("delete", "runs", *RUN, code=1)
    assert "run_id=adam, with Model: 1, Validation: 2, Prediction: 2? [y/N]" in own_trained.err
    assert "Nothing was changed." in own_trained.err
    own_trained("show", "runs", *RUN)
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    own_trained("delete", "runs", *RUN)
    own_trained("show", "runs", *RUN, code=3)
    own_trained("delete", "projects", "--project-id", "penguins", "--yes")
    assert own_trained("ls", "projects") == ""


def test_ctrl_c_stops_the_watching_and_not_the_work(ttp: Any, caller_of: Any, capsys: Any) -> None:
    caller = caller_of(ttp.port)
    caller.connect(rounds=1_000_000)
    caller.align()
    words = ("--project-id", "p", "--expt-id", "e", "--run-id", "r", "--url", ttp.url)
    watching = subprocess.Popen(
        [sys.executable, "-m", "synergos", "create", "models", *words], stderr=subprocess.PIPE, text=True
    )
    try:
        with Driver(url=ttp.url) as driver:
            driver.projects.read_all()
            while not any(row.get("round") for row in driver.jobs() if row["state"] == "running"):
                assert watching.poll() is None, watching.communicate()
                threading.Event().wait(0.05)
            watching.send_signal(signal.SIGINT)
            _, err = watching.communicate(timeout=60)
            assert watching.returncode == 130
            assert "synergos jobs follow models --project-id p --expt-id e --run-id r" in err
            assert "Traceback" not in err
            assert [row["state"] for row in driver.jobs() if row["resource"] == "models"] == ["running"]
        assert main(["jobs", "follow", "models", *words, "--timeout", "0"]) == 7
        assert main(["jobs", "cancel", "models", *words]) == 0
        assert main(["jobs", "follow", "models", *words]) == 8
    finally:
        watching.kill()
        watching.communicate()


def test_who_reads_no_further_is_no_error(trained: Driver) -> None:
    code = f"""
import os, sys
read, write = os.pipe()
os.close(read)
os.dup2(write, 1)
from synergos.__main__ import main
sys.exit(main(["ls", "participants", "--url", {trained.url!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("variables", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_are_for_terminals_that_want_them(
    variables: dict[str, str], is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert coloured(Terminal())("+ projects p", 32) == (
        "\x1b[32m+ projects p\x1b[0m" if is_coloured else "+ projects p"
    )
    assert coloured(io.StringIO())("+ projects p", 32) == "+ projects p"


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"synergos \d+\.\d+\.\d+\n", capsys.readouterr().out)
