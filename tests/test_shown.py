"""What a server says reaches a terminal, a notebook or a log without what would steer it, or what nothing can show."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from recorder import envelope

from synergos import Cycle, Driver, Reply
from synergos.__main__ import main
from synergos.contract.check import Deviation, Report
from synergos.contract.diff import Difference, Drift, Fault
from synergos.contract.document import Unusable
from synergos.contract.report import check_as_text, difference_as_text
from synergos.findings import DataTable
from synergos.findings import Report as Preflight
from synergos.http.log import PrintableFormatter
from synergos.search.known import Search
from synergos.search.trials import Trials
from synergos.work.progress import Display

# Clears the screen, starts a sequence in one byte, turns the direction, rings; half a character, and line ends.
ODD = "\x1b[2J\x9b31m\u202eabc\u2066\x07\x08\x7f\ud800\r\n\tz"


def assert_plain(text: str) -> None:
    """Lines that can be printed, in which what was odd can be read."""
    text.encode()
    assert all(line.isprintable() for line in text.replace("\t", "\n").split("\n")), text
    assert r"\x1b[2J\x9b31m\u202eabc" in text


def validation(**statistics: Any) -> dict[str, Any]:
    key = {"collab_id": "c", "project_id": "p", "expt_id": ODD, "run_id": ODD, "participant_id": ODD}
    evaluate = {"statistics": statistics, "res_path": None}
    return {"doc_id": "1", "kind": "Validation", "key": key, "relations": {}, "evaluate": evaluate}


def trials() -> Trials:
    told = [{"key": {"run_id": ODD}, "state": "failed", "hyperparameters": {ODD: 1, "lr": ODD}, "message": ODD}]
    search = Search("accuracy", "max", (ODD, "lr"), {}, told)
    return Trials(envelope([]), lambda data: data, search=search)


def cycle() -> Cycle:
    empty: Reply[Any] = Reply(envelope([]), list)
    return Cycle(empty, empty, Reply(envelope([validation(accuracy=ODD)]), list))


def data_table() -> DataTable:
    column = {"name": ODD, "kind": ODD, "values": 1, "gaps": 0, "categories": 0, "dropped": ODD, "is_id": False}
    odd = {**column, "strays": 1, "stray": {"value": ODD, "file": ODD, "row": 2}}
    return DataTable(ODD, "train", [[ODD]], 1, 1, {ODD: 1}, [column, odd], {ODD: 1}, [ODD])


def checked() -> Report:
    deviation = Deviation("read_projects", f"GET {ODD}", f"Project {ODD}", f"/data/{ODD}", ODD)
    return Report(ODD, ("v4",), 1, {"read_projects"}, {ODD}, [deviation], [f"runs: {ODD}"], ODD)


def difference() -> Difference:
    drift = Drift("field added", (ODD,), ODD, ODD, ODD)
    return Difference((ODD,), ("v4",), 1, (drift,), (Fault(ODD, (ODD,), ODD),))


@pytest.mark.parametrize(
    "show",
    [
        lambda: str(trials()),
        lambda: trials()._repr_html_(),
        lambda: str(cycle()),
        lambda: cycle()._repr_html_(),
        lambda: str(data_table()),
        lambda: data_table()._repr_html_(),
        lambda: str(Preflight(ODD, [])),
        lambda: Preflight(ODD, [])._repr_html_(),
        lambda: check_as_text(checked()),
        lambda: difference_as_text(difference()),
        lambda: str(Unusable(ODD)),
    ],
)
def test_what_is_shown_is_plain(show: Callable[[], str]) -> None:
    assert_plain(show())


def test_a_row_of_a_table_stays_one_row() -> None:
    assert len(str(trials()).splitlines()) == 2
    assert len(str(cycle()).splitlines()) == 2


def test_progress_is_plain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Display(ODD) as display:
        display.show(ODD, 1, 2, "records", ODD)
        display.show(ODD, 2, 2, "records", ODD)
    # What tqdm itself writes goes back to the start of the line, or up one.
    assert_plain(capsys.readouterr().err.replace("\r", "").replace("\x1b[A", ""))


def test_a_log_that_is_asked_for_is_plain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    # Without half a character, which pytest itself cannot pass on from one process to another.
    monkeypatch.setenv("SYNERGOS_LOG", "info")
    Driver(url="http://gw", transport=httpx.MockTransport(lambda _: httpx.Response(200))).close()
    try:
        logging.getLogger("synergos").warning("A TTP says %s.", ODD.replace("\ud800", ""))
    finally:
        logger = logging.getLogger("synergos")
        logger.handlers = [handler for handler in logger.handlers if type(handler) is logging.NullHandler]
        logger.setLevel(logging.NOTSET)
    assert_plain(capsys.readouterr().err)


def test_a_traceback_in_a_log_keeps_its_lines() -> None:
    try:
        raise ValueError(ODD)
    except ValueError:
        record = logging.LogRecord("synergos", logging.ERROR, "x", 1, "It failed.", None, sys.exc_info())
    written = PrintableFormatter().format(record)
    assert_plain(written)
    assert len(written.splitlines()) > 3


def test_a_job_logs_what_is_left_from_before_in_plain_text(caplog: pytest.LogCaptureFixture) -> None:
    project = {"kind": "Project", "key": {"collab_id": "c", "project_id": "p"}, "relations": {}}
    key = {"collab_id": "c", "project_id": "p", "expt_id": "e", "run_id": ODD}
    model = {"doc_id": "1", "kind": "Model", "key": key, "relations": {}}
    project["relations"] = {"Run": [{"kind": "Run", "key": key}]}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/ttp/sandbox/progress":
            return httpx.Response(404)
        data: Any = project if request.url.path.startswith("/ttp/connect/") else [model]
        if request.method == "POST":
            data = []
        return httpx.Response(200, content=json.dumps(envelope(data)))

    driver = Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))
    job = driver.models.submit(collab_id="c", project_id="p")
    with pytest.raises(TimeoutError) as caught:
        job.wait(0.1, poll=0.001)
    (said,) = [record.getMessage() for record in caplog.records if "still as it was" in record.getMessage()]
    assert_plain(said)
    assert_plain(str(caught.value))


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_command_prints_plain_text(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/ttp/connect/projects/": {"get": {"responses": {}}},
            f"/ttp/connect/{ODD}": {"get": {"responses": {}}},
        },
    }
    file = tmp_path / "ttp.json"
    file.write_text(json.dumps(document))

    assert main(["contract", "diff", str(file), "--format", form]) == 1

    written = capsys.readouterr().out
    written.encode()
    assert all(line.isprintable() for line in written.split("\n"))
    if form == "json":
        assert any(ODD in name for drift in json.loads(written)["drift"] for name in drift["operations"])


def test_an_error_of_the_command_is_plain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ttp.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "paths": {f"/ttp/connect/{ODD}": {"get": ODD}}}))

    assert main(["contract", "diff", str(file)]) == 2

    written = capsys.readouterr().err
    written.encode()
    assert all(line.isprintable() for line in written.split("\n"))
