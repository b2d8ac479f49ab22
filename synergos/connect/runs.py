"""Runs: sets of hyperparameters to try in an experiment."""

import functools
import inspect
import typing
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from synergos_client.api.runs import (
    create_run,
    create_run_in_collab,
    delete_run,
    delete_run_in_collab,
    read_run,
    read_run_in_collab,
    read_runs,
    read_runs_in_collab,
    update_run,
    update_run_in_collab,
)
from synergos_client.models.run import Run
from synergos_client.models.run_fields_mode import RunFieldsMode as Mode
from synergos_client.models.run_fields_reduction import RunFieldsReduction as Reduction
from synergos_client.models.run_fields_scale_mode import RunFieldsScaleMode as ScaleMode
from synergos_client.models.run_input import RunInput
from synergos_client.models.run_update import RunUpdate

from synergos.calls.task import NESTED, Task, by_generation, given
from synergos.common.checks import Count, Id, verb
from synergos.reply import Reply

Hyperparameter = bool | int | float | str | Sequence[bool | int | float | str]

_CREATE = by_generation(create_run._get_kwargs, create_run_in_collab._get_kwargs, "project_id", "expt_id", "run_id")
_READ_ALL = by_generation(read_runs._get_kwargs, read_runs_in_collab._get_kwargs, "project_id", "expt_id")
_READ = by_generation(read_run._get_kwargs, read_run_in_collab._get_kwargs, "project_id", "expt_id", "run_id")
_UPDATE = by_generation(update_run._get_kwargs, update_run_in_collab._get_kwargs, "project_id", "expt_id", "run_id")
_DELETE = by_generation(delete_run._get_kwargs, delete_run_in_collab._get_kwargs, "project_id", "expt_id", "run_id")


