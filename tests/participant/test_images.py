import csv
import json
import struct
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import torch
import whole
from PIL import Image
from whole import Evaluation

from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.errors import Cancelled, Rejected
from synergos.learning.network import Layer, check_layers
from synergos.learning.party import Participant
from synergos.participant import images, rows
from synergos.participant.reading import load
from synergos.participant.table import Table
from synergos.participant.worker import encode
from synergos.ttp.training import TrainedModel

SIZE = 12
RUN: dict[str, object] = {
    "algorithm": "FedAvg",
    "rounds": 24,
    "epochs": 2,
    "batch_size": 16,
    "lr": 0.01,
    "optimizer": "Adam",
    "criterion": "CrossEntropyLoss",
    "lr_scheduler": "",
    "seed": 7,
}
# The example of the original's README, made for digits of 28 x 28 pixels.
README_MODEL: list[Layer] = [
    {
        "activation": "relu",
        "is_input": True,
        "l_type": "Conv2d",
        "structure": {"in_channels": 1, "out_channels": 4, "kernel_size": 3, "stride": 1, "padding": 1},
    },
    {"activation": None, "is_input": False, "l_type": "Flatten", "structure": {}},
    {
        "activation": "softmax",
        "is_input": False,
        "l_type": "Linear",
        "structure": {"bias": True, "in_features": 4 * 28 * 28, "out_features": 3},
    },
]
PARTICIPANTS = [Participant("a", train=[["t"]], evaluate=[["held"]]), Participant("b", train=[["t"]])]
NOTHING: dict[str, list[int]] = {"X": [], "y": []}


def layer(l_type: str, activation: str | None = None, **structure: object) -> Layer:
    return {"is_input": False, "l_type": l_type, "structure": structure, "activation": activation}


