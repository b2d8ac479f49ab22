"""Projects: the requests that are sent, what is refused before, and what a project does to what is below it."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound

PATH = "/ttp/connect/projects/"
IN_COLLAB = "/ttp/connect/collaborations/c/projects/"


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        (
            "create",
            {"project_id": "p", "action": "classify"},
            Sent("POST", PATH, {"project_id": "p", "action": "classify", "incentives": {}}),
        ),
        (
            "create",
            {
                "project_id": ODD,
                "action": "regress",
                "incentives": {"tier_1": [], "tier_2": ("a", "b")},
                "universe_alignment": ["x"],
                "start_at": "2030-01-01",
            },
            Sent(
                "POST",
                PATH,
                {
                    "project_id": ODD,
                    "action": "regress",
                    "incentives": {"tier_1": [], "tier_2": ["a", "b"]},
                    "universe_alignment": ["x"],
                    "start_at": "2030-01-01",
                },
            ),
        ),
        ("read_all", {}, Sent("GET", PATH)),
        (
            "create",
            {"collab_id": "c", "project_id": "p", "action": "regress"},
            Sent("POST", IN_COLLAB, {"project_id": "p", "action": "regress", "incentives": {}}),
        ),
        ("read_all", {"collab_id": ODD}, Sent("GET", f"/ttp/connect/collaborations/{ODD_ENCODED}/projects/")),
        ("read", {"collab_id": "c", "project_id": ODD}, Sent("GET", f"{IN_COLLAB}{ODD_ENCODED}")),
        (
            "update",
            {"collab_id": "c", "project_id": "p", "start_at": ""},
            Sent("PUT", f"{IN_COLLAB}p", {"start_at": ""}),
        ),
        ("delete", {"collab_id": "c", "project_id": "p", "force": True}, Sent("DELETE", f"{IN_COLLAB}p")),
        ("read", {"project_id": "p"}, Sent("GET", f"{PATH}p")),
        ("read", {"project_id": ODD}, Sent("GET", f"{PATH}{ODD_ENCODED}")),
        (
            "update",
            {"project_id": ODD, "action": "regress"},
            Sent("PUT", f"{PATH}{ODD_ENCODED}", {"action": "regress"}),
        ),
        (
            "update",
            {"project_id": "p", "incentives": {}, "universe_alignment": [], "start_at": ""},
            Sent("PUT", f"{PATH}p", {"incentives": {}, "universe_alignment": [], "start_at": ""}),
        ),
        ("delete", {"project_id": ODD, "force": True}, Sent("DELETE", f"{PATH}{ODD_ENCODED}")),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"projects.{verb}", arguments)

    assert recorder.sent == [sent]


@pytest.mark.parametrize("project_id", BAD_IDS)
@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("create", {"action": "classify"}), ("read", {}), ("update", {"start_at": "now"}), ("delete", {})],
)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], project_id: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"projects.{verb}", {"project_id": project_id, **arguments}, "project_id", kind=InvalidId)


@pytest.mark.parametrize(
    ("verb", "arguments", "words"),
    [
        ("create", {"action": "Classify"}, "one of 'classify', 'regress'"),
        ("create", {"action": None}, "action=None"),
        ("create", {"action": "classify", "incentives": ["tier_1"]}, "incentives="),
        ("create", {"action": "classify", "incentives": {"tier_1": "worker"}}, "incentives['tier_1']='worker'"),
        ("create", {"action": "classify", "incentives": {"tier_1": [1]}}, "incentives['tier_1'][0]=1"),
        ("create", {"action": "classify", "universe_alignment": "x"}, "universe_alignment='x'"),
        ("create", {"action": "classify", "start_at": 2030}, "start_at=2030"),
        ("create", {"action": "classify", "incentive": {}}, "did you mean 'incentives'?"),
        ("update", {}, "nothing to change"),
        ("update", {"action": None, "start_at": None}, "nothing to change"),
        ("update", {"action": "cluster"}, "one of 'classify', 'regress'"),
        ("update", {"incentives": {"tier_1": 1}}, "incentives['tier_1']=1"),
        ("update", {"created_at": "now"}, "no argument 'created_at'"),
        ("update", {"key": {}}, "no argument 'key'"),
        ("read", {"expt_id": "e"}, "no argument 'expt_id'"),
        ("delete", {"force": 1}, "force=1"),
    ],
)
def test_what_cannot_be_right_is_refused(verb: str, arguments: dict[str, Any], words: str, recorder: Recorder) -> None:
    recorder.assert_refuses(f"projects.{verb}", {"project_id": "p", **arguments}, words)


@pytest.mark.parametrize("verb", ["create", "read", "update", "delete"])
def test_the_id_is_given_by_name(verb: str, recorder: Recorder) -> None:
    with pytest.raises(TypeError):
        getattr(recorder.driver.projects, verb)("p")
    arguments = {"create": {"action": "classify"}, "update": {"start_at": "now"}}.get(verb, {})
    recorder.assert_refuses(f"projects.{verb}", arguments, "project_id is missing", "scope", kind=InvalidId)


def test_the_collaboration_of_a_list_may_come_first(recorder: Recorder) -> None:
    recorder.driver.projects.read_all("c")

    assert recorder.sent == [Sent("GET", IN_COLLAB)]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_a_collaboration_that_cannot_be_addressed_is_refused(bad: object, recorder: Recorder) -> None:
    recorder.assert_refuses("projects.read_all", {"collab_id": bad}, "collab_id", kind=InvalidId)
    recorder.assert_refuses("projects.read", {"collab_id": bad, "project_id": "p"}, "collab_id", kind=InvalidId)


def test_creating_again_changes_what_is_given_and_keeps_the_rest(driver: Driver) -> None:
    driver.projects.create(project_id="p", action="classify", universe_alignment=["x"])
    driver.projects.create(project_id="p", action="regress", incentives={"tier_1": ["w"]})

    (project,) = driver.projects.read_all()["data"]
    assert project["action"] == "regress"
    assert project["incentives"] == {"tier_1": ["w"]}
    assert project["universe_alignment"] == ["x"]


BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize("start", [datetime(2030, 1, 1, 9), datetime(2030, 1, 1, 9, 30, 1, 5, BERLIN)])
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_time_to_start_at_comes_back_as_one(verb: str, start: datetime, driver: Driver) -> None:
    driver.projects.create(project_id="p", action="classify")
    arguments: dict[str, Any] = {"action": "classify"} if verb == "create" else {}

    reply = getattr(driver.projects, verb)(project_id="p", start_at=start, **arguments)

    assert reply["data"]["start_at"] == start.isoformat()
    assert reply.data.start_at == start
    assert driver.projects.read(project_id="p").data.start_at == start


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-24 03:49:56 N", datetime(2026, 11, 24, 3, 49, 56, tzinfo=UTC)),
        ("2026-11-24T03:49:56Z", datetime(2026, 11, 24, 3, 49, 56, tzinfo=UTC)),
        ("2026-11-24 03:49:56.5+01:00", datetime(2026, 11, 24, 3, 49, 56, 500000, BERLIN)),
        ("2026-11-24 03:49", datetime(2026, 11, 24, 3, 49)),
        ("2022", "2022"),
        ("now", "now"),
        ("", ""),
        ("2026-13-24 03:49:56 N", "2026-13-24 03:49:56 N"),
        ("2026-11-24 03:49 or later", "2026-11-24 03:49 or later"),
        (None, None),
        (7, 7),
    ],
)
def test_a_time_is_read_as_ttps_write_it_and_any_other_text_stays(
    text: object, read: object, recorder: Recorder
) -> None:
    record = {"doc_id": "1", "kind": "Project", "key": {"project_id": "p"}, "start_at": text, "created_at": text}
    recorder.answer(record)

    reply = recorder.driver.projects.read(project_id="p")

    assert reply["data"]["start_at"] == text
    assert (reply.data.start_at, reply.data.created_at) == (read, read)


@pytest.mark.parametrize("bad", [7, 1.5, ["2030"], date(2030, 1, 1), True])
def test_a_start_that_is_no_time_and_no_text_is_refused(bad: object, recorder: Recorder) -> None:
    arguments = {"project_id": "p", "action": "classify", "start_at": bad}
    recorder.assert_refuses("projects.create", arguments, "start_at=", "a datetime or a text or None")


def test_an_odd_id_names_one_project_all_the_way(driver: Driver) -> None:
    driver.projects.create(project_id=ODD, action="classify")
    driver.projects.create(project_id="a b", action="regress")

    assert driver.projects.read(project_id=ODD).data.key.project_id == ODD
    assert driver.projects.update(project_id=ODD, start_at="now").data.start_at == "now"
    assert driver.projects.delete(project_id=ODD).data.key.project_id == ODD
    assert [project.key.project_id for project in driver.projects.read_all().data] == ["a b"]


def test_deleting_a_project_deletes_what_is_below_it_and_not_the_participants(trained_driver: Driver) -> None:
    driver = trained_driver
    deleted = driver.projects.delete(project_id="penguins")

    assert [len(deleted["data"]["relations"][kind]) for kind in ("Run", "Model", "Validation")] == [1, 1, 2]
    assert driver.experiments.read_all(project_id="penguins").data == []
    assert driver.registrations.read_all(participant_id="biscoe").data == []
    assert len(driver.participants.read_all().data) == 2
    for read in (driver.models.read, driver.validations.read, driver.alignments.read):
        with pytest.raises(NotFound):
            read(project_id="penguins")


def test_a_missing_project_is_not_found_whatever_is_asked(driver: Driver) -> None:
    driver.projects.create(project_id="penguins", action="classify")

    for call in (
        lambda: driver.projects.read(project_id="penguin"),
        lambda: driver.projects.update(project_id="penguin", start_at="now"),
        lambda: driver.projects.delete(project_id="penguin"),
    ):
        with pytest.raises(NotFound, match="'penguin' does not exist"):
            call()
