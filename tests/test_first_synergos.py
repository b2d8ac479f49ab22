"""Code written for the first Synergos: what its example notebooks and the public portal of the grid call.

What was verified against their source: the notebooks pass `log_msg` to alignments, models and validations; the portal
shows `_compile_configurations()` and `address` of a task, passes ids of None when nothing is selected yet, empty
components, empty tags and updates that change nothing, and takes `.get("data", ...)` of whatever comes back.
"""

import copy
import json
import pickle
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recorder import Recorder

from synergos import (
    Driver,
    InvalidArgument,
    InvalidId,
    NotFound,
    PhaseError,
    ProjectTask,
    Reply,
    ServerFailure,
    SynergosError,
)

SELECTED = {"collab_id": "c", "project_id": "p", "expt_id": "e", "run_id": "r"}
# The ids of each verb, outermost first: whichever is not selected yet, nothing is asked.
VERBS = {
    "collaborations.read": ("collab_id",),
    "collaborations.delete": ("collab_id",),
    "projects.read": ("project_id",),
    "projects.delete": ("project_id",),
    "experiments.read_all": ("project_id",),
    "experiments.read": ("project_id", "expt_id"),
    "experiments.delete": ("project_id", "expt_id"),
    "runs.read_all": ("project_id", "expt_id"),
    "runs.read": ("project_id", "expt_id", "run_id"),
    "runs.delete": ("project_id", "expt_id", "run_id"),
    "participants.read": ("participant_id",),
    "participants.delete": ("participant_id",),
    "registrations.read": ("project_id", "participant_id"),
    "registrations.delete": ("project_id", "participant_id"),
    "tags.read": ("project_id", "participant_id"),
    "tags.delete": ("project_id", "participant_id"),
    "alignments.read": ("project_id",),
    "alignments.create": ("project_id",),
    "models.read": ("project_id",),
    "models.create": ("project_id",),
    "validations.read": ("project_id",),
    "validations.create": ("project_id",),
    "optimizations.read": ("project_id", "expt_id"),
    "predictions.read": ("participant_id",),
}


def old_driver(recorder: Recorder) -> Driver:
    return Driver("ttp.example", 5000, errors="return", transport=recorder.transport)


def call(driver: Driver, verb: str, **arguments: Any) -> Any:
    task, _, method = verb.partition(".")
    return getattr(getattr(driver, task), method)(**arguments)


@pytest.mark.parametrize(("verb", "lacking"), [(verb, name) for verb, names in VERBS.items() for name in names])
@pytest.mark.parametrize("collab_id", [None, "c"], ids=["v4", "v8"])
def test_an_id_of_none_is_an_error_dict_and_asks_nothing(
    verb: str, lacking: str, collab_id: str | None, recorder: Recorder
) -> None:
    ids: dict[str, str | None] = {name: SELECTED.get(name, "w") for name in VERBS[verb]}
    if "collab_id" not in ids and not verb.startswith("participants"):
        ids["collab_id"] = collab_id

    reply = call(old_driver(recorder), verb, **{**ids, lacking: None})

    assert not recorder.sent
    assert set(reply) == {"message", "status"}
    assert (reply["status"], reply.get("data", [])) == (404, [])
    assert reply["message"].startswith(f"[{verb}] ")
    with pytest.raises(InvalidId, match=r"missing|without"):
        _ = reply.data


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("projects.update", {"project_id": "p"}),
        ("experiments.update", {"project_id": "p", "expt_id": "e"}),
        ("runs.update", {"project_id": "p", "expt_id": "e", "run_id": "r"}),
        ("participants.update", {"participant_id": "w"}),
        ("registrations.update", {"project_id": "p", "participant_id": "w"}),
        ("tags.update", {"project_id": "p", "participant_id": "w"}),
        ("collaborations.update", {"collab_id": "c"}),
        ("collaborations.update", {"collab_id": "c", "logs": {}, "mlops": {}, "mq": {}}),
        ("collaborations.create", {"collab_id": "c", "logs": {}}),
        ("collaborations.configure_mq", {"host": "h", "port": 0}),
        ("tags.create", {"project_id": "p", "participant_id": "w", "train": []}),
        ("tags.create", {"project_id": "p", "participant_id": "w", "train": [], "evaluate": [], "predict": []}),
        ("projects.create", {"project_id": "p", "action": ""}),
        ("runs.create", {"project_id": "p", "expt_id": "e", "run_id": "r", "rounds": "two"}),
        ("models.create", {"project_id": "p", "timeout": -1}),
    ],
)
def test_an_argument_that_cannot_be_right_is_an_error_dict_and_asks_nothing(
    verb: str, arguments: dict[str, Any], recorder: Recorder
) -> None:
    reply = call(old_driver(recorder), verb, **arguments)

    assert not recorder.sent
    assert reply["status"] == 417
    assert reply["message"].startswith(f"[{verb}] ")
    with pytest.raises(InvalidArgument):
        call(recorder.driver, verb, **arguments)


