"""Whatever a server does: an answer or an error of this package, within bounds, and the turn is given back."""

import socket
import tracemalloc
from collections.abc import Callable

import pytest
from hostile import CHUNKED, MB, Act, HostileServer, answer, as_json, chunks, enveloped, flood, kinds, read_request

from synergos import Driver, Reply, SynergosError, TimedOut, Unreadable

KINDS = dict(kinds())
IDS = {"project_id": "p"}
RUN = {"project_id": "p", "expt_id": "e", "run_id": "r"}
LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4}, "activation": None}
VERBS: dict[str, Callable[[Driver], object]] = {
    "lists": lambda driver: driver.projects.read_all(),
    "reads": lambda driver: driver.projects.read(**IDS),
    "creates": lambda driver: driver.projects.create(**IDS, action="classify"),
    "updates": lambda driver: driver.runs.update(**RUN, rounds=2),
    "deletes": lambda driver: driver.projects.delete(**IDS),
    "registers": lambda driver: driver.registrations.create(project_id="p", participant_id="w", role="guest"),
    "trains": lambda driver: driver.models.create(**RUN, timeout=0.2),
    "validations": lambda driver: driver.validations.read(**RUN),
    "predicts": lambda driver: driver.predictions.create({"p": [["x"]]}, "w", timeout=0.2),
    "submits": lambda driver: driver.models.submit(**RUN).result(timeout=0.2),
    "checks": lambda driver: str(driver.check(**IDS)),
}


def open_driver(port: int, **more: object) -> Driver:
    options = {"timeout": 0.2, "total_timeout": 0.5, "max_bytes": MB, "concurrent": True, **more}
    return Driver("127.0.0.1", port, **options)  # type: ignore[arg-type]


def test_the_table_has_many_kinds() -> None:
    assert len(KINDS) > 75


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_an_error_of_this_package_leaves_the_driver(kind: str) -> None:
    with HostileServer(KINDS[kind]) as server, open_driver(server.port) as driver:
        for verb, call in VERBS.items():
            try:
                reply = call(driver)
            except SynergosError as error:
                assert_printable(verb, str(error))
            else:
                look_at(verb, reply)


def look_at(verb: str, reply: object) -> None:
    """Every part of a reply is there, or says in an error of this package why it is not."""
    if isinstance(reply, Reply):
        for part in ("data", "status", "params"):
            try:
                getattr(reply, part)
            except SynergosError as error:
                assert_printable(verb, str(error))
    else:
        assert isinstance(reply, str), verb
        assert_printable(verb, reply.replace("\n", " "))


def assert_printable(verb: str, text: str) -> None:
    plain = text.replace("\xa0", " ")
    assert plain.isprintable(), (verb, text[:200])
    text.encode()
    assert len(text) < 3000, verb


# Time, memory and the turn


@pytest.mark.parametrize(
    "kind",
    [
        "drips the head",
        "drips header after header",
        "drips the body",
        "drips the body of an error",
        "drips chunks",
        "drips a body without an end",
        "drips the size of a chunk",
    ],
)
def test_what_drips_is_given_up_once_and_the_turn_is_given_back(kind: str) -> None:
    with HostileServer(KINDS[kind]) as server, open_driver(server.port, timeout=5, total_timeout=0.3) as driver:
        with pytest.raises(TimedOut, match=r"^\[projects.read_all\] .*total_timeout"):
            driver.projects.read_all()
        assert server.requests == 1
        with open_driver(server.port, concurrent=False, total_timeout=0.3) as other:
            for _ in range(2):
                with pytest.raises(TimedOut):
                    other.projects.create(**IDS, action="classify")


def test_a_short_call_has_ten_times_its_timeout_in_all() -> None:
    with HostileServer(KINDS["drips the body"]) as server, Driver("127.0.0.1", server.port, timeout=0.05) as driver:
        with pytest.raises(TimedOut, match="total_timeout"):
            driver.projects.read_all()
        assert server.requests == 1


@pytest.mark.parametrize(
    "act",
    [
        flood(CHUNKED, chunks(b"x" * 65536)),
        flood(answer(b'{"data": [', sized=False), b"[]," * 20_000),
        KINDS["a bomb of gzip"],
        KINDS["a bomb of deflate"],
    ],
    ids=["chunks", "JSON", "gzip", "deflate"],
)
def test_what_is_too_large_is_unreadable_and_takes_no_memory(act: Act) -> None:
    with HostileServer(act) as server, open_driver(server.port, timeout=60, total_timeout=60, max_bytes=MB) as driver:
        tracemalloc.start()
        try:
            with pytest.raises(Unreadable, match=r"larger than 1 MB.*max_bytes"):
                driver.projects.read_all()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert server.requests == 1

    assert peak < 8 * MB


def test_a_server_that_asks_to_go_on_for_ever_is_given_up() -> None:
    act = flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    with (
        HostileServer(act) as server,
        open_driver(server.port, total_timeout=60, max_bytes=10_000) as driver,
        pytest.raises(Unreadable, match="larger than 10000 bytes"),
    ):
        driver.projects.read_all()


def test_an_answer_may_be_as_large_as_is_allowed_and_no_larger() -> None:
    body = enveloped({"note": "x" * 1000}).partition(b"\r\n\r\n")[2]
    with HostileServer(answer(body)) as server:
        with open_driver(server.port, max_bytes=len(body)) as driver:
            assert driver.projects.read(**IDS)["data"]["note"] == "x" * 1000
        with open_driver(server.port, max_bytes=len(body) - 1) as driver, pytest.raises(Unreadable, match="larger"):
            driver.projects.read(**IDS)


# What comes beyond an answer


def test_a_server_that_answers_twice_shifts_no_answers() -> None:
    numbers = iter(range(100))

    def act(line: socket.socket) -> None:
        while True:
            own = enveloped({"doc_id": str(next(numbers)), "key": {"project_id": "p"}})
            line.sendall(own + enveloped({"doc_id": "of another", "key": {"project_id": "q"}}))
            if not read_request(line):
                return

    with HostileServer(act) as server, open_driver(server.port) as driver:
        found = [driver.projects.read(**IDS)["data"]["doc_id"] for _ in range(5)]
        assert found == ["0", "1", "2", "3", "4"]
        assert server.connections == 5


def test_a_server_that_keeps_to_its_answers_keeps_its_connection() -> None:
    with HostileServer(as_json({"data": []})) as server, open_driver(server.port) as driver:
        for _ in range(5):
            driver.projects.read_all()
        assert (server.connections, server.requests) == (1, 5)
