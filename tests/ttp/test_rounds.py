import json
import logging
import random
import socket
import threading

import pytest
import torch
from whole import Site, federate

from synergos.learning.errors import Cancelled, Rejected, SandboxError
from synergos.learning.network import Layer, Network
from synergos.learning.task import Task
from synergos.ttp.rounds import Outcome, RoundReport
from synergos.ttp.strategies import ALGORITHMS, build_strategy, check_run

MODEL: list[Layer] = [
    {"is_input": True, "l_type": "Linear", "structure": {"in_features": 3, "out_features": 8}, "activation": "relu"},
    {
        "is_input": False,
        "l_type": "Linear",
        "structure": {"in_features": 8, "out_features": 3},
        "activation": "softmax",
    },
]
RUN: dict[str, object] = {
    "algorithm": "FedAvg",
    "criterion": "CrossEntropyLoss",
    "optimizer": "Adam",
    "lr_scheduler": "",
    "lr": 0.02,
    "rounds": 4,
    "epochs": 2,
    "batch_size": 16,
    "seed": 7,
}


def site(name: str, rows: int, seed: int, evaluates: bool = True) -> Site:
    """Rows whose class is their largest feature."""
    features = torch.randn(rows + 20, 3, generator=torch.Generator().manual_seed(seed))
    target = features.argmax(dim=1)
    evaluate = (features[rows:], target[rows:]) if evaluates else None
    return Site(name, (features[:rows], target[:rows]), evaluate)


SITES = [site("one", 50, 1), site("two", 65, 2, evaluates=False), site("six", 40, 3)]


def run(sites: list[Site] = SITES, model: list[Layer] = MODEL, classes: int = 3, **fields: object) -> Outcome:
    return federate(sites, Task(model, RUN | fields, classes))


def distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    return max(float((one[name] - other[name]).abs().max()) for name in one)


class TestAlgorithms:
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_each_trains(self, algorithm: str) -> None:
        outcome = run(algorithm=algorithm, rounds=5, lr=0.05, client_learning_rate=1.0, eta=0.05)
        assert set(outcome.train_losses) == set(outcome.evaluate_losses) == set(range(1, 6))
        assert outcome.evaluate_losses[5] < 0.9 * outcome.evaluate_losses[1]
        assert distance(outcome.weights, Task(MODEL, RUN, 3).network().state_dict()) > 0.05

    @pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "Bulyan"])
    def test_one_participant_is_enough(self, algorithm: str) -> None:
        assert run(SITES[:1], algorithm=algorithm, rounds=1).evaluate_losses

    def test_bulyan_says_how_many_it_needs(self) -> None:
        with pytest.raises(
            Rejected, match="'Bulyan' cannot aggregate the models of 2 participants; it needs at least 4"
        ):
            run(SITES[:2], algorithm="Bulyan")

    def test_averages_are_weighted_by_rows(self) -> None:
        outcome = run(rounds=1)
        for name, tensor in outcome.weights.items():
            shares = [len(one.train[0]) / 155 * outcome.local_weights[one.participant_id][name] for one in SITES]
            torch.testing.assert_close(tensor, torch.stack(shares).sum(dim=0))
        losses = [len(one.train[0]) / 155 * outcome.local_losses[one.participant_id][1] for one in SITES]
        assert outcome.train_losses[1] == pytest.approx(sum(losses))

    def test_hyperparameters_reach_the_strategy(self) -> None:
        adam = build_strategy({"algorithm": "FedAdam", "eta": 0.5, "beta_1": 0.8, "tau": 0.01, "betas": [0.1, 0.2]})
        assert (vars(adam)["eta"], vars(adam)["beta_1"], vars(adam)["tau"]) == (0.5, 0.8, 0.01)
        assert vars(build_strategy({"algorithm": "FedProx", "mu": 0.3}))["proximal_mu"] == 0.3
        assert vars(build_strategy({"algorithm": "FedProx"}))["proximal_mu"] == 0.1
        assert vars(build_strategy({"algorithm": "QFedAvg", "lr": 0.3}))["client_learning_rate"] == 0.3

    def test_a_fraction_of_the_participants_may_train(self) -> None:
        first, second = run(fraction_train=0.4), run(fraction_train=0.4)
        assert first.train_losses == second.train_losses
        assert all(sum(number in losses for losses in first.local_losses.values()) == 1 for number in range(1, 5))

    def test_what_averages_no_parameters_survives_a_server_side_optimizer(self) -> None:
        normalised: list[Layer] = [
            MODEL[0],
            {"is_input": False, "l_type": "BatchNorm1d", "structure": {"num_features": 8}, "activation": ""},
            MODEL[1],
        ]
        for algorithm in ("FedAvg", "FedAdam", "FedAvgM", "QFedAvg"):
            weights = run(model=normalised, algorithm=algorithm, server_momentum=0.5, rounds=2).weights
            assert (weights["layers.1.running_var"] > 0).all()
            assert weights["layers.1.num_batches_tracked"].dtype == torch.int64
            Network(normalised).load_state_dict(weights)


