import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tables import scale_of
from whole import align

from synergos.learning.alignment import Alignment
from synergos.learning.errors import Rejected
from synergos.learning.network import Layer, Network
from synergos.learning.party import Participant
from synergos.learning.target import AS_IT_IS, Numbers, Scale, put_back, scale_for
from synergos.ttp.strategies import check_run

SCALE = Scale(2000.0, 5.0)


def linear(outputs: int = 1, activation: str | None = None, **structure: object) -> Layer:
    sizes: dict[str, object] = {"in_features": 2, "out_features": outputs}
    return {"is_input": False, "l_type": "Linear", "structure": sizes | structure, "activation": activation}


def layer(l_type: str) -> Layer:
    return {"is_input": False, "l_type": l_type, "structure": {}, "activation": None}


class TestScale:
    @settings(deadline=None)
    @given(
        st.lists(arrays(np.float64, st.integers(1, 9), elements=st.floats(-1, 1)), min_size=1, max_size=4),
        st.sampled_from([0.0, 1.0, 1e6]),
        st.sampled_from([1e-9, 1.0, 1e12]),
    )
    def test_it_is_that_of_all_rows_together(self, targets: list[Numbers], offset: float, size: float) -> None:
        shifted = [(target + offset) * size for target in targets]
        everyone = np.concatenate(shifted)
        found = scale_of(shifted)
        assert found.mean == pytest.approx(everyone.mean(), abs=1e-9 * size)
        if (expected := everyone.std()) > 1e-9 * np.abs(everyone).max():
            assert found.deviation == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("value", [0.0, 0.1, -1e300])
    def test_a_constant_is_not_divided(self, value: float) -> None:
        assert scale_of([np.full(3, value), np.full(7, value)]) == Scale(value, 1.0)

    @pytest.mark.parametrize("size", [1e-200, 1e200])
    def test_it_neither_overflows_nor_underflows(self, size: float) -> None:
        assert scale_of([np.array([-size, size])]) == Scale(0.0, pytest.approx(size))

    def test_what_cannot_be_computed_with_is_refused(self) -> None:
        with pytest.raises(Rejected, match="'target' holds values too large"):
            scale_of([np.array([1.7e308, -1.7e308])])

    @pytest.mark.parametrize(
        ("model", "fields", "expected"),
        [
            ([linear()], {}, SCALE),
            ([linear(9, "sigmoid"), linear(), layer("Identity")], {"criterion": "HuberLoss"}, SCALE),
            ([linear(bias=False)], {}, Scale(0.0, 5.0)),
            ([linear(activation="relu")], {}, Scale(0.0, 5.0)),
            ([linear(), layer("ReLU")], {}, Scale(0.0, 5.0)),
            ([linear(activation="sigmoid")], {}, AS_IT_IS),
            ([linear(), layer("Softplus")], {}, AS_IT_IS),
            ([layer("LSTM")], {}, AS_IT_IS),
            ([linear()], {"criterion": "PoissonNLLLoss"}, AS_IT_IS),
            ([linear()], {"criterion": "BCEWithLogitsLoss"}, AS_IT_IS),
            ([linear()], {"standardise_target": False}, AS_IT_IS),
        ],
    )
    def test_a_target_is_scaled_where_the_output_can_follow(
        self, model: list[Layer], fields: dict[str, object], expected: Scale
    ) -> None:
        assert scale_for(model, fields, SCALE) == expected
        assert scale_for(model, fields, None) == AS_IT_IS

    @pytest.mark.parametrize("value", ["no", 0, None])
    def test_the_switch_is_true_or_false(self, value: object) -> None:
        with pytest.raises(Rejected, match=r"standardise_target is .*, and must be True or False"):
            check_run({"standardise_target": value})

    @pytest.mark.parametrize(
        ("model", "scale"),
        [
            ([linear(2, "tanh"), linear()], SCALE),
            ([linear(bias=False)], Scale(0.0, 5.0)),
            ([linear(activation="relu"), layer("Identity")], Scale(0.0, 5.0)),
            ([linear()], AS_IT_IS),
        ],
    )
    def test_the_weights_give_the_targets_own_unit(self, model: list[Layer], scale: Scale) -> None:
        network, rows = Network(model), torch.randn(9, 2)
        expected = network(rows).double() * scale.deviation + scale.mean
        network.load_state_dict(put_back(scale, model, network.state_dict()), assign=True)
        torch.testing.assert_close(network(rows).double(), expected, rtol=1e-6, atol=1e-6)


MODEL = [linear(8, "relu"), linear(in_features=8)]
RUN: dict[str, object] = {
    "algorithm": "FedAvg",
    "rounds": 8,
    "epochs": 3,
    "batch_size": 16,
    "optimizer": "Adam",
    "lr": 0.03,
    "lr_scheduler": "",
    "criterion": "MSELoss",
}
BOTH = [Participant("p", train=[["a"]], evaluate=[["a"]]), Participant("q", train=[["b"]])]


