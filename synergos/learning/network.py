"""From names in JSON to torch: layers, activations, criteria, optimizers and schedulers.

Names are those of torch: layers and criteria of ``torch.nn``, activations of ``torch.nn.functional``, optimizers of
``torch.optim``, schedulers of ``torch.optim.lr_scheduler``. Keyword arguments of the last three are the run's fields
that the class's signature names; fields that it does not name are none of its business.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TypedDict, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.loss import _Loss
from torch.optim import Optimizer, lr_scheduler

from synergos.learning import bounds
from synergos.learning.errors import Rejected, unknown
from synergos.learning.layers import check, give


class Layer(TypedDict):
    """One layer of an experiment, as the contract has it."""

    is_input: bool
    l_type: str
    structure: dict[str, object]
    activation: str | None


Fields = Mapping[str, object]
Activation = Callable[[Tensor], Tensor]
Scheduler = lr_scheduler.LRScheduler
Built = TypeVar("Built")

# What torch raises when an argument or a tensor does not fit.
MISFITS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)

_SOFTMAXES: dict[str, Activation] = {
    # No lambdas, which cannot be pickled, and a network is to be.
    "softmax": partial(functional.softmax, dim=1),
    "softmin": partial(functional.softmin, dim=1),
    "log_softmax": partial(functional.log_softmax, dim=1),
}
_ELEMENTWISE = [
    "celu",
    "elu",
    "gelu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
]
ACTIVATIONS: dict[str, Activation] = {
    **_SOFTMAXES,
    **{name: cast(Activation, getattr(functional, name)) for name in _ELEMENTWISE},
}

_ACTIVATIONS_OF_LAYERS = {"LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "Softmax": "softmax"}
_OF_ONE_DIMENSION = (nn.Softmax, nn.LogSoftmax, nn.Softmin)
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)


def _classes(names: Iterable[str], module: object, base: type[Built]) -> dict[str, type[Built]]:
    found = {name: getattr(module, name) for name in names if not name.startswith("_")}
    return {
        name: cls for name, cls in found.items() if isinstance(cls, type) and issubclass(cls, base) and cls is not base
    }


LAYERS: dict[str, type[nn.Module]] = {
    name: cls
    for name, cls in _classes(nn.modules.__all__, nn, nn.Module).items()
    if not issubclass(cls, (_Loss, *_CONTAINERS)) and not name.endswith("Loss")
}
OPTIMIZERS: dict[str, type[Optimizer]] = _classes(dir(torch.optim), torch.optim, Optimizer)
SCHEDULERS: dict[str, type[Scheduler]] = _classes(dir(lr_scheduler), lr_scheduler, Scheduler)

# How a criterion wants its targets: as one class index a row, or as values shaped like the output.
_INDEX_CRITERIA = ("CrossEntropyLoss", "MultiMarginLoss", "NLLLoss")
_VALUE_CRITERIA = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MultiLabelSoftMarginLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
]
CRITERIA: dict[str, type[nn.Module]] = {name: getattr(nn, name) for name in (*_INDEX_CRITERIA, *_VALUE_CRITERIA)}
_OF_LOG_PROBABILITIES = ("CrossEntropyLoss", "KLDivLoss", "NLLLoss")
_OF_LOGITS = ("BCEWithLogitsLoss", "MultiLabelSoftMarginLoss")
_INTO_UNIT_INTERVAL = ("sigmoid", "hardsigmoid", "softmax")

# Run fields that mean something else than a keyword argument of the same name.
_RESERVED = {"params", "optimizer", "epochs", "delta", "size_average", "reduce", "device", "dtype"}


class Network(nn.Module):
    """An experiment's layers, one after the other, each with its activation.

    Each row is computed by itself, as :mod:`~synergos.learning.layers` says for each kind of layer.

    Args:
        model: The experiment's layers; at least one.

    Raises:
        Rejected: A layer or activation is unknown, or a structure does not suit its layer.
    """

    def __init__(self, model: Sequence[Layer]) -> None:
        super().__init__()
        if not model:
            raise Rejected("model: there are no layers")
        self.layers = nn.ModuleList(_layer(index, layer) for index, layer in enumerate(model))
        self.activations = [_activation(index, layer) for index, layer in enumerate(model)]
        self.last_activation = str(model[-1].get("activation") or "")
        if not self.last_activation and (name := model[-1]["l_type"]) in _ACTIVATIONS_OF_LAYERS:
            # A last layer that is an activation is treated like the activation of that name.
            if getattr(self.layers[-1], "dim", 1) not in (1, -1):
                raise Rejected(f"model[{len(model) - 1}]: the last {name} must be over dimension 1, the outputs")
            self.last_activation = _ACTIVATIONS_OF_LAYERS[name]
            self.layers[-1], self.activations[-1] = nn.Identity(), ACTIVATIONS[self.last_activation]

    def forward(self, rows: Tensor) -> Tensor:
        """Compute the output of shape (rows, outputs).

        Args:
            rows: Features of shape (rows, features), or images of shape (rows, channels, height, width).
        """
        return self.activations[-1](self.scores(rows))

    def scores(self, rows: Tensor) -> Tensor:
        """Compute what the last activation is given."""
        *hidden, last = self.layers
        for layer, activation in zip(hidden, self.activations, strict=False):
            rows = activation(give(layer, rows))
        return give(last, rows)


class Objective:
    """A criterion, and how it is fed.

    * Criteria of log probabilities (NLLLoss, CrossEntropyLoss, KLDivLoss) get the logarithm of a softmax's output. The
      original feeds NLLLoss the probabilities themselves, and CrossEntropyLoss a second softmax: neither is a
      likelihood, and both learn slowly.
    * Criteria of logits (BCEWithLogitsLoss, MultiLabelSoftMarginLoss) get what a final sigmoid or softmax is given.
    * Criteria of values (MSELoss, BCELoss, ...) get one-hot targets when there are more than two classes.
    * The loss is a mean over rows, and with reduction ``sum`` a sum; with ``none``, from which nothing can be
      learned, it is the mean.

    Args:
        fields: The run's fields; ``criterion`` and whatever its class takes. Without one it is CrossEntropyLoss for
            more than two classes and MSELoss otherwise.
        classes: How many classes there are; 0 for a regression.

    Raises:
        Rejected: The criterion is unknown or cannot be built of these fields.
    """

    def __init__(self, fields: Fields, classes: int) -> None:
        self.name = str(fields.get("criterion") or ("CrossEntropyLoss" if classes > 2 else "MSELoss"))
        if self.name not in CRITERIA:
            other = getattr(nn, self.name, None)
            if inspect.isclass(other) and self.name.endswith("Loss"):
                raise Rejected(
                    f"criterion {self.name!r} needs more than an output and a target; known: {', '.join(CRITERIA)}"
                )
            raise unknown("criterion", self.name, CRITERIA)
        arguments = _keywords(CRITERIA[self.name], fields)
        if arguments.get("reduction") == "none":
            arguments["reduction"] = "mean"
        if self.name == "KLDivLoss" and arguments.get("reduction", "mean") == "mean":
            # What torch calls the mean of this one is not the mean over rows.
            arguments["reduction"] = "batchmean"
        with _explained(f"criterion {self.name!r}"):
            arguments |= {key: torch.tensor(arguments[key]) for key in ("weight", "pos_weight") if key in arguments}
            self.criterion = CRITERIA[self.name](**arguments)
        self.sums = arguments.get("reduction") == "sum"
        self.classes = classes

    def check(self, network: Network) -> None:
        """See that the criterion suits the network's output and the targets.

        Args:
            network: The network to be trained.

        Raises:
            Rejected: It does not.
        """
        last, many = network.last_activation, self.classes > 2
        if self.name in _INDEX_CRITERIA and not many:
            kind = "a regression" if self.classes == 0 else "up to two classes"
            advice = "MSELoss or L1Loss" if self.classes == 0 else "BCELoss after a sigmoid, or BCEWithLogitsLoss"
            raise Rejected(f"criterion {self.name!r} needs more than two classes, and this is {kind}: take {advice}")
        if self.name == "BCELoss" and last not in _INTO_UNIT_INTERVAL:
            raise Rejected(
                f"criterion 'BCELoss' needs outputs from 0 to 1, and the last activation is {last!r}: take sigmoid"
            )
        if last in _SOFTMAXES and not many:
            raise Rejected(
                f"activation {last!r} is constant for a single output: take sigmoid, or none for a regression"
            )

    def __call__(self, network: Network, rows: Tensor, target: Tensor) -> Tensor:
        """Compute the loss, a scalar.

        Args:
            network: The network to be trained.
            rows: What the network takes.
            target: Class indices of shape (rows,), or values of shape (rows, 1).
        """
        return self.loss(self.output(network, rows), target)

    def output(self, network: Network, rows: Tensor) -> Tensor:
        """Compute what the criterion is given of a network.

        Args:
            network: The network to be trained.
            rows: What the network takes.
        """
        if self.name in _OF_LOG_PROBABILITIES and network.last_activation == "softmax":
            return functional.log_softmax(network.scores(rows), dim=1)
        if self.name in _OF_LOGITS and network.last_activation in _INTO_UNIT_INTERVAL:
            return network.scores(rows)
        return cast(Tensor, network(rows))

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Compare outputs with the truth.

        Args:
            output: What :meth:`output` returned, of any number of calls.
            target: Class indices of shape (rows,), or values of shape (rows, 1).
        """
        if self.classes > 2 and self.name not in _INDEX_CRITERIA:
            target = functional.one_hot(target, self.classes).float()
        return cast(Tensor, self.criterion(output, target))

    def predict(self, network: Network, rows: Tensor) -> Tensor:
        """Compute the scores that statistics are made of: probabilities where the criterion makes them such.

        Args:
            network: The trained network.
            rows: What the network takes.

        Returns:
            Float64 of shape (rows, 1) or (rows, classes): in float32 a sigmoid makes many scores equal that are not.
        """
        output = network.activations[-1](network.scores(rows).double())
        is_logit = self.name in _OF_LOGITS and network.last_activation not in _INTO_UNIT_INTERVAL
        return output.sigmoid() if is_logit and self.classes else output