class RunTask(Task):
    """The runs of an experiment."""

    _name = "runs"
    _item = _READ
    _list = _READ_ALL

    @verb
    def create(
        self,
        /,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        algorithm: str = "FedProx",
        batch_size: Count | None = None,
        rounds: Count = 10,
        epochs: Count = 100,
        lr: float = 0.001,
        weight_decay: float = 0.0,
        lr_decay: float = 0.1,
        mu: float = 0.1,
        l1_lambda: float = 0.0,
        l2_lambda: float = 0.0,
        optimizer: str = "SGD",
        criterion: str = "BCELoss",
        lr_scheduler: str = "CyclicLR",
        delta: float = 0.0,
        patience: int = 10,
        seed: int = 42,
        is_condensed: bool = True,
        is_snn: bool = False,
        precision_fractional: int = 5,
        input_size: int | None = None,
        output_size: int | None = None,
        use_CLR: bool | None = None,
        reduction: Reduction | None = None,
        dampening: float | None = None,
        base_lr: float | None = None,
        max_lr: float | None = None,
        step_size_up: int | None = None,
        step_size_down: int | None = None,
        mode: Mode | None = None,
        gamma: float | None = None,
        scale_mode: ScaleMode | None = None,
        cycle_momentum: bool | None = None,
        base_momentum: float | None = None,
        max_momentum: float | None = None,
        last_epoch: int | None = None,
        cumulative_delta: bool | None = None,
        **hyperparameters: Hyperparameter,
    ) -> Reply[Run]:
        """Add a set of hyperparameters to an experiment.

        Where the experiment already has a run of this id, it changes the fields and keeps those that are None. The
        defaults are there to be called with, not to learn well with: Adam, a learning rate of 0.01 to 0.03, one or two
        epochs and 20 rounds are a better start on small tables.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run. Choose one that no other experiment uses: a real TTP deletes by this id alone.
            algorithm: Federated algorithm by name: "FedAvg" or "FedProx" everywhere; on the sandbox also the
                strategies of Flower, "FedAdam" or "FedMedian" for example.
            batch_size: Rows in a batch, 1 or more; None makes each epoch one batch of all rows.
            rounds: Rounds of training and aggregation, 1 or more.
            epochs: Passes over its own data that a participant makes in each round, 1 or more.
            lr: Learning rate of the optimizer.
            weight_decay: Weight decay of the optimizer.
            lr_decay: Decay of the learning rate, for the schedulers that take one.
            mu: Weight of FedProx's proximal term mu/2 |w - w_global|^2 (Li et al., 2020, arXiv:1812.06127).
            l1_lambda: Weight of the L1 penalty on the parameters.
            l2_lambda: Weight of the L2 penalty on the parameters.
            optimizer: Name of a class in `torch.optim`.
            criterion: Name of a loss class in `torch.nn`. It has to fit what the network gives: one sigmoid output
                for two classes, softmax for more, none for regression.
            lr_scheduler: Name of a class in `torch.optim.lr_scheduler`. CyclicLR wants `base_lr` and `max_lr`.
            delta: Least fall of the loss that counts as an improvement.
            patience: Rounds without an improvement after which the training stops.
            seed: Seed of every random choice. The default is that of the first Synergos, and of the workers of a real
                grid: some trainings fail there by the two being the same, so take another.
            is_condensed: Whether a model of two classes has one output and not two.
            is_snn: Whether to train a split network; v4 only.
            precision_fractional: Decimal places kept when values are shared in fixed precision.
            input_size: Features that the model takes. An alignment finds them out.
            output_size: Values that the model gives. An alignment finds them out.
            use_CLR: Whether to cycle the learning rate.
            reduction: How the criterion reduces the losses of a batch: "mean", "sum" or "none".
            dampening: Dampening of SGD's momentum.
            base_lr: Lower bound of CyclicLR.
            max_lr: Upper bound of CyclicLR.
            step_size_up: Batches in the rising half of CyclicLR's cycle.
            step_size_down: Batches in the falling half of CyclicLR's cycle.
            mode: Shape of CyclicLR's cycle: "triangular", "triangular2" or "exp_range".
            gamma: Factor of the decay of schedulers that have one; of CyclicLR in the mode "exp_range".
            scale_mode: What CyclicLR's scaling counts: "cycle" or "iterations".
            cycle_momentum: Whether CyclicLR cycles the momentum against the learning rate.
            base_momentum: Lower bound of the momentum in CyclicLR.
            max_momentum: Upper bound of the momentum in CyclicLR.
            last_epoch: Index of the last epoch when a schedule is taken up again.
            cumulative_delta: Whether `delta` is counted from the last improvement and not from the last round.
            **hyperparameters: Further ones of the algorithm, the optimizer or the scheduler by their own names:
                `momentum=0.9` of SGD, `eta=0.1` of FedAdam, `step_size=5` of StepLR. A name that looks like a misspelt
                one of the above is refused. Real TTPs keep those that they do not know and do nothing with them.
                `standardise_target=False` has the sandbox train a regression on the target as it is.

        Returns:
            The run. TTPs keep and use the names of the algorithm, the optimizer, the criterion and the scheduler, and
            never return them.

        Raises:
            InvalidArgument: When an argument cannot be right; nothing was sent.
            NotFound: When there is no such experiment.
            Rejected: When the TTP refuses a field. A real TTP learns of a name that its torch (1.4) lacks only when it
                trains, as a `ServerFailure`.

        Example:
            >>> reply = driver.runs.create(
            ...     project_id="penguins",
            ...     expt_id="one_layer",
            ...     run_id="adam",
            ...     rounds=20,
            ...     epochs=2,
            ...     batch_size=16,
            ...     lr=0.03,
            ...     optimizer="Adam",
            ...     criterion="NLLLoss",
            ...     lr_scheduler="StepLR",
            ...     step_size=50,
            ... )
            >>> reply.data.rounds
            20
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        fields = given(
            run_id=ids.get("run_id"),
            algorithm=algorithm,
            batch_size=batch_size,
            rounds=rounds,
            epochs=epochs,
            lr=lr,
            weight_decay=weight_decay,
            lr_decay=lr_decay,
            mu=mu,
            l1_lambda=l1_lambda,
            l2_lambda=l2_lambda,
            optimizer=optimizer,
            criterion=criterion,
            lr_scheduler=lr_scheduler,
            delta=delta,
            patience=patience,
            seed=seed,
            is_condensed=is_condensed,
            is_snn=is_snn,
            precision_fractional=precision_fractional,
            input_size=input_size,
            output_size=output_size,
            use_CLR=use_CLR,
            reduction=reduction,
            dampening=dampening,
            base_lr=base_lr,
            max_lr=max_lr,
            step_size_up=step_size_up,
            step_size_down=step_size_down,
            mode=mode,
            gamma=gamma,
            scale_mode=scale_mode,
            cycle_momentum=cycle_momentum,
            base_momentum=base_momentum,
            max_momentum=max_momentum,
            last_epoch=last_epoch,
            cumulative_delta=cumulative_delta,
            **hyperparameters,
        )
        reply = self._one(Run, "create", _CREATE, ids, RunInput.from_dict({"run_id": None, **fields}), own="run_id")
        return self._remembered(reply, ids, fields)

    @verb
    def read_all(
        self, *, collab_id: Id | None = None, project_id: Id | None = None, expt_id: Id | None = None
    ) -> Reply[list[Run]]:
        """List the runs of an experiment.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.

        Returns:
            The runs; an empty list when there are none, even when there is no such experiment.

        Example:
            >>> [run.key.run_id for run in driver.runs.read_all(project_id="penguins", expt_id="one_layer").data]
            ['adam']
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id)
        return self._many(Run, "read_all", _READ_ALL, ids)

    @verb
    def read(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
    ) -> Reply[Run]:
        """Read a run.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.

        Returns:
            The run, with its results as `relations`.

        Raises:
            NotFound: When there is no such run.

        Example:
            >>> driver.runs.read(project_id="penguins", expt_id="one_layer", run_id="adam").data.epochs
            2
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        return self._one(Run, "read", _READ, ids)

    @verb
    def update(
        self,
        /,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        algorithm: str | None = None,
        batch_size: Count | None = None,
        rounds: Count | None = None,
        epochs: Count | None = None,
        lr: float | None = None,
        weight_decay: float | None = None,
        lr_decay: float | None = None,
        mu: float | None = None,
        l1_lambda: float | None = None,
        l2_lambda: float | None = None,
        optimizer: str | None = None,
        criterion: str | None = None,
        lr_scheduler: str | None = None,
        delta: float | None = None,
        patience: int | None = None,
        seed: int | None = None,
        is_condensed: bool | None = None,
        is_snn: bool | None = None,
        precision_fractional: int | None = None,
        input_size: int | None = None,
        output_size: int | None = None,
        use_CLR: bool | None = None,
        reduction: Reduction | None = None,
        dampening: float | None = None,
        base_lr: float | None = None,
        max_lr: float | None = None,
        step_size_up: int | None = None,
        step_size_down: int | None = None,
        mode: Mode | None = None,
        gamma: float | None = None,
        scale_mode: ScaleMode | None = None,
        cycle_momentum: bool | None = None,
        base_momentum: float | None = None,
        max_momentum: float | None = None,
        last_epoch: int | None = None,
        cumulative_delta: bool | None = None,
        **hyperparameters: Hyperparameter,
    ) -> Reply[Run]:
        """Change a run. Fields that are not given stay as they are.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.
            algorithm: As in `create`.
            batch_size: As in `create`.
            rounds: As in `create`.
            epochs: As in `create`.
            lr: As in `create`.
            weight_decay: As in `create`.
            lr_decay: As in `create`.
            mu: As in `create`.
            l1_lambda: As in `create`.
            l2_lambda: As in `create`.
            optimizer: As in `create`.
            criterion: As in `create`.
            lr_scheduler: As in `create`.
            delta: As in `create`.
            patience: As in `create`.
            seed: As in `create`.
            is_condensed: As in `create`.
            is_snn: As in `create`.
            precision_fractional: As in `create`.
            input_size: As in `create`.
            output_size: As in `create`.
            use_CLR: As in `create`.
            reduction: As in `create`.
            dampening: As in `create`.
            base_lr: As in `create`.
            max_lr: As in `create`.
            step_size_up: As in `create`.
            step_size_down: As in `create`.
            mode: As in `create`.
            gamma: As in `create`.
            scale_mode: As in `create`.
            cycle_momentum: As in `create`.
            base_momentum: As in `create`.
            max_momentum: As in `create`.
            last_epoch: As in `create`.
            cumulative_delta: As in `create`.
            **hyperparameters: As in `create`.

        Returns:
            The run as it is now.

        Raises:
            InvalidArgument: When an argument cannot be right, or none is given; nothing was sent.
            NotFound: When there is no such run.

        Example:
            >>> driver.runs.update(project_id="penguins", expt_id="one_layer", run_id="adam", rounds=5).data.rounds
            5
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        fields = self._changes(
            algorithm=algorithm,
            batch_size=batch_size,
            rounds=rounds,
            epochs=epochs,
            lr=lr,
            weight_decay=weight_decay,
            lr_decay=lr_decay,
            mu=mu,
            l1_lambda=l1_lambda,
            l2_lambda=l2_lambda,
            optimizer=optimizer,
            criterion=criterion,
            lr_scheduler=lr_scheduler,
            delta=delta,
            patience=patience,
            seed=seed,
            is_condensed=is_condensed,
            is_snn=is_snn,
            precision_fractional=precision_fractional,
            input_size=input_size,
            output_size=output_size,
            use_CLR=use_CLR,
            reduction=reduction,
            dampening=dampening,
            base_lr=base_lr,
            max_lr=max_lr,
            step_size_up=step_size_up,
            step_size_down=step_size_down,
            mode=mode,
            gamma=gamma,
            scale_mode=scale_mode,
            cycle_momentum=cycle_momentum,
            base_momentum=base_momentum,
            max_momentum=max_momentum,
            last_epoch=last_epoch,
            cumulative_delta=cumulative_delta,
            **hyperparameters,
        )
        return self._remembered(self._one(Run, "update", _UPDATE, ids, RunUpdate.from_dict(fields)), ids, fields)

    @verb
    def delete(
        self,
        *,
        collab_id: Id | None = None,
        project_id: Id | None = None,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        force: bool = False,
    ) -> Reply[Run]:
        """Delete a run and its results.

        A real TTP deletes every run of this id and what belongs to it, wherever it is. So it is looked first
        whether there is another, and nothing is deleted when there is.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.
            force: Whether to delete even where other runs have the same id.

        Returns:
            The run as it was.

        Raises:
            InvalidArgument: When another run has the same id, on a real TTP; nothing was deleted.
            NotFound: When there is no such run.

        Example:
            >>> driver.runs.delete(project_id="penguins", expt_id="one_layer", run_id="adam").data.key.run_id
            'adam'
        """
        ids = self._ids(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        reply = self._delete(Run, _DELETE, ids, force=force)
        if "data" in reply:
            self._connection.memory.forget(ids)
        return reply

    def _remembered(self, reply: Reply[Run], ids: Mapping[str, str], fields: Mapping[str, object]) -> Reply[Run]:
        """Keep what the TTP took: it never tells all of it again."""
        if "data" in reply:
            self._connection.memory.remember(ids, fields)
        return reply


class Field(NamedTuple):
    """A field of a run.

    Attributes:
        annotation: What it may be.
        default: What `runs.create` sends where it is not given; None when it sends nothing.
    """

    annotation: Any
    default: object


@functools.cache
def fields() -> Mapping[str, Field]:
    """The fields of a run that `runs.create` knows, as its signature says; any other name may be a `Hyperparameter`."""
    hints = typing.get_type_hints(RunTask.create, include_extras=True)
    named = [one for one in inspect.signature(RunTask.create).parameters.values() if one.kind is one.KEYWORD_ONLY]
    return {one.name: Field(hints[one.name], one.default) for one in named if one.name not in NESTED}
