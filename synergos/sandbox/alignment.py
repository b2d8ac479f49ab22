"""Alignment: what all participants of a project agree on before they train together.

Participants need not have the same columns or have seen the same classes. The alignment is the sorted union of both,
the description of the columns by which everyone's rows are scaled and filled, and, in the form the grid's contract
gives them, the positions at which each participant lacks a column of the union.

The original merges participants pairwise, which goes wrong from three on; a sorted union gives the same answers for
two and is right for any number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypedDict, cast

from synergos.sandbox.data import CLASSIFY, Column, Table, describe, expand, load
from synergos.sandbox.errors import Rejected

PURPOSES = ("train", "evaluate", "predict")


class Layer(TypedDict):
    """One layer of an experiment, as the contract has it."""

    is_input: bool
    l_type: str
    structure: dict[str, object]
    activation: str | None


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
        features: The encoded feature columns, sorted.
        targets: The class names, in numeric order if they are numbers, else sorted; empty for a regression.
        spacers: Per participant and purpose, the columns to fill.
        columns: How every column is filled, encoded and scaled.
    """

    features: list[str]
    targets: list[str]
    spacers: dict[str, dict[str, Spacer]]
    columns: dict[str, Column]

    @property
    def outputs(self) -> int:
        """How many outputs a network needs: 1 for a regression and for up to two classes."""
        return len(self.targets) if len(self.targets) > 2 else 1

    def to_dict(self) -> dict[str, object]:
        """Return the alignment as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Make an alignment of what :meth:`to_dict` returned, before or after a trip through JSON."""
        columns = cast(Mapping[str, dict[str, object]], stored["columns"])
        return cls(
            features=cast(list[str], stored["features"]),
            targets=cast(list[str], stored["targets"]),
            spacers=cast(dict[str, dict[str, Spacer]], stored["spacers"]),
            columns={
                name: Column(**{**about, "categories": tuple(cast(list[str], about["categories"]))})  # type: ignore[arg-type]
                for name, about in columns.items()
            },
        )


def align(data: Path, action: str, participants: Sequence[Participant]) -> Alignment:
    """Align all participants of a project.

    Features are those of the training data; classes those of the training and the evaluation data, for an evaluation
    may meet a class that nobody trained on.

    Args:
        data: The folder that holds all data.
        action: ``classify`` or ``regress``.
        participants: Everyone registered with the project; each needs tags to train with.

    Returns:
        The alignment.

    Raises:
        Rejected: There are no participants, or their data cannot be read or brought together.
    """
    if not participants:
        raise Rejected("the project has no participants with tags; register some and give them tags")
    ids = [participant.participant_id for participant in participants]
    tables = {
        (participant.participant_id, purpose): load(
            data, participant.participant_id, tags, action=action, purpose=purpose, strangers=ids
        )
        for participant in participants
        for purpose in PURPOSES
        if (tags := participant.tags(purpose)) or purpose == "train"
    }
    columns = describe([tables[name, "train"] for name in ids])
    features = expand(columns)
    targets = _classes([table for (_, purpose), table in tables.items() if purpose != "predict"], action)
    spacers = {
        name: {purpose: _spacer(tables.get((name, purpose)), features, targets) for purpose in PURPOSES} for name in ids
    }
    return Alignment(features=features, targets=targets, spacers=spacers, columns=columns)


def fit_layers(model: Sequence[Layer], alignment: Alignment, action: str) -> list[Layer]:
    """Fit an experiment's layers to the aligned data.

    The first layer takes as many inputs as there are features and the last gives as many outputs as needed; layers
    that keep the size, such as dropout and normalisation, are passed over on the way and fitted where they have a
    size. More than two classes end in a softmax. The last activation of a single output stays as it is.

    Args:
        model: The experiment's layers.
        alignment: The project's alignment.
        action: ``classify`` or ``regress``.

    Returns:
        New layers; those given stay as they are.
    """
    layers = [cast(Layer, {**layer, "structure": dict(layer["structure"])}) for layer in model]
    _resize(layers, ("in_features", "input_size"), len(alignment.features))
    _resize(layers[::-1], ("out_features",), alignment.outputs)
    if layers and action == CLASSIFY and len(alignment.targets) > 2 and layers[-1]["l_type"] not in _SOFTMAXES:
        layers[-1]["activation"] = "softmax"
    return layers


_SOFTMAXES = ("Softmax", "LogSoftmax")
_SIZE_OF_KEEPERS = {"BatchNorm1d": "num_features", "LayerNorm": "normalized_shape", "InstanceNorm1d": "num_features"}
_RESHAPERS = ("Conv", "Unflatten", "Embedding", "Fold", "Unfold")


def _resize(layers: Sequence[Layer], keys: Sequence[str], size: int) -> None:
    """Give the first layer with one of the keys the size, and the size-keeping layers before it too."""
    for layer in layers:
        structure = layer["structure"]
        if layer["l_type"].startswith(_RESHAPERS):
            return
        if layer["l_type"] in _SIZE_OF_KEEPERS:
            structure[_SIZE_OF_KEEPERS[layer["l_type"]]] = size
        for key in keys:
            if key in structure:
                structure[key] = size
                return


def _classes(tables: Sequence[Table], action: str) -> list[str]:
    if action != CLASSIFY:
        return []
    classes = sorted(set().union(*(table.classes() for table in tables)))
    try:
        return sorted(classes, key=float)
    except ValueError:
        return classes


def _spacer(table: Table | None, features: Sequence[str], targets: Sequence[str]) -> Spacer:
    if table is None:
        return {"X": [], "y": []}
    names, classes = table.names(), table.classes() if targets else set()
    return {
        "X": [index for index, name in enumerate(features) if name not in names],
        "y": [index for index, name in enumerate(targets) if name not in classes],
    }
