"""Try for minutes on end to make the sandbox lose what it acknowledged, or fall over.

    python scripts/soak.py [--minutes 10] [--seed 1]

It repeats, on a store of its own and on the loopback address: `kill -9` while records are written, while participants
are aligned, while a model is trained and validated, while it predicts, and while hyperparameters are searched; a full
disk; races for the same records; hostile requests. After each, a sandbox is started on the same store, and whatever was
acknowledged must be there, and nothing half done. Prints what was tried, survived and lost; memory that grows under
hostile requests is lost too. Exits with 1 if anything was lost.
"""

import argparse
import collections
import contextlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": None}
RUN = {"rounds": 3, "epochs": 1, "lr": 0.1, "optimizer": "Adam", "seed": 1}
JOB = {"auto_align": True, "dockerised": True, "verbose": False, "log_msgs": False}
PROJECTS = "/ttp/connect/projects/"
ALIGN, TRAIN = "/ttp/train/projects/p/alignments/", "/ttp/train/projects/p/models/"
SEARCH, TRIALS_OF = f"{TRAIN}e/optimizations/", "/ttp/sandbox/projects/p/models/e/trials/"
VALIDATE, PREDICT = "/ttp/evaluate/projects/p/validations/", "/ttp/evaluate/participants/biscoe/predictions/p/e/r"
TAGS = f"{PROJECTS}p/participants/biscoe/registration/tags"
SPACE = {"lr": {"_type": "choice", "_value": [0.01, 0.1, 0.2]}, "rounds": {"_type": "choice", "_value": [2, 3]}}
BODIES: dict[str, dict[str, Any] | None] = {
    ALIGN: None,
    TRAIN: JOB,
    VALIDATE: JOB,
    PREDICT: {**JOB, "tags": {"p": [["iid_1"]]}},
    SEARCH: {"search_space": SPACE, "metric": "accuracy", "optimize_mode": "max", "tuner": "TPE", "max_trial_num": 4},
}
HOSTILE: tuple[tuple[dict[str, str], bytes], ...] = (
    ({"content-type": "text/plain"}, b'{"project_id": "evil", "incentives": {}}'),
    ({"host": "evil.example"}, b'{"project_id": "evil", "incentives": {}}'),
    ({"origin": "http://evil.example"}, b'{"project_id": "evil", "incentives": {}}'),
    ({}, b"[" * 100_000),
    ({}, b'{"project_id": "evil", "incentives": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}"),
    ({}, b" " * 2_000_000),
    ({}, json.dumps({f"x{index}": 1 for index in range(50_000)}).encode()),
    ({}, b'{"project_id": "\\ud800", "incentives": {}}'),
    ({}, b'{"project_id": "../evil", "incentives": {}}'),
    ({}, b'{"project_id": "evil", "incentives": NaN}'),
)


class Lost(Exception):
    """Something that was acknowledged is not there, or something was answered that must not be."""


class Server:
    """`synergos sandbox` in a process of its own."""

    def __init__(self, store: Path, largest_file: int | None = None) -> None:
        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        self.process = subprocess.Popen(
            [sys.executable, "-m", "synergos", "sandbox", "--port", "0", "--store", str(store)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=limit,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if not said:
            raise Lost("the sandbox does not start again on its store")
        self.client = httpx.Client(base_url=said.split()[-1], trust_env=False, timeout=120)

    def ok(self, method: str, path: str, body: object = None) -> Any:
        """The data of an answer that must be a success."""
        answer = self.client.request(method, path, **({} if body is None else {"json": body}))
        if not answer.is_success:
            raise Lost(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()["data"]

    def all(self, path: str) -> list[Any]:
        """The records of a list, which a TTP may answer with 404 when there are none."""
        answer = self.client.get(path)
        return [] if answer.status_code == 404 else self.ok("GET", path)

    def memory(self) -> int:
        """Bytes of memory that it has now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.communicate()
        self.client.close()


@contextlib.contextmanager
def serving(store: Path, largest_file: int | None = None) -> Iterator[Server]:
    """A sandbox, which is killed in the end."""
    server = Server(store, largest_file)
    try:
        yield server
    finally:
        server.kill()


def connect(server: Server) -> None:
    """Phase 1 on the data that come with the sandbox."""
    server.ok("POST", PROJECTS, {"project_id": "p", "action": "classify", "incentives": {}})
    server.ok("POST", f"{PROJECTS}p/experiments/", {"expt_id": "e", "model": [LAYER]})
    server.ok("POST", f"{PROJECTS}p/experiments/e/runs/", {"run_id": "r", **RUN})
    for name, tag in (("biscoe", "non_iid_1"), ("dream", "non_iid_2")):
        server.ok("POST", "/ttp/connect/participants/", {"id": name, "host": "h", "port": 1, "f_port": 2})
        registration = f"{PROJECTS}p/participants/{name}/registration"
        server.ok("POST", registration, {"role": "guest"})
        server.ok("POST", f"{registration}/tags", {"train": [[tag]], "evaluate": [["iid_1"]]})


class Acknowledged:
    """Ids of projects that were acknowledged, from however many threads, and whether each is to be there."""

    def __init__(self) -> None:
        self.known: dict[str, bool] = {}
        self.wrong: list[str] = []

    def write(self, server: Server, name: str, count: int) -> None:
        """Make projects one after the other, and delete some, until the sandbox is gone."""
        with contextlib.suppress(httpx.HTTPError):
            for number in range(count):
                own_id = f"{name}-{number}"
                answer = server.client.post(PROJECTS, json={"project_id": own_id, "incentives": {}})
                if answer.status_code == 507:
                    self.known[own_id] = False
                    continue
                if answer.status_code != 201:
                    self.wrong.append(f"create: {answer.status_code} {answer.text[:200]}")
                    return
                self.known[own_id] = True
                if number % 3 == 0:
                    # Until this is answered, it may be there or not.
                    del self.known[own_id]
                    self.known[own_id] = server.client.delete(PROJECTS + own_id).status_code == 507

    def check(self, server: Server) -> None:
        """See that what was acknowledged is so."""
        if self.wrong:
            raise Lost(self.wrong[0])
        there = {one["key"]["project_id"] for one in server.ok("GET", PROJECTS)}
        for own_id, wanted in self.known.items():
            if (own_id in there) != wanted:
                raise Lost(f"{own_id} is {'not ' if wanted else ''}there")


def kill_while_writing(store: Path, draw: random.Random) -> None:
    """Kill it while three clients make and delete projects."""
    seen = Acknowledged()
    with serving(store) as server:
        threads = [threading.Thread(target=seen.write, args=(server, f"w{index}", 10_000)) for index in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(draw.uniform(0.05, 2))
        server.process.kill()
        for thread in threads:
            thread.join()
    with serving(store) as server:
        seen.check(server)


def kill_in(path: str, *before: str) -> Callable[[Path, random.Random], None]:
    """Kill it somewhere in a request of phase 2 or 3, and do it again afterwards."""
    # How long the request takes, as far as that is known, so that the kill is in it.
    takes = [0.3]

    def run(store: Path, draw: random.Random) -> None:
        with serving(store) as server:
            connect(server)
            for step in before:
                server.ok("POST", step, BODIES[step])
            kept = [server.ok("GET", step) for step in before]
            tags = server.ok("GET", TAGS)
            answered: list[int] = []

            def work() -> None:
                with contextlib.suppress(httpx.HTTPError):
                    answered.append(server.client.post(path, json=BODIES[path]).status_code)

            thread = threading.Thread(target=work)
            thread.start()
            time.sleep(draw.uniform(0, takes[0]))
            server.process.kill()
            thread.join()
        with serving(store) as server:
            if [server.ok("GET", step) for step in before] != kept:
                raise Lost(f"what was made before the kill in {path} has changed")
            check_whole(server, tags)
            if answered and not server.all(path):
                raise Lost(f"{path} was answered with {answered[0]}, and there is nothing")
            for step in before:
                server.ok("POST", step, BODIES[step])
            begun = time.monotonic()
            server.ok("POST", path, BODIES[path])
            takes[0] = time.monotonic() - begun
            if not server.all(path):
                raise Lost(f"{path} was done again, and there is nothing")
            check_whole(server, tags)

    return run


def check_whole(server: Server, tags: Any) -> None:
    """See that no work of phases 2 and 3 is there in part: trials without models, or tags without their prediction."""
    models = {one["key"]["run_id"] for one in server.all(TRAIN)}
    trials = {one["key"]["run_id"] for one in server.all(f"{PROJECTS}p/experiments/e/runs/")} - {"r"}
    if not trials <= models:
        raise Lost(f"trials {sorted(trials - models)} have no model")
    predicts = server.ok("GET", TAGS) != tags
    if predicts != bool(server.all("/ttp/evaluate/participants/biscoe/predictions/")):
        raise Lost("a tag to predict on and its prediction are not there together")


def full_disk(store: Path, _: random.Random) -> None:
    """Write until no file may grow any more."""
    seen = Acknowledged()
    with serving(store, largest_file=300_000) as server:
        seen.write(server, "d", 200)
        seen.check(server)
    if True not in seen.known.values():
        raise Lost("nothing was kept before the disk was full")
    with serving(store) as server:
        seen.check(server)
        server.ok("POST", PROJECTS, {"project_id": "room", "incentives": {}})


def race(store: Path, _: random.Random) -> None:
    """Change and delete the same records from six threads."""
    with serving(store) as server:
        connect(server)
        barrier, failed = threading.Barrier(6), []

        def change(index: int) -> None:
            barrier.wait()
            for number in range(10):
                for method, path, body in (
                    ("POST", f"{PROJECTS}p/experiments/", {"expt_id": f"x{number}", "model": [LAYER]}),
                    ("PUT", f"{PROJECTS}p", {"incentives": {f"i{index}": []}}),
                    ("GET", PROJECTS, None),
                    ("DELETE", f"{PROJECTS}p/experiments/x{number}", None),
                ):
                    answer = server.client.request(method, path, **({} if body is None else {"json": body}))
                    if answer.status_code not in (200, 201, 404, 409):
                        failed.append(f"{method} {path}: {answer.status_code}")

        threads = [threading.Thread(target=change, args=(index,)) for index in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed or [one["key"]["expt_id"] for one in server.ok("GET", f"{PROJECTS}p/experiments/")] != ["e"]:
            raise Lost(f"after the race: {failed[:3]}")


def hostile(store: Path, _: random.Random) -> None:
    """Send again and again what must be refused, and look at the memory."""
    with serving(store) as server:
        memory = []
        for turn in range(6):
            for headers, body in HOSTILE * 3:
                answer = server.client.post(
                    PROJECTS, content=body, headers={"content-type": "application/json", **headers}
                )
                if not 400 <= answer.status_code < 500 or len(answer.content) > 10_000:
                    raise Lost(f"{headers} {body[:40]!r}: {answer.status_code} {answer.text[:200]}")
            if turn:
                memory.append(server.memory())
        if server.ok("GET", PROJECTS):
            raise Lost("a hostile request was acted on")
        grown = (memory[-1] - memory[0]) / 1e6
        if grown > 30:
            raise Lost(f"memory has grown by {grown:.0f} MB")


TRIALS: dict[str, Callable[[Path, random.Random], None]] = {
    "kill -9 while records are written": kill_while_writing,
    "kill -9 in an alignment": kill_in(ALIGN),
    "kill -9 in a training": kill_in(TRAIN, ALIGN),
    "kill -9 in a validation": kill_in(VALIDATE, ALIGN, TRAIN),
    "kill -9 in a prediction": kill_in(PREDICT, ALIGN, TRAIN),
    "kill -9 in a search": kill_in(SEARCH, ALIGN),
    "full disk": full_disk,
    "races for the same records": race,
    "hostile requests, and memory": hostile,
}


def main() -> int:
    """Go through all trials until the time is over; the exit status says whether anything was lost."""
    parser = argparse.ArgumentParser(description="Try to make the sandbox lose what it acknowledged.")
    parser.add_argument("--minutes", type=float, default=10, help="how long to go on (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="decides when it is killed (%(default)s)")
    given = parser.parse_args()
    draw, end = random.Random(given.seed), time.monotonic() + given.minutes * 60
    tried: collections.Counter[str] = collections.Counter()
    lost: collections.Counter[str] = collections.Counter()
    while time.monotonic() < end:
        for name, trial in TRIALS.items():
            if time.monotonic() >= end:
                break
            tried[name] += 1
            with tempfile.TemporaryDirectory(prefix="synergos-soak-") as folder:
                try:
                    trial(Path(folder) / "grid.sqlite", draw)
                except Exception as error:
                    lost[name] += 1
                    print(f"LOST in {name}: {error!r}", flush=True)
    print(f"{'':36}{'tried':>9}{'survived':>10}{'lost':>6}")
    for name in TRIALS:
        print(f"{name:36}{tried[name]:9}{tried[name] - lost[name]:10}{lost[name]:6}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
