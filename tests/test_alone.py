"""`driver.compare_alone`: what each participant reaches by itself, on the same rows, and nothing is left of it."""

from pathlib import Path

import pytest

from synergos import Driver, InvalidArgument, InvalidId, NotFound, SynergosError
from synergos.sandbox import Sandbox

IDS = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}
NAMES = {"algorithm": "FedProx", "criterion": "NLLLoss", "lr_scheduler": "StepLR", "step_size": 50, "optimizer": "Adam"}


def files(ttp: Sandbox) -> set[str]:
    return {str(path.relative_to(ttp.outputs)) for path in ttp.outputs.rglob("*") if path.is_file()}


def left(driver: Driver, ttp: Sandbox) -> object:
    """All that is to be as it was."""
    grid = driver.projects.read_all()["data"], driver.participants.read_all()["data"]
    return grid, driver.alignments.read(project_id="penguins")["data"], files(ttp)


def test_each_alone_is_the_run_trained_with_its_rows_only(trained_driver: Driver, trained_ttp: Sandbox) -> None:
    before = left(trained_driver, trained_ttp)

    found = trained_driver.compare_alone(**IDS, hyperparameters=NAMES)

    assert left(trained_driver, trained_ttp) == before
    assert found.together == trained_driver.results(**IDS).best()
    assert list(found.alone) == ["biscoe", "dream"]
    for run in found.alone.values():
        assert [one.participant_id for one in run.evaluations] == ["biscoe", "dream"]
        assert run.rows == found.together.rows
        assert run.hyperparameters == found.together.hyperparameters | NAMES
    # Who was never shown a species finds none of it, whatever the rows to evaluate hold.
    assert found.alone["dream"].metric("accuracy") != found.alone["biscoe"].metric("accuracy")
    assert [row["trained_by"] for row in found.table()] == ["biscoe alone", "dream alone", "biscoe and dream"]
    assert str(found).splitlines()[0] == "adam: evaluated on the same 172 rows of biscoe and dream"
    assert "biscoe alone" in found._repr_html_()


def test_it_is_what_a_project_of_one_gives_where_nobody_else_brings_anything(tmp_path: Path) -> None:
    with Sandbox() as ttp, Driver(ttp.host, ttp.port, collab_id="c") as driver:
        connect(driver, {"biscoe": ("non_iid_1", "iid_1")})
        driver.train(project_id="p")
        found = driver.compare_alone(project_id="p", expt_id="e", run_id="r", metric="f_score")
        assert [one.key.project_id for one in driver.projects.read_all().data] == ["p"]
    assert [row["f_score"] for row in found.table()] == [found.together.metric("f_score")] * 2
    assert found.metric == "f_score"


def test_classes_that_one_has_never_seen_count_for_it_too_and_who_only_trains_is_compared() -> None:
    with Sandbox(cluster=True) as ttp, Driver(ttp.host, ttp.port, collab_id="c") as driver:
        connect(driver, {"biscoe": ("non_iid_1", "iid_1"), "dream": ("non_iid_2", None)})
        driver.train(project_id="p", poll=0.01)
        found = driver.compare_alone(project_id="p", expt_id="e", run_id="r")
    assert list(found.alone) == ["biscoe", "dream"]
    for run in (found.together, *found.alone.values()):
        assert [one.participant_id for one in run.evaluations] == ["biscoe"]
    assert "dream: without rows to evaluate; alone, the rows to train say when to stop early." in str(found)


def connect(driver: Driver, data: dict[str, tuple[str, str | None]]) -> None:
    layer = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}}
    driver.collaborations.configure_mq(host="127.0.0.1", port=5672)
    driver.collaborations.create()
    driver.projects.create(project_id="p", action="classify", incentives={})
    driver.experiments.create(project_id="p", expt_id="e", model=[{**layer, "activation": None}])
    driver.runs.create(
        project_id="p",
        expt_id="e",
        run_id="r",
        rounds=1,
        epochs=1,
        criterion="NLLLoss",
        lr_scheduler="StepLR",
        step_size=9,
    )
    for name, (train, evaluate) in data.items():
        driver.participants.create(name)
        driver.registrations.add_node(host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id="p", participant_id=name, role="guest")
        rows = [[evaluate]] if evaluate else []
        driver.tags.create(project_id="p", participant_id=name, train=[[train]], evaluate=rows)


def test_what_cannot_be_compared_is_refused_before_anything_is_made(
    trained_driver: Driver, trained_ttp: Sandbox
) -> None:
    before = left(trained_driver, trained_ttp)
    with pytest.raises(InvalidArgument, match="it is not known what algorithm and criterion and lr_scheduler and opti"):
        trained_driver.compare_alone(**IDS)
    with pytest.raises(InvalidArgument, match="no run has it"):
        trained_driver.compare_alone(**IDS, hyperparameters=NAMES, metric="R3")
    with pytest.raises(InvalidId, match="run_id is missing"):
        trained_driver.compare_alone(project_id="penguins", expt_id="one_layer")
    with pytest.raises(NotFound, match="Did you mean 'adam'"):
        trained_driver.compare_alone(**{**IDS, "run_id": "adm"})
    trained_driver.runs.create(**{**IDS, "run_id": "later"})
    with pytest.raises(SynergosError, match="nothing of run 'later' was validated"):
        trained_driver.compare_alone(**{**IDS, "run_id": "later"})
    trained_driver.runs.delete(**{**IDS, "run_id": "later"})
    assert left(trained_driver, trained_ttp) == before


def test_nothing_is_left_after_a_step_that_fails(trained_driver: Driver, trained_ttp: Sandbox) -> None:
    before = left(trained_driver, trained_ttp)
    with pytest.raises(SynergosError):
        trained_driver.compare_alone(**IDS, hyperparameters={**NAMES, "criterion": "NoSuchLoss"})
    with pytest.raises(SynergosError):
        trained_driver.compare_alone(**IDS, hyperparameters=NAMES, timeout=0.0)
    assert left(trained_driver, trained_ttp) == before


def test_a_real_ttp_is_asked_for_nothing_but_the_results(trained_driver: Driver) -> None:
    with Sandbox(fragile=True) as ttp, Driver(ttp.host, ttp.port, collab_id="c") as driver:
        connect(driver, {"biscoe": ("non_iid_1", "iid_1")})
        driver.train(project_id="p")
        with pytest.raises(SynergosError, match="Only a sandbox can be asked for it"):
            driver.compare_alone(project_id="p", expt_id="e", run_id="r")
        assert [one.key.project_id for one in driver.projects.read_all().data] == ["p"]
