from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.participant_key import ParticipantKey  # noqa: F401
    from ..models.participant_socials import ParticipantSocials  # noqa: F401
    from ..models.relations import Relations  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Participant(_Record[Any]):
    """A party who holds data."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: ParticipantKey
    """ What leads to a participant. """
    relations: Relations
    """ The records below this one, by their kind. They carry no relations of their own. """
    id: str
    """ Its own id. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    host: str | None = ABSENT
    """ Address under which the TTP reaches the participant's worker. """
    port: int | None = ABSENT
    """ Port of the worker's data connection. """
    f_port: int | None = ABSENT
    """ Port of the worker's REST interface. """
    log_msgs: bool | None = ABSENT
    """ Whether the worker logs its messages. """
    verbose: bool | None = ABSENT
    """ Whether the worker logs in detail. """
    category: list[str] | None = ABSENT
    """ What kinds of party it is; v8. """
    summary: str | None = ABSENT
    """ The participant in a few words; v8. """
    phone: str | None = ABSENT
    """ Its telephone number; v8. """
    email: str | None = ABSENT
    """ Its address for mail; v8. """
    socials: ParticipantSocials | None = ABSENT
    """ Name of a network to the participant's name or page there. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("ParticipantKey"), is_always=True),
        "relations": Wire("relations", one("Relations"), is_always=True),
        "id": Wire("id", is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "host": Wire("host", is_none=True),
        "port": Wire("port", is_none=True),
        "f_port": Wire("f_port", is_none=True),
        "log_msgs": Wire("log_msgs", is_none=True),
        "verbose": Wire("verbose", is_none=True),
        "category": Wire("category", is_none=True),
        "summary": Wire("summary", is_none=True),
        "phone": Wire("phone", is_none=True),
        "email": Wire("email", is_none=True),
        "socials": Wire("socials", one("ParticipantSocials"), is_none=True),
    }
