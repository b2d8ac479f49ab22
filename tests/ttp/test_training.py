import csv
import json
import threading
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
import whole
from whole import Evaluation

from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.errors import Cancelled, Rejected
from synergos.learning.network import Layer, check_layers, warm_up
from synergos.learning.party import Participant
from synergos.sandbox.server import demo_data
from synergos.ttp.strategies import check_run
from synergos.ttp.training import TrainedModel

DEMO = demo_data()
TRAIN_1 = [["non_iid_1"], ["edge_test_missing_coecerable_vals"], ["edge_test_misalign"], ["edge_test_na_slices"]]
ONE = Participant("test_participant_1", train=TRAIN_1, evaluate=[["iid_1"]], predict=[["iid_1"]])
TWO = Participant("test_participant_2", train=[["non_iid_2"]])
BOTH = [ONE, TWO]

SEED_RUN: dict[str, object] = {
    "algorithm": "FedProx",
    "rounds": 2,
    "epochs": 1,
    "lr": 0.001,
    "weight_decay": 0.0,
    "lr_decay": 0.1,
    "mu": 0.1,
    "l1_lambda": 0.0,
    "l2_lambda": 0.0,
    "optimizer": "SGD",
    "criterion": "NLLLoss",
    "lr_scheduler": "CyclicLR",
    "delta": 0.0,
    "patience": 10,
    "seed": 42,
    "is_snn": False,
    "precision_fractional": 5,
    "base_lr": 0.0005,
    "max_lr": 0.005,
}
GOOD_RUN: dict[str, object] = {
    "algorithm": "FedProx",
    "rounds": 20,
    "epochs": 2,
    "batch_size": 16,
    "lr": 0.05,
    "mu": 0.1,
    "optimizer": "Adam",
    "criterion": "NLLLoss",
    "lr_scheduler": "CyclicLR",
    "seed": 42,
}


def linear(inputs: int, outputs: int, activation: str | None, is_input: bool = False) -> Layer:
    structure: dict[str, object] = {"bias": True, "in_features": inputs, "out_features": outputs}
    return {"is_input": is_input, "l_type": "Linear", "structure": structure, "activation": activation}


SEED_MODEL = [linear(15, 1, "sigmoid", is_input=True)]
GOOD_MODEL = [linear(15, 16, "relu", is_input=True), linear(16, 1, "sigmoid")]


class Project:
    """One run of one experiment, from its layers to its statistics."""

    def __init__(
        self,
        outputs: Path,
        model: list[Layer],
        run: dict[str, object],
        participants: list[Participant],
        alignment: Alignment | None = None,
        data: Path = DEMO,
        action: str = "classify",
    ) -> None:
        check_layers(model)
        check_run(run)
        self.outputs, self.run, self.participants, self.data, self.action = outputs, run, participants, data, action
        self.alignment = alignment or whole.align(data, action, participants)
        self.model = fit_layers(model, self.alignment, action)

    def train(self, cancelled: threading.Event | None = None) -> dict[str, TrainedModel]:
        return whole.train(
            data=self.data,
            outputs=self.outputs,
            action=self.action,
            model=self.model,
            run=self.run,
            participants=self.participants,
            alignment=self.alignment,
            cancelled=cancelled,
        )

    def evaluate(
        self, participant: Participant | None = None, meta: Literal["evaluate", "predict"] = "evaluate"
    ) -> Evaluation:
        return whole.evaluate(
            data=self.data,
            trained=self.outputs,
            outputs=self.outputs,
            action=self.action,
            model=self.model,
            run=self.run,
            participant=participant or self.participants[0],
            alignment=self.alignment,
            meta=meta,
        )


def accuracy(found: Evaluation) -> float:
    """The share of rows whose class is right."""
    statistics = found["statistics"]
    right, missed = (np.sum(statistics[name]) for name in ("TPs", "FNs"))
    return float(right / (right + missed))


def write(folder: Path, features: np.ndarray, target: np.ndarray, dtype: str) -> None:
    folder.mkdir(parents=True)
    schema = {f"x{column}": "float64" for column in range(features.shape[1])} | {"target": dtype}
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text(json.dumps(schema))
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(schema)
        writer.writerows([*row, value] for row, value in zip(features, target, strict=True))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example of the project's first README, on the demo data, trained."""
    project = Project(tmp_path_factory.mktemp("outputs") / "run", SEED_MODEL, SEED_RUN, BOTH)
    project.train()
    return project


