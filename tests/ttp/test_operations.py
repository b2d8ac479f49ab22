"""Every operation of the contract over HTTP, in a small cycle for each generation; every answer held against it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator

from synergos.sandbox import Sandbox
from synergos.ttp import contract
from synergos.ttp.contract import Operation

OPERATIONS = {operation.name: operation for operation in contract.operations()}
CONTRACT: Mapping[str, Any] = contract.load()


def generations(operation: Operation) -> list[str]:
    described = CONTRACT["paths"][operation.path][operation.method.lower()]
    found: list[str] = described["x-ttp"]
    return found


def of_generation(name: str) -> list[Operation]:
    return [operation for operation in OPERATIONS.values() if name in generations(operation)]


IDS = {"project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": "biscoe"}
DREAM = {**IDS, "participant_id": "dream"}
JOB = {"auto_align": True, "dockerised": True, "verbose": False, "log_msgs": False}
PREDICT = {"tags": {"p": [["iid_1"]]}, "auto_align": True, "dockerised": True}
RUN = {"rounds": 2, "epochs": 1, "lr": 0.1, "optimizer": "Adam", "lr_scheduler": "", "seed": 1}
MODEL = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": "sigmoid"}
]
SEARCH = {
    "search_space": {"lr": {"_type": "choice", "_value": [0.1, 0.2]}},
    "tuner": "TPE",
    "metric": "accuracy",
    "optimize_mode": "max",
}


class Step(NamedTuple):
    """One request of a cycle; the same operation may come several times."""

    operation: str
    status: int
    body: object = None
    ids: Mapping[str, str] = IDS


def in_collab(step: Step) -> Step:
    """The same request in a collaboration."""
    if step.operation in OPERATIONS and "v8" in generations(OPERATIONS[step.operation]):
        return step
    body = step.body
    if step.operation.startswith("create_registration") and isinstance(body, dict):
        body = {**body, "n_count": 1, "node_0": {"host": "127.0.0.1", "port": 8020, "f_port": 5000}}
    if step.operation == "create_alignments":
        body = {}
    if step.operation == "create_optimizations":
        body = {name: value for name, value in SEARCH.items() if name != "tuner"}
    return Step(f"{step.operation}_in_collab", step.status, body, {"collab_id": "c", **step.ids})


def participant(name: str) -> dict[str, object]:
    return {"id": name, "host": "127.0.0.1", "port": 8020, "f_port": 5000}


LEVELS = {
    "models": ("project", "experiment", "run"),
    "validations": ("project", "experiment", "run", "participant"),
    "predictions": ("participant", "project", "experiment", "run"),
}
WORK_BODIES = {"models": JOB, "validations": {}, "predictions": PREDICT}
SAME = [
    Step("create_project", 201, {"project_id": "p", "action": "classify", "incentives": {"tier_1": ["biscoe"]}}),
    Step("create_experiment", 201, {"expt_id": "e", "model": MODEL}),
    Step("create_run", 201, {"run_id": "r", **RUN}),
    Step("create_run", 201, {"run_id": "s", **RUN, "algorithm": "FedAvg", "batch_size": 32}),
    Step("create_participant", 201, participant("biscoe")),
    Step("create_participant", 201, participant("dream")),
    Step("create_registration", 201, {"role": "guest"}),
    Step("create_tags", 201, {"train": [["non_iid_1"]], "evaluate": [["iid_1"]]}),
    Step("create_registration_by_participant", 201, {"role": "host"}, DREAM),
    Step("create_tags_by_participant", 201, {"train": [["non_iid_2"]], "evaluate": [["iid_1"]]}, DREAM),
    Step("create_alignments", 201),
    Step("read_alignments", 200),
    *(
        Step(f"{verb}_{resource}_by_{level}", 200, WORK_BODIES[resource] if verb == "create" else None)
        for resource, levels in LEVELS.items()
        for level in levels
        for verb in ("create", "read")
    ),
    Step("create_optimizations", 200, SEARCH),
    Step("read_optimizations", 200),
    Step("read_projects", 200),
    Step("read_project", 200),
    Step("read_experiments", 200),
    Step("read_experiment", 200),
    Step("read_runs", 200),
    Step("read_run", 200),
    Step("read_participants", 200),
    Step("read_participant", 200),
    Step("read_registrations_by_project", 200),
    Step("read_registrations_by_participant", 200),
    Step("read_registration", 200),
    Step("read_registration_by_participant", 200),
    Step("read_tags", 200),
    Step("read_tags_by_participant", 200),
    Step("update_project", 200, {"incentives": {"tier_1": ["dream"]}}),
    Step("update_experiment", 200, {"model": MODEL}),
    Step("update_run", 200, {"rounds": 3}),
    Step("update_participant", 200, {"port": 8021}),
    Step("update_registration", 200, {"role": "arbiter"}),
    Step("update_registration_by_participant", 200, {"role": "guest"}),
    Step("update_tags", 200, {"predict": [["iid_1"]]}),
    Step("update_tags_by_participant", 200, {"evaluate": []}),
]
END = [
    Step("delete_tags", 200),
    Step("delete_registration", 200),
    Step("delete_tags_by_participant", 200, ids=DREAM),
    Step("delete_registration_by_participant", 200, ids=DREAM),
    Step("create_alignments", 417),
    Step("delete_participant", 200),
    Step("delete_run", 200),
    Step("delete_experiment", 200),
    Step("delete_project", 200),
    Step("read_projects", 200),
]


def wrong_bodies(generation: str, ids: Mapping[str, str]) -> list[Step]:
    """A wrong body for each operation, while all that its path names is there."""
    return [Step(one.name, 417, [], ids) for one in of_generation(generation) if one.body is not None]


IN_COLLAB = {"collab_id": "c", **IDS}
COMPONENT = {"host": "127.0.0.1", "ports": {"main": 5672, "ui": 0}, "secure": False}
CYCLES = {
    "v4": [*SAME, *wrong_bodies("v4", IDS), *END],
    "v8": [
        Step("create_collaboration", 201, {"collab_id": "c", "mq": COMPONENT}, IN_COLLAB),
        *(in_collab(step) for step in SAME),
        Step("read_collaborations", 200, None, IN_COLLAB),
        Step("read_collaboration", 200, None, IN_COLLAB),
        Step("update_collaboration", 200, {"meter": COMPONENT}, IN_COLLAB),
        Step("read_registrations_by_collab", 200, None, IN_COLLAB),
        Step("read_registrations_by_participant_in_collab", 200, None, IN_COLLAB),
        *wrong_bodies("v8", IN_COLLAB),
        *(in_collab(step) for step in END),
        Step("delete_collaboration", 200, None, IN_COLLAB),
    ],
}
STEPS = [(generation, number) for generation, cycle in CYCLES.items() for number in range(len(cycle))]


def name_of(generation: str, number: int) -> str:
    step = CYCLES[generation][number]
    return f"{step.operation}-{step.status}"


def send(http: httpx.Client, operation: Operation, ids: Mapping[str, str], **more: Any) -> httpx.Response:
    path = operation.path.format(**{name: quote(value, safe="") for name, value in ids.items()})
    asked = {name: ids[name] for name in operation.query if name in ids}
    return http.request(operation.method, path, **({"params": asked} if asked else {}), **more)


def declared(operation: Operation) -> Mapping[str, Any]:
    responses: Mapping[str, Any] = CONTRACT["paths"][operation.path][operation.method.lower()]["responses"]
    return responses


def errors(operation: Operation, response: httpx.Response) -> list[str]:
    """What of an answer is not as the contract says."""
    answer = declared(operation)[str(response.status_code)]
    name = answer["$ref"].rpartition("/")[2]
    schema = CONTRACT["components"]["responses"][name]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": CONTRACT["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(response.json())]


def example(operation: Operation) -> Any:
    """The body that the contract gives as an example."""
    described = CONTRACT["paths"][operation.path][operation.method.lower()]
    name = described["requestBody"]["$ref"].rpartition("/")[2]
    return CONTRACT["components"]["requestBodies"][name]["content"]["application/json"]["example"]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A sandbox that stays empty."""
    with Sandbox() as ttp, httpx.Client(base_url=f"http://{ttp.host}:{ttp.port}", timeout=60, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def answers() -> dict[str, list[httpx.Response]]:
    """The answers to the steps of each cycle."""
    found = {}
    for generation, cycle in CYCLES.items():
        with (
            Sandbox() as ttp,
            httpx.Client(base_url=f"http://{ttp.host}:{ttp.port}", timeout=60, trust_env=False) as http,
        ):
            found[generation] = [
                send(http, OPERATIONS[step.operation], step.ids, **({} if step.body is None else {"json": step.body}))
                for step in cycle
            ]
    return found


@pytest.mark.parametrize("generation", CYCLES)
def test_the_cycle_reaches_every_operation(generation: str) -> None:
    succeeding = {step.operation for step in CYCLES[generation] if step.status < 300}
    assert succeeding == {operation.name for operation in of_generation(generation)}


@pytest.mark.parametrize(("generation", "number"), STEPS, ids=[name_of(*step) for step in STEPS])
def test_each_step_of_the_cycle_is_answered_as_the_contract_says(
    answers: dict[str, list[httpx.Response]], generation: str, number: int
) -> None:
    step, response = CYCLES[generation][number], answers[generation][number]
    operation = OPERATIONS[step.operation]
    assert response.status_code == step.status, response.text
    assert response.headers["content-type"] == "application/json"
    assert errors(operation, response) == []
    if step.status < 300:
        answer = response.json()
        assert step.status == operation.status == answer["status"]
        assert set(answer) == {"apiVersion", "success", "status", "method", "params", "data"}
        assert answer["params"] == {name: step.ids[name] for name in step.ids if f"{{{name}}}" in operation.path}
        assert isinstance(answer["data"], list) == operation.is_list
        assert answer["data"] or (operation.resource == "projects" and step.operation.startswith("read_projects"))
    else:
        assert list(response.json()) == ["message"]


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if "404" in declared(operation)])
def test_what_is_not_there_is_a_404(http: httpx.Client, name: str) -> None:
    operation = OPERATIONS[name]
    body = {} if operation.body is None else {"json": example(operation)}
    response = send(http, operation, {**IN_COLLAB, "number": "999"}, **body)
    assert response.status_code == 404, response.text
    assert errors(operation, response) == []


