"""What is drift between a TTP's documents and the contract, and what only the documents are wrong about."""

import copy
import json
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from synergos.contract.diff import Difference, find_drift
from synergos.contract.document import Unusable, shipped

# Documents of a real TTP. They are kept beside the repository, and their tests skipped where they are not.
RECORDED = sorted((Path(__file__).resolve().parents[3] / "shared" / "wire" / "v4").glob("swagger_*.json"))
ADDRESS = "http://ttp:5000"
PROJECTS = {"v4": "/projects/", "v8": "/collaborations/{collab_id}/projects/"}

Swagger = dict[str, dict[str, Any]]
Published = Callable[[str], Swagger]
Serving = Callable[[Swagger], httpx.MockTransport]


def body(documents: Swagger, phase: str, path: str, method: str = "post") -> MutableMapping[str, Any]:
    """The schema of what an operation is sent, to be changed."""
    parameters = documents[phase]["paths"][path][method]["parameters"]
    schema: MutableMapping[str, Any] = next(one["schema"] for one in parameters if one["in"] == "body")
    return schema


def how_many(generation: str) -> int:
    """The operations of a generation in the contract."""
    return sum(generation in operation.generations for operation in shipped().operations)


@pytest.fixture
def compare(serving: Serving) -> Callable[[Swagger], Difference]:
    """What is found when a TTP publishes some documents."""
    return lambda documents: find_drift([ADDRESS], serving(documents))


@pytest.mark.parametrize("generation", ["v4", "v8"])
def test_a_generation_that_publishes_the_contract_has_no_drift(
    published: Published, compare: Callable[[Swagger], Difference], generation: str
) -> None:
    found = compare(published(generation))
    assert found.drift == ()
    assert found.generations == (generation,)
    assert found.compared == how_many(generation)
    assert found.sources == tuple(f"{ADDRESS}/ttp/{phase}/swagger.json" for phase in ("connect", "train", "evaluate"))


def add_route(documents: Swagger, path: str) -> None:
    documents["connect"]["paths"][f"{path}{{project_id}}/notes"] = {
        "get": {"operationId": "list_notes", "responses": {"200": {"description": "Notes."}}}
    }


def remove_route(documents: Swagger, path: str) -> None:
    del documents["connect"]["paths"][path]


def add_method(documents: Swagger, path: str) -> None:
    documents["connect"]["paths"][path]["patch"] = documents["connect"]["paths"][path]["get"]


def remove_method(documents: Swagger, path: str) -> None:
    del documents["connect"]["paths"][path]["post"]


def add_field(documents: Swagger, path: str) -> None:
    body(documents, "connect", path)["properties"]["priority"] = {"type": "string"}


def remove_field(documents: Swagger, path: str) -> None:
    del body(documents, "connect", path)["properties"]["universe_alignment"]


def add_hyperparameter(documents: Swagger, path: str) -> None:
    runs = f"{path}{{project_id}}/experiments/{{expt_id}}/runs/"
    body(documents, "connect", runs)["properties"]["warmup"] = {"type": "integer"}


def retype_field(documents: Swagger, path: str) -> None:
    body(documents, "connect", path)["properties"]["action"] = {"type": "integer"}


def retype_wildcard(documents: Swagger, path: str) -> None:
    rest = {"type": "object", "additionalProperties": {"type": "string"}}
    body(documents, "connect", path)["properties"]["incentives"]["properties"]["*"] = rest


def retype_item(documents: Swagger, path: str) -> None:
    body(documents, "connect", path)["properties"]["universe_alignment"]["items"] = {"type": "integer"}


def restrict_values(documents: Swagger, path: str) -> None:
    body(documents, "connect", path)["properties"]["action"]["enum"] = ["classify"]


def require_header(documents: Swagger, path: str) -> None:
    header = {"name": "X-Token", "in": "header", "required": True, "type": "string"}
    documents["connect"]["paths"][path]["post"]["parameters"].append(header)


DRIFT = {
    add_route: ("route missing in the contract", "", "", "there"),
    remove_route: ("route gone from the TTP", "", "there", ""),
    add_method: ("method missing in the contract", "", "", "there"),
    remove_method: ("method gone from the TTP", "", "there", ""),
    add_field: ("request field added", "body.priority", "", "string"),
    add_hyperparameter: ("request field added", "body.warmup", "", "integer"),
    remove_field: ("request field removed", "ProjectFields.universe_alignment", "", ""),
    retype_field: ("request field retyped", "body.action", "string", "integer"),
    retype_wildcard: ("request field retyped", "body.incentives.*", "array", "string"),
    retype_item: ("request field retyped", "body.universe_alignment[]", "string", "integer"),
    restrict_values: ("request value gone", "body.action", '"regress"', ""),
    require_header: ("request required parameter added", "header X-Token", "", ""),
}


