"""What a careless client would do to a real TTP, and what the driver makes of it.

    python scripts/stress.py

A sandbox that passes for a real TTP counts the requests that would have spoiled one. Eight threads send it 500 mixed
calls each, through one driver and through eight; two processes do, and four that are forked with one driver. Then what
the turns that drivers take cost, and what becomes of each fault that a connection or a server can have.
"""

import json
import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from synergos import Driver, SynergosError
from synergos.http import (
    ConnectError,
    ConnectTimeout,
    MockTransport,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    Request,
    Response,
    WriteError,
)
from synergos.sandbox import Sandbox

THREADS = 8
CALLS = 500
# Of the tests' table of what servers do.
HOSTILE = (
    "drips header after header",
    "drips the body",
    "floods chunks",
    "floods headers",
    "a bomb of gzip",
    "an error in the charset 'zlib'",
    "an error of 300 KB of b'<'",
    "an alert of TLS",
    "a location that is none",
    "two answers",
)

console = Console(width=110)


class Fault(NamedTuple):
    """Something that goes wrong: what the server or the connection does to every request."""

    name: str
    answer: Callable[[Request], Response]


def main() -> int:
    """Run everything and print it."""
    overlaps = Table("drivers", "calls", "overlaps", "errors", title=f"{THREADS} threads", box=SIMPLE_HEAD)
    for name, concurrent, count in (("one", False, 1), ("eight", False, THREADS), ("eight, no turns", True, THREADS)):
        with Sandbox(fragile=True) as ttp:
            errors = hammer(ttp, count, concurrent=concurrent)
            overlaps.add_row(name, str(THREADS * CALLS), str(ttp.overlaps), str(errors))
    console.print(overlaps)
    console.print(processes())
    console.print(f"The turns cost a call {cost_of_turns():.3f} of what it costs without them.\n")
    console.print(outcomes())
    return 0


