"""What the sandbox tells of its work and real TTPs do not: how far it is, how it ended, and how it is called off."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from synergos import Cancelled, Driver, Rejected, TimedOut
from synergos.sandbox import Sandbox
from synergos.ttp.work import Progress

PATH, ROUNDS = "/ttp/sandbox/progress", "/ttp/sandbox/rounds"
MODELS = "/ttp/train/projects/p/models/e/r"
ENDLESS = {"rounds": 1_000_000, "patience": 1_000_000}
IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}
POLL = 0.01


class Rounds:
    """Tells when a training is under way."""

    def __init__(self) -> None:
        self.started = threading.Event()

    def __call__(self, _: Progress) -> None:
        self.started.set()

    def await_one(self) -> None:
        assert self.started.wait(60)


@pytest.fixture
def rounds() -> Rounds:
    return Rounds()


@pytest.fixture
def ttp(rounds: Rounds) -> Iterator[Sandbox]:
    with Sandbox(on_round=rounds) as ttp:
        yield ttp


@pytest.fixture
def caller(ttp: Sandbox, caller_of: Any) -> Any:
    """On an aligned project whose run `r` trains for ever, and whose run `s` is short."""
    caller = caller_of(ttp.port)
    caller.connect(**ENDLESS)
    caller.ok("POST", "projects/p/experiments/e/runs/", {"run_id": "s", **caller.RUN})
    caller.align()
    return caller


@pytest.fixture
def driver(ttp: Sandbox) -> Iterator[Driver]:
    with Driver(ttp.host, ttp.port) as driver:
        yield driver


def in_background(call: Any, *arguments: Any) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(call(*arguments)))
    thread.start()
    return thread, answers


class TestRoutes:
    def test_there_is_nothing_to_tell_and_to_call_off_when_nothing_is_done(self, caller: Any) -> None:
        assert caller.ok("GET", PATH) == []
        assert caller.ok("DELETE", PATH) == []
        (aligned,) = caller.ok("GET", f"{PATH}?ended=true")
        assert (aligned["resource"], aligned["ids"], aligned["state"]) == ("alignments", {"project_id": "p"}, "done")

    def test_it_tells_of_what_is_under_way_and_of_what_waits(self, caller: Any, rounds: Rounds) -> None:
        training, answers = in_background(caller.send, "POST", MODELS, caller.JOB)
        rounds.await_one()
        waiting, _ = in_background(caller.send, "POST", "/ttp/evaluate/projects/p/validations/e/s", {})
        while len(works := caller.ok("GET", PATH)) < 2:
            pass
        first, second = works
        assert (first["resource"], first["ids"], first["state"]) == ("models", IDS, "running")
        assert first["key"] == IDS
        assert first["rounds"] == 1_000_000
        assert 1 <= first["round"] < 1_000_000
        assert first["train_loss"] > 0 < first["evaluate_loss"]
        assert first["seconds"] > 0
        assert (second["resource"], second["state"], second["seconds"]) == ("validations", "queued", 0)
        assert second["number"] == first["number"] + 1

        (called_off,) = caller.ok("DELETE", PATH)

        assert called_off["number"] == first["number"]
        training.join()
        waiting.join()
        assert answers[0].status_code == 500
        assert answers[0].json() == {
            "message": "The models of project_id='p', expt_id='e', run_id='r' were called off."
        }
        ended = {one["number"]: one for one in caller.ok("GET", f"{PATH}?ended=true")}
        assert ended[first["number"]]["state"] == "cancelled"
        assert ended[first["number"]]["status"] == 500
        assert ended[second["number"]]["state"] == "done"
        assert caller.ok("GET", PATH) == []

    def test_what_was_trained_before_stays(self, caller: Any, rounds: Rounds) -> None:
        caller.ok("PUT", "projects/p/experiments/e/runs/r", {"rounds": 2})
        kept = caller.train()
        caller.ok("PUT", "projects/p/experiments/e/runs/r", {"rounds": 1_000_000})
        rounds.started.clear()
        training, _ = in_background(caller.send, "POST", MODELS, caller.JOB)
        rounds.await_one()
        caller.ok("DELETE", PATH)
        training.join()
        assert caller.ok("GET", MODELS) == kept

    def test_what_waits_is_called_off_by_its_number(self, caller: Any, rounds: Rounds) -> None:
        training, _ = in_background(caller.send, "POST", MODELS, caller.JOB)
        rounds.await_one()
        waiting, answers = in_background(caller.send, "POST", "/ttp/train/projects/p/models/e/s", caller.JOB)
        while len(works := caller.ok("GET", PATH)) < 2:
            pass
        (called_off,) = caller.ok("DELETE", f"{PATH}?number={works[1]['number']}")
        assert (called_off["number"], called_off["state"]) == (works[1]["number"], "cancelled")
        assert [one["number"] for one in caller.ok("GET", PATH)] == [works[0]["number"]]
        caller.ok("DELETE", PATH)
        training.join()
        waiting.join()
        assert answers[0].status_code == 500
        assert caller.send("GET", "/ttp/train/projects/p/models/e/s").status_code == 404

    @pytest.mark.parametrize("number", ["x", "-1", "1.5", "", "1_0", "²", "١", "1" * 20])
    def test_a_number_is_a_number(self, number: str, caller: Any) -> None:
        assert "whole number" in caller.refused(417, "DELETE", f"{PATH}?number={number}")
        assert caller.ok("DELETE", f"{PATH}?number=99") == []

    @pytest.mark.parametrize("query", ["Number=1", "numbers=1", "number=1&number=2", "number=1&ended=true"])
    def test_what_is_not_understood_calls_nothing_off(self, query: str, caller: Any, rounds: Rounds) -> None:
        training, answers = in_background(caller.send, "POST", MODELS, caller.JOB)
        rounds.await_one()
        name = query.rpartition("&")[2].partition("=")[0]
        assert repr(name) in caller.refused(417, "DELETE", f"{PATH}?{query}")
        (work,) = caller.ok("GET", PATH)
        assert work["state"] == "running"
        caller.ok("DELETE", PATH)
        training.join()
        assert answers[0].status_code == 500

    @pytest.mark.parametrize("ended", ["null", "yes", "True", ""])
    def test_whether_ended_is_true_or_false(self, ended: str, caller: Any) -> None:
        assert "must be true or false" in caller.refused(417, "GET", f"{PATH}?ended={ended}")

    def test_what_fails_says_why(self, caller: Any) -> None:
        message = caller.refused(404, "POST", "/ttp/train/projects/p/models/e/none", caller.JOB)
        failed = caller.ok("GET", f"{PATH}?ended=true")[-1]
        assert (failed["state"], failed["status"], failed["message"]) == ("failed", 404, message)

    def test_only_so_much_of_what_has_ended_is_kept(self, caller: Any) -> None:
        for _ in range(105):
            caller.send("POST", "/ttp/evaluate/projects/p/validations/none", {})
        works = caller.ok("GET", f"{PATH}?ended=true")
        assert len(works) == 100
        assert works[-1]["number"] == 106


class TestRounds:
    def ended(self, caller: Any) -> dict[str, Any]:
        """What was done last."""
        last: dict[str, Any] = caller.ok("GET", f"{PATH}?ended=true")[-1]
        return last

    def test_each_is_told_once_in_its_order(self, caller: Any) -> None:
        caller.ok("PUT", "projects/p/experiments/e/runs/r", {"rounds": 3})
        caller.train()
        number = self.ended(caller)["number"]

        told = caller.ok("GET", f"{ROUNDS}?number={number}")

        losses = caller.ok("GET", "/ttp/sandbox/losses?project_id=p&expt_id=e&run_id=r")
        whole, *own = losses
        assert [one["key"] for one in told] == [IDS] * 3
        assert [(one["round"], one["rounds"]) for one in told] == [(1, 3), (2, 3), (3, 3)]
        assert [one["train_loss"] for one in told] == whole["train"]
        assert [one["evaluate_loss"] for one in told] == whole["evaluate"]
        assert {one["origin"]: one["train"] for one in own} == {
            name: [one["local_losses"][name] for one in told] for name in ("biscoe", "dream")
        }
        assert caller.ok("GET", f"{ROUNDS}?number={number}&after=2") == told[2:]
        assert caller.ok("GET", f"{ROUNDS}?number={number}&after=3") == []
        assert caller.ok("GET", f"{ROUNDS}?number={number}&after=99") == []

    def test_those_of_all_runs_are_told_each_with_its_run(self, caller: Any) -> None:
        caller.ok("PUT", "projects/p/experiments/e/runs/r", {"rounds": 2})
        caller.ok("PUT", "projects/p/experiments/e/runs/s", {"rounds": 1})
        caller.ok("POST", "/ttp/train/projects/p/models/e", caller.JOB)
        told = caller.ok("GET", f"{ROUNDS}?number={self.ended(caller)['number']}")
        assert [(one["key"]["run_id"], one["round"]) for one in told] == [("r", 1), ("r", 2), ("s", 1)]

    def test_an_answer_holds_so_many_and_the_next_goes_on(self, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("synergos.ttp.jobs._TOLD_ROUNDS", 2)
        caller.ok("PUT", "projects/p/experiments/e/runs/r", {"rounds": 3})
        caller.train()
        path = f"{ROUNDS}?number={self.ended(caller)['number']}"
        assert [[one["round"] for one in caller.ok("GET", f"{path}&after={after}")] for after in (0, 2)] == [
            [1, 2],
            [3],
        ]

    def test_work_without_rounds_has_none(self, caller: Any) -> None:
        assert caller.ok("GET", f"{ROUNDS}?number={self.ended(caller)['number']}") == []

    def test_work_that_is_not_known_is_missing(self, caller: Any) -> None:
        assert "no work of the number 99" in caller.refused(404, "GET", f"{ROUNDS}?number=99")
        assert caller.refused(417, "GET", ROUNDS) == "'number' must be given."
        assert "whole number" in caller.refused(417, "GET", f"{ROUNDS}?number=1&after=-1")


class TestJobs:
    def test_a_training_is_called_off(self, caller: Any, driver: Driver, rounds: Rounds) -> None:
        job = driver.models.submit(**IDS)
        rounds.await_one()

        assert job.cancel() is True

        with pytest.raises(Cancelled, match=r"^\[models\.submit\] The models of .* were called off\.$"):
            job.result(60, poll=POLL)
        assert (job.state, job.done(), job.cancel()) == ("cancelled", True, False)
        assert isinstance(job.exception(), Cancelled)

    def test_it_can_be_called_off_at_once(self, caller: Any, driver: Driver) -> None:
        job = driver.models.submit(**IDS)
        assert job.cancel() is True
        assert job.wait(60, poll=POLL).state == "cancelled"

    def test_of_two_the_one_is_called_off_that_is_meant(self, caller: Any, driver: Driver, rounds: Rounds) -> None:
        first = driver.models.submit(**IDS)
        rounds.await_one()
        second = driver.models.submit(project_id="p", expt_id="e", run_id="s")
        assert second.cancel() is True
        assert first.state == "running"
        assert first.cancel() is True
        assert first.wait(60, poll=POLL).state == second.wait(60, poll=POLL).state == "cancelled"

    def test_what_has_ended_or_is_no_training_cannot_be_called_off(self, caller: Any, driver: Driver) -> None:
        job = driver.models.submit(project_id="p", expt_id="e", run_id="s").wait(60, poll=POLL)
        assert job.cancel() is False
        assert job.state == "done"

    def test_another_driver_picks_it_up_and_calls_it_off(
        self, caller: Any, ttp: Sandbox, driver: Driver, rounds: Rounds
    ) -> None:
        job = driver.models.submit(**IDS)
        rounds.await_one()
        with Driver(ttp.host, ttp.port) as other:
            again = other.models.job(**IDS)
            assert again is not job
            assert again.state == "running"
            assert again.cancel() is True
            assert again.wait(60, poll=POLL).state == "cancelled"
        # Not called off by this driver, so to it the TTP has failed.
        assert job.wait(60, poll=POLL).state == "failed"

    def test_what_is_trained_anew_is_not_done_because_it_was_there(
        self, caller: Any, ttp: Sandbox, driver: Driver, rounds: Rounds
    ) -> None:
        driver.runs.update(**IDS, rounds=2)
        driver.models.create(**IDS)
        driver.runs.update(**IDS, rounds=1_000_000)
        rounds.started.clear()
        job = driver.models.submit(**IDS)
        rounds.await_one()
        with Driver(ttp.host, ttp.port) as other:
            assert other.models.job(**IDS).done() is False
        assert job.cancel()
        assert job.wait(60, poll=POLL).state == "cancelled"

    def test_a_terminal_sees_rounds_and_losses(
        self,
        caller: Any,
        driver: Driver,
        rounds: Rounds,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        job = driver.models.submit(**IDS)
        rounds.await_one()
        with pytest.raises(TimedOut):
            job.wait(0.01)
        assert job.cancel()
        err = capsys.readouterr().err
        assert "models r" in err
        assert "/1000000 rounds" in err
        assert "loss " in err


class TestCluster:
    @pytest.fixture
    def ttp(self, rounds: Rounds) -> Iterator[Sandbox]:
        with Sandbox(on_round=rounds, cluster=True) as ttp:
            yield ttp

    @pytest.fixture
    def ready(self, ttp: Sandbox, driver: Driver, caller_of: Any) -> Driver:
        """A driver on a project in a collaboration, not aligned."""
        send = caller_of(ttp.port).ok
        its = "collaborations/c/projects/p"
        send("POST", "collaborations/", {"collab_id": "c", "mq": {"host": "h", "ports": {"main": 1}}})
        send("POST", "collaborations/c/projects/", {"project_id": "p", "action": "classify", "incentives": {}})
        send("POST", f"{its}/experiments/", {"expt_id": "e", "model": [caller_of.LAYER]})
        send("POST", f"{its}/experiments/e/runs/", {"run_id": "r", **caller_of.RUN})
        for name, train in caller_of.TRAIN.items():
            registration = f"{its}/participants/{name}/registration"
            node = {"host": "127.0.0.1", "port": 8020, "f_port": 5000, "log_msgs": True, "verbose": True}
            send("POST", "participants/", {"id": name})
            send("POST", registration, {"role": "guest", "n_count": 1, "node_0": node})
            send("POST", f"{registration}/tags", {"train": train, "evaluate": [["iid_1"]]})
        return driver.scope(collab_id="c", project_id="p")

    def test_each_phase_is_waited_for(self, ready: Driver) -> None:
        assert ready.alignments.create().data == []
        assert len(ready.alignments.create(wait=60).data) == 2
        assert len(ready.models.submit().result(60, poll=POLL).data) == 1
        assert len(ready.validations.submit().result(60, poll=POLL).data) == 2
        tags = {"p": [["iid_1"]]}
        assert len(ready.predictions.submit(tags, "biscoe").result(60, poll=POLL).data) == 1

    def test_the_same_made_anew_is_seen_to_be_done(self, ready: Driver) -> None:
        first = ready.alignments.create(wait=60)
        second = ready.alignments.create(wait=60)
        assert first["data"] == second["data"]

    def test_what_fails_is_heard_of(self, ready: Driver) -> None:
        job = ready.models.submit().wait(60, poll=POLL)
        assert job.state == "failed"
        with pytest.raises(Rejected, match=r"^\[models\.submit\] 417 .* is not aligned"):
            job.result()

    def test_what_is_queued_is_called_off(self, ready: Driver, rounds: Rounds) -> None:
        ready.alignments.create(wait=60)
        ready.runs.update(expt_id="e", run_id="r", **ENDLESS)
        training = ready.models.submit()
        rounds.await_one()
        queued = ready.validations.submit()
        assert queued.cancel()
        assert queued.state == "cancelled"
        assert training.cancel()
        with pytest.raises(Cancelled):
            training.result(60, poll=POLL)

    def test_a_search_is_waited_for_and_called_off(self, ready: Driver, rounds: Rounds) -> None:
        ready.alignments.create(wait=60)
        how = {
            "expt_id": "e",
            "search_space": {"lr": {"_type": "uniform", "_value": [0.1, 0.2]}},
            "fixed": {"rounds": 2, "epochs": 1},
            "metric": "accuracy",
            "optimize_mode": "max",
        }
        assert len(ready.optimizations.submit(**how, max_trial_num=2).result(60, poll=POLL).data) == 4
        rounds.started.clear()
        job = ready.optimizations.submit(**how, max_trial_num=1_000_000)
        rounds.await_one()
        assert job.cancel()
        assert job.wait(60, poll=POLL).state == "cancelled"


INTERRUPTED = """
import signal, sys, threading
from synergos import Driver

class Terminal:
    def __getattr__(self, name):
        return getattr(sys.__stderr__, name)
    def isatty(self):
        return True
    def write(self, text):
        if "rounds" in text:
            signal.raise_signal(signal.SIGINT)

sys.stderr = Terminal()
driver = Driver("127.0.0.1", int(sys.argv[1]))
try:
    driver.models.create(project_id="p", expt_id="e", run_id="r", wait=True)
except KeyboardInterrupt as error:
    sys.stderr = sys.__stderr__
    print(*error.__notes__)
    job = driver.models.job(project_id="p", expt_id="e", run_id="r")
    print(job.state, job.cancel())
    print(job.wait(60).state)
"""


def test_ctrl_c_stops_the_waiting_and_the_job_can_be_called_off(caller: Any, ttp: Sandbox) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(ttp.port)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "The TTP may still be at work: pick it up with job = "
        "driver.models.job(project_id='p', expt_id='e', run_id='r'). job.cancel() calls it off.",
        "running True",
        "cancelled",
    ]
