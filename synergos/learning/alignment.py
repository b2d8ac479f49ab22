"""Alignment: what all participants of a project agree on before they train together.

Participants need not have the same columns or have seen the same classes. The alignment is the sorted union of both,
the description of the columns by which everyone's rows are scaled and filled, and, in the form the grid's contract
gives them, the positions at which each participant lacks a column of the union. Of images it is their common format
instead of columns.

The original merges participants pairwise, which goes wrong from three on; a sorted union gives the same answers for
two and is right for any number.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypedDict, cast

import numpy as np
import torch

from synergos.learning import bounds
from synergos.learning.errors import Rejected
from synergos.learning.layers import flattened
from synergos.learning.network import MISFITS, Layer, Network
from synergos.learning.target import Scale
from synergos.learning.target import describe as describe_target
from synergos.participant import images
from synergos.participant.data import Column, describe, encode, expand, lacking
from synergos.participant.reading import Reader, load, one_datatype
from synergos.participant.rows import Rows, held
from synergos.participant.spelling import check_truths, class_indices, classes_of, truths_of
from synergos.participant.table import CLASSIFY, IMAGE, TABULAR, Table, TableReport

PURPOSES = ("train", "evaluate", "predict")


class Spacer(TypedDict):
    """Positions, counted from 0 in the union, of the columns that a participant lacks."""

    X: list[int]
    y: list[int]


@dataclass(frozen=True)
class Participant:
    """One registered participant of a project, with its tags (each a list of path tokens)."""

    participant_id: str
    train: Sequence[Sequence[str]] = ()
    evaluate: Sequence[Sequence[str]] = ()
    predict: Sequence[Sequence[str]] = ()

    def tags(self, purpose: str) -> Sequence[Sequence[str]]:
        """Return the tags for ``train``, ``evaluate`` or ``predict``."""
        return {"train": self.train, "evaluate": self.evaluate, "predict": self.predict}[purpose]


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
    image: images.Format | None = None
    target: Scale | None = None
    truths: Sequence[str] = ()

    @property
    def outputs(self) -> int:
        """How many outputs a network needs: 1 for a regression and for up to two classes."""
        return len(self.targets) if len(self.targets) > 2 else 1

    def encode(self, table: Table, room: images.Room | None = None) -> Rows:
        """Turn a participant's rows into what a network takes.

        Args:
            table: Any participant's rows, for any purpose.
            room: What decoded images may be kept in; none by default, for rows that are taken once.

        Returns:
            Rows of shape (rows, features), or (rows, channels, height, width) for images.

        Raises:
            Rejected: They are images and the project was aligned on tables, or the other way round, or broken images,
                or a column of truth values is declared otherwise.
        """
        aligned = TABULAR if self.image is None else IMAGE
        if table.datatype != aligned:
            raise Rejected(
                f"participant {table.participant_id!r}: {table.folders} has datatype {table.datatype!r}, "
                f"and the project was aligned on {aligned!r}; align it again"
            )
        check_truths(table, self.truths)
        if self.image is None:
            return held(encode(table, self.columns, self.features))
        return held(images.Images(table.features, self.image, room or images.Room(0)))

    def to_dict(self) -> dict[str, object]:
        """Return the alignment as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Make an alignment of what :meth:`to_dict` returned, before or after a trip through JSON."""
        columns = cast(Mapping[str, dict[str, object]], stored["columns"])
        image = cast(images.Stored | None, stored.get("image"))
        target = cast(dict[str, float] | None, stored.get("target"))
        return cls(
            features=cast(list[str], stored["features"]),
            targets=cast(list[str], stored["targets"]),
            spacers=cast(dict[str, dict[str, Spacer]], stored["spacers"]),
            columns={
                name: Column(**{**about, "categories": tuple(cast(list[str], about["categories"]))})  # type: ignore[arg-type]
                for name, about in columns.items()
            },
            image=None if image is None else images.Format.from_dict(image),
            target=None if target is None else Scale(**target),
            truths=cast(Sequence[str], stored.get("truths", ())),
        )


def align(
    data: Path | Reader,
    action: str,
    participants: Sequence[Participant],
    strangers: Collection[str] = (),
    on_read: Callable[[Sequence[TableReport]], object] | None = None,
) -> Alignment:
    """Align all participants of a project.

    Features are those of the training data; classes those of the training and the evaluation data, for an evaluation
    may meet a class that nobody trained on.

    Args:
        data: The folder that holds all data, or who reads it.
        action: ``classify`` or ``regress``.
        participants: Everyone registered with the project; each needs tags to train with.
        strangers: Participants who take no part. What is theirs is not read either.
        on_read: Called with how the participants' data were read, before they are brought together.

    Returns:
        The alignment.

    Raises:
        Rejected: There are no participants, or their data cannot be read or brought together; among others because
            some are tables and some images.
    """
    if not participants:
        raise Rejected("the project has no participants with tags; register some and give them tags")
    reader = data if isinstance(data, Reader) else Reader(data)
    ids = [participant.participant_id for participant in participants]
    tables = {
        (participant.participant_id, purpose): load(
            reader, participant.participant_id, tags, action=action, purpose=purpose, strangers={*ids, *strangers}
        )
        for participant in participants
        for purpose in PURPOSES
        if (tags := participant.tags(purpose)) or purpose == "train"
    }
    if on_read is not None:
        on_read([table.report for table in tables.values()])
    datatype = one_datatype((table.datatype, table.folders) for table in tables.values())
    truths = truths_of(tables.values())
    for table in tables.values():
        check_truths(table, truths)
    training = [tables[name, "train"] for name in ids]
    image = images.describe([table.features for table in training]) if datatype == IMAGE else None
    columns = describe(training) if image is None else {}
    features = expand(columns)
    known = [table for (_, purpose), table in tables.items() if purpose != "predict"]
    targets = classes_of(known) if action == CLASSIFY else []
    bounds.check_classes(len(targets))
    spacers = {
        name: {purpose: _spacer(tables.get((name, purpose)), columns, features, targets) for purpose in PURPOSES}
        for name in ids
    }
    values = [] if action == CLASSIFY else [np.asarray(table.target, np.float64) for table in training]
    scale = describe_target(values) if values else None
    return Alignment(features, targets, spacers, columns, image, scale, truths)


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


def _spacer(
    table: Table | None, columns: Mapping[str, Column], features: Sequence[str], targets: Sequence[str]
) -> Spacer:
    if table is None:
        return {"X": [], "y": []}
    classes = set(class_indices(table.target, targets).tolist()) if targets else set()
    return {
        "X": lacking(table, columns, features) if table.datatype == TABULAR else [],
        "y": [index for index in range(len(targets)) if index not in classes],
    }
