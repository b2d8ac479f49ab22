"""That the contract is the TTP's interface: its routes, its examples, and what real TTPs were seen to say."""

import copy
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
# Exchanges recorded with a real TTP. They are kept beside the repository, and their tests skipped where they are not.
RECORDINGS = ROOT / ".." / "shared" / "wire"
EXCHANGES = sorted(RECORDINGS.glob("v[48]/[0-9]*.json"))
SWAGGER = sorted(RECORDINGS.glob("v4/swagger_*.json"))

CONTRACT: dict[str, Any] = YAML(typ="safe").load(ROOT / "spec" / "openapi.yaml")
COMPONENTS: dict[str, Any] = CONTRACT["components"]
METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")
REGISTRY: Registry[Any] = Registry().with_resource("urn:contract", DRAFT202012.create_resource(CONTRACT))

OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (method.upper(), path): item[method]
    for path, item in CONTRACT["paths"].items()
    for method in METHODS
    if method in item and {"v4", "v8"} & set(item[method]["x-ttp"])
}


def of_generation(name: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {route: operation for route, operation in OPERATIONS.items() if name in operation["x-ttp"]}


PROJECT, PARTICIPANT = "projects/{project_id}", "participants/{participant_id}"
ROUTES = {
    "GET POST": f"""
        /ttp/connect/projects/
        /ttp/connect/{PROJECT}/experiments/
        /ttp/connect/{PROJECT}/experiments/{{expt_id}}/runs/
        /ttp/connect/participants/
        /ttp/train/{PROJECT}/alignments/
        /ttp/train/{PROJECT}/models/
        /ttp/train/{PROJECT}/models/{{expt_id}}
        /ttp/train/{PROJECT}/models/{{expt_id}}/{{run_id}}
        /ttp/train/{PROJECT}/models/{{expt_id}}/optimizations/
        /ttp/evaluate/{PROJECT}/validations/
        /ttp/evaluate/{PROJECT}/validations/{{expt_id}}
        /ttp/evaluate/{PROJECT}/validations/{{expt_id}}/{{run_id}}
        /ttp/evaluate/{PROJECT}/validations/{{expt_id}}/{{run_id}}/{{participant_id}}
        /ttp/evaluate/{PARTICIPANT}/predictions/
        /ttp/evaluate/{PARTICIPANT}/predictions/{{project_id}}
        /ttp/evaluate/{PARTICIPANT}/predictions/{{project_id}}/{{expt_id}}
        /ttp/evaluate/{PARTICIPANT}/predictions/{{project_id}}/{{expt_id}}/{{run_id}}
    """,
    "GET PUT DELETE": f"""
        /ttp/connect/{PROJECT}
        /ttp/connect/{PROJECT}/experiments/{{expt_id}}
        /ttp/connect/{PROJECT}/experiments/{{expt_id}}/runs/{{run_id}}
        /ttp/connect/{PARTICIPANT}
    """,
    "GET": f"""
        /ttp/connect/{PROJECT}/registrations
        /ttp/connect/{PARTICIPANT}/registrations
    """,
    "GET POST PUT DELETE": f"""
        /ttp/connect/{PROJECT}/{PARTICIPANT}/registration
        /ttp/connect/{PROJECT}/{PARTICIPANT}/registration/tags
        /ttp/connect/{PARTICIPANT}/{PROJECT}/registration
        /ttp/connect/{PARTICIPANT}/{PROJECT}/registration/tags
    """,
}


COLLAB = "collaborations/{collab_id}"
# The routes that both generations have, and those that only collaborations have.
SHARED = {
    "GET POST": "/ttp/connect/participants/",
    "GET PUT DELETE": f"/ttp/connect/{PARTICIPANT}",
    "GET": f"/ttp/connect/{PARTICIPANT}/registrations",
}
ONLY_IN_COLLABS = {
    "GET POST": "/ttp/connect/collaborations/",
    "GET PUT DELETE": f"/ttp/connect/{COLLAB}",
    "GET": f"/ttp/connect/{COLLAB}/registrations /ttp/connect/{COLLAB}/{PARTICIPANT}/registrations",
}


def table(routes: dict[str, str]) -> set[tuple[str, str]]:
    return {(method, path) for methods, paths in routes.items() for path in paths.split() for method in methods.split()}


def in_collab(path: str) -> str:
    """The path in the generation v8 of what a path of the generation v4 leads to."""
    if "/predictions" in path:
        return path.replace("/predictions", f"/{COLLAB}/predictions")
    return path.replace("/projects/", f"/{COLLAB}/projects/")


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """The component that a reference leads to, or what is no reference as it is."""
    while "$ref" in node:
        _, _, kind, name = node["$ref"].split("/")
        node = COMPONENTS[kind][name]
    return node


def body_schema(part: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a request body or an answer."""
    schema: dict[str, Any] = resolve(part)["content"]["application/json"]["schema"]
    return schema


def errors(schema: dict[str, Any], instance: object) -> list[str]:
    """What is wrong with an instance; the schema's references are to the contract."""
    if "$ref" in schema:
        schema = {"$ref": f"urn:contract{schema['$ref']}"}
    found = Draft202012Validator(schema, registry=REGISTRY).iter_errors(instance)
    return [f"{error.json_path}: {error.message}" for error in found]


def shown(node: object, where: str = "#") -> Iterator[Any]:
    """Every example of the components, with its schema."""
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            yield pytest.param(node["schema"], node["example"], id=where.removeprefix("#/").replace("/", "."))
        for key, value in node.items():
            if key != "example":
                yield from shown(value, f"{where}/{key}")


BODIES = {
    name: (body_schema(body), body["content"]["application/json"]["example"])
    for name, body in COMPONENTS["requestBodies"].items()
}
ANSWERS = {
    name: (body_schema(answer), answer["content"]["application/json"]["example"])
    for name, answer in COMPONENTS["responses"].items()
    if body_schema(answer) != {"$ref": "#/components/schemas/Error"}
}
TAKES_FURTHER_FIELDS = {"RunInput", "RunUpdate"}


def test_the_routes_of_v4_are_those_of_the_ttp() -> None:
    assert of_generation("v4").keys() == table(ROUTES)


def test_the_routes_of_v8_are_those_of_the_ttp() -> None:
    own = {(method, in_collab(path)) for method, path in table(ROUTES) - table(SHARED)}
    assert of_generation("v8").keys() == own | table(SHARED) | table(ONLY_IN_COLLABS)


@pytest.mark.parametrize("generation", ["v4", "v8"])
def test_eight_operations_are_second_paths_to_others_and_take_and_answer_the_same(generation: str) -> None:
    operations = of_generation(generation)
    by_name = {operation["operationId"]: operation for operation in operations.values()}
    aliases = [operation for operation in operations.values() if "x-alias-of" in operation]
    assert len(aliases) == 8
    for alias in aliases:
        original = by_name[alias["x-alias-of"]]
        for part in ("tags", "x-ttp", "requestBody", "responses"):
            assert alias.get(part) == original.get(part), (alias["operationId"], part)


@pytest.mark.parametrize("path", sorted({path for _, path in OPERATIONS}))
def test_a_collection_ends_in_a_slash_and_nothing_else_does(path: str) -> None:
    last = path.rstrip("/").rpartition("/")[2]
    is_collection = not last.startswith("{") and last not in ("registrations", "registration", "tags")
    assert path.endswith("/") == is_collection
    assert "//" not in path


@pytest.mark.parametrize(("schema", "example"), list(shown(COMPONENTS)))
def test_every_example_is_what_its_schema_says(schema: dict[str, Any], example: object) -> None:
    assert errors(schema, example) == []


@pytest.mark.parametrize("name", BODIES)
def test_a_request_with_an_unknown_field_is_refused_but_for_hyperparameters(name: str) -> None:
    schema, example = BODIES[name]
    found = errors(schema, {**example, "no_such_field": 1})
    if name in TAKES_FURTHER_FIELDS:
        assert found == []
        assert errors(schema, {**example, "no_such_field": None}) != []
    else:
        assert any("no_such_field" in one for one in found)


@pytest.mark.parametrize("name", [name for name in BODIES if name.endswith("Update")])
def test_an_update_changes_something(name: str) -> None:
    assert errors(BODIES[name][0], {}) != []


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("ProjectInput", "project_id incentives"),
        ("ExperimentInput", "expt_id model"),
        ("RunInput", "run_id"),
        ("ParticipantInput", "id"),
        ("RegistrationInput", "role"),
        ("RegistrationInCollabInput", "role n_count node_0"),
        ("CollaborationInput", "collab_id"),
        ("ProjectInCollabInput", "project_id incentives"),
        ("AlignmentInput", ""),
        ("ModelInCollabInput", ""),
        ("OptimizationInCollabInput", "search_space metric optimize_mode"),
        ("PredictionInCollabInput", "tags"),
        ("TagInput", "train"),
        ("ModelInput", "auto_align dockerised verbose log_msgs"),
        ("OptimizationInput", "search_space metric optimize_mode tuner"),
        ("ValidationInput", ""),
        ("PredictionInput", "tags auto_align dockerised"),
    ],
)
def test_a_request_has_the_fields_that_the_ttp_cannot_do_without(name: str, required: str) -> None:
    schema, example = BODIES[name]
    assert errors(schema, {field: example[field] for field in required.split()}) == []
    for field in required.split():
        assert errors(schema, {key: value for key, value in example.items() if key != field}) != [], field


