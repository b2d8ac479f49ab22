from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.work_ids import WorkIds  # noqa: F401
    from ..models.work_key import WorkKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Work(_Record[Any]):
    """One request of phase 2 or 3, and how far the sandbox is with it."""

    number: int
    """ Work that was asked for later has a higher one. """
    resource: str
    """ What is made: `models`, for example. """
    ids: WorkIds
    """ The ids of the request. """
    state: str
    """ `queued`, `running`, `done`, `failed` or `cancelled`. """
    seconds: float
    """ How long it has been under way; 0 when it is queued. """
    key: WorkKey | None = ABSENT
    """ The ids of the run that was trained last. """
    round_: int | None = ABSENT
    """ How many rounds of it are done. """
    rounds: int | None = ABSENT
    """ How many there are to be. """
    train_loss: float | None = ABSENT
    """ Mean loss per row in the last round; null when it is no finite number. """
    evaluate_loss: float | None = ABSENT
    """ The same on the data with `evaluate` tags. """
    status: int | None = ABSENT
    """ When it failed or was called off: the HTTP status of that. """
    message: str | None = ABSENT
    """ When it failed or was called off: why. """

    _wires: ClassVar[dict[str, Wire]] = {
        "number": Wire("number", is_always=True),
        "resource": Wire("resource", is_always=True),
        "ids": Wire("ids", one("WorkIds"), is_always=True),
        "state": Wire("state", is_always=True),
        "seconds": Wire("seconds", is_always=True),
        "key": Wire("key", one("WorkKey"), is_none=True),
        "round_": Wire("round", is_none=True),
        "rounds": Wire("rounds", is_none=True),
        "train_loss": Wire("train_loss", is_none=True),
        "evaluate_loss": Wire("evaluate_loss", is_none=True),
        "status": Wire("status", is_none=True),
        "message": Wire("message", is_none=True),
    }
