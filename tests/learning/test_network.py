import pytest
import torch
from torch import nn

from synergos.learning.errors import Rejected
from synergos.learning.network import (
    ACTIVATIONS,
    CRITERIA,
    LAYERS,
    Layer,
    Network,
    Objective,
    Schedule,
    check_layers,
    optimizer,
    single_thread,
)

ROWS = torch.linspace(-1, 1, 24).reshape(6, 4)


def layer(l_type: str, activation: str | None = None, **structure: object) -> Layer:
    return {"is_input": False, "l_type": l_type, "structure": structure, "activation": activation}


def linear(inputs: int, outputs: int, activation: str | None = None) -> Layer:
    return layer("Linear", activation, in_features=inputs, out_features=outputs)


def parameters() -> list[nn.Parameter]:
    return [nn.Parameter(torch.ones(2, 2))]


class TestLayers:
    def test_layers_and_activations_follow_one_another(self) -> None:
        network = Network([linear(4, 3, "relu"), linear(3, 2, "softmax")])
        first, last = network.layers
        expected = torch.softmax(last(torch.relu(first(ROWS))), dim=1)
        torch.testing.assert_close(network(ROWS), expected)

    @pytest.mark.parametrize("name", [*ACTIVATIONS, "", None])
    def test_every_activation_computes(self, name: str | None) -> None:
        assert Network([linear(4, 2, name)])(ROWS).shape == (6, 2)

    @pytest.mark.parametrize(
        "model",
        [
            [layer("Dropout", p=0.5), layer("BatchNorm1d", num_features=4), linear(4, 1)],
            [layer("Conv1d", in_channels=1, out_channels=2, kernel_size=[3]), layer("Flatten"), linear(4, 1)],
            [layer("Unflatten", dim=1, unflattened_size=[2, 2]), layer("Flatten", start_dim=1), linear(4, 1)],
            [layer("Embedding", num_embeddings=9, embedding_dim=3), layer("Flatten"), linear(12, 1)],
            [layer("LSTM", input_size=4, hidden_size=3), linear(3, 1)],
            [layer("LayerNorm", normalized_shape=[4]), layer("Identity"), layer("GELU"), linear(4, 1)],
        ],
        ids=lambda model: model[0]["l_type"],
    )
    def test_other_layers_build_and_compute(self, model: list[Layer]) -> None:
        check_layers(model)
        assert Network(model)(ROWS.abs()).shape == (6, 1)

    @pytest.mark.parametrize(
        ("model", "message"),
        [
            ([linear(4, 1), layer("Linaer")], r"model\[1\].l_type 'Linaer' is unknown; nearest: Linear"),
            ([layer("linear")], "nearest: Linear"),
            ([layer("__class__")], "is unknown"),
            ([layer("modules.Linear")], "is unknown"),
            ([layer("Module")], "is unknown"),
            ([layer("Sequential")], "is unknown"),
            ([layer("MSELoss")], "is unknown"),
            ([linear(4, 1, "rleu")], r"model\[0\].activation 'rleu' is unknown; nearest: .*relu"),
            ([linear(4, 1, "Sigmoid")], "nearest: sigmoid"),
            ([linear(4, 1, "__doc__")], "is unknown"),
            (
                [layer("Linear", in_feature=1, out_features=1)],
                r"of Linear: argument 'in_feature' is unknown; nearest: in_f",
            ),
            ([layer("Linear", in_features=1, out_features=1, device="cuda")], "argument 'device' is unknown"),
            ([layer("Linear", in_features=1)], r"model\[0\].structure .* of Linear cannot be built: .*out_features"),
            ([layer("Linear", in_features="one", out_features=1)], "cannot be built"),
            ([layer("Dropout", p=2)], r"cannot be built: dropout probability has to be between 0 and 1"),
            ([{"l_type": "Linear"}], r"model\[0\] lacks structure"),
            ([{"l_type": "Linear", "structure": 3}], r"model\[0\] must be an object"),
            (["Linear"], r"model\[0\] must be an object"),
            ([{"l_type": ["Linear"], "structure": {}}], "is unknown"),
        ],
    )
    def test_what_cannot_be_built_is_named(self, model: list[Layer], message: str) -> None:
        with pytest.raises(Rejected, match=message):
            check_layers(model)

    def test_a_check_takes_no_memory(self) -> None:
        check_layers([linear(10**7, 10**7)])

    def test_an_experiment_may_have_no_layers_but_a_network_not(self) -> None:
        check_layers([])
        with pytest.raises(Rejected, match="there are no layers"):
            Network([])

    def test_only_layers_are_layers(self) -> None:
        assert {"Linear", "Conv2d", "Dropout", "BatchNorm1d", "Flatten", "Embedding"} <= set(LAYERS)
        assert all(issubclass(cls, nn.Module) for cls in LAYERS.values())


