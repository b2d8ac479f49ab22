"""What a notebook shows: tried with IPython itself."""

import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from recorder import envelope

from synergos import Cycle, Driver, NotFound, Reply
from synergos.sandbox import Sandbox

RECORD = {"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}, "relations": {}, "action": "classify"}


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(history_length=0, colors="nocolor")
    shell.user_ns["driver"] = Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))
    shell.display_formatter.active_types = shell.display_formatter.format_types
    yield shell
    InteractiveShell.clear_instance()


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith("/nothing"):
        return httpx.Response(404, json={"message": "Project 'nothing' does not exist!"})
    return httpx.Response(200, json=envelope([RECORD] if request.url.path.endswith("projects/") else RECORD))


def run(shell: InteractiveShell, cell: str) -> str:
    with capture_output() as captured:
        shell.run_cell(cell)
    return str(captured.stdout) + str(captured.stderr)


def test_an_error_is_its_sentence_and_the_users_own_lines(shell: InteractiveShell) -> None:
    shown = run(shell, "def read(name):\n    return driver.projects.read(project_id=name)\n\nread('nothing')\n")
    lines = [line for line in shown.splitlines() if line.strip()]
    assert [line.strip() for line in lines] == [
        "4: read('nothing')",
        "-> 2: return driver.projects.read(project_id=name)",
        "NotFound: [projects.read] 404 Project 'nothing' does not exist! (project_id='nothing')",
        "(All frames: import sys; print(sys.last_value.full_traceback()))",
    ]


def test_the_full_traceback_is_one_call_away(shell: InteractiveShell) -> None:
    run(shell, "driver.projects.read(project_id='nothing')")
    shown = run(shell, "import sys; print(sys.last_value.full_traceback())")
    assert "synergos/http/transport.py" in shown
    assert shown.count("File ") > 5


def test_an_argument_that_is_wrong_is_shown_so_too(shell: InteractiveShell) -> None:
    shown = run(shell, "driver.projects.read(project_id=7)")
    assert "-> 1: driver.projects.read(project_id=7)" in shown
    assert len(shown.splitlines()) <= 6


def test_what_a_server_says_cannot_steer_a_notebook() -> None:
    error = NotFound("projects.read", 404, "\x1b[2J", {}, "")
    error.add_note("\x1b[2J")
    try:
        raise error
    except NotFound:
        lines = error._render_traceback_()
    assert all(line.isprintable() for line in lines)
    assert "\x1b" not in error.full_traceback()
    assert "NotFound: " in lines[-3]


def test_an_error_that_was_not_raised_is_shown_too() -> None:
    assert NotFound("projects.read", 404, "no", {}, "")._render_traceback_()[1] == "NotFound: [projects.read] 404 no"


def test_python_shows_an_error_as_ever() -> None:
    try:
        raise NotFound("projects.read", 404, "no", {}, "")
    except NotFound as error:
        assert "".join(traceback.format_exception(error)) == error.full_traceback()


def test_a_reply_and_its_data_are_shown_as_tables(shell: InteractiveShell) -> None:
    for cell in ("driver.projects.read_all()", "driver.projects.read_all().data"):
        formats, _ = shell.display_formatter.format(shell.ev(cell))
        assert "<th>project_id</th>" in formats["text/html"]
        assert "project_id='p'" in formats["text/plain"]


# What is shown in a terminal


def test_a_reply_is_shown_in_a_line() -> None:
    from synergos_client.models import Project

    reply = Reply.of(Project.from_dict(RECORD))
    assert repr(reply).startswith("<Reply 200: Project(doc_id='1', kind='Project', key=ProjectKey(project_id='p')")
    assert "<td>action</td>" in (reply._repr_html_() or "")
    failed: Reply[Any] = Reply({"message": "<b>no</b>\x1b[2J", "status": 404}, dict)
    assert repr(failed) == r"<Reply 404: <b>no</b>\x1b[2J>"
    assert failed._repr_html_() == r"<p>&lt;Reply 404: &lt;b&gt;no&lt;/b&gt;\x1b[2J&gt;</p>"
    for odd in ({}, {"data": 7}, {"data": [7]}, {"data": {"<b>": 1}, "status": []}):
        strange: Reply[Any] = Reply(odd, dict)
        assert "\n" not in repr(strange)
        assert "<b>" not in (strange._repr_html_() or "")


def test_a_cycle_is_shown_as_its_table() -> None:
    empty: Reply[Any] = Reply.of([])
    assert repr(Cycle(empty, empty, empty)) == "Nothing was validated."


def test_a_sandbox_is_shown_with_its_address() -> None:
    sandbox = Sandbox()
    assert repr(sandbox) == "<Sandbox that listens nowhere yet>"
    with sandbox:
        assert repr(sandbox) == f"<Sandbox at http://127.0.0.1:{sandbox.port}>"


# Replies that are made up


def test_a_reply_that_is_made_up_is_one() -> None:
    from synergos_client.models import Project

    record = Project.from_dict(RECORD)
    for reply in (Reply.of([record], params={"project_id": "p"}), pickle.loads(pickle.dumps(Reply.of([record])))):
        assert reply.data == [record]
        assert reply["data"] == [RECORD]
        assert reply.status == 200
    assert Reply.of(record, status=201).status == 201
    assert Reply.of(record).data == record
    empty: list[Project] = []
    assert Reply.of(empty).data == []
    assert Reply.of({"any": 1}).data == {"any": 1}


def test_a_reply_of_records_of_several_kinds_is_refused() -> None:
    from synergos_client.models import Project, Statistics

    with pytest.raises(ValueError, match="a list of Project, Statistics"):
        Reply.of([Project.from_dict(RECORD), Statistics.from_dict({})])
