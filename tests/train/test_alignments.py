"""Alignments: the requests that are sent, what is refused before, and what an alignment does to the network."""

from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound, Rejected

PATH = f"/ttp/train/projects/{ODD_ENCODED}/alignments/"
IN_COLLAB = "/ttp/train/collaborations/c/projects/p/alignments/"


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", {"project_id": ODD}, Sent("POST", PATH)),
        ("create", {"project_id": ODD, "timeout": 60}, Sent("POST", PATH)),
        ("create", {"project_id": ODD, "auto_align": False, "auto_fix": False}, Sent("POST", PATH)),
        ("create", {"project_id": ODD, "verbose": True, "log_msgs": True}, Sent("POST", PATH)),
        ("read", {"project_id": ODD}, Sent("GET", PATH)),
        (
            "create",
            {"collab_id": "c", "project_id": "p"},
            Sent("POST", IN_COLLAB, {"auto_align": True, "auto_fix": True}),
        ),
        (
            "create",
            {"collab_id": "c", "project_id": "p", "auto_align": False, "auto_fix": False, "verbose": True},
            Sent("POST", IN_COLLAB, {"auto_align": False, "auto_fix": False}),
        ),
        ("read", {"collab_id": "c", "project_id": "p"}, Sent("GET", IN_COLLAB)),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"alignments.{verb}", arguments)

    # Before work it is looked what there is already.
    *before, last = recorder.sent
    assert last == sent
    assert [one.method for one in before] == (["GET"] if verb == "create" else [])


@pytest.mark.parametrize("bad", [*BAD_IDS, None])
@pytest.mark.parametrize("verb", ["create", "read"])
def test_an_id_that_cannot_be_addressed_is_refused(verb: str, bad: object, recorder: Recorder) -> None:
    recorder.assert_refuses(f"alignments.{verb}", {"project_id": bad}, "project_id", kind=InvalidId)


@pytest.mark.parametrize(
    ("verb", "arguments", "words"),
    [
        ("create", {"expt_id": "e"}, "no argument 'expt_id'"),
        ("create", {"time_out": 5}, "did you mean 'timeout'?"),
        ("create", {"log_mgs": False}, "did you mean 'log_msgs'?"),
        ("create", {"auto_fix": 1}, "auto_fix=1"),
        ("read", {"timeout": 5}, "no argument 'timeout'"),
    ],
)
def test_what_a_verb_does_not_know_is_refused(
    verb: str, arguments: dict[str, Any], words: str, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"alignments.{verb}", {"project_id": "p", **arguments}, words)


def test_an_alignment_tells_which_classes_a_participant_lacks(trained: Driver) -> None:
    alignments = {one.key.participant_id: one for one in trained.alignments.read(project_id="penguins").data}

    # Biscoe has no chinstraps, Dream no gentoos.
    assert alignments["biscoe"].train.y == [1]
    assert alignments["dream"].train.y == [2]


def test_an_alignment_fits_the_network_to_the_data(trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "misfit"}
    wrong = {"in_features": 99, "out_features": 99}
    trained_driver.experiments.create(**ids, model=[{"is_input": True, "l_type": "Linear", "structure": wrong}])

    trained_driver.alignments.create(project_id="penguins")

    layers = trained_driver.experiments.read(**ids)["data"]["model"]
    trained = trained_driver.experiments.read(project_id="penguins", expt_id="one_layer")["data"]["model"]
    assert layers[0]["structure"] == trained[0]["structure"]
    assert layers[0]["structure"]["out_features"] == 3


def test_data_that_are_not_there_are_named(trained_driver: Driver) -> None:
    trained_driver.tags.update(project_id="penguins", participant_id="dream", train=[["nowhere"]])

    with pytest.raises(Rejected, match="nowhere"):
        trained_driver.alignments.create(project_id="penguins")


def test_a_project_that_is_not_there_or_not_aligned_has_none(driver: Driver) -> None:
    with pytest.raises(NotFound, match="'p' does not exist"):
        driver.alignments.create(project_id="p")
    driver.projects.create(project_id="p", action="classify")
    with pytest.raises(NotFound):
        driver.alignments.read(project_id="p")