def optimizer(fields: Fields, parameters: Iterable[nn.Parameter]) -> Optimizer:
    """Build the optimizer that a run names; SGD by default.

    Args:
        fields: The run's fields; ``optimizer`` and whatever its class takes, such as ``lr`` and ``weight_decay``.
            ``lr_decay`` counts for Adagrad, the one optimizer that has it.
        parameters: What it is to optimize.

    Returns:
        The optimizer.

    Raises:
        Rejected: The optimizer is unknown or cannot be built of these fields.
    """
    name = str(fields.get("optimizer") or "SGD")
    if name not in OPTIMIZERS:
        raise unknown("optimizer", name, OPTIMIZERS)
    cls = OPTIMIZERS[name]
    with _explained(f"optimizer {name!r}"):
        return cast(Callable[..., Optimizer], cls)(list(parameters), **_keywords(cls, fields))


class Schedule:
    """The learning rate over the steps of one round.

    The scheduler that a run names; CyclicLR by default, and none at all for an empty name. CyclicLR and OneCycleLR
    step with every batch and the others with every epoch. CyclicLR goes from the optimizer's own rate to ten times
    that unless ``base_lr`` and ``max_lr`` say otherwise, and cycles the momentum of optimizers that have one.
    OneCycleLR spans the round. ``ReduceLROnPlateau`` watches the training loss.

    Args:
        fields: The run's fields; ``lr_scheduler`` and whatever its class takes.
        subject: Whose learning rate it is.
        batches: Batches per epoch.
        epochs: Epochs per round.

    Raises:
        Rejected: The scheduler is unknown, lacks an argument, or cannot be built of these fields.
    """

    def __init__(self, fields: Fields, subject: Optimizer, *, batches: int, epochs: int) -> None:
        name = str(fields.get("lr_scheduler", "CyclicLR") or "")
        self.scheduler: Scheduler | None = None
        self.per_batch = name in ("CyclicLR", "OneCycleLR")
        if not name:
            return
        if name not in SCHEDULERS:
            raise unknown("lr_scheduler", name, SCHEDULERS)
        cls = SCHEDULERS[name]
        arguments = _keywords(cls, fields)
        rate = subject.param_groups[0]["lr"]
        if self.per_batch:
            arguments = {"max_lr": 10 * rate} | arguments
            arguments["cycle_momentum"] = arguments.get("cycle_momentum", True) and "momentum" in subject.defaults
        if name == "CyclicLR":
            arguments = {"base_lr": rate} | arguments
        if name == "OneCycleLR":
            arguments = {"total_steps": batches * epochs} | arguments
        if name == "ReduceLROnPlateau" and arguments.get("mode") not in ("min", "max"):
            # The contract's field of this name is the shape of CyclicLR.
            arguments.pop("mode", None)
        if lacking := [key for key in _required(cls) if key not in arguments]:
            raise Rejected(f"lr_scheduler {name!r} needs {', '.join(lacking)} among the run's fields")
        if arguments.get("last_epoch", -1) != -1:
            for group in subject.param_groups:
                group.setdefault("initial_lr", rate)
        with _explained(f"lr_scheduler {name!r}"):
            self.scheduler = cast(Callable[..., Scheduler], cls)(subject, **arguments)

    def batch_done(self) -> None:
        """Count one batch."""
        if self.scheduler is not None and self.per_batch:
            self.scheduler.step()

    def epoch_done(self, loss: float) -> None:
        """Count one epoch, and what its mean loss was."""
        if isinstance(self.scheduler, lr_scheduler.ReduceLROnPlateau):
            self.scheduler.step(loss)
        elif self.scheduler is not None and not self.per_batch:
            self.scheduler.step()


