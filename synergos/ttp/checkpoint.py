"""Where a training is, kept after each round: what goes on from it ends with the same bits as one that never stopped.

Participants keep nothing from one round to the next, and random numbers are seeded by the round, so it is the global
weights, what the strategy has gathered, and the losses.
"""

import pickle
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import Strategy

from synergos.learning.errors import Rejected
from synergos.learning.files import write
from synergos.learning.network import MISFITS, first_line


class Checkpoint:
    """The file of where a training is.

    Attributes:
        path: The file.
        digests: By participant, what tells the rows that it is trained with from any others; kept with the rest.
    """

    def __init__(self, path: Path) -> None:
        """Name the file.

        Args:
            path: The file.
        """
        self.path = path
        self.digests: Mapping[str, Mapping[str, str]] = {}

    def load(self) -> dict[str, Any]:
        """Read where the training was; nothing when it has not begun.

        Raises:
            Rejected: The file is broken.
        """
        if not self.path.is_file():
            return {}
        try:
            return cast(dict[str, Any], torch.load(self.path, weights_only=True))
        except (pickle.UnpicklingError, EOFError, OSError, *MISFITS) as error:
            raise Rejected(f"{self.path} cannot be read ({first_line(error)}): train without resume") from error

    def save(self, state: Mapping[str, object]) -> None:
        """Keep where the training is, in place of where it was.

        Args:
            state: Numbers, texts, tensors, and dicts and lists of them.
        """
        content = BytesIO()
        torch.save({**state, "digests": {name: dict(one) for name, one in self.digests.items()}}, content)
        write(self.path, lambda file: file.write(content.getbuffer()))

    def remove(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)


def gathered(aggregator: Strategy) -> dict[str, list[object]]:
    """What a strategy has gathered over the rounds, as a checkpoint can hold it: arrays by name, with their kind."""
    return {
        name: [kind, tensors]
        for name, value in vars(aggregator).items()
        for kind, (cls, to_tensors, _) in _KINDS.items()
        if type(value) is cls and value and (tensors := to_tensors(value)) is not None
    }


def give_back(aggregator: Strategy, held: Mapping[str, list[Any]]) -> None:
    """Give a strategy what :func:`gathered` returned."""
    for name, (kind, tensors) in held.items():
        setattr(aggregator, name, _KINDS[kind][2](tensors))


def tensors_of(arrays: Mapping[str, Array]) -> dict[str, torch.Tensor]:
    """Arrays of a message as tensors."""
    return {name: torch.from_numpy(np.array(array.numpy())) for name, array in arrays.items()}


def arrays_of(tensors: Mapping[str, torch.Tensor]) -> ArrayRecord:
    """Tensors as arrays of a message."""
    return ArrayRecord({name: Array(tensor.numpy()) for name, tensor in tensors.items()})


def _of_dict(value: Mapping[str, object]) -> dict[str, torch.Tensor] | None:
    if not all(isinstance(one, np.ndarray | np.generic) for one in value.values()):
        return None
    return {name: torch.from_numpy(np.array(one)) for name, one in value.items()}


def _of_list(value: list[object]) -> dict[str, torch.Tensor] | None:
    return _of_dict({str(place): one for place, one in enumerate(value)})


# Of each kind of state that strategies have: its class, how it becomes tensors, and how tensors become it.
_KINDS: dict[str, tuple[type, Callable[[Any], dict[str, torch.Tensor] | None], Callable[[Any], object]]] = {
    "record": (ArrayRecord, tensors_of, arrays_of),
    "list": (list, _of_list, lambda tensors: [tensor.numpy() for tensor in tensors.values()]),
    "dict": (dict, _of_dict, lambda tensors: {name: tensor.numpy() for name, tensor in tensors.items()}),
}
