"""Experiments: networks to try in a project."""

from collections.abc import Mapping, Sequence
from typing import Any

from synergos_client.api.experiments import (
    create_experiment,
    delete_experiment,
    read_experiment,
    read_experiments,
    update_experiment,
)
from synergos_client.models.experiment import Experiment
from synergos_client.models.experiment_input import ExperimentInput
from synergos_client.models.experiment_update import ExperimentUpdate

from synergos.checks import Id, check, nearest, verb
from synergos.errors import InvalidArgument
from synergos.reply import Reply
from synergos.task import Task

Layer = Mapping[str, object]


class ExperimentTask(Task):
    """The experiments of a project."""

    _name = "experiments"

    @verb
    def create(self, *, project_id: Id, expt_id: Id, model: Sequence[Layer]) -> Reply[Experiment]:
        """Add a network to a project.

        Where the project already has an experiment of this id, its network is replaced. An alignment later fits the
        network to the data: the input size of the first layer, the output size of the last (1 for up to two classes),
        and softmax after the last for more than two.

        Args:
            project_id: Id of the project.
            expt_id: Id of the experiment. Choose one that no other project uses: a real TTP deletes by this id alone.
            model: The layers from the input to the output, each a dict of

                - `l_type`: name of a class in `torch.nn`, "Linear" for example;
                - `structure`: arguments of the class by name, each a number, a text, True, False or None. A list
                  such as `kernel_size=[3, 3]` is refused: a real TTP stores it and can then read nothing more;
                - `activation`: name of a function in `torch.nn.functional`, "relu" for example; None or "" for none;
                - `is_input`: whether the layer takes the data.

                Real TTPs run torch 1.4 and learn of a name that torch lacks only when they train.

        Returns:
            The experiment.

        Raises:
            InvalidArgument: When a layer cannot be right; nothing was sent.
            NotFound: When there is no such project.
            Rejected: When the TTP refuses a layer.

        Example:
            >>> layer = {"is_input": True, "l_type": "Linear", "activation": "relu"}
            >>> layer["structure"] = {"in_features": 4, "out_features": 16}
            >>> reply = driver.experiments.create(project_id="penguins", expt_id="one_layer", model=[layer])
            >>> reply.data.model[0].l_type
            'Linear'
        """
        fields = {"expt_id": expt_id, "model": _checked_layers("experiments.create", model)}
        request = create_experiment._get_kwargs(project_id=project_id, body=ExperimentInput.from_dict(fields))
        return self._one(Experiment, "create", request, {"project_id": project_id, "expt_id": expt_id})

    @verb
    def read_all(self, *, project_id: Id) -> Reply[list[Experiment]]:
        """List the experiments of a project.

        Args:
            project_id: Id of the project.

        Returns:
            The experiments; an empty list when there are none, even when there is no such project.

        Example:
            >>> [experiment.key.expt_id for experiment in driver.experiments.read_all(project_id="penguins").data]
            ['one_layer']
        """
        ids = {"project_id": project_id}
        return self._many(Experiment, "read_all", read_experiments._get_kwargs(**ids), ids)

    @verb
    def read(self, *, project_id: Id, expt_id: Id) -> Reply[Experiment]:
        """Read an experiment.

        Args:
            project_id: Id of the project.
            expt_id: Id of the experiment.

        Returns:
            The experiment, with its runs and their results as `relations`. A TTP leaves out an activation of None and
            an empty structure.

        Raises:
            NotFound: When there is no such experiment.

        Example:
            >>> driver.experiments.read(project_id="penguins", expt_id="one_layer").data.key.expt_id
            'one_layer'
        """
        ids = {"project_id": project_id, "expt_id": expt_id}
        return self._one(Experiment, "read", read_experiment._get_kwargs(**ids), ids)

    @verb
    def update(self, *, project_id: Id, expt_id: Id, model: Sequence[Layer]) -> Reply[Experiment]:
        """Replace the network of an experiment.

        Args:
            project_id: Id of the project.
            expt_id: Id of the experiment.
            model: All the layers, as in `create`.

        Returns:
            The experiment as it is now.

        Raises:
            InvalidArgument: When a layer cannot be right; nothing was sent.
            NotFound: When there is no such experiment.

        Example:
            >>> layers = driver.experiments.read(project_id="penguins", expt_id="one_layer")["data"]["model"]
            >>> layers[0]["activation"] = "tanh"
            >>> reply = driver.experiments.update(project_id="penguins", expt_id="one_layer", model=layers)
            >>> reply.data.model[0].activation
            'tanh'
        """
        ids = {"project_id": project_id, "expt_id": expt_id}
        fields = {"model": _checked_layers("experiments.update", model)}
        request = update_experiment._get_kwargs(**ids, body=ExperimentUpdate.from_dict(fields))
        return self._one(Experiment, "update", request, ids)

    @verb
    def delete(self, *, project_id: Id, expt_id: Id) -> Reply[Experiment]:
        """Delete an experiment, its runs and their results.

        A real TTP deletes what belongs to any experiment of this id, in other projects too.

        Args:
            project_id: Id of the project.
            expt_id: Id of the experiment.

        Returns:
            The experiment as it was.

        Raises:
            NotFound: When there is no such experiment.

        Example:
            >>> driver.experiments.delete(project_id="penguins", expt_id="one_layer").data.key.expt_id
            'one_layer'
        """
        ids = {"project_id": project_id, "expt_id": expt_id}
        return self._one(Experiment, "delete", delete_experiment._get_kwargs(**ids), ids)


_FIELDS: dict[str, Any] = {
    "is_input": bool,
    "l_type": str,
    "structure": Mapping[str, bool | int | float | str | None],
    "activation": str | None,
}
# What a TTP leaves out of its answers, so that layers that were read can be sent again.
_LEFT_OUT: dict[str, object] = {"structure": {}, "activation": None}


def _checked_layers(operation: str, model: Sequence[Layer]) -> list[dict[str, object]]:
    return [_checked_layer(operation, f"model[{index}]", layer) for index, layer in enumerate(model)]


def _checked_layer(operation: str, name: str, layer: Layer) -> dict[str, object]:
    for field in layer:
        if field not in _FIELDS:
            meant = nearest(field, _FIELDS)
            hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(_FIELDS)}."
            raise InvalidArgument(f"[{operation}] {name} has no field {field!r}: {hint}")
    complete = {**_LEFT_OUT, **layer}
    for field in _FIELDS:
        if field not in complete:
            raise InvalidArgument(f"[{operation}] {name} has no {field!r}: a layer needs {', '.join(_FIELDS)}.")
    return {field: check(operation, f"{name}[{field!r}]", complete[field], _FIELDS[field]) for field in _FIELDS}
