"""Taking turns: over processes, with a limit, and until the driver is closed."""

import contextlib
import logging
import math
import os
import re
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from listener import Listener, forked, held, listening

from synergos import Busy, Driver, InvalidArgument, SynergosError, TimedOut, Unreachable
from synergos.http.lockfile import FileLock, lock_folder
from synergos.sandbox import Sandbox

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
PROJECT: dict[str, Any] = {"project_id": "p", "action": "classify"}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def error_of(call: Callable[[], object]) -> SynergosError | None:
    try:
        call()
    except SynergosError as error:
        return error
    return None


def on(listener: Listener, **more: Any) -> Driver:
    return Driver("127.0.0.1", listener.port, **{"turn_timeout": 0.3, **more})


@needs_fork
class TestProcesses:
    def test_no_two_requests_of_two_processes_overlap(self):
        def work(name: str) -> int:
            with Driver(ttp.host, ttp.port) as driver:
                for index in range(10):
                    driver.projects.create(project_id=f"{name}{index}", action="classify")
                    driver.projects.read_all()
            return ttp.overlaps

        with Sandbox(fragile=True) as ttp:
            here = threading.Thread(target=work, args=("here",))
            here.start()
            forked(lambda: work("there"))
            here.join()
            assert ttp.overlaps == 0
            with Driver(ttp.host, ttp.port) as driver:
                assert len(driver.projects.read_all()["data"]) == 20

    def test_a_short_request_waits_for_one_of_another_process(self, listener):
        with on(listener) as driver:
            waiting = held(listener, "/slow", lambda: driver.projects.read(project_id="slow"))
            error = forked(lambda: on(listener).projects.create(**PROJECT))
            assert isinstance(error, Busy)
            assert f"by process {os.getpid()}" in str(error)
            assert re.search(r"^\[projects.create\] .*\[projects.read\], begun at ", str(error))
            assert isinstance(forked(lambda: on(listener).projects.read_all()), Busy)
            listener.release.set()
            waiting.join()
            assert forked(lambda: on(listener).projects.read_all().status) == 200

    def test_while_another_process_trains_reads_pass_and_writes_wait(self, listener):
        with on(listener) as driver:
            waiting = held(listener, "POST .*/train/", lambda: driver.models.create(project_id="p"))
            listener.held = ""
            assert forked(lambda: on(listener).projects.read_all().status) == 200
            for call in (
                lambda: on(listener).projects.create(**PROJECT),
                lambda: on(listener).models.create(project_id="p"),
            ):
                assert "[models.create], begun at" in str(forked(call))
            listener.release.set()
            waiting.join()

    def test_what_a_process_holds_is_released_when_it_dies(self, listener):
        listener.held = "/train/"
        pid = os.fork()
        if not pid:
            with contextlib.suppress(BaseException):
                on(listener).models.create(project_id="p")
            os._exit(0)
        assert listener.is_holding.acquire(timeout=20)
        with on(listener) as driver:
            with pytest.raises(Busy, match=f"by process {pid}"):
                driver.projects.create(**PROJECT)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            assert driver.projects.create(**PROJECT).status == 200

    def test_another_address_and_a_driver_that_takes_no_turns_do_not_wait(self, listener):
        with on(listener) as driver, listening() as other:
            waiting = held(listener, "/slow", lambda: driver.projects.read(project_id="slow"))
            assert forked(lambda: on(listener, concurrent=True).projects.read_all().status) == 200
            assert forked(lambda: on(other).projects.read_all().status) == 200
            listener.release.set()
            waiting.join()

    def test_with_the_variable_off_processes_do_not_wait_for_each_other(self, listener, monkeypatch):
        monkeypatch.setenv("SYNERGOS_LOCK", "off")
        with on(listener) as driver:
            waiting = held(listener, "/slow", lambda: driver.projects.read(project_id="slow"))
            assert forked(lambda: on(listener).projects.read_all().status) is not None
            with pytest.raises(Busy, match="by this process"):
                on(listener).projects.read_all()
            listener.release.set()
            waiting.join()