class TestReadme:
    def test_the_record_names_the_files_of_every_model(self, tmp_path: Path) -> None:
        project, outputs = Project(tmp_path / "run", SEED_MODEL, SEED_RUN, BOTH), tmp_path / "run"
        with pytest.raises(Rejected, match=r"global_model\.pt is gone; train the run again"):
            project.evaluate()
        record = project.train()
        assert {name: model["origin"] for name, model in record.items()} == {
            "global": "ttp",
            "local_1": "test_participant_1",
            "local_2": "test_participant_2",
        }
        assert record["local_2"]["path"] == str(outputs / "local_model_test_participant_2.pt")
        assert all(Path(model["path"]).is_file() and Path(model["loss_history"]).is_file() for model in record.values())

    def test_layers_are_fitted(self, project: Project) -> None:
        assert project.model == [linear(7, 3, "softmax", is_input=True)]
        assert project.alignment.targets == ["Adelie", "Chinstrap", "Gentoo"]
        assert project.alignment.spacers["test_participant_1"]["train"]["y"] == [1]
        assert project.alignment.spacers["test_participant_2"]["train"] == {"X": [6], "y": [2]}

    def test_files_are_those_of_the_grid_and_a_report_of_the_data(self, project: Project) -> None:
        assert {path.name for path in project.outputs.iterdir() if path.is_file()} == {
            "global_model.pt",
            "best_model.pt",
            "signature.json",
            "global_loss_history.json",
            "data_report.json",
            "local_model_test_participant_1.pt",
            "local_model_test_participant_2.pt",
            "local_loss_history_test_participant_1.json",
            "local_loss_history_test_participant_2.json",
        }

    def test_loss_histories(self, project: Project) -> None:
        whole = json.loads((project.outputs / "global_loss_history.json").read_text())
        local = json.loads((project.outputs / "local_loss_history_test_participant_2.json").read_text())
        assert {name: list(losses) for name, losses in whole.items()} == {"train": ["1", "2"], "evaluate": ["1", "2"]}
        assert list(local) == ["1", "2"]

    @pytest.mark.parametrize("meta", ["evaluate", "predict"])
    def test_statistics_have_an_entry_per_class(self, project: Project, meta: Literal["evaluate", "predict"]) -> None:
        found = project.evaluate(meta=meta)
        assert found["statistics"]["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
        assert {len(entries) for entries in found["statistics"].values() if isinstance(entries, list)} == {3}
        assert found["statistics"]["rows"] == 86
        assert found["res_path"] is not None
        folder = project.outputs / meta / "test_participant_1"
        assert found["res_path"] == str(folder / "predictions.csv")
        assert json.loads((folder / f"inference_statistics_{meta}.json").read_text()) == found["statistics"]

    def test_predictions_have_a_line_per_row(self, project: Project) -> None:
        path = project.evaluate(meta="predict")["res_path"]
        assert path is not None
        with Path(path).open() as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 86
        assert list(rows[0]) == [
            *("file", "row", "prediction"),
            *("score_Adelie", "score_Chinstrap", "score_Gentoo", "target"),
        ]
        assert (rows[4]["file"], rows[4]["row"]) == ("iid_1/penguins.csv", "5")
        assert {row["target"] for row in rows} == {"Adelie", "Chinstrap", "Gentoo"}
        assert sum(float(rows[0][name]) for name in rows[0] if name.startswith("score_")) == pytest.approx(1)

    def test_the_kept_model_can_be_loaded(self, project: Project) -> None:
        weights = torch.load(project.outputs / "global_model.pt", weights_only=True)
        assert weights["layers.0.weight"].shape == (3, 7)


class TestDemo:
    def test_together_they_learn_what_neither_can_alone(self, tmp_path: Path) -> None:
        together = Project(tmp_path / "both", GOOD_MODEL, GOOD_RUN, BOTH)
        together.train()
        found = together.evaluate()
        assert accuracy(found) > 0.9
        assert np.min(found["statistics"]["accuracy"]) > 0.9

        for name, participant, most in (("one", ONE, 0.81), ("two", TWO, 0.65)):
            alone = Project(tmp_path / name, GOOD_MODEL, GOOD_RUN, [participant], alignment=together.alignment)
            alone.train()
            evaluating = Participant(participant.participant_id, evaluate=[["iid_1"]])
            assert 0.5 < accuracy(alone.evaluate(evaluating)) < most

    def test_results_repeat_to_the_last_bit(self, tmp_path: Path) -> None:
        first = Project(tmp_path / "a", GOOD_MODEL, GOOD_RUN | {"rounds": 3}, BOTH)
        second = Project(tmp_path / "b", GOOD_MODEL, GOOD_RUN | {"rounds": 3}, BOTH)
        other = Project(tmp_path / "c", SEED_MODEL, SEED_RUN, BOTH)
        for project in (first, other, second):
            project.train()
        for name in ("global_loss_history.json", "local_loss_history_test_participant_1.json"):
            assert (first.outputs / name).read_bytes() == (second.outputs / name).read_bytes()
        assert first.evaluate()["statistics"] == second.evaluate()["statistics"]

    def test_any_ids_will_do(self, tmp_path: Path) -> None:
        participants = [
            Participant("größe 50%", train=TRAIN_1, evaluate=[["iid_1"]]),
            Participant("a#b?c", train=[["non_iid_2"]]),
        ]
        project = Project(tmp_path, SEED_MODEL, SEED_RUN, participants)
        trained = project.train()
        assert project.evaluate()["statistics"]
        assert all(Path(kept["path"]).parent == tmp_path and Path(kept["path"]).exists() for kept in trained.values())

    def test_training_rows_and_held_out_rows_differ(self) -> None:
        keys = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]

        def rows(tag: str) -> set[tuple[str, ...]]:
            with (DEMO / tag / "penguins.csv").open() as file:
                return {tuple(row[key] for key in keys) for row in csv.DictReader(file)}

        assert not rows("iid_1") & (rows("non_iid_1") | rows("non_iid_2") | rows("edge_test_misalign"))

    def test_it_is_small_and_says_where_it_is_from(self) -> None:
        assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 300_000
        note = (DEMO / "README.md").read_text()
        assert all(part in note for part in ("CC0", "Gorman", "Horst"))


