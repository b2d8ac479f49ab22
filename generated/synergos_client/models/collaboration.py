from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.collaboration_key import CollaborationKey  # noqa: F401
    from ..models.component import Component  # noqa: F401
    from ..models.relations import Relations  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Collaboration(_Record[Any]):
    """Who works together, and with which components of the deployment; v8."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: CollaborationKey
    """ What leads to a collaboration. """
    relations: Relations
    """ The records below this one, by their kind. They carry no relations of their own. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    catalogue: Component | None = ABSENT
    """ Where a component of the deployment listens. """
    logs: Component | None = ABSENT
    """ Where a component of the deployment listens. """
    meter: Component | None = ABSENT
    """ Where a component of the deployment listens. """
    mlops: Component | None = ABSENT
    """ Where a component of the deployment listens. """
    mq: Component | None = ABSENT
    """ Where a component of the deployment listens. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("CollaborationKey"), is_always=True),
        "relations": Wire("relations", one("Relations"), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "catalogue": Wire("catalogue", one("Component"), is_none=True),
        "logs": Wire("logs", one("Component"), is_none=True),
        "meter": Wire("meter", one("Component"), is_none=True),
        "mlops": Wire("mlops", one("Component"), is_none=True),
        "mq": Wire("mq", one("Component"), is_none=True),
    }
