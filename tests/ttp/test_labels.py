from pathlib import Path

import pandas as pd
import pytest
import whole
from tables import write
from whole import align

from synergos.learning.alignment import fit_layers
from synergos.learning.errors import Rejected
from synergos.learning.network import Layer
from synergos.learning.party import Evaluation, Participant

RUN: dict[str, object] = {
    **{"algorithm": "FedAvg", "rounds": 1, "epochs": 1, "batch_size": 32, "optimizer": "Adam", "lr": 0.05},
    **{"criterion": "MSELoss", "lr_scheduler": "", "seed": 7},
}
LAYER: Layer = {
    "is_input": True,
    "l_type": "Linear",
    "structure": {"in_features": 1, "out_features": 1},
    "activation": None,
}
ONE = Participant("one", train=[["known"]], evaluate=[["later"]], predict=[["later"]])


def evaluated(data: Path, action: str, known: list[str], later: list[str], meta: str, dtype: str) -> Evaluation:
    """Train on rows whose target is known, and evaluate on others."""
    schema = {"x": "float64", "target": dtype}
    for tag, targets in (("known", known), ("later", later)):
        lines = "".join(f"{number},{target}\n" for number, target in enumerate(targets))
        write(data / tag, f"x,target\n{lines}", schema)
    trainee = Participant("one", train=[["known"]], evaluate=[["known"]])
    alignment = align(data, action, [trainee])
    model = fit_layers([{**LAYER, "activation": "sigmoid" if action == "classify" else None}], alignment, action)
    whole.train(
        data=data,
        outputs=data / "out",
        action=action,
        model=model,
        run=RUN,
        participants=[trainee],
        alignment=alignment,
    )
    return whole.evaluate(
        data=data,
        trained=data / "out",
        outputs=data / "out",
        action=action,
        model=model,
        run=RUN,
        participant=ONE,
        alignment=alignment,
        meta="predict" if meta == "predict" else "evaluate",
    )


@pytest.mark.parametrize(
    ("action", "dtype", "known", "unknown"),
    [
        ("classify", "category", ["a", "b"], "pending"),
        ("classify", "int64", ["0", "1"], "pending"),
        ("classify", "bool", ["true", "FALSE"], "pending"),
        ("classify", "category", ["1", "2"], "3"),
        ("regress", "float64", ["1.5", "2.5"], "pending"),
        ("regress", "category", ["1.5", "2.5"], "tbd"),
        ("classify", "category", ["a", "b"], ""),
    ],
)
def test_an_unknown_label_is_predicted_and_left_out_of_the_statistics(
    tmp_path: Path, action: str, dtype: str, known: list[str], unknown: str
) -> None:
    found = evaluated(tmp_path, action, known * 5, [*known, unknown, unknown, unknown], "predict", dtype)
    assert found["statistics"]["rows"] == 2
    rows = pd.read_csv(str(found["res_path"]), keep_default_na=False)
    assert len(rows) == 5
    assert (rows["prediction"].astype(str) != "").all()
    if action == "classify":
        assert rows["target"].astype(str).tolist()[2:] == [unknown] * 3
    assert evaluated(tmp_path, action, known * 5, [unknown] * 3, "predict", dtype)["statistics"] == {}
    assert evaluated(tmp_path, action, known * 5, known, "predict", dtype)["statistics"]["rows"] == 2


def test_an_evaluation_needs_classes_that_are_aligned(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="holds class 'pending', and the project was aligned on a, b; align it again"):
        evaluated(tmp_path, "classify", ["a", "b"], ["a", "pending"], "evaluate", "category")


def test_predictions_and_targets_are_spelt_alike(tmp_path: Path) -> None:
    found = evaluated(tmp_path, "classify", ["1", "2"] * 5, ["01", "+2", "2.0"], "predict", "category")
    rows = pd.read_csv(str(found["res_path"]), dtype=str)
    assert rows["target"].tolist() == ["1", "2", "2"]
    assert found["statistics"]["rows"] == 3
    assert found["statistics"]["classes"] == ["1", "2"]