@pytest.mark.parametrize(
    "name",
    [name for name, one in OPERATIONS.items() if one.method == "GET" and one.is_list and "404" not in declared(one)],
)
def test_a_list_below_nothing_is_empty(http: httpx.Client, name: str) -> None:
    response = send(http, OPERATIONS[name], IN_COLLAB)
    assert response.status_code == 200
    assert errors(OPERATIONS[name], response) == []
    assert response.json()["data"] == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": \xff}'], ids=["no body", "no end", "no text"])
@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.body is not None])
def test_a_body_that_is_no_json_is_a_400(http: httpx.Client, name: str, content: bytes) -> None:
    response = send(http, OPERATIONS[name], IN_COLLAB, content=content, headers={"content-type": "application/json"})
    assert response.status_code == 400, response.text
    assert errors(OPERATIONS[name], response) == []


@pytest.mark.parametrize("content", ["[]", '"text"', "1", "null", "true"])
@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.body is not None])
def test_a_body_that_is_no_object_is_a_417(http: httpx.Client, name: str, content: str) -> None:
    response = send(http, OPERATIONS[name], IN_COLLAB, content=content, headers={"content-type": "application/json"})
    assert response.status_code == 417, response.text
    assert errors(OPERATIONS[name], response) == []
    assert response.json()["message"].startswith("The body must be a JSON object, not ")


@pytest.mark.parametrize("path", sorted({operation.path for operation in OPERATIONS.values()}))
def test_a_method_that_a_path_has_not_is_a_405(http: httpx.Client, path: str) -> None:
    known = {operation.method for operation in OPERATIONS.values() if operation.path == path}
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - known:
        response = http.request(method, path.format(**IN_COLLAB), json={})
        assert response.status_code == 405, method
        assert list(response.json()) == ["message"]
