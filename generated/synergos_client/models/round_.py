from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, one

if TYPE_CHECKING:
    from ..models.round_local_losses import RoundLocalLosses  # noqa: F401
    from ..models.run_key import RunKey  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Round(_Record[Any]):
    """One round of the training of a run."""

    key: RunKey
    """ What leads to a run. """
    round_: int
    """ Which round of the run it was, from 1. A training that is gone on with does not begin at 1. """
    rounds: int
    """ How many there are to be. """
    train_loss: float | None
    """ Mean loss per row of the training data; null when it is no finite number. """
    evaluate_loss: float | None
    """ The same on the data with `evaluate` tags; null also when nobody has any. """
    local_losses: RoundLocalLosses
    """ Id of each participant that trained in this round to the mean loss per row of its training data. """

    _wires: ClassVar[dict[str, Wire]] = {
        "key": Wire("key", one("RunKey"), is_always=True),
        "round_": Wire("round", is_always=True),
        "rounds": Wire("rounds", is_always=True),
        "train_loss": Wire("train_loss", is_always=True, is_none=True),
        "evaluate_loss": Wire("evaluate_loss", is_always=True, is_none=True),
        "local_losses": Wire("local_losses", one("RoundLocalLosses"), is_always=True),
    }
