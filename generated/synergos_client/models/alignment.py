from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.registration_key import RegistrationKey  # noqa: F401
    from ..models.spacers import Spacers  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Alignment(_Record[Any]):
    """How the data of a participant were brought to what all have in common."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    """ What leads to a registration. """
    train: Spacers
    """ Columns of the aligned data that this participant's data lack, by their index; each is filled in. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    evaluate: Spacers | None = ABSENT
    """ Columns of the aligned data that this participant's data lack, by their index; each is filled in. """
    predict: Spacers | None = ABSENT
    """ Columns of the aligned data that this participant's data lack, by their index; each is filled in. """
    features: list[str] | None = ABSENT
    """ The names of the features, in the order of their indexes; none of images. The sandbox says them. """
    classes: list[str] | None = ABSENT
    """ The names of the classes, in the order of their indexes; none of a regression. The sandbox says them. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("RegistrationKey"), is_always=True),
        "train": Wire("train", one("Spacers"), is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "evaluate": Wire("evaluate", one("Spacers"), is_none=True),
        "predict": Wire("predict", one("Spacers"), is_none=True),
        "features": Wire("features", is_none=True),
        "classes": Wire("classes", is_none=True),
    }
