"""What a training needs of a run's hyperparameters, and how they go with the network."""

from collections import defaultdict
from collections.abc import Iterator

from synergos.preflight.facts import UNTOLD, Experiment, Facts, Run
from synergos.preflight.network import unknown
from synergos.preflight.report import Finding
from synergos.preflight.torch14 import (
    ALGORITHMS,
    CRITERIA,
    CRITERIA_OF_MORE,
    OPTIMIZERS,
    OPTIMIZERS_WITH_MOMENTUM,
    SCHEDULERS,
)

# How a criterion wants its targets: as one class index a row, or as values shaped like the output.
_OF_CLASSES = ("CrossEntropyLoss", "MultiMarginLoss", "NLLLoss")
_OF_VALUES = ("BCELoss", "BCEWithLogitsLoss", "KLDivLoss", "L1Loss", "MSELoss", "PoissonNLLLoss", "SmoothL1Loss")
_INTO_UNIT_INTERVAL = ("hardsigmoid", "sigmoid", "softmax")
_BOUNDED = {"sigmoid": "0 and 1", "hardsigmoid": "0 and 1", "tanh": "-1 and 1"}
# Passes over the data below which a network learns next to nothing.
_FEW_PASSES = 5
# What a scheduler may need and a TTP tells of a run.
_TOLD = ("base_lr", "max_lr", "gamma")


def is_known(facts: Facts) -> Iterator[Finding]:
    """It is known what the runs are trained with."""
    lacking: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for _, run in facts.runs:
        missing = tuple(name for name in UNTOLD if name not in run.fields)
        if missing:
            lacking[missing].append(run.where)
    for names, runs in lacking.items():
        yield Finding(
            "info",
            f"Not checked: {', '.join(names)}.",
            ", ".join(runs),
            "A TTP keeps these names and never tells them, and they were not sent over this connection.",
            f"To check them, say what they are: driver.check(..., {', '.join(f'{name}=...' for name in names)}).",
        )


def has_known_names(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Finding]:
    """The TTP has the algorithm, and its torch the criterion, the optimizer and the scheduler."""
    # The sandbox refuses what it does not have when a run is created.
    if facts.is_sandbox:
        return
    algorithm, algorithms = run.fields.get("algorithm"), ALGORITHMS[facts.generation]
    is_split = facts.generation == "v4" and "snn" in str(algorithm).lower()
    if algorithm is not None and algorithm not in algorithms and not is_split:
        yield Finding(
            "error",
            f"A TTP of the generation {facts.generation} has no algorithm {algorithm!r}.",
            run.where,
            "It finds out only when it trains.",
            f"Take one of {', '.join(sorted(algorithms))}.",
        )
    criterion = run.fields.get("criterion")
    if criterion in CRITERIA_OF_MORE:
        yield Finding(
            "error",
            f"{criterion} cannot train a network from a table.",
            run.where,
            "It compares more than an output and a target.",
            "Take NLLLoss for classes, MSELoss for a regression.",
        )
    elif criterion is not None and criterion not in CRITERIA:
        yield unknown("criterion", criterion, CRITERIA, run.where)
    for kind, name, known in (
        ("optimizer", run.fields.get("optimizer"), OPTIMIZERS),
        ("scheduler", run.fields.get("lr_scheduler"), SCHEDULERS),
    ):
        if name is not None and name not in known:
            yield unknown(kind, name, known, run.where)


def has_what_the_scheduler_needs(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Finding]:
    """The scheduler finds its arguments among the run's fields."""
    # The sandbox has its own defaults, and refuses the rest when a run is created.
    if facts.is_sandbox:
        return
    scheduler = run.fields.get("lr_scheduler")
    needed = SCHEDULERS.get("CyclicLR" if scheduler is None else scheduler, ())
    lacking = [name for name in needed if name not in run.fields and (run.is_remembered or name in _TOLD)]
    if lacking:
        names = " and ".join(lacking)
        yield Finding(
            "warning" if scheduler is None else "error",
            f"The run has no {names}.",
            run.where,
            f"{scheduler or 'CyclicLR, which is the default,'} cannot be built without.",
            f"Update the run with {', '.join(f'{name}=...' for name in lacking)}, or with another lr_scheduler.",
        )
    optimizer = run.fields.get("optimizer")
    is_cycled = scheduler == "CyclicLR" and run.fields.get("cycle_momentum") is not False
    if is_cycled and optimizer in OPTIMIZERS and optimizer not in OPTIMIZERS_WITH_MOMENTUM:
        yield Finding(
            "warning",
            f"CyclicLR cycles the momentum, and {optimizer} has none.",
            run.where,
            "torch refuses the two together unless cycle_momentum is False.",
            "Update the run with cycle_momentum=False.",
        )


def learns_long_enough(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Finding]:
    """The network sees the data often enough to learn something."""
    rounds, epochs = run.fields.get("rounds"), run.fields.get("epochs")
    if isinstance(rounds, int) and isinstance(epochs, int) and rounds * epochs < _FEW_PASSES:
        yield Finding(
            "info",
            f"{rounds} round(s) of {epochs} epoch(s) learn next to nothing.",
            run.where,
            "It is enough to see that everything works, and no more.",
            "For a model that is of use, take 20 rounds or more.",
        )


