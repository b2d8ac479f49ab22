"""A call of the one generation of the TTP to a server of the other: what the error says, and what it costs."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from synergos import Driver, NotFound

HTML_404 = "<!doctype html><title>404 Not Found</title><h1>Not Found</h1><p>The requested URL was not found.</p>"
PROBE = "/ttp/connect/collaborations/"
Answer = Callable[[httpx.Request], httpx.Response]
V4: list[tuple[str, dict[str, Any]]] = [
    ("projects.read_all", {}),
    ("projects.create", {"project_id": "p", "action": "classify"}),
    ("tags.delete", {"project_id": "p", "participant_id": "w"}),
    ("models.create", {"project_id": "p"}),
    ("predictions.read", {"participant_id": "w"}),
    ("projects.read", {"project_id": "collaborations"}),
    ("predictions.read", {"participant_id": "collaborations", "project_id": "p"}),
]
V8: list[tuple[str, dict[str, Any]]] = [
    ("collaborations.create", {"collab_id": "c"}),
    ("collaborations.read_all", {}),
    ("projects.read_all", {"collab_id": "c"}),
    ("runs.update", {"collab_id": "c", "project_id": "p", "expt_id": "e", "run_id": "r", "rounds": 2}),
    ("alignments.create", {"collab_id": "c", "project_id": "p"}),
    ("predictions.read", {"collab_id": "c", "participant_id": "w"}),
    ("registrations.read_all", {"collab_id": "c"}),
]


class Server:
    """A TTP of one generation, which answers an unknown route as real ones do; it counts what it is asked."""

    def __init__(self, generation: str, probe: Answer | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self._generation = generation
        self._probe = probe
        self.driver = Driver("ttp.example", 5000, transport=httpx.MockTransport(self._answer))

    def call(self, verb: str, arguments: dict[str, Any]) -> str:
        """What the error says that a call ends with."""
        task, name = verb.split(".")
        with pytest.raises(NotFound) as caught:
            getattr(getattr(self.driver, task), name)(**arguments)
        assert caught.value.body == HTML_404
        message = str(caught.value)
        assert message.startswith(f"[{verb}] 404 This TTP has no such route: ")
        assert "\n" not in message
        return message

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        is_probe = (request.method, request.url.path) == ("GET", PROBE)
        if is_probe and self._probe is not None and len(self.asked) > 1:
            return self._probe(request)
        if is_probe and self._generation == "v8":
            return httpx.Response(200, content=json.dumps({"status": 200, "data": []}))
        return httpx.Response(404, html=HTML_404)


@pytest.mark.parametrize(("verb", "arguments"), V4)
def test_a_call_without_a_collaboration_to_a_v8_server_says_to_give_one(verb: str, arguments: dict[str, Any]) -> None:
    message = Server("v8").call(verb, arguments)

    assert "generation v8" in message
    assert "Give collab_id" in message
    assert "Driver(..., collab_id=...)" in message


@pytest.mark.parametrize(("verb", "arguments"), V8)
def test_a_call_in_a_collaboration_to_a_v4_server_says_to_leave_it_out(verb: str, arguments: dict[str, Any]) -> None:
    message = Server("v4").call(verb, arguments)

    assert "generation v4" in message
    assert "Leave collab_id out" in message


@pytest.mark.parametrize(("generation", "calls"), [("v8", V4), ("v4", V8[2:])])
def test_the_generation_is_asked_for_once(generation: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
    server = Server(generation)

    for verb, arguments in calls:
        assert f"generation {generation}" in server.call(verb, arguments)
    assert f"generation {generation}" in server.call(*calls[0])

    # Before any work it is looked what there is.
    looks = sum(verb in ("alignments.create", "models.create") for verb, _ in calls)
    assert len(server.asked) == len(calls) + looks + 2
    assert [number for number, asked in enumerate(server.asked) if asked == ("GET", PROBE)] == [1]


def test_a_scope_asks_no_second_time() -> None:
    server = Server("v8")

    server.call("projects.read_all", {})
    server.driver = server.driver.scope(project_id="p")
    server.call("projects.read", {})

    assert server.asked.count(("GET", PROBE)) == 1


def test_a_route_that_is_missing_in_its_own_generation_says_to_look_at_the_address() -> None:
    for server, (verb, arguments) in ((Server("v4"), V4[0]), (Server("v8"), V8[2])):
        message = server.call(verb, arguments)
        assert "are host and port right, and is http://ttp.example:5000 a TTP?" in message
        assert "generation" not in message


def refuse(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def hang(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out")


@pytest.mark.parametrize(
    ("probe", "times"),
    [(refuse, 3), (hang, 1), (lambda _: httpx.Response(500), 1), (lambda _: httpx.Response(302), 1)],
    ids=["no", "late", "500", "302"],
)
def test_a_server_that_does_not_tell_its_generation_gives_the_same_error(probe: Answer, times: int) -> None:
    server = Server("v8", probe)

    for _ in range(2):
        assert "are host and port right" in server.call("projects.read_all", {})

    assert server.asked.count(("GET", PROBE)) == times
    assert len(server.asked) == times + 2


def test_a_record_that_is_missing_does_not_ask_for_the_generation() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(404, json={"message": "Project 'p' does not exist!"})

    with pytest.raises(NotFound, match="'p' does not exist"):
        Driver("ttp.example", 5000, transport=httpx.MockTransport(answer)).projects.read(project_id="p")

    assert PROBE not in asked


def test_an_error_that_is_returned_explains_it_too() -> None:
    server = Server("v8")
    driver = Driver("ttp.example", 5000, errors="return", transport=httpx.MockTransport(server._answer))

    reply = driver.projects.read_all()

    assert reply.status == 404
    assert "Give collab_id" in reply["message"]