def check_layers(model: Sequence[Layer]) -> None:
    """Build every layer once, without memory for its weights, to find what cannot be built.

    Args:
        model: The experiment's layers; may be empty.

    Raises:
        Rejected: A field is missing, a layer or activation is unknown, a structure does not suit its layer, or a layer
            cannot be given rows one by one.
    """
    for index, layer in enumerate(model):
        if not isinstance(layer, Mapping) or not isinstance(layer.get("structure", {}), Mapping):
            raise Rejected(f"model[{index}] must be an object, and its structure too")
        if lacking := [field for field in ("l_type", "structure") if field not in layer]:
            raise Rejected(f"model[{index}] lacks {', '.join(lacking)}")
    bounds.check_layers(model)
    with torch.device("meta"):
        if model:
            Network(model)


def _layer(index: int, layer: Layer) -> nn.Module:
    name, where = str(layer["l_type"]), f"model[{index}]"
    if name not in LAYERS:
        raise unknown(f"{where}.l_type", name, LAYERS)
    structure = {key: _tupled(value) for key, value in layer["structure"].items()}
    cls = LAYERS[name]
    known = inspect.signature(cls).parameters
    # Recurrent layers do not say what they take; building one does.
    any_key = any(about.kind is inspect.Parameter.VAR_KEYWORD for about in known.values())
    for key in structure:
        if key in ("device", "dtype") or not (any_key or key in known):
            raise unknown(f"{where}.structure of {name}: argument", key, set(known) - {"device", "dtype"})
    if issubclass(cls, _OF_ONE_DIMENSION):
        # What torch takes when none is given is, of three dimensions, that of rows.
        structure = {"dim": 1} | {key: value for key, value in structure.items() if value is not None}
    with _explained(f"{where}.structure {dict(layer['structure'])} of {name}"):
        built = cls(**structure)
    check(where, built)
    return built


