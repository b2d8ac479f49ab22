"""What is to be trained, as a message can carry it, and how random numbers repeat."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from synergos.learning.errors import Rejected, SandboxError
from synergos.learning.network import MISFITS, Fields, Layer, Network, first_line

State = dict[str, Tensor]


@dataclass(frozen=True)
class Task:
    """What is to be trained.

    Attributes:
        model: The fitted layers.
        fields: The run's fields.
        classes: How many classes there are; 0 for a regression.
    """

    model: Sequence[Layer]
    fields: Fields
    classes: int

    def dumps(self) -> str:
        """Write the task as a message can carry it."""
        return json.dumps([list(self.model), dict(self.fields), self.classes])

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what :meth:`dumps` wrote."""
        return cls(*json.loads(text))

    @property
    def seed(self) -> int:
        """The seed of all random numbers; 0 unless the run has one."""
        return whole_number(self.fields, "seed", 0)

    @property
    def outputs(self) -> int:
        """How many outputs a network needs: 1 for a regression and for up to two classes."""
        return self.classes if self.classes > 2 else 1

    def network(self) -> Network:
        """Build the network with the weights that the seed gives it."""
        with seeded(self.seed):
            return Network(self.model)


def fitting(weights: Mapping[str, Tensor], network: Network) -> State:
    """Copy weights into the types that a network has them in, whatever they travelled as.

    Training changes them in place, and where an Embedding has a ``max_norm`` an evaluation does too.
    """
    own = network.state_dict()
    return {name: tensor.to(own[name].dtype, copy=True) for name, tensor in weights.items()}


def whole_number(fields: Fields, name: str, default: int) -> int:
    """Read a whole number among a run's fields.

    Raises:
        Rejected: It is anything else.
    """
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise Rejected(f"{name} is {value!r}, and must be a whole number")
    return value


def real_number(fields: Fields, name: str, default: float) -> float:
    """Read a number among a run's fields.

    Raises:
        Rejected: It is anything else, or too large.
    """
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(f"{name} is {value!r}, and must be a number")
    try:
        return float(value)
    except OverflowError as error:
        raise Rejected(f"{name} is too large a number") from error


@contextmanager
def misfits(what: str) -> Iterator[None]:
    """Turn torch's complaints about tensors into rejections."""
    try:
        yield
    except SandboxError:
        raise
    except MISFITS as error:
        raise Rejected(f"{what} failed: {first_line(error)}") from error


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch, and give it back its random state afterwards."""
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed, which looks for devices at every call and takes its time over it.
        torch.default_generator.manual_seed(seed)
        yield
