"""What a check of a live TTP asks for, what it finds in the answers, and that it leaves nothing behind."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from synergos.contract import check as checking
from synergos.contract.check import DataSet, Deviation, Report, check_ttp
from synergos.contract.document import Unusable, shipped

OF_REAL_TTPS = [operation for operation in shipped().operations if operation.generations & {"v4", "v8"}]
READS = {operation.title for operation in OF_REAL_TTPS if operation.method == "GET"}
PHASE_1 = {operation.title for operation in shipped().operations if operation.path.startswith("/ttp/connect")}
DATA = (DataSet("biscoe", ("non_iid_1",)), DataSet("dream", ("non_iid_2",)))
NODE = {"host": "127.0.0.1", "port": 8020, "f_port": 5000}
LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": None}
LISTS = ("projects/", "participants/", "collaborations/")

Tamper = Callable[[httpx.Request, httpx.Response], httpx.Response]


class Wire(httpx.BaseTransport):
    """The network, with a hand in it: what is sent is kept, what is answered may be changed."""

    def __init__(self, tamper: Tamper | None = None) -> None:
        self.sent: list[tuple[str, str]] = []
        self._tamper = tamper
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.method, request.url.path))
        response = self._network.handle_request(request)
        response.read()
        return self._tamper(request, response) if self._tamper else response

    def close(self) -> None:
        self._network.close()


@pytest.fixture
def send(address: str) -> Iterator[Callable[..., Any]]:
    """Send one request of phase 1 and give the data of its answer."""
    with httpx.Client(base_url=f"{address}/ttp/connect/", timeout=60, trust_env=False) as client:

        def call(method: str, path: str, body: object = None) -> Any:
            response = client.request(method, path, json=body)
            assert response.is_success, response.text
            return response.json()["data"]

        yield call


@pytest.fixture
def records(send: Callable[..., Any]) -> Iterator[None]:
    """A project of each generation with one of everything of phase 1."""
    send("POST", "participants/", {"id": "w", **NODE})
    send("POST", "collaborations/", {"collab_id": "c"})
    for above in ("", "collaborations/c/"):
        send("POST", f"{above}projects/", {"project_id": "p", "incentives": {}})
        send("POST", f"{above}projects/p/experiments/", {"expt_id": "e", "model": [LAYER]})
        send("POST", f"{above}projects/p/experiments/e/runs/", {"run_id": "r", "rounds": 2})
        nodes = {"n_count": 1, "node_0": NODE} if above else {}
        send("POST", f"{above}projects/p/participants/w/registration", {"role": "guest", **nodes})
        send("POST", f"{above}projects/p/participants/w/registration/tags", {"train": [["a"]]})
    yield
    for path in ("projects/p", "collaborations/c", "participants/w"):
        send("DELETE", path)


@pytest.mark.usefixtures("records")
def test_reading_asks_for_all_that_is_there_and_changes_nothing(address: str) -> None:
    wire = Wire()
    report = check_ttp(address, transport=wire)
    assert report.deviations == []
    assert (report.generations, report.left, report.aborted) == (("v4", "v8"), [], "")
    assert {method for method, _ in wire.sent} == {"GET"}
    assert report.tried == READS
    assert report.untried == set()
    assert len(set(wire.sent)) == len(wire.sent) - len(checking.PROBES)
    assert wire.sent.index(("GET", "/ttp/connect/participants/w")) > wire.sent.index(
        ("GET", "/ttp/connect/participants/")
    )


def test_of_an_empty_ttp_only_the_lists_can_be_read(address: str) -> None:
    report = check_ttp(address)
    assert report.tried == {"read_projects", "read_participants", "read_collaborations"}
    assert report.untried == READS - report.tried


def test_writing_exercises_every_verb_of_phase_1_and_leaves_nothing(address: str, send: Callable[..., Any]) -> None:
    wire = Wire()
    report = check_ttp(address, write=True, transport=wire)
    assert report.deviations == []
    assert (report.left, report.aborted) == ([], "")
    assert report.tried >= PHASE_1 | READS
    assert [send("GET", path) for path in LISTS] == [[], [], []]
    written = {path for method, path in wire.sent if method != "GET"}
    assert all("synergos-check-" in path or path.count("/") == 4 for path in written), written


def test_with_data_phases_2_and_3_are_exercised_too(address: str, send: Callable[..., Any]) -> None:
    # Of the two one is there already, and must stay as it is.
    before = send("POST", "participants/", {"id": "biscoe", **NODE, "port": 9999})
    report = check_ttp(address, write=True, data=DATA)
    assert report.deviations == []
    assert (report.left, report.aborted) == ([], "")
    jobs = {operation.tag for operation in shipped().operations if operation.title in report.tried - PHASE_1 - READS}
    assert jobs == set(checking.JOBS)
    assert send("GET", "participants/") == [before]
    assert (send("GET", "projects/"), send("GET", "collaborations/")) == ([], [])
    send("DELETE", "participants/biscoe")


def test_what_is_trained_for_a_check_is_what_real_grids_train(address: str) -> None:
    runs = []

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/runs/") and response.is_success:
            runs.append(json.loads(request.content))
        return response

    check_ttp(address, write=True, transport=Wire(tamper))

    assert len(runs) == 2
    for run in runs:
        assert (run["algorithm"], run["criterion"], run["lr_scheduler"]) == ("FedProx", "NLLLoss", "CyclicLR")
        assert run["mu"] and run["base_lr"] and run["max_lr"] and run["seed"] != 42


def test_data_of_two_classes_are_trained_on_too(address: str) -> None:
    criteria = []

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "PUT" and "/runs/" in request.url.path:
            criteria.append(json.loads(request.content).get("criterion"))
        return response

    report = check_ttp(address, write=True, data=[DataSet("biscoe", ("non_iid_1",))], transport=Wire(tamper))

    assert (report.deviations, report.aborted) == ([], "")
    assert "BCELoss" in criteria


def test_a_deployment_that_does_not_search_is_as_the_contract_says(address: str) -> None:
    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        is_search = "/collaborations/" in request.url.path and request.url.path.endswith("/optimizations/")
        return httpx.Response(403, json={"message": "Not in this deployment."}) if is_search else response

    report = check_ttp(address, write=True, data=DATA, transport=Wire(tamper))

    assert (report.deviations, report.left, report.aborted) == ([], [], "")


def test_a_search_that_a_cluster_answers_with_a_404_is_waited_for(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "POLL_SECONDS", 0.01)
    asked = []

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        path = request.url.path
        if "/collaborations/" not in path or not path.endswith("/optimizations/") or response.status_code == 404:
            return response
        asked.append(request.method)
        is_late = request.method == "POST" or asked.count("GET") < 3
        return httpx.Response(404, json={"message": "Optimizations do not exist."}) if is_late else response

    report = check_ttp(address, write=True, data=DATA, transport=Wire(tamper))

    assert (report.deviations, report.left, report.aborted) == ([], [], "")
    assert asked.count("GET") > 3


def test_the_message_queue_is_that_of_a_collaboration_that_is_there(address: str, send: Callable[..., Any]) -> None:
    queue = {"host": "172.20.0.99", "ports": {"main": 5673, "ui": 0}, "secure": False}
    send("POST", "collaborations/", {"collab_id": "there", "mq": queue})
    made = []

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/collaborations/") and response.is_success:
            made.append(json.loads(request.content)["mq"])
        return response

    check_ttp(address, write=True, transport=Wire(tamper))
    send("DELETE", "collaborations/there")

    assert made == [queue]


def to_projects(change: Callable[[dict[str, Any]], None]) -> Tamper:
    """Change every answer to the reading of the projects of v4."""

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if (request.method, request.url.path) != ("GET", "/ttp/connect/projects/"):
            return response
        answer = response.json()
        change(answer)
        return httpx.Response(response.status_code, json=answer)

    return tamper


def replaced(response: httpx.Response) -> Tamper:
    """Answer so to the reading of the project of v4."""
    return lambda request, real: response if request.url.path == "/ttp/connect/projects/p" else real


TAMPERED = {
    "a field of another type": (
        to_projects(lambda answer: answer["data"][0].update(action=5)),
        ("read_projects", "Project p", "/data/0/action", "5 is not of type 'string'"),
    ),
    "a field that is missing": (
        to_projects(lambda answer: answer["data"][0].pop("doc_id")),
        ("read_projects", "Project p", "/data/0", "'doc_id' is a required property"),
    ),
    "a related record": (
        to_projects(lambda answer: answer["data"][0]["relations"]["Run"][0].update(rounds="two")),
        ("read_projects", "Run p, e, r", "/data/0/relations/Run/0/rounds", "'two' is not of type 'integer'"),
    ),
    "a name with a slash": (
        to_projects(lambda answer: answer["data"][0].update(key={"project_id": "p", "a/b~": 1}, universe_alignment=1)),
        ("read_projects", "Project p, 1", "/data/0/universe_alignment", "1 is not of type 'array'"),
    ),
    "the envelope": (
        to_projects(lambda answer: answer.update(success="yes")),
        ("read_projects", "", "/success", "'yes' is not of type 'integer'"),
    ),
    "another status in the envelope": (
        to_projects(lambda answer: answer.update(status=201)),
        ("read_projects", "", "/status", "says 201, and the HTTP status is 200"),
    ),
    "a record that is not found": (
        replaced(httpx.Response(404, json={"message": "No."})),
        ("read_project", "", "", '404, where the contract has 200: {"message":"No."}'),
    ),
    "a failure": (
        replaced(httpx.Response(500, json={"message": "Failed."})),
        ("read_project", "", "", '500, where the contract has 200: {"message":"Failed."}'),
    ),
    "a status that is not described": (
        replaced(httpx.Response(202, json={})),
        ("read_project", "", "", "the status 202 is not in the contract"),
    ),
    "no JSON": (
        replaced(httpx.Response(200, html="<html>")),
        ("read_project", "", "", "the answer cannot be read as JSON: Expecting value: line 1 column 1 (char 0)"),
    ),
    "another content type": (
        replaced(httpx.Response(200, html="<html>")),
        ("read_project", "", "", "the answer is text/html; charset=utf-8 and not JSON"),
    ),
}


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize(("tamper", "expected"), TAMPERED.values(), ids=TAMPERED.keys())
def test_what_is_not_as_the_contract_says_is_listed_with_its_place(
    address: str, tamper: Tamper, expected: tuple[str, str, str, str]
) -> None:
    report = check_ttp(address, transport=Wire(tamper))
    assert expected in [(one.operation, one.record, one.pointer, one.text) for one in report.deviations]
    assert {one.operation for one in report.deviations} == {expected[0]}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda answer: answer.pop("status"), "'status' is a required property"),
        (lambda answer: answer.update(status="200"), "'200' is not of type 'integer'"),
    ],
)
def test_a_wrong_status_in_the_envelope_is_told_once(
    address: str, change: Callable[[dict[str, Any]], None], text: str
) -> None:
    report = check_ttp(address, transport=Wire(to_projects(change)))
    assert [one.text for one in report.deviations] == [text]


@pytest.mark.usefixtures("records")
def test_an_answer_that_does_not_come_is_a_deviation_and_the_check_goes_on(address: str) -> None:
    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.url.path == "/ttp/connect/projects/p":
            raise httpx.ReadTimeout("timed out", request=request)
        return response

    report = check_ttp(address, transport=Wire(tamper))
    assert report.deviations == [
        Deviation("read_project", "GET /ttp/connect/projects/p", "", "", "no answer within 60 s")
    ]
    assert report.tried == READS


def test_a_ttp_that_takes_what_it_should_refuse_is_found_and_cleaned(address: str, send: Callable[..., Any]) -> None:
    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if response.status_code == 417 and request.url.path == "/ttp/connect/projects/":
            name = json.loads(request.content)["project_id"]
            send("POST", "projects/", {"project_id": name, "incentives": {}})
            return httpx.Response(201, json={})
        return response

    report = check_ttp(address, write=True, transport=Wire(tamper))
    assert "201, where the contract has 417: {}" in [one.text for one in report.deviations]
    assert report.left == []
    assert send("GET", "projects/") == []


def interrupted_at(count: int, error: Callable[[httpx.Request], BaseException]) -> Tamper:
    """Break off after so many requests that change something, once it has been done."""
    seen = 0

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        nonlocal seen
        seen += request.method != "GET"
        if seen == count:
            seen += 1
            raise error(request)
        return response

    return tamper


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of a check, which are not made."""
    pauses: list[float] = []
    monkeypatch.setattr(checking.time, "sleep", pauses.append)
    return pauses


