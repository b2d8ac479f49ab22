"""Participants: the requests that are sent, what is refused before, and what goes with a participant."""

from typing import Any

import numpy as np
import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound

PATH = "/ttp/connect/participants/"
WORKER = {"host": "172.17.0.2", "port": 8020, "f_port": 5000}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        (
            "create",
            {"participant_id": "w", **WORKER},
            Sent("POST", PATH, {"id": "w", **WORKER, "log_msgs": False, "verbose": False}),
        ),
        (
            "create",
            {"participant_id": ODD, **WORKER, "port": np.int64(1), "log_msgs": True, "verbose": np.bool_(True)},
            Sent("POST", PATH, {"id": ODD, **WORKER, "port": 1, "log_msgs": True, "verbose": True}),
        ),
        ("read_all", {}, Sent("GET", PATH)),
        ("read", {"participant_id": ODD}, Sent("GET", f"{PATH}{ODD_ENCODED}")),
        (
            "update",
            {"participant_id": ODD, "port": 65535},
            Sent("PUT", f"{PATH}{ODD_ENCODED}", {"port": 65535}),
        ),
        (
            "update",
            {"participant_id": "w", **WORKER, "log_msgs": False, "verbose": False},
            Sent("PUT", f"{PATH}w", {**WORKER, "log_msgs": False, "verbose": False}),
        ),
        ("delete", {"participant_id": ODD}, Sent("DELETE", f"{PATH}{ODD_ENCODED}")),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"participants.{verb}", arguments)

    assert recorder.sent == [sent]


def test_the_id_may_come_first(recorder: Recorder) -> None:
    participants = recorder.driver.participants

    participants.create("w", host="h", port=1, f_port=2)
    participants.read("w")
    participants.update("w", port=3)
    participants.delete("w")

    assert [(method, path) for method, path, _ in recorder.sent] == [
        ("POST", PATH),
        ("GET", f"{PATH}w"),
        ("PUT", f"{PATH}w"),
        ("DELETE", f"{PATH}w"),
    ]


@pytest.mark.parametrize("bad", [*BAD_IDS, None])
@pytest.mark.parametrize(
    ("verb", "arguments"), [("create", WORKER), ("read", {}), ("update", {"port": 1}), ("delete", {})]
)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(
        f"participants.{verb}", {"participant_id": bad, **arguments}, "participant_id", kind=InvalidId
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"port": 0}, "port=0 is not allowed: it must be a whole number from 1 to 65535"),
        ({"port": 65536}, "port=65536"),
        ({"port": -1}, "port=-1"),
        ({"port": "8020"}, "port='8020'"),
        ({"port": 8020.0}, "port=8020.0"),
        ({"port": True}, "port=True"),
        ({"f_port": 0}, "f_port=0"),
        ({"f_port": 70000}, "f_port=70000"),
        ({"f_port": "5000"}, "f_port='5000'"),
        ({"host": 7}, "host=7"),
        ({"host": ["h"]}, "host=['h']"),
        ({"log_msgs": 1}, "log_msgs=1"),
        ({"verbose": "no"}, "verbose='no'"),
        ({"fport": 5000}, "did you mean 'f_port'?"),
        ({"log_mgs": True}, "did you mean 'log_msgs'?"),
        ({"id": "v"}, "no argument 'id'"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_field_that_cannot_be_right_is_refused(
    verb: str, fields: dict[str, Any], words: str, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"participants.{verb}", {"participant_id": "w", **WORKER, **fields}, words)


@pytest.mark.parametrize("missing", WORKER)
def test_a_worker_has_an_address(missing: str, recorder: Recorder) -> None:
    fields = {name: value for name, value in WORKER.items() if name != missing}

    recorder.assert_refuses("participants.create", {"participant_id": "w", **fields}, f"give {missing} too")


def test_only_what_is_given_is_sent(recorder: Recorder) -> None:
    recorder.call("participants.create", {"participant_id": "w"})
    recorder.call("participants.create", {"participant_id": "w", "category": ("a",), "socials": {"x": "y"}})
    assert [sent.body for sent in recorder.sent] == [{"id": "w"}, {"id": "w", "category": ["a"], "socials": {"x": "y"}}]


def test_an_update_of_nothing_is_refused(recorder: Recorder) -> None:
    recorder.assert_refuses("participants.update", {"participant_id": "w"}, "nothing to change")
    recorder.assert_refuses("participants.update", {"participant_id": "w", "port": None}, "nothing to change")


def test_creating_again_changes_the_fields(driver: Driver) -> None:
    driver.participants.create("w", host="a", port=1, f_port=2, verbose=True)
    driver.participants.create("w", host="b", port=3, f_port=4)

    (participant,) = driver.participants.read_all().data
    assert (participant.host, participant.port, participant.f_port, participant.verbose) == ("b", 3, 4, False)


def test_an_odd_id_names_one_participant_all_the_way(driver: Driver) -> None:
    driver.participants.create(ODD, host="a", port=1, f_port=2)

    assert driver.participants.update(ODD, host="b").data.id == ODD
    assert driver.participants.read(ODD).data.host == "b"
    assert driver.participants.delete(ODD).data.key.participant_id == ODD
    with pytest.raises(NotFound):
        driver.participants.read(ODD)


def test_deleting_a_participant_deletes_its_registrations_and_tags(trained_driver: Driver) -> None:
    trained_driver.participants.delete("biscoe")

    left = trained_driver.registrations.read_all(project_id="penguins").data
    assert [registration.key.participant_id for registration in left] == ["dream"]
    with pytest.raises(NotFound):
        trained_driver.tags.read(project_id="penguins", participant_id="biscoe")
