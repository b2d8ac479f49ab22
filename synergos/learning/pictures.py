"""The one format of all participants' images, from what each says of its own.

The size is what a training folder asks for, or else the most frequent one, the smallest if there are several. Everyone
has three channels as soon as one has. Of the pixels there are sums alone, which are whole numbers: whoever holds which
images and in whatever order, the means and deviations are the same.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypedDict

from synergos.learning.errors import Rejected


class Stored(TypedDict):
    """A format as JSON can hold it."""

    width: int
    height: int
    means: Sequence[float]
    deviations: Sequence[float]


@dataclass(frozen=True)
class Format:
    """What all participants agree on about their images.

    Attributes:
        width: In pixels.
        height: In pixels.
        means: One per channel, over the pixels of all training images, from 0 to 255.
        deviations: Likewise; 1 for a channel that is the same everywhere.
    """

    width: int
    height: int
    means: tuple[float, ...]
    deviations: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width: the order of torch."""
        return len(self.means), self.height, self.width

    @classmethod
    def from_dict(cls, stored: Stored) -> Self:
        """Make a format of its fields, before or after a trip through JSON."""
        return cls(stored["width"], stored["height"], tuple(stored["means"]), tuple(stored["deviations"]))


@dataclass(frozen=True)
class Sizes:
    """What one participant says of the images that it trains on.

    Attributes:
        channels: The most that any of them has: 1 or 3.
        counts: Width, height, and how many images have them after what their folders ask for.
        asked: Width, height and the folder of each size that a folder asks for, in the order of the folders.
    """

    channels: int
    counts: Sequence[tuple[int, int, int]]
    asked: Sequence[tuple[int, int, str]]


@dataclass(frozen=True)
class Pixels:
    """The sums over all training images of one participant, once the size is agreed.

    Attributes:
        count: How many pixels there are of each channel.
        sums: One per channel.
        squares: The sums of the squares, one per channel.
    """

    count: int
    sums: Sequence[int]
    squares: Sequence[int]


def agree_on_shape(parties: Sequence[Sizes]) -> tuple[int, int, int]:
    """Agree on channels, height and width.

    Args:
        parties: What each participant says.

    Raises:
        Rejected: Folders ask for different sizes.
    """
    asked: dict[tuple[int, int], str] = {}
    for one in parties:
        for width, height, folder in one.asked:
            asked.setdefault((width, height), folder)
    if len(asked) > 1:
        said = [f"[{width}, {height}] in '{folder}/metadata.json'" for (width, height), folder in asked.items()]
        raise Rejected(f"operation 'resize' is {' and '.join(said[:2])}; make them agree")
    counts = Counter(dict.fromkeys(asked, 1))
    if not counts:
        for one in parties:
            for width, height, count in one.counts:
                counts[width, height] += count
    width, height = min(counts, key=lambda size: (-counts[size], math.prod(size), size))
    return max(one.channels for one in parties), height, width


def agree(shape: tuple[int, int, int], parties: Sequence[Pixels]) -> Format:
    """Agree on the format.

    Args:
        shape: What :func:`agree_on_shape` returned.
        parties: What each participant says of its pixels at this shape.
    """
    channels, height, width = shape
    count = sum(one.count for one in parties)
    means, deviations = [], []
    for channel in range(channels):
        total = sum(one.sums[channel] for one in parties)
        squares = sum(one.squares[channel] for one in parties)
        means.append(total / count)
        # Of whole numbers, so that nothing is lost by the difference.
        deviations.append(math.sqrt((count * squares - total**2) / count**2) or 1.0)
    return Format(width, height, tuple(means), tuple(deviations))
