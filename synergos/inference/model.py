"""A model in use."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from synergos.errors import InvalidArgument, SynergosError
from synergos.inference.frame import WHO, table_of
from synergos.learning.alignment import Alignment
from synergos.learning.errors import SandboxError
from synergos.learning.network import MISFITS, Layer, Network, Objective, first_line
from synergos.learning.signature import SIGNATURE, Signature, chosen
from synergos.learning.tables import CLASSIFY
from synergos.learning.task import Task
from synergos.participant.predictions import check_finite, output_of, predictions_of
from synergos.participant.worker import encode

if TYPE_CHECKING:
    import pandas as pd

_SCORE = "score_"


class LoadedModel:
    """A trained model, as `synergos.load_model` returns it.

    Attributes:
        module: The network with its weights, in evaluation mode: takes what `encode` returns.
        signature: What is known of it; printed, it is a summary.
        path: The file of its weights.
    """

    def __init__(self, module: Network, signature: Signature, path: Path) -> None:
        """Take the parts; `synergos.load_model` puts them together.

        Args:
            module: The network with its weights.
            signature: What is known of it.
            path: The file of its weights.
        """
        self.module: nn.Module = module
        self.signature = signature
        self.path = path
        self._network = module

    def __repr__(self) -> str:
        known = f"{self.signature.action}, {len(self.signature.columns)} columns" if self.signature.action else "bare"
        return f"<LoadedModel {known}, {str(self.path)!r}>"

    def encode(self, rows: "pd.DataFrame | Sequence[str | Path]") -> Tensor:
        """Turn rows into what `module` takes, as every participant of the training did.

        Args:
            rows: As for `predict`.

        Returns:
            float32 of shape (rows, features), or (rows, channels, height, width) of images.

        Raises:
            InvalidArgument: As for `predict`.
        """
        alignment = self._alignment()
        with _translated():
            return encode(table_of(rows, alignment), alignment)[:]

    def predict(self, rows: "pd.DataFrame | Sequence[str | Path]") -> "pd.Series[Any]":
        """Predict the class of each row by its name, or the number in the target's own unit.

        Args:
            rows: A frame with the columns that `signature.columns` names, in any order, with others or without. Values
                are read as the participants' csv files are: gaps are filled, categories that nobody trained on count
                for nothing, with a warning. To read a csv file as a participant does, use
                `pandas.read_csv(path, dtype=str, keep_default_na=False)`. Of images, a list of paths, or a frame with
                the column `image`.

        Returns:
            The predictions, with the index of the frame.

        Raises:
            InvalidArgument: A column is missing or holds what it cannot, or the signature does not tell the columns.
        """
        return self._predictions(rows)["prediction"]

    def predict_proba(self, rows: "pd.DataFrame | Sequence[str | Path]") -> "pd.DataFrame":
        """Score each class for each row; the scores are probabilities where the last activation makes them such.

        Args:
            rows: As for `predict`.

        Returns:
            One column per class, by its name, with the index of the frame.

        Raises:
            InvalidArgument: As for `predict`, and when the model is a regression's.
        """
        if self.signature.action and self.signature.action != CLASSIFY:
            raise InvalidArgument("[predict_proba] The model is of a regression and has no classes: take predict.")
        frame = self._predictions(rows)
        names = [f"{_SCORE}{name}" for name in self.signature.classes]
        return frame[names].set_axis(self.signature.classes, axis="columns")

    def to_onnx(self, path: str | Path) -> Path:
        """Write the model as ONNX, for where there is no torch: from encoded rows to the scores or the numbers.

        Args:
            path: The file to write. Its input `rows` is what `encode` returns, for any number of rows; its output
                `scores` has a column per class in the order of `signature.classes`, of a regression one with the
                prediction.

        Returns:
            The path.

        Raises:
            InvalidArgument: The signature does not tell what it takes, or the exporter cannot take a layer.
            SynergosError: When onnx or onnxscript is not installed.
        """
        from synergos.inference.onnx import export

        alignment = self._alignment()
        shape = (len(alignment.features),) if alignment.image is None else alignment.image.shape
        return export(_Scores(self._network, self._task()), shape, Path(path))

    def _alignment(self) -> Alignment:
        if self.signature.alignment is None:
            raise InvalidArgument(
                f"[predict] There is no {SIGNATURE} beside {str(self.path)!r}, so nobody tells "
                f"{', '.join(self.signature.missing)}. Encode the rows yourself, and give them to model.module."
            )
        return self.signature.alignment

    def _task(self) -> Task:
        return Task(self.signature.layers, self.signature.run or {}, len(self.signature.classes))

    def _predictions(self, rows: "pd.DataFrame | Sequence[str | Path]") -> "pd.DataFrame":
        """What a participant would have written, one line per row."""
        alignment = self._alignment()
        table = table_of(rows, alignment)
        with _translated():
            output = output_of(self._network, encode(table, alignment), self._task())
            check_finite(output, table)
        found = predictions_of(output, table, self.signature.action, alignment)
        index = getattr(rows, "index", None)
        return found if index is None or callable(index) else found.set_axis(index)


class _Scores(nn.Module):
    """A network as predictions take it."""

    def __init__(self, network: Network, task: Task) -> None:
        super().__init__()
        self.network = network
        self._objective = Objective(task.fields, task.classes)

    def forward(self, rows: Tensor) -> Tensor:
        output = self._objective.predict(self.network, rows)
        is_pair = self._objective.classes and output.shape[1] == 1
        return torch.cat([1 - output, output], dim=1) if is_pair else output


class _translated:
    """Raise what the rooms of the training reject as what a user's argument is."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, SandboxError):
            text = error.message.removeprefix(f"participant {WHO!r}: ")
            raise InvalidArgument(f"[predict] {text[:1].upper()}{text[1:]}.") from error