class TestLoss:
    def test_mu_holds_participants_near_the_global_model(self) -> None:
        start = Task(MODEL, RUN, 3).network().state_dict()
        free, held = (run(algorithm="FedProx", mu=mu, rounds=1).local_weights["one"] for mu in (0.0, 10.0))
        assert distance(held, start) < 0.8 * distance(free, start)

    def test_l1_and_l2_shrink_the_weights(self) -> None:
        plain, l1, l2 = (
            sum(float(tensor.abs().sum()) for tensor in run(**penalty).weights.values())
            for penalty in ({}, {"l1_lambda": 0.1}, {"l2_lambda": 0.5})
        )
        assert max(l1, l2) < 0.9 * plain

    def test_penalties_are_not_in_the_histories(self) -> None:
        fields = {"lr": 1e-9, "rounds": 1, "epochs": 1, "batch_size": None}
        assert run(**fields, l1_lambda=100.0).train_losses[1] == pytest.approx(run(**fields).train_losses[1], abs=1e-4)

    def test_losses_are_per_row_for_any_reduction(self) -> None:
        fields = {"lr": 1e-9, "rounds": 1}
        summed, mean = run(**fields, reduction="sum"), run(**fields)
        assert summed.train_losses[1] == pytest.approx(mean.train_losses[1], abs=1e-4)
        assert summed.evaluate_losses[1] == pytest.approx(mean.evaluate_losses[1], abs=1e-4)

    @pytest.mark.parametrize("size", [None, 1, 7, 1000])
    def test_any_batch_size_trains(self, size: int | None) -> None:
        assert run(rounds=1, batch_size=size).train_losses

    @pytest.mark.parametrize(("name", "rate"), [("SGD", 0.1), ("LBFGS", 0.1), ("RMSprop", 0.01), ("Adagrad", 0.05)])
    def test_other_optimizers_train(self, name: str, rate: float) -> None:
        losses = run(optimizer=name, lr=rate).evaluate_losses
        assert losses[4] < losses[1]


class TestRounds:
    def test_one_seed_gives_one_result_whatever_happened_before(self) -> None:
        dropout: list[Layer] = [
            MODEL[0],
            {"is_input": False, "l_type": "Dropout", "structure": {"p": 0.5}, "activation": ""},
            MODEL[1],
        ]
        first = run(model=dropout)
        torch.rand(5)
        random.random()
        run(seed=1)
        second, other = run(model=dropout), run(model=dropout, seed=8)
        assert first.train_losses == second.train_losses
        assert first.evaluate_losses == second.evaluate_losses
        assert distance(first.weights, second.weights) == 0
        assert first.train_losses != other.train_losses

    def test_the_random_numbers_of_the_process_go_on_undisturbed(self) -> None:
        torch.manual_seed(3)
        random.seed(3)
        expected = torch.rand(1), random.random()
        torch.manual_seed(3)
        random.seed(3)
        run(rounds=1)
        assert (torch.rand(1), random.random()) == expected

    def test_every_round_is_reported(self) -> None:
        reports: list[RoundReport] = []
        outcome = federate(SITES, Task(MODEL, RUN, 3), on_round=reports.append)
        assert [report.number for report in reports] == [1, 2, 3, 4]
        assert {report.rounds for report in reports} == {4}
        assert [report.train_loss for report in reports] == list(outcome.train_losses.values())
        assert [report.evaluate_loss for report in reports] == list(outcome.evaluate_losses.values())
        assert set(reports[0].local_losses) == {"one", "two", "six"}

    def test_training_stops_when_evaluation_no_longer_improves(self) -> None:
        reports: list[RoundReport] = []
        task = Task(MODEL, RUN | {"rounds": 9, "patience": 2, "delta": 100.0}, 3)
        outcome = federate(SITES, task, on_round=reports.append)
        assert list(outcome.train_losses) == [1, 2, 3]
        assert [report.stopped for report in reports] == [False, False, True]

    @pytest.mark.parametrize(("cumulative", "rounds"), [(False, 3), (True, 6)])
    def test_a_cumulative_delta_counts_from_the_last_improvement(self, cumulative: bool, rounds: int) -> None:
        fields = {"rounds": 6, "patience": 2, "lr": 0.01}
        improvement = list(run(rounds=2, lr=0.01).evaluate_losses.values())
        delta = 1.5 * (improvement[0] - improvement[1])
        outcome = run(**fields, delta=delta, cumulative_delta=cumulative)
        assert len(outcome.train_losses) == rounds

    def test_nobody_need_evaluate(self) -> None:
        outcome = run([SITES[1]], patience=1)
        assert len(outcome.train_losses) == 4
        assert outcome.evaluate_losses == {}

    def test_it_can_be_cancelled_between_batches(self) -> None:
        cancelled, rounds = threading.Event(), []

        def on_round(report: RoundReport) -> None:
            rounds.append(report.number)
            cancelled.set()

        with pytest.raises(Cancelled):
            federate(SITES, Task(MODEL, RUN, 3), on_round=on_round, cancelled=cancelled)
        assert rounds == [1]


