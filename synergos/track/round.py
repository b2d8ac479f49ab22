"""One round of a training, as it is told while the training goes on."""

from collections.abc import Mapping
from typing import Any, Self

import attrs

from synergos.common.text import as_cell


@attrs.frozen(repr=False)
class Round:
    """One round of the training of a run.

    Losses are means per row by the run's criterion. One that is no finite number is None.

    Attributes:
        number: Which round of the run it was, from 1. A training that is gone on with does not begin at 1.
        rounds: How many there are to be; fewer when the training stops early.
        train_loss: The loss on the training data of all participants that trained in this round.
        evaluate_loss: The loss on the data with `evaluate` tags; None also when nobody has any.
        local_losses: Id of each participant that trained in this round to the loss on its own training data.
        run_id: Id of the run.
        expt_id: Id of its experiment.
        project_id: Id of its project.
        collab_id: Id of its collaboration; None when it is in none.

    Example:
        >>> job = driver.models.submit(project_id="penguins", expt_id="one_layer", run_id="adam")
        >>> [done.number for done in job.rounds()]
        [1, 2]
    """

    number: int
    rounds: int
    train_loss: float | None
    evaluate_loss: float | None
    local_losses: Mapping[str, float | None]
    run_id: str
    expt_id: str
    project_id: str
    collab_id: str | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Make a round of what a TTP answered.

        Args:
            told: The record, as JSON was read.

        Raises:
            LookupError: When the record has not what the contract says.
        """
        key = told["key"]
        return cls(
            number=told["round"],
            rounds=told["rounds"],
            train_loss=told["train_loss"],
            evaluate_loss=told["evaluate_loss"],
            local_losses=dict(told["local_losses"]),
            run_id=key["run_id"],
            expt_id=key["expt_id"],
            project_id=key["project_id"],
            collab_id=key.get("collab_id"),
        )

    @property
    def run(self) -> tuple[str, ...]:
        """What tells its run from all others: the ids from the outermost to the run's own."""
        ids = (self.collab_id, self.project_id, self.expt_id, self.run_id)
        return tuple(one for one in ids if one is not None)

    @property
    def losses(self) -> dict[str, float]:
        """The losses that are numbers: `train_loss`, `evaluate_loss`, and `local_loss/<participant>`."""
        named = {
            "train_loss": self.train_loss,
            "evaluate_loss": self.evaluate_loss,
            **{f"local_loss/{name}": loss for name, loss in self.local_losses.items()},
        }
        return {name: loss for name, loss in named.items() if loss is not None}

    def __repr__(self) -> str:
        shown = {"train_loss": self.train_loss, "evaluate_loss": self.evaluate_loss, **self.local_losses}
        losses = ", ".join(f"{as_cell(name)} {_number(loss)}" for name, loss in shown.items())
        return f"<Round {self.number} of {self.rounds} of {as_cell('/'.join(self.run))}: {losses}>"


def _number(loss: float | None) -> str:
    return "none" if loss is None else f"{loss:.4g}"
