"""Optimizations: the requests that are sent, and what is refused before."""

from typing import Any

import numpy as np
import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, space

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
# What is neither searched nor fixed: what `runs.create` sends when it is given nothing else.
OF_RUNS = {
    "algorithm": "FedProx",
    "rounds": 10,
    "epochs": 100,
    "lr": 0.001,
    "weight_decay": 0.0,
    "lr_decay": 0.1,
    "mu": 0.1,
    "l1_lambda": 0.0,
    "l2_lambda": 0.0,
    "optimizer": "SGD",
    "criterion": "BCELoss",
    "lr_scheduler": "CyclicLR",
    "delta": 0.0,
    "patience": 10,
    "seed": 42,
    "is_condensed": True,
    "is_snn": False,
    "precision_fractional": 5,
}


def whole(searched: dict[str, Any], **fixed: object) -> dict[str, Any]:
    """The search space that is sent: what is not searched is a choice of one."""
    rest = {name: value for name, value in {**OF_RUNS, **fixed}.items() if name not in searched}
    return {**searched, **{name: {"_type": "choice", "_value": [value]} for name, value in rest.items()}}


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


# A distribution that only some searchers have: the TTP knows best.
OF_NNI = {"_type": "normal", "_value": [0.1, 0.01]}
SENT = {**SEARCH, "search_space": whole(SPACE)}


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (SEARCH, Sent("POST", PATH, {**SENT, **DEFAULTS})),
        ({**SEARCH, **OTHERS}, Sent("POST", PATH, {**SENT, **OTHERS, "max_exec_duration": "90s"})),
        ({**SEARCH, **COLLAB}, Sent("POST", IN_COLLAB, {**SENT, **WITHOUT_TUNER})),
        (
            {**SEARCH, **COLLAB, **OTHERS},
            Sent("POST", IN_COLLAB, {**SENT, **OTHERS_WITHOUT_TUNER, "max_exec_duration": "90s"}),
        ),
        (
            {**SEARCH, **COLLAB, "max_exec_duration": np.int64(3600)},
            Sent("POST", IN_COLLAB, {**SENT, **WITHOUT_TUNER, "max_exec_duration": "3600s"}),
        ),
    ],
)
def test_create_sends_one_request_and_looks_first_where_there_may_be_a_cluster(
    arguments: dict[str, Any], sent: Sent, recorder: Recorder
) -> None:
    recorder.call("optimizations.create", {**IDS, **arguments})

    assert recorder.written == recorder.sent[-1:] == [sent]
    assert (Sent("GET", sent.path) in recorder.sent) == ("collab_id" in arguments)


@pytest.mark.parametrize(
    ("searched", "fixed", "sent"),
    [
        ({"lr": [0.01, 0.1]}, {}, whole({"lr": space.choice([0.01, 0.1])})),
        ({"lr": np.array([0.01, 0.1])}, {}, whole({"lr": space.choice([0.01, 0.1])})),
        ({"rounds": range(1, 4)}, {}, whole({"rounds": space.choice([1, 2, 3])})),
        ({"optimizer": ("Adam", "SGD")}, {}, whole({"optimizer": space.choice(["Adam", "SGD"])})),
        ({"lr": space.uniform(0.1, 0.5, q=0.1)}, {}, whole({"lr": {"_type": "quniform", "_value": [0.1, 0.5, 0.1]}})),
        ({"batch_size": [None, 16]}, {}, whole({"batch_size": space.choice([None, 16])})),
        ({"betas": [[0.9, 0.99], [0.8, 0.9]]}, {}, whole({"betas": space.choice([[0.9, 0.99], [0.8, 0.9]])})),
        ({"lr": [0.1]}, {"epochs": np.int64(2)}, whole({"lr": space.choice([0.1])}, epochs=2)),
        ({"lr": [0.1]}, {"momentum": 0.9, "batch_size": None}, whole({"lr": space.choice([0.1])}, momentum=0.9)),
        ({}, {"mode": "triangular2"}, whole({}, mode="triangular2")),
        (
            {"lr": {"_type": "normal", "_value": [0.1, 0.01]}},
            {},
            whole({"lr": {"_type": "normal", "_value": [0.1, 0.01]}}),
        ),
    ],
)
def test_what_is_not_searched_is_sent_as_a_choice_of_one(
    searched: dict[str, Any], fixed: dict[str, Any], sent: dict[str, Any], recorder: Recorder
) -> None:
    recorder.call("optimizations.create", {**IDS, **SEARCH, "search_space": searched, "fixed": fixed})

    assert recorder.sent[-1].body["search_space"] == sent


