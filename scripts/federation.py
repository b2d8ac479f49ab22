"""A TTP and two participants as processes of their own, with TLS and keys on loopback: the whole of it, tried.

    ./scripts/federation [--short] [--keep DIR]

It runs the README's own cycle over them and in one process, and compares weights; kills each process once, and looks
whether the others find each other again without anyone's doing and no record is lost; and attacks: with an unknown key,
under another's name, with a run of a stranger's app, at what only the TTP's machine may reach, and at what participants
might listen on. Prints a table, and exits with 1 when any row of it failed. `--short` leaves out what takes minutes.
"""

import argparse
import base64
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import torch

from synergos import Driver, SynergosError
from synergos.machines.flower import Runtime, TaskType
from synergos.machines.keys import as_flower_has_it
from synergos.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
DATA = ROOT / "synergos" / "sandbox" / "demo"
NAMES = ("test_participant_1", "test_participant_2")
KEY = {"project_id": "test_project", "expt_id": "test_experiment"}
RUN = {**KEY, "run_id": "test_run"}
LONG = {**KEY, "run_id": "long_run"}
# What a loaded machine may need for what takes seconds on a quiet one.
PATIENCE = 300.0


class Failed(Exception):
    """A row of the table did not come out as it must."""


class Process:
    """A command of synergos in a process of its own; what it says goes to a file."""

    def __init__(self, folder: Path, name: str, *arguments: object) -> None:
        self.name, self._log = name, folder / f"{name}.log"
        self._command = [sys.executable, "-m", "synergos", *map(str, arguments)]
        self.start()

    def start(self) -> None:
        """Start it, as somebody elsewhere would: with nothing but what is installed."""
        self._from = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._log.parent)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def child(self) -> int:
        """The id of the process of Flower that it keeps."""
        return until(f"{self.name} keeps a process", lambda: next(iter(children(self.pid)), None))

    @property
    def said(self) -> str:
        """What it said since it was started."""
        with self._log.open(encoding="utf-8") as log:
            log.seek(self._from)
            return log.read()

    def kill(self) -> None:
        """End it as a failure of power would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Have it end."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()


class Federation:
    """The TTP and its two participants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.door = free_port(), free_port()
        lines = ["[participants]"]
        for name in NAMES:
            lines.append(self.keygen(name))
        self.roster = folder / "participants.toml"
        self.roster.write_text("\n".join(lines) + "\n")
        self.ca = folder / "ttp" / "tls" / "ca.crt"
        ttp = ("--folder", folder / "ttp", "--participants", self.roster)
        self.ttp = Process(folder, "ttp", "ttp", *ttp, "--port", self.port, "--door", f"127.0.0.1:{self.door}")
        until("the TTP has a certificate", self.ca.exists)
        self.participants = {name: self.participant(name) for name in NAMES}
        self.wait()

    def keygen(self, name: str) -> str:
        """Make a key pair, and return the line for the TTP's file of participants."""
        command = [sys.executable, "-m", "synergos", "participant", "keygen", name]
        said = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout
        return said.splitlines()[-1]

    def participant(self, name: str, key: str = "", folder: str = "") -> Process:
        """Start a participant, with its own key or another's."""
        where = ("--ttp", f"127.0.0.1:{self.door}", "--ca", self.ca, "--data", DATA)
        own = ("--key", self.folder / f"{key or name}.key", "--folder", self.folder / (folder or name))
        return Process(self.folder, folder or name, "participant", name, *where, *own)

    def wait(self) -> None:
        """Wait until the TTP answers, and the participants are connected."""
        until("the TTP answers", lambda: "Ctrl-C stops it" in self.ttp.said)
        for one in self.participants.values():
            until(f"{one.name} is connected", lambda one=one: "connected to the TTP" in one.said)

    def driver(self) -> Driver:
        """A driver on the TTP."""
        return Driver("127.0.0.1", self.port)

    @property
    def superlink(self) -> Runtime:
        """Where the SuperLink hands out tasks: what only who can read the TTP's own files knows."""
        folder = self.folder / "ttp" / "superlink"
        text = (folder / "flower" / "config.toml").read_text()
        port = int(re.search(r'"127\.0\.0\.1:(\d+)"', text)[1])  # type: ignore[index]
        return Runtime(port, (folder / "secret").read_bytes(), (folder / "loopback" / "ca.crt").read_bytes())

    def stop(self) -> None:
        """End all of them."""
        for one in (*self.participants.values(), self.ttp):
            one.stop()


