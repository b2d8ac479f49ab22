from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire


@_attrs_define(eq=False, repr=False)
class ParticipantCount(_Record[Any]):
    """A participant, and how much it takes part."""

    participant_id: str
    """ Its id. """
    projects: int
    """ How many registrations it has. """

    _wires: ClassVar[dict[str, Wire]] = {
        "participant_id": Wire("participant_id", is_always=True),
        "projects": Wire("projects", is_always=True),
    }
