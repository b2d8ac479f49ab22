"""Collaborations: the requests that are sent, what is refused before, and components that wait to be sent."""

from typing import Any

import httpx
import numpy as np
import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound, ServerFailure, Unreachable

PATH = "/ttp/connect/collaborations/"
LOGS = {
    "host": "172.20.0.14",
    "ports": {"main": 9000, "ui": 0, "sysmetrics": 9100, "director": 9200, "ttp": 9300, "worker": 9400},
    "secure": False,
}
MLOPS = {"host": "172.20.0.15", "ports": {"main": 5500, "ui": 0}, "secure": False}
MQ = {"host": "172.20.0.16", "ports": {"main": 5672, "ui": 15672}, "secure": True}
METER = {"host": "172.20.0.17", "ports": {"main": 15790, "ui": 0}, "secure": False}
CATALOGUE = {"host": "172.20.0.18", "ports": {"main": 5000, "ui": 0}, "secure": False}
COMPONENTS = {"logs": LOGS, "mlops": MLOPS, "mq": MQ, "meter": METER, "catalogue": CATALOGUE}
# How the first Synergos was told of each.
CONFIGURED: dict[str, tuple[str, dict[str, Any]]] = {
    "logs": (
        "configure_logger",
        {
            "host": "172.20.0.14",
            "port": 9000,
            "sysmetrics_port": 9100,
            "director_port": 9200,
            "ttp_port": 9300,
            "worker_port": 9400,
        },
    ),
    "mlops": ("configure_mlops", {"host": "172.20.0.15", "port": 5500}),
    "mq": ("configure_mq", {"host": "172.20.0.16", "port": 5672, "ui_port": 15672, "secure": True}),
    "meter": ("configure_meter", {"host": "172.20.0.17", "port": 15790}),
    "catalogue": ("configure_catalogue", {"host": "172.20.0.18", "port": 5000}),
}
RECORD = {"doc_id": "1", "kind": "Collaboration", "key": {"collab_id": "c"}, "relations": {}}
BARE_LOGS = {"host": "h", "ports": {"main": 1, "sysmetrics": 2, "director": 3, "ttp": 4, "worker": 5}}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", {"collab_id": "c"}, Sent("POST", PATH, {"collab_id": "c"})),
        ("create", {"collab_id": ODD, **COMPONENTS}, Sent("POST", PATH, {"collab_id": ODD, **COMPONENTS})),
        (
            "create",
            {"collab_id": "c", "mq": {"host": "h"}, "logs": BARE_LOGS},
            Sent("POST", PATH, {"collab_id": "c", "mq": {"host": "h"}, "logs": BARE_LOGS}),
        ),
        (
            "create",
            {"collab_id": "c", "mq": {"host": "h", "ports": {"main": np.int64(1)}}},
            Sent("POST", PATH, {"collab_id": "c", "mq": {"host": "h", "ports": {"main": 1}}}),
        ),
        ("read_all", {}, Sent("GET", PATH)),
        ("read", {"collab_id": ODD}, Sent("GET", f"{PATH}{ODD_ENCODED}")),
        ("update", {"collab_id": ODD, "mq": MQ}, Sent("PUT", f"{PATH}{ODD_ENCODED}", {"mq": MQ})),
        ("update", {"collab_id": "c", **COMPONENTS}, Sent("PUT", f"{PATH}c", COMPONENTS)),
        ("delete", {"collab_id": ODD}, Sent("DELETE", f"{PATH}{ODD_ENCODED}")),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"collaborations.{verb}", arguments)

    assert recorder.sent == [sent]


def test_the_id_may_come_first(recorder: Recorder) -> None:
    collaborations = recorder.driver.collaborations

    collaborations.create("c")
    collaborations.read("c")
    collaborations.update("c", mq=MQ)
    collaborations.delete("c")

    assert [(method, path) for method, path, _ in recorder.sent] == [
        ("POST", PATH),
        ("GET", f"{PATH}c"),
        ("PUT", f"{PATH}c"),
        ("DELETE", f"{PATH}c"),
    ]


@pytest.mark.parametrize("bad", [*BAD_IDS, None])
@pytest.mark.parametrize(("verb", "arguments"), [("create", {}), ("read", {}), ("update", {"mq": MQ}), ("delete", {})])
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"collaborations.{verb}", {"collab_id": bad, **arguments}, "collab_id", kind=InvalidId)


