from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire
from synergos.common.record import Record as _Record


@_attrs_define(eq=False, repr=False)
class ProjectKey(_Record[Any]):
    """What leads to a project."""

    project_id: str
    """ Id of the project. """
    collab_id: str | None = ABSENT
    """ Only in the generation v8; and there not in models and predictions. """

    _wires: ClassVar[dict[str, Wire]] = {
        "project_id": Wire("project_id", is_always=True),
        "collab_id": Wire("collab_id", is_none=True),
    }
