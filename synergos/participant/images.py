"""Participants' images: files that a listing names, turned into numbers of one shape.

:func:`survey` looks at the head of every file of a folder and returns a table with one row per image, which goes the
way of all tables from there on; :func:`describe` and :func:`measure` say what :mod:`~synergos.learning.pictures` makes
one format of for all participants' *training* images; :class:`Images` are any images decoded by it, batch by batch and
as bytes. A :class:`Room` bounds what is kept of them,
so that a set may be larger than the memory. Photos are turned as their cameras say (the orientation of EXIF).

What ``operations`` of a folder's ``metadata.json`` may hold:

* ``resize``: ``[width, height]``. In any training folder it sets the size for everyone. Without it everyone takes the
  most frequent size of the training images, the smallest one if there are several.
* ``use_grayscale``: true for one channel, false for three (red, green, blue). Without it, images without colours have
  one. Everyone gets three as soon as one training folder has them; transparency is dropped.
* ``use_alpha``: false, if at all. ``use_deepaugment``: ignored, as by the original, which takes it and does nothing.

It departs from the original, which makes every image grey unless told otherwise, puts black around the smaller ones
and feeds bytes from 0 to 255: here they keep their colours, are resized, and every channel is scaled to mean 0 and
deviation 1 over all participants' training images.
"""

import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from PIL import ExifTags, Image, UnidentifiedImageError
from torch import Tensor

from synergos.learning.errors import Rejected
from synergos.learning.pictures import Format, Pixels, Sizes

OPERATIONS = ("resize", "use_grayscale", "use_alpha", "use_deepaugment")
# Below what Pillow warns at, so that it is always the sandbox that says so.
_MOST_PIXELS = 8192 * 8192
# Of decoded images, in bytes, over all participants of a training.
_MOST_KEPT = 2**29
# What Pillow may take a file for. Its other decoders are for formats that are rarely seen, and rarely looked after.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
# What systems and people leave in folders of images; in small letters.
_NO_IMAGES = ("thumbs.db", "ehthumbs.db", "thumbs.db:encryptable", "desktop.ini", "icon\r", "__macosx", "@eadir")
_NO_IMAGE_SUFFIXES = (
    *(".csv", ".db", ".html", ".ini", ".json", ".lnk", ".log", ".md", ".pdf", ".tsv", ".txt", ".url", ".xml", ".yaml"),
    *(".yml", ".zip"),
)
# What each orientation of EXIF but the first says to do, and which of them swap width and height.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = (5, 6, 7, 8)


class Room:
    """How much memory decoded images may still take, over all sets that are given the same room.

    Args:
        size: In bytes; nought to keep none.
    """

    def __init__(self, size: int = _MOST_KEPT) -> None:
        self._left = size

    def take(self, size: int) -> bool:
        """Take so many bytes, if there are as many left."""
        if fits := size <= self._left:
            self._left -= size
        return fits


class Images:
    """Images as rows that are decoded, resized and scaled when it is a batch's turn.

    What is decoded is kept as long as there is room, and what is kept stays: the images of an epoch come in no order,
    and none is needed sooner than another.

    Args:
        images: What :func:`survey` returned, or some rows of it.
        like: What they are brought to.
        room: For what is decoded.
    """

    def __init__(self, images: pd.DataFrame, like: Format, room: Room) -> None:
        self._paths, self._names = images["path"].tolist(), images["name"].tolist()
        self._like, self._room = like, room
        self._kept: dict[int, npt.NDArray[np.uint8]] = {}
        self.shape = torch.Size((len(images), *like.shape))

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: Tensor | slice, /) -> Tensor:
        """Decode some images.

        Args:
            index: Numbers of images, or a slice of them.

        Returns:
            float32 of shape (those images, channels, height, width).

        Raises:
            Rejected: An image is broken.
        """
        numbers = range(len(self))[index] if isinstance(index, slice) else index.tolist()
        pixels = np.empty((len(numbers), *self._like.shape), np.uint8)
        for place, number in enumerate(numbers):
            pixels[place] = self._pixels(number)
        means, deviations = (
            np.array(one, np.float32)[:, None, None] for one in (self._like.means, self._like.deviations)
        )
        return torch.from_numpy((pixels - means) / deviations)

    def _pixels(self, number: int) -> npt.NDArray[np.uint8]:
        if (pixels := self._kept.get(number)) is None:
            pixels = _decode(self._paths[number], self._names[number], self._like.shape)
            if self._room.take(pixels.nbytes):
                self._kept[number] = pixels
        return pixels