class TestLockFiles:
    def test_who_waits_is_next(self, tmp_path):
        first, second = (FileLock(tmp_path / "lock") for _ in range(2))
        assert first.take("models.create")
        assert not second.take("projects.read")
        holder = second.holder()
        assert holder is not None
        assert (holder.pid, holder.operation) == (os.getpid(), "models.create")
        first.release()
        assert not first.take("again"), "who had it overtakes who waited"
        assert second.take("projects.read")
        second.release()
        assert first.take("again")

    def test_who_leaves_the_queue_makes_way(self, tmp_path):
        first, second, third = (FileLock(tmp_path / "lock") for _ in range(3))
        assert first.take("a")
        assert not second.take("b")
        second.leave()
        first.release()
        assert third.take("c")

    def test_a_file_that_was_tidied_away_is_not_locked_on(self, tmp_path):
        first, second = (FileLock(tmp_path / "lock") for _ in range(2))
        assert first.take("a")
        first.release()
        (tmp_path / "lock").unlink()
        assert second.take("b")
        assert not first.take("a"), "both have it"

    def test_what_was_closed_is_not_released_for_others(self, tmp_path):
        first, second = (FileLock(tmp_path / "lock") for _ in range(2))
        assert first.take("a")
        first.close()
        assert second.take("b")
        first.release()
        first.leave()
        assert not first.take("c")

    def test_the_usual_folder_is_for_its_owner_alone(self, monkeypatch):
        monkeypatch.delenv("SYNERGOS_LOCK")
        for variable in ("XDG_RUNTIME_DIR", "TMPDIR"):
            monkeypatch.setenv(variable, "/nowhere")
        folder = lock_folder()
        assert folder is not None
        assert folder.name.startswith("synergos")
        if hasattr(os, "getuid"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.stat().st_uid == os.getuid()

    @pytest.mark.parametrize("value", ["on", "1", "locks", "/proc/nowhere", "/dev/null"])
    def test_a_variable_that_cannot_be_used_is_named(self, value, listener, monkeypatch):
        monkeypatch.setenv("SYNERGOS_LOCK", value)
        with pytest.raises(InvalidArgument, match=f"SYNERGOS_LOCK='{value}'"):
            on(listener)

    def test_a_folder_that_is_named_is_made_and_used(self, listener, monkeypatch, tmp_path):
        monkeypatch.setenv("SYNERGOS_LOCK", str(tmp_path / "new" / "locks"))
        with on(listener) as driver:
            driver.projects.create(**PROJECT)
        names = [path.name for path in (tmp_path / "new" / "locks").iterdir()]
        assert all(name.startswith(f"127.0.0.1_{listener.port}-") for name in names)
        assert len(names) == 4

    def test_where_there_can_be_no_file_the_log_says_so_and_threads_take_turns(
        self, listener, monkeypatch, tmp_path, caplog
    ):
        monkeypatch.setenv("SYNERGOS_LOCK", str(tmp_path / "locks"))
        with on(listener) as driver:
            (tmp_path / "locks").rmdir()
            (tmp_path / "locks").write_text("in the way")
            waiting = held(listener, "/slow", lambda: driver.projects.read(project_id="slow"))
            assert "Drivers of other processes are not waited for" in caplog.text
            assert "SYNERGOS_LOCK" in caplog.text
            with pytest.raises(Busy):
                driver.projects.read_all()
            listener.release.set()
            waiting.join()


class TestWaiting:
    def test_a_call_that_waits_too_long_for_its_turn_was_not_sent(self, listener):
        with on(listener) as driver:
            waiting = held(listener, "POST .*/train/", lambda: driver.models.create(project_id="p"))
            listener.held = ""
            with pytest.raises(Busy, match=r"within 0.3 s.*\[models.create\].*by this process.*Nothing was sent"):
                driver.projects.create(**PROJECT)
            with pytest.raises(TimeoutError):
                driver.models.submit(project_id="p").result(20)
            assert len([asked for asked in listener.asked if asked.method == "POST"]) == 1
            listener.release.set()
            waiting.join()
            assert issubclass(Busy, TimedOut)

    def test_the_log_warns_once_in_a_while(self, listener, monkeypatch, caplog):
        monkeypatch.setattr("synergos.http.gate._FIRST_WORD", 0.1)
        monkeypatch.setattr("synergos.http.gate._FIRST_WARNING", 0.3)
        with on(listener, turn_timeout=1.5) as driver:
            waiting = held(listener, "POST .*/train/", lambda: driver.models.create(project_id="p"))
            with caplog.at_level(logging.INFO, "synergos"), pytest.raises(Busy):
                driver.projects.create(**PROJECT)
            listener.release.set()
            waiting.join()
        said = [record for record in caplog.records if "waits until [models.create]" in record.getMessage()]
        levels = [record.levelno for record in said]
        assert levels[0] == logging.INFO
        assert logging.WARNING in levels
        assert len(said) < 6

    @pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "60", True])
    def test_a_limit_that_is_no_number_of_seconds_is_refused(self, value):
        with pytest.raises(InvalidArgument, match="turn_timeout="):
            Driver("127.0.0.1", 5000, turn_timeout=value)


