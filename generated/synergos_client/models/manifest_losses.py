from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, one

if TYPE_CHECKING:
    from ..models.manifest_losses_additional_property import ManifestLossesAdditionalProperty  # noqa: F401


@_attrs_define(eq=False, repr=False)
class ManifestLosses(_Record["ManifestLossesAdditionalProperty"]):
    """The losses by the number of the round: to `train`, to `evaluate`, and the `local` ones by participant."""

    _wires: ClassVar[dict[str, Wire]] = {}
    _further: ClassVar[Wire] = Wire("", one("ManifestLossesAdditionalProperty"))