def bar(kind: str, numbers: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A bright bar on a dark ground, with noise."""
    picture = numbers.normal(60, 25, (SIZE, SIZE))
    place = int(numbers.integers(1, SIZE - 2))
    if kind == "horizontal":
        picture[place : place + 2] += 120
    elif kind == "vertical":
        picture[:, place : place + 2] += 120
    else:
        shift = place - SIZE // 2
        picture += 120 * (np.eye(SIZE, k=shift) + np.eye(SIZE, k=shift + 1))
    return picture.clip(0, 255).astype(np.uint8)


def write(
    folder: Path,
    pictures: Sequence[npt.NDArray[np.uint8]],
    targets: Sequence[object] | None,
    suffix: str = "png",
    **operations: object,
) -> Path:
    """Write a data folder: the images, their mapping and the metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text(json.dumps({"datatype": "image", "operations": operations}))
    names = [f"{number:03}.{suffix}" for number in range(len(pictures))]
    for name, picture in zip(names, pictures, strict=True):
        Image.fromarray(picture).save(folder / name)
    pd.DataFrame({"image": names} | ({} if targets is None else {"target": targets})).to_csv(
        folder / "mapping.csv", index=False
    )
    return folder


def write_bars(folder: Path, kinds: Sequence[str], seed: int, channel: int | None = None, **more: Any) -> Path:
    """Write bars of some kinds; with a channel they are of that colour, and the other colours are noise."""
    numbers = np.random.default_rng(seed)
    pictures = [bar(kind, numbers) for kind in kinds]
    if channel is not None:
        noise = numbers.normal(60, 25, (len(kinds), SIZE, SIZE, 3)).clip(0, 255).astype(np.uint8)
        for number, picture in enumerate(pictures):
            noise[number, :, :, channel] = picture
        pictures = list(noise)
    return write(folder, pictures, kinds, **more)


def write_project(data: Path, **more: Any) -> None:
    """Two participants, of whom one has never seen a diagonal bar and the other no vertical one."""
    write_bars(data / "a" / "t", ["horizontal", "vertical"] * 40, 1, **more)
    write_bars(data / "b" / "t", ["horizontal", "diagonal"] * 40, 2, **more)
    write_bars(data / "held", ["horizontal", "vertical", "diagonal"] * 20, 3, **more)


def write_table(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text('{"x": "float64", "target": "category"}')
    (folder / "rows.csv").write_text("x,target\n1,horizontal\n2,vertical\n3,diagonal\n")


def read(data: Path, *tags: str, purpose: str = "train", action: str = "classify") -> Table:
    return load(data, "p", [[tag] for tag in tags], action=action, purpose=purpose)


def align(data: Path, *tags: str) -> Alignment:
    return whole.align(data, "classify", [Participant("p", train=[[tag] for tag in tags])])


class Project:
    """An experiment on images, aligned by way of what the records keep."""

    def __init__(
        self,
        data: Path,
        model: Sequence[Layer],
        participants: Sequence[Participant] = PARTICIPANTS,
        action: str = "classify",
        **fields: object,
    ) -> None:
        self.data, self.action, self.participants, self.run = data, action, participants, RUN | fields
        aligned = whole.align(data, action, participants)
        self.alignment = Alignment.from_dict(json.loads(json.dumps(aligned.to_dict())))
        assert self.alignment == aligned
        self.model = fit_layers(model, self.alignment, action)
        check_layers(self.model)
        self.outputs = data.parent / "outputs"

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
    right, missed = (np.sum(found["statistics"][name]) for name in ("TPs", "FNs"))
    return float(right / (right + missed))


def rows_of(found: Evaluation) -> list[dict[str, str]]:
    with Path(str(found["res_path"])).open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The original's example, trained on bars."""
    data = tmp_path_factory.mktemp("images") / "data"
    write_project(data)
    project = Project(data, README_MODEL)
    project.train()
    return project


class TestReadme:
    def test_the_layers_are_fitted(self, project: Project) -> None:
        first, flatten, last = project.model
        assert (first, flatten) == (README_MODEL[0], README_MODEL[1])
        assert last["structure"] == {"bias": True, "in_features": 4 * SIZE * SIZE, "out_features": 3}
        assert README_MODEL[2]["structure"]["in_features"] == 4 * 28 * 28

    def test_the_alignment_has_classes_and_a_format_and_no_features(self, project: Project) -> None:
        aligned = project.alignment
        assert (aligned.features, aligned.columns) == ([], {})
        assert aligned.targets == ["diagonal", "horizontal", "vertical"]
        assert aligned.spacers == {
            "a": {"train": {"X": [], "y": [0]}, "evaluate": NOTHING, "predict": NOTHING},
            "b": {"train": {"X": [], "y": [2]}, "evaluate": NOTHING, "predict": NOTHING},
        }
        assert aligned.image is not None
        assert aligned.image.shape == (1, SIZE, SIZE)

    def test_together_they_learn_what_neither_has_seen_alone(self, project: Project) -> None:
        found = project.evaluate()
        assert accuracy(found) > 0.9
        assert {len(entries) for name, entries in found["statistics"].items() if name != "rows"} == {3}

    def test_none_of_them_learns_it_alone(self, tmp_path: Path) -> None:
        write_project(tmp_path / "data")
        project = Project(tmp_path / "data", README_MODEL)
        for participant in PARTICIPANTS:
            project.participants = [participant]
            project.train()
            assert accuracy(project.evaluate(Participant(participant.participant_id, evaluate=[["held"]]))) < 0.7

    def test_predictions_say_which_image_each_row_is(self, project: Project) -> None:
        rows = rows_of(project.evaluate(Participant("a", predict=[["held"]]), "predict"))
        assert len(rows) == 60
        assert list(rows[0]) == [
            *("file", "row", "prediction"),
            *("score_diagonal", "score_horizontal", "score_vertical", "target"),
        ]
        assert (rows[4]["file"], rows[4]["row"], rows[4]["target"]) == ("held/004.png", "5", "vertical")

    def test_predictions_do_without_targets(self, project: Project) -> None:
        write_bars(project.data / "new", ["vertical"] * 10, 9)
        (project.data / "new" / "mapping.csv").write_text("image\n003.png\n001.png\n")
        found = project.evaluate(Participant("a", predict=[["new"]]), "predict")
        assert found["statistics"] == {}
        assert [(row["file"], row["prediction"], row["target"]) for row in rows_of(found)] == [
            ("new/003.png", "vertical", ""),
            ("new/001.png", "vertical", ""),
        ]

    def test_images_of_another_size_and_mode_are_made_fit(self, project: Project) -> None:
        numbers = np.random.default_rng(5)
        large = [np.kron(bar("vertical", numbers)[..., None], np.ones((2, 2, 3), np.uint8)) for _ in range(10)]
        write(project.data / "large", large, ["vertical"] * 10, suffix="jpg")
        assert accuracy(project.evaluate(Participant("a", evaluate=[["large"]]))) > 0.9

    def test_tables_cannot_be_evaluated_by_it(self, project: Project) -> None:
        write_table(project.data / "rows")
        with pytest.raises(Rejected, match="'rows' has datatype 'tabular', and the project was aligned on 'image'"):
            project.evaluate(Participant("a", evaluate=[["rows"]]))

    def test_broken_images_are_named_before_anything_is_trained(self, project: Project) -> None:
        folder = write_bars(project.data / "cut", ["vertical"] * 3, 9)
        whole = (folder / "001.png").read_bytes()
        (folder / "001.png").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(Rejected, match=r"'cut/001.png' cannot be read as an image: .*truncated"):
            project.evaluate(Participant("a", evaluate=[["cut"]]))

    def test_it_can_be_cancelled(self, project: Project) -> None:
        cancelled = threading.Event()
        cancelled.set()
        with pytest.raises(Cancelled):
            project.train(cancelled)


class TestOtherProjects:
    def test_colours(self, tmp_path: Path) -> None:
        write_project(tmp_path / "data", channel=1)
        project = Project(tmp_path / "data", README_MODEL)
        assert project.model[0]["structure"]["in_channels"] == 3
        project.train()
        assert accuracy(project.evaluate()) > 0.9

    def test_results_repeat_to_the_last_bit(self, tmp_path: Path) -> None:
        losses = []
        for name in ("one", "two"):
            write_project(tmp_path / name / "data")
            project = Project(tmp_path / name / "data", README_MODEL, rounds=2)
            project.train()
            losses.append((project.outputs / "global_loss_history.json").read_bytes())
        assert losses[0] == losses[1]

    def test_two_classes_without_a_flatten(self, tmp_path: Path) -> None:
        for name, seed in (("t", 1), ("e", 2)):
            write_bars(tmp_path / "data" / name, ["horizontal", "vertical"] * 30, seed)
        model = [
            layer("Conv2d", "relu", in_channels=3, out_channels=4, kernel_size=3),
            layer("MaxPool2d", kernel_size=2),
        ]
        model.append(layer("Linear", "sigmoid", in_features=1, out_features=9))
        participants = [Participant("p", train=[["t"]], evaluate=[["e"]])]
        project = Project(tmp_path / "data", model, participants, criterion="BCELoss")
        assert project.model[2] == layer("Linear", "sigmoid", in_features=4 * 5 * 5, out_features=1)
        project.train()
        assert accuracy(project.evaluate()) > 0.9

    def test_regression(self, tmp_path: Path) -> None:
        numbers = np.random.default_rng(0)
        for name, count in (("a/t", 60), ("b/t", 60), ("held", 40)):
            levels = numbers.uniform(0, 200, count)
            pictures = [numbers.normal(level, 10, (8, 8)).clip(0, 255).astype(np.uint8) for level in levels]
            write(tmp_path / "data" / name, pictures, [f"{level / 20:.3f}" for level in levels])
        model = [
            README_MODEL[0],
            layer("AdaptiveAvgPool2d", output_size=1),
            layer("Linear", in_features=1, out_features=9),
        ]
        project = Project(tmp_path / "data", model, action="regress", criterion="MSELoss", lr=0.05)
        assert project.model[2]["structure"] == {"in_features": 4, "out_features": 1}
        assert project.alignment.targets == []
        project.train()
        found = project.evaluate()
        assert set(found["statistics"]) == {"R2", "MSE", "MAE", "rows"}
        assert np.min(found["statistics"]["R2"]) > 0.9
        assert rows_of(found)[0]["file"] == "held/000.png"


class TestLayers:
    @pytest.fixture
    def aligned(self, tmp_path: Path) -> Alignment:
        write(tmp_path / "t", [np.full((8, 10, 3), 9, np.uint8)] * 3, ["x", "y", "z"])
        return align(tmp_path, "t")

    def test_an_experiment_may_begin_with_a_linear_layer(self, aligned: Alignment) -> None:
        model = [
            layer("Linear", "relu", in_features=15, out_features=8),
            layer("Linear", in_features=8, out_features=1),
        ]
        first, last = fit_layers(model, aligned, "classify")
        assert first["structure"] == {"in_features": 3 * 8 * 10, "out_features": 8}
        assert last == layer("Linear", "softmax", in_features=8, out_features=3)

    def test_layers_that_keep_the_size_are_fitted_on_the_way(self, aligned: Alignment) -> None:
        model = [
            layer("BatchNorm2d", num_features=1),
            layer("Conv2d", in_channels=1, out_channels=6, kernel_size=[3, 3], stride=2),
            layer("BatchNorm2d", num_features=6),
            layer("Dropout2d", p=0.1),
            layer("Flatten"),
            layer("BatchNorm1d", num_features=99),
            layer("Dropout", p=0.1),
            layer("Linear", in_features=99, out_features=16),
            layer("BatchNorm1d", num_features=16),
            layer("Linear", in_features=16, out_features=1),
        ]
        structures = [one["structure"] for one in fit_layers(model, aligned, "classify")]
        assert structures[:3] == [
            {"num_features": 3},
            {"in_channels": 3, "out_channels": 6, "kernel_size": [3, 3], "stride": 2},
            {"num_features": 6},
        ]
        assert structures[5] == {"num_features": 6 * 3 * 4}
        assert structures[7:] == [
            {"in_features": 6 * 3 * 4, "out_features": 16},
            {"num_features": 16},
            {"in_features": 16, "out_features": 3},
        ]

    def test_only_the_first_layers_of_their_kind_are_fitted(self, aligned: Alignment) -> None:
        model = [
            layer("Conv2d", in_channels=1, out_channels=4, kernel_size=3),
            layer("Conv2d", in_channels=5, out_channels=4, kernel_size=3),
            layer("Flatten"),
            layer("Linear", in_features=7, out_features=1),
        ]
        fitted = fit_layers(model, aligned, "classify")
        assert fitted[0]["structure"]["in_channels"] == 3
        assert fitted[1] == model[1]
        assert fitted[3]["structure"] == {"in_features": 7, "out_features": 3}

    def test_a_large_linear_layer_takes_no_memory(self, aligned: Alignment) -> None:
        model = [layer("Conv2d", in_channels=1, out_channels=10**6, kernel_size=1), README_MODEL[2]]
        assert fit_layers(model, aligned, "classify")[1]["structure"]["in_features"] == 8 * 10 * 10**6

    def test_an_experiment_without_layers_stays_so(self, aligned: Alignment) -> None:
        assert fit_layers([], aligned, "classify") == []

    def test_layers_that_do_not_take_images_are_named_by_the_training(self, tmp_path: Path) -> None:
        write_bars(tmp_path / "data" / "t", ["horizontal", "vertical", "diagonal"], 1)
        model = [layer("Conv2d", in_channels=1, out_channels=4, kernel_size=20), *README_MODEL[1:]]
        project = Project(tmp_path / "data", model, [Participant("p", train=[["t"]])])
        with pytest.raises(
            Rejected, match=r"cannot take rows of 1 x 12 x 12 features, as .p. has them: .*[Kk]ernel size"
        ):
            project.train()


class TestFormat:
    def test_an_alignment_of_tables_from_before_there_were_images_still_loads(self, tmp_path: Path) -> None:
        write_table(tmp_path / "t")
        aligned = align(tmp_path, "t")
        stored = aligned.to_dict()
        assert stored.pop("image") is None
        assert Alignment.from_dict(json.loads(json.dumps(stored))) == aligned

    def test_channels_are_scaled_over_all_training_images(self, tmp_path: Path) -> None:
        numbers = np.random.default_rng(0)
        first, second = numbers.integers(0, 100, (3, 4, 5, 3)), numbers.integers(50, 256, (2, 4, 5, 3))
        write(tmp_path / "a" / "t", list(first.astype(np.uint8)), ["x", "y", "x"])
        write(tmp_path / "b" / "t", list(second.astype(np.uint8)), ["x", "y"])
        write(tmp_path / "held", [np.zeros((4, 5, 3), np.uint8)], ["x"])
        aligned = whole.align(tmp_path, "classify", PARTICIPANTS)
        every = np.concatenate([first, second])
        assert aligned.image is not None
        assert aligned.image.shape == (3, 4, 5)
        np.testing.assert_allclose(aligned.image.means, every.mean(axis=(0, 1, 2)))
        np.testing.assert_allclose(aligned.image.deviations, every.std(axis=(0, 1, 2)))
        encoded = encode(load(tmp_path, "b", [["t"]], action="classify", purpose="train"), aligned)[:].numpy()
        assert (encoded.shape, encoded.dtype) == ((2, 3, 4, 5), np.float32)
        expected = (second - every.mean(axis=(0, 1, 2))) / every.std(axis=(0, 1, 2))
        np.testing.assert_allclose(encoded, expected.transpose(0, 3, 1, 2), rtol=1e-4, atol=1e-5)

    def test_a_channel_that_is_the_same_everywhere_is_nought(self, tmp_path: Path) -> None:
        write(tmp_path / "t", [np.full((4, 4), 77, np.uint8)] * 2, ["x", "y"])
        assert not encode(read(tmp_path, "t"), align(tmp_path, "t"))[:].any()

    @pytest.mark.parametrize(
        ("sizes", "expected"), [([(8, 6), (8, 6), (4, 4)], (8, 6)), ([(8, 6), (4, 9), (5, 5), (9, 9)], (5, 5))]
    )
    def test_the_most_frequent_size_is_taken_and_of_several_the_smallest(
        self, tmp_path: Path, sizes: list[tuple[int, int]], expected: tuple[int, int]
    ) -> None:
        pictures = [np.full((height, width), 9, np.uint8) for width, height in sizes]
        write(tmp_path / "t", pictures, range(len(sizes)))
        aligned = align(tmp_path, "t").image
        assert aligned is not None
        assert (aligned.width, aligned.height) == expected

    def test_a_folder_may_set_the_size_for_all(self, tmp_path: Path) -> None:
        plain = [np.full((4, 4), 9, np.uint8)] * 3
        write(tmp_path / "a" / "t", plain, "xyz")
        write(tmp_path / "b" / "t", plain[:1], "x", resize=[6, 5])
        write(tmp_path / "held", plain, "xyz", resize=[9, 9])
        aligned = whole.align(tmp_path, "classify", PARTICIPANTS)
        assert aligned.image is not None
        assert aligned.image.shape == (1, 5, 6)
        write(tmp_path / "a" / "t", plain, "xyz", resize=[6, 6])
        with pytest.raises(Rejected, match=r"'resize' is \[6, 6\] in 'a/t/metadata.json' and \[6, 5\] in 'b/t/met"):
            whole.align(tmp_path, "classify", PARTICIPANTS)

    @pytest.mark.parametrize(
        ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3), ("CMYK", 3)]
    )
    def test_modes(self, tmp_path: Path, mode: str, channels: int) -> None:
        folder = write(tmp_path / "t", [np.zeros((4, 4), np.uint8)] * 2, ["x", "y"], suffix="tiff")
        Image.new("RGB", (4, 4), "white").convert(mode).save(folder / "001.tiff")
        aligned = align(tmp_path, "t")
        assert aligned.image is not None
        assert aligned.image.means == (127.5,) * channels

    def test_images_of_16_bits_keep_their_high_bits(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.zeros((1, 2), np.uint8)], ["x"])
        Image.fromarray(np.array([[0x1000, 0xF000]], np.uint16)).save(folder / "000.png")
        aligned = align(tmp_path, "t").image
        assert aligned is not None
        assert aligned.means == ((0x10 + 0xF0) / 2,)

    @pytest.mark.parametrize(("is_gray", "channels"), [(True, 1), (False, 3)])
    def test_a_folder_may_have_its_colours_dropped_or_added(self, tmp_path: Path, is_gray: bool, channels: int) -> None:
        shape = (4, 4, 3) if is_gray else (4, 4)
        operations = {"use_grayscale": is_gray, "use_alpha": False, "use_deepaugment": True}
        write(tmp_path / "t", [np.full(shape, 9, np.uint8)] * 2, ["x", "y"], **operations)
        aligned = align(tmp_path, "t").image
        assert aligned is not None
        assert aligned.shape == (channels, 4, 4)

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
    def test_photos_are_turned_as_their_cameras_say(self, tmp_path: Path, orientation: int, suffix: str) -> None:
        # Bright on the upper left; what a camera stores of it is what undoes its orientation.
        upright = np.zeros((16, 24), np.uint8)
        upright[:8, :12] = 255
        stored = {
            **{1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.T},
            **{6: np.rot90(upright, 1), 7: np.rot90(upright, 2).T, 8: np.rot90(upright, -1)},
        }[orientation]
        folder = write(tmp_path / "t", [upright] * 2, "xy", suffix=suffix)
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(np.ascontiguousarray(stored)).save(folder / f"000.{suffix}", exif=exif, quality=100)
        table = read(tmp_path, "t")
        assert table.features[["width", "height"]].to_numpy().tolist() == [[24, 16], [24, 16]]
        turned = encode(table, align(tmp_path, "t"))[:]
        assert float((turned[0] - turned[1]).abs().max()) < 0.2

    def test_a_photo_with_broken_notes_is_taken_as_it_is(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 6), 9, np.uint8)], ["x"], suffix="jpg")
        Image.new("L", (6, 4)).save(folder / "000.jpg", exif=b"Exif\0\0MM\0*\0\0\0\xff\xff\xff")
        assert read(tmp_path, "t").features[["width", "height"]].to_numpy().tolist() == [[6, 4]]


