"""A driver in more than one process: after a fork, in a pickle, and as a copy."""

import copy
import multiprocessing
import os
import pickle
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from listener import Listener, forked, held, listening

from synergos import Busy, Driver, InvalidArgument, Node, NotFound, Unreachable

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
PROJECT = {"project_id": "p", "action": "classify"}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def read(driver: Driver, project_id: str = "p") -> str:
    return str(driver.projects.read(project_id=project_id)["data"]["key"]["project_id"])


def test_a_forked_process_has_connections_of_its_own(listener):
    with Driver("127.0.0.1", listener.port) as driver:
        read(driver)
        used = listener.peers()
        assert forked(lambda: [read(driver, f"p{number}") for number in range(3)]) == ["p0", "p1", "p2"]
        assert listener.peers() - used, "the forked process used the connection of its parent"
        read(driver)
        assert listener.asked[-1].peer in used, "the fork took the connection from its parent"


def test_what_a_forked_process_closes_stays_open_in_its_parent(listener):
    with Driver("127.0.0.1", listener.port) as driver:
        read(driver)
        forked(driver.close)
        read(driver)
        assert len(listener.peers()) == 1


def test_a_process_forked_while_a_thread_waits_for_an_answer_takes_its_turn_and_does_not_hang(listener):
    with Driver("127.0.0.1", listener.port, turn_timeout=0.5) as driver:
        waiting = held(listener, "/slow", lambda: read(driver, "slow"))
        refused = forked(lambda: read(driver))
        listener.release.set()
        waiting.join()
        assert isinstance(refused, Busy)
        assert f"[projects.read], begun at {time.strftime('%Y-')}" in str(refused)
        assert f"by process {os.getpid()}" in str(refused)
        assert forked(lambda: read(driver)) == "p"


def test_it_does_not_wait_where_no_turns_are_taken(listener):
    with Driver("127.0.0.1", listener.port, concurrent=True) as driver:
        waiting = held(listener, "/slow", lambda: read(driver, "slow"))
        assert forked(lambda: read(driver)) == "p"
        assert waiting.is_alive()
        listener.release.set()
        waiting.join()


def test_that_a_fork_lets_go_of_the_turn_of_its_parent_gives_nobody_else_the_turn(listener):
    with Driver("127.0.0.1", listener.port, turn_timeout=0.3) as driver:
        waiting = held(listener, "/slow", lambda: read(driver, "slow"))
        for _ in range(2):
            assert isinstance(forked(lambda: read(driver)), Busy)
        listener.release.set()
        waiting.join()


def test_a_process_forked_in_the_midst_of_finding_out_the_generation_does_not_hang(listener):
    listener.missing = "/connect/"

    def generation(driver: Driver) -> str:
        with pytest.raises(NotFound, match="no such route") as caught:
            driver.projects.read_all("c")
        return str(caught.value)

    with Driver("127.0.0.1", listener.port, concurrent=True) as driver:
        waiting = held(listener, "/collaborations/$", lambda: generation(driver))
        listener.held = ""
        assert "generation v4" in forked(lambda: generation(driver))
        listener.release.set()
        waiting.join()


def test_a_job_goes_on_in_a_forked_process_by_looking_for_its_records(trained_ttp):
    ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        job = driver.models.submit(**ids)
        with job._lock:
            thread = threading.Thread(target=job.done)
            thread.start()
            result = forked(lambda: (job.result(10)["data"][0]["key"], driver.models.job(**ids) is job))
        thread.join()
        assert result == (ids, False)
        assert job.result(10).data[0].key.run_id == "adam"


def test_a_transport_that_a_fork_would_share_is_refused_there_and_says_what_to_do(listener):
    with Driver("127.0.0.1", listener.port, transport=httpx.HTTPTransport()) as driver:
        read(driver)
        error = forked(lambda: read(driver))
        assert isinstance(error, Unreachable)
        assert "make a Driver here" in str(error)
        assert forked(driver.close) is None
        assert read(driver) == "p"


