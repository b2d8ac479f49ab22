"""Whatever is trained, participants on machines of their own make of it what participants in one process do."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import tables
import torch
from PIL import Image
from wire import Apart, Wire, weights_of

from synergos import Driver
from synergos.sandbox import Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "grid-of-machines.md"
RUN = {"project_id": "p", "expt_id": "e", "run_id": "r"}
NAMES = ("biscoe", "dream", "torgersen")
TAGS: dict[str, Any] = {
    "biscoe": {"train": [["one"]], "evaluate": [["held"]]},
    "dream": {"train": [["two"]], "evaluate": [["held"], ["two"]]},
    "torgersen": {"train": [["three"]]},
}
SETTINGS: dict[str, Any] = {"rounds": 2, "epochs": 1, "batch_size": 16, "lr": 0.01, "optimizer": "Adam", "seed": 7}
SETTINGS |= {"lr_scheduler": ""}
FOLDERS = ("one", "two", "three", "held")


def layer(l_type: str, activation: str | None = None, **structure: object) -> dict[str, Any]:
    return {"is_input": False, "l_type": l_type, "structure": structure, "activation": activation}


def write_classes(data: Path) -> None:
    """Two classes, with gaps, a category that not all have, and a column that one lacks."""
    numbers = np.random.default_rng(1)
    for index, folder in enumerate(FOLDERS):
        kinds = ("a", "b", "c") if index != 1 else ("a", "b")
        schema: dict[str, object] = {"x": "float64", "y": "float64", "kind": "category", "target": "category"}
        lines = [",".join(schema)]
        for _ in range(40):
            x, y = numbers.normal(size=2)
            shown = "" if numbers.random() < 0.1 else f"{y:.3f}"
            lines.append(f"{x:.3f},{shown},{numbers.choice(kinds)},{'yes' if x + y > 0 else 'no'}")
        if folder == "three":
            lines = [line.partition(",")[2] for line in lines]
            del schema["x"]
        tables.write(data / folder, "\n".join(lines) + "\n", schema)


def write_numbers(data: Path) -> None:
    """A number to predict, of another scale at each participant, with some that cannot be read."""
    numbers = np.random.default_rng(2)
    for index, folder in enumerate(FOLDERS, start=1):
        lines = ["x,y,target"]
        for row in range(40):
            x, y = numbers.normal(size=2)
            shown = "not measured" if row == 3 else f"{y:.4f}"
            lines.append(f"{x:.4f},{shown},{1000 * index + 300 * x - 50 * y:.2f}")
        tables.write(data / folder, "\n".join(lines) + "\n", {"x": "float64", "y": "float64", "target": "float64"})


def write_images(data: Path) -> None:
    """Bars of three kinds, of which no participant has all, in colour and of two sizes."""
    numbers = np.random.default_rng(3)
    kinds = {"one": ("across", "down"), "two": ("across", "slanted"), "three": ("down", "slanted")}
    for folder in FOLDERS:
        own = data / folder
        own.mkdir(parents=True)
        (own / "metadata.json").write_text('{"datatype": "image", "operations": {}}')
        rows = ["image,target"]
        for number in range(18):
            kind = str(numbers.choice(kinds.get(folder, ("across", "down", "slanted"))))
            picture = numbers.normal(60, 25, (8, 8, 3))
            place = int(numbers.integers(1, 6))
            if kind == "slanted":
                picture += 120 * np.eye(8, k=place - 4)[..., None]
            else:
                picture[(slice(None),) * (kind == "down") + (slice(place, place + 2),)] += 120
            size = (8, 8) if folder != "three" else (10, 9)
            Image.fromarray(picture.clip(0, 255).astype(np.uint8)).resize(size).save(own / f"{number}.png")
            rows.append(f"{number}.png,{kind}")
        (own / "mapping.csv").write_text("\n".join(rows) + "\n")


@dataclass(frozen=True)
class Case:
    """What is trained, and how."""

    write: Callable[[Path], None]
    action: str
    layers: list[dict[str, Any]]
    run: Mapping[str, Any]
    metric: str


CASES = {
    "two classes": Case(
        write_classes,
        "classify",
        [layer("Linear", "relu", in_features=1, out_features=5), layer("Linear", "", in_features=5, out_features=1)],
        {"criterion": "BCEWithLogitsLoss", "algorithm": "FedProx", "mu": 0.3},
        "accuracy",
    ),
    "a regression": Case(
        write_numbers,
        "regress",
        [layer("Linear", "relu", in_features=1, out_features=5), layer("Linear", "", in_features=5, out_features=1)],
        {"criterion": "MSELoss"},
        "R2",
    ),
    # The count of a BatchNorm is a whole number, and no parameter.
    "images": Case(
        write_images,
        "classify",
        [
            layer("Conv2d", "relu", in_channels=1, out_channels=3, kernel_size=3, padding=1),
            layer("BatchNorm2d", num_features=3),
            layer("Flatten"),
            layer("Linear", "softmax", in_features=9, out_features=3),
        ],
        {"criterion": "NLLLoss", "algorithm": "FedAdam"},
        "accuracy",
    ),
}


@dataclass(frozen=True)
class Came:
    """All that comes of a cycle."""

    aligned: list[Any]
    weights: dict[str, torch.Tensor]
    losses: list[str]
    validations: list[Any]
    prediction: Any
    read: Any
    trials: list[Any]


def cycle(driver: Driver, url: str, case: Case) -> Came:
    """Everything that participants are asked for, once."""
    driver.projects.create(project_id="p", action=case.action, incentives={})  # type: ignore[arg-type]
    first, *rest = case.layers
    driver.experiments.create(project_id="p", expt_id="e", model=[{**first, "is_input": True}, *rest])
    driver.runs.create(**RUN, **SETTINGS, **case.run)
    for name in NAMES:
        driver.participants.create(participant_id=name)
        driver.registrations.create(project_id="p", participant_id=name, role="guest")
        driver.tags.create(project_id="p", participant_id=name, **TAGS[name])
    read = httpx.get(f"{url}/ttp/sandbox/data", params={"project_id": "p"}, timeout=120.0).json()["data"]
    aligned = driver.alignments.create(project_id="p")["data"]
    (model,) = driver.models.create(**RUN)["data"]
    validations = driver.validations.create(**RUN)["data"]
    (prediction,) = driver.predictions.create({"p": [["three"]]}, participant_id="torgersen", **RUN)["data"]
    search = driver.optimizations.create(
        project_id="p",
        expt_id="e",
        search_space={"lr": {"_type": "loguniform", "_value": [0.001, 0.1]}},
        fixed={name: value for name, value in (SETTINGS | dict(case.run)).items() if name != "lr"},
        metric=case.metric,
        optimize_mode="max",
        scheduler="MedianStoppingRule",
        max_trial_num=2,
    )
    losses = [Path(part["loss_history"]).read_text() for part in model.values() if "loss_history" in part]
    return Came(
        [one["key"] | one for one in plain(aligned)],
        weights_of(model),
        losses,
        [(one["key"]["participant_id"], one["evaluate"]["statistics"]) for one in validations],
        prediction,
        read,
        [(trial.state, trial.score, dict(trial.hyperparameters)) for trial in search.trials],
    )


def plain(records: Any) -> list[dict[str, Any]]:
    """Records without what is each TTP's own."""
    kept = ("key", "train", "evaluate", "predict", "features", "classes")
    return [{name: one[name] for name in kept if name in one} for one in records]


