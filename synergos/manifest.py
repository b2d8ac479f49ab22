"""What a model was made of and what came of it: ``manifest.json``, kept beside its weights by the sandbox.

It holds no row and no time, so that a training that is done once more with the same data writes the same file.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, NotRequired, Self, TypedDict, cast

import attrs

from synergos.common.checks import Count, Id, check
from synergos.common.text import as_cell, one_line
from synergos.errors import InvalidArgument

MANIFEST = "manifest.json"
FORMAT = 1
# Several times what a run on the most columns and rounds has.
_MOST_BYTES = 2**28
_DEEPEST = 64
_NESTED = (Mapping, list, tuple)


class Part(TypedDict):
    """What a participant brought: its tags, and of each purpose the rows and what tells them from any others."""

    tags: Mapping[str, Sequence[Sequence[str]]]
    rows: Mapping[str, int]
    digests: Mapping[str, str]


class Rounds(TypedDict):
    """How far a training went: how many rounds, which had the lowest evaluation loss, and what ended it."""

    done: Count
    best: Count | None
    ended: Literal["done", "early", "pruned"]


class Losses(TypedDict):
    """The losses by the number of the round; the local ones by participant."""

    train: Mapping[str, float | None]
    evaluate: Mapping[str, float | None]
    local: Mapping[str, Mapping[str, float | None]]


class Weights(TypedDict):
    """The hashes of one file of weights: of what is in it, and of the file itself."""

    values: str
    file: str


class Key(TypedDict):
    """Which run it is."""

    collab_id: NotRequired[Id]
    project_id: Id
    expt_id: Id
    run_id: Id


class Content(TypedDict):
    """What a manifest holds. The page on taking models away says what each is."""

    format: int
    key: Key
    contract: str
    versions: Mapping[str, str]
    platform: str
    action: Literal["classify", "regress"]
    seed: int
    layers: Sequence[Mapping[str, Any]]
    fitted: bool
    run: Mapping[str, Any]
    participants: Mapping[Id, Part]
    alignment: Mapping[str, Any]
    rounds: Rounds
    losses: Losses
    weights: Mapping[str, Weights]
    sha256: str


class Difference(NamedTuple):
    """Something that is not the same in two manifests.

    Attributes:
        part: The field of the manifest, `losses` for example.
        what: What in it, `train.3` for example; "" for all of it.
        then: What it was; None where there was nothing.
        now: What it is.
    """

    part: str
    what: str
    then: object
    now: object


@attrs.frozen(repr=False)
class Manifest:
    """What a model was made of and what came of it.

    Attributes:
        content: All of it, as the file has it.

    Example:
        >>> manifest = driver.manifest(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> manifest.content["participants"]["biscoe"]["rows"]
        {'train': 60, 'evaluate': 86}
        >>> manifest.save("manifest.json")
        >>> Manifest.read("manifest.json") == manifest
        True
    """

    content: Content

    @classmethod
    def read(cls, source: "str | Path | Mapping[str, Any] | Manifest") -> Self:
        """Read a manifest, and see that it is whole and as it was written.

        Args:
            source: The file, or the folder of the model; or what a file holds.

        Returns:
            The manifest.

        Raises:
            InvalidArgument: When there is none, or it was cut off, changed since it was written, or is of a version of
                Synergos that writes others.
        """
        if isinstance(source, Manifest):
            return cls.of(source.content, "the manifest")
        if isinstance(source, Mapping):
            return cls.of(source, "the manifest")
        if not isinstance(source, str | Path):
            raise InvalidArgument(
                f"[manifest] manifest={one_line(repr(source))} is not allowed: it must be a file, the folder of a "
                "model, or what a manifest holds."
            )
        path, where = Path(source), one_line(str(source))
        try:
            with (path / MANIFEST if path.is_dir() else path).open("rb") as file:
                text = file.read(_MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InvalidArgument(f"[manifest] {where} cannot be read: {reason}.") from None
        if len(text) > _MOST_BYTES:
            raise InvalidArgument(f"[manifest] {where} is larger than any manifest: name a {MANIFEST}.")
        try:
            found = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise InvalidArgument(f"[manifest] {where} is not JSON, or was cut off: {as_cell(str(error))}.") from None
        return cls.of(found, where)

    @classmethod
    def of(cls, found: object, where: str) -> Self:
        """Make a manifest of what a file holds.

        Args:
            found: What JSON was read as.
            where: What it is, for messages.

        Raises:
            InvalidArgument: When it is none, or is not as it was written.
        """
        if not isinstance(found, Mapping) or "format" not in found:
            raise InvalidArgument(f"[manifest] {where} is no manifest: name the {MANIFEST} beside a model.")
        if found["format"] != FORMAT or isinstance(found["format"], bool):
            raise InvalidArgument(
                f"[manifest] {where} has the format {as_cell(repr(found['format']))[:40]}, and {FORMAT} is known: take "
                "the Synergos that wrote it."
            )
        if _is_deep(found):
            raise InvalidArgument(f"[manifest] {where} is nested too deeply for a manifest.")
        try:
            is_sealed = found.get("sha256") == _hash(found)
        except (ValueError, TypeError):
            is_sealed = False
        if not is_sealed:
            raise InvalidArgument(
                f"[manifest] {where} was changed since it was written: its sha256 is not that of what it holds."
            )
        # It also holds what was sealed by hand, and not by a sandbox.
        return cls(cast(Content, check("manifest", "manifest", found, Content)))

    @property
    def text(self) -> str:
        """The manifest as its file has it."""
        return json.dumps(self.content, ensure_ascii=False, indent=2)

    def save(self, path: str | Path) -> None:
        """Write the file.

        Args:
            path: Where.

        Raises:
            OSError: When it cannot be written.
        """
        file = Path(path)
        new = file.with_name(f"{file.name}.new")
        new.write_text(self.text, encoding="utf-8")
        new.replace(file)

    def differences(self, other: "Manifest") -> tuple[Difference, ...]:
        """What is not the same in another manifest, less which run it is of and how torch packs its files.

        Hashes of data are compared where both manifests have them.
        """
        then, now = _comparable(self.content, other.content), _comparable(other.content, self.content)
        return tuple(
            Difference(part, what, one, two)
            for part in then
            for what, one, two in _differing("", then[part], now[part])
        )

    def __str__(self) -> str:
        own, rounds = self.content, self.content["rounds"]
        people = [
            f"{name} ({', '.join(f'{purpose} {count:,} rows' for purpose, count in one['rows'].items())})"
            for name, one in own["participants"].items()
        ]
        what = {
            "run": "/".join(str(one) for one in own["key"].values()),
            "action": own["action"],
            "participants": "; ".join(people),
            "layers": " → ".join(str(layer.get("l_type")) for layer in own["layers"]),
            "seed": str(own["seed"]),
            "rounds": f"{rounds['done']}, the lowest evaluation loss in round {rounds['best']}",
            "weights": own["weights"].get("global_model.pt", {"values": "none"})["values"],
            "versions": ", ".join(f"{name} {number}" for name, number in own["versions"].items()),
            "platform": own["platform"],
        }
        return "\n".join(f"{name:14}{as_cell(value)}" for name, value in what.items())

    __repr__ = __str__


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Add the hash by which it is seen whether a manifest was changed.

    It is the SHA-256 of all other fields as JSON in ASCII, with sorted names and without spaces.

    Args:
        content: The fields of a manifest, as JSON is read.
    """
    return {**content, "sha256": _hash(content)}


def _hash(content: Mapping[str, Any]) -> str:
    own = {name: value for name, value in content.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(own, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()).hexdigest()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _comparable(content: Content, other: Content) -> dict[str, Any]:
    """What of a manifest is compared with another: no file of weights, which are compared themselves."""
    people = {
        name: {**one, "digests": one["digests"] if other["participants"].get(name, one)["digests"] else {}}
        for name, one in content["participants"].items()
    }
    weights = {name: one["values"] for name, one in content["weights"].items()}
    own = {**content, "participants": people, "weights": weights}
    return {name: value for name, value in own.items() if name not in ("format", "key", "sha256")}


def _differing(where: str, then: object, now: object) -> Iterator[tuple[str, object, object]]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*then, *now]):
            yield from _differing(f"{where}.{name}" if where else str(name), then.get(name), now.get(name))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _differing(f"{where}[{place}]", one, other)
    elif json.dumps(then) != json.dumps(now):
        yield where, then, now


def _is_deep(found: object) -> bool:
    level, depth = [found], 0
    while level and depth <= _DEEPEST:
        below = [part.values() if isinstance(part, Mapping) else part for part in level if isinstance(part, _NESTED)]
        level, depth = [one for part in below for one in part], depth + 1
    return bool(level)