def test_the_defaults_are_those_that_runs_are_created_with(recorder: Recorder) -> None:
    recorder.call("runs.create", {**IDS, "run_id": "r"})
    recorder.call("optimizations.create", {**IDS, **SEARCH, "search_space": {}})

    run, search = (one.body for one in recorder.sent if one.method == "POST")
    in_run = {name: space.choice([value]) for name, value in run.items() if name != "run_id"}
    assert search["search_space"] == whole({}) == in_run


def test_read_sends_one_request(recorder: Recorder) -> None:
    recorder.call("optimizations.read", IDS)
    recorder.call("optimizations.read", {**IDS, **COLLAB, "metric": "R2", "optimize_mode": "max"})

    assert recorder.sent == [Sent("GET", PATH), Sent("GET", IN_COLLAB)]


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
        ({"search_space": {"lr": 0.1}}, "fixed={'lr': ...}"),
        ({"search_space": {"lr": 0.1}}, "synergos.space.loguniform(0.001, 0.1)"),
        ({"search_space": {"optimizer": "Adam"}}, "fixed={'optimizer': ...}"),
        ({"search_space": {"lr": (0.001, 0.1)}}, "may be choices or a range"),
        ({"search_space": {"lr": {0.001, 0.1}}}, "give choices as a list"),
        ({"search_space": {"lr": []}}, "nothing to choose from"),
        ({"search_space": {"lr": {"_type": 7}}}, "search_space['lr']={'_type': 7} is not allowed: give choices"),
        ({"search_space": {"lr": {"type": "choice", "value": [1]}}}, "{'_type': 'loguniform'"),
        ({"search_space": {"lr": {"_type": "loguniforn", "_value": [1, 2]}}}, "did you mean 'loguniform'?"),
        ({"search_space": {"lr": {"_type": "uniform", "_value": [2, 1]}}}, "a lower bound below the upper one"),
        ({"search_space": {"lr": {"_type": "loguniform", "_value": [0, 1]}}}, "bounds above 0"),
        ({"search_space": {"lr": [0.1, "0.2"]}}, "search_space['lr'][1]='0.2' is not allowed: it must be a number"),
        ({"search_space": {"lr": [0.1, None]}}, "search_space['lr'][1]=None"),
        ({"search_space": {"epochs": [1, 0]}}, "search_space['epochs'][1]=0"),
        ({"search_space": {"epochs": [1.5]}}, "search_space['epochs'][0]=1.5"),
        ({"search_space": {"epochs": space.uniform(1, 5)}}, "draws numbers with fractions"),
        ({"search_space": {"epochs": space.randint(0, 5)}}, "may draw 0"),
        ({"search_space": {"optimizer": space.randint(0, 5)}}, "it must be a text"),
        ({"search_space": {"reduction": ["median"]}}, "'mean', 'none', 'sum'"),
        ({"search_space": {"epoch": [1]}}, "no hyperparameter 'epoch': did you mean 'epochs'?"),
        ({"search_space": {"LR": [1]}}, "did you mean 'lr'?"),
        ({"search_space": {"run_id": ["a"]}}, "'run_id', which is no hyperparameter"),
        ({"fixed": {"epoch": 1}}, "fixed: There is no hyperparameter 'epoch': did you mean 'epochs'?"),
        ({"fixed": {"epochs": 0}}, "fixed['epochs']=0 is not allowed"),
        ({"fixed": {"epochs": [1, 2]}}, "fixed['epochs']=[1, 2] is not allowed"),
        ({"fixed": {"lr": 0.1}}, "'lr' is in search_space and in fixed"),
        ({"fixed": ["lr"]}, "fixed=['lr']"),
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


@pytest.mark.parametrize("given", [{"metric": "accuracy"}, {"optimize_mode": "max"}])
def test_what_trials_are_compared_by_is_given_whole(given: dict[str, str], recorder: Recorder) -> None:
    recorder.assert_refuses("optimizations.read", {**IDS, **given}, "give both or none")


def test_code_for_the_first_synergos_has_misspelt_names_left_out(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    first = Driver("ttp.example", 5000, transport=recorder.transport, errors="return")
    first.optimizations.create(**IDS, **{**SEARCH, "search_space": {"epoch": [7], "lr": [0.1]}})

    assert recorder.sent[-1].body["search_space"] == whole({"lr": space.choice([0.1])})
    assert "did you mean 'epochs'? It is ignored." in caplog.text


@pytest.mark.parametrize("missing", SEARCH)
def test_what_to_search_for_has_to_be_given(missing: str, recorder: Recorder) -> None:
    given = {name: value for name, value in SEARCH.items() if name != missing}

    with pytest.raises(TypeError, match=missing):
        recorder.call("optimizations.create", {**IDS, **given})
    assert recorder.sent == []
