from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar  # noqa: F401

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.node import Node  # noqa: F401
    from ..models.registration_collaboration import RegistrationCollaboration  # noqa: F401
    from ..models.registration_key import RegistrationKey  # noqa: F401
    from ..models.registration_participant import RegistrationParticipant  # noqa: F401
    from ..models.registration_project import RegistrationProject  # noqa: F401
    from ..models.relations import Relations  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Registration(_Record["Any | Node"]):
    """A participant in a project."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    """ What leads to a registration. """
    relations: Relations
    """ The records below this one, by their kind. They carry no relations of their own. """
    role: str
    """ `host`, `guest` or `arbiter`. """
    project: RegistrationProject
    """ The project's fields; any may be null. """
    participant: RegistrationParticipant
    """ The participant's fields; any may be null. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    collaboration: RegistrationCollaboration | None = ABSENT
    """ The collaboration's components; v8. """
    n_count: int | None = ABSENT
    """ How many nodes there are; v8. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("RegistrationKey"), is_always=True),
        "relations": Wire("relations", one("Relations"), is_always=True),
        "role": Wire("role", is_always=True),
        "project": Wire("project", one("RegistrationProject"), is_always=True),
        "participant": Wire("participant", one("RegistrationParticipant"), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "collaboration": Wire("collaboration", one("RegistrationCollaboration"), is_none=True),
        "n_count": Wire("n_count", is_none=True),
    }
    _further: ClassVar[Wire] = Wire("", either(one("Node")))