def test_an_error_dict_of_an_argument_is_a_dict_like_any_other(recorder: Recorder) -> None:
    reply = old_driver(recorder).projects.read(project_id=None)

    for other in (pickle.loads(pickle.dumps(reply)), copy.deepcopy(reply)):
        assert other == reply
        with pytest.raises(InvalidId):
            _ = other.data
    assert json.loads(json.dumps(reply)) == reply


def test_what_returns_no_dict_raises_as_ever(recorder: Recorder) -> None:
    driver = old_driver(recorder)

    with pytest.raises(InvalidArgument):
        driver.registrations.add_node(host="h", port=0, f_port=1)
    with pytest.raises(InvalidArgument):
        driver.models.submit(project_id=None)


@pytest.mark.parametrize("verb", ["alignments.create", "models.create", "validations.create"])
def test_the_notebooks_name_for_log_msgs_is_taken_with_a_warning(verb: str, recorder: Recorder) -> None:
    with pytest.warns(DeprecationWarning, match="'log_msg' is called 'log_msgs' now") as warned:
        call(recorder.driver, verb, collab_id="c", project_id="p", log_msg=False)

    assert warned[0].filename == __file__
    if verb != "alignments.create":
        assert recorder.written[0].body["log_msgs"] is False


def test_both_names_at_once_are_refused(recorder: Recorder) -> None:
    both: dict[str, Any] = {"log_msg": False, "log_msgs": True}

    recorder.assert_refuses("models.create", {"project_id": "p", **both}, "did you mean 'log_msgs'?")


def test_nodes_are_removed_by_the_old_name_too(recorder: Recorder) -> None:
    old: dict[str, Any] = {"node_id": "node_0"}
    registrations = recorder.driver.registrations
    node = registrations.add_node(host="172.17.0.2", port=8020, f_port=5000)

    with pytest.warns(DeprecationWarning, match="'node_id' is called 'name' now"):
        assert registrations.remove_node(**old) == node
    assert registrations.count_nodes() == 0


def test_the_portal_shows_where_a_task_goes_and_what_it_is_about_to_send(recorder: Recorder) -> None:
    collaborations = old_driver(recorder).collaborations

    assert collaborations._compile_configurations() == {}
    collaborations.configure_mq(host="172.20.0.16", port=5672)
    assert list(collaborations._compile_configurations()) == ["mq"]
    assert recorder.driver.address == collaborations.address == "http://ttp.example:5000"

    collaborations.create(collab_id="c")
    assert collaborations._compile_configurations() == {}


@pytest.mark.parametrize(("host", "port"), [("", ""), (None, None), ("", 5000), ("ttp.example", ""), ("", 0)])
def test_the_portal_makes_a_driver_before_its_fields_are_filled_in(host: Any, port: Any) -> None:
    with Driver(host=host, port=port, errors="return", collab_id="c") as driver:
        for reply in (
            driver.projects.read_all(),
            driver.projects.create(project_id="p", action="classify"),
            driver.tags.create(project_id="p", participant_id="w", train=[["t"]]),
            driver.projects.delete(project_id="p"),
            driver.models.create(project_id="p"),
            driver.predictions.create(tags={"p": [["t"]]}, participant_id="w"),
            driver.optimizations.read(project_id="p", expt_id="e"),
        ):
            assert set(reply) == {"message", "status"}
            assert reply["message"].startswith("[Driver] Where is the TTP? Give url, or host and port")
            assert reply.get("data", []) == []
        assert (driver.url, driver.host, driver.port) == ("", "", 0)
        assert repr(driver.scope(project_id="p")).startswith("Driver(host='', port=0")


