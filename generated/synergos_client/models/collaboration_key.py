from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class CollaborationKey(_Record[Any]):
    """What leads to a collaboration."""

    collab_id: str
    """ Id of the collaboration. """

    _wires: ClassVar[dict[str, Wire]] = {
        "collab_id": Wire("collab_id", is_always=True),
    }
