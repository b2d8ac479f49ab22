"""How the routes of verbs follow from the contract."""

from typing import Any

import pytest
import routes

from synergos.contract.document import Document


def answer(data: dict[str, Any]) -> dict[str, Any]:
    """What is said of an operation that is answered with these data."""
    schema = {"type": "object", "properties": {"data": data}}
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}


ONE, LIST = answer({"type": "object"}), answer({"type": "array", "items": {"type": "object"}})


def routes_of(*described: tuple[str, str, str], **more: Any) -> routes.Routes:
    """The routes of operations, each with its name, its tag and its path."""
    paths: dict[str, Any] = {}
    for name, tag, path in described:
        method = {"create": "post", "read": "get", "update": "put", "delete": "delete"}.get(name.split("_")[0], "patch")
        operation = {"operationId": name, "tags": [tag], "x-ttp": ["v4"], **ONE, **more.get(name, {})}
        paths.setdefault(path, {})[method] = operation
    return routes.routes_of(Document.of({"openapi": "3.1.0", "paths": paths}, "a test").operations)


def test_a_new_list_is_found_by_the_ids_in_its_path() -> None:
    found = routes_of(
        ("read_tags", "tags", "/projects/{project_id}/{participant_id}/tags"),
        ("read_tags_by_project_in_collab", "tags", "/{collab_id}/projects/{project_id}/tags"),
        read_tags_by_project_in_collab=LIST,
    )
    assert found == {
        "tags": {
            "read": [("tags.read_tags", ("project_id", "participant_id"), ())],
            "read_all": [("tags.read_tags_by_project_in_collab", ("collab_id", "project_id"), ())],
        }
    }


def test_lists_without_a_single_record_are_read_by_read() -> None:
    found = routes_of(
        ("read_models_by_project", "models", "/{project_id}/models/"),
        ("read_models_by_run", "models", "/{project_id}/models/{run_id}"),
        read_models_by_project=LIST,
        read_models_by_run=LIST,
    )
    assert found == {
        "models": {
            "read": [
                ("models.read_models_by_project", ("project_id",), ()),
                ("models.read_models_by_run", ("project_id", "run_id"), ()),
            ]
        }
    }


def test_items_are_listed_by_read_all_and_created_where_they_are_read() -> None:
    found = routes_of(
        ("read_runs", "runs", "/projects/{project_id}/runs/"),
        ("create_run", "runs", "/projects/{project_id}/runs/"),
        ("read_run", "runs", "/projects/{project_id}/runs/{run_id}"),
        read_runs=LIST,
    )
    assert found == {
        "runs": {
            "read_all": [("runs.read_runs", ("project_id",), ())],
            "create": [("runs.create_run", ("project_id",), ("run_id",))],
            "read": [("runs.read_run", ("project_id", "run_id"), ())],
        }
    }


def test_a_second_path_to_the_same_is_none() -> None:
    paths = (("read_tags", "tags", "/{a_id}/{b_id}"), ("read_tags_by_b", "tags", "/b/{b_id}/{a_id}"))
    assert routes_of(*paths, read_tags_by_b={"x-alias-of": "read_tags"}) == {
        "tags": {"read": [("tags.read_tags", ("a_id", "b_id"), ())]}
    }
    with pytest.raises(routes.Unclear, match="both read tags by a_id and b_id: name the other one as `x-alias-of`"):
        routes_of(*paths)


@pytest.mark.parametrize(
    ("name", "words"), [("read_thing", "read_thing is of tags: write read_tag or read_tags"), ("tags", "tags names no")]
)
def test_an_operation_that_is_not_named_after_its_resource_is_refused(name: str, words: str) -> None:
    with pytest.raises(routes.Unclear, match=words):
        routes_of((name, "tags", "/tags"))
