"""Jobs: on every kind of TTP, work is waited for until it is seen to be done, and never said to be done before."""

import json
import logging
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from recorder import envelope

from synergos import (
    Cancelled,
    Driver,
    Forbidden,
    InvalidArgument,
    InvalidId,
    Job,
    NotFound,
    Rejected,
    ServerFailure,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
)
from synergos.work.progress import Display

IDS = {"collab_id": "c", "project_id": "p"}
POLL = 0.001
RUNS = (("e", "r"), ("e", "s"), ("f", "r"))
EVALUATING = ("biscoe", "dream")
NAMES = (*EVALUATING, "torgersen")


def record(kind: str, made: str = "1", **key: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "Model": {"global": {"origin": "ttp", "path": f"/{made}", "loss_history": "/h"}},
        "Validation": {"evaluate": {"statistics": {"accuracy": [float(made)]}, "res_path": "/r"}},
        "Prediction": {"predict": {"statistics": {"accuracy": [float(made)]}, "res_path": "/r"}},
        "Alignment": {name: {"X": [1], "y": []} for name in ("train", "evaluate", "predict")},
    }.get(kind, {})
    return {"doc_id": "1", "kind": kind, "key": key, **fields}


def project(**more: Any) -> dict[str, Any]:
    """A project of both generations with three runs, two participants that evaluate and one that only trains."""
    ids = {"project_id": "p", **more.pop("ids", {})}
    tags = [record("Tag", **ids, participant_id=name) | {"train": [["t"]]} for name in NAMES]
    for tag in tags[:2]:
        tag["evaluate"] = [["e"]]
    relations = {
        "Run": [record("Run", **ids, expt_id=expt, run_id=run) for expt, run in RUNS],
        "Experiment": [record("Experiment", **ids, expt_id=expt) for expt in ("e", "f")],
        "Registration": [record("Registration", **ids, participant_id=name) for name in NAMES],
        "Tag": tags,
    }
    return {**record("Project", **ids), "relations": {**relations, **more}}


