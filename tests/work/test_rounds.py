"""The rounds of a job: each once, in order, whenever one looks, and said to be of their run."""

from typing import Any

import pytest
from caller import Caller
from recorder import Recorder

from synergos import Driver, InvalidArgument, Job, Round, SynergosError, TimedOut

IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}
POLL = 0.01


def numbers(rounds: Any) -> list[tuple[str, int]]:
    return [(done.run_id, done.number) for done in rounds]


def test_they_come_as_they_are_done(stage: Driver, gate: Any) -> None:
    gate.shut()
    job = stage.models.submit(**IDS)
    rounds = job.rounds(60, poll=POLL)
    for number in (1, 2, 3):
        gate.await_round()
        # The training is held up after this round, and the next is not done.
        assert next(rounds).number == number
        assert job.state == "running"
        gate.let_go()
    assert list(rounds) == []
    assert job.state == "done"


def test_each_tells_its_losses(stage: Driver) -> None:
    job = stage.models.submit(**IDS)
    told = list(job.rounds(60, poll=POLL))

    losses = [row for row in stage.results(project_id="p", expt_id="e", run_id="r").losses if not row["participant_id"]]
    assert [done.train_loss for done in told] == [row["train"] for row in losses]
    assert [done.evaluate_loss for done in told] == [row["evaluate"] for row in losses]
    (first, *_) = told
    assert (first.project_id, first.expt_id, first.run_id, first.collab_id) == ("p", "e", "r", None)
    assert (first.number, first.rounds) == (1, 3)
    assert sorted(first.local_losses) == ["biscoe", "dream"]


def test_none_is_missed_and_none_comes_twice_when_one_looks_late(stage: Driver, gate: Any) -> None:
    gate.shut()
    job = stage.models.submit(**IDS)
    rounds = job.rounds(60, poll=POLL)
    gate.await_round()
    seen = [next(rounds)]
    # Two rounds and the end of the job come between two looks.
    gate.open()
    job.result(60)
    seen += rounds
    assert numbers(seen) == [("r", 1), ("r", 2), ("r", 3)]
    # Another iterator begins with the first.
    assert list(job.rounds(60)) == seen