def without(mapping: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mq": "172.20.0.16"}, "mq='172.20.0.16'"),
        ({"mq": {}}, "mq has no 'host'"),
        ({"mq": {"host": 7}}, "mq['host']=7"),
        ({"mq": {**MQ, "port": 5672}}, "mq has no field 'port': did you mean 'ports'?"),
        ({"mq": {**MQ, "colour": "blue"}}, "mq has no field 'colour'"),
        ({"mq": {**MQ, "ports": 5672}}, "mq['ports']=5672"),
        ({"mq": {**MQ, "ports": {}}}, "mq['ports'] has no 'main'"),
        ({"mq": {**MQ, "ports": {"main": 0}}}, "mq['ports']['main']=0"),
        ({"mq": {**MQ, "ports": {"main": 1, "ui": -1}}}, "mq['ports']['ui']=-1"),
        ({"mq": {**MQ, "ports": {"main": "x"}}}, "mq['ports']['main']='x'"),
        ({"mq": {**MQ, "ports": {"main": 1, "ttp": 2}}}, "mq['ports'] has no field 'ttp'"),
        ({"mq": {**MQ, "secure": 1}}, "mq['secure']=1"),
        *(
            ({"logs": {**LOGS, "ports": without(BARE_LOGS["ports"], name)}}, f"logs['ports'] has no {name!r}")
            for name in BARE_LOGS["ports"]
        ),
        ({"logs": {**LOGS, "ports": {**BARE_LOGS["ports"], "worker": 65536}}}, "logs['ports']['worker']=65536"),
        ({"log": LOGS}, "did you mean 'logs'?"),
        ({"meter": [METER]}, "meter="),
        ({"mlops": {"host": None}}, "mlops['host']=None"),
        ({"catalogue": {"host": "h", "ports": {"mains": 1}}}, "did you mean 'main'?"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_component_that_cannot_be_right_is_refused(
    verb: str, fields: dict[str, Any], words: str, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"collaborations.{verb}", {"collab_id": "c", **fields}, words)


@pytest.mark.parametrize("fields", [{}, {"mq": None, "logs": None}])
def test_an_update_of_nothing_is_refused(fields: dict[str, Any], recorder: Recorder) -> None:
    told = "nothing to change: give logs or mlops or mq or meter or catalogue"
    recorder.assert_refuses("collaborations.update", {"collab_id": "c", **fields}, told)


# Components that are told beforehand


def configure(recorder: Recorder, *names: str) -> None:
    for name in names:
        verb, arguments = CONFIGURED[name]
        assert recorder.call(f"collaborations.{verb}", arguments) == {name: COMPONENTS[name]}


@pytest.mark.parametrize("verb", ["create", "update"])
@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_that_was_configured_is_sent(name: str, verb: str, recorder: Recorder) -> None:
    configure(recorder, name)

    recorder.call(f"collaborations.{verb}", {"collab_id": "c"})

    body = {"collab_id": "c"} if verb == "create" else {}
    assert recorder.sent[0].body == {**body, name: COMPONENTS[name]}


def test_all_components_are_sent_together_and_what_is_given_goes_before(recorder: Recorder) -> None:
    configure(recorder, *COMPONENTS)
    recorder.driver.collaborations.configure_mlops("elsewhere", 1)
    recorder.driver.collaborations.configure_mlops("172.20.0.15", 5500)

    recorder.driver.collaborations.create("c", mq={"host": "given"})

    assert recorder.sent[0].body == {"collab_id": "c", **COMPONENTS, "mq": {"host": "given"}}


def test_what_is_configured_may_be_told_by_place(recorder: Recorder) -> None:
    task = recorder.driver.collaborations

    assert task.configure_logger("h", 1, 2, 3, 4, 5, 6, True)["logs"] == {
        "host": "h",
        "ports": {"main": 1, "sysmetrics": 2, "director": 3, "ttp": 4, "worker": 5, "ui": 6},
        "secure": True,
    }
    for configure in (task.configure_mlops, task.configure_mq, task.configure_meter, task.configure_catalogue):
        (component,) = configure("h", 1, 2, True).values()
        assert component == {"host": "h", "ports": {"main": 1, "ui": 2}, "secure": True}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"host": 7}, "host=7"),
        ({"port": 0}, "port=0"),
        ({"port": "5672"}, "port='5672'"),
        ({"ui_port": -1}, "ui_port=-1"),
        ({"ui_port": 65536}, "ui_port=65536"),
        ({"secure": "no"}, "secure='no'"),
        ({"uiport": 1}, "did you mean 'ui_port'?"),
    ],
)
@pytest.mark.parametrize("name", COMPONENTS)
def test_what_cannot_be_right_is_not_configured(
    name: str, changed: dict[str, Any], words: str, recorder: Recorder
) -> None:
    verb, arguments = CONFIGURED[name]

    recorder.assert_refuses(f"collaborations.{verb}", {**arguments, **changed}, words)

    recorder.driver.collaborations.create("c")
    assert recorder.sent[0].body == {"collab_id": "c"}