def _activation(index: int, layer: Layer) -> Activation:
    name = str(layer.get("activation") or "")
    if name and name not in ACTIVATIONS:
        raise unknown(f"model[{index}].activation", name, ACTIVATIONS)
    return ACTIVATIONS.get(name, _identity)


def _identity(rows: Tensor) -> Tensor:
    return rows


@cache
def _signature(cls: type) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(cls).parameters


def _keywords(cls: type, fields: Fields) -> dict[str, object]:
    """Pick a run's fields that a class takes."""
    return {
        key: _tupled(value)
        for key, value in fields.items()
        if key in _signature(cls) and key not in _RESERVED and value is not None
    }


def _required(cls: type) -> list[str]:
    empty = inspect.Parameter.empty
    return [name for name, about in _signature(cls).items() if about.default is empty and name not in _RESERVED]


def _tupled(value: object) -> object:
    """Turn JSON's lists into tuples, which is what torch calls a size."""
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn torch's complaints into rejections that name what was being built."""
    try:
        yield
    except MISFITS as error:
        raise Rejected(f"{what} cannot be built: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """Return what an error says, without the traces that torch may append."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def single_thread() -> Iterator[None]:
    """Compute in one thread, which at these sizes is faster and always adds up in the same order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def warm_up() -> None:
    """Load what torch puts off until the first optimizer is built and stepped, which takes it seconds."""
    weight = nn.Parameter(torch.zeros(1))
    subject = optimizer({}, [weight])
    weight.sum().backward()  # type: ignore[no-untyped-call]
    subject.step()
