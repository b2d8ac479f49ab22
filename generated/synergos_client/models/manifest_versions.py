from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class ManifestVersions(_Record[Any]):
    """The versions of what trained it, as texts."""

    _wires: ClassVar[dict[str, Wire]] = {}