@pytest.fixture(scope="module", params=CASES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Came, Came, Wire]]:
    """The same cycle over machines and in one process, and the wire between the machines."""
    case, folder = CASES[request.param], tmp_path_factory.mktemp("same")
    case.write(folder / "data")
    wire = Wire(folder, NAMES, folder / "data")
    with (
        Apart(wire) as apart,
        Sandbox(data=folder / "data") as together,
        Driver(apart.host, apart.port) as one,
        Driver(together.host, together.port) as other,
    ):
        yield cycle(one, apart.url, case), cycle(other, together.url, case), wire


def test_alignments_weights_losses_and_statistics_are_the_same_to_the_last_bit(both: tuple[Came, Came, Wire]) -> None:
    apart, together, _ = both

    assert apart.aligned == together.aligned
    assert apart.weights.keys() == together.weights.keys()
    assert all(torch.equal(tensor, together.weights[name]) for name, tensor in apart.weights.items())
    assert (apart.losses, apart.validations) == (together.losses, together.validations)
    assert [name for name, _ in apart.validations] == ["biscoe", "dream"]


def test_a_search_draws_and_finds_the_same(both: tuple[Came, Came, Wire]) -> None:
    apart, together, _ = both

    assert apart.trials == together.trials
    assert [state for state, _, _ in apart.trials] == ["done", "done"]


