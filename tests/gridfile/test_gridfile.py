"""A grid in one file: what is written comes back the same, and only what is different is changed."""

import copy
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from synergos import Driver, InvalidArgument, Node
from synergos.__main__ import main
from synergos.gridfile import export_grid, plan_changes, read_grid, schema, write_grid

LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": None}
PARTY = {"host": "127.0.0.1", "port": 8020, "f_port": 5000}
PROJECT = {
    "action": "classify",
    "incentives": {"tier": []},
    "start_at": "2030-01-01",
    "experiments": {"e": {"model": [LAYER], "runs": {"r": {"rounds": 2, "lr": 0.01, "optimizer": "Adam"}, "s": {}}}},
    "registrations": {"biscoe": {"role": "guest", "tags": {"train": [["non_iid_1"]], "evaluate": [["iid_1"]]}}},
}
V4 = {"participants": {"biscoe": {**PARTY}, "dream": {**PARTY}}, "projects": {"p": PROJECT}}


def v8() -> dict[str, Any]:
    project = copy.deepcopy(PROJECT)
    project["registrations"]["biscoe"]["nodes"] = [{"host": "h", "port": 1, "f_port": 2}]  # type: ignore[index]
    collaborations = {"antarctica": {"mq": {"host": "172.20.0.16"}, "projects": {"q": project}}}
    return {"participants": {"biscoe": {"summary": "x"}}, "collaborations": collaborations}


def both() -> dict[str, Any]:
    return {**copy.deepcopy(V4), "collaborations": v8()["collaborations"]}


def apply(driver: Driver, grid: Any, *, prune: bool = False) -> list[str]:
    plan = plan_changes(driver, grid, prune=prune)
    plan.apply()
    return [f"{one.action} {one.item}" for one in plan.changes]


@pytest.mark.parametrize("grid", [V4, v8(), both()], ids=["v4", "v8", "both"])
def test_it_is_made_once_and_then_there_is_nothing_to_change(driver: Driver, grid: Any) -> None:
    made = apply(driver, grid)
    assert len([one for one in made if one.startswith("create ")]) == len(made)
    plan = plan_changes(driver, grid, prune=True)
    assert not plan
    assert str(plan) == "There is nothing to change."


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_exported_wiped_applied_and_exported_again_it_is_the_same(driver: Driver, tmp_path: Path, suffix: str) -> None:
    apply(driver, both())
    file, again = tmp_path / f"grid{suffix}", tmp_path / f"again{suffix}"
    with Driver(url=driver.url) as stranger:
        write_grid(export_grid(stranger), file)
    wiped = apply(driver, {"complete": True}, prune=True)
    assert sorted(one for one in wiped) == [
        "delete collaborations antarctica",
        "delete participants biscoe",
        "delete participants dream",
        "delete projects p",
    ]
    with Driver(url=driver.url) as stranger:
        apply(stranger, read_grid(file))
    with Driver(url=driver.url) as stranger:
        write_grid(export_grid(stranger), again)

    assert again.read_text() == file.read_text()
    assert "non_iid_1" in file.read_text()
    assert "172.20.0.16" in file.read_text()


def test_only_what_is_different_is_changed(driver: Driver) -> None:
    apply(driver, V4)
    grid = copy.deepcopy(V4)
    project: Any = grid["projects"]["p"]
    grid["participants"]["dream"]["port"] = 9
    project["experiments"]["e"]["runs"]["r"]["rounds"] = 3
    project["experiments"]["e"]["runs"]["r"]["batch_size"] = 8
    project["registrations"]["biscoe"]["role"] = "host"
    project["registrations"]["biscoe"]["tags"]["train"] = [["non_iid_2"]]
    plan = plan_changes(driver, grid)

    assert [(one.action, str(one.item), dict(one.fields)) for one in plan.changes] == [
        ("update", "participants dream", {"port": 9}),
        ("update", "runs p/e/r", {"rounds": 3, "batch_size": 8}),
        ("update", "registrations p/biscoe", {"role": "host"}),
        ("update", "tags p/biscoe", {"train": [["non_iid_2"]]}),
    ]
    assert "    rounds: 2 -> 3" in str(plan)
    plan.apply()
    assert not plan_changes(driver, grid)
    assert driver.tags.read(project_id="p", participant_id="biscoe").data.evaluate == [["iid_1"]]


def test_pruning_goes_no_further_than_the_projects_of_a_file_that_is_not_complete(driver: Driver) -> None:
    apply(driver, both())
    driver.projects.create(project_id="other", action="regress")
    grid = copy.deepcopy(V4)
    del grid["projects"]["p"]["experiments"]["e"]["runs"]["s"]  # type: ignore[index]
    del grid["projects"]["p"]["registrations"]
    del grid["participants"]

    assert not plan_changes(driver, grid)
    assert apply(driver, grid, prune=True) == ["delete registrations p/biscoe", "delete runs p/e/s"]
    assert {one.key.project_id for one in driver.projects.read_all().data} == {"p", "other"}
    assert len(driver.participants.read_all().data) == 2


def test_what_an_alignment_has_fitted_is_not_changed_back(trained_driver: Driver) -> None:
    grid: Any = export_grid(trained_driver)
    experiment = grid["projects"]["penguins"]["experiments"]["one_layer"]
    experiment["model"][0]["structure"]["in_features"] += 1
    experiment["model"][-1]["activation"] = "sigmoid"
    plan = plan_changes(trained_driver, grid)

    assert not plan
    assert any("as the alignment has fitted it" in note for note in plan.notes)
    experiment["model"][0]["structure"]["bias"] = False
    assert [str(one.item) for one in plan_changes(trained_driver, grid).changes] == ["experiments penguins/one_layer"]


