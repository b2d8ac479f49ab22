from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.project_incentives import ProjectIncentives  # noqa: F401
    from ..models.project_key import ProjectKey  # noqa: F401
    from ..models.relations import Relations  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Project(_Record[Any]):
    """What is to be learned together."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: ProjectKey
    """ What leads to a project. """
    relations: Relations
    """ The records below this one, by their kind. They carry no relations of their own. """
    action: str
    """ `classify` or `regress`. """
    incentives: ProjectIncentives
    """ Name of a tier of incentives to the participants in it. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    universe_alignment: list[str] | None = ABSENT
    """ As it was sent. """
    start_at: datetime.datetime | str | None = ABSENT
    """ A time where it reads as one, else the text as it was sent. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("ProjectKey"), is_always=True),
        "relations": Wire("relations", one("Relations"), is_always=True),
        "action": Wire("action", is_always=True),
        "incentives": Wire("incentives", one("ProjectIncentives"), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "universe_alignment": Wire("universe_alignment", is_none=True),
        "start_at": Wire("start_at", either(time), is_none=True),
    }