class TestFailures:
    def test_a_participant_that_fails_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> float:
            raise OSError("the disk is gone")

        monkeypatch.setattr("synergos.participant.training.fit", fail)
        with pytest.raises(SandboxError, match="participant 'one': the disk is gone") as caught:
            run()
        assert caught.value.status == 500

    def test_what_does_not_suit_torch_is_rejected(self) -> None:
        with pytest.raises(Rejected, match="the layers cannot take rows of 3 features"):
            run(model=[MODEL[1]])
        with pytest.raises(Rejected, match=r"output of shape \(8,\), and it must be \(3,\)"):
            run(model=[MODEL[0]])
        with pytest.raises(Rejected, match=r"participant 'one': .*Muon only supports 2D parameters"):
            run(optimizer="Muon")

    def test_a_training_that_diverges_is_rejected(self) -> None:
        with pytest.raises(
            Rejected,
            match=r"diverged in round \d at 'one', .*: .*; lower l2_lambda, .* or lower the learning rate",
        ):
            run(optimizer="SGD", criterion="MSELoss", lr=1e38, l2_lambda=1e10, rounds=9)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"algorithm": "FedAvgg"}, "algorithm 'FedAvgg' is unknown; nearest: FedAvg"),
            ({"algorithm": "FedXgbBagging"}, "is unknown"),
            ({"algorithm": "Strategy"}, "is unknown"),
            ({"algorithm": "FedGKT"}, "algorithm 'FedGKT': the sandbox does not have it"),
            ({"algorithm": "FedSplit"}, "the sandbox does not have it"),
            ({"algorithm": "SNNFedAvg"}, "the sandbox does not have it"),
            ({"is_snn": True}, "is_snn: the sandbox does not have it"),
            ({"algorithm": "FedTrimmedAvg", "beta": 0.7}, "'FedTrimmedAvg' cannot be built: `beta` must be"),
            ({"algorithm": "FedAdam", "eta": "fast"}, "eta is 'fast', and FedAdam takes a number"),
            ({"algorithm": "FedAvg", "fraction_train": 2}, "fraction_train is 2, and must be above 0 and at most 1"),
            ({"criterion": "NLLLos"}, "nearest: NLLLoss"),
            ({"optimizer": "Sgd"}, "nearest: SGD"),
            ({"optimizer": "SparseAdam"}, "SparseAdam does not support dense gradients"),
            ({"optimizer": "SGD", "momentum": "much"}, "optimizer 'SGD' cannot be built"),
            ({"lr_scheduler": "StepLR"}, "needs step_size"),
            ({"rounds": 0}, "rounds is 0, and must be 1 or more"),
            ({"epochs": -1}, "epochs is -1"),
            ({"batch_size": 0}, "batch_size is 0"),
            ({"rounds": 1.5}, "rounds is 1.5, and must be a whole number"),
            ({"rounds": True}, "rounds is True"),
            ({"mu": "big"}, "mu is 'big', and must be a number"),
            ({"l1_lambda": -1}, "l1_lambda is -1, and must not be negative"),
            ({"seed": 2**70}, "must fit into 64 bits"),
        ],
    )
    def test_a_run_is_checked_without_data(self, fields: dict[str, object], message: str) -> None:
        with pytest.raises(Rejected, match=message):
            check_run(fields)

    @pytest.mark.parametrize("name", ["OneCycleLR", "LinearLR", "ConstantLR", "PolynomialLR", "ReduceLROnPlateau"])
    def test_schedulers_that_need_nothing_train(self, name: str) -> None:
        check_run({"lr_scheduler": name, "optimizer": "Adam"})
        assert run(lr_scheduler=name, rounds=1).train_losses

    @pytest.mark.parametrize("fields", [{}, RUN, {"batch_size": None, "mu": None, "unheard_of": [1]}])
    def test_a_run_may_leave_out_everything(self, fields: dict[str, object]) -> None:
        check_run(fields)


class TestFlower:
    def test_it_is_silent(self, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        handlers = list(logging.getLogger().handlers)
        with caplog.at_level(logging.DEBUG):
            run(algorithm="FedProx", mu=0.0)
        assert capfd.readouterr() == ("", "")
        assert {record.name for record in caplog.records} == {"synergos.sandbox"}
        assert logging.getLogger().handlers == handlers

    def test_others_may_still_hear_flower(self, caplog: pytest.LogCaptureFixture) -> None:
        logging.getLogger("flwr").warning("spoken elsewhere")
        assert "spoken elsewhere" in caplog.text

    def test_it_connects_nowhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*address: object) -> None:
            raise AssertionError(f"connected to {address}")

        for name in ("connect", "connect_ex", "sendto"):
            monkeypatch.setattr(socket.socket, name, refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert run(rounds=1).train_losses

    def test_a_message_carries_all_but_the_data(self) -> None:
        task = Task(MODEL, RUN, 3)
        assert Task.loads(task.dumps()) == task
        assert json.loads(task.dumps())[2] == 3