@pytest.mark.parametrize("value", [[3, 3], {"a": 1}])
def test_what_breaks_every_reading_of_an_experiment_is_refused(value: object) -> None:
    schema, example = BODIES["ExperimentInput"]
    layer = {**example["model"][0], "structure": {"kernel_size": value}}
    assert errors(schema, {**example, "model": [layer]}) != []


def test_a_layer_with_an_unknown_field_is_refused() -> None:
    schema, example = BODIES["ExperimentInput"]
    assert errors(schema, {**example, "model": [{**example["model"][0], "no_such_field": 1}]}) != []


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", 1, None])
def test_an_id_that_cannot_be_addressed_is_refused(value: object) -> None:
    assert errors({"$ref": "#/components/schemas/Id"}, value) != []


@pytest.mark.parametrize("value", ["a", "...", ".a", "a b", "50%", "a?b#c", "ö"])
def test_an_id_of_other_characters_is_taken(value: str) -> None:
    assert errors({"$ref": "#/components/schemas/Id"}, value) == []


def records_of(name: str, example: dict[str, Any]) -> list[dict[str, Any]]:
    """The records in the example of an answer; of a list that is shown empty, the one that is shown alone."""
    data = example["data"]
    return [data] if isinstance(data, dict) else data or [ANSWERS[name.removesuffix("s")][1]["data"]]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_with_unknown_fields_is_taken(name: str) -> None:
    schema, example = ANSWERS[name]
    records = copy.deepcopy(records_of(name, example))
    for record in records:
        for part in (record, *(value for value in record.values() if isinstance(value, dict))):
            part["no_such_field"] = {"a": [None]}
    data = records[0] if isinstance(example["data"], dict) else records
    assert errors(schema, {**example, "data": data, "no_such_field": None}) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_whose_data_are_no_record_is_refused(name: str) -> None:
    schema, example = ANSWERS[name]
    no_record = {"doc_id": "1"}
    data = no_record if isinstance(example["data"], dict) else [no_record]
    assert errors(schema, {**example, "data": data}) != []


