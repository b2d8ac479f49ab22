from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, many, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.curve import Curve  # noqa: F401
    from ..models.overview_connected import OverviewConnected  # noqa: F401
    from ..models.overview_more import OverviewMore  # noqa: F401
    from ..models.overview_versions import OverviewVersions  # noqa: F401
    from ..models.participant_count import ParticipantCount  # noqa: F401
    from ..models.project_counts import ProjectCounts  # noqa: F401
    from ..models.work import Work  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Overview(_Record[Any]):
    """What a TTP has, and what it is doing."""

    kind: str
    """ `sandbox` when all participants are in one process with it, `machines` when they are on machines of their own. """
    is_cluster: bool
    """ Whether it answers as a cluster of the generation v8. """
    versions: OverviewVersions
    """ The versions of what decides how a training goes. """
    seconds: float
    """ How long it has been up. """
    changes: int
    """ Another number whenever a record was made, changed or deleted, or the TTP started. """
    projects: list[ProjectCounts]
    """ The last of the projects, in the order in which they were created. """
    participants: list[ParticipantCount]
    """ The participants of the grid. """
    more: OverviewMore
    """ How many `projects` and `participants` there are besides. """
    work: list[Work]
    """ Work that waits or is under way, and the last of that which has ended. """
    connected: OverviewConnected | None = ABSENT
    """ Where participants are on machines of their own: of each whose key is known, whether it is connected. """
    curve: Curve | None = ABSENT
    """ How the losses of the run go that is being trained. """

    _wires: ClassVar[dict[str, Wire]] = {
        "kind": Wire("kind", is_always=True),
        "is_cluster": Wire("is_cluster", is_always=True),
        "versions": Wire("versions", one("OverviewVersions"), is_always=True),
        "seconds": Wire("seconds", is_always=True),
        "changes": Wire("changes", is_always=True),
        "projects": Wire("projects", many(one("ProjectCounts")), is_always=True),
        "participants": Wire("participants", many(one("ParticipantCount")), is_always=True),
        "more": Wire("more", one("OverviewMore"), is_always=True),
        "work": Wire("work", many(one("Work")), is_always=True),
        "connected": Wire("connected", one("OverviewConnected"), is_none=True),
        "curve": Wire("curve", one("Curve"), is_none=True),
    }
