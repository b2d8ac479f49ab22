"""The cycle as the first Synergos described it to its users, taken from its README as it stands."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synergos import Driver

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox

README = Path(__file__).resolve().parents[2] / "shared" / "seed-readme.md"
IDS = {"project_id": "test_project", "expt_id": "test_experiment", "run_id": "test_run"}


@pytest.mark.skipif(not README.is_file(), reason="the first Synergos's README is not here")
def test_the_cycle_of_the_first_readme_runs_as_it_stands(ttp: "Sandbox", driver: Driver) -> None:
    (cycle,) = re.findall(r"^```\n(from synergos import Driver\n.*?)^```$", README.read_text("utf-8"), re.M | re.S)
    cycle = cycle.replace('host = "0.0.0.0"', f"host = {ttp.host!r}").replace("port = 5000", f"port = {ttp.port}")

    names: dict[str, object] = {}
    exec(compile(cycle, README.name, "exec"), names)

    assert isinstance(names["driver"], Driver)
    (model,) = driver.models.read(**IDS).data
    assert {model["local_1"].origin, model["local_2"].origin} == {"test_participant_1", "test_participant_2"}
    (validation,) = driver.validations.read(**IDS).data
    assert validation.key.participant_id == "test_participant_1"
    (prediction,) = driver.predictions.read("test_participant_1", **IDS).data
    for inference in (validation.evaluate, prediction.predict):
        statistics = inference.statistics.to_dict()
        assert statistics.pop("rows") > 0
        for name, values in statistics.items():
            assert len(values) == 3, name
