import json
from pathlib import Path

import pytest
from whole import align

from synergos.learning.alignment import Alignment, fit_layers
from synergos.learning.errors import Rejected
from synergos.learning.network import Layer
from synergos.learning.party import Participant


def write(folder: Path, **columns: list[object]) -> None:
    """Write columns of numbers as such and all others as categories."""
    folder.mkdir(parents=True)
    schema = {name: "float64" if isinstance(values[0], float) else "category" for name, values in columns.items()}
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "rows.csv").write_text("\n".join(lines))


def layer(l_type: str, activation: str | None = None, **structure: object) -> Layer:
    return {"is_input": False, "l_type": l_type, "structure": structure, "activation": activation}


@pytest.fixture
def three(tmp_path: Path) -> Alignment:
    write(tmp_path / "one" / "t", b=[1.0, 2.0], sex=["m", "f"], target=["2", "10"])
    write(tmp_path / "two" / "t", a=[5.0, 6.0], b=[3.0, 9.0], target=["2", "1"])
    write(tmp_path / "two" / "e", a=[5.0], b=[3.0], c=[1.0], target=["30"])
    write(tmp_path / "six" / "t", sex=["f", "x"], target=["10", "2"])
    participants = [
        Participant("one", train=[["t"]]),
        Participant("two", train=[["t"]], evaluate=[["e"]]),
        Participant("six", train=[["t"]]),
    ]
    return align(tmp_path, "classify", participants)


def test_features_and_targets_are_sorted_unions(three: Alignment) -> None:
    assert three.features == ["a", "b", "sex_f", "sex_m", "sex_x"]
    assert three.targets == ["1", "2", "10", "30"]
    assert three.outputs == 4


def test_spacers_are_the_positions_of_what_is_lacking(three: Alignment) -> None:
    nothing = {"X": [], "y": []}
    assert three.spacers == {
        "one": {"train": {"X": [0, 4], "y": [0, 3]}, "evaluate": nothing, "predict": nothing},
        "two": {
            "train": {"X": [2, 3, 4], "y": [2, 3]},
            "evaluate": {"X": [2, 3, 4], "y": [0, 1, 2]},
            "predict": nothing,
        },
        "six": {"train": {"X": [0, 1, 3], "y": [0, 3]}, "evaluate": nothing, "predict": nothing},
    }


def test_the_scale_is_that_of_all_training_data(three: Alignment) -> None:
    assert (three.columns["b"].minimum, three.columns["b"].maximum) == (1.0, 9.0)
    assert "c" not in three.columns


def test_it_survives_json(three: Alignment) -> None:
    assert Alignment.from_dict(json.loads(json.dumps(three.to_dict()))) == three


def test_names_of_classes_are_sorted_as_text(tmp_path: Path) -> None:
    write(tmp_path / "t", a=[1.0, 2.0, 3.0], target=["b", "10", "a"])
    assert align(tmp_path, "classify", [Participant("p", train=[["t"]])]).targets == ["10", "a", "b"]


def test_a_regression_has_no_classes(tmp_path: Path) -> None:
    write(tmp_path / "t", a=[1.0, 2.0], target=[1.5, 2.5])
    aligned = align(tmp_path, "regress", [Participant("p", train=[["t"]])])
    assert (aligned.targets, aligned.outputs) == ([], 1)
    assert aligned.spacers["p"]["train"] == {"X": [], "y": []}


def test_nobody_and_nothing_to_align_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="no participants"):
        align(tmp_path, "classify", [])
    with pytest.raises(Rejected, match="'p' has no tags to train with"):
        align(tmp_path, "classify", [Participant("p")])
    write(tmp_path / "t", target=["a", "b"])
    with pytest.raises(Rejected, match="no feature columns"):
        align(tmp_path, "classify", [Participant("p", train=[["t"]])])


def test_layers_are_fitted_at_both_ends(three: Alignment) -> None:
    model = [
        layer("Linear", "relu", in_features=15, out_features=8),
        layer("Linear", "sigmoid", in_features=8, out_features=1),
    ]
    kept = json.dumps(model)
    first, last = fit_layers(model, three, "classify")
    assert first == layer("Linear", "relu", in_features=5, out_features=8)
    assert last == layer("Linear", "softmax", in_features=8, out_features=4)
    assert json.dumps(model) == kept


def test_a_single_layer_is_fitted_at_both_ends(three: Alignment) -> None:
    assert fit_layers([layer("Linear", "sigmoid", in_features=15, out_features=1)], three, "classify") == [
        layer("Linear", "softmax", in_features=5, out_features=4)
    ]


def test_layers_that_keep_the_size_are_passed_over(three: Alignment) -> None:
    model = [
        layer("BatchNorm1d", num_features=15),
        layer("Dropout", p=0.5),
        layer("Linear", in_features=15, out_features=1),
        layer("Dropout", p=0.1),
        layer("Softmax", dim=1),
    ]
    fitted = fit_layers(model, three, "classify")
    assert fitted[0]["structure"] == {"num_features": 5}
    assert fitted[2]["structure"] == {"in_features": 5, "out_features": 4}
    assert fitted[4]["activation"] is None


def test_convolutions_are_left_alone(three: Alignment) -> None:
    model = [
        layer("Conv1d", in_channels=1, out_channels=2, kernel_size=2),
        layer("Linear", in_features=8, out_features=1),
    ]
    fitted = fit_layers(model, three, "classify")
    assert fitted[0] == model[0]
    assert fitted[1]["structure"] == {"in_features": 8, "out_features": 4}


def test_two_classes_and_regressions_have_one_output_and_keep_the_activation(tmp_path: Path) -> None:
    write(tmp_path / "t", a=[1.0, 2.0], target=["0", "1"])
    aligned = align(tmp_path, "classify", [Participant("p", train=[["t"]])])
    for activation in ("sigmoid", "", None):
        (fitted,) = fit_layers([layer("Linear", activation, in_features=9, out_features=9)], aligned, "classify")
        assert fitted == layer("Linear", activation, in_features=1, out_features=1)
    assert fit_layers([], aligned, "classify") == []
