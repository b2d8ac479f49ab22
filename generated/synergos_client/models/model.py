from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar  # noqa: F401

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.model_file import ModelFile  # noqa: F401
    from ..models.run_key import RunKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Model(_Record["Any | ModelFile"]):
    """What a run has learned."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RunKey
    """ What leads to a run. """
    global_: ModelFile
    """ Where a trained model is. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("RunKey"), is_always=True),
        "global_": Wire("global", one("ModelFile"), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
    }
    _further: ClassVar[Wire] = Wire("", either(one("ModelFile")))