def hammer(ttp: Sandbox, count: int, *, concurrent: bool) -> int:
    """Send mixed calls from all threads at once; how many of them failed."""
    drivers = [Driver(ttp.host, ttp.port, concurrent=concurrent) for _ in range(count)]
    errors: list[Exception] = []

    def work(number: int) -> None:
        errors.extend(mixed_calls(drivers[number % count], f"project_{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for driver in drivers:
        driver.close()
    return len(errors)


def mixed_calls(driver: Driver, project: str) -> list[Exception]:
    """Send mixed calls; those that failed, and those that were answered with another record."""
    calls: list[Callable[[], object]] = [
        lambda: driver.projects.create(project_id=project, action="classify"),
        lambda: driver.projects.read(project_id=project),
        lambda: driver.projects.update(project_id=project, start_at="2030"),
        lambda: driver.participants.create(project, host="127.0.0.1", port=8020, f_port=5000),
        lambda: driver.participants.read_all(),
    ]
    errors: list[Exception] = []
    for index in range(CALLS):
        try:
            calls[index % len(calls)]()
        except SynergosError as error:
            errors.append(error)
    return errors


def processes() -> Table:
    """Mixed calls of two processes at once, and of four that are forked with a driver that was used before."""
    table = Table("processes", "calls", "overlaps", "errors", "seconds", title="Processes", box=SIMPLE_HEAD)
    ways = [("two", "spawn", 2, ""), ("four, forked with one driver", "fork", 4, "")]
    ways.append(("two, SYNERGOS_LOCK=off", "spawn", 2, "off"))
    before = os.environ.get("SYNERGOS_LOCK", "")
    for name, method, count, lock in ways:
        if method not in multiprocessing.get_all_start_methods():
            continue
        os.environ["SYNERGOS_LOCK"] = lock or before
        with Sandbox(fragile=True) as ttp, Driver(ttp.host, ttp.port) as driver:
            driver.projects.read_all()
            context = multiprocessing.get_context(method)
            with context.Pool(count) as pool:
                # All are there before the first begins.
                pool.map(_nothing, range(count), chunksize=1)
                started = time.perf_counter()
                projects = [(driver, f"project_{number}") for number in range(count)]
                errors = sum(map(len, pool.starmap(mixed_calls, projects, chunksize=1)))
                seconds = time.perf_counter() - started
            table.add_row(name, str(count * CALLS), str(ttp.overlaps), str(errors), f"{seconds:.1f}")
    os.environ["SYNERGOS_LOCK"] = before
    return table


def _nothing(_: int) -> None:
    time.sleep(0.1)


def cost_of_turns() -> float:
    """The time of a call with turns over that without, on a sandbox, from one thread; the median of pairs."""

    def timed(driver: Driver) -> float:
        started = time.perf_counter()
        for _ in range(100):
            driver.projects.read_all()
        return time.perf_counter() - started

    with (
        Sandbox(fragile=True) as ttp,
        Driver(ttp.host, ttp.port) as turns,
        Driver(ttp.host, ttp.port, concurrent=True) as free,
    ):
        timed(turns), timed(free)
        return statistics.median(timed(turns) / timed(free) for _ in range(20))


def outcomes() -> Table:
    """What becomes of each fault, for a call that reads and for one that writes."""
    table = Table("fault", "reading", "writing", title="Outcome, and how often it was sent", box=SIMPLE_HEAD)
    for fault in faults():
        table.add_row(fault.name, outcome(fault, "read"), outcome(fault, "write"))
    for name in HOSTILE:
        table.add_row(name, hostile_outcome(name, "read"), hostile_outcome(name, "write"))
    return table


def hostile_outcome(name: str, way: str) -> str:
    """As `outcome`, of a server on a socket that does what the tests' table of such servers says."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from hostile import HostileServer, kinds

    with HostileServer(dict(kinds())[name]) as server:
        driver = Driver("127.0.0.1", server.port, timeout=1, total_timeout=2, max_bytes=2**20, concurrent=True)
        with driver:
            return f"{result_of(driver, way)}, {server.requests or server.connections}x"


def outcome(fault: Fault, way: str) -> str:
    """The name of the error, and how often the request was sent."""
    sent = 0

    def answer(request: Request) -> Response:
        nonlocal sent
        sent += 1
        return fault.answer(request)

    with Driver("127.0.0.1", 5000, transport=MockTransport(answer)) as driver:
        return f"{result_of(driver, way)}, {sent}x"


def result_of(driver: Driver, way: str) -> str:
    """What becomes of a call: an answer, or the name of the error."""
    try:
        if way == "read":
            reply = driver.projects.read(project_id="p")
        else:
            reply = driver.projects.create(project_id="p", action="classify")
        _ = reply.data
    except SynergosError as error:
        return type(error).__name__
    return "an answer"


def faults() -> Iterator[Fault]:
    """Every fault."""
    failing = {
        "connection refused": ConnectError("refused"),
        "connection times out": ConnectTimeout("timed out"),
        "reset while sending": WriteError("reset"),
        "reset after sending": ReadError("reset"),
        "closed without an answer": RemoteProtocolError("disconnected"),
        "no headers in time, a stall": ReadTimeout("timed out"),
    }
    for name, error in failing.items():

        def fail(_: Request, error: Exception = error) -> Response:
            raise error

        yield Fault(name, fail)
    message = {"message": "Internal Server Error"}
    page = "<html><head><title>Oops</title></head><body><h1>Oops</h1></body></html>"
    responses = {
        "502": Response(502, text=page),
        "503": Response(503, text=page),
        "504": Response(504, text=page),
        "500": Response(500, json=message),
        "500 with a page": Response(500, html=page),
        "404 with a page": Response(404, html=page),
        "599": Response(599, json=message),
        "308 to http": Response(308, headers={"location": "http://127.0.0.1:5000/elsewhere/"}),
        "truncated JSON": Response(200, text='{"data": [{"doc'),
        "empty body": Response(200),
        "200 that is not JSON": Response(200, html=page),
        "200 without data": Response(200, json={"status": 200}),
    }
    for name, response in responses.items():
        yield Fault(name, lambda _, response=response: response)

    def whole(request: Request, *, more: str = "", content_type: str = "application/json") -> Response:
        record = {"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}}
        text = f'{{"status": 200, "data": {json.dumps(record)}{more}}}'
        return Response(200, text=text, headers={"content-type": content_type})

    other = {"doc_id": "1", "kind": "Project", "key": {"project_id": "another"}}
    yield Fault("another record", lambda _: Response(200, json={"status": 200, "data": other}))
    yield Fault("NaN", lambda request: whole(request, more=', "x": NaN'))
    yield Fault("wrong Content-Type", lambda request: whole(request, content_type="text/html"))


if __name__ == "__main__":
    sys.exit(main())
