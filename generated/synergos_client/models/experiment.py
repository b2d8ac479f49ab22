from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, many, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.experiment_key import ExperimentKey  # noqa: F401
    from ..models.layer import Layer  # noqa: F401
    from ..models.relations import Relations  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Experiment(_Record[Any]):
    """A network to try."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: ExperimentKey
    """ What leads to an experiment. """
    relations: Relations
    """ The records below this one, by their kind. They carry no relations of their own. """
    model: list[Layer]
    """ The layers; an alignment has rewritten the sizes of the first and the last. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("ExperimentKey"), is_always=True),
        "relations": Wire("relations", one("Relations"), is_always=True),
        "model": Wire("model", many(one("Layer")), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
    }
