from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.project_counts_counts import ProjectCountsCounts  # noqa: F401
    from ..models.project_counts_key import ProjectCountsKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class ProjectCounts(_Record[Any]):
    """A project, and how much there is in it."""

    key: ProjectCountsKey
    """ The ids of the project. """
    counts: ProjectCountsCounts
    """ How many records there are of each kind: `Run`, for example. """
    action: None | str = ABSENT
    """ What is learned: `classify` or `regress`. """

    _wires: ClassVar[dict[str, Wire]] = {
        "key": Wire("key", one("ProjectCountsKey"), is_always=True),
        "counts": Wire("counts", one("ProjectCountsCounts"), is_always=True),
        "action": Wire("action", is_none=True),
    }