def test_what_a_ttp_never_tells_is_said_to_be_unknown(driver: Driver) -> None:
    assert any("runs p/e/s: the file does not name algorithm" in note for note in plan_changes(driver, V4).notes)
    apply(driver, V4)
    with Driver(url=driver.url) as stranger:
        plan = plan_changes(stranger, V4)
        assert not plan
        assert plan.notes == ("runs p/e/r: optimizer cannot be compared, for the TTP does not tell them.",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"project": {}}, "did you mean 'projects'"),
        ({"synergos": 2}, "is not known"),
        ({"projects": []}, "must be a mapping"),
        ({"projects": {"x": {"acton": "classify"}}}, "projects/x: There is no field 'acton': did you mean 'action'"),
        ({"projects": {"x": {"action": "sort"}}}, "x/action='sort' is not allowed"),
        ({"projects": {"x": {}}}, "does not say its action"),
        ({"projects": {"a/b": {"action": "classify"}}}, "cannot be addressed"),
        ({"participants": {"biscoe": {**PARTY, "port": "8020"}}}, "port='8020' is not allowed"),
        (
            {"projects": {"x": {"action": "classify", "registrations": {"nobody": {"role": "guest"}}}}},
            "neither the file nor the TTP has that participant",
        ),
        (
            {
                "projects": {
                    "x": {"action": "classify", "experiments": {"e": {"model": [LAYER], "runs": {"r": {"round": 1}}}}}
                }
            },
            "did you mean 'rounds'",
        ),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_is_changed(trained: Driver, change: Any, said: str) -> None:
    with pytest.raises(InvalidArgument, match=said):
        plan_changes(trained, change)


def test_yaml_means_what_it_seems_to(tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text(
        "participants: {no: {summary: on}, 5: {}}\nprojects: {2030-01-01: {start_at: 2030-01-02, lr: 1e-3}}"
    )
    assert read_grid(file) == {
        "participants": {"no": {"summary": "on"}, "5": {}},
        "projects": {"2030-01-01": {"start_at": "2030-01-02", "lr": 0.001}},
    }
    for text in ("a: 1\na: 2", "true: 1", "- 1", "{", "!!python/object:os.system {}"):
        file.write_text(text)
        with pytest.raises(InvalidArgument):
            read_grid(file)


def test_the_schema_takes_what_is_exported_and_refuses_what_is_misspelt(trained: Driver) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(schema())
    for grid in (export_grid(trained), V4, v8()):
        assert list(validator.iter_errors(json.loads(json.dumps(grid)))) == []
    for grid in ({"project": {}}, {"projects": {"x": {"action": "sort"}}}, {"projects": {"x": {}}}):
        assert list(validator.iter_errors(grid))


def test_the_commands_plan_ask_apply_and_export(
    ttp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNERGOS_URL", ttp.url)
    file = tmp_path / "grid.json"
    file.write_text(json.dumps(V4))
    assert main(["apply", str(file), "--dry-run"]) == 1
    out, _ = capsys.readouterr()
    assert "+ projects p" in out and out.endswith("\n8 to create.\n")
    assert main(["apply", str(file)]) == 2
    assert "give --yes" in capsys.readouterr().err
    assert main(["ls", "projects", "--format", "json"]) == 0
    assert capsys.readouterr().out == "[]\n"
    assert main(["apply", str(file), "--yes"]) == 0
    assert main(["apply", str(file), "--dry-run", "--prune"]) == 0
    assert capsys.readouterr().out.endswith("There is nothing to change.\n")
    assert main(["export"]) == 0
    assert json.loads(capsys.readouterr().out)["projects"]["p"]["action"] == "classify"
    assert main(["export", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A Synergos grid"


def test_on_what_passes_for_a_real_ttp_nothing_is_spoiled_and_all_comes_back() -> None:
    from synergos.sandbox import Sandbox

    with Sandbox(fragile=True) as ttp, Driver(url=f"http://{ttp.host}:{ttp.port}") as driver:
        apply(driver, V4)
        apply(driver, v8())
        before = export_grid(driver)
        assert before["projects"]["p"]["experiments"]["e"]["runs"]["r"]["optimizer"] == "Adam"
        driver.projects.delete(project_id="p", force=True)
        driver.collaborations.delete("antarctica")
        for name in ("biscoe", "dream"):
            driver.participants.delete(name)
        apply(driver, before)
        assert export_grid(driver) == before
        assert ttp.overlaps == 0


def test_a_registration_on_v8_keeps_its_nodes_in_their_order(driver: Driver) -> None:
    apply(driver, v8())
    nodes = [Node(f"h{number}", 1, 2) for number in range(12)]
    driver.registrations.update(collab_id="antarctica", project_id="q", participant_id="biscoe", nodes=nodes)
    told = export_grid(driver)["collaborations"]["antarctica"]["projects"]["q"]["registrations"]["biscoe"]["nodes"]
    assert [one["host"] for one in told] == [one.host for one in nodes]


def test_the_file_stays_as_it_was_when_the_ttp_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "grid.json"
    file.write_text("before")
    answer = httpx.MockTransport(lambda _: httpx.Response(500, json={"message": "no"}))
    monkeypatch.setattr("synergos.terminal.files.driver_of", lambda _: Driver("ttp", 5000, transport=answer))
    assert main(["export", "--to", str(file)]) == 5
    assert file.read_text() == "before"
