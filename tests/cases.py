"""Trainings of each kind, with data of their own: for what has to come to the same wherever it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import tables
import torch
from PIL import Image
from wire import weights_of

from synergos import Driver

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


def cycle(
    driver: Driver, url: str, case: Case, tags: Mapping[str, Any], *, project_id: str = "p", below: Sequence[str] = ()
) -> Came:
    """Everything that participants are asked for, once.

    Args:
        driver: On the TTP.
        url: The TTP's address.
        case: What is trained.
        tags: The arguments of `tags.create` by participant; the last of them predicts.
        project_id: What the project is called.
        below: Of the tag of what is predicted, the folders above it.
    """
    run = {"project_id": project_id, "expt_id": "e", "run_id": "r"}
    *_, last = tags
    driver.projects.create(project_id=project_id, action=case.action, incentives={})  # type: ignore[arg-type]
    first, *rest = case.layers
    driver.experiments.create(project_id=project_id, expt_id="e", model=[{**first, "is_input": True}, *rest])
    driver.runs.create(**run, **SETTINGS, **case.run)
    for name in tags:
        driver.participants.create(participant_id=name)
        driver.registrations.create(project_id=project_id, participant_id=name, role="guest")
        driver.tags.create(project_id=project_id, participant_id=name, **tags[name])
    read = httpx.get(f"{url}/ttp/sandbox/data", params={"project_id": project_id}, timeout=120.0).json()["data"]
    aligned = driver.alignments.create(project_id=project_id)["data"]
    (model,) = driver.models.create(**run)["data"]
    validations = driver.validations.create(**run)["data"]
    (prediction,) = driver.predictions.create({project_id: [[*below, "three"]]}, participant_id=last, **run)["data"]
    search = driver.optimizations.create(
        project_id=project_id,
        expt_id="e",
        search_space={"lr": {"_type": "loguniform", "_value": [0.001, 0.1]}},
        fixed={name: value for name, value in (SETTINGS | dict(case.run)).items() if name != "lr"},
        metric=case.metric,
        optimize_mode="max",
        scheduler="MedianStoppingRule",
        max_trial_num=2,
    )
    trials = [(one.state, one.score, dict(one.hyperparameters)) for one in search.trials]
    losses = [Path(part["loss_history"]).read_text() for part in model.values() if "loss_history" in part]
    return Came(
        [one["key"] | one for one in plain(aligned)],
        weights_of(model),
        losses,
        [(one["key"]["participant_id"], one["evaluate"]["statistics"]) for one in validations],
        prediction,
        read,
        trials,
    )


def plain(records: Any) -> list[dict[str, Any]]:
    """Records without what is each TTP's own."""
    kept = ("key", "train", "evaluate", "predict", "features", "classes")
    return [{name: one[name] for name in kept if name in one} for one in records]
