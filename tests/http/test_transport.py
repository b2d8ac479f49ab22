"""What reaches the user of what HTTP, JSON and networks can do: an answer, or an error that says what happened."""

import json
import logging
import math
from typing import Any

import httpx
import numpy as np
import pytest
from recorder import Recorder, envelope

from synergos import (
    BadRequest,
    Conflict,
    Driver,
    Forbidden,
    InvalidArgument,
    NotFound,
    Rejected,
    ServerFailure,
    StatusError,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
)

IDS = {"project_id": "p1", "expt_id": "e1"}
RECORD = {"doc_id": "1", "kind": "Project", "key": {"project_id": "p1"}, "relations": {}}
HTML_404 = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>404 Not Found</title><style>p {color: red}</style></head>
<body><h1>Not Found</h1>
<p>The requested URL was not found on the server.</p></body></html>"""


def assert_one_line_about_the_call(error: SynergosError) -> None:
    message = str(error)
    assert message.startswith("[experiments.read] ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("fault", "kind", "builtin", "words"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), Unreachable, ConnectionError, "Connection refused"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), Unreachable, ConnectionError, "not known"),
        (httpx.ConnectTimeout("timed out"), Unreachable, ConnectionError, "http://ttp.example:5000"),
        (httpx.ConnectTimeout(""), Unreachable, ConnectionError, "ConnectTimeout"),
        (httpx.ReadTimeout("timed out"), TimedOut, TimeoutError, "within 60 s"),
        (httpx.WriteTimeout("timed out"), TimedOut, TimeoutError, "within 60 s"),
        (httpx.PoolTimeout("timed out"), TimedOut, TimeoutError, "within 60 s"),
        (httpx.ReadError("[Errno 104] Connection reset by peer"), Unreachable, ConnectionError, "reset by peer"),
        (httpx.ReadError(""), Unreachable, ConnectionError, "ReadError"),
        (httpx.WriteError("[Errno 32] Broken pipe"), Unreachable, ConnectionError, "Broken pipe"),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            Unreachable,
            ConnectionError,
            "Server disconnected",
        ),
        (httpx.ProxyError("502 Bad Gateway"), Unreachable, ConnectionError, "502 Bad Gateway"),
        (httpx.DecodingError("Error -3 while decompressing data"), Unreadable, SynergosError, "decompressing"),
    ],
    ids=repr,
)
def test_a_fault_of_the_network_is_one_line_and_keeps_its_cause(
    fault: Exception, kind: type[SynergosError], builtin: type[Exception], words: str, recorder: Recorder
) -> None:
    recorder.fail(fault)

    with pytest.raises(kind, match=words) as caught:
        recorder.driver.experiments.read(**IDS)

    assert isinstance(caught.value, builtin)
    assert caught.value.__cause__ is fault
    assert_one_line_about_the_call(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "builtin"),
    [
        (400, BadRequest, SynergosError),
        (401, StatusError, SynergosError),
        (403, Forbidden, SynergosError),
        (409, Conflict, SynergosError),
        (404, NotFound, LookupError),
        (405, StatusError, SynergosError),
        (417, Rejected, ValueError),
        (429, StatusError, SynergosError),
        (500, ServerFailure, SynergosError),
        (502, ServerFailure, SynergosError),
        (503, ServerFailure, SynergosError),
        (599, ServerFailure, SynergosError),
    ],
)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"json": {"message": "It says why."}}, "It says why."),
        ({"json": {"message": "Two\nlines."}}, "Two lines."),
        ({"json": {"message": {"role": "is missing"}}}, "is missing"),
        ({"json": ["a", "list"]}, "list"),
        ({"html": HTML_404}, "Not Found The requested URL was not found on the server."),
        ({"text": "worn out"}, "worn out"),
        ({"content": b""}, "gave no reason"),
        ({"content": b'{"message": "It sa'}, "It sa"),
        ({"content": b"\xff\xfe\x00"}, ""),
        ({"content": b"[" * 100_000}, "["),
    ],
    ids=["json", "lines", "nested", "list", "html", "text", "empty", "truncated", "binary", "deep"],
)
def test_a_status_that_says_no_is_told_whatever_the_body_is(
    status: int,
    kind: type[StatusError],
    builtin: type[Exception],
    content: dict[str, Any],
    message: str,
    recorder: Recorder,
) -> None:
    recorder.respond(status, **content)

    with pytest.raises(kind) as caught:
        recorder.driver.experiments.read(**IDS)

    error = caught.value
    assert type(error) is kind
    assert isinstance(error, builtin)
    assert_one_line_about_the_call(error)
    if status == 404 and not isinstance(content.get("json"), dict):
        message = "This TTP has no such route"
    assert message in str(error)
    assert f" {status} " in str(error)
    assert str(error).removesuffix(error.advice).rstrip().endswith("(project_id='p1', expt_id='e1')")
    assert len(str(error)) < 700
    assert (error.operation, error.status, error.ids) == ("experiments.read", status, IDS)
    assert error.body == httpx.Response(status, **content).text


def test_the_message_of_the_ttp_is_kept_as_it_is(recorder: Recorder) -> None:
    recorder.respond(417, json={"message": "role:\n 'x' is not allowed"})

    with pytest.raises(Rejected) as caught:
        recorder.driver.experiments.read(**IDS)

    assert caught.value.message == "role:\n 'x' is not allowed"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_names_where_it_leads(status: int, recorder: Recorder) -> None:
    recorder.respond(status, headers={"location": "http://elsewhere/ttp/"}, html="<p>Redirecting</p>")

    with pytest.raises(StatusError, match=r"redirects to http://elsewhere/ttp/.* is_secured") as caught:
        recorder.driver.experiments.read(**IDS)

    assert caught.value.status == status
    assert_one_line_about_the_call(caught.value)
    assert len(recorder.requests) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"html": "<html>\n<h1>Router login</h1></html>"},
        {"content": b""},
        {"content": b'{"data": {"doc_id": '},
        {"json": [1, 2]},
        {"json": "text"},
        {"json": None},
        {"content": b"\xff\xfe"},
        {"content": b"[" * 100_000},
    ],
    ids=["html", "empty", "truncated", "list", "text", "null", "binary", "deep"],
)
def test_a_success_without_a_json_object_is_unreadable_and_keeps_the_body(
    content: dict[str, Any], recorder: Recorder
) -> None:
    recorder.respond(200, **content)

    with pytest.raises(Unreadable, match=r"ttp\.example answered 200 without a JSON object") as caught:
        recorder.driver.experiments.read(**IDS)

    assert caught.value.body == httpx.Response(200, **content).text
    assert_one_line_about_the_call(caught.value)


def test_a_success_without_data_arrives_as_a_dict(recorder: Recorder) -> None:
    recorder.respond(200, json={"success": 1})

    reply = recorder.driver.projects.read(project_id="p1")

    assert reply == {"success": 1}
    with pytest.raises(Unreadable, match="data"):
        _ = reply.data


def test_nan_in_an_answer_is_read(recorder: Recorder) -> None:
    text = json.dumps(envelope([{"evaluate": {"statistics": {"accuracy": [math.nan]}}}]))
    assert "NaN" in text
    recorder.respond(200, content=text, headers={"content-type": "application/json"})

    reply = recorder.driver.validations.read(project_id="p1")

    assert math.isnan(reply["data"][0]["evaluate"]["statistics"]["accuracy"][0])


@pytest.mark.parametrize("content_type", ["text/html", "text/plain; charset=latin-1", "application/octet-stream", None])
def test_json_is_read_whatever_it_is_called(content_type: str | None, recorder: Recorder) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    recorder.respond(200, content=json.dumps(envelope(RECORD | {"start_at": "märz"})).encode(), headers=headers)

    assert recorder.driver.projects.read(project_id="p1").data.start_at == "märz"


# Waiting

SHORT = {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}
RUN = {"project_id": "p", "expt_id": "e", "run_id": "r"}
WORK: list[tuple[str, dict[str, Any]]] = [
    ("alignments.create", {"project_id": "p"}),
    ("models.create", RUN),
    (
        "optimizations.create",
        {"project_id": "p", "expt_id": "e", "search_space": {}, "metric": "accuracy", "optimize_mode": "max"},
    ),
    ("validations.create", RUN),
    ("predictions.create", {"tags": {"p": [["x"]]}, "participant_id": "w"}),
]


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("projects.read_all", {}),
        ("projects.create", {"project_id": "p", "action": "classify"}),
        ("projects.update", {"project_id": "p", "start_at": "now"}),
        ("projects.delete", {"project_id": "p"}),
        ("alignments.read", {"project_id": "p"}),
        ("models.read", RUN),
        ("optimizations.read", {"project_id": "p", "expt_id": "e"}),
        ("validations.read", RUN),
        ("predictions.read", {"participant_id": "w"}),
    ],
)
def test_a_short_call_waits_a_minute_and_five_seconds_for_the_connection(
    verb: str, arguments: dict[str, Any], recorder: Recorder
) -> None:
    recorder.call(verb, arguments)

    assert recorder.timeout == SHORT


@pytest.mark.parametrize(("verb", "arguments"), WORK)
def test_a_call_that_works_waits_as_long_as_it_takes(verb: str, arguments: dict[str, Any], recorder: Recorder) -> None:
    recorder.call(verb, arguments)

    assert recorder.timeout["connect"] == 5.0
    assert recorder.timeout["read"] is None


@pytest.mark.parametrize(("verb", "arguments"), WORK)
def test_a_call_that_works_waits_as_long_as_it_is_told(
    verb: str, arguments: dict[str, Any], recorder: Recorder
) -> None:
    recorder.fail(httpx.ReadTimeout("timed out"), but_for_reads=True)

    with pytest.raises(TimedOut, match=r"within 7.5 s. It may still be at work"):
        recorder.call(verb, {**arguments, "timeout": 7.5})

    assert recorder.timeout["read"] == 7.5
    assert len(recorder.writes) == 1


@pytest.mark.parametrize(("verb", "arguments"), WORK)
@pytest.mark.parametrize("timeout", [0, -1, math.nan, math.inf, "60", True])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(
    verb: str, arguments: dict[str, Any], timeout: Any, recorder: Recorder
) -> None:
    recorder.assert_refuses(verb, {**arguments, "timeout": timeout}, "timeout=")


def test_a_timeout_where_none_was_set_is_told_too(recorder: Recorder) -> None:
    recorder.fail(httpx.ReadTimeout("timed out"))
    driver = Driver("ttp.example", 5000, timeout=None, transport=recorder.transport)

    with pytest.raises(TimedOut, match="did not answer in time"):
        driver.projects.read_all()


# Sending

CREATE = {"project_id": "p", "action": "classify"}


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadTimeout("timed out"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("Server disconnected"),
    ],
    ids=repr,
)
@pytest.mark.parametrize(("verb", "arguments"), [("projects.create", CREATE), *WORK])
def test_what_a_ttp_may_have_received_is_not_sent_again(
    verb: str, arguments: dict[str, Any], fault: Exception, recorder: Recorder
) -> None:
    recorder.fail(fault, but_for_reads=True)

    with pytest.raises(SynergosError):
        recorder.call(verb, arguments)

    assert len(recorder.writes) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize(("verb", "arguments"), [("projects.create", CREATE), *WORK])
def test_what_a_ttp_failed_at_is_not_sent_again(
    verb: str, arguments: dict[str, Any], status: int, recorder: Recorder
) -> None:
    recorder.respond(status, json={"message": "no"})

    with pytest.raises(StatusError):
        recorder.call(verb, arguments)

    # Predictions are not asked for where the tags cannot be read before.
    assert len(recorder.writes) == (0 if verb == "predictions.create" else 1)


LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4}, "activation": None}
SEARCH = {"project_id": "p", "expt_id": "e", "metric": "accuracy", "optimize_mode": "max"}


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("runs.create", {**RUN, "lr": math.nan}),
        ("runs.create", {**RUN, "lr": math.inf}),
        ("runs.create", {**RUN, "betas": [0.9, math.nan]}),
        ("runs.update", {**RUN, "momentum": -math.inf}),
        ("projects.create", {**CREATE, "start_at": "\ud800"}),
        (
            "experiments.create",
            {"project_id": "p", "expt_id": "e", "model": [{**LAYER, "structure": {"bias": np.zeros((2, 2))}}]},
        ),
        ("experiments.create", {"project_id": "p", "expt_id": "e", "model": [{**LAYER, "structure": {"p": math.nan}}]}),
        ("optimizations.create", {**SEARCH, "search_space": {"lr": {"_type": "choice", "_value": [np.zeros(2)]}}}),
        ("optimizations.create", {**SEARCH, "search_space": {"lr": {"_type": "choice", "_value": [{1, 2}]}}}),
        ("optimizations.create", {**SEARCH, "search_space": {"lr": {"_type": "choice", "_value": [math.nan]}}}),
    ],
)
def test_what_json_cannot_hold_is_refused(verb: str, arguments: dict[str, Any], recorder: Recorder) -> None:
    recorder.assert_refuses(verb, arguments)


# Logging


def test_a_request_is_logged_for_who_asks_and_prints_nothing(
    recorder: Recorder, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG, logger="synergos"):
        recorder.driver.projects.read_all()

    logged = [(record.name, record.levelno, record.message) for record in caplog.records if record.name != "httpx"]
    assert [(name, level) for name, level, _ in logged] == [("synergos", logging.DEBUG)]
    assert logged[0][2].startswith("projects.read_all GET 200 in ")
    assert capsys.readouterr() == ("", "")


def test_the_package_leaves_the_configuration_of_logging_alone(recorder: Recorder) -> None:
    recorder.driver.projects.read_all()

    logger = logging.getLogger("synergos")
    assert [type(handler) for handler in logger.handlers] == [logging.NullHandler]
    assert logger.level == logging.NOTSET
    assert logger.propagate


def test_what_is_said_of_arguments_is_an_error_and_a_value_error(recorder: Recorder) -> None:
    with pytest.raises(ValueError, match=r"^\[projects.read\]") as caught:
        recorder.driver.projects.read(project_id="a/b")

    assert isinstance(caught.value, InvalidArgument)