def is_image(name: str) -> bool:
    """Tell what may be an image from what systems and people leave beside images, by its path."""
    return not is_of_system(name) and PureWindowsPath(name).suffix.casefold() not in _NO_IMAGE_SUFFIXES


def is_of_system(name: str) -> bool:
    """Tell by its path what is hidden or left by a system, such as ``Thumbs.db``."""
    parts = [part.casefold() for part in PureWindowsPath(name).parts]
    return any((part.startswith(".") and part not in (".", "..")) or part in _NO_IMAGES for part in parts)


def survey(
    folder: Path, names: "pd.Series[str]", root: Path, *, source: str, operations: Mapping[str, object]
) -> pd.DataFrame:
    """Look at the images of a folder, without decoding them.

    Args:
        folder: The data folder, resolved.
        names: The images' paths below it, in order, by the numbers of their rows.
        root: The folder that holds all data, resolved.
        source: What lists the images, for messages.
        operations: What the folder's metadata say of images, by the names of :data:`OPERATIONS`.

    Returns:
        One row per image: its ``path``, its ``name`` below the root, its ``folder`` below the root, ``width``,
        ``height`` and ``channels`` after the folder's operations, and ``is_fixed``, whether these gave it its size.

    Raises:
        Rejected: An operation is unknown, or an image is missing, outside of the folder, or not an image.
    """
    below = str(folder.relative_to(root))
    size, channels = _read_operations(operations, f"'{below}/metadata.json'")
    rows = []
    for number, name in names.items():
        if isinstance(name, str) and "\\" in name and not os.path.isfile(folder / name):  # noqa: PTH113
            # As Windows writes paths. Unlike pathlib's, this isfile takes any text.
            name = name.replace("\\", "/")
        path = _locate(folder, name, f"{source}, row {number}: column 'image'")
        # However it is written, it is the same image.
        shown = os.path.normpath(f"{below}/{name}")
        own_size, own_channels = _look(path, f"'{shown}'")
        rows.append((str(path), shown, below, *(size or own_size), channels or own_channels, size is not None))
    return pd.DataFrame(rows, columns=["path", "name", "folder", "width", "height", "channels", "is_fixed"])


def describe(images: pd.DataFrame) -> Sizes:
    """Say of a participant's training images what all have to agree on.

    Args:
        images: What :func:`survey` returned.
    """
    counts = Counter(zip(images["width"].tolist(), images["height"].tolist(), strict=True))
    fixed = images[images["is_fixed"]].drop_duplicates(["width", "height"])
    asked = zip(fixed["width"].tolist(), fixed["height"].tolist(), fixed["folder"].tolist(), strict=True)
    return Sizes(
        channels=int(images["channels"].max()),
        counts=[(width, height, count) for (width, height), count in counts.items()],
        asked=list(asked),
    )


def measure(images: pd.DataFrame, shape: tuple[int, int, int]) -> Pixels:
    """Add up the pixels of a participant's training images.

    Args:
        images: What :func:`survey` returned.
        shape: Channels, height and width that all agree on.

    Raises:
        Rejected: An image is broken.
    """
    channels = shape[0]
    sums, squares = np.zeros(channels, np.int64), np.zeros(channels, np.int64)
    for path, name in zip(images["path"], images["name"], strict=True):
        values = _decode(path, name, shape).reshape(channels, -1).astype(np.int64)
        sums += values.sum(axis=1)
        squares += (values**2).sum(axis=1)
    return Pixels(len(images) * math.prod(shape[1:]), sums.tolist(), squares.tolist())