@pytest.mark.parametrize("count", [3, 11, 25, 40, 70])
def test_an_interrupted_check_removes_what_it_made(
    address: str, send: Callable[..., Any], paused: list[float], count: int
) -> None:
    tamper = interrupted_at(count, lambda _: KeyboardInterrupt())
    report = check_ttp(address, write=True, transport=Wire(tamper))
    assert (report.aborted, report.left) == ("It was interrupted.", [])
    assert paused == [checking.SETTLE_SECONDS], "what was cut off may still be at work"
    assert [send("GET", path) for path in LISTS] == [[], [], []]


def test_a_lost_connection_ends_the_check_and_what_was_made_is_removed(address: str, send: Callable[..., Any]) -> None:
    tamper = interrupted_at(25, lambda request: httpx.ReadError("reset", request=request))
    report = check_ttp(address, write=True, transport=Wire(tamper))
    assert report.aborted.startswith("The connection was lost at ")
    assert report.left == []
    assert [send("GET", path) for path in LISTS] == [[], [], []]


def test_nothing_is_written_beside_a_write_that_is_not_answered(address: str, send: Callable[..., Any]) -> None:
    wire = Wire(interrupted_at(5, lambda request: httpx.ReadTimeout("timed out", request=request)))
    report = check_ttp(address, write=True, transport=wire)
    last = [(method, path) for method, path in wire.sent if method != "GET"][-1]
    assert wire.sent[-1] == last
    assert [one.text for one in report.deviations] == ["no answer within 60 s"]
    assert report.aborted == "The TTP may still be at work: remove what was made when that has ended."
    assert report.left
    remove_all(send, report)
    assert [send("GET", path) for path in LISTS] == [[], [], []]


