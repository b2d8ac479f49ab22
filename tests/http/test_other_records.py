"""Records of other ids than were asked for: what real TTPs give two readers at once, and what follows a lost answer."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from recorder import envelope

from synergos import Driver, Node, SynergosError, Unreadable

NESTED = {"project_id": "p", "expt_id": "e", "run_id": "r"}
PAIR = {"project_id": "p", "participant_id": "w"}
SPACE = {"search_space": {"lr": {"_type": "choice", "_value": [0.1]}}, "metric": "accuracy", "optimize_mode": "max"}
WORK: dict[str, dict[str, Any]] = {
    "alignments.create": {"project_id": "p"},
    "models.create": NESTED,
    "optimizations.create": {"project_id": "p", "expt_id": "e", **SPACE},
    "validations.create": NESTED,
    "predictions.create": {"tags": {"p": [["x"]]}, "participant_id": "w", **NESTED},
}
WRITES: dict[str, dict[str, Any]] = {
    "projects.create": {"project_id": "p", "action": "classify"},
    "projects.update": {"project_id": "p", "start_at": "x"},
    "projects.delete": {"project_id": "p", "force": True},
    "experiments.create": {"project_id": "p", "expt_id": "e", "model": []},
    "experiments.update": {"project_id": "p", "expt_id": "e", "model": []},
    "experiments.delete": {"project_id": "p", "expt_id": "e", "force": True},
    "runs.create": NESTED,
    "runs.update": {**NESTED, "rounds": 3},
    "runs.delete": {**NESTED, "force": True},
    "participants.create": {"participant_id": "w", "host": "10.0.0.1", "port": 8020, "f_port": 5000},
    "participants.update": {"participant_id": "w", "host": "10.0.0.1"},
    "participants.delete": {"participant_id": "w"},
    "registrations.update": {**PAIR, "role": "guest"},
    "registrations.delete": PAIR,
    "tags.create": {**PAIR, "train": [["a"]]},
    "tags.update": {**PAIR, "train": [["a"]]},
    "tags.delete": PAIR,
    **WORK,
}
READS: dict[str, dict[str, Any]] = {
    "projects.read": {"project_id": "p"},
    "experiments.read": {"project_id": "p", "expt_id": "e"},
    "experiments.read_all": {"project_id": "p"},
    "runs.read": NESTED,
    "runs.read_all": {"project_id": "p", "expt_id": "e"},
    "participants.read": {"participant_id": "w"},
    "registrations.read": PAIR,
    "registrations.read_all": {"participant_id": "w"},
    "tags.read": PAIR,
    "alignments.read": {"project_id": "p"},
    "models.read": {"project_id": "p", "expt_id": "e"},
    "optimizations.read": {"project_id": "p", "expt_id": "e"},
    "validations.read": {**NESTED, "participant_id": "w"},
    "predictions.read": {"participant_id": "w", **NESTED},
}
# In collaborations, what differs between the generations is left out or added.
IN_COLLAB: dict[str, dict[str, Any]] = {
    "collaborations.create": {},
    "collaborations.read": {},
    "collaborations.update": {"mq": {"host": "10.0.0.1"}},
    "collaborations.delete": {},
    "projects.read_all": {},
    "registrations.update": {**PAIR, "role": "guest", "nodes": [Node("10.0.0.1", 8020, 5000)]},
}
GLOBAL = ("participants.create", "participants.read", "participants.update", "participants.delete")
CALLS = [
    *((verb, arguments) for verb, arguments in {**WRITES, **READS}.items()),
    *(
        (verb, {**arguments, "collab_id": "c"})
        for verb, arguments in {**WRITES, **READS, **IN_COLLAB}.items()
        if verb not in GLOBAL
    ),
]
KEY = {"collab_id": "c", "participant_id": "w", **NESTED}


def answering(verb: str, key: dict[str, Any], *, first: dict[str, Any] | None = None) -> tuple[Driver, list[str]]:
    """A driver on a TTP that answers with records of a key, in the form of a verb, and the requests that it gets."""
    asked: list[str] = []
    is_list = verb.endswith("read_all") or verb.split(".")[0] in {name.split(".")[0] for name in WORK}

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        record = {"doc_id": "1", "kind": "Any", "key": first if first is not None and len(asked) == 1 else key}
        return httpx.Response(200, json=envelope([{**record, "key": KEY}, record] if is_list else record))

    return Driver("127.0.0.1", 5000, transport=httpx.MockTransport(answer), concurrent=True), asked


def call(driver: Driver, verb: str, arguments: dict[str, Any]) -> Any:
    task, _, name = verb.partition(".")
    return getattr(getattr(driver, task), name)(**arguments)


def told_apart(verb: str, arguments: dict[str, Any]) -> list[str]:
    """The ids of a call."""
    return [name for name in KEY if name in arguments]


@pytest.mark.parametrize(("verb", "arguments"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_record_of_other_ids_is_no_answer(verb, arguments):
    for name in told_apart(verb, arguments):
        driver, asked = answering(verb, {**KEY, name: "other"})
        with pytest.raises(Unreadable, match=f"{name}='other' in place of '{KEY[name]}'"):
            call(driver, verb, arguments)
        # A read is asked once more, a write is not. Around work it is looked what there is of it.
        assert len(asked) >= 2 if set(asked) == {"GET"} else len(asked) - asked.count("GET") == 1


@pytest.mark.parametrize(("verb", "arguments"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_the_records_that_were_asked_for_are_an_answer_whatever_their_keys_leave_out(verb, arguments):
    for name in told_apart(verb, arguments):
        for key in ({**KEY, name: None}, {other: KEY[other] for other in KEY if other != name}, KEY, {}):
            driver, asked = answering(verb, key)
            assert "data" in call(driver, verb, arguments)
            assert set(asked) == {"GET"} or len(asked) - asked.count("GET") == 1


@pytest.mark.parametrize("verb", READS)
def test_a_read_that_is_answered_rightly_at_the_second_time_is_read(verb):
    driver, asked = answering(verb, KEY, first={**KEY, **dict.fromkeys(told_apart(verb, READS[verb]), "other")})
    assert "data" in call(driver, verb, READS[verb])
    assert asked == ["GET", "GET"]


def test_a_write_says_that_it_may_have_been_done():
    driver, _ = answering("projects.create", {"project_id": "other"})
    with pytest.raises(Unreadable, match="may have been done"):
        driver.projects.create(project_id="p", action="classify")


def test_a_job_that_is_answered_with_other_records_looks_for_its_own(trained_ttp):
    """The answer to its request is no word about it; the records are."""
    with httpx.Client(trust_env=False) as answers:

        def answer(request: httpx.Request) -> httpx.Response:
            response = answers.request(request.method, request.url, content=request.content, headers=request.headers)
            answer = response.json()
            if request.method == "POST":
                answer["data"][0]["key"]["run_id"] = "other"
            return httpx.Response(response.status_code, json=answer)

        driver = Driver(trained_ttp.host, trained_ttp.port, transport=httpx.MockTransport(answer))
        job = driver.validations.submit(project_id="penguins", expt_id="one_layer", run_id="adam")
        assert {record.key.run_id for record in job.result(20).data} == {"adam"}


@contextmanager
def answering_twice(*first: str) -> Iterator[tuple[int, list[int]]]:
    """A server that on its first connection answers one request too late; its port, and requests by connection."""
    counts: list[int] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket, number: int) -> None:
        behind = list(first) if number == 0 else []
        with connection:
            while request := connection.recv(65536):
                counts[number] += 1
                found = re.search(rb"/projects/([^ ]+)", request)
                name = found[1].decode() if found else ""
                behind.append(name)
                body = json.dumps(envelope({"doc_id": "1", "kind": "Project", "key": {"project_id": behind.pop(0)}}))
                connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            counts.append(0)
            threading.Thread(target=serve, args=(connection, len(counts) - 1), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()[1], counts
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def test_a_read_is_asked_again_on_a_new_connection_and_the_old_one_is_given_up():
    with answering_twice("before") as (port, counts), Driver("127.0.0.1", port) as driver:
        for name in ("a", "b", "c"):
            assert driver.projects.read(project_id=name).data.key.project_id == name
        assert counts[0] == 1, "the connection that is one answer behind was used on"


WIRE = Path(__file__).resolve().parents[3] / "shared" / "wire"


@pytest.mark.skipif(not WIRE.is_dir(), reason="the recordings are not here")
@pytest.mark.parametrize("name", sorted(str(path.relative_to(WIRE)) for path in WIRE.glob("v*/[0-9]*.json")))
def test_nothing_that_a_real_ttp_answered_is_refused(name):
    """Each exchange is sent as it was recorded, with the ids that its path and body name."""
    recorded = json.loads((WIRE / name).read_text(encoding="utf-8"))
    sent, answered = recorded["request"], recorded["response"]
    ids = _ids_of(sent)
    assert ids or sent["path"].endswith("/")
    response = httpx.Response(answered["status"], content=json.dumps(answered["body"]))
    driver = Driver("127.0.0.1", 5000, transport=httpx.MockTransport(lambda _: response), concurrent=True)
    send: Callable[..., object] = driver._connection.send
    try:
        send("any.verb", {"method": sent["method"].lower(), "url": sent["path"]}, ids)
    except SynergosError as error:
        assert answered["status"] >= 400, error


def _ids_of(sent: dict[str, Any]) -> dict[str, str]:
    path = sent["path"]
    parts = {"collab_id": "collaborations", "project_id": "projects", "participant_id": "participants"}
    parts |= {"expt_id": "(?:experiments|models|validations)", "run_id": "runs"}
    found = {name: match[1] for name, part in parts.items() if (match := re.search(rf"/{part}/([^/]+)", path))}
    if match := re.search(r"/(?:models|validations)/([^/]+)/([^/]+)(?:/([^/]+))?", path):
        found["expt_id"] = match[1]
        if match[2] != "optimizations":
            found["run_id"] = match[2]
            found |= {"participant_id": match[3]} if match[3] else {}
    if match := re.search(r"/predictions/(?:([^/]+)(?:/([^/]+)(?:/([^/]+))?)?)?$", path):
        found |= {name: value for name, value in zip(NESTED, match.groups(), strict=True) if value}
    body = sent.get("body") or {}
    if sent["method"] == "POST" and "/connect/" in path and isinstance(body, dict):
        own = {"participants/": "id", "projects/": "project_id", "collaborations/": "collab_id"}
        own |= {"experiments/": "expt_id", "runs/": "run_id"}
        for end, name in own.items():
            if path.endswith(end) and name in body:
                found["participant_id" if name == "id" else name] = body[name]
    return found