def test_what_answers_within_the_process_is_used_on(recorder):
    recorder.answer({"key": {"project_id": "p"}})
    assert forked(lambda: read(recorder.driver)) == "p"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools_of_processes_get_their_own_answers(listener, method):
    with Driver("127.0.0.1", listener.port).scope(collab_id="c") as driver:
        read(driver)
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            names = [f"p{number}" for number in range(8)]
            assert pool.starmap(read, [(driver, name) for name in names]) == names
        assert all("/collaborations/c/" in asked.path for asked in listener.asked)


class TestPickling:
    def test_a_driver_is_made_anew_of_what_it_was_made_of(self, listener):
        arguments: dict[str, Any] = {"timeout": 7.0, "turn_timeout": 8.0, "errors": "return", "collab_id": "c"}
        with Driver("127.0.0.1", listener.port, **arguments) as driver:
            driver.registrations.add_node("10.0.0.1", 8020, 5000)
            other = pickle.loads(pickle.dumps(driver.scope(project_id="p")))
            whole = pickle.loads(pickle.dumps(driver))
        assert repr(other) == repr(driver.scope(project_id="p"))
        assert other.projects.read().data.key.project_id == "p"
        assert whole.projects.read(project_id="q").data.key.project_id == "q"
        assert whole.registrations.list_nodes() == {"node_0": Node("10.0.0.1", 8020, 5000)}
        assert (
            whole._connection.transport._timeout,
            whole._connection.transport.turn_timeout,
            whole._returns_errors,
        ) == (7.0, 8.0, True)

    def test_it_remembers_what_it_sent_of_runs(self, listener):
        with Driver("127.0.0.1", listener.port) as driver:
            driver.runs.create(project_id="p", expt_id="e", run_id="r", criterion="NLLLoss")
            other = pickle.loads(pickle.dumps(driver))
        key = {"project_id": "p", "expt_id": "e", "run_id": "r"}
        assert other._connection.memory.recall(key)["criterion"] == "NLLLoss"

    def test_a_transport_of_ones_own_cannot_be_sent_and_says_what_to_do(self, recorder):
        with pytest.raises(InvalidArgument, match="make the driver there"):
            pickle.dumps(recorder.driver)

    def test_a_context_of_tls_cannot_be_sent_and_says_what_to_do(self):
        driver = Driver(url="https://gw", verify=ssl.create_default_context())
        with pytest.raises(InvalidArgument, match=r"ssl\.SSLContext .* give verify= and cert= as files"):
            pickle.dumps(driver)

    def test_a_job_cannot_be_sent_and_says_what_to_do(self, trained_driver):
        job = trained_driver.models.job(project_id="penguins")
        with pytest.raises(InvalidArgument, match=r"driver\.models\.job\(project_id='penguins'\)"):
            pickle.dumps(job)

    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
    def test_a_copy_has_connections_of_its_own(self, listener, copied):
        with Driver("127.0.0.1", listener.port, collab_id="c") as driver:
            read(driver)
            with copied(driver) as other:
                read(other)
            assert repr(other) == repr(driver)
            assert len(listener.peers()) == 2
            assert read(driver) == "p"
            with pytest.raises(Unreachable, match="closed"):
                read(other)

    def test_a_copy_on_a_transport_of_ones_own_uses_it_too(self, recorder):
        recorder.answer({"key": {"project_id": "p"}})
        assert read(copy.deepcopy(recorder.driver)) == "p"


def test_no_lock_file_is_passed_on_to_what_is_run(listener):
    listing = """
import os
for number in os.listdir("/proc/self/fd"):
    try:
        print(os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
"""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell what files are open")
    with Driver("127.0.0.1", listener.port) as driver:
        read(driver)
        run = subprocess.run([sys.executable, "-c", listing], close_fds=False, capture_output=True, text=True)
    assert run.stdout
    assert os.environ["SYNERGOS_LOCK"] not in run.stdout