class TestObjective:
    @pytest.mark.parametrize("criterion", ["NLLLoss", "CrossEntropyLoss"])
    @pytest.mark.parametrize("last", [[linear(4, 3, "softmax")], [linear(4, 3), layer("Softmax", dim=1)]])
    def test_a_softmax_is_scored_by_its_logarithm(self, criterion: str, last: list[Layer]) -> None:
        network, target = Network(last), torch.tensor([0, 1, 2, 0, 1, 2])
        expected = nn.functional.cross_entropy(network.layers[0](ROWS), target)
        torch.testing.assert_close(Objective({"criterion": criterion}, 3)(network, ROWS, target), expected)

    @pytest.mark.parametrize("criterion", CRITERIA)
    @single_thread()
    def test_every_criterion_learns_three_classes(self, criterion: str) -> None:
        torch.manual_seed(0)
        network, objective = Network([linear(4, 3, "softmax")]), Objective({"criterion": criterion}, 3)
        target = torch.tensor([0, 0, 1, 1, 2, 2])
        objective.check(network)
        trainer = torch.optim.Adam(network.parameters(), lr=0.1)
        for _ in range(200):
            trainer.zero_grad()
            objective(network, ROWS, target).backward()
            trainer.step()
        assert objective.predict(network, ROWS).argmax(dim=1).tolist() == target.tolist()

    def test_logits_are_what_a_sigmoid_is_given(self) -> None:
        plain = Network([linear(4, 1)])
        sigmoid = Network([linear(4, 1, "sigmoid")])
        sigmoid.load_state_dict(plain.state_dict())
        target = torch.tensor([[0.0], [1.0]] * 3)
        objective, other = Objective({"criterion": "BCEWithLogitsLoss"}, 2), Objective({"criterion": "BCELoss"}, 2)
        loss = objective(plain, ROWS, target)
        torch.testing.assert_close(objective(sigmoid, ROWS, target), loss)
        torch.testing.assert_close(other(sigmoid, ROWS, target), loss)
        torch.testing.assert_close(objective.predict(plain, ROWS), sigmoid(ROWS).double())
        torch.testing.assert_close(objective.predict(sigmoid, ROWS), sigmoid(ROWS).double())

    def test_reduction(self) -> None:
        network, target = Network([linear(4, 1)]), torch.ones(6, 1)
        mean, none, total = (
            Objective({"criterion": "MSELoss", "reduction": how}, 0)(network, ROWS, target)
            for how in ("mean", "none", "sum")
        )
        torch.testing.assert_close(mean, none)
        torch.testing.assert_close(mean * 6, total)

    @pytest.mark.parametrize(
        ("criterion", "classes", "activation", "message"),
        [
            ("NLLLoss", 2, "sigmoid", "'NLLLoss' needs more than two classes, .* up to two classes: take BCELoss"),
            ("CrossEntropyLoss", 0, None, "this is a regression: take MSELoss"),
            ("BCELoss", 2, None, "'BCELoss' needs outputs from 0 to 1, and the last activation is ''"),
            ("MSELoss", 2, "softmax", "'softmax' is constant for a single output"),
        ],
    )
    def test_what_does_not_go_together_is_refused(
        self, criterion: str, classes: int, activation: str | None, message: str
    ) -> None:
        with pytest.raises(Rejected, match=message):
            Objective({"criterion": criterion}, classes).check(Network([linear(4, 1, activation)]))

    def test_unknown_and_unfit_criteria_are_refused(self) -> None:
        with pytest.raises(Rejected, match="criterion 'CrossEntropy' is unknown; nearest: CrossEntropyLoss"):
            Objective({"criterion": "CrossEntropy"}, 3)
        with pytest.raises(Rejected, match="'TripletMarginLoss' needs more than an output and a target"):
            Objective({"criterion": "TripletMarginLoss"}, 3)
        with pytest.raises(Rejected, match="cannot be built"):
            Objective({"criterion": "CrossEntropyLoss", "weight": "heavy"}, 3)

    def test_further_arguments_reach_the_criterion(self) -> None:
        criterion = Objective(
            {"criterion": "CrossEntropyLoss", "weight": [1.0, 2.0, 3.0], "label_smoothing": 0.1}, 3
        ).criterion
        assert isinstance(criterion, nn.CrossEntropyLoss)
        assert criterion.label_smoothing == 0.1
        assert criterion.weight is not None
        assert criterion.weight.tolist() == [1.0, 2.0, 3.0]


