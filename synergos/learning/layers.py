"""How a layer is given rows, so that no row sees another.

The first dimension is always that of rows: (rows, features) of a table, (rows, channels, height, width) of images.
torch itself takes an input with a dimension too few for a single row, and the rows for its channels or steps. So

* a recurrent layer and a ``TransformerEncoderLayer`` see each row of a table as a sequence of one step, whatever their
  ``batch_first``. What an ``Unflatten`` has made (rows, steps, features) of is a sequence of so many steps: with
  ``{"dim": 1, "unflattened_size": [steps, features]}`` and an ``input_size`` of that many features, the row's features
  one after the other are the steps. What goes on are the outputs of all steps; ``Flatten`` makes one row of them;
* a layer of one dimension, such as ``Conv1d``, ``MaxPool1d`` or ``InstanceNorm1d``, sees each row of a table as one
  channel, and one of two dimensions each row of (rows, height, width);
* an embedding sees integers, and a ``Linear`` sees an image as one row of numbers, so that it needs no ``Flatten``.

A layer that cannot be given rows one by one is refused: when the experiment is created if its kind or its structure
shows it, and else when it meets the data. Batch normalisation is the one that sees a batch, and only in training.
"""

import inspect
import re

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from synergos.learning.errors import Rejected

_OF_SEQUENCES = (nn.RNNBase, nn.TransformerEncoderLayer)
_OF_POSITIONS = re.compile(r"(?!Batch|LazyBatch|Dropout|Alpha).*([123])d")
# How many dimensions of positions those have that do not say it by their name.
_POSITIONS = {"Fold": 1, "Unfold": 2, "PixelShuffle": 2, "PixelUnshuffle": 2}
_ACROSS_CHANNELS = (*_POSITIONS, "Softmax2d")
_RANDOM = ("FractionalMaxPool2d", "FractionalMaxPool3d")


def check(where: str, layer: nn.Module) -> None:
    """Refuse a layer that cannot be given rows one by one, as far as it shows without data.

    Args:
        where: What the layer is called in a message.
        layer: The layer.

    Raises:
        Rejected: It takes more than one input, needs the other rows of a batch, or draws random numbers where a model
            must not.
    """
    name = type(layer).__name__
    inputs = inspect.signature(type(layer).forward).parameters.values()
    needed = [about.name for about in inputs if about.default is about.empty and about.name != "self"]
    if len(needed) != 1 or type(layer).forward is nn.Module.forward:
        listed = ", ".join(needed)
        raise Rejected(f"{where}: {name} takes {listed}, and a layer is given what the one before it gives, no more")
    if isinstance(layer, nn.modules.lazy.LazyModuleMixin):
        raise Rejected(f"{where}: {name} has no size yet; take {name.removeprefix('Lazy')}, an alignment sets its size")
    if name in _RANDOM:
        raise Rejected(f"{where}: {name} draws random numbers to predict with; take {name.removeprefix('Fractional')}")
    if isinstance(layer, _BatchNorm) and layer.running_mean is None:
        raise Rejected(f"{where}: without track_running_stats {name} predicts a row by the rows beside it")
    if _lowest_dimension(layer) == 0:
        raise Rejected(f"{where}: dimension 0 is that of rows, which {name} would mix; begin with dimension 1")


def give(layer: nn.Module, rows: Tensor) -> Tensor:
    """Give a layer rows, each of them by itself.

    Args:
        layer: The layer.
        rows: Shape (rows, ...).

    Returns:
        What it makes of them, of shape (rows, ...). Of several outputs, as a recurrent layer has, the first.

    Raises:
        Rejected: It would mix the rows.
    """
    output: Tensor
    if isinstance(layer, nn.Linear):
        output = layer(flattened(rows).to(layer.weight.dtype))
    elif isinstance(layer, nn.Embedding | nn.EmbeddingBag):
        output = layer(rows.long())
    elif isinstance(layer, _OF_SEQUENCES):
        output = _as_sequences(layer, rows)
    else:
        output = _along_dimensions(layer, rows)
    # Of their shapes: a length is a plain number, and a network that is exported is for any number of rows.
    if output.shape[0] != rows.shape[0]:
        name = type(layer).__name__
        raise Rejected(f"{name} does not keep rows apart: of {_shown(rows)} it makes {_shown(output)}")
    return output


def flattened(rows: Tensor) -> Tensor:
    """Put the channels and pixels of each image into one row; what are no images stay as they are."""
    return rows.flatten(start_dim=1) if rows.dim() == 4 else rows


def _along_dimensions(layer: nn.Module, rows: Tensor) -> Tensor:
    """Where a layer wants channels and there are none, a row is its only one."""
    name, positions, lowest = type(layer).__name__, _positions(layer), _lowest_dimension(layer)
    if lowest is not None and lowest + rows.dim() == 0:
        raise Rejected(f"{name} would mix rows: of {_shown(rows)} it works along the first dimension")
    if not positions or rows.dim() >= positions + 2:
        return _first(layer(rows))
    if rows.dim() <= positions or name in _ACROSS_CHANNELS:
        raise Rejected(f"{name} needs rows with channels and {positions} dimensions, and is given {_shown(rows)}")
    output = _first(layer(rows.unsqueeze(1)))
    return output if "Conv" in name else output.squeeze(1)


def _as_sequences(layer: nn.Module, rows: Tensor) -> Tensor:
    """A row of a table is one step; steps follow each other in the second dimension."""
    steps = rows.unsqueeze(1) if rows.dim() == 2 else rows
    own = layer.self_attn if isinstance(layer, nn.TransformerEncoderLayer) else layer
    if not own.batch_first:
        steps = steps.transpose(0, 1)
    output = _first(layer(steps))
    if not own.batch_first:
        output = output.transpose(0, 1)
    return output.squeeze(1) if rows.dim() == 2 else output


def _positions(layer: nn.Module) -> int:
    """How many dimensions there are behind rows and channels; 0 for layers that take any."""
    name = type(layer).__name__
    match = _OF_POSITIONS.fullmatch(name)
    return int(match[1]) if match else _POSITIONS.get(name, 0)


def _lowest_dimension(layer: nn.Module) -> int | None:
    """The first dimension that a layer works along, if it is told which."""
    match layer:
        case nn.Flatten():
            return layer.start_dim
        case nn.LayerNorm() | nn.RMSNorm():
            return -len(layer.normalized_shape)
        case nn.Softmax() | nn.LogSoftmax() | nn.Softmin() | nn.GLU() | nn.Unflatten():
            return layer.dim if isinstance(layer.dim, int) else None
    return None


def _first(output: Tensor | tuple[Tensor, ...]) -> Tensor:
    return output[0] if isinstance(output, tuple) else output


def _shown(rows: Tensor) -> str:
    return " x ".join(map(str, rows.shape))