def registrations(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The registrations of a project as they are listed, with their nodes and tags."""
    node = {"host": "10.255.255.1", "port": 8020, "f_port": 5000}
    tags = {tag["key"]["participant_id"]: tag for tag in project["relations"]["Tag"]}
    return [
        {
            **one,
            "role": "guest",
            "node_0": node,
            "n_count": 1,
            "relations": {"Tag": [tags[one["key"]["participant_id"]]]},
        }
        for one in project["relations"]["Registration"]
    ]


def models(made: str = "1", runs: tuple[tuple[str, str], ...] = RUNS) -> list[dict[str, Any]]:
    return [record("Model", made, project_id="p", expt_id=expt, run_id=run) for expt, run in runs]


def validations(made: str = "1", names: tuple[str, ...] = EVALUATING) -> list[dict[str, Any]]:
    return [
        record("Validation", made, project_id="p", expt_id=expt, run_id=run, participant_id=name)
        for expt, run in RUNS
        for name in names
    ]


def trials(*run_ids: str) -> list[dict[str, Any]]:
    return [
        record("Validation", **IDS, expt_id="e", run_id=run_id, participant_id=name)
        for run_id in run_ids
        for name in EVALUATING
    ]


def search(ttp: "TTP", **ids: str | None) -> Job[Any]:
    """Search with two trials."""
    wanted: dict[str, Any] = {"metric": "accuracy", "optimize_mode": "max", "max_trial_num": 2}
    return ttp.driver.optimizations.submit(**{**IDS, "expt_id": "e", **ids}, search_space={"lr": [0.1, 0.2]}, **wanted)


class TTP:
    """Answers as a TTP: what POST does is told by `post`, and what each GET of the results finds by `found`.

    The last of `found` stays; None stands for a 404.
    """

    def __init__(self) -> None:
        self.project = project(ids={"collab_id": "c"})
        self.posts: list[httpx.Request] = []
        self.puts: list[tuple[str, Any]] = []
        self.reads: list[str] = []
        self.is_tagged = True
        self.found: list[Any] = [None]
        self.progress: Any = ...
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.post: Any = httpx.Response(200, json=envelope([]))
        self.driver = Driver("ttp.example", 5000, transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/ttp/sandbox/progress":
            return httpx.Response(404, html="<h1>Not Found</h1>") if self.progress is ... else self._made(self.progress)
        if request.method == "POST":
            self.posts.append(request)
            assert self.may_answer.wait(20)
            return self._made(self.post)
        if request.method == "PUT":
            self.puts.append((path, json.loads(request.content)))
        if path.endswith("/tags") and not self.is_tagged:
            return self._made(None)
        if path.rstrip("/").endswith("/registrations"):
            return self._made(registrations(self.project))
        if path.rstrip("/").endswith("/experiments"):
            return self._made(self.project["relations"]["Experiment"])
        if path.startswith("/ttp/connect/"):
            return self._made(self.project)
        self.reads.append(path)
        return self._made(self.found.pop(0) if len(self.found) > 1 else self.found[0])

    def _made(self, answer: Any) -> httpx.Response:
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
        if answer is None:
            return httpx.Response(404, json={"message": "There is nothing yet."})
        return httpx.Response(200, text=json.dumps(envelope(answer)))


@pytest.fixture
def ttp() -> Iterator[TTP]:
    ttp = TTP()
    yield ttp
    ttp.may_answer.set()


def await_answers() -> None:
    """Wait until what was submitted is answered, and nobody has looked at the answers."""
    for thread in threading.enumerate():
        # A sandbox of the whole session is not what is waited for.
        if thread.name.startswith("synergos-") and not thread.name.startswith("synergos-sandbox"):
            thread.join(20)


def ids_of(reply: Any) -> list[tuple[str, str]]:
    return [(one.key.expt_id, one.key.run_id) for one in reply.data]


class TestBlocking:
    def test_the_answer_to_the_request_is_the_result(self, ttp: TTP) -> None:
        ttp.may_answer.clear()
        ttp.post = models("9")

        job = ttp.driver.models.submit(**IDS)

        assert (job.state, job.done(), job.exception()) == ("running", False, None)
        assert (job.operation, job.ids) == ("models.submit", IDS)
        ttp.may_answer.set()
        reply = job.result(10, poll=POLL)
        assert reply.data[0].global_.path == "/9"
        assert (job.state, job.done(), job.exception()) == ("done", True, None)
        assert job.result(0) is reply
        assert len(ttp.posts) == 1

    def test_the_same_records_made_anew_are_a_result_when_the_ttp_says_so(self, ttp: TTP) -> None:
        ttp.found = [models()]
        ttp.post = models()

        assert len(ttp.driver.models.submit(**IDS).result(10, poll=POLL).data) == 3

    def test_a_line_that_died_without_a_sign_is_told_by_the_records(self, ttp: TTP) -> None:
        ttp.may_answer.clear()
        ttp.found = [None, None, models()]

        job = ttp.driver.models.submit(**IDS)

        assert len(job.result(10, poll=POLL).data) == 3
        assert not ttp.may_answer.is_set()

    def test_time_stands_still_when_it_has_ended(self, ttp: TTP) -> None:
        ttp.post = models()
        job = ttp.driver.models.submit(**IDS).wait(10, poll=POLL)
        assert job.elapsed == job.elapsed > 0
        assert repr(job) == "<Job models.submit done for 0 s (collab_id='c', project_id='p')>"


class TestCluster:
    def test_it_is_done_when_the_records_of_all_runs_are_there(self, ttp: TTP) -> None:
        ttp.found = [None, None, None, models(runs=RUNS[:1]), models(runs=RUNS[:2]), models()]

        reply = ttp.driver.models.submit(**IDS).result(10, poll=POLL)

        assert ids_of(reply) == [*RUNS]
        assert len(ttp.found) == 1

    @pytest.mark.parametrize(
        ("ids", "runs"), [({"expt_id": "e"}, RUNS[:2]), ({"expt_id": "e", "run_id": "s"}, RUNS[1:2])]
    )
    def test_only_the_runs_below_the_ids_are_waited_for(
        self, ids: dict[str, str], runs: tuple[tuple[str, str], ...], ttp: TTP
    ) -> None:
        ttp.found = [None, models(runs=runs)]

        assert ids_of(ttp.driver.models.submit(**IDS, **ids).result(10, poll=POLL)) == [*runs]

    def test_runs_of_other_collaborations_are_not_waited_for(self, ttp: TTP) -> None:
        other = record("Run", collab_id="other", project_id="p", expt_id="g", run_id="x")
        ttp.project["relations"]["Run"].append(other)
        ttp.found = [None, models()]

        assert len(ttp.driver.models.submit(**IDS).result(10, poll=POLL).data) == 3

    def test_records_of_another_project_do_not_count(self, ttp: TTP) -> None:
        strangers = [record("Model", project_id="q", expt_id=expt, run_id=run) for expt, run in RUNS]
        ttp.found = [None, strangers]

        with pytest.raises(TimedOut, match="Not made: expt_id='e', run_id='r'; "):
            ttp.driver.models.submit(**IDS).result(0.02, poll=POLL)

    def test_validations_are_by_run_and_participant_that_evaluates(self, ttp: TTP) -> None:
        ttp.found = [None, validations(names=("biscoe",)), validations()]

        assert len(ttp.driver.validations.submit(**IDS).result(10, poll=POLL).data) == 6
        assert ttp.found == [validations()]

    def test_validations_of_one_participant_are_its_own(self, ttp: TTP) -> None:
        ids = {**IDS, "expt_id": "e", "run_id": "r", "participant_id": "torgersen"}
        ttp.found = [None, [record("Validation", **ids)]]

        assert len(ttp.driver.validations.submit(**ids).result(10, poll=POLL).data) == 1

    def test_alignments_are_by_participant_that_is_registered_and_tagged(self, ttp: TTP) -> None:
        del ttp.project["relations"]["Registration"][0]
        made = [record("Alignment", **IDS, participant_id=name) for name in ("dream", "torgersen")]
        ttp.found = [None, made[:1], made]

        reply = ttp.driver.alignments.submit(**IDS).result(10, poll=POLL)

        assert [one.key.participant_id for one in reply.data] == ["dream", "torgersen"]

    @pytest.mark.parametrize("project_id", [None, "p"])
    def test_predictions_are_by_run_of_the_tagged_projects(self, project_id: str | None, ttp: TTP) -> None:
        key = {"project_id": "p", "participant_id": "biscoe"}
        made = [record("Prediction", **key, expt_id=expt, run_id=run) for expt, run in RUNS]
        ttp.found = [None, made[:1], made]

        job = ttp.driver.predictions.submit({"p": [["t"]]}, "biscoe", project_id, collab_id="c")

        assert len(job.result(10, poll=POLL).data) == 3

    def test_an_optimization_is_by_trials_that_all_have_validated(self, ttp: TTP) -> None:
        def trials(*counts: int) -> list[dict[str, Any]]:
            return [
                record("Validation", **IDS, expt_id="e", run_id=f"optim_run_{number}", participant_id=name)
                for number, count in enumerate(counts)
                for name in EVALUATING[:count]
            ]

        ttp.found = [trials(2), trials(2, 2), trials(2, 2, 1), trials(2, 2, 2)]
        space = {"lr": {"_type": "choice", "_value": [0.1]}}

        job = ttp.driver.optimizations.submit(
            **IDS, expt_id="e", search_space=space, metric="accuracy", optimize_mode="max", max_trial_num=2
        )

        # Those that were there before are not its own.
        assert len(job.result(10, poll=POLL).data) == 4
        assert len(ttp.found) == 1

    def test_a_first_search_is_not_over_when_a_404_says_that_there_are_no_trials_yet(self, ttp: TTP) -> None:
        ttp.post = None
        ttp.found = [None, None, trials("a"), trials("a", "b")]

        assert {one.key.run_id for one in search(ttp).result(10, poll=POLL).data} == {"a", "b"}

    def test_a_second_search_is_not_over_when_it_is_answered_with_the_trials_of_the_first(self, ttp: TTP) -> None:
        first = [record("Optimization", **IDS, expt_id="e", run_id="a")]
        ttp.post = httpx.Response(200, text=json.dumps(envelope(first)))
        ttp.found = [trials("a"), trials("a"), trials("a", "b"), trials("a", "b", "c")]

        assert {one.key.run_id for one in search(ttp).result(10, poll=POLL).data} == {"b", "c"}

    def test_a_search_of_an_experiment_that_is_not_there_has_failed(self, ttp: TTP) -> None:
        ttp.post = ttp.found[0] = None
        with pytest.raises(NotFound):
            search(ttp, expt_id="g").result(10, poll=POLL)

    def test_a_search_on_v4_that_ends_in_a_404_has_failed(self, ttp: TTP) -> None:
        ttp.project, ttp.post = project(), None
        with pytest.raises(NotFound):
            search(ttp, collab_id=None).result(10, poll=POLL)

    def test_an_optimization_ends_with_its_time_when_there_are_trials(self, ttp: TTP) -> None:
        found = [record("Validation", **IDS, expt_id="e", run_id="o", participant_id=name) for name in EVALUATING]
        ttp.found = [None, found]
        space = {"lr": {"_type": "choice", "_value": [0.1]}}

        job = ttp.driver.optimizations.submit(
            **IDS, expt_id="e", search_space=space, metric="accuracy", optimize_mode="max", max_exec_duration="0.01s"
        )

        assert len(job.result(10, poll=POLL).data) == 2

    def test_v4_may_queue_too(self, ttp: TTP) -> None:
        ttp.project = project()
        ttp.found = [None, None, models()]

        assert len(ttp.driver.models.submit(project_id="p").result(10, poll=POLL).data) == 3

    def test_faults_while_it_is_looked_for_are_outlasted(self, ttp: TTP) -> None:
        faults = [httpx.ReadError("reset"), httpx.Response(503), httpx.ReadTimeout("slow"), {"no": "records"}]
        ttp.found = [None, *faults, models()]

        assert len(ttp.driver.models.submit(**IDS).result(10, poll=POLL).data) == 3


class TestSeen:
    def test_what_was_there_before_does_not_count(self, ttp: TTP, caplog: pytest.LogCaptureFixture) -> None:
        ttp.found = [models()]
        job = ttp.driver.models.submit(**IDS)

        with caplog.at_level(logging.WARNING, "synergos"), pytest.raises(TimedOut) as caught:
            job.result(0.05, poll=POLL)

        message = str(caught.value)
        assert message.startswith("[models.submit] Not done within 0.05 s. There from before, and not seen to be made")
        assert "expt_id='e', run_id='r'; expt_id='e', run_id='s'; expt_id='f', run_id='r'" in message
        assert "driver.models.job(collab_id='c', project_id='p')" in message
        assert "cancel" not in message
        assert job.state == "running"
        assert [entry.getMessage().partition(" is still")[0] for entry in caplog.records] == [
            "[models.submit] What was there before"
        ]

    def test_what_was_there_before_counts_when_it_has_changed(self, ttp: TTP) -> None:
        ttp.found = [models("1"), models("1"), [*models("2")[:2], *models("1")[2:]], models("2")]

        assert ttp.driver.models.submit(**IDS).result(10, poll=POLL).data[2].global_.path == "/2"

    def test_a_statistic_that_is_no_number_is_no_change(self, ttp: TTP) -> None:
        ttp.found = [validations("nan")]

        with pytest.raises(TimedOut, match="from before"):
            ttp.driver.validations.submit(**IDS).result(0.02, poll=POLL)

    def test_who_waits_too_short_is_told_what_there_is_and_what_not(self, ttp: TTP) -> None:
        ttp.found = [models("1", RUNS[:1]), [*models("1", RUNS[:1]), *models("2", RUNS[1:2])]]
        job = ttp.driver.models.submit(**IDS)

        for _ in range(2):
            with pytest.raises(TimedOut) as caught:
                job.wait(0.05, poll=POLL)

            assert str(caught.value) == (
                "[models.submit] Not done within 0.05 s. Made: expt_id='e', run_id='s'. Not made: expt_id='f', "
                "run_id='r'. There from before, and not seen to be made anew: expt_id='e', run_id='r'. If it never "
                "ends, the cause is likely, in this order: an earlier training that failed and left its workers "
                "connected, until they are restarted; on a cluster another project's job that fails and stands at the "
                "head of the queue, until its worker is back. The TTP may still be at work: pick it up with job = "
                "driver.models.job(collab_id='c', project_id='p')."
            )
            assert isinstance(caught.value, TimeoutError)
        ttp.found = [models("2")]
        assert len(job.result(10, poll=POLL).data) == 3

    def test_a_timeout_of_nothing_is_now(self, ttp: TTP) -> None:
        job = ttp.driver.models.submit(**IDS)
        with pytest.raises(TimedOut, match="Not done within 0 s"):
            job.result(timeout=0)
        ttp.found = [models()]
        while True:
            try:
                assert len(job.result(timeout=0).data) == 3
                break
            except TimedOut:
                pass

    def test_done_and_state_look_by_themselves(self, ttp: TTP) -> None:
        ttp.found = [None, None, models()]
        by_done, by_state = ttp.driver.models.submit(**IDS), ttp.driver.validations.submit(**IDS)
        while not by_done.done():
            pass
        ttp.found = [validations()]
        while by_state.state == "running":
            pass
        assert (by_done.state, by_state.state) == ("done", "done")

    def test_the_last_trouble_is_told(self, ttp: TTP) -> None:
        ttp.found = [None, httpx.ReadError("reset by peer")]
        with pytest.raises(TimedOut, match=r"The last trouble was: \[models\.read\] The connection .* reset by peer"):
            ttp.driver.models.submit(**IDS).result(0.01, poll=POLL)

    def test_nothing_to_make_is_done_when_the_ttp_answers(self, ttp: TTP) -> None:
        ttp.project["relations"]["Run"] = []
        assert ttp.driver.models.submit(**IDS).result(10, poll=POLL).data == []


LOST = [
    httpx.ReadError("reset"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("Server disconnected"),
    httpx.ReadTimeout("slow"),
    httpx.Response(502, html="<h1>Bad Gateway</h1>"),
    httpx.Response(504, html="<h1>Gateway Timeout</h1>"),
    httpx.Response(200, text='{"data": ['),
]


class TestFaults:
    @pytest.mark.parametrize("fault", LOST, ids=repr)
    def test_a_line_that_is_lost_once_it_was_sent_is_outlasted(self, fault: Any, ttp: TTP) -> None:
        ttp.post = fault
        ttp.found = [None, None, models(runs=RUNS[:2]), models()]

        assert len(ttp.driver.models.submit(**IDS).result(10, poll=POLL).data) == 3
        assert len(ttp.posts) == 1

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (httpx.ConnectError("refused"), Unreachable),
            (httpx.ConnectTimeout("timed out"), Unreachable),
            (httpx.PoolTimeout("no connection left"), TimedOut),
            (httpx.Response(500, json={"message": "workers are down"}), ServerFailure),
            (httpx.Response(503, json={"message": "not now"}), ServerFailure),
            (httpx.Response(403, json={"message": "no mq"}), Forbidden),
            (httpx.Response(404, json={"message": "no such run"}), NotFound),
        ],
        ids=repr,
    )
    def test_what_was_not_taken_or_was_refused_fails(self, fault: Any, kind: type[SynergosError], ttp: TTP) -> None:
        ttp.post = fault
        job = ttp.driver.models.submit(**IDS).wait(10, poll=POLL)

        assert job.state == "failed"
        assert type(job.exception()) is kind
        assert str(job.exception()).startswith("[models.submit] ")
        with pytest.raises(kind):
            job.result()

    def test_closing_hides_nothing_that_jobs_have_failed_with_before(self, ttp: TTP) -> None:
        ttp.post = httpx.ConnectError("refused")
        lost = ttp.driver.models.submit(project_id="p")
        await_answers()
        ttp.post = httpx.Response(417, json={"message": "It is not aligned."})
        refused = ttp.driver.validations.submit(project_id="p")
        await_answers()
        ttp.driver.close()
        with pytest.raises(Unreachable, match=r"^\[models\.submit\] .*refused"):
            lost.result()
        with pytest.raises(Rejected, match="It is not aligned"):
            refused.result()

    def test_a_driver_that_is_closed_ends_its_jobs(self, ttp: TTP) -> None:
        ttp.may_answer.clear()
        unanswered, queued = ttp.driver.models.submit(**IDS), ttp.driver.validations.job(**IDS)
        ttp.driver.close()

        for job in (unanswered, queued):
            with pytest.raises(Unreachable, match=r"The Driver was closed\. .*pick it up with job = driver\."):
                job.result(poll=POLL)
            assert job.state == "failed"

    @pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.Response(404, json={"message": "no"})])
    def test_nothing_is_asked_for_when_the_project_cannot_be_read(self, fault: Any, ttp: TTP) -> None:
        ttp.project = fault
        with pytest.raises((Unreachable, NotFound), match=r"^\[projects\.read\]"):
            ttp.driver.models.submit(**IDS)
        assert ttp.posts == []

    def test_nothing_is_asked_for_when_what_there_is_cannot_be_read(self, ttp: TTP) -> None:
        ttp.found = [httpx.Response(500, json={"message": "poisoned"})]
        with pytest.raises(ServerFailure, match=r"^\[models\.read\] 500 poisoned"):
            ttp.driver.models.submit(**IDS)
        assert ttp.posts == []

    def test_a_real_ttp_cannot_call_off(self, ttp: TTP) -> None:
        assert ttp.driver.models.submit(**IDS).cancel() is False

    @pytest.mark.parametrize("data", [None, "text", {"a": 1}, [1], [{"number": 1}]], ids=repr)
    def test_a_ttp_that_answers_oddly_where_the_sandbox_tells_of_its_work_is_none(self, data: Any, ttp: TTP) -> None:
        ttp.progress = data
        ttp.found = [None, models()]
        job = ttp.driver.models.submit(**IDS)
        assert job.cancel() is False
        assert len(job.result(10, poll=POLL).data) == 3

    def test_data_outside_the_contract_arrive_as_they_are(self, ttp: TTP) -> None:
        ttp.post = [{"kind": "Model"}]
        reply = ttp.driver.models.submit(**IDS).result(10, poll=POLL)
        assert reply["data"] == [{"kind": "Model"}]
        with pytest.raises(Unreadable):
            reply.data  # noqa: B018


class TestArguments:
    @pytest.mark.parametrize(
        ("ids", "kind"),
        [
            ({"project_id": "a/b"}, InvalidId),
            ({"project_id": "p", "run_id": "r"}, InvalidId),
            ({}, InvalidId),
            ({"project_id": "p", "dockerized": True}, InvalidArgument),
            ({"project_id": "p", "timeout": 5}, InvalidArgument),
            ({"project_id": "p", "verbose": "yes"}, InvalidArgument),
        ],
    )
    def test_they_are_checked_before_it_returns(self, ids: dict[str, Any], kind: type[Exception], ttp: TTP) -> None:
        with pytest.raises(kind, match=r"^\[models\.submit\] "):
            ttp.driver.models.submit(**ids)
        assert (ttp.posts, ttp.reads) == ([], [])

    def test_what_json_cannot_hold_is_refused_before_it_returns(self, ttp: TTP) -> None:
        with pytest.raises(InvalidArgument, match=r"^\[optimizations\.submit\] .* cannot be sent as JSON"):
            ttp.driver.optimizations.submit(
                **IDS,
                expt_id="e",
                search_space={"lr": [float("nan")]},
                metric="accuracy",
                optimize_mode="max",
            )
        assert ttp.posts == []

    @pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "5", True])
    @pytest.mark.parametrize("name", ["timeout", "poll"])
    def test_times_are_seconds(self, name: str, value: Any, ttp: TTP) -> None:
        job = ttp.driver.models.submit(**IDS)
        with pytest.raises(InvalidArgument, match=rf"^\[models\.submit\] {name}=.* is not allowed"):
            job.wait(**{name: value})

    def test_what_is_submitted_is_what_is_created(self, ttp: TTP) -> None:
        ttp.post = [model for model in models() if model["key"]["expt_id"] == "e"]
        more = {"auto_align": False, "dockerised": False, "verbose": False, "log_msgs": False}
        ttp.driver.models.create(**IDS, expt_id="e", **more)
        ttp.driver.models.submit(**IDS, expt_id="e", **more).wait(10, poll=POLL)
        first, second = ttp.posts
        assert (first.url, first.content) == (second.url, second.content)


class TestCreateAndWait:
    def test_false_returns_what_the_ttp_answers(self, ttp: TTP) -> None:
        assert ttp.driver.models.create(**IDS).data == []
        assert len(ttp.posts) == 1

    @pytest.mark.parametrize("how", [{"wait": True}, {"wait": 10}, {"wait": True, "timeout": 10}], ids=repr)
    def test_it_returns_what_was_made(self, how: dict[str, Any], ttp: TTP) -> None:
        ttp.found = [None, models()]
        assert len(ttp.driver.models.create(**IDS, **how).data) == 3

    @pytest.mark.parametrize("how", [{"wait": 0}, {"wait": 0.01}, {"wait": True, "timeout": 0.01}], ids=repr)
    def test_it_waits_no_longer_than_it_is_told(self, how: dict[str, Any], ttp: TTP) -> None:
        with pytest.raises(TimedOut, match=r"^\[models\.create\] Not done"):
            ttp.driver.models.create(**IDS, **how)

    def test_two_limits_are_one_too_many(self, ttp: TTP) -> None:
        with pytest.raises(InvalidArgument, match=r"wait=5 and timeout=6 .*: give one"):
            ttp.driver.models.create(**IDS, wait=5, timeout=6)

    def test_old_code_has_its_errors_as_dicts(self, ttp: TTP) -> None:
        ttp.post = httpx.Response(500, json={"message": "workers are down"})
        driver = Driver("ttp.example", 5000, errors="return", transport=httpx.MockTransport(ttp._answer))
        reply = driver.models.create(**IDS, wait=True)
        assert (set(reply), reply["status"]) == ({"message", "status"}, 500)
        assert reply["message"].startswith("workers are down Likely, in this order: ")
        ttp.project = httpx.Response(404, json={"message": "no such project"})  # type: ignore[assignment]
        assert driver.models.create(**IDS, wait=True) == {"message": "no such project", "status": 404}


class TestPickingUp:
    def test_the_job_of_the_same_driver_is_the_same(self, ttp: TTP) -> None:
        ttp.found = [models()]
        job = ttp.driver.models.submit(**IDS)
        assert ttp.driver.models.job(**IDS) is job
        assert ttp.driver.scope(**IDS).models.job() is job
        assert ttp.driver.models.job(**IDS, expt_id="e") is not job
        assert ttp.driver.validations.job(**IDS) is not job
        ttp.found = [models("2")]
        job.wait(10, poll=POLL)
        assert ttp.driver.models.job(**IDS) is not job

    def test_another_driver_looks_for_the_records(self, ttp: TTP) -> None:
        ttp.found = [None, models(runs=RUNS[:1]), models()]
        job = ttp.driver.models.job(**IDS)
        assert len(job.result(10, poll=POLL).data) == 3
        assert ttp.posts == []

    def test_predictions_are_those_that_the_participant_is_tagged_for(self, ttp: TTP) -> None:
        tag = record("Tag", **IDS, participant_id="biscoe") | {"predict": [["t"]]}
        other = record("Tag", collab_id="other", project_id="q", participant_id="biscoe") | {"predict": [["t"]]}
        ttp.project["relations"]["Tag"] = [tag, other]
        key = {"project_id": "p", "participant_id": "biscoe"}
        ttp.found = [[record("Prediction", **key, expt_id=expt, run_id=run) for expt, run in RUNS]]
        assert len(ttp.driver.predictions.job("biscoe", collab_id="c").result(10, poll=POLL).data) == 3

    def test_an_optimization_is_told_how_many_trials(self, ttp: TTP) -> None:
        ttp.found = [[record("Validation", **IDS, expt_id="e", run_id="o", participant_id=name) for name in EVALUATING]]
        job = ttp.driver.optimizations.job(**IDS, expt_id="e", max_trial_num=2)
        with pytest.raises(TimedOut, match="Not made: 1 of 2 trials"):
            job.wait(0.01, poll=POLL)
        assert ttp.driver.optimizations.job(**IDS, expt_id="e", max_trial_num=1).done()

    @pytest.mark.parametrize(
        "outcome",
        [
            httpx.ReadError("lost"),
            httpx.RemoteProtocolError("Server disconnected"),
            httpx.ReadTimeout("late"),
            httpx.Response(504, html="<h1>Gateway Timeout</h1>"),
            httpx.Response(502, html="<h1>Bad Gateway</h1>"),
            httpx.Response(200, text="cut off"),
            KeyboardInterrupt(),
        ],
        ids=repr,
    )
    def test_what_was_there_before_is_not_taken_for_what_a_lost_call_makes(self, outcome: Any, ttp: TTP) -> None:
        ttp.found, ttp.post = [models("1")], outcome
        with pytest.raises((SynergosError, KeyboardInterrupt)):
            ttp.driver.models.create(**IDS)

        job = ttp.driver.models.job(**IDS)
        assert not job.done()
        ttp.found = [models("2")]
        assert job.result(10, poll=POLL).data[0].global_.path == "/2"

    def test_nor_for_what_a_cluster_has_only_queued(self, ttp: TTP) -> None:
        ttp.found, ttp.post = [models("1")], []
        assert ttp.driver.models.create(**IDS).data == []

        job = ttp.driver.models.job(**IDS)
        assert not job.done()
        ttp.found = [models("2")]
        assert job.result(10, poll=POLL).data[0].global_.path == "/2"

    @pytest.mark.parametrize("answer", [None, trials("old")], ids=["a 404", "the trials of the search before"])
    def test_nor_are_the_trials_of_an_earlier_search(self, answer: Any, ttp: TTP) -> None:
        ttp.found, ttp.post = [trials("old")], answer
        wanted: dict[str, Any] = {"metric": "accuracy", "optimize_mode": "max", "max_trial_num": 1}
        try:
            found = ttp.driver.optimizations.create(**IDS, expt_id="e", search_space={"lr": [0.1]}, **wanted)
        except NotFound:
            assert answer is None
        else:
            assert found["data"] == []

        job = ttp.driver.optimizations.job(**IDS, expt_id="e", max_trial_num=1)
        assert not job.done()
        ttp.found = [trials("old", "new")]
        found = job.result(10, poll=POLL)
        assert {one["key"]["run_id"] for one in found["data"]} == {"new"}

    def test_work_that_has_ended_is_not_under_way(self, ttp: TTP) -> None:
        ttp.found, ttp.post = [models("1")], httpx.Response(500, json={"message": "no"})
        with pytest.raises(ServerFailure):
            ttp.driver.models.create(**IDS)
        assert ttp.driver.models.job(**IDS).operation == "models.job"
        ttp.post = models("2")
        assert ttp.driver.models.create(**IDS).data[0].global_.path == "/2"
        assert ttp.driver.models.job(**IDS).operation == "models.job"

    def test_that_it_was_not_seen_what_was_there_before_is_told(self, ttp: TTP) -> None:
        ttp.found, ttp.post = [httpx.Response(500)], httpx.ReadError("lost")
        with pytest.raises(Unreachable, match="What there was before could not be read"):
            ttp.driver.models.create(**IDS)

    def test_what_is_there_at_the_first_look_may_be_from_before_and_that_is_told(
        self, ttp: TTP, caplog: pytest.LogCaptureFixture
    ) -> None:
        ttp.found = [models()]
        assert ttp.driver.models.job(**IDS).done()
        assert "[models.job] All of it was there at the first look." in caplog.text

    def test_what_comes_later_is_not_doubted(self, ttp: TTP, caplog: pytest.LogCaptureFixture) -> None:
        ttp.found = [None, models()]
        ttp.driver.models.job(**IDS).result(10, poll=POLL)
        assert "first look" not in caplog.text


class TestInterrupts:
    def test_it_stops_the_waiting_and_says_how_to_go_on(self, ttp: TTP) -> None:
        ttp.found = [None, KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt) as caught:
            ttp.driver.models.create(**IDS, wait=True)
        assert caught.value.__notes__ == [
            "The TTP may still be at work: pick it up with job = driver.models.job(collab_id='c', project_id='p')."
        ]
        ttp.found = [None, models()]
        job = ttp.driver.models.job(**IDS)
        assert job.operation == "models.create"
        assert len(job.result(10, poll=POLL).data) == 3
        assert len(ttp.posts) == 1

    def test_it_says_how_many_trials_are_to_be_waited_for(self, ttp: TTP) -> None:
        ttp.found = [None, KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt) as caught:
            search(ttp).result(10, poll=POLL)
        assert "driver.optimizations.job(collab_id='c', project_id='p', expt_id='e', max_trial_num=2)" in str(
            caught.value.__notes__
        )

    def test_it_says_so_also_where_the_answer_is_waited_for(self, ttp: TTP) -> None:
        ttp.post = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt) as caught:
            ttp.driver.models.create(**IDS)
        assert "driver.models.job(collab_id='c', project_id='p')" in caught.value.__notes__[0]


class TestThreads:
    def test_many_may_wait_for_one_job(self, ttp: TTP) -> None:
        ttp.may_answer.clear()
        ttp.post = models()
        job = ttp.driver.models.submit(**IDS)
        results: list[Any] = []
        threads = [threading.Thread(target=lambda: results.append(job.result(10, poll=POLL))) for _ in range(5)]
        for thread in threads:
            thread.start()
        ttp.may_answer.set()
        for thread in threads:
            thread.join()
        assert len(results) == 5
        assert all(one is results[0] for one in results)

    def test_its_thread_does_not_hold_up_the_end_of_the_process(self, ttp: TTP) -> None:
        ttp.may_answer.clear()
        ttp.driver.models.submit(**IDS)
        (thread,) = (one for one in threading.enumerate() if one.name == "synergos-models.submit")
        assert thread.daemon


class TestDisplay:
    def test_it_is_silent_where_nobody_looks(self, ttp: TTP, capfd: pytest.CaptureFixture[str]) -> None:
        ttp.found = [None, models()]
        ttp.driver.models.submit(**IDS).wait(10, poll=POLL)
        assert capfd.readouterr() == ("", "")

    def test_a_terminal_sees_how_far_it_is(
        self, ttp: TTP, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        ttp.found = [None, models(runs=RUNS[:2]), models()]
        ttp.driver.models.submit(**IDS).wait(10, poll=POLL)
        out, err = capsys.readouterr()
        assert out == ""
        assert "models p" in err
        assert "2/3 records" in err
        assert "3/3 records" in err

    def test_without_tqdm_it_is_silent(self, ttp: TTP, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
        with Display("models") as display:
            assert not display.is_shown
            display.show("p", 1, 2, "records")

    @pytest.mark.parametrize(("config", "is_shown"), [({"IPKernelApp": {}}, True), ({}, False)])
    def test_a_notebook_is_looked_at_and_a_script_in_ipython_is_not(
        self, config: dict[str, Any], is_shown: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        module = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(config=config), version_info=(8,))
        monkeypatch.setitem(sys.modules, "IPython", module)
        assert Display("models").is_shown == is_shown


class TestTraining:
    """`driver.train` on a TTP that is no sandbox."""

    @pytest.fixture(autouse=True)
    def ready(self, ttp: TTP) -> None:
        structure = {"in_features": 4, "out_features": 1}
        layer = {"is_input": True, "l_type": "Linear", "structure": structure, "activation": "sigmoid"}
        ttp.project["action"] = "classify"
        ttp.project["relations"]["Experiment"] = [
            {**record("Experiment", **IDS, expt_id=expt), "model": [layer]} for expt in ("e", "f")
        ]

    def test_a_step_that_fails_ends_it(self, ttp: TTP) -> None:
        ttp.post = httpx.Response(500, json={"message": "workers are down"})
        with pytest.raises(ServerFailure, match=r"^\[alignments\.submit\] 500 workers are down"):
            ttp.driver.train(**IDS)
        assert len(ttp.posts) == 1

    def test_all_of_it_has_one_timeout(self, ttp: TTP) -> None:
        with pytest.raises(TimedOut, match=r"^\[alignments\.submit\] Not done within"):
            ttp.driver.train(**IDS, timeout=0.02, poll=POLL)

    def test_an_alignment_can_be_left_as_it_is(self, ttp: TTP) -> None:
        aligned = [record("Alignment", **IDS, participant_id=name) for name in (*EVALUATING, "torgersen")]
        # They are read before the training is begun, to see whether it can work, and as what was left.
        ttp.found = [aligned, aligned, None, models(), None, validations()]
        cycle = ttp.driver.train(**IDS, align=False, poll=POLL)
        assert [request.url.path.split("/")[-2] for request in ttp.posts] == ["models", "validations"]
        assert [len(one.data) for one in (cycle.alignments, cycle.models, cycle.validations)] == [3, 3, 6]

    @pytest.mark.parametrize("ids", [{}, {"expt_id": "e"}, {"project_id": "p", "run_id": "r"}, {"project_id": ""}])
    def test_ids_are_checked_before_anything_is_sent(self, ids: dict[str, str], ttp: TTP) -> None:
        with pytest.raises(InvalidId, match=r"^\[(train|scope)\] "):
            ttp.driver.train(**ids)
        assert (ttp.posts, ttp.reads) == ([], [])


def test_cancelled_is_an_error_of_this_package() -> None:
    assert issubclass(Cancelled, SynergosError)
    assert Job.__module__ == "synergos.work.job"


class TestTrouble:
    """What is said when a real TTP says no more than a number, or nothing."""

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (500, ("a worker that is down; an alignment that is missing", "reach=True) tells", "models.job(")),
            (504, ("The gateway has lost patience.", "an earlier training that failed", "models.job(")),
        ],
    )
    def test_a_bare_number_comes_with_its_likely_causes_and_how_to_go_on(
        self, status: int, words: tuple[str, ...], ttp: TTP
    ) -> None:
        ttp.post = httpx.Response(status, json={"message": f"{status} Failed"})
        with pytest.raises(ServerFailure) as caught:
            ttp.driver.models.create(**IDS)

        said = str(caught.value)
        assert all(word in said for word in words), said
        assert said.count(str(status)) == 1
        assert caught.value.message == f"{status} Failed"

    def test_a_job_says_so_too(self, ttp: TTP) -> None:
        ttp.post = httpx.Response(500, json={"message": "Failed"})
        with pytest.raises(ServerFailure, match="a run that is not trained; a worker that is down"):
            ttp.driver.validations.submit(**IDS).result(10, poll=POLL)

    def test_old_code_is_told_in_the_message(self, ttp: TTP) -> None:
        ttp.post = httpx.Response(500, json={"message": "Failed"})
        transport = httpx.MockTransport(ttp._answer)
        with Driver("ttp.example", 5000, errors="return", transport=transport) as driver:
            assert "a worker that is down" in driver.models.create(**IDS)["message"]

    def test_the_sandbox_says_itself_what_is_wrong(self, ttp: TTP) -> None:
        ttp.post = httpx.Response(500, json={"message": "Failed"}, headers={"synergos-sandbox": "1"})
        ttp._made = lambda answer: answer  # type: ignore[method-assign,assignment,return-value]
        with pytest.raises(ServerFailure) as caught:
            ttp.driver.models.create(**IDS)
        assert caught.value.advice == ""

    def test_an_alignment_that_never_ends_has_its_own_cause(self, ttp: TTP) -> None:
        ttp.post = httpx.ReadTimeout("slow")
        with pytest.raises(TimedOut, match="a data tag that leads nowhere, on which the generation v8 hangs"):
            ttp.driver.alignments.create(**IDS, timeout=1)

    def test_what_never_reached_the_ttp_has_no_causes_there(self, ttp: TTP) -> None:
        ttp.post = httpx.ConnectError("refused")
        with pytest.raises(Unreachable) as caught:
            ttp.driver.models.create(**IDS)
        assert "Likely" not in str(caught.value)

    def test_a_training_again_that_timed_out_is_not_done_with_the_model_of_before(self, ttp: TTP) -> None:
        ttp.found = [models("1")]
        ttp.post = httpx.ReadTimeout("slow")
        with pytest.raises(TimedOut):
            ttp.driver.models.create(**IDS, timeout=1)

        job = ttp.driver.models.job(**IDS)
        assert not job.done()
        ttp.found = [models("2")]
        assert job.result(10, poll=POLL).data[0].global_.path == "/2"


class TestTrainingAgain:
    """On a real cluster what comes out as it was before cannot be told from what is not done."""

    def test_what_nothing_was_changed_of_is_not_made_again(self, ttp: TTP, caplog: pytest.LogCaptureFixture) -> None:
        driver, made = ttp.driver.scope(**IDS), [record("Alignment", **IDS, participant_id=name) for name in NAMES]
        ttp.found = [made, None, made, None, models(), None, validations()]
        ttp.project |= {"action": "classify"}
        for experiment in ttp.project["relations"]["Experiment"]:
            layer = {"l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": "sigmoid"}
            experiment["model"] = [{**layer, "is_input": True}]
        first = driver.train(poll=POLL)
        asked = len(ttp.posts)

        ttp.found = [made, made, models(), validations()]
        with caplog.at_level(logging.WARNING, logger="synergos"):
            second = driver.train(poll=POLL)

        assert (asked, len(ttp.posts)) == (3, 3)
        assert second.validations["data"] == first.validations["data"]
        assert [record.args for record in caplog.records if "not made again" in record.msg] != []

        driver.runs.update(expt_id="e", run_id="r", rounds=3)
        ttp.found = [made, made, [one | {"doc_id": "2"} for one in made], None, models("2"), None, validations("2")]
        assert driver.train(poll=POLL).models.data[0].global_.path == "/2"
        assert len(ttp.posts) == 6


class TestTags:
    """A prediction that fails leaves its tags at a real TTP, which fails on all that follows."""

    def predict(self, ttp: TTP, status: int) -> str:
        ttp.post = httpx.Response(status, json={"message": "no"})
        with pytest.raises(SynergosError) as caught:
            ttp.driver.predictions.create({"p": [["wrong"]]}, "biscoe", "p", collab_id="c")
        return str(caught.value)

    @pytest.mark.parametrize("status", [500, 403])
    def test_they_are_put_back(self, status: int, ttp: TTP) -> None:
        ttp.project["predict"] = [["right"]]

        assert "Its predict tags in 'p' were put back." in self.predict(ttp, status)
        assert [(path, body) for path, body in ttp.puts if path.endswith("/tags")] == [
            (
                "/ttp/connect/collaborations/c/projects/p/participants/biscoe/registration/tags",
                {"predict": [["right"]]},
            )
        ]

    def test_drift_is_remembered_until_the_project_is_aligned(self, ttp: TTP) -> None:
        said = self.predict(ttp, 403)

        assert "align again" in said
        assert "biscoe" in ttp.driver._connection.memory.who_is_cut_off(IDS)

    @pytest.mark.parametrize("status", [504, 502])
    def test_they_stay_while_the_ttp_may_be_at_work(self, status: int, ttp: TTP) -> None:
        self.predict(ttp, status)
        assert ttp.puts == []

    def test_without_tags_nothing_is_predicted(self, ttp: TTP) -> None:
        ttp.is_tagged = False
        with pytest.raises(NotFound):
            ttp.driver.predictions.create({"p": [["t"]]}, "biscoe", "p", collab_id="c")
        assert ttp.posts == []
