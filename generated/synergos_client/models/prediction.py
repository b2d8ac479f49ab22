from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.inference import Inference  # noqa: F401
    from ..models.result_key import ResultKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Prediction(_Record[Any]):
    """What a model says of a participant's `predict` data."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: ResultKey
    """ What leads to a result. """
    predict: Inference
    """ What came of a model on the data of a participant. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("ResultKey"), is_always=True),
        "predict": Wire("predict", one("Inference"), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
    }