def readme_cycle(host: str, port: int) -> dict[str, Any]:
    """Run the README's own code against a TTP."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## A full cycle")[2]
    code = text.partition("```python\n")[2].partition("```")[0]
    code = code.replace('host = "127.0.0.1"', f"host = {host!r}").replace("port = 5000", f"port = {port}")
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(None):
        exec(compile(code, "README.md", "exec"), names)
    return names


def results(driver: Driver) -> tuple[dict[str, torch.Tensor], list[Any], list[Any]]:
    """Weights, losses and statistics of the README's run."""
    (model,) = driver.models.read(**RUN)["data"]
    parts = {name: part for name, part in model.items() if isinstance(part, dict) and "loss_history" in part}
    weights = {
        f"{name} {key}": tensor
        for name, part in parts.items()
        for key, tensor in torch.load(part["path"], weights_only=True).items()
    }
    losses = [json.loads(Path(part["loss_history"]).read_text()) for part in parts.values()]
    statistics = [one["evaluate"]["statistics"] for one in driver.validations.read(**RUN)["data"]]
    return weights, losses, statistics


def check_same(federation: Federation) -> str:
    """Run the README's cycle here and in one process, and compare all that came of it."""
    begun = time.monotonic()
    readme_cycle("127.0.0.1", federation.port)
    seconds = time.monotonic() - begun
    with Sandbox() as together, Driver(together.host, together.port) as other, federation.driver() as driver:
        readme_cycle(together.host, together.port)
        (one, losses, found), (two, losses_2, found_2) = results(driver), results(other)
    if one.keys() != two.keys() or not all(torch.equal(one[name], two[name]) for name in one):
        raise Failed("the weights are not those of the run in one process")
    if losses != losses_2 or found != found_2:
        raise Failed("losses or statistics are not those of the run in one process")
    return f"{len(one)} tensors, all losses and statistics, to the last bit; the cycle took {seconds:.1f} s"


def check_speed(federation: Federation) -> str:
    """Take the time of a round."""
    rounds = 10
    with federation.driver() as driver:
        more = {"optimizer": "Adam", "lr_scheduler": "StepLR", "step_size": 5, "criterion": "NLLLoss"}
        driver.runs.create(**LONG, rounds=rounds, epochs=1, lr=0.01, batch_size=16, seed=1, **more)
        begun = time.monotonic()
        driver.models.create(**LONG)
    return f"{(time.monotonic() - begun) / rounds:.2f} s a round of {rounds}"


def check_memory(federation: Federation) -> str:
    """Look at what each process holds."""
    shown = []
    for process in (federation.ttp, *federation.participants.values()):
        shown.append(f"{process.name} {memory(process.pid)} + Flower {memory(process.child)} MB")
    return "; ".join(shown)


def check_unknown_key(federation: Federation) -> str:
    """Come with a key that is in no file."""
    federation.keygen("stranger")
    stranger = federation.participant("stranger")
    try:
        until("the stranger is refused", lambda: "the TTP refuses the key" in stranger.said)
    finally:
        stranger.stop()
    if "connected to the TTP" in stranger.said:
        raise Failed("who is in no file was let in")
    return "refused at the door"


def check_other_name(federation: Federation) -> str:
    """Come with a known key, and say another's name."""
    one, other = NAMES
    federation.participants[one].stop()
    # The second's key, the first's name.
    liar = federation.participant(one, key=other, folder="liar")
    federation.participants[other].stop()
    try:
        until("the liar is connected", lambda: "connected to the TTP" in liar.said)
        with federation.driver() as driver:
            try:
                driver.alignments.create(project_id=KEY["project_id"])
            except SynergosError as error:
                said = str(error)
            else:
                raise Failed("an alignment was made with it")
    finally:
        liar.stop()
        for name in NAMES:
            federation.participants[name].start()
        federation.wait()
    if f"'{one}' is not connected" not in said and f"calls itself '{one}'" not in said:
        raise Failed(said)
    return "not believed: the key says who it is"


