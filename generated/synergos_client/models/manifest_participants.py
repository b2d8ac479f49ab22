from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, one

if TYPE_CHECKING:
    from ..models.manifest_participants_additional_property import ManifestParticipantsAdditionalProperty  # noqa: F401


@_attrs_define(eq=False, repr=False)
class ManifestParticipants(_Record["ManifestParticipantsAdditionalProperty"]):
    """By participant its `tags`, and by purpose how many `rows` there are and the `digests` that tell them from any
    others; none of participants on machines of their own."""

    _wires: ClassVar[dict[str, Wire]] = {}
    _further: ClassVar[Wire] = Wire("", one("ManifestParticipantsAdditionalProperty"))
