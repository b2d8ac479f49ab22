"""What the real TTPs force on a client: turns, looking before writing, putting back, and saying what was meant."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from synergos import Driver, InvalidArgument, Node, NotFound, Rejected, ServerFailure, Unreachable, Unreadable
from synergos.sandbox import Sandbox

Answers = Callable[[httpx.Request], httpx.Response]


class Ttp:
    """A TTP that answers by method and path, and remembers what it was asked."""

    def __init__(self, answers: dict[tuple[str, str], Any], *, is_sandbox: bool = False) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []
        self.headers = {"synergos-sandbox": "1"} if is_sandbox else {}
        self.driver = Driver("127.0.0.1", 5000, transport=httpx.MockTransport(self.answer), concurrent=True)

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, request.url.path, body))
        answer = self.answers.get((request.method, request.url.path), 404)
        if isinstance(answer, list) and answer and isinstance(answer[0], httpx.Response | Exception):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, int):
            return httpx.Response(answer, json={"message": "No."}, headers=self.headers)
        envelope = {"apiVersion": "0.1.0", "success": 1, "status": 200, "method": "x", "params": {}, "data": answer}
        return httpx.Response(200, json=envelope, headers=self.headers)

    @property
    def routes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.asked]


C = "/ttp/connect"
PROJECT = {"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}}
WORKER = {"doc_id": "1", "kind": "Participant", "key": {"participant_id": "w"}, "id": "w"}
REG = f"{C}/projects/p/participants/w/registration"
REGISTRATION = {
    "doc_id": "1",
    "kind": "Registration",
    "key": {"project_id": "p", "participant_id": "w"},
    "role": "guest",
}
TAGS = {"doc_id": "1", "kind": "Tag", "key": REGISTRATION["key"], "train": [["a"]], "evaluate": [["b"]], "predict": []}


def parents() -> dict[tuple[str, str], Any]:
    return {("GET", f"{C}/projects/p"): PROJECT, ("GET", f"{C}/participants/w"): WORKER}


class TestTurns:
    @pytest.mark.parametrize("drivers", [1, 4])
    def test_no_two_requests_overlap_over_all_threads_and_drivers(self, drivers):
        with Sandbox(fragile=True) as ttp:
            pool = [Driver(ttp.host, ttp.port) for _ in range(drivers)]

            def work(number: int) -> None:
                driver = pool[number % drivers]
                for index in range(15):
                    driver.projects.create(project_id=f"p{number}-{index}", action="classify")
                    driver.projects.read_all()

            threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(pool[0].projects.read_all()["data"]) == 60
            assert ttp.overlaps == 0

    def test_drivers_that_take_no_turns_would_have_spoiled_it(self):
        with Sandbox(fragile=True) as ttp:
            driver = Driver(ttp.host, ttp.port, concurrent=True)
            threads = [threading.Thread(target=driver.projects.read_all) for _ in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert ttp.overlaps > 0

    def test_while_a_training_is_under_way_reads_pass_and_writes_wait(self, caplog):
        under_way, release = threading.Event(), threading.Event()
        done: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            if request.method == "POST" and request.url.path.startswith("/ttp/train"):
                under_way.set()
                assert release.wait(20)
            return httpx.Response(200, json={"status": 200, "data": []})

        def driver() -> Driver:
            return Driver("10.0.0.1", 5000, transport=httpx.MockTransport(answer))

        def run(name: str, call: Callable[[], object]) -> threading.Thread:
            thread = threading.Thread(target=lambda: (call(), done.append(name)))
            thread.start()
            return thread

        with caplog.at_level(logging.INFO, "synergos"):
            training = run("train", lambda: driver().models.create(project_id="p"))
            assert under_way.wait(20)
            writing = run("write", lambda: driver().projects.create(project_id="p", action="classify"))
            driver().projects.read_all()
            driver().models.read(project_id="p")
            writing.join(1.5)
            assert done == []
            assert "[projects.create] waits until [models.create], begun at " in caplog.text
            release.set()
            training.join(20)
            writing.join(20)
        assert sorted(done) == ["train", "write"]

    def test_the_sandbox_says_that_it_takes_requests_at_the_same_time(self, ttp):
        with Driver(ttp.host, ttp.port) as driver:
            driver.projects.read_all()
            with httpx.Client() as client:
                response = client.get(f"http://{ttp.host}:{ttp.port}/ttp/connect/projects/")
        assert response.headers["synergos-sandbox"]

    def test_a_fragile_sandbox_passes_for_a_real_ttp(self):
        with Sandbox(fragile=True) as ttp, httpx.Client() as client:
            response = client.get(f"http://{ttp.host}:{ttp.port}/ttp/connect/projects/")
            assert "synergos-sandbox" not in response.headers


class TestRepeating:
    @pytest.mark.parametrize(
        ("method", "fault", "times"),
        [
            ("get", httpx.ConnectError("x"), 3),
            ("post", httpx.ConnectError("x"), 3),
            ("post", httpx.ConnectTimeout("x"), 3),
            ("get", httpx.ReadError("x"), 3),
            ("post", httpx.ReadError("x"), 1),
            ("post", httpx.WriteError("x"), 1),
            ("post", httpx.RemoteProtocolError("x"), 1),
            ("get", httpx.ReadTimeout("x"), 1),
            ("get", httpx.Response(502), 3),
            ("get", httpx.Response(503), 3),
            ("get", httpx.Response(504), 3),
            ("get", httpx.Response(500), 1),
            ("post", httpx.Response(503), 1),
        ],
    )
    def test_only_what_the_server_cannot_have_acted_on_is_sent_again(self, method, fault, times):
        sent = 0

        def answer(request: httpx.Request) -> httpx.Response:
            nonlocal sent
            if request.method.lower() != method:
                return httpx.Response(404)
            sent += 1
            if isinstance(fault, Exception):
                raise fault
            return fault

        driver = Driver("127.0.0.1", 5000, transport=httpx.MockTransport(answer))
        call = driver.projects.read_all if method == "get" else lambda: driver.models.create(project_id="p")
        with pytest.raises((Unreachable, ServerFailure, TimeoutError)):
            call()
        assert sent == times

    def test_a_fault_that_passes_is_not_noticed(self):
        answers = [httpx.ConnectError("x"), httpx.Response(503), httpx.Response(200, json={"status": 200, "data": []})]

        def answer(_: httpx.Request) -> httpx.Response:
            found = answers.pop(0)
            if isinstance(found, Exception):
                raise found
            return found

        driver = Driver("127.0.0.1", 5000, transport=httpx.MockTransport(answer))
        assert driver.projects.read_all().data == []


class TestRegistering:
    def test_it_is_looked_first_whether_project_and_participant_are_there(self):
        ttp = Ttp({("GET", f"{C}/projects/p"): PROJECT})
        with pytest.raises(NotFound) as caught:
            ttp.driver.registrations.create(project_id="p", participant_id="w", role="guest")
        assert caught.value.ids == {"participant_id": "w"}
        assert all(method == "GET" for method, _ in ttp.routes)

    def test_the_tags_of_a_registration_that_is_made_again_are_sent_again(self):
        answers = {
            **parents(),
            ("GET", REG): REGISTRATION,
            ("GET", f"{REG}/tags"): TAGS,
            ("POST", REG): {**REGISTRATION, "role": "host"},
            ("POST", f"{REG}/tags"): TAGS,
        }
        ttp = Ttp(answers)
        reply = ttp.driver.registrations.create(project_id="p", participant_id="w", role="host")
        assert reply.data.role == "host"
        sent = [(path, body) for method, path, body in ttp.asked if method == "POST"]
        assert sent == [
            (REG, {"role": "host"}),
            (f"{REG}/tags", {"train": [["a"]], "evaluate": [["b"]], "predict": []}),
        ]

    def test_what_was_there_is_put_back_when_the_tags_cannot_be_sent_again(self):
        ok = httpx.Response(201, json={"status": 201, "data": REGISTRATION})
        answers = {
            **parents(),
            ("GET", REG): REGISTRATION,
            ("GET", f"{REG}/tags"): TAGS,
            ("POST", REG): [ok, ok],
            ("POST", f"{REG}/tags"): [httpx.Response(500), httpx.Response(201, json={"status": 201, "data": TAGS})],
        }
        ttp = Ttp(answers)
        with pytest.raises(ServerFailure) as caught:
            ttp.driver.registrations.create(project_id="p", participant_id="w", role="host")
        assert "The registration of before had to be put back, which was done." in str(caught.value)
        assert "The tags of before had to be put back, which was done." in str(caught.value)
        assert [body for method, path, body in ttp.asked if method == "POST" and path == REG][-1] == {"role": "guest"}

    def test_it_is_said_what_could_not_be_put_back(self):
        answers = {
            **parents(),
            ("GET", REG): REGISTRATION,
            ("GET", f"{REG}/tags"): TAGS,
            ("POST", REG): httpx.Response(500),
            ("POST", f"{REG}/tags"): httpx.Response(500),
        }
        with pytest.raises(ServerFailure, match=r"The tags of before could not be put back .*\[\['a'\]\]"):
            Ttp(answers).driver.registrations.create(project_id="p", participant_id="w", role="host")

    def test_a_new_registration_that_is_refused_leaves_nothing_to_put_back(self):
        ttp = Ttp({**parents(), ("POST", REG): 417})
        with pytest.raises(Rejected) as caught:
            ttp.driver.registrations.create(project_id="p", participant_id="w", role="host")
        assert "put back" not in str(caught.value)
        assert ttp.routes.count(("POST", REG)) == 1

    def test_registering_again_on_the_sandbox_keeps_the_tags_and_replaces_the_nodes(self, driver):
        driver.collaborations.create("c")
        scoped = driver.scope(collab_id="c", project_id="p", participant_id="w")
        scoped.projects.create(action="classify")
        scoped.participants.create()
        nodes = [Node("127.0.0.1", 1, 2), Node("127.0.0.1", 3, 4)]
        scoped.registrations.create(role="host", nodes=nodes)
        scoped.tags.create(train=[["a"]])
        scoped.registrations.create(role="guest", nodes=nodes[:1])
        assert scoped.tags.read().data.train == [["a"]]
        assert scoped.registrations.read().data.n_count == 1


TWIN = {"doc_id": "2", "kind": "Experiment", "key": {"project_id": "q", "expt_id": "e"}, "model": []}
OWN = {"doc_id": "1", "kind": "Experiment", "key": {"project_id": "p", "expt_id": "e"}, "model": []}
NAMED = [{**PROJECT, "key": {"project_id": "test_project"}}]


class TestDeleting:
    def ttp(self, *related: dict[str, Any], is_sandbox: bool = False) -> Ttp:
        projects = [{**PROJECT, "relations": {"Experiment": list(related)}}]
        answers = {
            ("GET", f"{C}/projects/"): projects,
            ("DELETE", f"{C}/projects/p/experiments/e"): OWN,
        }
        return Ttp(answers, is_sandbox=is_sandbox)

    def test_an_id_that_is_elsewhere_too_is_not_deleted_on_a_real_ttp(self):
        ttp = self.ttp(OWN, TWIN)
        with pytest.raises(InvalidArgument, match=r"there are others: project_id='q', expt_id='e'.*force=True"):
            ttp.driver.experiments.delete(project_id="p", expt_id="e")
        assert ttp.routes == [("GET", f"{C}/projects/")]

    def test_with_force_it_is(self):
        ttp = self.ttp(OWN, TWIN)
        ttp.driver.experiments.delete(project_id="p", expt_id="e", force=True)
        assert ttp.routes == [("DELETE", f"{C}/projects/p/experiments/e")]

    def test_an_id_that_is_nowhere_else_is_deleted(self):
        assert self.ttp(OWN).driver.experiments.delete(project_id="p", expt_id="e").data.key.expt_id == "e"

    def test_the_sandbox_deletes_by_the_whole_key_so_nothing_is_refused(self):
        self.ttp(OWN, TWIN, is_sandbox=True).driver.experiments.delete(project_id="p", expt_id="e")

    @pytest.mark.parametrize("answer", [500, 417, httpx.Response(200, text="<html>"), httpx.Response(200, json=[])])
    def test_a_list_that_cannot_be_read_keeps_it_from_being_deleted(self, answer):
        ttp = self.ttp()
        ttp.answers[("GET", f"{C}/projects/")] = answer
        with pytest.raises(InvalidArgument, match=r"cannot be seen, for the list of projects .* force=True"):
            ttp.driver.experiments.delete(project_id="p", expt_id="e")
        assert "DELETE" not in {method for method, _ in ttp.routes}
        ttp.driver.experiments.delete(project_id="p", expt_id="e", force=True)
        assert ttp.routes[-1] == ("DELETE", f"{C}/projects/p/experiments/e")

    @pytest.mark.parametrize("fault", [httpx.ConnectError("x"), httpx.ReadTimeout("x")])
    def test_a_list_that_is_not_answered_keeps_it_from_being_deleted(self, fault):
        ttp = self.ttp()
        ttp.answers[("GET", f"{C}/projects/")] = fault
        with pytest.raises((Unreachable, TimeoutError), match="Nothing was deleted"):
            ttp.driver.experiments.delete(project_id="p", expt_id="e")
        assert "DELETE" not in {method for method, _ in ttp.routes}

    @pytest.mark.parametrize("in_collab", [False, True])
    @pytest.mark.parametrize(
        "spoilt", ["", "/experiments/e2", "/experiments/e2/runs/r", "/participants/w/registration"]
    )
    def test_the_record_that_spoils_the_list_is_named(self, spoilt, in_collab):
        """A real TTP fails on all that holds a poisoned record, but tells the keys alone."""
        above = f"{C}/collaborations/c" if in_collab else C
        bad = f"{above}/projects/q{spoilt}"

        def answer(request: httpx.Request) -> httpx.Response:
            path = request.url.path
            is_masked = request.headers.get("x-fields") == "data{key}"
            is_list = path.endswith(("/", "registrations"))
            holds = bad.startswith(path.rstrip("/")) or (path.endswith("/registrations") and "registration" in bad)
            if request.method == "DELETE":
                deleted.append(path)
            if holds and not (is_list and is_masked):
                return httpx.Response(500, json={"message": "Internal Server Error"})
            record = {"doc_id": "1", "kind": "Any", "key": {}}
            names = {"collaborations": ("collab_id", "ac"), "projects": ("project_id", "pq")}
            names |= {"experiments": ("expt_id", ("e1", "e2")), "runs": ("run_id", "r")}
            names |= {"registrations": ("participant_id", "w")}
            own, values = names.get(path.rstrip("/").rpartition("/")[2], ("", ""))
            data = [{**record, "key": {own: value}} for value in values] if is_list else record
            return httpx.Response(200, json={"status": 200, "data": data})

        deleted: list[str] = []
        driver = Driver("127.0.0.1", 5000, transport=httpx.MockTransport(answer), concurrent=True)
        ids = {"collab_id": "c"} if in_collab else {}
        own_id = {"": "", "/experiments/e2": ", expt_id='e2'"}.get(spoilt)
        own_id = (
            own_id
            if own_id is not None
            else (", expt_id='e2', run_id='r'" if "runs" in spoilt else ", participant_id='w'")
        )
        collab = "collab_id='c', " if in_collab else ""
        with pytest.raises(
            InvalidArgument, match=rf"spoilt by one of the \w+, {collab}project_id='q'{own_id} \("
        ) as caught:
            driver.projects.delete(**ids, project_id="p")
        assert "force=True" in str(caught.value)
        assert deleted == []
        driver.projects.delete(**ids, project_id="p", force=True)
        assert deleted == [f"{above}/projects/p"]

    def test_a_record_without_relations_is_no_reason_not_to_delete(self):
        ttp = self.ttp()
        ttp.answers["GET", f"{C}/projects/"] = [{"kind": "Project", "key": {"project_id": "q"}, "relations": None}]
        assert ttp.driver.experiments.delete(project_id="p", expt_id="e")["data"]

    @pytest.mark.parametrize("records", [None, [7], {}])
    def test_a_list_of_something_else_is_none_either(self, records):
        ttp = self.ttp()
        ttp.answers["GET", f"{C}/projects/"] = records
        with pytest.raises(InvalidArgument, match="force=True"):
            ttp.driver.experiments.delete(project_id="p", expt_id="e")
        assert "DELETE" not in {method for method, _ in ttp.routes}


class TestReadingOnItsOwn:
    @pytest.mark.parametrize("answer", [{"status": 200}, {"data": 7}, {"data": [7]}])
    @pytest.mark.parametrize("resource", ["registrations.create", "models.submit", "models.job"])
    def test_what_is_not_as_the_contract_says_is_unreadable(self, answer, resource):
        driver = Driver("ttp", 5000, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)))
        task, verb = resource.split(".")
        more = {"role": "guest", "participant_id": "w"} if task == "registrations" else {}
        with pytest.raises(
            Unreadable, match=rf"\[{task}\.{verb}\] What the TTP answered is not what the contract says"
        ):
            getattr(getattr(driver, task), verb)(project_id="p", **more)


class TestSayingWhatWasMeant:
    def test_a_failure_to_change_what_is_not_there_is_a_not_found(self):
        ttp = Ttp({("PUT", f"{C}/projects/p"): 500})
        with pytest.raises(NotFound, match="There is nothing to update: it does not exist") as caught:
            ttp.driver.projects.update(project_id="p", start_at="x")
        assert isinstance(caught.value.__cause__, ServerFailure)

    def test_a_failure_to_change_what_is_there_stays_a_failure(self):
        ttp = Ttp({("PUT", f"{C}/projects/p"): 500, ("GET", f"{C}/projects/p"): PROJECT})
        with pytest.raises(ServerFailure):
            ttp.driver.projects.update(project_id="p", start_at="x")

    def test_a_not_found_names_the_nearest_id(self):
        ttp = Ttp({("GET", f"{C}/projects/"): NAMED})
        with pytest.raises(NotFound, match="Did you mean 'test_project'"):
            ttp.driver.projects.read(project_id="test_projekt")
        assert len(ttp.asked) == 2

    def test_the_look_for_it_never_fails_and_never_goes_on(self):
        ttp = Ttp({("GET", f"{C}/projects/"): 500})
        with pytest.raises(NotFound, match="No\\."):
            ttp.driver.projects.read(project_id="test_projekt")
        assert len(ttp.asked) == 2

    def test_the_routes_that_a_ttp_offers_instead_are_left_out(self):
        offer = "Run 'r' does not exist. You have requested this URI [/x] but did you mean /y or /z ?"
        ttp = Ttp({("GET", f"{C}/projects/p"): httpx.Response(404, json={"message": offer})})
        with pytest.raises(NotFound) as caught:
            ttp.driver.projects.read(project_id="p")
        assert caught.value.message == "Run 'r' does not exist"


class TestTypedData:
    def test_what_a_ttp_leaves_out_of_layers_is_there_and_the_dict_is_as_it_was_sent(self):
        experiment = {
            "doc_id": "1",
            "kind": "Experiment",
            "key": {"project_id": "p", "expt_id": "e"},
            "model": [{"is_input": True, "l_type": "Flatten"}],
        }
        reply = Ttp({("GET", f"{C}/projects/p/experiments/e"): experiment}).driver.experiments.read(
            project_id="p", expt_id="e"
        )
        layer = reply.data.model[0]
        assert layer.activation is None
        assert layer.structure.to_dict() == {}
        assert reply["data"] == experiment

    def test_keys_of_models_name_the_collaboration(self):
        model = {
            "doc_id": "1",
            "kind": "Model",
            "key": {"project_id": "p", "expt_id": "e", "run_id": "r"},
            "global": {"origin": "ttp", "path": "x", "loss_history": "y"},
        }
        ttp = Ttp({("GET", "/ttp/train/collaborations/c/projects/p/models/"): [model]})
        assert ttp.driver.models.read(collab_id="c", project_id="p").data[0].key.collab_id == "c"

    def test_relations_of_another_collaboration_are_not_the_projects(self):
        def run(collab_id: str) -> dict[str, Any]:
            key = {"collab_id": collab_id, "project_id": "p", "expt_id": "e", "run_id": "r"}
            return {"doc_id": "1", "kind": "Run", "key": key}

        project = {
            "doc_id": "1",
            "kind": "Project",
            "key": {"collab_id": "c", "project_id": "p"},
            "relations": {"Run": [run("c"), run("other")]},
        }
        ttp = Ttp({("GET", f"{C}/collaborations/c/projects/p"): project})
        reply = ttp.driver.projects.read(collab_id="c", project_id="p")
        assert [one.key.collab_id for one in reply.data.relations.run] == ["c"]
        assert len(reply["data"]["relations"]["Run"]) == 2


def test_training_tags_may_not_be_empty():
    ttp = Ttp({})
    for train in ([], [[]], [["a"], []]):
        with pytest.raises(InvalidArgument, match="at least one data set"):
            ttp.driver.tags.create(project_id="p", participant_id="w", train=train)
    assert ttp.asked == []


def test_a_number_of_seconds_is_sent_as_the_ttp_reads_it():
    path = "/ttp/train/projects/p/models/e/optimizations/"
    ttp = Ttp({("POST", path): []})
    space = {"lr": {"_type": "choice", "_value": [0.1]}}
    ttp.driver.optimizations.create(
        project_id="p", expt_id="e", search_space=space, metric="R2", optimize_mode="max", max_exec_duration=90
    )
    assert ttp.asked[-1][2]["max_exec_duration"] == "90s"


@pytest.mark.parametrize("host", ["user:secret@10.0.0.1", "http://user:secret@10.0.0.1", "http://user:secret@[::1"])
def test_a_password_in_the_address_never_appears(host):
    with pytest.raises(InvalidArgument) as caught:
        Driver(host, 5000)
    assert "secret" not in str(caught.value)