class TestImages:
    def test_what_is_kept_is_bounded_and_changes_nothing(self, tmp_path: Path) -> None:
        numbers = np.random.default_rng(1)
        write(tmp_path / "t", [numbers.integers(0, 255, (6, 4), np.uint8) for _ in range(20)], ["x", "y"] * 10)
        aligned, table = align(tmp_path, "t"), read(tmp_path, "t")
        assert aligned.image is not None
        everything = encode(table, aligned)[:]
        for room in (0, 5 * 24, 2**20):
            by_batch = images.Images(table.features, aligned.image, images.Room(room))
            for batch in [*torch.randperm(20).split(7), torch.arange(20), torch.arange(0)]:
                assert torch.equal(by_batch[batch], everything[batch])
            assert torch.equal(by_batch[3:9], everything[3:9])
            for path in table.features["path"]:
                Path(path).rename(f"{path}.away")
            kept = min(room // 24, 20)
            assert sum(self.is_kept(by_batch, number) for number in range(20)) == kept
            for path in table.features["path"]:
                Path(f"{path}.away").rename(path)

    def is_kept(self, rows: images.Images, number: int) -> bool:
        try:
            return len(rows[torch.tensor([number])]) == 1
        except Rejected:
            return False

    @pytest.mark.parametrize("batch_size", [16, None])
    def test_a_set_that_is_not_held_trains_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int | None
    ) -> None:
        write_project(tmp_path / "data")
        held = Project(tmp_path / "data", README_MODEL, rounds=2, batch_size=batch_size)
        held.train()
        expected = [torch.load(path) for path in sorted(held.outputs.glob("*.pt"))]
        scores = held.evaluate()["statistics"]
        # The whole of a batch and no set.
        monkeypatch.setattr(rows, "_PART_BYTES", 40 * SIZE * SIZE * 4)
        held.train()
        for path, one in zip(sorted(held.outputs.glob("*.pt")), expected, strict=True):
            for name, tensor in torch.load(path).items():
                if batch_size is None:
                    torch.testing.assert_close(tensor, one[name])
                else:
                    assert torch.equal(tensor, one[name])
        assert held.evaluate()["statistics"]["accuracy"] == scores["accuracy"]


