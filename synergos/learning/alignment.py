"""Alignment: what all participants of a project agree on before they train together.

Participants need not have the same columns or have seen the same classes. The alignment is the sorted union of both,
the description of the columns by which everyone's rows are scaled and filled, and, in the form the grid's contract
gives them, the positions at which each participant lacks a column of the union. Of images it is their common format
instead of columns.

The original merges participants pairwise, which goes wrong from three on; a sorted union gives the same answers for
two and is right for any number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self, TypedDict, cast

import torch

from synergos.learning.columns import Column
from synergos.learning.errors import Rejected
from synergos.learning.layers import flattened
from synergos.learning.network import MISFITS, Layer, Network
from synergos.learning.pictures import Format, Stored
from synergos.learning.tables import CLASSIFY
from synergos.learning.target import Scale


class Spacer(TypedDict):
    """Positions, counted from 0 in the union, of the columns that a participant lacks."""

    X: list[int]
    y: list[int]


@dataclass(frozen=True)
class Alignment:
    """What the participants agree on.

    Attributes:
        features: The encoded feature columns, sorted; empty for images.
        targets: The class names, in numeric order if they are numbers, else sorted; empty for a regression.
        spacers: Per participant and purpose, the columns to fill.
        columns: How every column is filled, encoded and scaled; empty for images.
        image: How every image is resized and scaled; ``None`` for tables.
        target: The scale of a regression's target; ``None`` for classes, and in what was aligned before there was one.
        truths: The columns that anyone declares to be true or false.
    """

    features: list[str]
    targets: list[str]
    spacers: dict[str, dict[str, Spacer]]
    columns: dict[str, Column]
    image: Format | None = None
    target: Scale | None = None
    truths: Sequence[str] = ()

    @property
    def outputs(self) -> int:
        """How many outputs a network needs: 1 for a regression and for up to two classes."""
        return len(self.targets) if len(self.targets) > 2 else 1

    def shared(self) -> Self:
        """The alignment as participants are told it: without what each of them lacks."""
        return replace(self, spacers={})

    def to_dict(self) -> dict[str, object]:
        """Return the alignment as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Make an alignment of what :meth:`to_dict` returned, before or after a trip through JSON."""
        columns = cast(Mapping[str, dict[str, object]], stored["columns"])
        image = cast(Stored | None, stored.get("image"))
        target = cast(dict[str, float] | None, stored.get("target"))
        return cls(
            features=cast(list[str], stored["features"]),
            targets=cast(list[str], stored["targets"]),
            spacers=cast(dict[str, dict[str, Spacer]], stored["spacers"]),
            columns={
                name: Column(**{**about, "categories": tuple(cast(list[str], about["categories"]))})  # type: ignore[arg-type]
                for name, about in columns.items()
            },
            image=None if image is None else Format.from_dict(image),
            target=None if target is None else Scale(**target),
            truths=cast(Sequence[str], stored.get("truths", ())),
        )


def fit_layers(model: Sequence[Layer], alignment: Alignment, action: str) -> list[Layer]:
    """Fit an experiment's layers to the aligned data.

    The first layer takes as many inputs as there are features and the last gives as many outputs as needed; layers
    that keep the size, such as dropout and normalisation, are passed over on the way and fitted where they have a
    size. More than two classes end in a softmax. The last activation of a single output stays as it is.

    With images, the first convolution takes their channels, and the first ``Linear`` as many inputs as the layers
    before it make of one image, whether there is a ``Flatten`` between them or not. Behind a layer that cannot take the
    images no inputs are fitted; training says what is wrong with it.

    Args:
        model: The experiment's layers.
        alignment: The project's alignment.
        action: ``classify`` or ``regress``.

    Returns:
        New layers; those given stay as they are.
    """
    layers = [cast(Layer, {**layer, "structure": dict(layer["structure"])}) for layer in model]
    if alignment.image is None:
        _resize(layers, ("in_features", "input_size"), len(alignment.features))
    else:
        _fit_to_images(layers, alignment.image.shape)
    _resize(layers[::-1], ("out_features",), alignment.outputs)
    if layers and action == CLASSIFY and len(alignment.targets) > 2 and layers[-1]["l_type"] not in _SOFTMAXES:
        layers[-1]["activation"] = "softmax"
    return layers


_SOFTMAXES = ("Softmax", "LogSoftmax")
# Layers that keep the size and have to know it: as a row's last dimension, or as the channels of rows of how many.
_SIZE_AS_FEATURES = {
    "LayerNorm": "normalized_shape",
    "RMSNorm": "normalized_shape",
    "TransformerEncoderLayer": "d_model",
}
_SIZE_AS_CHANNELS = {"BatchNorm1d": (1, 2), "BatchNorm2d": (3,), "InstanceNorm1d": (1, 2), "InstanceNorm2d": (2, 3)}
_RESHAPERS = ("Conv", "Unflatten", "Embedding", "Fold", "Unfold")


def _resize(layers: Sequence[Layer], keys: Sequence[str], size: int) -> None:
    """Give the first layer with one of the keys the size, and the size-keeping layers before it too."""
    for layer in layers:
        structure = layer["structure"]
        if layer["l_type"].startswith(_RESHAPERS):
            return
        _fit_keeper(layer, (size,))
        for key in keys:
            if key in structure:
                structure[key] = size
                return
        if "hidden_size" in structure:
            # A recurrent layer has a size of its own behind it.
            return


def _fit_keeper(layer: Layer, shape: Sequence[int]) -> None:
    """Tell a layer that keeps the size what it has to know of the shape of one row."""
    name, structure = layer["l_type"], layer["structure"]
    if name in _SIZE_AS_FEATURES and len(shape) < 3:
        structure[_SIZE_AS_FEATURES[name]] = shape[-1]
    elif len(shape) in _SIZE_AS_CHANNELS.get(name, ()):
        is_one_channel = name.startswith("Instance") and len(shape) == _SIZE_AS_CHANNELS[name][0]
        structure["num_features"] = 1 if is_one_channel else shape[0]


def _fit_to_images(layers: Sequence[Layer], shape: tuple[int, int, int]) -> None:
    """Send two images of no content through the layers, up to the first that has a row of numbers as its input."""
    rows = torch.empty(2, *shape, device="meta")
    is_convolved = False
    for layer in layers:
        name, structure = layer["l_type"], layer["structure"]
        if name == "Linear":
            structure["in_features"] = flattened(rows).shape[-1]
            return
        if "in_channels" in structure and not is_convolved:
            structure["in_channels"], is_convolved = rows.shape[1], True
        else:
            _fit_keeper(layer, rows.shape[1:])
        try:
            with torch.device("meta"), torch.no_grad():
                rows = Network([layer]).eval()(rows)
        except (Rejected, *MISFITS):
            return
