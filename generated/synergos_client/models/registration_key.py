from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire
from synergos.common.record import Record as _Record


@_attrs_define(eq=False, repr=False)
class RegistrationKey(_Record[Any]):
    """What leads to a registration."""

    project_id: str
    """ Id of the project. """
    participant_id: str
    """ Id of the participant. """
    collab_id: str | None = ABSENT
    """ Only in the generation v8; and there not in models and predictions. """
    tag_id: None | str = ABSENT
    """ Always null; only in alignments. """

    _wires: ClassVar[dict[str, Wire]] = {
        "project_id": Wire("project_id", is_always=True),
        "participant_id": Wire("participant_id", is_always=True),
        "collab_id": Wire("collab_id", is_none=True),
        "tag_id": Wire("tag_id", is_none=True),
    }
