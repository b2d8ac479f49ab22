"""What has to be known of a model to use it, kept beside its weights in ``signature.json``.

It holds no rows: of tables the columns as all participants agreed on them (fills, extremes, categories), of images
their format, and the layers, the run and the classes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self, cast

from synergos.learning.alignment import Alignment
from synergos.learning.errors import Rejected
from synergos.learning.files import write_json
from synergos.learning.network import Fields, Layer
from synergos.learning.tables import CLASSIFY, IMAGE, TABULAR
from synergos.learning.target import AS_IT_IS, scale_for

SIGNATURE = "signature.json"
GLOBAL_MODEL = "global_model.pt"
BEST_MODEL = "best_model.pt"
_FORMAT = 1
_KEPT = {"last": GLOBAL_MODEL, "best": BEST_MODEL}


@dataclass(frozen=True, repr=False)
class Signature:
    """What has to be known of a model to use it.

    Attributes:
        layers: The layers, fitted to the data.
        action: ``classify`` or ``regress``; empty where nobody tells it.
        run: The fields of the run that it was trained with.
        alignment: How rows become what the layers take, and what comes of them is called; ``None`` where nobody tells
            it, as beside the weights of a real TTP.
        versions: The versions that it was trained with.
    """

    layers: Sequence[Layer]
    action: str = ""
    run: Fields | None = None
    alignment: Alignment | None = None
    versions: Mapping[str, str] | None = None

    @property
    def classes(self) -> list[str]:
        """The names of the classes in the order of the scores; none of a regression."""
        return [] if self.alignment is None else list(self.alignment.targets)

    @property
    def columns(self) -> list[str]:
        """The columns that a frame needs to be predicted on, in the order of the features; ``image`` of images."""
        if self.alignment is None:
            return []
        return ["image"] if self.alignment.image else list(self.alignment.columns)

    @property
    def missing(self) -> list[str]:
        """What is not known: nothing of a model of the sandbox."""
        lacking = {
            "the action": not self.action,
            "the columns with their fills, scales and categories": self.alignment is None,
            "the names of the classes": self.alignment is None,
            "the run": self.run is None,
            "the versions": self.versions is None,
        }
        return [what for what, lacks in lacking.items() if lacks]

    def to_dict(self) -> dict[str, object]:
        """The signature as its file has it."""
        aligned = self.alignment
        scale = None if aligned is None else scale_for(self.layers, self.run or {}, aligned.target)
        return {
            "format": _FORMAT,
            "action": self.action,
            "datatype": None if aligned is None else TABULAR if aligned.image is None else IMAGE,
            # It is in the weights already.
            "target_scale": None if scale is None or scale == AS_IT_IS else asdict(scale),
            "alignment": None if aligned is None else replace(aligned, spacers={}).to_dict(),
            "layers": list(self.layers),
            "run": self.run,
            "versions": self.versions,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Make a signature of what :meth:`to_dict` returned.

        Raises:
            Rejected: It is of a later version of Synergos.
        """
        if stored.get("format") != _FORMAT:
            raise Rejected(
                f"{SIGNATURE} has the format {stored.get('format')!r}, and {_FORMAT} is known; update synergos"
            )
        aligned = cast(Mapping[str, object] | None, stored["alignment"])
        return cls(
            layers=cast(Sequence[Layer], stored["layers"]),
            action=str(stored["action"]),
            run=cast(Fields | None, stored["run"]),
            alignment=None if aligned is None else Alignment.from_dict(aligned),
            versions=cast(Mapping[str, str] | None, stored["versions"]),
        )

    def write(self, folder: Path) -> None:
        """Keep it in the folder of the weights."""
        write_json(folder / SIGNATURE, self.to_dict())

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read that of a folder of weights; ``None`` when there is none, as on a real TTP.

        Raises:
            Rejected: It cannot be read.
        """
        path = folder / SIGNATURE
        if not path.is_file():
            return None
        try:
            return cls.from_dict(json.loads(path.read_bytes()))
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise Rejected(f"{path} cannot be read as a signature: {error}") from error

    def __repr__(self) -> str:
        what = {
            "action": self.action or "not told",
            "columns": ", ".join(self.columns) or "not told",
            "classes": "" if self.action and self.action != CLASSIFY else ", ".join(self.classes) or "not told",
            "layers": " → ".join(str(layer["l_type"]) for layer in self.layers),
            "versions": ", ".join(f"{name} {number}" for name, number in (self.versions or {}).items()) or "not told",
        }
        return "\n".join(f"{name:9}{value}" for name, value in what.items() if value)


def chosen(run: Fields) -> str:
    """The file of the weights that a run is validated with: of the last round, or with ``keep="best"`` of the best.

    Raises:
        Rejected: ``keep`` is neither ``last`` nor ``best``.
    """
    keep = run.get("keep", "last")
    if not isinstance(keep, str) or keep not in _KEPT:
        raise Rejected(f"keep is {keep!r}, and must be 'last' or 'best'")
    return _KEPT[keep]