def remove_all(send: Callable[..., Any], report: Report) -> None:
    """Remove by hand what a check has left, as its report asks for."""
    for left in report.left:
        resource, _, name = left.partition(": ")
        if resource in ("collaborations", "projects", "participants"):
            send("DELETE", f"{resource}/{name}")


def test_what_cannot_be_removed_is_told(address: str, send: Callable[..., Any]) -> None:
    class Stubborn(Wire):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "DELETE" and request.url.path.startswith("/ttp/connect/participants/"):
                return httpx.Response(500, json={"message": "Internal Server Error"})
            return super().handle_request(request)

    report = check_ttp(address, write=True, transport=Stubborn())
    assert {one.partition(":")[0] for one in report.left} == {"participants"}
    assert len(send("GET", "participants/")) == len(report.left) == 2
    remove_all(send, report)


def test_what_stands_on_a_job_that_failed_is_not_tried(address: str, send: Callable[..., Any]) -> None:
    report = check_ttp(address, write=True, data=[DataSet("biscoe", ("nothing",))])
    assert {one.operation for one in report.deviations} == {"create_alignments", "create_alignments_in_collab"}
    assert not [name for name in report.tried if name.startswith("create_models")]
    assert (report.left, report.aborted) == ([], "")
    assert [send("GET", path) for path in LISTS] == [[], [], []]