def check_stranger_app(federation: Federation) -> str:
    """Begin a run as only who has the TTP's own secret could, with an app that would leave a mark where it runs."""
    mark = federation.folder / "mark"
    app = federation.folder / "stranger-app"
    (app / "evil").mkdir(parents=True, exist_ok=True)
    (app / "pyproject.toml").write_text(
        '[project]\nname = "evil"\nversion = "1.0.0"\nlicense = "Apache-2.0"\ndependencies = []\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["."]\n'
        '[tool.flwr.app]\npublisher = "evil"\n'
        '[tool.flwr.app.components]\nserverapp = "evil.app:app"\nclientapp = "evil.app:app"\n'
    )
    (app / "evil" / "__init__.py").write_text("")
    (app / "evil" / "app.py").write_text(
        f"from pathlib import Path\nPath({str(mark)!r}).write_text('it ran')\nfrom flwr.clientapp import ClientApp\n"
        "app = ClientApp()\n\n@app.query()\ndef query(message, context):\n    return message\n"
    )
    home = federation.folder / "ttp" / "superlink" / "flower"
    command = [sys.executable, "-c", "from flwr.cli.app import app; app()", "run", str(app), "ttp", "--format", "json"]
    from flwr.app import ConfigRecord, Message, RecordDict

    done = subprocess.run(command, env={**os.environ, "FLWR_HOME": str(home)}, capture_output=True, text=True)
    if '"success": true' not in done.stdout:
        raise Failed(f"the attack could not be made: {done.stdout}{done.stderr}")
    with federation.superlink.seeker() as seek:
        token = until("the run has a task", lambda: seek(TaskType.SERVER_APP))
    with federation.superlink.grid(token) as grid:
        nodes = [node.node_id for node in grid.get_nodes()]
        messages = [
            Message(RecordDict({"c": ConfigRecord({"x": 1})}), dst_node_id=node, message_type=kind)
            for node in nodes
            for kind in ("query", "train")
        ]
        waiting, replies = set(grid.push_messages(messages)), []
        end = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < end:
            for reply in grid.pull_messages(waiting):
                waiting.discard(reply.metadata.reply_to_message_id)
                replies.append(reply)
            time.sleep(0.2)
    if mark.exists():
        raise Failed("the stranger's app was run")
    if len(replies) != len(messages) or not all(reply.has_error() for reply in replies):
        raise Failed(f"{len(messages)} messages had {len(replies)} replies: {replies}")
    return f"its {len(messages)} messages were answered with errors, and its code was run nowhere"


