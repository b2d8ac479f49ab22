"""Models outside of the sandbox: they say what it says, of frames and images, and refuse what they cannot take."""

import json
import pickle
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import whole
from PIL import Image
from torch import nn

from synergos import Driver, InvalidArgument, load_model
from synergos.learning.alignment import fit_layers
from synergos.learning.network import Layer
from synergos.learning.party import Participant
from synergos.sandbox.server import demo_data

RUN: dict[str, object] = {"rounds": 2, "epochs": 2, "batch_size": 8, "lr": 0.02, "optimizer": "Adam"}


def layer(l_type: str, activation: str | None = None, **structure: object) -> Layer:
    return {"is_input": False, "l_type": l_type, "structure": structure, "activation": activation}


def linear(inputs: int, outputs: int, activation: str | None = None) -> Layer:
    return layer("Linear", activation, in_features=inputs, out_features=outputs)


def train(data: Path, model: Sequence[Layer], action: str, **run: object) -> tuple[Path, pd.DataFrame]:
    """Train and predict as the sandbox does; the folder of the model, and the predictions file."""
    tags: dict[str, Any] = {"train": [["t"]], "evaluate": [["t"]]}
    who = [Participant("a", predict=[["new"]], **tags), Participant("b", **tags)]
    alignment = whole.align(data, action, who)
    asked: dict[str, Any] = {
        "data": data,
        "outputs": data.parent / "outputs",
        "action": action,
        "model": fit_layers(model, alignment, action),
        "run": {**RUN, **run},
        "alignment": alignment,
    }
    whole.train(participants=who, **asked)
    found = whole.evaluate(trained=asked["outputs"], participant=who[0], meta="predict", **asked)
    return asked["outputs"], pd.read_csv(found["res_path"])