def test_a_failure_with_unknown_fields_is_taken() -> None:
    assert errors({"$ref": "#/components/schemas/Error"}, {"message": "No.", "no_such_field": 1}) == []


@pytest.mark.parametrize("name", ["accuracy", "R2"])
def test_a_statistic_may_be_no_number(name: str) -> None:
    schema, example = ANSWERS["Validations"]
    answer = copy.deepcopy(example)
    statistics = {"accuracy": [math.nan, 0.5], "R2": math.nan}
    answer["data"][0]["evaluate"]["statistics"] = {name: statistics[name]}
    assert errors(schema, answer) == []


def operations_at(method: str, path: str) -> list[dict[str, Any]]:
    """The operations whose method and path template fit those of a request."""
    return [
        operation
        for (its_method, template), operation in OPERATIONS.items()
        if its_method == method and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path)
    ]


@pytest.mark.parametrize("path", EXCHANGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_a_real_ttp_was_sent_and_answered_is_within_the_contract(path: Path) -> None:
    exchange = json.loads(path.read_text("utf-8"))
    request, response = exchange["request"], exchange["response"]

    (operation,) = operations_at(request["method"], request["path"])

    if response["status"] == 500:
        # What a real TTP fails at is not what the contract allows.
        assert errors(body_schema(operation["requestBody"]), request["body"]) != []
    elif request["body"] is None:
        assert not resolve(operation.get("requestBody", {})).get("required")
    else:
        assert errors(body_schema(operation["requestBody"]), request["body"]) == []
    assert response["content_type"] == "application/json"
    assert errors(body_schema(operation["responses"][str(response["status"])]), response["body"]) == []


@pytest.mark.skipif(not SWAGGER, reason="no recordings beside the repository")
def test_the_routes_are_those_that_a_real_ttp_publishes() -> None:
    assert len(SWAGGER) == 3
    published = set()
    for path in SWAGGER:
        document = json.loads(path.read_text("utf-8"))
        for route, item in document["paths"].items():
            published |= {(method.upper(), document["basePath"] + route) for method in METHODS if method in item}
    assert published == of_generation("v4").keys()
