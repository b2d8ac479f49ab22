from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, many, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.results_losses import ResultsLosses  # noqa: F401
    from ..models.results_runs_item import ResultsRunsItem  # noqa: F401
    from ..models.results_searches_item import ResultsSearchesItem  # noqa: F401
    from ..models.results_tables import ResultsTables  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Results(_Record[Any]):
    """What came of some runs, as it is shown."""

    metrics: list[str]
    """ What they can be ranked by. """
    runs: list[ResultsRunsItem]
    """ The runs, the best first: their ids, and their state. """
    tables: ResultsTables
    """ The leaderboard as `run`; of a single run also what it is at each `participant` and for each `class`. Each has a
    title, the names of its columns, rows of texts, and notes. """
    searches: list[ResultsSearchesItem]
    """ The searches for hyperparameters, the last one first: how many trials there are in each state, the best, and why
    the last failed. """
    metric: str | None = ABSENT
    """ What the runs are ranked by; missing where nothing was validated. """
    losses: ResultsLosses | None = ABSENT
    """ The chart of the losses; missing where nothing was trained. """

    _wires: ClassVar[dict[str, Wire]] = {
        "metrics": Wire("metrics", is_always=True),
        "runs": Wire("runs", many(one("ResultsRunsItem")), is_always=True),
        "tables": Wire("tables", one("ResultsTables"), is_always=True),
        "searches": Wire("searches", many(one("ResultsSearchesItem")), is_always=True),
        "metric": Wire("metric", is_none=True),
        "losses": Wire("losses", one("ResultsLosses"), is_none=True),
    }
