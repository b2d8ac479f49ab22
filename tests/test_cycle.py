"""`driver.train`: phases 2 and 3 in one call, and how its result is shown."""

from typing import Any

import pytest

from synergos import Cycle, Driver, InvalidArgument, NotFound, NotReady, Reply

IDS = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}


def test_it_aligns_trains_and_validates(trained_driver: Driver) -> None:
    before = trained_driver.validations.read(project_id="penguins")
    trained_driver.runs.update(**IDS, rounds=3)

    cycle = trained_driver.train(project_id="penguins")

    assert [one.key.participant_id for one in cycle.alignments.data] == ["biscoe", "dream"]
    assert [one.key.run_id for one in cycle.models.data] == ["adam"]
    assert len(cycle.validations.data) == 2
    assert cycle.validations == trained_driver.validations.read(project_id="penguins") | {"method": "validations.post"}
    assert cycle.validations["data"] != before["data"]


def test_the_scope_says_what_to_train(trained_driver: Driver) -> None:
    scoped = trained_driver.scope(**IDS, participant_id="dream")
    cycle = scoped.train(align=False)
    assert [one.key.participant_id for one in cycle.validations.data] == ["biscoe", "dream"]


def test_a_cluster_is_waited_for_and_may_be_asked_twice(trained_driver: Driver) -> None:
    from synergos.sandbox import Sandbox

    with Sandbox(cluster=True) as ttp, Driver(ttp.host, ttp.port, collab_id="c") as driver:
        connect(driver)
        first = driver.train(project_id="p", poll=0.01)
        second = driver.train(project_id="p", poll=0.01)
    assert first.models["method"] == "models.get"
    assert str(first) == str(second)


@pytest.mark.parametrize("fragile", [True, False])
def test_a_log_softmax_outlives_the_alignment_of_a_real_ttp(fragile: bool) -> None:
    from synergos.sandbox import Sandbox

    with Sandbox(fragile=fragile) as ttp, Driver(ttp.host, ttp.port, collab_id="c") as driver:
        connect(driver, "log_softmax")
        driver.train(project_id="p", dockerised=False)

        (experiment,) = driver.experiments.read_all(project_id="p")["data"]
        assert ttp.overlaps == 0
    assert experiment["model"][-1]["activation"] == ("log_softmax" if fragile else "softmax")
    assert experiment["model"][-1]["structure"]["out_features"] == 3


def connect(driver: Driver, activation: str | None = None) -> None:
    layer = {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 4, "out_features": 1},
        "activation": activation,
    }
    driver.collaborations.configure_mq(host="127.0.0.1", port=5672)
    driver.collaborations.create()
    driver.projects.create(project_id="p", action="classify", incentives={})
    driver.experiments.create(project_id="p", expt_id="e", model=[layer])
    driver.runs.create(
        project_id="p", expt_id="e", run_id="r", rounds=2, criterion="NLLLoss", lr_scheduler="StepLR", step_size=9
    )
    for name, train in {"biscoe": [["non_iid_1"]], "dream": [["non_iid_2"]]}.items():
        driver.participants.create(name)
        driver.registrations.add_node(host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id="p", participant_id=name, role="guest")
        driver.tags.create(project_id="p", participant_id=name, train=train, evaluate=[["iid_1"]])


def test_what_is_not_there_ends_it(trained_driver: Driver) -> None:
    with pytest.raises(NotReady, match=r"^\[train\] .*There is no project 'penguin'"):
        trained_driver.train(project_id="penguin")


def test_what_cannot_work_is_not_started(trained_driver: Driver) -> None:
    for name in ("biscoe", "dream"):
        trained_driver.tags.delete(project_id="penguins", participant_id=name)
    before = trained_driver.models.read(project_id="penguins")

    with pytest.raises(NotReady, match=r"^\[train\] ") as caught:
        trained_driver.train(project_id="penguins")

    assert not caught.value.report.ok
    assert trained_driver.models.read(project_id="penguins") == before


@pytest.mark.parametrize("more", [{"resume": True}, {"track": print}], ids=str)
def test_what_a_real_ttp_cannot_is_refused_before_anything_is_started(more: dict[str, Any]) -> None:
    from synergos.sandbox import Sandbox

    with Sandbox(fragile=True) as ttp, Driver(ttp.host, ttp.port, collab_id="c") as driver:
        connect(driver)
        with pytest.raises(InvalidArgument, match=r"^\[train\] .*only the sandbox"):
            driver.train(project_id="p", **more)
        with pytest.raises(NotFound):
            driver.alignments.read(project_id="p")


def cycle_of(*statistics: Any) -> Cycle:
    def key(number: int) -> dict[str, str]:
        return {"project_id": "p", "expt_id": "e", "run_id": "r", "participant_id": f"<w{number}>"}

    records = [
        {"doc_id": "1", "kind": "Validation", "key": key(number), "evaluate": {"statistics": one, "res_path": None}}
        for number, one in enumerate(statistics)
    ]
    return Cycle(Reply({"data": []}, list), Reply({"data": []}, list), Reply({"data": records}, list))


def test_a_classification_is_a_row_for_each_class() -> None:
    cycle = cycle_of({"accuracy": [0.5, 1.0], "f_score": [0.25], "TPs": [3, 4]}, {"accuracy": [float("nan")]})
    assert str(cycle).splitlines() == [
        "expt_id  run_id  participant_id  class_number  accuracy  f_score",
        "e        r       <w0>                       0     0.500    0.250",
        "e        r       <w0>                       1     1.000",
        "e        r       <w1>                       0       nan",
    ]


def test_a_regression_is_a_row_for_each_participant() -> None:
    assert str(cycle_of({"R2": 0.5, "MSE": 12, "MAE": 2.0}, {"R2": 1.0, "MSE": 0.5, "MAE": 2.0})).splitlines() == [
        "expt_id  run_id  participant_id     R2    MSE    MAE",
        "e        r       <w0>            0.500     12  2.000",
        "e        r       <w1>            1.000  0.500  2.000",
    ]


def test_a_notebook_shows_it_as_a_table_with_everything_escaped() -> None:
    shown = cycle_of({"R2": 0.5})._repr_html_()
    assert shown.startswith("<div><table>\n<tr><th>expt_id</th>")
    assert "<td>&lt;w0&gt;</td><td>0.500</td></tr>" in shown
    assert "<w0>" not in shown


@pytest.mark.parametrize("statistics", [(), ({},), (None,), ("odd",)], ids=repr)
def test_showing_it_never_fails(statistics: tuple[Any, ...]) -> None:
    cycle = cycle_of(*statistics)
    assert str(cycle) == "Nothing was validated."
    assert cycle._repr_html_() == "<div><p>Nothing was validated.</p></div>"


@pytest.mark.parametrize(
    "data", [None, [None], ["text"], [{}], [{"key": None, "evaluate": {"statistics": {"R2": []}}}]]
)
def test_showing_what_is_outside_the_contract_never_fails(data: Any) -> None:
    empty: Reply[Any] = Reply({"data": []}, list)
    cycle = Cycle(empty, empty, Reply({"data": data}, list))
    assert str(cycle)
    assert cycle._repr_html_()