class TestOtherProjects:
    def test_two_classes(self, tmp_path: Path) -> None:
        numbers = np.random.default_rng(0)
        for name in ("a", "b", "e"):
            features = numbers.normal(size=(200, 3))
            write(tmp_path / name, features, (features.sum(axis=1) > 0).astype(int), "int64")
        participants = [Participant("p", train=[["a"]], evaluate=[["e"]]), Participant("q", train=[["b"]])]
        for criterion, activation in (("BCELoss", "sigmoid"), ("BCEWithLogitsLoss", ""), ("MSELoss", "sigmoid")):
            run = GOOD_RUN | {"criterion": criterion, "algorithm": "FedAvg"}
            model = [linear(9, 9, activation)]
            project = Project(tmp_path / criterion, model, run, participants, data=tmp_path)
            assert project.model == [linear(3, 1, activation)]
            project.train()
            found = project.evaluate()
            assert accuracy(found) > 0.9
            assert {len(entries) for entries in found["statistics"].values() if isinstance(entries, list)} == {2}
        with pytest.raises(Rejected, match="'NLLLoss' needs more than two classes"):
            Project(tmp_path / "no", [linear(3, 1, "sigmoid")], SEED_RUN, participants, data=tmp_path).train()

    def test_classes_and_files_that_look_like_formulas_run_nothing(self, tmp_path: Path) -> None:
        features = np.arange(20.0).reshape(20, 1)
        target = np.where(features[:, 0] < 10, "=1+1", "@SUM(1)")
        write(tmp_path / "d" / "p" / "=tag", features, target, "category")
        model = [linear(1, 1, "sigmoid", is_input=True)]
        who = Participant("p", train=[["=tag"]], evaluate=[["=tag"]])
        project = Project(tmp_path / "o", model, SEED_RUN | {"criterion": "BCELoss"}, [who], data=tmp_path / "d")
        project.train()
        with Path(str(project.evaluate()["res_path"])).open(newline="") as file:
            cells = {cell for row in csv.reader(file) for cell in row if not cell.isdecimal()}
        assert {"'=1+1", "'@SUM(1)"} <= cells
        assert not [cell for cell in cells if cell.startswith(("=", "@"))]

    def test_regression(self, tmp_path: Path) -> None:
        numbers = np.random.default_rng(0)
        for name, shift in (("a", 0.0), ("b", 3.0), ("e", 1.0)):
            features = numbers.normal(size=(80, 2)) + shift
            write(tmp_path / name, features, features @ [2.0, -1.0] + 5, "float64")
        participants = [Participant("p", train=[["a"]], evaluate=[["e"]]), Participant("q", train=[["b"]])]
        run = GOOD_RUN | {"criterion": "MSELoss", "algorithm": "FedAvg", "lr": 0.1}
        project = Project(tmp_path / "o", [linear(9, 9, None)], run, participants, data=tmp_path, action="regress")
        project.train()
        found = project.evaluate()
        assert set(found["statistics"]) == {"R2", "MSE", "MAE", "rows"}
        assert np.min(found["statistics"]["R2"]) > 0.9
        assert Path(str(found["res_path"])).read_text().startswith("file,row,prediction,target\n")

    def test_predictions_without_targets_have_no_statistics(self, tmp_path: Path) -> None:
        features = np.random.default_rng(0).normal(size=(30, 2))
        write(tmp_path / "t", features, np.arange(30) % 3, "int64")
        write(tmp_path / "new", features[:4], np.array([""] * 4), "int64")
        write(tmp_path / "some", features[:4], np.array(["0", "", "1", ""]), "int64")
        write(tmp_path / "odd", features[:4], np.arange(4) + 7, "int64")
        project = Project(
            tmp_path / "o", [linear(2, 1, "")], SEED_RUN, [Participant("p", train=[["t"]])], data=tmp_path
        )
        project.train()
        found = project.evaluate(Participant("p", predict=[["new"]]), meta="predict")
        assert found["statistics"] == {}
        assert len(Path(str(found["res_path"])).read_text().splitlines()) == 5
        found = project.evaluate(Participant("p", predict=[["some"]]), meta="predict")
        assert np.sum(found["statistics"]["TPs"]) + np.sum(found["statistics"]["FNs"]) == 2
        assert project.evaluate(Participant("p", predict=[["odd"]]), meta="predict")["statistics"] == {}


