from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, one

if TYPE_CHECKING:
    from ..models.manifest_weights_additional_property import ManifestWeightsAdditionalProperty  # noqa: F401


@_attrs_define(eq=False, repr=False)
class ManifestWeights(_Record["ManifestWeightsAdditionalProperty"]):
    """By file, the SHA-256 of the `values` in it and of the `file` itself."""

    _wires: ClassVar[dict[str, Wire]] = {}
    _further: ClassVar[Wire] = Wire("", one("ManifestWeightsAdditionalProperty"))
