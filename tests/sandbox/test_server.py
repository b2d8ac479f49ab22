"""The sandbox as a server: how it starts, what it keeps, what it leaves, and what it connects to."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from synergos import Driver
from synergos.sandbox import Sandbox
from synergos.ttp.store import StoreInUse

HEAVY = ("torch", "flwr", "pandas", "numpy", "starlette", "uvicorn", "jsonschema")


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a fresh interpreter says to some code."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


class TestStarting:
    def test_it_answers_as_soon_as_it_is_entered(self) -> None:
        with Sandbox() as ttp:
            assert (ttp.host, ttp.port > 0) == ("127.0.0.1", True)
            answer = httpx.get(f"http://{ttp.host}:{ttp.port}/ttp/connect/projects/", trust_env=False)
            assert answer.json()["data"] == []
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://{ttp.host}:{ttp.port}/ttp/connect/projects/", trust_env=False)

    def test_two_have_ports_and_records_of_their_own(self, caller_of: Any) -> None:
        with Sandbox() as one, Sandbox() as two:
            assert one.port != two.port
            caller_of(one.port).ok("POST", "projects/", {"project_id": "p", "incentives": {}})
            assert caller_of(two.port).ok("GET", "projects/") == []

    def test_it_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        before = set(threading.enumerate())
        with Sandbox() as ttp:
            assert ttp.store.is_relative_to(tmp_path)
            assert ttp.store.exists()
        assert list(tmp_path.iterdir()) == []
        assert set(threading.enumerate()) == before

    def test_it_may_be_stopped_twice_and_started_again(self, caller_of: Any) -> None:
        ttp = Sandbox().start()
        caller_of(ttp.port).ok("POST", "projects/", {"project_id": "p", "incentives": {}})
        ttp.stop()
        ttp.stop()
        with ttp:
            assert caller_of(ttp.port).ok("GET", "projects/") == []

    def test_a_port_that_is_taken_is_named(self, tmp_path: Path) -> None:
        before = set(threading.enumerate())
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            with pytest.raises(OSError, match=rf"127\.0\.0\.1 port {port}: .* in use\. Port 0 takes a free one"):
                Sandbox(port=port, store=tmp_path / "f").start()
        assert list(tmp_path.iterdir()) == []
        assert set(threading.enumerate()) == before

    @pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70000), ("127.0.0.1", -1), ("192.0.2.1", 0)])
    def test_an_address_that_cannot_be_is_named(self, host: str, port: int) -> None:
        with pytest.raises(OSError, match=re.escape(f"cannot listen on {host} port {port}: ")):
            Sandbox(host, port).start()

    def test_data_that_are_no_folder_are_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for path in (tmp_path / "nothing", tmp_path / "file"):
            with pytest.raises(NotADirectoryError, match=rf"data='{path}' is not a folder: name one"):
                Sandbox(data=path)

    def test_a_store_in_use_is_named_and_the_port_is_free_again(self, tmp_path: Path) -> None:
        with Sandbox(store=tmp_path / "f"):
            second = Sandbox(store=tmp_path / "f")
            with pytest.raises(StoreInUse, match="f is in use by another sandbox"):
                second.start()
        with second:
            assert second.port > 0

    def test_a_store_that_is_none_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_text("a letter to someone, " * 100)
        with pytest.raises(StoreInUse, match="f cannot be used as a store"):
            Sandbox(store=tmp_path / "f").start()
        with pytest.raises(StoreInUse, match="cannot be used as a store"):
            Sandbox(store=tmp_path).start()


class TestCrowd:
    def test_200_clients_at_once_are_all_answered_and_each_with_its_own(self) -> None:
        count, failed = 200, []
        barrier = threading.Barrier(count)

        def ask(ttp: Sandbox, own_id: str) -> None:
            with contextlib.closing(http.client.HTTPConnection(ttp.host, ttp.port)) as connection:
                barrier.wait()
                for method, path, body in (
                    ("POST", "", f'{{"project_id": "{own_id}", "incentives": {{}}}}'),
                    ("PUT", own_id, '{"incentives": {"tier": []}}'),
                    ("GET", own_id, None),
                ):
                    try:
                        kind = {} if body is None else {"content-type": "application/json"}
                        connection.request(method, f"/ttp/connect/projects/{own_id if path else ''}", body, kind)
                        answer = json.load(connection.getresponse())
                    except (OSError, http.client.HTTPException, ValueError) as error:
                        failed.append(f"{own_id} {method}: {error!r}")
                        return
                    if answer.get("data", {}).get("key") != {"project_id": own_id}:
                        failed.append(f"{own_id} {method}: {answer}")

        with Sandbox() as ttp:
            threads = [threading.Thread(target=ask, args=(ttp, f"p{index}")) for index in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with Driver(ttp.host, ttp.port) as driver:
                found = driver.projects.read_all()["data"]
        assert not failed, failed[:3]
        assert {one["key"]["project_id"]: one["incentives"] for one in found} == {
            f"p{index}": {"tier": []} for index in range(count)
        }


class TestKeeping:
    def test_records_and_files_outlive_the_sandbox(self, tmp_path: Path, caller_of: Any) -> None:
        paths = ("projects/p", "projects/p/registrations", "participants/", "/ttp/train/projects/p/models/e/r")
        with Sandbox(store=tmp_path / "deep" / "grid.sqlite") as ttp:
            caller = caller_of(ttp.port)
            caller.connect()
            caller.align()
            caller.train()
            kept = [caller.ok("GET", path) for path in paths]
        with Sandbox(store=tmp_path / "deep" / "grid.sqlite") as ttp:
            caller = caller_of(ttp.port)
            assert [caller.ok("GET", path) for path in paths] == kept
            found = caller.ok("POST", "/ttp/evaluate/projects/p/validations/", {})
            assert all(one["evaluate"]["statistics"] for one in found)
            assert caller.train()[0]["doc_id"] == "1"

    def test_what_a_crash_left_half_written_is_removed(self, tmp_path: Path) -> None:
        with Sandbox(store=tmp_path / "f") as ttp:
            leftover = ttp.outputs / "p" / "e" / "r" / ".abc.tmp"
        leftover.parent.mkdir(parents=True)
        leftover.touch()
        with Sandbox(store=tmp_path / "f"):
            assert not leftover.exists()


class TestAlone:
    @pytest.mark.parametrize(
        "code",
        [
            "import synergos",
            "from synergos import Driver",
            "from synergos import Driver; d = Driver('h', 1); [getattr(d, n) for n in dir(d) if not n.startswith('_')]",
            "import synergos.__main__",
        ],
    )
    def test_the_driver_imports_nothing_of_the_sandbox(self, code: str) -> None:
        done = python(f"{code}\nimport sys; print(*sys.modules)")
        assert done.returncode == 0, done.stderr
        loaded = {name.partition(".")[0] for name in done.stdout.split()}
        assert "httpx" in loaded or code.endswith("__main__")
        assert loaded.isdisjoint(HEAVY)
        assert "synergos.sandbox" not in done.stdout.split()

    def test_it_connects_to_nothing_but_this_machine_and_leaves_nothing_at_home(self, tmp_path: Path) -> None:
        code = f"""
import json, sys
addresses = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        addresses.append(arguments[1] if isinstance(arguments[1], tuple) else [arguments[1]])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        addresses.append(arguments)
sys.addaudithook(watch)
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from caller import Caller
from synergos import Driver
from synergos import Driver
from synergos.sandbox import Sandbox
with Sandbox() as ttp:
    caller = Caller(ttp.port)
    caller.connect()
    caller.align()
    caller.train()
    caller.ok("POST", "/ttp/evaluate/projects/p/validations/", {{}})
    with Driver(ttp.host, ttp.port) as driver:
        driver.projects.read_all()
print(json.dumps([[str(part) for part in address] for address in addresses]))
"""
        home = tmp_path / "home"
        home.mkdir()
        variables = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        done = python(code, **variables)
        assert done.returncode == 0, done.stderr
        addresses = json.loads(done.stdout.splitlines()[-1])
        assert addresses
        assert [address for address in addresses if address[0] != "127.0.0.1"] == []
        assert list(home.rglob("*")) == []