class TestClosing:
    def test_it_ends_whatever_waits_and_says_so(self, listener):
        """A training, a write behind it, a read, a job and who waits for it."""
        errors: dict[str, SynergosError | None] = {}
        driver = on(listener, turn_timeout=None)
        free = on(listener, concurrent=True)

        def start(name: str, call: Callable[[], object]) -> threading.Thread:
            thread = threading.Thread(target=lambda: errors.update({name: error_of(call)}))
            thread.start()
            return thread

        listener.held = "POST .*/train/|/slow"
        threads = [start("training", lambda: driver.models.create(project_id="p"))]
        assert listener.is_holding.acquire(timeout=20)
        threads.append(start("behind it", lambda: driver.projects.create(**PROJECT)))
        threads.append(start("reading", lambda: driver.projects.read(project_id="slow")))
        assert listener.is_holding.acquire(timeout=20)
        listener.held = "/train/.*/models/$|POST .*/alignments/"
        job = free.scope(project_id="p").alignments.submit()
        job_behind = free.scope(project_id="p").models.job()
        threads.append(start("job", lambda: job.result()))
        threads.append(start("picked up", lambda: job_behind.result()))
        for _ in ("job", "picked up"):
            assert listener.is_holding.acquire(timeout=20)
        driver.close()
        free.close()
        for thread in threads:
            thread.join(20)
        assert not [thread for thread in threads if thread.is_alive()]
        assert len(errors) == 5
        assert {name: type(error) for name, error in errors.items()} == dict.fromkeys(errors, Unreachable)
        assert all("closed" in str(error) for error in errors.values())
        assert "may have been done" in str(errors["training"])
        assert "may have been done" not in str(errors["behind it"])
        assert "may have been done" not in str(errors["reading"])

    def test_who_waits_at_another_driver_goes_on(self, listener):
        with on(listener, concurrent=True) as driver, on(listener, concurrent=True) as other:
            waiting = held(listener, "/slow", lambda: driver.projects.read(project_id="slow"))
            other.projects.read_all()
            other.close()
            assert waiting.is_alive()
            listener.release.set()
            waiting.join()

    def test_a_turn_is_given_back(self, listener):
        driver = on(listener)
        waiting = held(listener, "POST .*/train/", lambda: error_of(lambda: driver.models.create(project_id="p")))
        driver.close()
        waiting.join()
        with on(listener) as other:
            assert other.projects.create(**PROJECT).status == 200

    def test_a_closed_driver_says_so(self, listener):
        driver = on(listener)
        driver.close()
        driver.close()
        with pytest.raises(Unreachable, match="closed"):
            driver.projects.read_all()


def test_the_files_are_where_the_documentation_says():
    page = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "reliability.md").read_text(encoding="utf-8")
    assert "SYNERGOS_LOCK=off" in page
    assert "/tmp/synergos-<your user id>" in page
