import pytest
import torch
from torch import Tensor
from whole import Site, federate

from synergos.learning.network import Layer
from synergos.learning.task import Task
from synergos.participant import rows as module
from synergos.participant.rows import OneHot, Rows, parts
from synergos.ttp.rounds import Outcome

RUN: dict[str, object] = {
    **{"algorithm": "FedAvg", "criterion": "MSELoss", "optimizer": "Adam", "lr_scheduler": ""},
    **{"lr": 0.02, "rounds": 2, "epochs": 2, "batch_size": 8, "seed": 7},
}
NORMALISED: list[Layer] = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 9, "out_features": 4}, "activation": "relu"},
    {"is_input": False, "l_type": "BatchNorm1d", "structure": {"num_features": 4}, "activation": ""},
    {"is_input": False, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": ""},
]
PLAIN = [NORMALISED[0], NORMALISED[2]]


@pytest.fixture
def rows() -> OneHot:
    """40 rows of two numbers and three categories of up to three values each, of which some are none."""
    random = torch.Generator().manual_seed(1)
    codes = torch.randint(0, 3, (40, 3), generator=random) + torch.tensor([1, 3, 6])
    codes[::7, 1] = -1
    codes[codes == 6] = -1
    return OneHot(torch.randn(40, 2, generator=random), torch.tensor([0, 8]), codes.int(), 9)


def train(rows: Rows, model: list[Layer], **fields: object) -> Outcome:
    target = torch.arange(40.0).reshape(-1, 1) / 40
    return federate([Site("one", (rows, target), (rows, target))], Task(model, RUN | fields, 0))


def whole(rows: OneHot) -> Tensor:
    return rows[:].clone()


class TestOneHot:
    def test_codes_become_ones_and_numbers_stay(self) -> None:
        codes = torch.tensor([[2, 3], [1, -1]], dtype=torch.int32)
        rows = OneHot(torch.tensor([[0.5], [0.25]]), torch.tensor([0]), codes, 4)
        assert rows[:].tolist() == [[0.5, 0, 1, 1], [0.25, 1, 0, 0]]
        assert rows[torch.tensor([1, 1])].tolist() == [[0.25, 1, 0, 0]] * 2
        assert rows[:0].shape == (0, 4)

    @pytest.mark.parametrize("batch_size", [8, 13, None])
    def test_training_by_batch_is_equal_to_the_last_bit(self, rows: OneHot, batch_size: int | None) -> None:
        ours, held = (train(one, NORMALISED, batch_size=batch_size) for one in (rows, whole(rows)))
        assert all(torch.equal(ours.weights[name], tensor) for name, tensor in held.weights.items())
        assert (ours.train_losses, ours.evaluate_losses) == (held.train_losses, held.evaluate_losses)


class TestParts:
    @pytest.mark.parametrize("count", range(12))
    def test_every_row_is_in_one_part_and_none_is_alone(
        self, rows: OneHot, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_PART_BYTES", 3 * 4 * 9)
        batch = torch.arange(count) * 2
        found = [batch[part] if isinstance(part, slice) else part for part in parts(rows, batch)]
        assert torch.equal(torch.cat(found), batch)
        assert all(2 <= len(part) <= 3 for part in found) or count < 4

    def test_a_batch_in_parts_has_the_gradient_of_the_whole(
        self, rows: OneHot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        fields = {"batch_size": None, "l2_lambda": 0.1, "optimizer": "SGD"}
        held = train(whole(rows), PLAIN, **fields)
        monkeypatch.setattr(module, "_PART_BYTES", 7 * 4 * 9)
        ours = train(rows, PLAIN, **fields)
        for name, tensor in held.weights.items():
            torch.testing.assert_close(ours.weights[name], tensor)
        assert ours.train_losses == pytest.approx(held.train_losses)
        assert ours.evaluate_losses == pytest.approx(held.evaluate_losses)
        assert "is taken in" not in caplog.text

    def test_layers_that_see_each_part_alone_are_told_of(
        self, rows: OneHot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(module, "_PART_BYTES", 7 * 4 * 9)
        train(rows, NORMALISED, batch_size=None)
        assert "'one': a batch of 40 rows is too large to be encoded at once and is taken in 6 parts" in caplog.text