def write(data: Path, size: float = 1.0, offset: float = 0.0) -> Path:
    numbers = np.random.default_rng(0)
    for name, shift in (("a", 0.0), ("b", 0.5)):
        folder = data / name
        folder.mkdir(parents=True, exist_ok=True)
        features = numbers.uniform(size=(60, 2)) + shift
        target = (features @ [1.0, 2.0] + offset) * size
        lines = [",".join(map(repr, map(float, row))) for row in np.column_stack([features, target])]
        (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
        (folder / "schema.json").write_text(json.dumps(dict.fromkeys(["x", "y", "target"], "float64")))
        (folder / "rows.csv").write_text("\n".join(["x,y,target", *lines]))
    return data


def train(data: Path, outputs: Path, alignment: Alignment, **fields: object) -> dict[int, float]:
    losses: dict[int, float] = {}
    whole.train(
        data=data,
        outputs=outputs,
        action="regress",
        model=MODEL,
        run=RUN | fields,
        participants=BOTH,
        alignment=alignment,
        on_round=lambda report: losses.update({report.number: report.train_loss}),
    )
    return losses


def evaluate(data: Path, outputs: Path, alignment: Alignment) -> tuple[Any, Numbers]:
    found = whole.evaluate(
        data=data,
        trained=outputs,
        outputs=outputs,
        action="regress",
        model=MODEL,
        run=RUN,
        participant=BOTH[0],
        alignment=alignment,
        meta="evaluate",
    )
    with Path(str(found["res_path"])).open() as file:
        rows = [(float(row["prediction"]), float(row["target"])) for row in csv.DictReader(file)]
    return found["statistics"], np.array(rows)


class TestTraining:
    @pytest.mark.parametrize(("size", "offset"), [(1e-9, 0.0), (1.0, 2000.0), (1e12, 0.0)])
    def test_it_learns_alike_whatever_the_unit(self, tmp_path: Path, size: float, offset: float) -> None:
        data = write(tmp_path / "data", size, offset)
        alignment = align(data, "regress", BOTH)
        losses = train(data, tmp_path / "out", alignment)
        found, rows = evaluate(data, tmp_path / "out", alignment)
        # A deviation is a deviation: what is left of the first one is less than a tenth of the variance.
        assert losses[1] < 2
        assert losses[8] < 0.1
        assert found["R2"] > 0.9
        # In the target's own unit, everywhere.
        prediction, target = rows.T
        assert found["MAE"] == pytest.approx(np.abs(prediction - target).mean(), rel=1e-9)
        assert found["MSE"] == pytest.approx(((prediction - target) ** 2).mean(), rel=1e-9)
        assert np.abs(prediction - target).max() < np.ptp(target)

    def test_it_can_be_switched_off(self, tmp_path: Path) -> None:
        data = write(tmp_path / "data", 1e5)
        alignment = align(data, "regress", BOTH)
        first = train(data, tmp_path / "out", alignment, rounds=1, standardise_target=False)[1]
        assert first > 1e9
        assert train(data, tmp_path / "out", alignment, rounds=1)[1] < 2

    def test_a_model_keeps_its_scale_when_the_project_is_aligned_anew(self, tmp_path: Path) -> None:
        data = write(tmp_path / "data", 1e5)
        alignment = align(data, "regress", BOTH)
        train(data, tmp_path / "out", alignment, rounds=2)
        _, before = evaluate(data, tmp_path / "out", alignment)
        other = Alignment.from_dict(alignment.to_dict() | {"target": {"mean": 1.0, "deviation": 2.0}})
        _, after = evaluate(data, tmp_path / "out", other)
        assert (before == after).all()

    def test_what_was_aligned_before_there_was_a_scale_trains_as_it_did(self, tmp_path: Path) -> None:
        data = write(tmp_path / "data")
        stored = align(data, "regress", BOTH).to_dict()
        assert Alignment.from_dict(json.loads(json.dumps(stored))).to_dict() == stored
        assert stored.pop("target") is not None
        aligned = align(data, "regress", BOTH)
        losses = train(data, tmp_path / "out", Alignment.from_dict(stored), rounds=1)
        assert losses == train(data, tmp_path / "out", aligned, rounds=1, standardise_target=False)
        assert losses != train(data, tmp_path / "out", aligned, rounds=1)

    def test_local_models_are_in_the_targets_unit_too(self, tmp_path: Path) -> None:
        data = write(tmp_path / "data", 1e5, 3.0)
        train(data, tmp_path / "out", align(data, "regress", BOTH), rounds=2)
        for file in ("global_model.pt", "local_model_p.pt", "local_model_q.pt"):
            assert torch.load(tmp_path / "out" / file)["layers.1.bias"] > 1e5

    def test_a_target_beyond_float32_is_refused_where_it_is_not_scaled(self, tmp_path: Path) -> None:
        data = write(tmp_path / "data", 1e39)
        alignment = align(data, "regress", BOTH)
        with pytest.raises(Rejected, match=r"participant 'p': column 'target' holds .*e.39, .*larger unit"):
            train(data, tmp_path / "out", alignment, standardise_target=False)
