from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, many, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.manifest_alignment import ManifestAlignment  # noqa: F401
    from ..models.manifest_layers_item import ManifestLayersItem  # noqa: F401
    from ..models.manifest_losses import ManifestLosses  # noqa: F401
    from ..models.manifest_participants import ManifestParticipants  # noqa: F401
    from ..models.manifest_rounds import ManifestRounds  # noqa: F401
    from ..models.manifest_run import ManifestRun  # noqa: F401
    from ..models.manifest_versions import ManifestVersions  # noqa: F401
    from ..models.manifest_weights import ManifestWeights  # noqa: F401
    from ..models.run_key import RunKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Manifest(_Record[Any]):
    """What a model was made of, and what came of it."""

    format_: int
    """ Which form the manifest has. """
    key: RunKey
    """ What leads to a run. """
    sha256: str
    """ The SHA-256 of all other fields. """
    contract: str | None = ABSENT
    """ The version of this contract. """
    versions: ManifestVersions | None = ABSENT
    """ The versions of what trained it, as texts. """
    platform: str | None = ABSENT
    """ The system and the processor of the TTP: on others, numbers may differ in their last digits. """
    action: str | None = ABSENT
    """ `classify` or `regress`. """
    seed: int | None = ABSENT
    """ The seed of all random numbers. """
    layers: list[ManifestLayersItem] | None = ABSENT
    """ The layers. """
    fitted: bool | None = ABSENT
    """ Whether the layers are as an alignment fits them. """
    run: ManifestRun | None = ABSENT
    """ The fields of the run. """
    participants: ManifestParticipants | None = ABSENT
    """ By participant its `tags`, and by purpose how many `rows` there are and the `digests` that tell them from any
    others; none of participants on machines of their own. """
    alignment: ManifestAlignment | None = ABSENT
    """ What the participants agree on. """
    rounds: ManifestRounds | None = ABSENT
    """ How many rounds were `done`, which was `best`, and how it `ended`: `done`, `early` or `pruned`. """
    losses: ManifestLosses | None = ABSENT
    """ The losses by the number of the round: to `train`, to `evaluate`, and the `local` ones by participant. """
    weights: ManifestWeights | None = ABSENT
    """ By file, the SHA-256 of the `values` in it and of the `file` itself. """

    _wires: ClassVar[dict[str, Wire]] = {
        "format_": Wire("format", is_always=True),
        "key": Wire("key", one("RunKey"), is_always=True),
        "sha256": Wire("sha256", is_always=True),
        "contract": Wire("contract", is_none=True),
        "versions": Wire("versions", one("ManifestVersions"), is_none=True),
        "platform": Wire("platform", is_none=True),
        "action": Wire("action", is_none=True),
        "seed": Wire("seed", is_none=True),
        "layers": Wire("layers", many(one("ManifestLayersItem")), is_none=True),
        "fitted": Wire("fitted", is_none=True),
        "run": Wire("run", one("ManifestRun"), is_none=True),
        "participants": Wire("participants", one("ManifestParticipants"), is_none=True),
        "alignment": Wire("alignment", one("ManifestAlignment"), is_none=True),
        "rounds": Wire("rounds", one("ManifestRounds"), is_none=True),
        "losses": Wire("losses", one("ManifestLosses"), is_none=True),
        "weights": Wire("weights", one("ManifestWeights"), is_none=True),
    }