HOUSES_SCHEMA = {"area": "float64", "rooms": "Int64", "heated": "bool", "kind": "category", "code": "category"}
NEW_HOUSES = """area,rooms,heated,kind,code
80.5,3,yes,flat,1
,4,False,house,2
2000,?,True,castle,1.0
61,NA,,,
"""


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A regression over numbers with gaps, truth values, categories and codes, predicted by the sandbox."""
    data, numbers = tmp_path_factory.mktemp("houses") / "data", np.random.default_rng(3)
    for name in ("a", "b"):
        folder = data / name / "t"
        folder.mkdir(parents=True)
        area, rooms = numbers.uniform(40, 200, 60), numbers.integers(1, 7, 60)
        lines = ["area,rooms,heated,kind,code,target"]
        for row in range(60):
            kind, code = ("flat", "house")[row % 2], 1 + row % 3
            price = 3000 * area[row] + 1e4 * rooms[row]
            lines.append(f"{area[row] if row % 9 else ''},{rooms[row]},{row % 5 == 0},{kind},{code},{price}")
        (folder / "rows.csv").write_text("\n".join(lines))
        (folder / "schema.json").write_text(json.dumps({**HOUSES_SCHEMA, "target": "float64"}))
        (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    new = data / "a" / "new"
    new.mkdir()
    (new / "rows.csv").write_text(NEW_HOUSES)
    (new / "schema.json").write_text(json.dumps(HOUSES_SCHEMA))
    (new / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    return train(data, [linear(1, 8, "relu"), linear(8, 1)], "regress")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame, list[Path]]:
    """Bright and dark images of two classes, predicted by the sandbox."""
    data, numbers = tmp_path_factory.mktemp("pictures") / "data", np.random.default_rng(4)
    for name, count in (("a/t", 12), ("b/t", 12), ("a/new", 5)):
        folder = data / name
        folder.mkdir(parents=True)
        (folder / "metadata.json").write_text('{"datatype": "image", "operations": {}}')
        lines = ["image,target"]
        for place in range(count):
            pixels = numbers.normal((60, 180)[place % 2], 20, (8, 6 + (name == "a/new"), 3)).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{place}.png")
            lines.append(f"{place}.png,{('dark', 'bright')[place % 2]}")
        (folder / "mapping.csv").write_text("\n".join(lines))
    model = [
        layer("Conv2d", "relu", in_channels=1, out_channels=4, kernel_size=3),
        layer("Flatten"),
        linear(1, 1),
    ]
    folder, csv = train(data, model, "classify", criterion="BCEWithLogitsLoss")
    return folder, csv, [data / file for file in csv["file"]]


class TestEqualToTheSandbox:
    def test_classes_of_the_penguins(self, trained: Driver) -> None:
        ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}
        csv = pd.read_csv(trained.predictions.read("biscoe", **ids).data[0].predict.res_path)
        frame = pd.concat([pd.read_csv(demo_data() / file) for file in csv["file"].unique()]).set_index(csv.index[::-1])

        model = load_model(trained.models.read(**ids))
        shuffled = frame[frame.columns[::-1]]
        scores = model.predict_proba(shuffled)

        assert model.predict(shuffled).tolist() == csv["prediction"].tolist()
        assert list(scores) == model.signature.classes == ["Adelie", "Chinstrap", "Gentoo"]
        assert np.abs(scores.to_numpy() - csv[[f"score_{name}" for name in scores]].to_numpy()).max() < 1e-6
        assert scores.index.tolist() == frame.index.tolist()

    @pytest.mark.parametrize("read", [{"dtype": str, "keep_default_na": False}, {}], ids=["as texts", "as pandas does"])
    def test_a_regression_in_the_targets_own_unit(
        self, houses: tuple[Path, pd.DataFrame], tmp_path: Path, read: dict[str, Any]
    ) -> None:
        folder, csv = houses
        (tmp_path / "new.csv").write_text(NEW_HOUSES)
        with pytest.warns(UserWarning, match="'castle' in 1 of 4 rows, which nobody trained on"):
            predicted = load_model(folder).predict(pd.read_csv(tmp_path / "new.csv", **read))
        np.testing.assert_allclose(predicted, csv["prediction"], rtol=1e-6)
        assert csv["prediction"].max() > 1e5

    def test_frames_that_are_typed_say_the_same_as_texts(self, houses: tuple[Path, pd.DataFrame]) -> None:
        typed = pd.DataFrame(
            {
                "area": [80.5, None, 2000],
                "rooms": pd.array([3, 4, None], "Int64"),
                "heated": [True, False, True],
                "kind": pd.Categorical(["flat", "house", None]),
                "code": [1, 2, 1.0],
            }
        )
        model = load_model(houses[0] / "global_model.pt")
        found = model.predict(typed)
        np.testing.assert_allclose(found[:2], houses[1]["prediction"][:2], rtol=1e-6)
        assert torch.equal(model.encode(typed.astype(object)), model.encode(typed))

    def test_images_by_their_paths(self, pictures: tuple[Path, pd.DataFrame, list[Path]]) -> None:
        folder, csv, paths = pictures
        model = load_model(folder)
        scores = model.predict_proba(paths)
        assert np.abs(scores.to_numpy() - csv[["score_bright", "score_dark"]].to_numpy()).max() < 1e-6
        assert model.predict(pd.DataFrame({"image": map(str, paths)})).tolist() == csv["prediction"].tolist()

    def test_no_rows_are_no_predictions(self, houses: tuple[Path, pd.DataFrame]) -> None:
        frame = pd.DataFrame({name: [] for name in HOUSES_SCHEMA})
        assert load_model(houses[0]).predict(frame).empty


class TestInTorch:
    def test_the_module_takes_encoded_rows_and_can_be_pickled(self, trained: Driver) -> None:
        model = load_model(trained.models.read(project_id="penguins").data[0])
        frame = pd.read_csv(next(demo_data().rglob("iid_1/*.csv")))
        module = pickle.loads(pickle.dumps(model.module))
        assert isinstance(module, nn.Module)
        assert not module.training
        np.testing.assert_allclose(module(model.encode(frame)), model.predict_proba(frame), atol=1e-6)

    def test_onnx_says_the_same(
        self, pictures: tuple[Path, pd.DataFrame, list[Path]], houses: tuple[Path, pd.DataFrame], tmp_path: Path
    ) -> None:
        runtime = pytest.importorskip("onnxruntime")
        pytest.importorskip("onnxscript")
        typed = pd.DataFrame({"area": [80, 90], "rooms": [1, 2], "heated": ["y", "n"], "kind": ["flat"] * 2, "code": 1})
        for folder, rows in ((pictures[0], pictures[2]), (houses[0], typed)):
            model = load_model(folder)
            session = runtime.InferenceSession(model.to_onnx(tmp_path / "model.onnx"))
            for some in (rows, rows[:1]):
                [scores] = session.run(None, {"rows": model.encode(some).numpy()})
                said = model.predict_proba(some) if model.signature.classes else model.predict(some).to_frame()
                np.testing.assert_allclose(scores, said, rtol=1e-5)


class TestErrors:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda rows: rows.drop(columns=["area", "kind"]), "The frame lacks 'area', 'kind'; it has 'rooms'"),
            (lambda rows: rows.assign(area=pd.Timestamp("2026-01-01")), "'area' holds dates or times .*on numbers"),
            (lambda rows: rows.assign(kind=pd.Timestamp("2026-01-01").date()), "'kind' holds dates .*on categories"),
            (lambda rows: rows.assign(area=1j), "'area' holds complex numbers"),
            (lambda rows: rows.assign(kind=[["flat"]] * 3), "'kind' holds a list"),
            (lambda rows: rows.assign(area="big"), "'area' holds 'big' in row 1, which is no number, like 3 of 3"),
            (lambda rows: rows.assign(area=np.inf), "'area' holds 'inf' in row 1, which is no number"),
            (lambda rows: pd.concat([rows, rows[["area"]]], axis=1), "'area' more than once"),
            (lambda rows: rows.to_dict(), "of type dict, and must be a DataFrame"),
        ],
    )
    def test_frames_that_cannot_be_taken(self, houses: tuple[Path, pd.DataFrame], change: Any, said: str) -> None:
        rows = pd.DataFrame({"area": [1.0, 2, 3], "rooms": 1, "heated": True, "kind": "flat", "code": "1"})
        with pytest.raises(InvalidArgument, match=said):
            load_model(houses[0]).predict(change(rows))

    def test_a_few_texts_among_numbers_are_gaps_and_said(self, houses: tuple[Path, pd.DataFrame]) -> None:
        rows = pd.DataFrame({"area": ["7"] * 19 + ["big"], "rooms": 1, "heated": True, "kind": "flat", "code": "1"})
        with pytest.warns(UserWarning, match="'big' in row 20, which is no number: 1 of 20") as warned:
            found = load_model(houses[0]).predict(rows)
        assert warned[0].filename == __file__
        with warnings.catch_warnings(action="error"):
            assert found[19] == load_model(houses[0]).predict(rows.assign(area=[7] * 19 + [None]))[19]

    def test_images_that_are_not_there_or_broken(
        self, pictures: tuple[Path, pd.DataFrame, list[Path]], tmp_path: Path
    ) -> None:
        model = load_model(pictures[0])
        with pytest.raises(InvalidArgument, match=r"Row 2: 'nowhere.png' is not the path of a file"):
            model.predict([pictures[2][0], "nowhere.png"])
        (tmp_path / "no.png").write_text("no image")
        with pytest.raises(InvalidArgument, match=r"no.png' is not an image"):
            model.predict([tmp_path / "no.png"])

    def test_regressions_have_no_classes(self, houses: tuple[Path, pd.DataFrame]) -> None:
        with pytest.raises(InvalidArgument, match="is of a regression"):
            load_model(houses[0]).predict_proba(pd.DataFrame())

    def test_sources_that_are_no_model(self, trained: Driver, tmp_path: Path) -> None:
        for source, said in (
            (tmp_path / "gone", "does not exist"),
            (trained.projects.read(project_id="penguins"), "source=Reply holds no model"),
            (7, "source=int holds no model"),
            (tmp_path, r"There is no signature.json in .* pass layers="),
        ):
            with pytest.raises(InvalidArgument, match=said):
                load_model(source)

    def test_without_torch_it_says_what_to_install(self) -> None:
        code = (
            "import sys; sys.modules['torch'] = None\n"
            "import synergos\n"
            "try: synergos.load_model('.')\n"
            "except synergos.SynergosError as error: print(error)"
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert "'torch' is not installed: `pip install 'synergos-driver[model]'`" in said


class TestRealTTPs:
    """Beside the weights of a real TTP there is nothing, and its layers are called otherwise."""

    LAYERS = (linear(3, 4, "relu"), linear(4, 2, "softmax"))

    @pytest.fixture
    def weights(self, tmp_path: Path) -> Path:
        plain = nn.ModuleDict({"nnl_0_linear": nn.Linear(3, 4), "nnl_1_linear": nn.Linear(4, 2)})
        torch.save(plain.state_dict(), tmp_path / "global_model.pt")
        return tmp_path / "global_model.pt"

    def test_the_layers_make_the_module_and_what_is_missing_is_said(self, weights: Path) -> None:
        model = load_model(weights, layers=self.LAYERS)
        held = torch.load(weights)
        rows = torch.rand(5, 3)
        hidden = torch.relu(rows @ held["nnl_0_linear.weight"].T + held["nnl_0_linear.bias"])
        wanted = torch.softmax(hidden @ held["nnl_1_linear.weight"].T + held["nnl_1_linear.bias"], dim=1)
        assert torch.allclose(model.module(rows), wanted)
        assert "the names of the classes" in model.signature.missing
        assert "not told" in str(model.signature) == repr(model.signature)
        with pytest.raises(InvalidArgument, match=r"nobody tells .*the columns with their fills.*model\.module"):
            model.predict(pd.DataFrame({"x": [1]}))

    def test_other_layers_are_refused(self, weights: Path) -> None:
        with pytest.raises(InvalidArgument, match=r"nnl_0_linear.weight \(4, 3\).*the layers have layers.0.weight"):
            load_model(weights, layers=[linear(3, 2)])

    def test_files_that_are_on_the_ttp_only(self, trained: Driver) -> None:
        [record] = trained.models.read(project_id="penguins").data
        record.global_.path = "/ttp/outputs/test_project/global_model.pt"
        with pytest.raises(InvalidArgument, match="is not on this machine, but on the TTP's"):
            load_model(record)

    def test_what_is_no_state_dict_is_not_unpickled(self, tmp_path: Path) -> None:
        torch.save(nn.Linear(1, 1), tmp_path / "whole.pt")
        with pytest.raises(InvalidArgument, match="cannot be read as weights"):
            load_model(tmp_path / "whole.pt", layers=self.LAYERS)
