import json
from pathlib import Path

import pytest
import torch
import whole
from whole import Site, align, federate

from synergos.learning.errors import Rejected
from synergos.learning.network import Layer
from synergos.learning.party import Participant
from synergos.learning.task import Task


def layer(l_type: str, activation: str | None = None, **structure: object) -> Layer:
    return {"is_input": False, "l_type": l_type, "structure": structure, "activation": activation}


def linear(inputs: int, activation: str | None = None) -> Layer:
    return layer("Linear", activation, in_features=inputs, out_features=1)


MODEL = [layer("Linear", "relu", in_features=3, out_features=8), linear(8)]
NORMALISED = [layer("BatchNorm1d", num_features=3), linear(3)]


def site(name: str, size: float = 1.0, rows: int = 40) -> Site:
    features = torch.rand(rows, 3, generator=torch.Generator().manual_seed(len(name)))
    return Site(name, (features, features.sum(dim=1, keepdim=True) * size))


def train(model: list[Layer], *sites: Site, classes: int = 0, **fields: object) -> dict[int, float]:
    run = {"algorithm": "FedAvg", "rounds": 5, "lr_scheduler": "", "criterion": "MSELoss", **fields}
    return federate(sites or [site("one"), site("three")], Task(model, run, classes)).train_losses


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"lr": 1e30}, r"at 'one', 'three': .*; lower the learning rate below 1e\+30$"),
        ({"lr": 1e30, "lr_scheduler": "CyclicLR"}, "below 1e.30, which the scheduler raises to ten times that$"),
        ({"lr": 0.1, "l2_lambda": 1e6, "rounds": 9}, "; lower l2_lambda, which is 1e.06, or lower the learning rate$"),
        (
            {"lr": 1e30, "optimizer": "LBFGS", "batch_size": 8, "lr_scheduler": "CyclicLR"},
            "; LBFGS needs all rows at every step and finds its own step size: set batch_size=None, lr_scheduler='', "
            "line_search_fn='strong_wolfe'$",
        ),
        ({"lr": 1e30, "optimizer": "LBFGS"}, "step size: set line_search_fn='strong_wolfe'$"),
        (
            {"algorithm": "FedAdam", "eta": 1e39, "lr": 0.01},
            "lower the learning rate below 0.01, or eta$",
        ),
    ],
)
def test_a_divergence_names_its_cause(fields: dict[str, object], cause: str) -> None:
    with pytest.raises(Rejected, match=f"the training diverged in round .*{cause}"):
        train(MODEL, **fields)


@pytest.mark.parametrize(
    ("model", "fields", "advice"),
    [
        (MODEL, {"standardise_target": False}, "train with standardise_target=True$"),
        (MODEL, {}, "look for a value far from all others, or align the project again to have it standardised$"),
        ([*MODEL[:1], linear(8, "softplus")], {}, "or have the last layer a Linear without an activation"),
    ],
)
def test_of_a_target_of_a_large_scale_it_names_the_scale(
    model: list[Layer], fields: dict[str, object], advice: str
) -> None:
    with pytest.raises(Rejected, match=f"the targets go up to .* at 'three' as they are trained with: .*{advice}"):
        train(model, site("one"), site("three", 1e15), lr=1e6, rounds=9, **fields)


class TestBatchNormalisation:
    def test_a_single_row_is_refused_before_a_round(self) -> None:
        rounds: list[int] = []
        with pytest.raises(
            Rejected, match=r"'three': BatchNorm1d cannot train .* single row, and it is all .*: add rows"
        ):
            sites = [site("one"), site("three", rows=1)]
            federate(sites, Task(NORMALISED, {"rounds": 2}, 0), on_round=lambda report: rounds.append(report.number))
        assert rounds == []

    def test_a_batch_size_of_one_is_refused(self) -> None:
        with pytest.raises(Rejected, match=r"'one': BatchNorm1d cannot train .*, and batch_size is 1: set 2 or more"):
            train(NORMALISED, batch_size=1)

    @pytest.mark.parametrize("rows", [3, 5])
    def test_a_last_batch_of_one_row_goes_with_the_one_before(self, rows: int) -> None:
        assert len(train(NORMALISED, site("one", rows=rows), batch_size=2)) == 5

    def test_a_single_row_of_many_positions_is_enough(self) -> None:
        model = [
            layer("Conv1d", in_channels=1, out_channels=2, kernel_size=2),
            layer("BatchNorm1d", num_features=2),
            layer("Flatten"),
            linear(4),
        ]
        assert len(train(model, batch_size=1)) == 5

    def test_trying_it_changes_nothing(self) -> None:
        first, second = (federate([site("one")], Task(NORMALISED, {"rounds": 1, "lr": 0.0}, 0)) for _ in range(2))
        assert torch.equal(first.weights["layers.0.running_mean"], second.weights["layers.0.running_mean"])
        assert float(first.weights["layers.0.num_batches_tracked"]) == 1


def test_a_feature_that_no_network_computes_with_is_named(tmp_path: Path) -> None:
    for name, value in (("train", "3.5"), ("evaluate", "1e300")):
        folder = tmp_path / "one" / name
        folder.mkdir(parents=True)
        (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
        (folder / "schema.json").write_text(json.dumps(dict.fromkeys(["dose", "target"], "float64")))
        (folder / "rows.csv").write_text(f"dose,target\n1,1\n{value},2\n")
    participants = [Participant("one", train=[["train"]], evaluate=[["evaluate"]])]
    alignment = align(tmp_path, "regress", participants)
    with pytest.raises(Rejected, match=r"'one': column 'dose' holds 1e\+300 in row 2 of 'one/evaluate/rows.csv'"):
        whole.train(
            data=tmp_path,
            outputs=tmp_path / "out",
            action="regress",
            model=[linear(1)],
            run={"rounds": 1},
            participants=participants,
            alignment=alignment,
        )