def test_predictions_are_the_same_and_stay_with_the_participant(both: tuple[Came, Came, Wire]) -> None:
    apart, together, wire = both
    here, there = (Path(one.prediction["predict"]["res_path"]) for one in (apart, together))

    assert here.is_relative_to(wire.nodes["torgersen"].log.parent)
    assert here.read_text() == there.read_text()
    assert len(here.read_text().splitlines()) > 10
    assert apart.prediction["predict"]["statistics"] == together.prediction["predict"]["statistics"] != {}


def test_the_report_of_the_data_is_the_same_but_for_what_stays_with_the_participant(
    both: tuple[Came, Came, Wire],
) -> None:
    apart, together, _ = both

    assert without_own(apart.read["tables"]) == without_own(together.read["tables"])
    assert [one for one in apart.read["findings"] if "connected" in one["what"]] != []
    here = [about(one) for one in apart.read["findings"] if "connected" not in one["what"]]
    assert here == [about(one) for one in together.read["findings"]]


def about(finding: dict[str, str]) -> tuple[str, str, str]:
    """What a finding says, but for the example at its end."""
    return finding["level"], finding["where"], finding["what"].partition(":")[0].rstrip(".")


def without_own(value: Any) -> Any:
    """A report without the files and values that it quotes."""
    if isinstance(value, dict):
        return {name: without_own(one) for name, one in value.items() if name not in ("files", "stray", "cause")}
    return [without_own(one) for one in value] if isinstance(value, list) else value


def test_no_value_of_a_row_and_no_file_is_named_by_anything_that_was_sent(both: tuple[Came, Came, Wire]) -> None:
    _, _, wire = both
    for node in wire.nodes.values():
        sent = node.log.read_text()

        assert "not measured" not in sent
        assert ".png" not in sent
        assert {json.loads(line)["asked"] for line in sent.splitlines()} >= {"query.report", "train", "query.prepare"}


def test_the_guide_names_all_that_was_sent_where_it_was_asked_for(both: tuple[Came, Came, Wire]) -> None:
    _, _, wire = both
    named, asked = on_the_page(), set()
    for node in wire.nodes.values():
        for line in map(json.loads, node.log.read_text().splitlines()):
            kind = line["asked"].removeprefix("query.")
            asked.add(kind)
            sent = {name: line[name] for name in line if name not in ("at", "asked", "job")}
            # Weights are logged by their names and sizes, answers as what was packed in them.
            fields = {*sent.pop("answer", {}).get("answer", {}), *sent, *sent.get("metrics", {})}

            assert fields <= named[kind] | named["any"], line

    assert asked >= {"describe", "measure", "report", "prepare", "train", "evaluate", "predict"}


def on_the_page() -> dict[str, set[str]]:
    """What the guide names as sent, by what was asked for."""
    named: dict[str, set[str]] = {}
    kinds: list[str] = []
    table = PAGE.read_text(encoding="utf-8").partition("| asked | sent |")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        asked, *rest = row.strip("|").split("|")
        kinds = re.findall(r"`?([a-z]+)`?(?:,|$)", re.sub(r"\(.*?\)", "", asked).replace(" ", "")) or kinds
        for kind in kinds:
            named.setdefault(kind, set()).update(re.findall(r"`([a-z_]+)`", "".join(rest)))
    return named
