import inspect
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from synergos.learning.errors import Rejected
from synergos.learning.network import LAYERS, Layer, Network, check_layers

# A row's shape where it is not that of a table, and the structure, of each layer that is not given a size by itself.
TABLE, CHANNELS, PICTURES, VOLUMES = (4,), (4, 6), (4, 6, 6), (2, 4, 4, 4)
SHAPES: dict[str, list[tuple[int, ...]]] = {
    "1d": [TABLE, CHANNELS],
    "2d": [CHANNELS, PICTURES],
    "3d": [PICTURES, VOLUMES],
}
STRUCTURES: dict[str, dict[str, Any]] = {
    "AdaptiveAvgPool": {"output_size": 2},
    "AdaptiveMaxPool": {"output_size": 2},
    "AvgPool": {"kernel_size": 2},
    "ChannelShuffle": {"groups": 2},
    "CircularPad": {"padding": 1},
    "ConstantPad": {"padding": 1, "value": 1.0},
    "Conv": {"out_channels": 3, "kernel_size": 2},
    "ConvTranspose": {"out_channels": 3, "kernel_size": 2},
    "CrossMapLRN2d": {"size": 3},
    "Embedding": {"num_embeddings": 50, "embedding_dim": 3, "max_norm": 1.0},
    "EmbeddingBag": {"num_embeddings": 50, "embedding_dim": 3},
    "Fold": {"output_size": 3, "kernel_size": 2},
    "GRU": {"input_size": 4, "hidden_size": 3, "bidirectional": True},
    "GRUCell": {"input_size": 4, "hidden_size": 3},
    "GroupNorm": {"num_groups": 2, "num_channels": 4},
    "LPPool": {"norm_type": 2, "kernel_size": 2},
    "LSTM": {"input_size": 4, "hidden_size": 3, "proj_size": 2, "num_layers": 2},
    "LSTMCell": {"input_size": 4, "hidden_size": 3},
    "LayerNorm": {"normalized_shape": 4},
    "Linear": {"in_features": 4, "out_features": 3},
    "LocalResponseNorm": {"size": 3},
    "MaxPool": {"kernel_size": 2, "return_indices": True},
    "PReLU": {"num_parameters": 4},
    "PixelShuffle": {"upscale_factor": 2},
    "PixelUnshuffle": {"downscale_factor": 2},
    "RMSNorm": {"normalized_shape": 4},
    "RNN": {"input_size": 4, "hidden_size": 3},
    "RNNCell": {"input_size": 4, "hidden_size": 3},
    "ReflectionPad": {"padding": 1},
    "ReplicationPad": {"padding": 1},
    "Threshold": {"threshold": 0.1, "value": 0.0},
    "TransformerEncoderLayer": {"d_model": 4, "nhead": 2, "dim_feedforward": 8, "dropout": 0.0},
    "Unflatten": {"dim": 1, "unflattened_size": [2, 2]},
    "Unfold": {"kernel_size": 2},
    "Upsample": {"scale_factor": 2},
    "UpsamplingBilinear2d": {"scale_factor": 2},
    "UpsamplingNearest2d": {"scale_factor": 2},
    "ZeroPad": {"padding": 1},
}
OTHER_SHAPES = {
    "BatchNorm1d": [TABLE, CHANNELS],
    "BatchNorm2d": [PICTURES],
    "BatchNorm3d": [VOLUMES],
    "ChannelShuffle": [CHANNELS, PICTURES],
    "Fold": [(8, 4)],
    "LocalResponseNorm": [CHANNELS],
    "PixelShuffle": [PICTURES],
    "PixelUnshuffle": [PICTURES],
    "Softmax2d": [PICTURES],
    "SyncBatchNorm": [TABLE],
    "Unfold": [PICTURES],
    "Upsample": [CHANNELS],
}
# Steps of a sequence, and features that are the last dimension.
OF_SEQUENCES = ["GRU", "LSTM", "RNN", "TransformerEncoderLayer", "LayerNorm", "Linear", "RMSNorm"]
REFUSED = {
    "takes": [
        *("Bilinear", "Container", "CosineSimilarity", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"),
        *("MultiheadAttention", "PairwiseDistance", "RNNBase", "RNNCellBase", "Transformer", "TransformerDecoderLayer"),
    ],
    "cannot be built": ["TransformerDecoder", "TransformerEncoder"],
    "draws random numbers": ["FractionalMaxPool2d", "FractionalMaxPool3d"],
    "has no size yet": [name for name in LAYERS if name.startswith("Lazy")],
}
ARGUMENTS_OF_REFUSED: dict[str, dict[str, Any]] = {
    "Bilinear": {"in1_features": 4, "in2_features": 4, "out_features": 2},
    "FractionalMaxPool2d": {"kernel_size": 2, "output_size": 2},
    "FractionalMaxPool3d": {"kernel_size": 2, "output_size": 2},
    "MaxUnpool1d": {"kernel_size": 2},
    "MaxUnpool2d": {"kernel_size": 2},
    "MaxUnpool3d": {"kernel_size": 2},
    "MultiheadAttention": {"embed_dim": 4, "num_heads": 2},
    "RNNBase": {"mode": "LSTM", "input_size": 4, "hidden_size": 3},
    "RNNCellBase": {"input_size": 4, "hidden_size": 3, "bias": True, "num_chunks": 1},
    "TransformerDecoderLayer": {"d_model": 4, "nhead": 2},
    "LazyConv": {"out_channels": 2, "kernel_size": 2},
    "LazyConvTranspose": {"out_channels": 2, "kernel_size": 2},
    "LazyLinear": {"out_features": 2},
}
# What takes a batch's statistics in training, or draws random numbers, and is meant to.
OTHER_IN_TRAINING = [name for name in LAYERS if "BatchNorm" in name or "Dropout" in name or name == "RReLU"]
TAKEN = [name for name in LAYERS if not any(name in names for names in REFUSED.values())]


def model(name: str, **structure: object) -> list[Layer]:
    return [{"is_input": True, "l_type": name, "structure": structure, "activation": None}]


def of_family(name: str, table: dict[str, Any]) -> dict[str, Any]:
    return dict(table.get(name) or table.get(name[:-2] if name[-1] == "d" else name) or {})


def shapes_of(name: str) -> list[tuple[int, ...]]:
    if name in OF_SEQUENCES:
        return [TABLE, (6, 4)]
    return OTHER_SHAPES.get(name) or (SHAPES[name[-2:]] if name[-2:] in SHAPES and "Dropout" not in name else [TABLE])


def networks(name: str, shape: tuple[int, ...]) -> list[Network]:
    """The layer in the sensible ways that there are to build it for rows of a shape."""
    structure = of_family(name, STRUCTURES)
    # A row without channels is one channel, but to batch normalisation.
    positions = int(name[-2]) if name[-2:] in SHAPES and "Batch" not in name else 0
    channels = 1 if positions == len(shape) else shape[0]
    for key in {"in_channels", "num_features"} & set(inspect.signature(LAYERS[name]).parameters):
        structure[key] = channels
    variants = [structure]
    if name.startswith("Instance"):
        variants = [structure | {"affine": True, "track_running_stats": tracks} for tracks in (True, False)]
    if name in ("GRU", "LSTM", "RNN", "TransformerEncoderLayer"):
        variants = [structure | {"batch_first": first} for first in (True, False)]
    built = []
    for variant in variants:
        check_layers(model(name, **variant))
        torch.manual_seed(0)
        built.append(Network(model(name, **variant)))
    return built


def batch(name: str, shape: tuple[int, ...]) -> Tensor:
    rows = torch.rand(7, *shape, generator=torch.Generator().manual_seed(1))
    return rows * 40 if name.startswith("Embedding") else rows * 2 - 1


def assert_rows_are_alone(network: Network, rows: Tensor) -> None:
    order = torch.tensor([3, 0, 6, 5, 1, 4, 2])
    together = network(rows)
    assert len(together) == len(rows)
    torch.testing.assert_close(network(rows[order]), together[order], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(network(rows[:3]), together[:3], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(network(rows[4:5]), together[4:5], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", TAKEN)
@pytest.mark.filterwarnings("ignore:.*(dropout|projections)")
def test_a_row_never_sees_another(name: str) -> None:
    for shape in shapes_of(name):
        for network in networks(name, shape):
            with torch.no_grad():
                assert_rows_are_alone(network.eval(), batch(name, shape))
                if name not in OTHER_IN_TRAINING:
                    assert_rows_are_alone(network.train(), batch(name, shape))


@pytest.mark.parametrize(("message", "name"), [(why, name) for why, names in REFUSED.items() for name in names])
def test_what_cannot_be_given_rows_one_by_one_is_refused_at_once(message: str, name: str) -> None:
    with pytest.raises(Rejected, match=rf"model\[0\].*{name}.*{message}"):
        check_layers(model(name, **of_family(name, ARGUMENTS_OF_REFUSED)))


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("Softmax", {"dim": 0}),
        ("LogSoftmax", {"dim": 0}),
        ("Softmin", {"dim": 0}),
        ("GLU", {"dim": 0}),
        ("Flatten", {"start_dim": 0}),
        ("Unflatten", {"dim": 0, "unflattened_size": [2, 2]}),
        ("BatchNorm1d", {"num_features": 4, "track_running_stats": False}),
        ("SyncBatchNorm", {"num_features": 4, "track_running_stats": False}),
        ("Softmax", {"dim": -2}),
    ],
)
def test_a_structure_that_mixes_rows_is_refused_at_once(name: str, structure: dict[str, object]) -> None:
    with pytest.raises(Rejected, match=rf"model\[0\]: .*{name}"):
        check_layers(model(name, **structure))


@pytest.mark.parametrize(
    ("name", "structure", "shape"),
    [
        ("Softmax", {"dim": -2}, TABLE),
        ("GLU", {"dim": -2}, TABLE),
        ("Flatten", {"start_dim": -2}, TABLE),
        ("LayerNorm", {"normalized_shape": [8, 4]}, TABLE),
        ("RMSNorm", {"normalized_shape": [8, 4]}, TABLE),
        ("ConstantPad2d", {"padding": 1, "value": 0.0}, TABLE),
        ("MaxPool2d", {"kernel_size": 2}, TABLE),
        ("Conv2d", {"in_channels": 1, "out_channels": 2, "kernel_size": 1}, TABLE),
        ("Unfold", {"kernel_size": 2}, CHANNELS),
        ("Fold", {"output_size": 3, "kernel_size": 2}, TABLE),
        ("PixelUnshuffle", {"downscale_factor": 2}, CHANNELS),
        ("Softmax2d", {}, CHANNELS),
    ],
)
def test_what_would_mix_the_rows_that_it_meets_is_refused(
    name: str, structure: dict[str, object], shape: tuple[int, ...]
) -> None:
    with pytest.raises(Rejected, match=name):
        Network([*model(name, **structure), *model("Identity")])(torch.rand(8, *shape))


def test_a_softmax_without_a_dimension_is_over_what_follows_the_rows() -> None:
    rows = torch.rand(3, 4, 5)
    network = Network([*model("Softmax"), *model("Identity")])
    torch.testing.assert_close(network(rows), rows.softmax(dim=1))


def test_features_may_be_the_steps_of_a_sequence() -> None:
    layers = [*model("Unflatten", dim=1, unflattened_size=[4, 1]), *model("LSTM", input_size=1, hidden_size=2)]
    network, rows = Network([*layers, *model("Flatten")]), torch.rand(5, 4)
    own = network.layers[1]
    assert isinstance(own, nn.LSTM)
    expected = torch.stack([own(row.unsqueeze(1))[0] for row in rows]).flatten(1)
    torch.testing.assert_close(network(rows), expected)
