"""What stands against a run's hyperparameters, and how they go with the network."""

from collections import defaultdict
from collections.abc import Iterator

from synergos.findings import Fault, Finding
from synergos.preflight.facts import UNTOLD, Experiment, Facts, Run
from synergos.preflight.network import unknown
from synergos.preflight.torch14 import (
    ALGORITHMS,
    CRITERIA,
    CRITERIA_OF_MORE,
    OPTIMIZERS,
    OPTIMIZERS_WITH_MOMENTUM,
    SCHEDULERS,
)

# Criteria that want one class index a row. Of these a real TTP gives it to the first two, and values to the third.
_OF_CLASSES = ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss")
_INTO_UNIT_INTERVAL = ("hardsigmoid", "sigmoid", "softmax")
_BOUNDED = {"sigmoid": "0 and 1", "hardsigmoid": "0 and 1", "tanh": "-1 and 1"}
# Passes over the data below which a network learns next to nothing.
_FEW_PASSES = 5
# What a scheduler may need and a TTP tells of a run.
_TOLD = ("base_lr", "max_lr", "gamma")
_DEFAULT_SCHEDULER = "CyclicLR"
_WORKERS_SEED = 42
_STEP = "lr_scheduler='StepLR' and step_size"


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


def has_an_unknown_algorithm(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The TTP has not the algorithm."""
    algorithm, algorithms = run.fields.get("algorithm"), ALGORITHMS[facts.generation]
    if algorithm is not None and algorithm not in algorithms and not _is_split(run, facts):
        yield Fault(
            f"A TTP of the generation {facts.generation} has no algorithm {algorithm!r}.",
            run.where,
            "",
            f"Take one of {', '.join(sorted(algorithms))}.",
        )


def has_an_algorithm_that_v4_does_not_train(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """It is FedAvg, FedSplit or a split network, or FedProx without its term, which is FedAvg."""
    algorithm, mu = run.fields.get("algorithm"), run.fields.get("mu")
    if algorithm in ("FedAvg", "FedSplit") or _is_split(run, facts):
        what = "is_snn" if run.fields.get("is_snn") and algorithm not in ("FedAvg", "FedSplit") else algorithm
        yield Fault(
            f"A TTP of the generation v4 does not train {what}.",
            run.where,
            "It has it by name and fails.",
            "Update the run with algorithm='FedProx' and a mu above 0.",
        )
    elif algorithm == "FedProx" and mu is not None and not mu:
        yield Fault(
            "FedProx with mu=0 is FedAvg, which a TTP of the generation v4 does not train.",
            run.where,
            "It has it by name and fails.",
            "Update the run with a mu above 0, 0.1 for example.",
        )


def has_fedavg_with_a_proximal_term(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """It is FedAvg with the mu of FedProx, which is 0.1 unless it is said."""
    mu = run.fields.get("mu")
    if run.fields.get("algorithm") == "FedAvg" and mu:
        yield Fault(
            f"FedAvg with mu={mu}.",
            run.where,
            "The server insists on mu=0, and the training fails.",
            "Update the run with mu=0, or with algorithm='FedProx'.",
        )


def has_an_unknown_criterion(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The TTP's torch has not the criterion, or it compares more than an output and a target."""
    criterion = run.fields.get("criterion")
    if criterion in CRITERIA_OF_MORE:
        yield Fault(
            f"{criterion} cannot train a network from a table.",
            run.where,
            "It compares more than an output and a target.",
            "Take NLLLoss for classes, MSELoss for a regression.",
        )
    elif criterion is not None and criterion not in CRITERIA:
        yield unknown("criterion", criterion, CRITERIA, run.where)


def has_multi_margin_loss(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The criterion wants class indexes and gets one-hot targets, as all do but NLLLoss and CrossEntropyLoss."""
    if run.fields.get("criterion") == "MultiMarginLoss":
        yield Fault(
            "MultiMarginLoss gets targets of another shape than it takes.",
            run.where,
            "Workers give classes as indexes to NLLLoss and CrossEntropyLoss alone, and one-hot to all others.",
            "Update the run with criterion='NLLLoss' or 'CrossEntropyLoss'.",
        )


def has_an_unknown_optimizer(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The TTP's torch has not the optimizer."""
    name = run.fields.get("optimizer")
    if name is not None and name not in OPTIMIZERS:
        yield unknown("optimizer", name, OPTIMIZERS, run.where)


def has_an_unknown_scheduler(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The TTP's torch has not the scheduler."""
    name = run.fields.get("lr_scheduler")
    if name is not None and name not in SCHEDULERS:
        yield unknown("scheduler", name, SCHEDULERS, run.where)


def lacks_what_the_scheduler_needs(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The scheduler does not find its arguments among the run's fields: what is 0 or False never reaches it."""
    scheduler = run.fields.get("lr_scheduler")
    needed = SCHEDULERS.get(_DEFAULT_SCHEDULER if scheduler is None else scheduler, ())
    lacking = [name for name in needed if name not in run.fields and (run.is_remembered or name in _TOLD)]
    empty = [name for name in needed if name in run.fields and not run.fields[name]]
    if lacking:
        names = " and ".join(lacking)
        yield Fault(
            f"The run has no {names}.",
            run.where,
            f"{scheduler or 'CyclicLR, which is the default,'} cannot be built without.",
            f"Update the run with {', '.join(f'{name}=...' for name in lacking)}, or with another lr_scheduler.",
            is_certain=scheduler is not None,
        )
    for name in empty:
        yield Fault(
            f"{name}={run.fields[name]!r} does not reach {scheduler or _DEFAULT_SCHEDULER}.",
            run.where,
            "Every argument that is 0 or False is dropped on the way to the workers.",
            f"Update the run with another {name}, however small.",
            is_certain=scheduler is not None,
        )


def has_reduce_lr_on_plateau(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The scheduler wants to be told the loss, and is not."""
    if run.fields.get("lr_scheduler") == "ReduceLROnPlateau":
        yield Fault(
            "ReduceLROnPlateau is never told the loss.",
            run.where,
            "Workers step every scheduler without one, and it cannot do without.",
            f"Update the run with {_STEP}, for example.",
        )


def cycles_a_momentum_that_is_not_there(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """CyclicLR cycles the momentum, and the optimizer has none. cycle_momentum=False never reaches the workers."""
    optimizer, scheduler = run.fields.get("optimizer"), run.fields.get("lr_scheduler")
    if scheduler == "CyclicLR" and optimizer in OPTIMIZERS and optimizer not in OPTIMIZERS_WITH_MOMENTUM:
        yield Fault(
            f"CyclicLR cycles the momentum, and {optimizer} has none.",
            run.where,
            "torch refuses the two together, and cycle_momentum=False is dropped on the way to the workers.",
            f"Update the run with {_STEP}, or with optimizer='SGD'.",
        )


def reduces_nothing(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The criterion gives a loss for each row, from which nothing can be learned."""
    if run.fields.get("reduction") == "none":
        yield Fault(
            "reduction='none' leaves a loss for each row.",
            run.where,
            "A training goes by one number.",
            "Update the run with reduction='mean'.",
        )


def has_the_seed_of_the_workers(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The TTP draws the same random numbers as its workers, and so the same ids of objects."""
    if run.fields.get("seed") == _WORKERS_SEED:
        yield Fault(
            f"seed={_WORKERS_SEED} is the workers' own.",
            run.where,
            "Ids of objects are random numbers, and those of the TTP and of a worker can be the same; whether the "
            "training fails by it depends on the data.",
            f"Update the run with another seed, {_WORKERS_SEED + 1} for example.",
        )


def learns_too_little(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The network does not see the data often enough to learn something."""
    rounds, epochs = run.fields.get("rounds"), run.fields.get("epochs")
    if isinstance(rounds, int) and isinstance(epochs, int) and rounds * epochs < _FEW_PASSES:
        yield Fault(
            f"{rounds} round(s) of {epochs} epoch(s) learn next to nothing.",
            run.where,
            "It is enough to see that everything works, and no more.",
            "For a model that is of use, take 20 rounds or more.",
        )


def has_a_criterion_of_classes_in_a_regression(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The criterion tells classes apart, and there are values."""
    criterion = run.fields.get("criterion")
    if facts.action == "regress" and criterion in _OF_CLASSES:
        yield Fault(
            f"{criterion} tells classes apart, and the project is a regression.",
            run.where,
            "Its targets are indexes of classes; those of a regression are values.",
            "Update the run with criterion='MSELoss' or 'L1Loss'.",
        )


def has_a_criterion_of_many_classes_for_two(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """The criterion wants an output for each class, and two classes have one."""
    criterion, many = run.fields.get("criterion"), facts.has_many_classes(experiment)
    if facts.action == "classify" and criterion in _OF_CLASSES and not many:
        is_two, is_written_for_two = many is False, experiment.outputs == 1
        if is_two or is_written_for_two:
            yield Fault(
                f"{criterion} needs more than two classes, and the network has one output.",
                run.where,
                "Targets of up to two classes are values from 0 to 1."
                + ("" if is_two else " With more than two, the alignment widens the network, and it fits."),
                "For two classes, update the run with criterion='BCELoss', after a sigmoid.",
                is_certain=is_two,
            )


def has_bceloss_of_anything(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """BCELoss gets outputs beyond 0 and 1."""
    activation = experiment.last_activation
    if run.fields.get("criterion") == "BCELoss" and activation not in _INTO_UNIT_INTERVAL:
        yield Fault(
            f"BCELoss needs outputs from 0 to 1, and the last activation is {activation or 'none'}.",
            run.where,
            "It takes their logarithm.",
            "Update the experiment's last activation to 'sigmoid', or the run with criterion='BCEWithLogitsLoss'.",
            # An alignment ends the network of more than two classes in a softmax.
            is_certain=facts.action == "regress" or facts.is_aligned,
        )


def squashes_twice(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """BCEWithLogitsLoss gets what a sigmoid has been applied to."""
    activation = experiment.last_activation
    if run.fields.get("criterion") == "BCEWithLogitsLoss" and activation in _INTO_UNIT_INTERVAL:
        yield Fault(
            f"BCEWithLogitsLoss after {activation} squashes the output twice.",
            run.where,
            "It applies a sigmoid itself, and learns slowly from what is already between 0 and 1.",
            "Update the run with criterion='BCELoss', or the experiment's last activation to None.",
        )


def has_two_softmaxes(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """CrossEntropyLoss gets what a softmax has been applied to."""
    if run.fields.get("criterion") == "CrossEntropyLoss" and _may_end_in_a_softmax(experiment, facts):
        yield Fault(
            "CrossEntropyLoss after softmax is a softmax of a softmax.",
            run.where,
            "It applies one itself, and learns slowly from a second. An alignment ends the network in a softmax.",
            "Once aligned, update the experiment's last activation to None.",
        )


def has_probabilities_for_their_logarithms(experiment: Experiment, run: Run, facts: Facts) -> Iterator[Fault]:
    """NLLLoss gets probabilities."""
    if run.fields.get("criterion") == "NLLLoss" and _may_end_in_a_softmax(experiment, facts):
        yield Fault(
            "NLLLoss after softmax gets probabilities and not their logarithms.",
            run.where,
            "It is then no likelihood, and learns slowly. An alignment ends the network in a softmax.",
            "Once aligned, update the experiment's last activation to 'log_softmax'; driver.train(...) keeps it.",
        )


def has_a_softmax_of_one(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """The network ends in shares of a whole that is one number."""
    activation, many = experiment.last_activation, facts.has_many_classes(experiment)
    if activation in ("softmax", "softmin", "log_softmax") and experiment.outputs == 1 and not many:
        is_settled = facts.action == "regress" or many is False
        yield Fault(
            f"{activation} of a single output is always the same.",
            experiment.where,
            "The network can learn nothing."
            + ("" if is_settled else " With more than two classes, the alignment widens it, and it can."),
            "Update the last activation to "
            + ("None." if facts.action == "regress" else "'sigmoid' if there are two classes."),
            is_certain=is_settled,
        )


def has_a_bounded_output_for_a_regression(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """The network ends in an activation with bounds, and targets have none."""
    activation = experiment.last_activation
    if facts.action == "regress" and activation in _BOUNDED:
        yield Fault(
            f"{activation} gives values between {_BOUNDED[activation]} and no others.",
            experiment.where,
            "Targets of a regression are not brought to these bounds, and those outside can never be reached.",
            "Update the last activation to None.",
        )


def has_a_sigmoid_for_each_class(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """The network rates each class by itself, and one is meant."""
    outputs = experiment.outputs
    is_each = experiment.last_activation == "sigmoid" and outputs not in (None, 1)
    if facts.action == "classify" and is_each and facts.has_many_classes(experiment):
        yield Fault(
            f"sigmoid rates each of {outputs} classes by itself.",
            experiment.where,
            "Of more than two classes one is meant, and the scores are then no probabilities.",
            "Update the last activation to 'softmax'.",
        )


def _is_split(run: Run, facts: Facts) -> bool:
    """Whether it is a split network, which the generation v4 has by several names."""
    is_named = "snn" in str(run.fields.get("algorithm") or "").lower()
    return facts.generation == "v4" and (is_named or bool(run.fields.get("is_snn")))


def _may_end_in_a_softmax(experiment: Experiment, facts: Facts) -> bool:
    return experiment.last_activation == "softmax" and facts.has_many_classes(experiment) is not False
