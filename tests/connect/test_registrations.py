"""Registrations: the requests that are sent, what is refused before, and what belongs to a registration."""

from typing import Any

import httpx
import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent, envelope

from synergos import Driver, InvalidId, NotFound

PATH = f"/ttp/connect/projects/{ODD_ENCODED}/participants/%C3%BC%2Bx/registration"
PAIR = {"project_id": ODD, "participant_id": "ü+x"}
IDS = {"project_id": "p", "participant_id": "w"}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", {**PAIR, "role": "guest"}, Sent("POST", PATH, {"role": "guest"})),
        ("read_all", {"project_id": ODD}, Sent("GET", f"/ttp/connect/projects/{ODD_ENCODED}/registrations")),
        ("read_all", {"participant_id": ODD}, Sent("GET", f"/ttp/connect/participants/{ODD_ENCODED}/registrations")),
        ("read", PAIR, Sent("GET", PATH)),
        ("update", {**PAIR, "role": "arbiter"}, Sent("PUT", PATH, {"role": "arbiter"})),
        ("delete", PAIR, Sent("DELETE", PATH)),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"registrations.{verb}", arguments)

    assert recorder.sent[-1:] == [sent]


@pytest.mark.parametrize("bad", [*BAD_IDS, None])
@pytest.mark.parametrize(
    ("verb", "arguments"), [("create", {"role": "guest"}), ("read", {}), ("update", {"role": "host"}), ("delete", {})]
)
@pytest.mark.parametrize("name", IDS)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], name: str, bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"registrations.{verb}", {**IDS, name: bad, **arguments}, name, kind=InvalidId)


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("name", IDS)
def test_a_list_is_of_an_id_that_can_be_addressed(name: str, bad: object, recorder: Recorder) -> None:
    recorder.assert_refuses("registrations.read_all", {name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize("ids", [{}, IDS, {"project_id": None, "participant_id": None}])
def test_a_list_is_of_one_project_or_of_one_participant(ids: dict[str, Any], recorder: Recorder) -> None:
    recorder.assert_refuses("registrations.read_all", ids, "project_id", kind=InvalidId)


@pytest.mark.parametrize("role", ["Guest", "admin", "", 7, ["guest"]])
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_role_that_there_is_not_is_refused(verb: str, role: object, recorder: Recorder) -> None:
    recorder.assert_refuses(f"registrations.{verb}", {**IDS, "role": role}, "'arbiter', 'guest', 'host'")


def test_a_role_has_to_be_given(recorder: Recorder) -> None:
    with pytest.raises(TypeError, match="role"):
        recorder.call("registrations.create", IDS)
    assert recorder.sent == []
    recorder.assert_refuses("registrations.update", IDS, "nothing to change")


@pytest.fixture
def parties(driver: Driver) -> Driver:
    driver.projects.create(project_id="p", action="classify")
    driver.participants.create("w", host="h", port=1, f_port=2)
    return driver


def test_registering_again_keeps_the_tags(parties: Driver) -> None:
    parties.registrations.create(**IDS, role="guest")
    parties.tags.create(**IDS, train=[["a"]])

    parties.registrations.create(**IDS, role="host")

    registration = parties.registrations.read(**IDS).data
    assert registration.role == "host"
    assert parties.tags.read(**IDS).data.train == [["a"]]


def test_the_same_registration_is_in_both_lists(parties: Driver) -> None:
    parties.registrations.create(**IDS, role="guest")

    (of_project,) = parties.registrations.read_all(project_id="p").data
    (of_participant,) = parties.registrations.read_all(participant_id="w").data

    assert of_project.key == of_participant.key
    assert parties.registrations.read_all(project_id="q").data == []


@pytest.mark.parametrize(
    ("project_id", "participant_id", "missing"), [("q", "w", "Project 'q'"), ("p", "v", "Participant 'v'")]
)
def test_a_registration_needs_project_and_participant(
    project_id: str, participant_id: str, missing: str, parties: Driver
) -> None:
    with pytest.raises(NotFound, match=missing):
        parties.registrations.create(project_id=project_id, participant_id=participant_id, role="guest")


def test_a_registration_that_is_not_there_names_the_nearest() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/registrations"):
            return httpx.Response(200, json=envelope([{"key": {"project_id": "p", "participant_id": "worker"}}]))
        return httpx.Response(404, json={"message": "It does not exist!", "status": 404})

    driver = Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))

    with pytest.raises(NotFound, match="Did you mean 'worker'"):
        driver.registrations.read(project_id="p", participant_id="worke")


def test_deleting_a_registration_deletes_its_tags_and_leaves_others(trained_driver: Driver) -> None:
    trained_driver.registrations.delete(project_id="penguins", participant_id="dream")

    with pytest.raises(NotFound):
        trained_driver.tags.read(project_id="penguins", participant_id="dream")
    assert trained_driver.tags.read(project_id="penguins", participant_id="biscoe").data.train == [["non_iid_1"]]
    assert trained_driver.participants.read("dream").data.id == "dream"
