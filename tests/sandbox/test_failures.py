"""Failures on demand: what goes over the wire, what a driver makes of it, and that a reset ends all of it."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import LAYER, TRAIN

from synergos import Driver, InvalidArgument, ServerFailure, StatusError, TimedOut, Unreadable
from synergos.sandbox import Sandbox
from synergos.sandbox.parties import LocalParties
from synergos.ttp.grid import Grid
from synergos.ttp.store import Store

PROJECTS = "/ttp/connect/projects/"


def get(ttp: Sandbox, path: str = PROJECTS) -> httpx.Response:
    return httpx.get(f"{ttp.url}{path}", trust_env=False)


def make(driver: Driver) -> None:
    """A project that can be aligned and trained."""
    driver.projects.create(project_id="penguins", action="classify", incentives={})
    driver.experiments.create(project_id="penguins", expt_id="one", model=[LAYER])
    driver.runs.create(project_id="penguins", expt_id="one", run_id="sgd", rounds=2, epochs=1, criterion="NLLLoss")
    for name, train in TRAIN.items():
        driver.participants.create(name, host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id="penguins", participant_id=name, role="guest")
        driver.tags.create(project_id="penguins", participant_id=name, train=train, evaluate=[["iid_1"]])


class TestOnTheWire:
    def test_a_500_says_no_more_than_that_of_a_real_ttp(self, ttp: Sandbox) -> None:
        ttp.fail_next()
        answer = get(ttp)
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
        assert answer.headers["content-type"] == "application/json"

    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_a_gateway_answers_with_a_page(self, ttp: Sandbox, status: int) -> None:
        ttp.fail_next(status)
        answer = get(ttp)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert f"<h1>{status} " in answer.text

    def test_a_ttp_may_say_more(self, ttp: Sandbox) -> None:
        ttp.fail_next(503, message="Come back later.")
        assert get(ttp).json() == {"message": "Come back later."}

    def test_only_what_has_the_method_and_the_path_fails(self, ttp: Sandbox, driver: Driver) -> None:
        ttp.fail_next(500, method="POST", path="/projects/")
        assert driver.projects.read_all().data == []
        driver.participants.create("biscoe", host="127.0.0.1", port=8020, f_port=5000)
        with pytest.raises(ServerFailure):
            driver.projects.create(project_id="p", action="classify", incentives={})
        assert driver.projects.read_all().data == []
        driver.projects.create(project_id="p", action="classify", incentives={})

    def test_as_many_fail_as_were_asked_for_and_in_that_order(self, ttp: Sandbox) -> None:
        ttp.fail_next(417)
        ttp.fail_next(500, times=2)
        assert [get(ttp).status_code for _ in range(4)] == [417, 500, 500, 200]

    def test_what_no_real_ttp_has_fails_only_by_name(self, ttp: Sandbox) -> None:
        ttp.fail_next()
        assert get(ttp, "/ttp/sandbox/progress").status_code == 200
        assert ttp.unmet == ["fail_next(500)"]
        assert get(ttp).status_code == 500
        assert ttp.unmet == []
        ttp.fail_next(path="/ttp/sandbox/progress")
        assert get(ttp, "/ttp/sandbox/progress").status_code == 500

    def test_the_connection_goes_on_after_a_body_that_was_not_wanted(self, ttp: Sandbox) -> None:
        ttp.fail_next(502, method="POST")
        with httpx.Client(base_url=ttp.url, trust_env=False) as client:
            assert client.post(PROJECTS, json={"project_id": "p" * 100_000}).status_code == 502
            assert client.get(PROJECTS).json()["data"] == []

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ({"status": 200}, "status=200"),
            ({"status": 302, "page": True}, "status=302"),
            ({"status": 600}, "status=600"),
            ({"status": "500"}, "status='500'"),
            ({"method": "post"}, "method='post'"),
            ({"times": 0}, "times=0"),
            ({"times": True}, "times=True"),
            ({"status": True}, "status=True"),
            ({"page": True, "message": "m"}, "message"),
            ({"path": 5}, "path=5"),
            ({"message": 5}, "message=5"),
            ({"page": "yes"}, "page='yes'"),
            ({"done": "no"}, "done='no'"),
        ],
    )
    def test_what_is_no_failure_is_refused(self, ttp: Sandbox, arguments: dict[str, Any], word: str) -> None:
        with pytest.raises(InvalidArgument, match=word):
            ttp.fail_next(**arguments)
        assert ttp.unmet == []

    def test_who_goes_while_it_fails_is_no_fault_of_the_sandbox(
        self, ttp: Sandbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        ttp.fail_next(500, method="POST")
        with socket.create_connection((ttp.host, ttp.port)) as caller:
            head = f"POST {PROJECTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            caller.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
            while ttp.unmet:
                time.sleep(0.01)
        ttp.slow(0.1)
        assert get(ttp).status_code == 200
        assert not caplog.records


class TestToADriver:
    @pytest.mark.parametrize("times", [1, 2])
    def test_it_reads_again_after_a_gateway(self, ttp: Sandbox, driver: Driver, times: int) -> None:
        ttp.fail_next(503, times=times)
        assert driver.projects.read_all().data == []

    def test_a_page_in_place_of_an_answer_is_unreadable(self, ttp: Sandbox, driver: Driver) -> None:
        ttp.fail_next(200, page=True)
        with pytest.raises(Unreadable):
            driver.projects.read_all()

    def test_what_was_done_is_there_when_the_answer_is_lost(self, ttp: Sandbox, driver: Driver) -> None:
        ttp.fail_next(504, method="POST", done=True)
        with pytest.raises(ServerFailure):
            driver.projects.create(project_id="p", action="classify", incentives={})
        assert [one.key.project_id for one in driver.projects.read_all().data] == ["p"]

    def test_a_slow_ttp_is_given_up(self, ttp: Sandbox) -> None:
        ttp.slow(60)
        with Driver(url=ttp.url, timeout=0.2) as driver, pytest.raises(TimedOut):
            driver.projects.create(project_id="p", action="classify", incentives={})
        ttp.slow(0)
        assert [one["key"]["project_id"] for one in get(ttp).json()["data"]] == ["p"]

    def test_what_is_held_up_is_answered_when_it_is_over(self, ttp: Sandbox) -> None:
        ttp.slow(60)
        ttp.fail_next(417)
        answered: list[int] = []
        reader = threading.Thread(target=lambda: answered.append(get(ttp).status_code))
        reader.start()
        while ttp.unmet:
            time.sleep(0.01)
        ttp.slow(0)
        reader.join(20)
        assert answered == [417]

    @pytest.mark.parametrize("seconds", [-1, 86_401, 10**400, float("inf"), float("nan"), "1", True, None])
    def test_what_is_no_time_is_refused(self, ttp: Sandbox, seconds: Any) -> None:
        with pytest.raises(InvalidArgument, match="seconds="):
            ttp.slow(seconds)

    def test_careless_requests_meet_while_it_is_slow(self, fragile_ttp: Sandbox) -> None:
        fragile_ttp.slow(0.3)
        readers = [threading.Thread(target=get, args=(fragile_ttp,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert fragile_ttp.overlaps > 0


class TestALostWorker:
    def test_what_needs_it_fails_and_nothing_else(self, ttp: Sandbox, driver: Driver) -> None:
        make(driver)
        driver.alignments.create(project_id="penguins")
        ttp.lose_worker("dream")
        steps: list[Callable[[], Any]] = [
            lambda: driver.alignments.create(project_id="penguins"),
            lambda: driver.models.create(project_id="penguins", expt_id="one", run_id="sgd"),
        ]
        for step in steps:
            with pytest.raises(StatusError) as caught:
                step()
            assert (caught.value.status, caught.value.message) == (500, "Internal Server Error")
        assert driver.runs.read(project_id="penguins", expt_id="one", run_id="sgd").status == 200
        report = driver.check(project_id="penguins")
        assert not report
        assert "participant 'dream'" in str(report)

        ttp.restore_worker("dream")
        assert driver.models.create(project_id="penguins", expt_id="one", run_id="sgd").status == 200
        ttp.lose_worker("dream")
        predicted = driver.predictions.create({"penguins": [["iid_1"]]}, "biscoe", "penguins", "one", "sgd")
        assert predicted.status == 200
        with pytest.raises(ServerFailure):
            driver.validations.create(project_id="penguins", expt_id="one", run_id="sgd")

    @pytest.mark.parametrize("participant_id", [None, 5, ["biscoe"], "", "a/b"])
    def test_what_no_participant_can_be_called_is_refused(self, ttp: Sandbox, participant_id: Any) -> None:
        with pytest.raises(InvalidArgument, match="participant_id="):
            ttp.lose_worker(participant_id)

    def test_it_may_be_lost_in_the_middle_and_be_gone_on_with(self) -> None:
        rounds: list[int] = []

        def lose(progress: Any) -> None:
            rounds.append(progress.round.number)
            if len(rounds) == 1:
                ttp.lose_worker("dream")

        with Sandbox(on_round=lose) as ttp, Driver(url=ttp.url) as driver:
            make(driver)
            driver.alignments.create(project_id="penguins")
            with pytest.raises(ServerFailure) as caught:
                driver.models.create(project_id="penguins", expt_id="one", run_id="sgd")
            assert caught.value.message == "Internal Server Error"
            ttp.restore_worker("dream")
            driver.models.create(project_id="penguins", expt_id="one", run_id="sgd", resume=True)
        assert rounds == [1, 2]


class TestReset:
    def test_it_is_as_it_was_when_it_started(self, ttp: Sandbox, driver: Driver) -> None:
        make(driver)
        driver.alignments.create(project_id="penguins")
        driver.models.create(project_id="penguins", expt_id="one", run_id="sgd")
        assert any(ttp.outputs.rglob("*"))
        ttp.fail_next(500, times=3)
        ttp.lose_worker("dream")
        ttp.slow(0.5)

        ttp.reset()

        assert not any(ttp.outputs.rglob("*"))
        assert driver.projects.read_all().data == []
        assert get(ttp, "/ttp/sandbox/progress?ended=true").json()["data"] == []
        make(driver)
        assert driver.projects.read(project_id="penguins").data.doc_id == "1"
        driver.alignments.create(project_id="penguins")
        assert driver.models.create(project_id="penguins", expt_id="one", run_id="sgd").status == 200

    def test_it_calls_off_what_is_trained(self) -> None:
        began = threading.Event()
        with Sandbox(on_round=lambda _: began.set()) as ttp, Driver(url=ttp.url) as driver:
            make(driver)
            driver.runs.update(project_id="penguins", expt_id="one", run_id="sgd", rounds=10_000)
            driver.alignments.create(project_id="penguins")
            job = driver.models.submit(project_id="penguins", expt_id="one", run_id="sgd")
            assert began.wait(60)

            ttp.reset()

            with pytest.raises(StatusError, match="called off"):
                job.result()
            assert get(ttp, "/ttp/sandbox/progress").json()["data"] == []
            assert not any(ttp.outputs.rglob("*"))

    def test_one_follows_another(self, tmp_path: Path) -> None:
        order: list[str] = []
        is_in, go_on = threading.Event(), threading.Event()

        def settle() -> None:
            order.append("first begins")
            is_in.set()
            assert go_on.wait(60)
            order.append("first ends")

        with Store(tmp_path / "store.sqlite") as store:
            grid = Grid(store, LocalParties(tmp_path, tmp_path), tmp_path / "outputs")
            first = threading.Thread(target=grid.reset, args=(settle,))
            second = threading.Thread(target=grid.reset, args=(lambda: order.append("second"),))
            first.start()
            assert is_in.wait(60)
            second.start()
            # It would be through by then, if nothing kept it.
            second.join(0.3)
            go_on.set()
            first.join()
            second.join()
        assert order == ["first begins", "first ends", "second"]

    def test_it_counts_anew(self, fragile_ttp: Sandbox) -> None:
        fragile_ttp.slow(0.3)
        readers = [threading.Thread(target=get, args=(fragile_ttp,)) for _ in range(2)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert fragile_ttp.overlaps
        fragile_ttp.reset()
        assert fragile_ttp.overlaps == 0

    def test_one_that_does_not_run_has_nothing_to_forget(self) -> None:
        with pytest.raises(RuntimeError, match="not running"):
            Sandbox().reset()
