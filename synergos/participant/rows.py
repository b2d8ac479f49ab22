"""Rows as a network takes them, encoded whole or batch by batch.

What is small, or is not larger encoded than as it was read, is one tensor. One-hot categories and images are kept in
the form that takes less memory, and a batch of them is encoded when it is its turn. :func:`parts` bounds what is
encoded at the same time.
"""

import math
from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor

# What encoded rows may take at the same time unless they are one tensor; a network's own tensors come on top, often
# tenfold.
_PART_BYTES = 2**25


class Rows(Protocol):
    """Rows of features or images. A tensor is one; others encode what is asked of them."""

    @property
    def shape(self) -> torch.Size:
        """Rows, and then features, or channels, height and width."""

    def __len__(self) -> int:
        """How many rows there are."""

    def __getitem__(self, index: Tensor | slice, /) -> Tensor:
        """Encode some rows.

        Args:
            index: Numbers of rows, or a slice of them.

        Returns:
            float32 of shape (those rows, ...).
        """


def held(rows: Rows) -> Rows:
    """Encode small rows once and for all; others stay as they are."""
    return rows[:] if 4 * math.prod(rows.shape) <= _PART_BYTES else rows


class OneHot:
    """Rows of a table whose categories stay codes until it is a batch's turn.

    Args:
        numbers: float32 of shape (rows, numbers).
        places: Where each number is in an encoded row, of shape (numbers,).
        codes: Where each category is in an encoded row, of shape (rows, categories); -1 for none.
        width: How many features an encoded row has.
    """

    def __init__(self, numbers: Tensor, places: Tensor, codes: Tensor, width: int) -> None:
        self._numbers, self._places, self._codes = numbers, places, codes
        self.shape = torch.Size((len(codes), width))

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, index: Tensor | slice, /) -> Tensor:
        numbers, codes = self._numbers[index], self._codes[index]
        encoded = torch.zeros(len(codes), self.shape[1])
        encoded[:, self._places] = numbers
        rows, columns = torch.nonzero(codes >= 0, as_tuple=True)
        encoded[rows, codes[rows, columns].long()] = 1.0
        return encoded


def parts(rows: Rows, batch: Tensor | None = None) -> Iterator[Tensor | slice]:
    """Split a batch so that no part takes much memory; most batches are one part.

    Args:
        rows: Whose rows they are.
        batch: Their numbers; ``None`` for all as they are.

    Yields:
        What to take of the rows, one part after the other.
    """
    count = len(rows) if batch is None else len(batch)
    size = max(count, 1) if isinstance(rows, Tensor) else max(_PART_BYTES // (4 * math.prod(rows.shape[1:])), 1)
    # All about as large and none of a single row, which could not be normalised.
    number = min(math.ceil(count / size), max(count // 2, 1)) or 1
    for part in range(number):
        piece = slice(count * part // number, count * (part + 1) // number)
        yield piece if batch is None else batch[piece]
