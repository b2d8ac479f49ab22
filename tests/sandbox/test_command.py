"""The sandbox as a command: what it says, and how it ends, however it ends."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from synergos.sandbox import Sandbox
from synergos.ttp.store import StoreInUse

MODELS = "/ttp/train/projects/p/models"


def python(code: str) -> subprocess.CompletedProcess[str]:
    """What a fresh interpreter says to some code."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


@contextlib.contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """`synergos sandbox` at work, with what it has said and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "synergos", "sandbox", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()
            said += line
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found is not None
        yield process, said, int(found[1])
    finally:
        process.kill()
        process.communicate()


def start_training(process: subprocess.Popen[str], caller: Any, run: str) -> threading.Thread:
    """A training that does not end by itself, once its first round is done, and who waits for it."""

    def wait() -> None:
        with contextlib.suppress(httpx.TransportError):
            assert caller.send("POST", f"{MODELS}/e/{run}", caller.JOB).status_code != 200

    thread = threading.Thread(target=wait)
    thread.start()
    assert process.stderr is not None
    while "round" not in (line := process.stderr.readline()):
        assert line, process.communicate()
    return thread


def test_a_kill_in_the_middle_of_a_training_loses_nothing(tmp_path: Path, caller_of: Any) -> None:
    store = tmp_path / "f"
    paths = (
        *("projects/", "participants/", "projects/p/registrations"),
        *("/ttp/train/projects/p/alignments/", f"{MODELS}/"),
    )
    with command("--store", str(store)) as (process, said, port):
        assert str(store) in said
        caller = caller_of(port)
        caller.connect()
        caller.ok("POST", "projects/p/experiments/e/runs/", {**caller.RUN, "run_id": "long", "rounds": 1_000_000})
        caller.align()
        caller.train()
        waiting = start_training(process, caller, "long")
        caller.ok("PUT", "projects/p", {"start_at": "while it trains"})
        kept = [caller.ok("GET", path) for path in paths]
        process.kill()
        process.wait()
        waiting.join()
    with command("--store", str(store)) as (process, _, port):
        caller = caller_of(port)
        assert [caller.ok("GET", path) for path in paths] == kept
        caller.refused(404, "GET", f"{MODELS}/e/long")
        assert list(tmp_path.rglob("*.tmp")) == []
        caller.ok("PUT", "projects/p/experiments/e/runs/long", {"rounds": 2})
        assert caller.train(run="long")
        with pytest.raises(StoreInUse, match="in use by another sandbox"):
            Sandbox(store=store).start()
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert re.findall(r"round (\d) of 2", err) == ["1", "2"], "each round is told once"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_ends_when_it_is_told_to(ending: signal.Signals, caller_of: Any) -> None:
    with command() as (process, said, port):
        assert f"Driver(host='127.0.0.1', port={port})" in said
        assert "Ctrl-C stops it" in said
        caller = caller_of(port)
        caller.connect(rounds=1_000_000)
        caller.align()
        waiting = start_training(process, caller, "r")
        process.send_signal(ending)
        out, err = process.communicate(timeout=60)
        waiting.join()
    assert process.returncode == 0
    assert "The sandbox has stopped." in out
    assert "Traceback" not in err


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_a_second_time_it_ends_at_once_whatever_it_is_doing(ending: signal.Signals) -> None:
    code = """
import sys, threading
from synergos.__main__ import main
from synergos.sandbox import Sandbox
def stop(sandbox):
    print("stopping", flush=True)
    while True:
        try:
            threading.Event().wait()
        except BaseException:
            pass
Sandbox.stop = stop
sys.exit(main(["sandbox", "--port", "0"]))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                process.send_signal(ending)
            elif line == "stopping\n":
                break
        process.send_signal(ending)
        assert process.wait(60) == -ending
    finally:
        process.kill()
        process.communicate()


def test_it_may_be_interrupted_while_it_is_loading() -> None:
    done = python("""
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from synergos.__main__ import main
sys.exit(main(["sandbox", "--port", "0"]))
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The sandbox has stopped.\n"


def test_what_keeps_it_from_starting_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a letter to someone, " * 100)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        wrong = {
            ("--port", port): f"port {port}: Address already in use. Port 0 takes a free one.",
            ("--port", "70000"): "cannot listen on 127.0.0.1 port 70000: ",
            ("--port", "0", "--data", str(tmp_path / "nothing")): "is not a folder: name one",
            ("--port", "0", "--store", str(tmp_path / "file")): "cannot be used as a store",
            ("--port", "0", "--store", str(tmp_path)): "cannot be used as a store",
            ("--port", "0", "--store", str(tmp_path / "file" / "f")): str(tmp_path / "file"),
        }
        done = python(f"""
import sys
from synergos.__main__ import main
for arguments in {list(wrong)}:
    print(main(["sandbox", *arguments]))
    print("next", file=sys.stderr)
""")
    assert done.stdout == "2\n" * len(wrong)
    *said, rest = done.stderr.split("next\n")
    assert rest == ""
    for line, text in zip(said, wrong.values(), strict=True):
        assert text in line
        assert line.count("\n") == 1


@pytest.mark.parametrize("lacking", ["torch", "flwr", "starlette"])
def test_without_the_extra_it_says_what_to_install(lacking: str) -> None:
    done = python(f"""
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {lacking!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Finder())
from synergos.__main__ import main
sys.exit(main(["sandbox", "--port", "0"]))
""")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"The sandbox needs {lacking}" in done.stderr
    assert "pip install 'synergos-driver[sandbox]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_needs_nothing_of_the_extra() -> None:
    done = python("""
import sys
for name in ("torch", "flwr", "pandas", "numpy", "starlette", "uvicorn", "jsonschema"):
    sys.modules[name] = None
from synergos.__main__ import main
main(["sandbox", "--help"])
""")
    assert done.returncode == 0, done.stderr
    assert "--store FILE" in done.stdout