@pytest.mark.parametrize("generation", ["v4", "v8"])
@pytest.mark.parametrize("change", DRIFT, ids=lambda change: change.__name__)
def test_drift_is_found(
    published: Published,
    compare: Callable[[Swagger], Difference],
    change: Callable[[Swagger, str], None],
    generation: str,
) -> None:
    documents = published(generation)
    change(documents, PROJECTS[generation])
    found = compare(documents)
    kinds = {(one.kind, one.where, one.contract, one.ttp) for one in found.drift}
    assert kinds == {DRIFT[change]}
    assert all(len(one.operations) == 1 for one in found.drift)


def test_a_name_that_is_written_down_where_all_are_free_is_no_drift(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v4")
    body(documents, "connect", "/projects/")["properties"]["incentives"]["properties"]["tier_1"] = {"type": "array"}
    assert compare(documents).drift == ()


@pytest.mark.parametrize("generation", ["v4", "v8"])
@pytest.mark.parametrize("phase", ["train", "evaluate"])
def test_a_phase_that_is_gone_is_drift(
    published: Published, compare: Callable[[Swagger], Difference], phase: str, generation: str
) -> None:
    documents = published(generation)
    gone = {
        f"{method.upper()} /ttp/{phase}{path}"
        for path, item in documents[phase]["paths"].items()
        for method in ("get", "post")
        if method in item
    }
    documents[phase]["paths"] = {}
    drift = compare(documents).drift
    assert {one.kind for one in drift} == {"route gone from the TTP"}
    assert {name for one in drift for name in one.operations} == gone


def test_of_an_openapi_document_a_phase_that_is_gone_is_drift_too(serving: Serving) -> None:
    document = copy.deepcopy(dict(shipped().tree))
    document["paths"] = {path: item for path, item in document["paths"].items() if not path.startswith("/ttp/train")}
    drift = find_drift([ADDRESS], serving({"/openapi.json": document})).drift
    assert {one.kind for one in drift} == {"route gone from the TTP"}
    assert all("/ttp/train/" in one.operations[0] for one in drift)


def test_drift_of_one_operation_is_told_beside_a_known_fault_of_another(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v4")
    without_search(documents)
    documents["connect"]["paths"]["/projects/"]["post"]["parameters"] = []
    found = compare(documents)
    assert [(one.kind, one.operations) for one in found.drift] == [("request body gone", ("create_project",))]
    assert "create_optimizations" in next(one for one in found.faults if one.name == "fields left out").where


def test_drift_is_told_by_the_contract_s_names(published: Published, compare: Callable[[Swagger], Difference]) -> None:
    documents = published("v4")
    add_field(documents, "/projects/")
    add_route(documents, "/projects/")
    assert {one.operations for one in compare(documents).drift} == {
        ("create_project",),
        ("GET /ttp/connect/projects/{project_id}/notes",),
    }


def test_a_route_that_has_moved_is_gone_and_missing_whatever_it_is_called(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v4")
    paths = documents["connect"]["paths"]
    paths["/projects"] = paths.pop("/projects/")
    paths["/projects"]["get"]["operationId"] = "read_projects"
    assert {(one.kind, one.operations[0]) for one in compare(documents).drift} == {
        ("route gone from the TTP", "GET /ttp/connect/projects/"),
        ("route gone from the TTP", "POST /ttp/connect/projects/"),
        ("route missing in the contract", "GET /ttp/connect/projects"),
        ("route missing in the contract", "POST /ttp/connect/projects"),
    }


def test_a_field_of_the_other_generation_is_drift(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v4")
    body(documents, "connect", "/participants/")["properties"]["email"] = {"type": "string"}
    assert [(one.kind, one.where) for one in compare(documents).drift] == [("request field added", "body.email")]


def with_participant_id(documents: Swagger) -> None:
    body(documents, "connect", "/participants/")["properties"]["participant_id"] = {"type": "string"}
    item = "/participants/{participant_id}"
    body(documents, "connect", item, "put")["properties"]["id"] = {"type": "string"}


def without_hidden_fields(documents: Swagger) -> None:
    fields = body(documents, "connect", "/projects/{project_id}/experiments/{expt_id}/runs/")["properties"]
    for name in ("algorithm", "optimizer", "criterion", "lr_scheduler", "is_snn"):
        del fields[name]


def without_search(documents: Swagger) -> None:
    documents["train"]["paths"]["/projects/{project_id}/models/{expt_id}/optimizations/"]["post"]["parameters"] = []


def with_required(documents: Swagger) -> None:
    body(documents, "connect", "/projects/")["required"] = ["action"]


def with_default(documents: Swagger) -> None:
    body(documents, "connect", "/projects/")["properties"]["action"]["default"] = "regress"


def with_list_in_layer(documents: Swagger) -> None:
    # The model's own name is what tells it, as in a real document.
    layers = body(documents, "connect", "/projects/{project_id}/experiments/")["properties"]["model"]
    layers["items"]["properties"]["structure"] = {"$ref": "#/definitions/structure"}
    fields = {"cutoffs": {"type": "array", "items": {"type": "string"}}, "bias": {"type": "boolean"}}
    documents["connect"]["definitions"]["structure"] = {"type": "object", "properties": fields}


def with_broken_route(documents: Swagger) -> None:
    path = "/participants/{participant_id}/collaborations/{collab_id}/registrations"
    documents["connect"]["paths"][path] = {"get": {"responses": {"200": {"description": "Never."}}}}


def unchanged(documents: Swagger) -> None:
    """These are always there, as in a real document."""


FAULTS = {
    with_participant_id: ("a participant's id", "body.participant_id"),
    without_hidden_fields: ("fields left out", "RunFields.optimizer"),
    without_search: ("fields left out", "create_optimizations"),
    with_required: ("required flags", "body.action"),
    with_default: ("defaults", "body.action"),
    with_list_in_layer: ("lists in a layer", "structure.cutoffs"),
    with_broken_route: (
        "a route that does not work",
        "GET /ttp/connect/participants/{participant_id}/collaborations/{collab_id}/registrations",
    ),
    unchanged: ("answers", "create_project"),
}


V8_PROJECTS = "/collaborations/{collab_id}/projects/"
V8_REGISTRATION = f"{V8_PROJECTS}{{project_id}}/participants/{{participant_id}}/registration"
ALIAS = f"/participants/{{participant_id}}{V8_PROJECTS}{{project_id}}/registration"


@pytest.mark.parametrize("loses_the_rest", [True, False])
def test_what_a_document_of_the_generation_v8_is_known_to_leave_out_is_no_drift(
    published: Published, compare: Callable[[Swagger], Difference], loses_the_rest: bool
) -> None:
    documents = published("v8")
    del body(documents, "connect", V8_PROJECTS)["properties"]["collab_id"]
    for path in (V8_REGISTRATION, ALIAS):
        for method in ("post", "put"):
            registration = body(documents, "connect", path, method)
            registration["properties"].pop("node_0", None)
            if loses_the_rest:
                registration.pop("additionalProperties", None)

    found = compare(documents)

    assert found.drift == ()
    faults = {fault.name: fault.where for fault in found.faults}
    assert "ProjectInCollabInput.collab_id" in faults["fields left out"]
    assert "RegistrationInCollabInput.node_0" in faults["nodes of a registration"]


def test_a_wildcard_for_the_nodes_of_a_registration_is_no_drift(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v8")
    for path in (V8_REGISTRATION, ALIAS):
        for method in ("post", "put"):
            registration = body(documents, "connect", path, method)
            registration["properties"].pop("node_0", None)
            registration["properties"]["node_*"] = {"type": "object", "properties": {"host": {"type": "string"}}}
            registration.pop("additionalProperties", None)

    assert compare(documents).drift == ()


def test_another_field_that_a_document_of_the_generation_v8_leaves_out_is_drift(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v8")
    del body(documents, "connect", V8_PROJECTS)["properties"]["action"]
    del body(documents, "connect", V8_REGISTRATION)["properties"]["n_count"]

    assert {(one.kind, one.where.split(".")[-1]) for one in compare(documents).drift} == {
        ("request field removed", "action"),
        ("request field removed", "n_count"),
    }


@pytest.mark.parametrize("change", FAULTS, ids=lambda change: change.__name__)
def test_what_a_document_is_known_to_be_wrong_about_is_no_drift(
    published: Published, compare: Callable[[Swagger], Difference], change: Callable[[Swagger], None]
) -> None:
    documents = published("v4")
    change(documents)
    found = compare(documents)
    assert found.drift == ()
    name, where = FAULTS[change]
    assert where in next(fault for fault in found.faults if fault.name == name).where


def test_repeated_names_list_shapes_and_wildcards_are_told_with_their_reason(
    published: Published, compare: Callable[[Swagger], Difference]
) -> None:
    documents = published("v4")
    wildcard = {"properties": {"*": {"type": "object", "additionalProperties": {"type": "object"}}}}
    documents["connect"]["definitions"]["incentives"] = wildcard
    faults = {fault.name: fault for fault in compare(documents).faults}
    assert "validations ×8" in faults["repeated operationIds"].where
    assert faults["wildcard names"].where == ("incentives.*",)
    assert "read_projects" in faults["list shapes"].where
    assert all(fault.reason.endswith(".") for fault in faults.values())


def test_of_an_openapi_document_answers_count_too(serving: Serving) -> None:
    document = copy.deepcopy(dict(shipped().tree))
    assert find_drift([ADDRESS], serving({"/openapi.json": document})).drift == ()
    del document["components"]["schemas"]["Run"]["allOf"][1]["properties"]["rounds"]
    document["components"]["schemas"]["ProjectInput"]["required"] = ["project_id"]
    found = find_drift([ADDRESS], serving({"/openapi.json": document}))
    assert {(one.kind, one.where) for one in found.drift} == {
        ("answer field removed", "Run.rounds"),
        ("request field newly optional", "ProjectInput.incentives"),
    }
    assert (found.generations, found.faults) == (("v4", "v8", "sandbox"), ())


def test_saved_documents_are_compared_in_the_phases_they_are_of(tmp_path: Path, published: Published) -> None:
    path = tmp_path / "connect.json"
    path.write_text(json.dumps(published("v8")["connect"]))
    found = find_drift([str(path)])
    assert (found.drift, found.generations, found.sources) == ((), ("v8",), (str(path),))
    assert found.compared < how_many("v8")


@pytest.mark.skipif(not RECORDED, reason="no recordings beside the repository")
def test_a_real_ttp_publishes_the_contract_but_for_its_known_faults() -> None:
    found = find_drift([str(path) for path in RECORDED])
    assert found.drift == ()
    assert (found.generations, found.compared) == (("v4",), 64)
    assert {fault.name: len(fault.where) for fault in found.faults} == {
        "a participant's id": 2,
        "answers": 64,
        "defaults": 10,
        "fields left out": 8,
        "list shapes": 6,
        "lists in a layer": 3,
        "repeated operationIds": 14,
        "required flags": 18,
        "values and bounds": 42,
        "wildcard names": 2,
    }


PETS = {"swagger": "2.0", "paths": {"/pets": {"get": {"responses": {"200": {"description": "Pets."}}}}}}
RING = {"anyOf": [{"$ref": "#/components/schemas/Ring"}, {"type": "string"}]}


def sending(schema: dict[str, Any]) -> dict[str, Any]:
    """A document in which a project is created by what a schema describes."""
    body = {"content": {"application/json": {"schema": schema}}}
    create = {"requestBody": body, "responses": {"201": {"description": "Made."}}}
    paths = {"/ttp/connect/projects/": {"post": create}}
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": {"Ring": RING}}}


BROKEN = {"openapi": "3.1.0", "paths": {"/ttp/connect/projects/": {"get": {}}}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[]", "has no `paths`"),
        ('{"openapi": "1.0", "paths": {}}', "neither OpenAPI 3 nor Swagger 2.0"),
        ('{"openapi": "3.1.0", "paths": {}}', "None of the routes in it is a TTP's"),
        (json.dumps(PETS), "None of the routes in it is a TTP's"),
        (json.dumps(BROKEN), "is not well formed: KeyError 'responses'"),
        (json.dumps(sending({"type": "object", "properties": {"action": None}})), "None is no schema"),
        (json.dumps(sending({"properties": {"action": {"type": "string", "required": True}}})), "not well formed"),
        (json.dumps(sending({"properties": {"action": {"minLength": "1"}}})), "not well formed: minLength is '1'"),
        (json.dumps(sending({"$ref": "#/components/schemas/Ring"})), "the schema of Ring has no end"),
    ],
)
def test_a_file_that_is_no_document_of_a_ttp_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "document.json"
    path.write_text(text)
    with pytest.raises(Unusable, match=message):
        find_drift([str(path)])


@pytest.mark.parametrize(
    "source", ["http://", "ftp://ttp:5000", "http://ttp:port", "http://ttp:5000?a=b", "http://ttp:5000/grid#1"]
)
def test_what_is_no_address_is_refused_with_what_to_write(source: str) -> None:
    with pytest.raises(Unusable, match="is not the address of a TTP: write scheme, host and "):
        find_drift([source])


def test_an_address_and_files_are_not_compared_together() -> None:
    with pytest.raises(Unusable, match="the address of one TTP, or files"):
        find_drift([ADDRESS, "connect.json"])


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (httpx.Response(404), "publishes no document about itself: it answers 404"),
        (httpx.Response(500), "does not publish /ttp/connect/swagger.json: it answers 500"),
        (httpx.Response(200, text="<html>"), "/ttp/connect/swagger.json is not JSON"),
    ],
)
def test_a_server_without_documents_is_refused(response: httpx.Response, message: str) -> None:
    with pytest.raises(Unusable, match=message):
        find_drift([ADDRESS], httpx.MockTransport(lambda _: response))


def test_no_server_is_one_line() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused", request=request)

    with pytest.raises(Unusable, match=r"No TTP answers at http://ttp:5000: Connection refused\. Is it running"):
        find_drift([ADDRESS], httpx.MockTransport(refuse))