def test_an_answer_that_holds_no_more_is_followed_by_the_next(stage: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    # The last one that is known, and one more.
    monkeypatch.setattr("synergos.ttp.jobs._TOLD_ROUNDS", 2)
    job = stage.models.submit(**IDS).wait(60)
    assert numbers(job.rounds()) == [("r", 1), ("r", 2), ("r", 3)]


def test_of_several_runs_each_says_its_own(stage: Driver) -> None:
    job = stage.models.submit(project_id="p", expt_id="e")
    assert numbers(job.rounds(60, poll=POLL)) == [("r", 1), ("r", 2), ("r", 3), ("s", 1), ("s", 2)]


def test_a_search_has_those_of_its_trials(stage: Driver) -> None:
    job = stage.optimizations.submit(
        project_id="p",
        expt_id="e",
        search_space={"lr": [0.1, 0.2]},
        fixed={"rounds": 2, "epochs": 1},
        metric="accuracy",
        optimize_mode="max",
    )
    told = list(job.rounds(60, poll=POLL))
    trials = list(dict.fromkeys(done.run_id for done in told))
    assert numbers(told) == [(run_id, number) for run_id in trials for number in (1, 2)]
    assert sorted(trials) == sorted(trial.run_id for trial in job.result(60).trials)
    for run_id in trials:
        stage.runs.delete(project_id="p", expt_id="e", run_id=run_id)


def test_what_is_called_off_has_those_that_were_done_and_is_gone_on_with(stage: Driver, gate: Any) -> None:
    gate.shut()
    job = stage.models.submit(**IDS)
    gate.await_round()
    assert job.cancel()
    gate.open()
    assert numbers(job.rounds(60, poll=POLL)) == [("r", 1)]
    assert job.state == "cancelled"

    again = stage.models.submit(**IDS, resume=True)
    assert numbers(again.rounds(60, poll=POLL)) == [("r", 2), ("r", 3)]
    assert again.state == "done"


def test_another_driver_has_them_all(stage: Driver) -> None:
    stage.models.submit(**IDS).wait(60)
    with Driver(stage.host, stage.port) as other:
        assert numbers(other.models.job(**IDS).rounds(60)) == [("r", 1), ("r", 2), ("r", 3)]


def test_work_that_trains_nothing_has_none(stage: Driver) -> None:
    assert list(stage.alignments.submit(project_id="p").rounds(60, poll=POLL)) == []


def test_work_that_is_refused_has_none_and_its_result_says_why(stage: Driver) -> None:
    job = stage.models.submit(project_id="p", expt_id="none")
    assert list(job.rounds(60, poll=POLL)) == []
    assert job.state == "failed"


def test_who_waits_too_short_is_told(stage: Driver, gate: Any) -> None:
    gate.shut()
    job = stage.models.submit(**IDS)
    gate.await_round()
    rounds = job.rounds(0.2, poll=POLL)
    assert next(rounds).number == 1
    with pytest.raises(TimedOut, match=r"^\[models\.rounds\] Not done within 0\.2 s: 1 rounds\. .*pick it up"):
        next(rounds)


@pytest.mark.parametrize("name", ["timeout", "poll"])
def test_times_are_seconds(name: str, stage: Driver) -> None:
    job: Any = stage.models.job(**IDS)
    with pytest.raises(InvalidArgument, match=rf"^\[models\.rounds\] {name}="):
        job.rounds(**{name: -1})


def test_those_of_work_that_the_sandbox_has_forgotten_are_not_made_up(
    stage: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.models.submit(**IDS)
    rounds = job.rounds(60, poll=POLL)
    next(rounds)
    job.wait(60)
    for _ in range(101):
        with pytest.raises(SynergosError):
            stage.validations.create(project_id="p", expt_id="none")
    with pytest.raises(SynergosError, match=r"no work of the number \d+: of what has ended, the last 100 are kept"):
        list(rounds)


def test_a_real_ttp_tells_none_and_says_so_at_once(recorder: Recorder) -> None:
    recorder.answer({"key": {"project_id": "p"}, "relations": {}})
    with pytest.raises(InvalidArgument, match=r"^\[models\.rounds\] This TTP does not tell of the rounds"):
        recorder.driver.models.job(project_id="p").rounds()


def test_a_round_reads_well() -> None:
    done = Round(3, 10, 0.72345, None, {"biscoe": 0.7, "\x1b[2J": None}, "adam", "one_layer", "penguins")
    assert repr(done) == (
        "<Round 3 of 10 of penguins/one_layer/adam: train_loss 0.7235, evaluate_loss none, biscoe 0.7, \\x1b[2J none>"
    )
    assert done.losses == {"train_loss": 0.72345, "local_loss/biscoe": 0.7}


def test_those_of_other_work_that_has_the_number_since_a_ttp_was_started_anew_are_not_taken_for_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from synergos.sandbox import Sandbox

    # The second round comes with the first, and the third has to be asked for.
    monkeypatch.setattr("synergos.ttp.jobs._TOLD_ROUNDS", 2)

    def train(port: int, **fields: Any) -> Job[Any]:
        caller = Caller(port)
        caller.connect(rounds=3, **fields)
        caller.align()
        return Driver("127.0.0.1", port, errors="raise").models.submit(**IDS).wait(60)

    with Sandbox() as sandbox:
        port = sandbox.port
        rounds = train(port).rounds(60, poll=POLL)
        assert next(rounds).number == 1
    with Sandbox(port=port):
        train(port, lr=0.2)
        assert next(rounds).number == 2
        with pytest.raises(SynergosError, match=r"^\[models\.rounds\] The TTP knows no more of this work"):
            next(rounds)