@pytest.mark.parametrize("verb", ["create", "update"])
def test_components_wait_until_the_ttp_has_them(verb: str, recorder: Recorder) -> None:
    configure(recorder, "mq", "meter")
    call = f"collaborations.{verb}", {"collab_id": "c"}

    recorder.respond(500, json={"message": "no"})
    with pytest.raises(ServerFailure):
        recorder.call(*call)
    recorder.fail(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable):
        recorder.call(*call)
    recorder.answer(RECORD)
    recorder.call(*call)
    recorder.answer({**RECORD, "key": {"collab_id": "d"}})
    recorder.driver.collaborations.create("d")

    # A failed update is followed by a look whether there is anything to update.
    *waiting, after = (sent.body for sent in recorder.sent if sent.method != "GET")
    assert all(body["mq"] == MQ and body["meter"] == METER for body in waiting)
    assert after == {"collab_id": "d"}


def test_components_wait_when_an_error_is_returned(recorder: Recorder) -> None:
    driver = Driver("ttp.example", 5000, errors="return", transport=recorder.transport)
    driver.collaborations.configure_meter("172.20.0.17", 15790)
    recorder.respond(500, json={"message": "no"})

    assert driver.collaborations.create("c")["status"] == 500
    driver.collaborations.create("c")

    assert [sent.body["meter"] for sent in recorder.sent] == [METER, METER]


def test_reading_and_deleting_leave_what_was_configured(recorder: Recorder) -> None:
    configure(recorder, "mq")
    recorder.answer(RECORD)

    recorder.driver.collaborations.read("c")
    recorder.driver.collaborations.delete("c")
    recorder.driver.collaborations.create("c")

    assert recorder.sent[-1].body == {"collab_id": "c", "mq": MQ}


# On the sandbox


def test_a_collaboration_shows_the_components_that_it_has(driver: Driver) -> None:
    driver.collaborations.create("c", mq=MQ, logs=LOGS)
    assert driver.collaborations.create("c", mlops=MLOPS).data.key.collab_id == "c"

    collaboration = driver.collaborations.update("c", mq={"host": "elsewhere"})

    assert collaboration.data.mq.host == "elsewhere"
    assert collaboration.data.logs.ports["sysmetrics"] == 9100
    shown = driver.collaborations.read("c")["data"]
    assert {name: shown[name] for name in COMPONENTS if name in shown} == {
        "mq": {"host": "elsewhere"},
        "logs": LOGS,
        "mlops": MLOPS,
    }


def test_an_odd_id_names_one_collaboration_all_the_way(driver: Driver) -> None:
    driver.collaborations.create(ODD)
    driver.collaborations.create("a b")

    assert driver.collaborations.read(ODD).data.key.collab_id == ODD
    assert driver.collaborations.update(ODD, mq=MQ).data.mq.host == MQ["host"]
    assert driver.collaborations.delete(ODD).data.key.collab_id == ODD
    assert [one.key.collab_id for one in driver.collaborations.read_all().data] == ["a b"]


def test_a_missing_collaboration_is_not_found_whatever_is_asked(driver: Driver) -> None:
    driver.collaborations.create("antarctica")

    for call in (
        lambda: driver.collaborations.read("antartica"),
        lambda: driver.collaborations.update("antartica", mq=MQ),
        lambda: driver.collaborations.delete("antartica"),
        lambda: driver.projects.create(collab_id="antartica", project_id="p", action="classify"),
    ):
        with pytest.raises(NotFound, match="'antartica' does not exist! Did you mean 'antarctica'"):
            call()
    assert driver.projects.read_all("antartica").data == []


def test_a_collaboration_lists_what_belongs_to_it_and_nothing_else(driver: Driver) -> None:
    for collab_id in ("c", "d", None):
        if collab_id is not None:
            driver.collaborations.create(collab_id)
        driver.projects.create(collab_id=collab_id, project_id="p", action="classify")
        driver.experiments.create(collab_id=collab_id, project_id="p", expt_id="e", model=[])

    for collaboration in driver.collaborations.read_all()["data"]:
        relations = collaboration["relations"]
        assert [len(relations[kind]) for kind in ("Project", "Experiment", "Run")] == [1, 1, 0]
        assert {one["key"]["collab_id"] for records in relations.values() for one in records} == {
            collaboration["key"]["collab_id"]
        }
        assert collaboration == driver.collaborations.read(collaboration["key"]["collab_id"])["data"]
