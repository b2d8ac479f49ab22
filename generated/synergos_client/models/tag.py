from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, either, one, time
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.registration_key import RegistrationKey  # noqa: F401
    from ..models.relations import Relations  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Tag(_Record[Any]):
    """Which of its data a participant brings to a project."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RegistrationKey
    """ What leads to a registration. """
    train: list[list[str]]
    """ Data sets to train on, each named by its tags. """
    evaluate: list[list[str]]
    """ Data sets to validate on, each named by its tags. """
    predict: list[list[str]]
    """ Data sets to predict on, each named by its tags. """
    created_at: datetime.datetime | str | None = ABSENT
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | None = ABSENT
    """ The records below this one, by their kind. They carry no relations of their own. """
    model: list[str] | None = ABSENT
    """ Tags of models. The TTP keeps them and does nothing with them. """
    hyperparameters: list[str] | None = ABSENT
    """ Tags of hyperparameters. The TTP keeps them and does nothing with them. """

    _wires: ClassVar[dict[str, Wire]] = {
        "doc_id": Wire("doc_id", is_always=True),
        "kind": Wire("kind", is_always=True),
        "key": Wire("key", one("RegistrationKey"), is_always=True),
        "train": Wire("train", is_always=True),
        "evaluate": Wire("evaluate", is_always=True),
        "predict": Wire("predict", is_always=True),
        "created_at": Wire("created_at", either(time), is_none=True),
        "relations": Wire("relations", one("Relations"), is_none=True),
        "model": Wire("model", is_none=True),
        "hyperparameters": Wire("hyperparameters", is_none=True),
    }
