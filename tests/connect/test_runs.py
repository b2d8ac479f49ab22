"""Runs: the requests that are sent, what is refused before, and what an update keeps."""

from typing import Any

import pytest
from recorder import BAD_IDS, ODD, ODD_ENCODED, Recorder, Sent

from synergos import Driver, InvalidId, NotFound, Rejected

PATH = f"/ttp/connect/projects/p/experiments/{ODD_ENCODED}/runs/"
PARENTS = {"project_id": "p", "expt_id": ODD}
IDS = {"project_id": "p", "expt_id": "e", "run_id": "r"}
DEFAULTS = {
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
OPTIONAL = {
    "batch_size": 32,
    "input_size": 4,
    "output_size": 1,
    "use_CLR": False,
    "reduction": "mean",
    "dampening": 0.5,
    "base_lr": 0.1,
    "max_lr": 0.5,
    "step_size_up": 2,
    "step_size_down": 3,
    "mode": "triangular2",
    "gamma": 0.5,
    "scale_mode": "iterations",
    "cycle_momentum": False,
    "base_momentum": 0.5,
    "max_momentum": 0.5,
    "last_epoch": -1,
    "cumulative_delta": False,
}


@pytest.mark.parametrize(
    ("verb", "arguments", "sent"),
    [
        ("create", {"run_id": "r"}, Sent("POST", PATH, {"run_id": "r", **DEFAULTS})),
        ("create", {"run_id": ODD, **OPTIONAL}, Sent("POST", PATH, {"run_id": ODD, **DEFAULTS, **OPTIONAL})),
        (
            "create",
            {"run_id": "r", "rounds": 1, "lr": 0, "lr_scheduler": "StepLR", "step_size": 5, "self": 1},
            Sent(
                "POST",
                PATH,
                {
                    "run_id": "r",
                    **DEFAULTS,
                    "rounds": 1,
                    "lr": 0,
                    "lr_scheduler": "StepLR",
                    "step_size": 5,
                    "self": 1,
                },
            ),
        ),
        ("read_all", {}, Sent("GET", PATH)),
        ("read", {"run_id": ODD}, Sent("GET", f"{PATH}{ODD_ENCODED}")),
        ("update", {"run_id": ODD, "rounds": 5}, Sent("PUT", f"{PATH}{ODD_ENCODED}", {"rounds": 5})),
        ("update", {"run_id": "r", "is_snn": False, "lr": 0.0}, Sent("PUT", f"{PATH}r", {"is_snn": False, "lr": 0.0})),
        ("update", {"run_id": "r", **DEFAULTS, **OPTIONAL}, Sent("PUT", f"{PATH}r", {**DEFAULTS, **OPTIONAL})),
        ("update", {"run_id": "r", "momentum": 0.9}, Sent("PUT", f"{PATH}r", {"momentum": 0.9})),
        ("delete", {"run_id": ODD, "force": True}, Sent("DELETE", f"{PATH}{ODD_ENCODED}")),
    ],
)
def test_a_verb_sends_one_request(verb: str, arguments: dict[str, Any], sent: Sent, recorder: Recorder) -> None:
    recorder.call(f"runs.{verb}", {**PARENTS, **arguments})

    assert recorder.sent == [sent]


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("create", IDS), ("read", IDS), ("update", {**IDS, "rounds": 5}), ("delete", IDS)],
)
@pytest.mark.parametrize("name", ["project_id", "expt_id", "run_id"])
def test_an_id_that_cannot_be_addressed_is_refused(
    verb: str, arguments: dict[str, Any], name: str, bad: object, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"runs.{verb}", {**arguments, name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("name", ["project_id", "expt_id"])
def test_a_parents_id_that_cannot_be_addressed_is_refused(name: str, bad: object, recorder: Recorder) -> None:
    recorder.assert_refuses("runs.read_all", {"project_id": "p", "expt_id": "e", name: bad}, name, kind=InvalidId)


@pytest.mark.parametrize("verb", ["create", "read", "update", "delete"])
@pytest.mark.parametrize("name", ["project_id", "expt_id", "run_id"])
def test_an_id_that_is_missing_is_never_a_wider_request(verb: str, name: str, recorder: Recorder) -> None:
    changes = {"rounds": 5} if verb == "update" else {}
    others = {key: value for key, value in IDS.items() if key != name}
    told = f"given without {name}: give that too"
    recorder.assert_refuses(f"runs.{verb}", {**others, **changes}, told, kind=InvalidId)
    recorder.assert_refuses(f"runs.{verb}", {**IDS, **changes, name: None}, told, kind=InvalidId)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rounds": 0}, "rounds=0"),
        ({"rounds": 2.0}, "rounds=2.0"),
        ({"rounds": True}, "rounds=True"),
        ({"epochs": -1}, "epochs=-1"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"lr": "0.1"}, "lr='0.1'"),
        ({"mu": True}, "mu=True"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"optimizer": 7}, "optimizer=7"),
        ({"criterion": ["BCELoss"]}, "criterion=['BCELoss']"),
        ({"is_condensed": 1}, "is_condensed=1"),
        ({"use_CLR": "yes"}, "use_CLR='yes'"),
        ({"reduction": "median"}, "one of 'mean', 'none', 'sum'"),
        ({"mode": "square"}, "'triangular2'"),
        ({"scale_mode": "cycles"}, "'cycle', 'iterations'"),
        ({"momentum": None}, "momentum=None"),
        ({"betas": [0.9, None]}, "betas"),
        ({"epoch": 1}, "did you mean 'epochs'?"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_field_that_cannot_be_right_is_refused(
    verb: str, fields: dict[str, Any], words: str, recorder: Recorder
) -> None:
    recorder.assert_refuses(f"runs.{verb}", {**IDS, **fields}, words)


@pytest.mark.parametrize("fields", [{}, {"rounds": None, "lr": None}])
def test_an_update_of_nothing_is_refused(fields: dict[str, Any], recorder: Recorder) -> None:
    recorder.assert_refuses("runs.update", {**IDS, **fields}, "nothing to change")


@pytest.fixture
def experiment(driver: Driver) -> Driver:
    driver.projects.create(project_id="p", action="classify")
    driver.experiments.create(project_id="p", expt_id="e", model=[])
    return driver


def test_an_update_keeps_what_it_is_not_given(experiment: Driver) -> None:
    experiment.runs.create(**IDS, rounds=3, lr=0.5, lr_scheduler="", mode="triangular")

    updated = experiment.runs.update(**IDS, rounds=4).data

    assert (updated.rounds, updated.lr, updated.mode) == (4, 0.5, "triangular")
    assert experiment.runs.read(**IDS).data.rounds == 4


def test_creating_again_keeps_what_is_none(experiment: Driver) -> None:
    experiment.runs.create(**IDS, lr_scheduler="", batch_size=8)

    again = experiment.runs.create(**IDS, lr_scheduler="", rounds=3).data

    assert (again.rounds, again.batch_size) == (3, 8)
    assert len(experiment.runs.read_all(project_id="p", expt_id="e").data) == 1


def test_names_of_torch_are_kept_and_not_told(experiment: Driver) -> None:
    created = experiment.runs.create(**IDS, lr_scheduler="", optimizer="Adam")

    assert not {"optimizer", "criterion", "algorithm", "lr_scheduler", "is_snn"} & created["data"].keys()


def test_a_name_that_there_is_not_is_refused_by_the_sandbox(experiment: Driver) -> None:
    with pytest.raises(Rejected, match="Adamm"):
        experiment.runs.create(**IDS, lr_scheduler="", optimizer="Adamm")


def test_a_run_needs_its_experiment(experiment: Driver) -> None:
    with pytest.raises(NotFound, match="'f' does not exist"):
        experiment.runs.create(project_id="p", expt_id="f", run_id="r", lr_scheduler="")


def test_deleting_a_run_deletes_its_results(trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}

    trained_driver.runs.delete(**ids)

    for read in (trained_driver.runs.read, trained_driver.models.read, trained_driver.validations.read):
        with pytest.raises(NotFound):
            read(**ids)
    with pytest.raises(NotFound):
        trained_driver.predictions.read("biscoe")
    assert len(trained_driver.alignments.read(project_id="penguins").data) == 2
