from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.run_key import RunKey  # noqa: F401
    from ..models.trial_hyperparameters import TrialHyperparameters  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Trial(_Record[Any]):
    """One trial of a search, as the sandbox tells it."""

    key: RunKey
    """ What leads to a run. """
    search: str
    """ The same for all trials of a search. """
    metric: str
    """ Name of the statistic that was optimized. """
    optimize_mode: str
    """ `max` when more of it is better, `min` when less is. """
    state: str
    """ `done`, `pruned` when a scheduler ended it early, or `failed` when it could not be trained; then it has no run. """
    hyperparameters: TrialHyperparameters
    """ The fields of its run. """
    score: float | None = ABSENT
    """ The metric, averaged over classes and then over participants; null when it is undefined. """
    rounds: int | None = ABSENT
    """ After how many rounds it was ended early. """
    message: str | None = ABSENT
    """ Why it failed. """

    _wires: ClassVar[dict[str, Wire]] = {
        "key": Wire("key", one("RunKey"), is_always=True),
        "search": Wire("search", is_always=True),
        "metric": Wire("metric", is_always=True),
        "optimize_mode": Wire("optimize_mode", is_always=True),
        "state": Wire("state", is_always=True),
        "hyperparameters": Wire("hyperparameters", one("TrialHyperparameters"), is_always=True),
        "score": Wire("score", is_none=True),
        "rounds": Wire("rounds", is_none=True),
        "message": Wire("message", is_none=True),
    }
