from __future__ import annotations

import datetime
from typing import Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, time
from synergos.common.record import Record as _Record


@_attrs_define(eq=False, repr=False)
class Record(_Record[Any]):
    """What every record carries. Fields that are not set are left out."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
    }
