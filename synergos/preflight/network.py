"""What a training needs of an experiment's layers."""

import re
from collections.abc import Iterable, Iterator

import attrs

from synergos.common.misspelt import nearest
from synergos.findings import Fault
from synergos.preflight.facts import Experiment, Facts, Layer
from synergos.preflight.torch14 import ACTIVATIONS, LAYERS, NO_LAYERS_OF_A_ROW

_LATE = "A real TTP runs torch 1.4 and finds out only when it trains."
_MOST_LISTED = 12
_DIFFERENT_IN_TRAINING = re.compile(r".*Dropout([123]d)?|.*BatchNorm([123]d)?")


def has_no_layers(experiment: Experiment, _: Facts) -> Iterator[Fault]:
    """There is no network."""
    if not experiment.layers:
        yield Fault(
            "The experiment has no layers.",
            experiment.where,
            "There is nothing to train.",
            "Update the experiment with a model of at least one layer.",
        )


def has_other_inputs(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """Another layer than the first says that it takes the data, or none does."""
    inputs = [layer.index for layer in experiment.layers if layer.is_input]
    if experiment.layers and inputs != [0]:
        listed = ", ".join(f"model[{index}]" for index in inputs) or "no layer"
        yield Fault(
            f"is_input is True for {listed}.",
            experiment.where,
            "A TTP looks for the one layer that takes the data, which is the first."
            + (" The sandbox does not mind." if facts.is_sandbox else ""),
            "Set is_input to True in model[0] and to False in all others.",
        )


def has_unknown_names(experiment: Experiment, _: Facts) -> Iterator[Fault]:
    """The TTP's torch has not the layers or the activations."""
    for layer in experiment.layers:
        where = experiment.where_is(layer)
        if layer.l_type in NO_LAYERS_OF_A_ROW:
            yield Fault(
                f"{layer.l_type} cannot stand in a row of layers.",
                where,
                "It takes more than the output of the layer before it.",
                "Take a layer that has one input.",
            )
        elif layer.l_type not in LAYERS:
            yield unknown("layer", layer.l_type, LAYERS, where)
        if layer.activation and layer.activation not in ACTIVATIONS:
            yield unknown("activation", layer.activation, ACTIVATIONS, where)


def has_unknown_arguments(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """A layer lacks arguments, or has some that its class does not take."""
    for layer in experiment.layers:
        if layer.l_type not in LAYERS:
            continue
        where = experiment.where_is(layer)
        needed, further = (names.split() for names in LAYERS[layer.l_type])
        # An alignment fills in what the first layer takes. What the last one gives has to be there before.
        is_fitted = layer is experiment.layers[0] and not facts.is_aligned
        lacking = [name for name in needed if name not in layer.structure and not (is_fitted and name == "in_features")]
        if lacking:
            yield Fault(
                f"{layer.l_type} lacks {' and '.join(lacking)}.",
                where,
                f"torch cannot build it without. {_LATE}",
                f"Add {' and '.join(lacking)} to its structure.",
            )
        for name in layer.structure:
            if name not in needed and name not in further:
                near = nearest(name, [*needed, *further])
                yield Fault(
                    f"{layer.l_type} has no argument {name!r}.",
                    where,
                    _LATE,
                    f"Did you mean {near!r}?" if near else f"It takes {', '.join([*needed, *further]) or 'none'}.",
                )


def has_layers_that_workers_cannot_train(experiment: Experiment, _: Facts) -> Iterator[Fault]:
    """A layer is of a kind that workers fail on: one that is different in training, or keeps statistics of its own."""
    for layer in experiment.layers:
        if _DIFFERENT_IN_TRAINING.fullmatch(layer.l_type):
            is_seen = layer.l_type in ("Dropout", "BatchNorm1d")
            yield Fault(
                f"Workers {'cannot' if is_seen else 'probably cannot'} train {layer.l_type}.",
                experiment.where_is(layer),
                "It works differently in training, which the workers' PySyft 0.2.8 cannot do over a connection.",
                "Leave it out; weight_decay or l2_lambda of the run hold the weights down.",
                is_certain=is_seen,
            )


def has_lists_in_structures(experiment: Experiment, _: Facts) -> Iterator[Fault]:
    """A layer has a list among its arguments."""
    for layer in experiment.layers:
        for name, value in layer.structure.items():
            if isinstance(value, list | dict):
                yield Fault(
                    f"{name} of {layer.l_type} is a list.",
                    experiment.where_is(layer),
                    "A real TTP keeps it, and from then on fails on every read of the experiment.",
                    "Give one number, which torch takes for every dimension.",
                )


@attrs.frozen
class _Flow:
    """What goes from one layer to the next, as far as it is known.

    Attributes:
        size: Features, or channels.
        dims: Dimensions besides rows and channels: 0 for a table, 2 for images.
        area: Positions in each channel.
        source: The layer that the size is from.
    """

    size: int | None = None
    dims: int | None = None
    area: int | None = None
    source: Layer | None = None


_START = _Flow()
_INPUT_SIZES = (
    "in_features",
    "in_channels",
    "num_features",
    "num_channels",
    "normalized_shape",
    "input_size",
    "d_model",
)
_OF_CHANNELS = ("num_features", "num_channels")
_OUTPUT_SIZES = ("out_features", "out_channels", "proj_size", "hidden_size")
_WITH_DIMS = re.compile(
    r"(Conv|ConvTranspose|BatchNorm|InstanceNorm|MaxPool|AvgPool|LPPool|AdaptiveMaxPool|AdaptiveAvgPool)([123])d"
)
_KEEPERS = re.compile(
    r".*(Dropout|Norm|ReLU|ELU|ReLU6|Softmax|Softmin|[Ss]igmoid|[Tt]anh|[Ss]hrink)([123]d)?|"
    r"Identity|GELU|SiLU|Mish|Hardswish|Softplus|Softsign|Threshold|LocalResponseNorm|CrossMapLRN2d"
)
_RESIZERS = re.compile(r".*(Pool|Pad)[123]d|Upsampl.*")


def has_layers_that_do_not_fit(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """A layer does not take what the one before it gives, or the first not what the data are."""
    flow = _Flow(dims=0) if facts.least_features else _START
    ends = [layer.index for layer in experiment.layers if "out_features" in layer.structure]
    last = ends[-1] if ends else len(experiment.layers)
    flattened = max((layer.index for layer in experiment.layers if layer.l_type == "Flatten"), default=0)
    for layer in experiment.layers:
        # What comes after the last layer with outputs is fitted with it.
        is_fitted_later = layer.index > last and not facts.is_aligned
        # A linear layer can also go along each channel, which makes sense when the channels are flattened after it.
        is_along_channels = flow.dims and "in_features" in layer.structure and layer.index < flattened
        problem = None if is_fitted_later or is_along_channels else _problem(flow, layer, facts)
        if problem is not None:
            what, why, remedy = problem
            yield Fault(what, experiment.where_is(layer), why, remedy)
        flow = _Flow() if is_along_channels else _after(flow, layer)


def _problem(flow: _Flow, layer: Layer, facts: Facts) -> tuple[str, str, str] | None:
    """What, why and remedy, when a layer cannot take what comes."""
    source = f"{flow.source.name}, {flow.source.l_type}," if flow.source else "the data"
    name = layer.l_type
    if flow.dims and "in_features" in layer.structure:
        return (
            f"{name} gets the channels of {source.split(',')[0]} as they are.",
            "It takes rows of features; after a convolution these have to be flattened.",
            'Put {"l_type": "Flatten", "structure": {}, "activation": None, "is_input": False} before it.',
        )
    wanted = _dims_of(layer)
    # Convolutions of the sandbox see a table's row as one channel, and BatchNorm1d takes both.
    takes_rows = wanted == 1 and (facts.is_sandbox or name == "BatchNorm1d")
    if wanted is not None and flow.dims is not None and flow.dims != wanted and not (flow.dims == 0 and takes_rows):
        came = "rows without channels" if flow.dims == 0 else f"channels of {flow.dims} dimension(s)"
        return (
            f"{name} gets {came}.",
            f"It takes channels of {wanted} dimension(s), and {source} gives others.",
            f"Take layers of the same dimensions: {name} does not fit after {source.split(',')[0]}.",
        )
    argument = next((size for size in _INPUT_SIZES if size in layer.structure), None)
    size = layer.number(argument) if argument else None
    if size is None or flow.size is None or size == flow.size or not _is_of_what_comes(argument, flow):
        return None
    return (
        f"{name} takes {argument}={size} and gets {flow.size}.",
        f"{source} gives {flow.size}.",
        f"Set {argument}={flow.size} here, or let {source.split(',')[0]} give {size}.",
    )


def _is_of_what_comes(argument: str | None, flow: _Flow) -> bool:
    """Whether an argument counts what the size of the flow counts: channels where there are some, else features."""
    if argument == "in_channels":
        return bool(flow.dims)
    return flow.dims is not None if argument in _OF_CHANNELS else not flow.dims


def _after(flow: _Flow, layer: Layer) -> _Flow:
    """What goes on from a layer."""
    size, dims = layer.number(*_OUTPUT_SIZES), _dims_of(layer)
    if layer.l_type.startswith("Conv"):
        return _Flow(size, dims, source=layer)
    if "out_features" in layer.structure:
        # Recurrent layers give steps of features, and so does a linear one after them; anything else gives rows.
        return _Flow(size, None if flow.dims is None and flow is not _START else 0, source=layer)
    if size is not None:
        both = layer.structure.get("bidirectional") is True
        return _Flow(2 * size if both else size, 0 if layer.l_type.endswith("Cell") else None, source=layer)
    if layer.l_type == "Flatten":
        return _flattened(flow, layer)
    if _KEEPERS.fullmatch(layer.l_type):
        return flow
    if _RESIZERS.fullmatch(layer.l_type):
        across = layer.number("output_size") if layer.l_type.startswith("Adaptive") else None
        area = across**dims if across is not None and dims is not None else None
        return attrs.evolve(flow, area=area, dims=flow.dims if dims is None else dims)
    return _Flow()


def _flattened(flow: _Flow, layer: Layer) -> _Flow:
    if layer.structure.get("start_dim", 1) != 1 or layer.structure.get("end_dim", -1) != -1:
        return _Flow()
    if not flow.dims:
        return attrs.evolve(flow, dims=0)
    size = None if flow.size is None or flow.area is None else flow.size * flow.area
    return _Flow(size, dims=0, source=layer)


def _dims_of(layer: Layer) -> int | None:
    found = _WITH_DIMS.fullmatch(layer.l_type)
    return int(found[2]) if found else None


def is_not_fitted_to_the_data(experiment: Experiment, facts: Facts) -> Iterator[Fault]:
    """The network has not the inputs and outputs that the aligned data have."""
    first = next((layer for layer in experiment.layers if _takes_data(layer)), None)
    inputs = first.number("in_features") if first else None
    outputs = experiment.outputs
    if first is not None and inputs is not None and inputs < facts.least_features:
        what = f"The network takes {inputs} feature(s), and the aligned data have {facts.least_features} or more."
        yield _not_fitted(what, experiment.where_is(first), facts)
    if outputs is not None and outputs < facts.least_classes > 2:
        what = f"The network gives {outputs} output(s), and there are {facts.least_classes} classes or more."
        yield _not_fitted(what, experiment.where, facts)
    if facts.action == "regress" and facts.is_aligned and outputs not in (None, 1):
        what = f"The network gives {outputs} outputs, and a regression has one target."
        yield _not_fitted(what, experiment.where, facts)


def _not_fitted(what: str, where: str, facts: Facts) -> Fault:
    why = "It was created or updated after the project was aligned, and is not fitted to the data."
    return Fault(what, where, why, f"Align again with {facts.how_to_align}.")


def _takes_data(layer: Layer) -> bool:
    return any(size in layer.structure for size in (*_INPUT_SIZES, "embedding_dim"))


def unknown(kind: str, name: str, known: Iterable[str], where: str) -> Fault:
    """The fault that the TTP's torch lacks a name.

    Args:
        kind: What it is the name of.
        name: The name.
        known: Those that there are.
        where: Where it stands.

    Returns:
        The fault; it says what was likely meant or what there is.
    """
    listed = sorted(known)
    near = nearest(name, listed)
    few = ", ".join(listed) if len(listed) <= _MOST_LISTED else f"{', '.join(listed[:_MOST_LISTED])} ..."
    remedy = f"Did you mean {near!r}?" if near else f"Take one of {few}."
    return Fault(f"torch 1.4 has no {kind} {name!r}.", where, _LATE, remedy)