def check_control(federation: Federation) -> str:
    """Ask the door for what only the TTP's machine may reach."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(federation.ca)
    public = (federation.folder / f"{NAMES[0]}.key.pub").read_text()
    shown = base64.b64encode(as_flower_has_it(public)).decode()
    tried = 0
    address = f"https://127.0.0.1:{federation.door}"
    with httpx.Client(base_url=address, verify=context, headers={"flwr-public-key": shown}, trust_env=False) as client:
        for path in ("control/start-run", "control/register-node", "control/list-runs", "runtime/acquire-task"):
            for way in (f"/v1/{path}", f"/v1/fleet/../{path}", f"/v1/fleet/%2e%2e/{path}", f"//v1/{path}"):
                answer = client.post("/", content=b"", extensions={"target": way.encode()})
                tried += 1
                if answer.status_code != 404:
                    raise Failed(f"{way} was answered with {answer.status_code}")
        protobuf = {"content-type": "application/protobuf", "accept": "application/protobuf"}
        with_known_key = client.post("/v1/fleet/pull-messages", content=b"", headers=protobuf).status_code
    if with_known_key != 401:
        raise Failed(f"a key without its signature was answered with {with_known_key}")
    return f"{tried} ways to Control and Runtime: 404; a known key without its signature: {with_known_key}"


def check_open_ports(federation: Federation) -> str:
    """Look at what every process listens on."""
    seen = 0
    for process in (federation.ttp, *federation.participants.values()):
        for pid in (process.pid, process.child):
            for address, port in listening(pid):
                seen += 1
                if not address.startswith("127."):
                    raise Failed(f"a process of {process.name} listens on {address}:{port}")
    address = own_address()
    if address is not None:
        port = federation.superlink.port
        with contextlib.suppress(OSError), socket.create_connection((address, port), 2):
            raise Failed(f"the SuperLink answers at {address}:{port}")
    return f"{seen} ports, all of them this machine's alone"


def check_killed(federation: Federation, what: str) -> str:
    """Kill a process, and see that work goes on and no record is lost."""
    name = NAMES[0]
    with federation.driver() as driver:
        before = records(driver)
    process = federation.ttp if what in ("SuperLink", "TTP") else federation.participants[name]
    begun = time.monotonic()
    if what in ("SuperLink", "SuperNode"):
        os.kill(process.child, signal.SIGKILL)
    else:
        flower = process.child
        process.kill()
        until(f"Flower's process of {process.name} ends with it", lambda: not Path(f"/proc/{flower}").exists())
        process.start()
        if what == "TTP":
            until("the TTP answers", lambda: "Ctrl-C stops it" in federation.ttp.said)

    def works() -> bool:
        with contextlib.suppress(SynergosError), federation.driver() as driver:
            return len(driver.validations.create(**RUN).data) > 0
        return False

    until("work goes on", works)
    seconds = time.monotonic() - begun
    with federation.driver() as driver:
        if records(driver) != before:
            raise Failed("records were lost")
    return f"work went on after {seconds:.0f} s, no record lost"


def check_lost_in_the_middle(federation: Federation) -> str:
    """Kill a participant while it trains."""
    name = NAMES[1]
    with federation.driver() as driver:
        before = driver.models.read(**RUN)["data"]
        long = {**KEY, "run_id": "endless"}
        driver.runs.create(**long, rounds=500, epochs=1, lr=0.01, optimizer="Adam", lr_scheduler="", seed=1)
        job = driver.models.submit(**long)
        until("rounds are made", lambda: federation.participants[name].said.count("answered train") > 2)
        process = federation.participants[name]
        process.kill()
        process.start()
        try:
            job.result(timeout=PATIENCE)
        except SynergosError as error:
            said = str(error)
        else:
            raise Failed("the training came to an end without it")
        driver.runs.delete(**long)
        if f"'{name}' was lost in the middle" not in said:
            raise Failed(said)
        if driver.models.read(**RUN)["data"] != before:
            raise Failed("another model was changed")
        left = [path for path in (federation.folder / "ttp").rglob("*.pt") if "endless" in str(path)]
        if left:
            raise Failed(f"{left[0]} was left")
    federation.wait()
    return "named, the training ended, nothing of it kept"


def records(driver: Driver) -> dict[str, Any]:
    """All that phase 1 keeps, and which models there are."""
    kept: dict[str, Any] = {
        "projects": driver.projects.read_all(),
        "participants": driver.participants.read_all(),
        "experiments": driver.experiments.read_all(project_id=KEY["project_id"]),
        "runs": driver.runs.read_all(**KEY),
        "models": driver.models.read(**RUN),
    }
    # What relates to them is made anew by the work.
    return {name: [{**one, "relations": None} for one in reply["data"]] for name, reply in kept.items()}


ROWS: list[tuple[str, Callable[[Federation], str], bool]] = [
    ("the README's cycle is the same", check_same, True),
    ("speed", check_speed, False),
    ("memory", check_memory, False),
    ("an unknown key", check_unknown_key, True),
    ("another's name", check_other_name, False),
    ("a run of a stranger's app", check_stranger_app, True),
    ("Control from outside", check_control, True),
    ("open ports", check_open_ports, True),
    ("SuperLink killed", lambda federation: check_killed(federation, "SuperLink"), False),
    ("SuperNode killed", lambda federation: check_killed(federation, "SuperNode"), True),
    ("participant killed", lambda federation: check_killed(federation, "participant"), False),
    ("TTP killed", lambda federation: check_killed(federation, "TTP"), False),
    ("participant killed in a training", check_lost_in_the_middle, False),
]


def until(what: str, found: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait for what comes to be, and return it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise Failed(f"not within {patience:g} s: {what}")


def children(pid: int) -> Iterator[int]:
    """The processes that a process started."""
    with contextlib.suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (task / "children").read_text().split())


def memory(pid: int) -> int:
    """Resident memory, in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) // 1024  # type: ignore[index]


def listening(pid: int) -> Iterator[tuple[str, int]]:
    """The addresses and ports that a process listens on."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            inodes.add(str(link.readlink()))
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in inodes:
                raw, port = local.split(":")
                words = [bytes.fromhex(raw[index : index + 8])[::-1] for index in range(0, len(raw), 8)]
                yield socket.inet_ntop(family, b"".join(words)), int(port, 16)


def own_address() -> str | None:
    """An address of this machine that others would reach it at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        # Nothing is sent: this only asks which way it would go.
        probe.connect(("192.0.2.1", 9))
        address: str = probe.getsockname()[0]
        return None if address.startswith("127.") else address
    return None


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--keep", type=Path, help="a new folder to leave all files and logs in")
    given = parser.parse_args()
    # What it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    failed = 0
    with contextlib.ExitStack() as stack:
        if given.keep:
            given.keep.mkdir(parents=True)
            folder = given.keep.resolve()
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="synergos-federation-")))
        begun = time.monotonic()
        federation = Federation(folder)
        stack.callback(federation.stop)
        print(f"{'a TTP and two participants':34}  ok      started within {time.monotonic() - begun:.0f} s", flush=True)
        for name, check, is_short in ROWS:
            if given.short and not is_short:
                continue
            try:
                outcome, what = "ok", check(federation)
            except (Failed, SynergosError, AssertionError) as error:
                outcome, what, failed = "FAILED", str(error), failed + 1
            print(f"{name:34}  {outcome:6}  {what}", flush=True)
        if failed and not given.keep:
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