def open_model(path: Path, layers: Sequence[dict[str, Any]] | None) -> LoadedModel:
    """Read a model.

    Args:
        path: Its folder, or a file of weights.
        layers: The layers, where there is no signature.

    Raises:
        InvalidArgument: As for `load_model`.
    """
    folder = path if path.is_dir() else path.parent
    try:
        signature = Signature.read(folder)
        if signature is None:
            if layers is None:
                raise InvalidArgument(
                    f"[load_model] There is no {SIGNATURE} in {str(folder)!r}, as beside the models of real TTPs: pass "
                    "layers=driver.experiments.read(...).data.model."
                )
            signature = Signature([cast(Layer, layer) for layer in layers])
        file = path if path.is_file() else folder / chosen(signature.run or {})
        if not file.is_file():
            raise InvalidArgument(f"[load_model] There is no {file.name} in {str(folder)!r}: name a model's folder.")
        network = Network(signature.layers)
        network.load_state_dict(_weights(file, network), assign=True)
    except SandboxError as error:
        raise InvalidArgument(f"[load_model] {error.message}.") from error
    except MISFITS as error:
        if isinstance(error, SynergosError):
            raise
        raise InvalidArgument(
            f"[load_model] {str(file)!r} does not hold weights of these layers: {first_line(error)}."
        ) from error
    return LoadedModel(network.eval().requires_grad_(False), signature, file)


def _weights(file: Path, network: Network) -> dict[str, Tensor]:
    """Read weights, by the names of the network's own.

    A real TTP calls its layers otherwise: what is in the same order, of the same parameter and of the same shape, is
    the same.
    """
    try:
        held = torch.load(file, weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, EOFError, OSError) as error:
        raise InvalidArgument(f"[load_model] {str(file)!r} cannot be read as weights: {first_line(error)}") from error
    if not isinstance(held, dict) or not all(isinstance(one, Tensor) for one in held.values()):
        raise InvalidArgument(f"[load_model] {str(file)!r} holds a {type(held).__name__}, and no weights by name.")
    own = network.state_dict()
    if held.keys() == own.keys():
        return held

    def parts(weights: dict[str, Tensor]) -> list[tuple[str, torch.Size]]:
        return [(str(name).rpartition(".")[2], one.shape) for name, one in weights.items()]

    if parts(held) != parts(own):
        raise InvalidArgument(
            f"[load_model] {str(file)!r} holds {_shown(held)}, and the layers have {_shown(own)}: pass the layers that "
            "it was trained with, as an alignment has fitted them."
        )
    return dict(zip(own, held.values(), strict=True))


def _shown(weights: dict[str, Tensor]) -> str:
    return ", ".join(f"{name} {tuple(one.shape)}" for name, one in weights.items()) or "nothing"
