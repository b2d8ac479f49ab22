"""Tags: the requests that are sent, what is refused before, and what an update keeps."""

from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound

PATH = f"/ttp/connect/projects/p/participants/{ODD_ENCODED}/registration/tags"
IDS = {"project_id": "p", "participant_id": ODD}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", {"train": [["a", "b"], ["c"]]}, {"train": [["a", "b"], ["c"]], "evaluate": [], "predict": []}),
        (
            "create",
            {
                "train": (("a",),),
                "evaluate": [["b"]],
                "predict": [("c",)],
                "model": ["m"],
                "hyperparameters": ("h",),
            },
            {
                "train": [["a"]],
                "evaluate": [["b"]],
                "predict": [["c"]],
                "model": ["m"],
                "hyperparameters": ["h"],
            },
        ),
        ("update", {"predict": [["a"]]}, {"predict": [["a"]]}),
        ("update", {"evaluate": []}, {"evaluate": []}),
        (
            "update",
            {"train": [["a"]], "evaluate": [], "predict": [], "model": ["m"], "hyperparameters": ["h"]},
            {"train": [["a"]], "evaluate": [], "predict": [], "model": ["m"], "hyperparameters": ["h"]},
        ),
        ("read", {}, None),
        ("delete", {}, None),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: object, recorder: Recorder) -> None:
    recorder.call(f"tags.{verb}", {**IDS, **arguments})

    methods = {"create": "POST", "read": "GET", "update": "PUT", "delete": "DELETE"}
    assert recorder.sent == [Sent(methods[verb], PATH, sent)]


@pytest.mark.parametrize("bad", [*BAD_IDS, None])
@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("create", {"train": [["a"]]}), ("read", {}), ("update", {"train": [["a"]]}), ("delete", {})],
)
@pytest.mark.parametrize("name", IDS)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], name: str, bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"tags.{verb}", {**IDS, name: bad, **arguments}, name, kind=InvalidId)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"train": "a"}, "train='a'"),
        ({"train": ["a"]}, "train[0]='a'"),
        ({"train": [["a"], ["b", 1]]}, "train[1][1]=1"),
        ({"train": [[["a"]]]}, "train[0][0]=['a']"),
        ({"train": {"a": "b"}}, "train={'a': 'b'}"),
        ({"train": [["a"]], "evaluate": ["b"]}, "evaluate[0]='b'"),
        ({"train": [["a"]], "predict": "b"}, "predict='b'"),
        ({"train": [["a"]], "model": "m"}, "model='m'"),
        ({"train": [["a"]], "hyperparameters": [["h"]]}, "hyperparameters[0]=['h']"),
        ({"train": [["a"]], "evalute": []}, "did you mean 'evaluate'?"),
        ({"train": [["a"]], "role": "guest"}, "no argument 'role'"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_tags_that_cannot_be_right_are_refused(
    verb: str, fields: dict[str, Any], words: str, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"tags.{verb}", {**IDS, **fields}, words)


def test_data_to_train_on_have_to_be_given(recorder: Recorder) -> None:
    with pytest.raises(TypeError, match="train"):
        recorder.call("tags.create", IDS)
    recorder.assert_refuses("tags.create", {**IDS, "train": None}, "train=None")


def test_an_update_of_nothing_is_refused(recorder: Recorder) -> None:
    recorder.assert_refuses("tags.update", IDS, "nothing to change")


@pytest.fixture
def registered(driver: Driver) -> Driver:
    driver.projects.create(project_id="p", action="classify")
    driver.participants.create(ODD, host="h", port=1, f_port=2)
    driver.registrations.create(**IDS, role="guest")
    return driver


def test_an_update_keeps_what_it_is_not_given(registered: Driver) -> None:
    registered.tags.create(**IDS, train=[["a"]], evaluate=[["b"]])

    registered.tags.update(**IDS, evaluate=[["c"], ["d"]])

    tags = registered.tags.read(**IDS).data
    assert (tags.train, tags.evaluate, tags.predict) == ([["a"]], [["c"], ["d"]], [])


def test_there_is_one_set_of_tags_for_each_registration(registered: Driver) -> None:
    registered.tags.create(**IDS, train=[["a"]])
    registered.tags.create(**IDS, train=[["b"]])

    (registration,) = registered.registrations.read_all(project_id="p")["data"]
    assert [tags["train"] for tags in registration["relations"]["Tag"]] == [[["b"]]]
    assert not hasattr(registered.tags, "read_all")


def test_tags_need_their_registration(registered: Driver) -> None:
    registered.registrations.delete(**IDS)

    with pytest.raises(NotFound, match="has not registered"):
        registered.tags.create(**IDS, train=[["a"]])
    with pytest.raises(NotFound):
        registered.tags.read(**IDS)
