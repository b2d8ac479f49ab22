from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.run_key import RunKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Losses(_Record[Any]):
    """How the losses of one model went, round by round."""

    key: RunKey
    """ What leads to a run. """
    origin: str
    """ `ttp`, or the id of the participant whose own losses they are. """
    train: list[float | None]
    """ Mean loss per row of the training data, by round; null where the participant had no turn. """
    evaluate: list[float | None] | None = ABSENT
    """ The same on the data with `evaluate` tags, of all participants together; null where nobody has any. """

    _wires: ClassVar[dict[str, Wire]] = {
        "key": Wire("key", one("RunKey"), is_always=True),
        "origin": Wire("origin", is_always=True),
        "train": Wire("train", is_always=True),
        "evaluate": Wire("evaluate", is_none=True),
    }
