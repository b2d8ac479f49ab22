"""What a training needs, rule by rule: how bad a fault is on each kind of TTP, and where that was seen.

The one table of what real grids train and what they do not. A level of None means that the kind of TTP does not mind.
"""

from collections.abc import Callable, Iterator

import attrs

from synergos.findings import Fault, Finding, Level
from synergos.preflight import network, run
from synergos.preflight.facts import Experiment, Facts, Run


@attrs.frozen
class Rule:
    """One thing that a training needs.

    Attributes:
        look: Yields the faults that there are.
        v4: How bad they are on a TTP of the generation v4.
        v8: The same in the generation v8.
        sandbox: The same on the sandbox.
        seen: Where a real TTP was seen to fail by it.
    """

    look: Callable[..., Iterator[Fault]]
    v4: Level | None
    v8: Level | None
    sandbox: Level | None
    seen: str = ""

    def findings(self, facts: Facts, *subject: Experiment | Run) -> Iterator[Finding]:
        """What is found in an experiment, or in a run of one.

        Args:
            facts: All that is known.
            *subject: The experiment, and the run of it when it is a rule of runs.

        Returns:
            The findings. What is not certain is a warning at most.
        """
        level: Level | None = self.sandbox if facts.is_sandbox else self.v4 if facts.generation == "v4" else self.v8
        if level is None:
            return
        for fault in self.look(*subject, facts):
            own: Level = "warning" if level == "error" and not fault.is_certain else level
            why = f"{fault.why} {self.seen}" if self.seen and not facts.is_sandbox else fault.why
            yield Finding(own, fault.what, fault.where, why, fault.remedy)


_V4 = "Seen on a v4 grid."
_BOTH = "Seen on v4 and v8 grids."
_LATE = "It finds out only when it trains."

OF_AN_EXPERIMENT: tuple[Rule, ...] = (
    Rule(network.has_no_layers, "error", "error", "error"),
    Rule(network.has_other_inputs, "error", "error", "warning"),
    # The sandbox builds every layer when an experiment is created, and refuses what its torch cannot.
    Rule(network.has_unknown_names, "error", "error", None, _V4),
    Rule(network.has_unknown_arguments, "error", "error", None, _V4),
    Rule(network.has_layers_that_workers_cannot_train, "error", "error", None, _V4),
    Rule(network.has_lists_in_structures, "error", "error", "warning", _BOTH),
    Rule(network.has_layers_that_do_not_fit, "error", "error", "error", _V4),
    Rule(network.is_not_fitted_to_the_data, "error", "error", "error"),
    Rule(run.has_a_softmax_of_one, "error", "error", "error"),
    Rule(run.has_a_bounded_output_for_a_regression, "warning", "warning", "warning"),
    Rule(run.has_a_sigmoid_for_each_class, "warning", "warning", "warning"),
)

# The sandbox refuses names, arguments and numbers that it does not take when a run is created, has defaults of its own
# for schedulers, and feeds every criterion what it wants.
OF_A_RUN: tuple[Rule, ...] = (
    Rule(run.has_an_unknown_algorithm, "error", "error", None, _LATE),
    Rule(run.has_an_algorithm_that_v4_does_not_train, "error", None, None, _V4),
    Rule(
        run.has_fedavg_with_a_proximal_term, None, "error", None, "Seen on a v8 grid, which may hang on the next one."
    ),
    Rule(run.has_an_unknown_criterion, "error", "error", None, _LATE),
    Rule(run.has_multi_margin_loss, "error", "error", None, _V4),
    Rule(run.has_an_unknown_optimizer, "error", "error", None, _LATE),
    Rule(run.has_an_unknown_scheduler, "error", "error", None, _LATE),
    Rule(run.lacks_what_the_scheduler_needs, "error", "error", None, _V4),
    Rule(run.has_reduce_lr_on_plateau, "error", "error", None, _V4),
    Rule(run.cycles_a_momentum_that_is_not_there, "error", "error", None, _BOTH),
    Rule(run.reduces_nothing, "error", "error", None, _V4),
    Rule(run.has_the_seed_of_the_workers, "warning", None, None, "Seen on a v4 grid, where 43 trained."),
    Rule(run.learns_too_little, "info", "info", "info"),
    Rule(run.has_a_criterion_of_classes_in_a_regression, "error", "error", "error"),
    Rule(run.has_a_criterion_of_many_classes_for_two, "error", "error", "error"),
    Rule(run.has_bceloss_of_anything, "error", "error", "error"),
    Rule(run.squashes_twice, "warning", "warning", None),
    Rule(run.has_two_softmaxes, "warning", "warning", None),
    Rule(run.has_probabilities_for_their_logarithms, "warning", "warning", None),
)
