"""Optimizations: the requests that are sent, and what is refused before."""

from typing import Any

import numpy as np
import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import InvalidId

PATH = f"/ttp/train/projects/{ODD_ENCODED}/models/{ODD_ENCODED}/optimizations/"
IDS = {"project_id": ODD, "expt_id": ODD}
COLLAB = {"collab_id": "c"}
IN_COLLAB = f"/ttp/train/collaborations/c/projects/{ODD_ENCODED}/models/{ODD_ENCODED}/optimizations/"
SPACE = {"lr": {"_type": "uniform", "_value": [0.001, 0.1]}}
SEARCH: dict[str, Any] = {"search_space": SPACE, "metric": "accuracy", "optimize_mode": "max"}
DEFAULTS = {
    "tuner": "TPE",
    "trial_concurrency": 1,
    "max_exec_duration": "1h",
    "max_trial_num": 10,
    "is_remote": True,
    "use_annotation": True,
    "auto_align": True,
    "dockerised": True,
    "verbose": True,
    "log_msgs": True,
}
WITHOUT_TUNER = {name: value for name, value in DEFAULTS.items() if name != "tuner"}
OTHERS = {
    "tuner": "Random",
    "backend": "nni",
    "scheduler": "AsyncHyperBandScheduler",
    "searcher": "BasicVariantGenerator",
    "trial_concurrency": 2,
    "max_exec_duration": 90,
    "max_trial_num": 3,
    "max_concurrent": 1,
    "is_remote": False,
    "use_annotation": False,
    "auto_align": False,
    "dockerised": False,
    "verbose": False,
    "log_msgs": False,
}
OTHERS_WITHOUT_TUNER = {name: value for name, value in OTHERS.items() if name != "tuner"}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", SEARCH, Sent("POST", PATH, {**SEARCH, **DEFAULTS})),
        ("create", {**SEARCH, **OTHERS}, Sent("POST", PATH, {**SEARCH, **OTHERS, "max_exec_duration": "90s"})),
        (
            "create",
            {**SEARCH, "search_space": {"lr": {"_type": "choice", "_value": (np.float64(0.5), 1, "a", None)}}},
            Sent(
                "POST",
                PATH,
                {**SEARCH, **DEFAULTS, "search_space": {"lr": {"_type": "choice", "_value": [0.5, 1, "a", None]}}},
            ),
        ),
        ("read", {}, Sent("GET", PATH)),
        ("create", {**SEARCH, **COLLAB}, Sent("POST", IN_COLLAB, {**SEARCH, **WITHOUT_TUNER})),
        (
            "create",
            {**SEARCH, **COLLAB, **OTHERS},
            Sent("POST", IN_COLLAB, {**SEARCH, **OTHERS_WITHOUT_TUNER, "max_exec_duration": "90s"}),
        ),
        (
            "create",
            {**SEARCH, **COLLAB, "max_exec_duration": np.int64(3600)},
            Sent("POST", IN_COLLAB, {**SEARCH, **WITHOUT_TUNER, "max_exec_duration": "3600s"}),
        ),
        ("read", COLLAB, Sent("GET", IN_COLLAB)),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"optimizations.{verb}", {**IDS, **arguments})

    assert recorder.sent == [sent]


@pytest.mark.parametrize("bad", [*BAD_IDS, None])
@pytest.mark.parametrize(("verb", "arguments"), [("create", SEARCH), ("read", {})])
@pytest.mark.parametrize("name", IDS)
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], name: str, bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"optimizations.{verb}", {**IDS, **arguments, name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"search_space": None}, "search_space=None"),
        ({"search_space": ["lr"]}, "search_space=['lr']"),
        ({"search_space": {"lr": [0.1]}}, "search_space['lr']=[0.1]"),
        ({"search_space": {"lr": {"_type": 7}}}, "search_space['lr']['_type']=7"),
        ({"metric": 7}, "metric=7"),
        ({"optimize_mode": "maximum"}, "one of 'max', 'min'"),
        ({"backend": "optuna"}, "'tune', 'nni'"),
        ({"tuner": None}, "tuner=None"),
        ({"trial_concurrency": 0}, "trial_concurrency=0"),
        ({"max_trial_num": 0}, "max_trial_num=0"),
        ({"max_concurrent": 0}, "max_concurrent=0"),
        ({"max_exec_duration": 0}, "max_exec_duration=0"),
        ({"max_exec_duration": 1.5}, "max_exec_duration=1.5"),
        ({"is_remote": 1}, "is_remote=1"),
        ({"max_trials": 3}, "no argument 'max_trials'"),
        ({"run_id": "r"}, "no argument 'run_id'"),
    ],
)
def test_what_cannot_be_right_is_refused(arguments: dict[str, Any], words: str, recorder: Recorder) -> None:
    recorder.assert_refuses("optimizations.create", {**IDS, **SEARCH, **arguments}, words)


@pytest.mark.parametrize("missing", SEARCH)
def test_what_to_search_for_has_to_be_given(missing: str, recorder: Recorder) -> None:
    given = {name: value for name, value in SEARCH.items() if name != missing}

    with pytest.raises(TypeError, match=missing):
        recorder.call("optimizations.create", {**IDS, **given})
    assert recorder.sent == []