def test_a_driver_that_raises_and_one_with_a_wrong_address_are_refused() -> None:
    with pytest.raises(InvalidArgument):
        Driver(host="", port="")
    for host, port in (("a b", 5000), ("ttp.example", "x"), ("ttp.example", 99999)):
        with pytest.raises(InvalidArgument):
            Driver(host=host, port=port, errors="return")


def test_the_portal_reads_whatever_is_selected(recorder: Recorder) -> None:
    record = {"doc_id": "1", "kind": "Project", "key": {"collab_id": "c", "project_id": "p"}, "relations": {}}
    recorder.answer(record)

    shown = old_driver(recorder).projects.read(collab_id="c", project_id="p").get("data", {})

    assert shown.pop("relations") == {}


PAGE = Path(__file__).resolve().parents[1] / "docs" / "guides" / "first-synergos.md"
IDS: dict[str, Any] = {"project_id": "p", "participant_id": "w"}


def errors_are_raised_or_returned(recorder: Recorder) -> None:
    recorder.respond(404, json={"message": "Project 'p' does not exist!"})
    with pytest.raises(NotFound):
        recorder.driver.projects.read(project_id="p")
    assert old_driver(recorder).projects.read(project_id="p")["status"] == 404


def a_page_in_place_of_json_is_the_error_of_its_status(recorder: Recorder) -> None:
    recorder.respond(500, html="<html><body><h1>Internal Server Error</h1></body></html>")
    with pytest.raises(ServerFailure, match="Internal Server Error"):
        recorder.driver.projects.read_all()