def has_a_criterion_for_the_action(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Finding]:
    """The criterion takes the targets that the project has."""
    criterion = run.fields.get("criterion")
    many = facts.has_many_classes(experiment)
    if facts.action == "regress" and criterion in _OF_CLASSES:
        yield Finding(
            "error",
            f"{criterion} tells classes apart, and the project is a regression.",
            run.where,
            "Its targets are indexes of classes; those of a regression are values.",
            "Update the run with criterion='MSELoss' or 'L1Loss'.",
        )
    if facts.action == "classify" and criterion in _OF_CLASSES and not many:
        is_two, is_written_for_two = many is False, experiment.outputs == 1
        if is_two or is_written_for_two:
            yield Finding(
                "error" if is_two else "warning",
                f"{criterion} needs more than two classes, and the network has one output.",
                run.where,
                "Targets of up to two classes are values from 0 to 1."
                + ("" if is_two else " With more than two, the alignment widens the network, and it fits."),
                "For two classes, update the run with criterion='BCELoss', after a sigmoid.",
            )
    # The sandbox makes values of the classes.
    if facts.action == "classify" and criterion in _OF_VALUES and many and not facts.is_sandbox:
        yield Finding(
            "error",
            f"{criterion} compares values, and there are more than two classes.",
            run.where,
            "The targets are then indexes of classes, one for each row.",
            "Update the run with criterion='NLLLoss' or 'CrossEntropyLoss'.",
        )


def has_a_criterion_for_the_output(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Finding]:
    """The criterion takes what the network's last activation gives."""
    criterion, activation = run.fields.get("criterion"), experiment.last_activation
    many = facts.has_many_classes(experiment)
    if criterion == "BCELoss" and activation not in _INTO_UNIT_INTERVAL:
        # An alignment may yet end the network in a softmax, which only the sandbox can go on with.
        is_settled = facts.action == "regress" or facts.is_aligned or not facts.is_sandbox
        yield Finding(
            "error" if is_settled else "warning",
            f"BCELoss needs outputs from 0 to 1, and the last activation is {activation or 'none'}.",
            run.where,
            "It takes their logarithm.",
            "Update the experiment's last activation to 'sigmoid', or the run with criterion='BCEWithLogitsLoss'.",
        )
    # The sandbox feeds these criteria what comes before the last activation.
    if facts.is_sandbox:
        return
    if criterion == "BCEWithLogitsLoss" and activation in _INTO_UNIT_INTERVAL:
        yield Finding(
            "warning",
            f"BCEWithLogitsLoss after {activation} squashes the output twice.",
            run.where,
            "It applies a sigmoid itself, and learns slowly from what is already between 0 and 1.",
            "Update the run with criterion='BCELoss', or the experiment's last activation to None.",
        )
    if criterion == "CrossEntropyLoss" and activation == "softmax" and many is not False:
        yield Finding(
            "warning",
            "CrossEntropyLoss after softmax is a softmax of a softmax.",
            run.where,
            "It applies one itself, and learns slowly from a second. An alignment ends the network in a softmax.",
            "Once aligned, update the experiment's last activation to None.",
        )
    if criterion == "NLLLoss" and activation == "softmax" and many is not False:
        yield Finding(
            "warning",
            "NLLLoss after softmax gets probabilities and not their logarithms.",
            run.where,
            "It is then no likelihood, and learns slowly. An alignment ends the network in a softmax.",
            "Once aligned, update the experiment's last activation to 'log_softmax'.",
        )


def has_an_output_for_the_action(experiment: Experiment, facts: Facts) -> Iterator[Finding]:
    """The last activation leaves room for what the project wants."""
    activation, outputs = experiment.last_activation, experiment.outputs
    many = facts.has_many_classes(experiment)
    if activation in ("softmax", "softmin", "log_softmax") and outputs == 1 and not many:
        is_settled = facts.action == "regress" or many is False
        yield Finding(
            "error" if is_settled else "warning",
            f"{activation} of a single output is always the same.",
            experiment.where,
            "The network can learn nothing."
            + ("" if is_settled else " With more than two classes, the alignment widens it, and it can."),
            "Update the last activation to "
            + ("None." if facts.action == "regress" else "'sigmoid' if there are two classes."),
        )
    if facts.action == "regress" and activation in _BOUNDED:
        yield Finding(
            "warning",
            f"{activation} gives values between {_BOUNDED[activation]} and no others.",
            experiment.where,
            "Targets of a regression are not scaled, and those outside can never be reached.",
            "Update the last activation to None.",
        )
    if facts.action == "classify" and many and activation == "sigmoid" and outputs not in (None, 1):
        yield Finding(
            "warning",
            f"sigmoid rates each of {outputs} classes by itself.",
            experiment.where,
            "Of more than two classes one is meant, and the scores are then no probabilities.",
            "Update the last activation to 'softmax'.",
        )
