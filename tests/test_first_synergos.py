"""Code written for the first Synergos: what its example notebooks and the public portal of the grid call.

What was verified against their source: the notebooks pass `log_msg` to alignments, models and validations; the portal
shows `_compile_configurations()` and `address` of a task, passes ids of None when nothing is selected yet, empty
components, empty tags and updates that change nothing, and takes `.get("data", ...)` of whatever comes back.
"""

import copy
import json
import pickle
from typing import Any

import pytest
from recorder import Recorder

from synergos import Driver, InvalidArgument, InvalidId

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