class TestOptimizer:
    def test_it_takes_the_fields_that_it_knows(self) -> None:
        fields = {
            "optimizer": "Adam",
            "lr": 0.5,
            "betas": [0.5, 0.6],
            "weight_decay": None,
            "momentum": 0.9,
            "rounds": 3,
        }
        group = optimizer(fields, parameters()).param_groups[0]
        assert (group["lr"], group["betas"], group["weight_decay"]) == (0.5, (0.5, 0.6), 0)

    def test_the_default_is_sgd(self) -> None:
        assert isinstance(optimizer({}, parameters()), torch.optim.SGD)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"optimizer": "adam"}, "optimizer 'adam' is unknown; nearest: Adam"),
            ({"optimizer": "Optimizer"}, "is unknown"),
            ({"optimizer": "SGD", "lr": -1}, "optimizer 'SGD' cannot be built: Invalid learning rate: -1"),
            ({"optimizer": "SGD", "lr": "fast"}, "cannot be built"),
        ],
    )
    def test_what_cannot_be_built_is_named(self, fields: dict[str, object], message: str) -> None:
        with pytest.raises(Rejected, match=message):
            optimizer(fields, parameters())


class TestSchedule:
    def rates(self, fields: dict[str, object], batches: int = 2, epochs: int = 3) -> list[float]:
        """The learning rate of every batch of a round."""
        subject = optimizer(fields, parameters())
        schedule = Schedule(fields, subject, batches=batches, epochs=epochs)
        rates = []
        for _ in range(epochs):
            for _ in range(batches):
                rates.append(subject.param_groups[0]["lr"])
                subject.step()
                schedule.batch_done()
            schedule.epoch_done(1.0)
        return rates

    def test_the_default_cycles_from_the_rate_to_ten_times_that(self) -> None:
        rates = self.rates({"lr": 0.1, "step_size_up": 2})
        assert rates == pytest.approx([0.1, 0.55, 1.0, 0.55, 0.1, 0.55])

    def test_its_ends_can_be_given(self) -> None:
        rates = self.rates({"lr": 0.1, "base_lr": 1.0, "max_lr": 2.0, "step_size_up": 2})
        assert rates[:3] == pytest.approx([1.0, 1.5, 2.0])

    @pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
    @pytest.mark.parametrize("kind", ["Adam", "SGD", "Adagrad", "RMSprop"])
    def test_cycles_suit_optimizers_with_and_without_momentum(self, name: str, kind: str) -> None:
        self.rates({"lr_scheduler": name, "optimizer": kind, "lr": 0.1, "cycle_momentum": True})

    def test_others_step_by_epoch(self) -> None:
        rates = self.rates({"lr_scheduler": "StepLR", "lr": 1.0, "step_size": 1, "gamma": 0.5})
        assert rates == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]

    def test_a_plateau_watches_the_loss_and_ignores_the_shape_of_a_cycle(self) -> None:
        rates = self.rates({"lr_scheduler": "ReduceLROnPlateau", "lr": 1.0, "mode": "triangular", "patience": 0})
        assert rates == pytest.approx([1.0, 1.0, 1.0, 1.0, 0.1, 0.1])

    @pytest.mark.parametrize("name", ["", None])
    def test_there_need_be_none(self, name: str | None) -> None:
        assert self.rates({"lr_scheduler": name, "lr": 1.0}) == [1.0] * 6

    def test_it_may_begin_in_the_middle(self) -> None:
        fields = {"lr_scheduler": "ExponentialLR", "lr": 1.0, "gamma": 0.5, "last_epoch": 2}
        assert self.rates(fields) == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"lr_scheduler": "StepLr"}, "lr_scheduler 'StepLr' is unknown; nearest: StepLR"),
            ({"lr_scheduler": "StepLR"}, "lr_scheduler 'StepLR' needs step_size among the run's fields"),
            ({"lr_scheduler": "ExponentialLR"}, "needs gamma"),
            ({"lr_scheduler": "LambdaLR"}, "needs lr_lambda"),
            ({"lr_scheduler": "LambdaLR", "lr_lambda": "lambda e: e"}, "'LambdaLR' cannot be built"),
            ({"lr_scheduler": "CyclicLR", "mode": "round"}, "'CyclicLR' cannot be built: mode is invalid"),
        ],
    )
    def test_what_cannot_be_built_is_named(self, fields: dict[str, object], message: str) -> None:
        with pytest.raises(Rejected, match=message):
            self.rates(fields)