class TestLoad:
    def test_paths_may_be_written_as_windows_does(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)] * 2, ["x", "y"])
        (folder / "img").mkdir()
        for name in ("000.png", "001.png"):
            (folder / name).rename(folder / "img" / name)
        (folder / "mapping.csv").write_text("image,target\nimg\\000.png,x\n.\\img\\001.png,y\n")
        assert read(tmp_path, "t").origin["file"].tolist() == ["t/img/000.png", "t/img/001.png"]
        (folder / "mapping.csv").write_text("image,target\n..\\u\\000.png,x\n")
        with pytest.raises(Rejected, match="leads outside of the folder"):
            read(tmp_path, "t")

    def test_only_formats_that_are_named_are_opened(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)], ["x"])
        Image.new("L", (4, 4)).save(folder / "000.png", format="ICNS")
        with pytest.raises(Rejected, match=r"'t/000.png' is not an image, or none of the formats BMP, GIF, JPEG, PNG"):
            read(tmp_path, "t")

    def test_images_may_be_sorted_into_folders_by_class(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)] * 3, None)
        (folder / "mapping.csv").unlink()
        for number, place in enumerate(["cat", "10", "cat/old"]):
            (folder / place).mkdir()
            (folder / f"{number:03}.png").rename(folder / place / f"{number:03}.png")
        (folder / ".cache").mkdir()
        (folder / "cat" / "__MACOSX").mkdir()
        left = (
            "Thumbs.db",
            "desktop.ini",
            ".DS_Store",
            "._000.png",
            "Icon\r",
            "README.md",
            "labels.CSV",
            "__MACOSX/0.png",
        )
        for name in (".cache/x.png", *(f"cat/{name}" for name in left)):
            (folder / name).write_text("")
        table = read(tmp_path, "t")
        assert table.origin.to_numpy().tolist() == [["t/10/001.png", 1], ["t/cat/000.png", 2], ["t/cat/old/002.png", 3]]
        assert table.target.tolist() == ["10", "cat", "cat"]
        assert (table.report.rows_read, table.report.rows_used, table.report.left_out) == (12, 3, {"no image": 9})

    def test_what_is_no_image_may_be_listed(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)] * 2, ["x", "y"])
        (folder / "mapping.csv").write_text("image,target\n000.png,x\nThumbs.db,x\n.DS_Store,y\n001.png,y\n")
        table = read(tmp_path, "t")
        assert table.origin.to_numpy().tolist() == [["t/000.png", 1], ["t/001.png", 4]]
        assert (table.target.tolist(), table.report.left_out) == (["x", "y"], {"no image": 2})

    def test_an_image_listed_twice_stays(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)], ["x"])
        (folder / "mapping.csv").write_text("id,image,target\n1,000.png,x\n2, ./000.png ,x\n3,000.png,y\n4,000.png,\n")
        assert read(tmp_path, "t").target.tolist() == ["x", "x", "y"]
        assert len(read(tmp_path, "t", purpose="predict").target) == 4

    def test_tags_are_put_below_one_another(self, tmp_path: Path) -> None:
        write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)] * 2, ["x", "y"])
        write(tmp_path / "u", [np.full((4, 4, 3), 9, np.uint8)], ["z"], suffix="jpg")
        table = read(tmp_path, "t", "u", "t")
        assert table.origin["file"].tolist() == ["t/000.png", "t/001.png", "u/000.jpg"]
        assert table.names() == set()
        assert table.classes() == {"x", "y", "z"}

    def test_tables_and_images_do_not_mix(self, tmp_path: Path) -> None:
        write_project(tmp_path)
        write_table(tmp_path / "rows")
        message = "'{}' has datatype '{}' and '{}' '{}'; a project takes tables or images"
        with pytest.raises(Rejected, match=message.format("held", "image", "rows", "tabular")):
            read(tmp_path, "held", "rows")
        participants = [Participant("p", train=[["rows"]]), Participant("q", train=[["held"]])]
        with pytest.raises(Rejected, match=message.format("rows", "tabular", "held", "image")):
            whole.align(tmp_path, "classify", participants)
        with pytest.raises(Rejected, match=message.format("held", "image", "rows", "tabular")):
            whole.align(tmp_path, "classify", [Participant("p", train=[["held"]], evaluate=[["rows"]])])

    @pytest.mark.parametrize(
        ("mapping", "message"),
        [
            (None, r"'t/mapping.csv' is missing, and there are no folders with images in them"),
            ("", "'t/mapping.csv' cannot be read as csv"),
            ("image,target\n", "'t': there are no rows to train with"),
            ("image,target\n000.png,\n", "'t': no row has a usable value in column 'target'"),
            ("picture,target\n000.png,x\n", "'t/mapping.csv': column 'image' is missing"),
            ("image,class\n000.png,x\n", "'t': column 'target' is missing"),
            ("image,target\n000.png,x\n,y\n", "'t/mapping.csv', row 2: column 'image' is empty"),
            ("image,target\nno.png,x\n", "'t/mapping.csv', row 1: column 'image': 'no.png' does not exist"),
            ("image,target\n.,x\n", "column 'image': '.' is not a file"),
            ("image,target\n../secret.png,x\n", "'../secret.png' leads outside of the folder"),
            ("image,target\n/etc/passwd,x\n", "'/etc/passwd' leads outside of the folder"),
            ("image,target\nlink.png,x\n", "'link.png' leads outside of the folder"),
            ("image,target\nloop.png,x\n", "'loop.png' (cannot be found|does not exist)"),
            ("image,target\nmetadata.json,x\n", "'t/metadata.json' is not an image"),
            (f"image,target\n{'x' * 999},x\n", "cannot be found: .*File name too long"),
            ("image,target\n000.png,x,1\n", "more fields than its header"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, tmp_path: Path, mapping: str | None, message: str) -> None:
        folder = write(tmp_path / "data" / "t", [np.full((4, 4), 9, np.uint8)], ["x"])
        Image.new("L", (4, 4)).save(folder.parent / "secret.png")
        (folder / "link.png").symlink_to(folder.parent / "secret.png")
        (folder / "loop.png").symlink_to("loop.png")
        if mapping is None:
            (folder / "mapping.csv").unlink()
        else:
            (folder / "mapping.csv").write_text(mapping)
        with pytest.raises(Rejected, match=message):
            read(tmp_path / "data", "t")

    @pytest.mark.parametrize(
        ("operations", "message"),
        [
            ({"resise": [4, 4]}, "'t/metadata.json': operation 'resise' is unknown; nearest: resize"),
            ({"resize": [4]}, r"operation 'resize' is \[4\], and must be \[width, height\]"),
            ({"resize": [0, 4]}, r"operation 'resize' is \[0, 4\]"),
            ({"resize": [4.5, 4]}, r"operation 'resize' is \[4.5, 4\]"),
            ({"resize": "4x4"}, "operation 'resize' is '4x4'"),
            ({"resize": [10**5, 10**5]}, "with up to 67108864 pixels"),
            ({"use_grayscale": "yes"}, "operation 'use_grayscale' is 'yes', and must be true or false"),
            ({"use_alpha": True}, "the sandbox drops transparency"),
            ([1], r"'t/metadata.json': operations must be an object, not \[1\]"),
        ],
    )
    def test_operations_that_there_are_not(self, tmp_path: Path, operations: object, message: str) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)], ["x"])
        (folder / "metadata.json").write_text(json.dumps({"datatype": "image", "operations": operations}))
        with pytest.raises(Rejected, match=message):
            read(tmp_path, "t")

    @pytest.mark.parametrize(
        ("side", "message"),
        [(9000, "'t/000.png' has 81000000 pixels, and the sandbox takes up to"), (60000, "decompression bomb")],
    )
    def test_absurd_sizes_are_refused_unseen(self, tmp_path: Path, side: int, message: str) -> None:
        def chunk(kind: bytes, content: bytes) -> bytes:
            return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)], ["x"])
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        (folder / "000.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b""))
        with pytest.raises(Rejected, match=message):
            read(tmp_path, "t")

    def test_pixels_of_32_bits_are_refused(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "t", [np.full((4, 4), 9, np.uint8)], ["x"], suffix="tiff")
        Image.new("F", (4, 4)).save(folder / "000.tiff")
        with pytest.raises(Rejected, match=r"'t/000.tiff' has 'F' pixels of 32 bits"):
            read(tmp_path, "t")