def test_a_participant_may_have_several_data_sets(address: str) -> None:
    tags = []

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/participants/biscoe/registration/tags"):
            tags.append(json.loads(request.content)["train"])
        return response

    data = [DataSet("biscoe", ("non_iid_1",)), DataSet("biscoe", ("iid_1",))]
    report = check_ttp(address, write=True, data=data, transport=Wire(tamper))
    assert report.deviations == []
    assert tags == [[["non_iid_1"], ["iid_1"]]] * 2


def test_nothing_is_removed_beside_a_job_that_is_still_at_work(address: str, send: Callable[..., Any]) -> None:
    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "POST" and "/models/" in request.url.path:
            raise httpx.ReadTimeout("timed out", request=request)
        return response

    report = check_ttp(address, write=True, data=DATA, transport=Wire(tamper))
    assert report.aborted == "The TTP may still be at work: remove what was made when that has ended."
    assert not [one for one in report.left if "refused" in one], "what was refused was not made"
    assert {one.partition(":")[0] for one in report.left} >= {"projects", "experiments", "runs", "participants"}
    remove_all(send, report)
    assert [send("GET", path) for path in LISTS] == [[], [], []]


@pytest.mark.parametrize("key", ["a/b", ".", "..", ""])
def test_what_cannot_be_addressed_is_not_asked_for(address: str, key: str) -> None:
    def add(answer: dict[str, Any]) -> None:
        answer["data"].append({"doc_id": "1", "kind": "Project", "key": {"project_id": key}})

    report = check_ttp(address, transport=Wire(to_projects(add)))
    assert report.tried == {"read_projects", "read_participants", "read_collaborations"}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(404, json={"message": "Not Found"}),
        httpx.Response(404, html="<html>"),
        httpx.Response(200, html="<html>"),
        httpx.Response(200, json={"pets": []}),
        httpx.Response(200, json=["data"]),
        httpx.Response(200, text='{"data": []}'),
        httpx.Response(401, json={"message": "Unauthorized"}),
        httpx.Response(302, json={"message": "Moved"}),
        httpx.Response(500, html="<html>"),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_what_is_no_ttp_is_refused_and_asked_for_nothing_more(response: httpx.Response, write: bool) -> None:
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.method, request.url.path))
        return response

    with pytest.raises(Unusable, match=r"^http://ttp:5000 (answers, and not as a TTP does|asks who you are)"):
        check_ttp("http://ttp:5000", write=write, transport=httpx.MockTransport(answer))
    probes = [("GET", path) for path in checking.PROBES.values()]
    assert sent == (probes[:1] if response.status_code == 401 else probes)


def test_a_ttp_with_a_spoiled_record_is_one(address: str) -> None:
    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        is_spoiled = request.url.path == "/ttp/connect/projects/"
        return httpx.Response(500, json={"message": "Internal Server Error"}) if is_spoiled else response

    report = check_ttp(address, transport=Wire(tamper))
    assert report.generations == ("v4", "v8")
    assert [one.operation for one in report.deviations] == ["read_projects"]


def test_a_data_set_is_a_participant_with_tags() -> None:
    assert DataSet.parse("w=2020, north") == DataSet("w", ("2020", "north"))


@pytest.mark.parametrize("text", ["", "w", "w=", "=a", "w=a,,b"])
def test_what_is_no_data_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not PARTICIPANT=TAG,TAG"):
        DataSet.parse(text)
