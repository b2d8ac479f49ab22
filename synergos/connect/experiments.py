"""Experiments: networks to try in a project."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from synergos_client.models.experiment import Experiment
from synergos_client.models.experiment_input import ExperimentInput
from synergos_client.models.experiment_update import ExperimentUpdate

from synergos.calls.task import Task
from synergos.common.checks import Id, check, verb
from synergos.reply import Reply

Layer = Mapping[str, object]


class ExperimentTask(Task[Experiment]):
    """The experiments of a project."""

    _name = "experiments"
    _kind = Experiment

    @verb
    def create(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        model: Sequence[Layer],
    ) -> Reply[Experiment]:
        """Add a network to a project.

        Where the project already has an experiment of this id, its network is replaced. An alignment later fits the
        network to the data: the input size of the first layer, the output size of the last (1 for up to two classes),
        and softmax after the last for more than two.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
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
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        fields = {"expt_id": ids.get("expt_id"), "model": _checked_layers("experiments.create", model)}
        return self._one("create", ids, ExperimentInput.from_dict(fields))

    @verb
    def read_all(self, *, collab_id: Id | None = None, project_id: Id | None = None) -> Reply[list[Experiment]]:
        """List the experiments of a project.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.

        Returns:
            The experiments; an empty list when there are none, even when there is no such project.

        Example:
            >>> [experiment.key.expt_id for experiment in driver.experiments.read_all(project_id="penguins").data]
            ['one_layer']
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id)
        return self._many("read_all", ids)

    @verb
    def read(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, expt_id: Id | None = None
    ) -> Reply[Experiment]:
        """Read an experiment.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
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
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        return self._one("read", ids)

    @verb
    def update(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        model: Sequence[Layer] | None = None,
    ) -> Reply[Experiment]:
        """Replace the network of an experiment.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            model: All the layers, as in `create`.

        Returns:
            The experiment as it is now.

        Raises:
            InvalidArgument: When a layer cannot be right, or none is given; nothing was sent.
            NotFound: When there is no such experiment.

        Example:
            >>> layers = driver.experiments.read(project_id="penguins", expt_id="one_layer")["data"]["model"]
            >>> layers[0]["activation"] = "tanh"
            >>> reply = driver.experiments.update(project_id="penguins", expt_id="one_layer", model=layers)
            >>> reply.data.model[0].activation
            'tanh'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        layers = None if model is None else _checked_layers("experiments.update", model)
        fields = self._changes(model=layers)
        return self._one("update", ids, ExperimentUpdate.from_dict(fields))

    @verb
    def delete(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        force: bool = False,
    ) -> Reply[Experiment]:
        """Delete an experiment, its runs and their results.

        A real TTP deletes every experiment of this id and what belongs to it, wherever it is. So it is looked first
        whether there is another, and nothing is deleted when there is.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            force: Whether to delete even where other experiments have the same id.

        Returns:
            The experiment as it was.

        Raises:
            InvalidArgument: When another experiment has the same id, on a real TTP; nothing was deleted.
            NotFound: When there is no such experiment.

        Example:
            >>> driver.experiments.delete(project_id="penguins", expt_id="one_layer").data.key.expt_id
            'one_layer'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        return self._delete(ids, force=force)


class _Layer(TypedDict):
    is_input: bool
    l_type: str
    structure: Mapping[str, bool | int | float | str | None]
    activation: str | None


# What a TTP leaves out of its answers, so that layers that were read can be sent again.
_LEFT_OUT: dict[str, object] = {"structure": {}, "activation": None}


def _checked_layers(operation: str, model: Sequence[Layer]) -> list[dict[str, object]]:
    return [check(operation, f"model[{index}]", {**_LEFT_OUT, **layer}, _Layer) for index, layer in enumerate(model)]
