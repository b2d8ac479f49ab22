"""The cycle of the first Synergos for TTPs of the generation v8, as its users' code has it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synergos import Driver

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox

IDS = {
    "collab_id": "test_collaboration",
    "project_id": "test_project",
    "expt_id": "test_experiment",
    "run_id": "test_run",
}
SECONDS = 60


def write_rows(folder: Path, first: int, count: int) -> None:
    """Rows of which the target is a sum of the features."""
    folder.mkdir(parents=True)
    kinds = {"length": "float64", "height": "float64", "sex": "category", "target": "float64"}
    (folder / "metadata.json").write_text(json.dumps({"datatype": "tabular", "operations": {}}), encoding="utf-8")
    (folder / "schema.json").write_text(json.dumps(kinds), encoding="utf-8")
    rows = [
        (number % 17 / 16, number % 11 / 10, "MF"[number % 2], number % 17 + 3 * (number % 11) + number % 2)
        for number in range(first, first + count)
    ]
    lines = ["length,height,sex,target", *(",".join(map(str, row)) for row in rows)]
    (folder / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of two participants for a regression."""
    folder = tmp_path_factory.mktemp("data")
    for number, participant in enumerate(("worker_1", "worker_2")):
        for offset, (tag, count) in enumerate({"train": 60, "evaluate": 20, "predict": 10}.items()):
            write_rows(folder / participant / tag, 1000 * number + 100 * offset, count)
    return folder


@pytest.fixture(params=[False, True], ids=["basic", "cluster"])
def ttp(request: pytest.FixtureRequest, data: Path) -> "Iterator[Sandbox]":
    from synergos.sandbox import Sandbox

    with Sandbox(data=data, cluster=request.param) as sandbox:
        yield sandbox


def wait_for(read: Callable[[], Any], count: int) -> Any:
    """What a notebook for a cluster does: ask again until the records are there."""
    deadline = time.monotonic() + SECONDS
    reply = read()
    while len(reply.get("data", [])) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        reply = read()
    return reply["data"]


def run_cycle(host: str, port: int) -> Driver:
    """The calls of the notebooks; between phases it waits as one does on a cluster."""
    driver = Driver(host=host, port=port, errors="return")

    collaboration_task = driver.collaborations
    collaboration_task.configure_logger(
        host="172.20.0.14",
        port=9000,
        sysmetrics_port=9100,
        director_port=9200,
        ttp_port=9300,
        worker_port=9400,
        ui_port=9000,
        secure=False,
    )
    collaboration_task.configure_mlops(host="172.20.0.15", port=5500, ui_port=5500, secure=False)
    collaboration_task.configure_mq(host="172.20.0.16", port=5672, ui_port=15672, secure=False)
    collaboration_task.create("test_collaboration")

    driver.projects.create(
        collab_id="test_collaboration",
        project_id="test_project",
        action="regress",
        incentives={"tier_1": [], "tier_2": []},
    )
    driver.experiments.create(
        collab_id="test_collaboration",
        project_id="test_project",
        expt_id="test_experiment",
        model=[
            {
                "activation": "",
                "is_input": True,
                "l_type": "Linear",
                "structure": {"bias": True, "in_features": 28, "out_features": 1},
            }
        ],
    )
    driver.runs.create(
        collab_id="test_collaboration",
        project_id="test_project",
        expt_id="test_experiment",
        run_id="test_run",
        rounds=2,
        epochs=1,
        base_lr=0.0005,
        max_lr=0.005,
        criterion="MSELoss",
    )

    for participant_id, host, role in (("worker_1", "172.17.0.2", "host"), ("worker_2", "172.17.0.3", "guest")):
        driver.participants.create(participant_id=participant_id)
        registration_task = driver.registrations
        registration_task.add_node(host=host, port=8020, f_port=5000, log_msgs=True, verbose=True)
        registration_task.create(
            collab_id="test_collaboration",
            project_id="test_project",
            participant_id=participant_id,
            role=role,  # type: ignore[arg-type]
        )
        driver.tags.create(
            collab_id="test_collaboration",
            project_id="test_project",
            participant_id=participant_id,
            train=[["train"]],
            evaluate=[["evaluate"]],
        )

    project = {"collab_id": "test_collaboration", "project_id": "test_project"}
    # The notebooks of the first Synergos call it so.
    old: dict[str, Any] = {"log_msg": False}
    driver.alignments.create(**project, verbose=False, **old)
    wait_for(lambda: driver.alignments.read(**project), 2)

    driver.models.create(
        **project, expt_id="test_experiment", run_id="test_run", dockerised=False, verbose=False, **old
    )
    wait_for(lambda: driver.models.read(**IDS), 1)

    driver.validations.create(
        **project, expt_id="test_experiment", run_id="test_run", dockerised=False, verbose=False, **old
    )
    wait_for(lambda: driver.validations.read(**IDS), 2)

    driver.predictions.create(
        tags={"test_project": [["predict"]]},
        participant_id="worker_1",
        collab_id="test_collaboration",
        project_id="test_project",
        expt_id="test_experiment",
        run_id="test_run",
        dockerised=False,
        verbose=False,
        log_msgs=False,
    )
    wait_for(lambda: driver.predictions.read(participant_id="worker_1", **IDS), 1)
    return driver


def test_the_cycle_runs_as_it_stands(ttp: "Sandbox") -> None:
    with pytest.warns(DeprecationWarning) as warned:
        driver = run_cycle(ttp.host, ttp.port)

    # The sandbox works in the same process, and what it uses may warn too.
    of_old_names = [one for one in warned if "log_msg" in str(one.message)]
    assert [str(one.message) for one in of_old_names] == [
        f"[{task}.create] 'log_msg' is called 'log_msgs' now." for task in ("alignments", "models", "validations")
    ]
    assert {one.filename for one in of_old_names} == {__file__}
    collaboration = driver.collaborations.read("test_collaboration").data
    assert collaboration.logs.ports["worker"] == 9400
    assert (collaboration.mlops.host, collaboration.mq.ports["ui"]) == ("172.20.0.15", 15672)
    registrations = driver.registrations.read_all(collab_id="test_collaboration", project_id="test_project")["data"]
    assert [(one["role"], one["node_0"]["host"]) for one in registrations] == [
        ("host", "172.17.0.2"),
        ("guest", "172.17.0.3"),
    ]
    (model,) = driver.models.read(**IDS).data
    assert {model["local_1"].origin, model["local_2"].origin} == {"worker_1", "worker_2"}
    for validation in driver.validations.read(**IDS)["data"]:
        assert set(validation["evaluate"]["statistics"]) == {"R2", "MSE", "MAE", "rows"}
    (prediction,) = driver.predictions.read("worker_1", **IDS)["data"]
    lines = Path(prediction["predict"]["res_path"]).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 10