def a_reply_is_the_dict_and_typed(recorder: Recorder) -> None:
    recorder.answer({"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}, "action": "classify"})
    reply = recorder.driver.projects.read(project_id="p")
    assert isinstance(reply, Reply)
    assert isinstance(reply, dict)
    assert json.loads(json.dumps(reply))["data"]["action"] == reply.data.action == "classify"


def few_ids_are_taken_by_position(recorder: Recorder) -> None:
    driver: Any = recorder.driver
    for refused in (driver.projects.read, driver.experiments.read_all, driver.tags.read, driver.models.create):
        with pytest.raises(TypeError, match="positional"):
            refused("p")
    for taken in (
        lambda: driver.participants.read("w"),
        lambda: driver.collaborations.read("c"),
        lambda: driver.projects.read_all("c"),
        lambda: driver.predictions.read("w", "p", "e", "r"),
    ):
        taken()
    assert [one.path.rpartition("/")[2] for one in recorder.sent] == ["w", "c", "", "r"]


def an_id_below_none_is_no_wider_request(recorder: Recorder) -> None:
    for expt_id in (None, ""):
        with pytest.raises(InvalidId):
            recorder.driver.models.create(project_id="p", expt_id=expt_id, run_id="r")
    assert not recorder.sent


def unknown_arguments_are_refused_but_hyperparameters_are_sent(recorder: Recorder) -> None:
    unknown: dict[str, Any] = {"verbos": True}
    recorder.assert_refuses("models.create", {"project_id": "p", **unknown}, "did you mean 'verbose'?")
    recorder.driver.runs.create(project_id="p", expt_id="e", run_id="r", momentum=0.9)
    assert recorder.written[0].body["momentum"] == 0.9


def log_msg_is_log_msgs(recorder: Recorder) -> None:
    old: dict[str, Any] = {"log_msg": False}
    with pytest.warns(DeprecationWarning, match="'log_msgs' now"):
        recorder.driver.models.create(project_id="p", **old)
    assert recorder.written[0].body["log_msgs"] is False


def node_id_is_name(recorder: Recorder) -> None:
    old: dict[str, Any] = {"node_id": "node_0"}
    recorder.driver.registrations.add_node(host="172.17.0.2", port=8020, f_port=5000)
    with pytest.warns(DeprecationWarning, match="'name' now"):
        recorder.driver.registrations.remove_node(**old)


def a_secured_driver_goes_by_https(recorder: Recorder) -> None:
    assert Driver("ttp.example", 5000, is_secured=True).address == "https://ttp.example:5000"


def addresses_are_there(recorder: Recorder) -> None:
    assert recorder.driver.address == recorder.driver.projects.address == "http://ttp.example:5000"


def a_task_is_the_same_each_time(recorder: Recorder) -> None:
    recorder.driver.registrations.add_node(host="172.17.0.2", port=8020, f_port=5000)
    assert recorder.driver.registrations.count_nodes() == 1


def a_phase_error_is_a_not_implemented_error(recorder: Recorder) -> None:
    models: Any = recorder.driver.models
    assert not hasattr(models, "update")
    with pytest.raises(NotImplementedError) as refused:
        models.update(project_id="p")
    assert isinstance(refused.value, PhaseError)


def short_calls_wait_a_minute_and_trainings_until_they_are_answered(recorder: Recorder) -> None:
    recorder.driver.projects.read_all()
    assert recorder.timeout["read"] == 60
    recorder.driver.models.create(project_id="p")
    assert recorder.writes[-1].extensions["timeout"]["read"] is None


def tags_outlast_registering_again(recorder: Recorder) -> None:
    tags = {"doc_id": "1", "kind": "Tag", "key": {"project_id": "p", "participant_id": "w"}, "train": [["t"]]}
    recorder.answer(tags)
    recorder.driver.registrations.create(**IDS, role="guest")
    assert [one.body for one in recorder.written if one.path.endswith("/tags")] == [{"train": [["t"]]}]


def a_namesake_is_not_deleted(recorder: Recorder) -> None:
    experiments = [
        {"doc_id": "1", "kind": "Experiment", "key": {"project_id": name, "expt_id": "e"}, "model": []} for name in "pq"
    ]
    projects = [
        {
            "doc_id": "1",
            "kind": "Project",
            "key": {"project_id": one["key"]["project_id"]},
            "relations": {"Experiment": [one]},
        }
        for one in experiments
    ]
    recorder.answer(projects)
    with pytest.raises(SynergosError, match="force=True"):
        recorder.driver.experiments.delete(project_id="p", expt_id="e")
    assert not recorder.written

    recorder.answer(experiments[0])
    recorder.driver.experiments.delete(project_id="p", expt_id="e", force=True)
    assert [one.method for one in recorder.written] == ["DELETE"]


def a_task_is_asked_of_a_driver(recorder: Recorder) -> None:
    task: Any = ProjectTask
    with pytest.raises(TypeError):
        task(address="http://ttp.example:5000")
    assert isinstance(recorder.driver.projects, ProjectTask)


def it_needs_python_3_11_and_three_packages(recorder: Recorder) -> None:
    project = tomllib.loads((PAGE.parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert {re.split(r"[<>=,]", one)[0] for one in project["dependencies"]} == {"httpx", "attrs", "python-dateutil"}


CHECKS: dict[str, Callable[[Recorder], None]] = {
    "errors": errors_are_raised_or_returned,
    "an answer that is no JSON": a_page_in_place_of_json_is_the_error_of_its_status,
    "what a call returns": a_reply_is_the_dict_and_typed,
    "ids by position": few_ids_are_taken_by_position,
    "an id that is None or empty": an_id_below_none_is_no_wider_request,
    "arguments that are not known": unknown_arguments_are_refused_but_hyperparameters_are_sent,
    "`log_msg=`": log_msg_is_log_msgs,
    "`remove_node(node_id=...)`": node_id_is_name,
    "`is_secured=True`": a_secured_driver_goes_by_https,
    "`driver.address` and `task.address`": addresses_are_there,
    "`driver.registrations`": a_task_is_the_same_each_time,
    "a verb that the phase lacks": a_phase_error_is_a_not_implemented_error,
    "how long a call waits": short_calls_wait_a_minute_and_trainings_until_they_are_answered,
    "registering again": tags_outlast_registering_again,
    "deleting": a_namesake_is_not_deleted,
    "`ProjectTask(address=...)`": a_task_is_asked_of_a_driver,
    "Python and packages": it_needs_python_3_11_and_three_packages,
}


def test_each_line_of_the_page_is_checked() -> None:
    rows = [line.split(" | ")[0].removeprefix("| ") for line in PAGE.read_text("utf-8").splitlines() if "| " in line]
    assert rows[0] == "what"
    assert rows[1:] == list(CHECKS)


@pytest.mark.parametrize("row", CHECKS)
def test_what_the_page_says_is_so(row: str, recorder: Recorder) -> None:
    CHECKS[row](recorder)