class TestFailures:
    def test_cancelling_leaves_what_was_there(self, tmp_path: Path) -> None:
        project = Project(tmp_path / "o", SEED_MODEL, SEED_RUN, BOTH)
        cancelled = threading.Event()
        cancelled.set()
        with pytest.raises(Cancelled):
            project.train(cancelled)
        assert not project.outputs.exists()
        project.train()
        kept = {path.name: path.read_bytes() for path in project.outputs.iterdir()}
        project.run = SEED_RUN | {"seed": 1}
        with pytest.raises(Cancelled):
            project.train(cancelled)
        assert {path.name: path.read_bytes() for path in project.outputs.iterdir()} == kept

    def test_a_training_is_called_off_in_the_middle_of_a_step(self, tmp_path: Path) -> None:
        class AfterSome(threading.Event):
            looks = 0

            def is_set(self) -> bool:
                self.looks += 1
                return self.looks > 10

        run = SEED_RUN | {"optimizer": "LBFGS", "max_iter": 1_000, "rounds": 1, "epochs": 1, "batch_size": 1_000}
        project = Project(tmp_path / "o", SEED_MODEL, run, BOTH)
        with pytest.raises(Cancelled):
            project.train(AfterSome())

    def test_a_failing_write_leaves_no_partial_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise OSError("no space left on device")

        project = Project(tmp_path, SEED_MODEL, SEED_RUN, BOTH)
        monkeypatch.setattr(torch, "save", fail)
        with pytest.raises(OSError, match="no space left"):
            project.train()
        assert list(tmp_path.iterdir()) == []

    def test_other_layers_than_those_trained_are_rejected(self, tmp_path: Path) -> None:
        project = Project(tmp_path, SEED_MODEL, SEED_RUN, BOTH)
        project.train()
        project.model = fit_layers(GOOD_MODEL, project.alignment, "classify")
        with pytest.raises(Rejected, match="does not have the experiment's layers; train the run again"):
            project.evaluate()
        (tmp_path / "global_model.pt").write_bytes(b"nonsense")
        with pytest.raises(Rejected, match="train the run again"):
            project.evaluate()

    def test_participants_must_be_aligned_and_there(self, tmp_path: Path) -> None:
        project = Project(tmp_path, SEED_MODEL, SEED_RUN, BOTH)
        project.participants = [Participant("late", train=[["non_iid_1"]])]
        with pytest.raises(Rejected, match="'late' is not aligned; align the project again"):
            project.train()
        project.participants = []
        with pytest.raises(Rejected, match="nobody to train"):
            project.train()

    def test_unaligned_layers_are_rejected(self, tmp_path: Path) -> None:
        project = Project(tmp_path, SEED_MODEL, SEED_RUN, BOTH)
        project.model = SEED_MODEL
        with pytest.raises(Rejected, match=r"cannot take rows of 7 features, as .* has them: .*; align the project"):
            project.train()

    def test_evaluating_needs_tags(self, tmp_path: Path) -> None:
        project = Project(tmp_path, SEED_MODEL, SEED_RUN, BOTH)
        project.train()
        with pytest.raises(Rejected, match="'test_participant_2' has no tags to evaluate with"):
            project.evaluate(TWO)


def test_the_number_of_threads_is_left_alone(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    Project(tmp_path, SEED_MODEL, SEED_RUN, BOTH).train()
    assert torch.get_num_threads() == threads


def test_warming_up_can_be_done_at_any_time() -> None:
    warm_up()
    warm_up()
