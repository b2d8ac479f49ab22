"""A TTP and its participants as processes of their own, for scripts that look at all of them."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from synergos import Driver
from synergos.machines.flower import Runtime

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "synergos" / "sandbox" / "demo"
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

    def __init__(self, folder: Path, name: str, *arguments: object, within: Sequence[str] = ()) -> None:
        self.name, self._log = name, folder / f"{name}.log"
        self._command = [*within, sys.executable, "-m", "synergos", *map(str, arguments)]
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


class Skipped(Exception):
    """A row cannot be looked at here."""


class Federation:
    """The TTP and its two participants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        shutil.copytree(DEMO, self.data)
        self.port, self.door = free_port(), free_port()
        lines = ["[participants]"]
        for name in NAMES:
            lines.append(keygen(folder, name))
        self.roster = folder / "participants.toml"
        self.roster.write_text("\n".join(lines) + "\n")
        self.ca = folder / "ttp" / "tls" / "ca.crt"
        ttp = ("--folder", folder / "ttp", "--participants", self.roster)
        self.ttp = Process(folder, "ttp", "ttp", *ttp, "--port", self.port, "--door", f"127.0.0.1:{self.door}")
        until("the TTP has a certificate", self.ca.exists)
        self.participants = {name: self.participant(name) for name in NAMES}
        self.wait()

    def participant(self, name: str, key: str = "", folder: str = "") -> Process:
        """Start a participant, with its own key or another's."""
        where = ("--ttp", f"127.0.0.1:{self.door}", "--ca", self.ca, "--data", self.data)
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


def keygen(folder: Path, name: str) -> str:
    """Make a key pair, and return the line for the TTP's file of participants."""
    command = [sys.executable, "-m", "synergos", "participant", "keygen", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


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