def _read_operations(operations: Mapping[str, object], where: str) -> tuple[tuple[int, int] | None, int | None]:
    """Read the size and the number of channels that a folder asks for."""
    for name, value in operations.items():
        if name.startswith("use_") and not isinstance(value, bool):
            raise Rejected(f"{where}: operation {name!r} is {value!r}, and must be true or false")
    if operations.get("use_alpha"):
        raise Rejected(f"{where}: operation 'use_alpha': the sandbox drops transparency; set it to false")
    is_gray = operations.get("use_grayscale")
    channels = None if is_gray is None else 1 if is_gray else 3
    if (resize := operations.get("resize")) is None:
        return None, channels
    match resize:
        case [int(width), int(height)] if min(width, height) > 0 and width * height <= _MOST_PIXELS:
            return (width, height), channels
    raise Rejected(
        f"{where}: operation 'resize' is {resize!r}, and must be [width, height] with up to {_MOST_PIXELS} pixels"
    )


def _locate(folder: Path, name: object, where: str) -> Path:
    if not isinstance(name, str):
        raise Rejected(f"{where} is empty")
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise Rejected(f"{where}: {name!r} leads outside of the folder")
        if not path.is_file():
            raise Rejected(f"{where}: {name!r} {'is not a file' if path.exists() else 'does not exist'}")
    except (OSError, RuntimeError, ValueError) as error:
        raise Rejected(f"{where}: {name!r} cannot be found: {error}") from error
    return path


def _look(path: Path, what: str) -> tuple[tuple[int, int], int]:
    """Read an image's size and number of channels from its head."""
    with _open(path, what) as image:
        if image.mode in ("I", "F"):
            raise Rejected(f"{what} has {image.mode!r} pixels of 32 bits, and the sandbox takes up to 16 a channel")
        if math.prod(image.size) > _MOST_PIXELS:
            raise Rejected(f"{what} has {math.prod(image.size)} pixels, and the sandbox takes up to {_MOST_PIXELS}")
        size = image.size[::-1] if _orientation(image) in _LYING else image.size
        return size, 1 if Image.getmodebase(image.mode) == "L" else 3


def _orientation(image: Image.Image) -> int:
    """Read how a photo is to be turned, from its head; 1 is as it is."""
    # Without any of these in its head, Pillow decodes a whole PNG to look behind its pixels.
    if image.format == "PNG" and image.info.keys().isdisjoint(("exif", "Raw profile type exif", "XML:com.adobe.xmp")):
        return 1
    # A photo whose notes are broken, which raises anything, is shown as it is by everyone.
    with suppress(Exception):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _decode(path: str, name: str, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """Decode an image as an array of this shape."""
    channels, height, width = shape
    with _open(path, f"'{name}'") as image:
        turn = _TURNS.get(_orientation(image))
        if image.mode.startswith("I;16"):
            # Pillow would cut off what is above 255.
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image = image.convert("L" if channels == 1 else "RGB")
        image = image if turn is None else image.transpose(turn)
        image = image.resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(image).reshape(height, width, channels).transpose(2, 0, 1)


@contextmanager
def _open(path: str | Path, what: str) -> Iterator[Image.Image]:
    """Open an image, and turn what goes wrong with it into a rejection."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            yield image
    except Rejected:
        raise
    except UnidentifiedImageError as error:
        raise Rejected(f"{what} is not an image, or none of the formats {', '.join(_FORMATS)}") from error
    except Exception as error:
        # The decoders of broken files raise whatever comes their way.
        raise Rejected(f"{what} cannot be read as an image: {error}") from error
