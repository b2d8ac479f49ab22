"""The verbs that take the fields of a run, written by scripts/generate.py and never edited.

The fields are those of RunFields in spec/openapi.yaml, and the words around them stand in spec/templates.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from synergos_client.models.run import Run

from synergos.calls.task import Task
from synergos.common.checks import Count, Id, verb
from synergos.reply import Reply

Hyperparameter = bool | int | float | str | Sequence[bool | int | float | str]


class RunVerbs(Task[Run]):
    """What adds a run and what changes one."""

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
        rounds: Count = 10,
        epochs: Count = 100,
        batch_size: Count | None = None,
        lr: float = 0.001,
        lr_decay: float = 0.1,
        weight_decay: float = 0.0,
        mu: float = 0.1,
        l1_lambda: float = 0.0,
        l2_lambda: float = 0.0,
        optimizer: str = "SGD",
        criterion: str = "BCELoss",
        lr_scheduler: str = "CyclicLR",
        delta: float = 0.0,
        cumulative_delta: bool | None = None,
        patience: int = 10,
        seed: int = 42,
        is_condensed: bool = True,
        is_snn: bool = False,
        precision_fractional: int = 5,
        input_size: int | None = None,
        output_size: int | None = None,
        use_CLR: bool | None = None,
        reduction: Literal["mean", "none", "sum"] | None = None,
        dampening: float | None = None,
        base_lr: float | None = None,
        max_lr: float | None = None,
        step_size_up: int | None = None,
        step_size_down: int | None = None,
        mode: Literal["exp_range", "triangular", "triangular2"] | None = None,
        gamma: float | None = None,
        scale_mode: Literal["cycle", "iterations"] | None = None,
        cycle_momentum: bool | None = None,
        base_momentum: float | None = None,
        max_momentum: float | None = None,
        last_epoch: int | None = None,
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
            algorithm: Federated algorithm by name: "FedAvg" or "FedProx" everywhere; on the sandbox also the strategies
                of Flower, "FedAdam" or "FedMedian" for example.
            rounds: Rounds of training and aggregation, 1 or more.
            epochs: Passes over its own data that a participant makes in each round, 1 or more.
            batch_size: Rows in a batch, 1 or more. In a run that has none, each epoch is one batch of all rows.
            lr: Learning rate of the optimizer.
            lr_decay: Decay of the learning rate, for the schedulers that take one.
            weight_decay: Weight decay of the optimizer.
            mu: Weight of FedProx's proximal term mu/2 |w - w_global|^2 (Li et al., 2020, arXiv:1812.06127).
            l1_lambda: Weight of the L1 penalty on the parameters.
            l2_lambda: Weight of the L2 penalty on the parameters.
            optimizer: Name of a class in `torch.optim`.
            criterion: Name of a loss class in `torch.nn`. It has to fit what the network gives: one sigmoid output for
                two classes, softmax for more, none for regression.
            lr_scheduler: Name of a class in `torch.optim.lr_scheduler`. CyclicLR wants `base_lr` and `max_lr`.
            delta: Least fall of the loss that counts as an improvement.
            cumulative_delta: Whether `delta` is counted from the last improvement and not from the last round.
            patience: Rounds without an improvement after which the training stops.
            seed: Seed of every random choice. 42 is that of the first Synergos, and of the workers of a real grid: some
                trainings fail there by the two being the same, so take another.
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
            **hyperparameters: Further ones of the algorithm, the optimizer or the scheduler by their own names:
                `momentum=0.9` of SGD, `eta=0.1` of FedAdam, `step_size=5` of StepLR. A name that looks like a misspelt
                one of the above is refused. Real TTPs keep those that they do not know and do nothing with them.
                `standardise_target=False` has the sandbox train a regression on the target as it is, `keep="best"`
                validate with the weights of the best round.

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
        named = {
            "algorithm": algorithm,
            "rounds": rounds,
            "epochs": epochs,
            "batch_size": batch_size,
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "mu": mu,
            "l1_lambda": l1_lambda,
            "l2_lambda": l2_lambda,
            "optimizer": optimizer,
            "criterion": criterion,
            "lr_scheduler": lr_scheduler,
            "delta": delta,
            "cumulative_delta": cumulative_delta,
            "patience": patience,
            "seed": seed,
            "is_condensed": is_condensed,
            "is_snn": is_snn,
            "precision_fractional": precision_fractional,
            "input_size": input_size,
            "output_size": output_size,
            "use_CLR": use_CLR,
            "reduction": reduction,
            "dampening": dampening,
            "base_lr": base_lr,
            "max_lr": max_lr,
            "step_size_up": step_size_up,
            "step_size_down": step_size_down,
            "mode": mode,
            "gamma": gamma,
            "scale_mode": scale_mode,
            "cycle_momentum": cycle_momentum,
            "base_momentum": base_momentum,
            "max_momentum": max_momentum,
            "last_epoch": last_epoch,
        }
        return self._add(ids, {**named, **hyperparameters})

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
        rounds: Count | None = None,
        epochs: Count | None = None,
        batch_size: Count | None = None,
        lr: float | None = None,
        lr_decay: float | None = None,
        weight_decay: float | None = None,
        mu: float | None = None,
        l1_lambda: float | None = None,
        l2_lambda: float | None = None,
        optimizer: str | None = None,
        criterion: str | None = None,
        lr_scheduler: str | None = None,
        delta: float | None = None,
        cumulative_delta: bool | None = None,
        patience: int | None = None,
        seed: int | None = None,
        is_condensed: bool | None = None,
        is_snn: bool | None = None,
        precision_fractional: int | None = None,
        input_size: int | None = None,
        output_size: int | None = None,
        use_CLR: bool | None = None,
        reduction: Literal["mean", "none", "sum"] | None = None,
        dampening: float | None = None,
        base_lr: float | None = None,
        max_lr: float | None = None,
        step_size_up: int | None = None,
        step_size_down: int | None = None,
        mode: Literal["exp_range", "triangular", "triangular2"] | None = None,
        gamma: float | None = None,
        scale_mode: Literal["cycle", "iterations"] | None = None,
        cycle_momentum: bool | None = None,
        base_momentum: float | None = None,
        max_momentum: float | None = None,
        last_epoch: int | None = None,
        **hyperparameters: Hyperparameter,
    ) -> Reply[Run]:
        """Change a run. Fields that are not given stay as they are.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.
            algorithm: Federated algorithm by name: "FedAvg" or "FedProx" everywhere; on the sandbox also the strategies
                of Flower, "FedAdam" or "FedMedian" for example.
            rounds: Rounds of training and aggregation, 1 or more.
            epochs: Passes over its own data that a participant makes in each round, 1 or more.
            batch_size: Rows in a batch, 1 or more. In a run that has none, each epoch is one batch of all rows.
            lr: Learning rate of the optimizer.
            lr_decay: Decay of the learning rate, for the schedulers that take one.
            weight_decay: Weight decay of the optimizer.
            mu: Weight of FedProx's proximal term mu/2 |w - w_global|^2 (Li et al., 2020, arXiv:1812.06127).
            l1_lambda: Weight of the L1 penalty on the parameters.
            l2_lambda: Weight of the L2 penalty on the parameters.
            optimizer: Name of a class in `torch.optim`.
            criterion: Name of a loss class in `torch.nn`. It has to fit what the network gives: one sigmoid output for
                two classes, softmax for more, none for regression.
            lr_scheduler: Name of a class in `torch.optim.lr_scheduler`. CyclicLR wants `base_lr` and `max_lr`.
            delta: Least fall of the loss that counts as an improvement.
            cumulative_delta: Whether `delta` is counted from the last improvement and not from the last round.
            patience: Rounds without an improvement after which the training stops.
            seed: Seed of every random choice. 42 is that of the first Synergos, and of the workers of a real grid: some
                trainings fail there by the two being the same, so take another.
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
            **hyperparameters: Further ones by their own names, as in `create`.

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
        named = {
            "algorithm": algorithm,
            "rounds": rounds,
            "epochs": epochs,
            "batch_size": batch_size,
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "mu": mu,
            "l1_lambda": l1_lambda,
            "l2_lambda": l2_lambda,
            "optimizer": optimizer,
            "criterion": criterion,
            "lr_scheduler": lr_scheduler,
            "delta": delta,
            "cumulative_delta": cumulative_delta,
            "patience": patience,
            "seed": seed,
            "is_condensed": is_condensed,
            "is_snn": is_snn,
            "precision_fractional": precision_fractional,
            "input_size": input_size,
            "output_size": output_size,
            "use_CLR": use_CLR,
            "reduction": reduction,
            "dampening": dampening,
            "base_lr": base_lr,
            "max_lr": max_lr,
            "step_size_up": step_size_up,
            "step_size_down": step_size_down,
            "mode": mode,
            "gamma": gamma,
            "scale_mode": scale_mode,
            "cycle_momentum": cycle_momentum,
            "base_momentum": base_momentum,
            "max_momentum": max_momentum,
            "last_epoch": last_epoch,
        }
        return self._change(ids, {**named, **hyperparameters})

    def _add(self, ids: Mapping[str, str], fields: Mapping[str, object]) -> Reply[Run]:
        raise NotImplementedError

    def _change(self, ids: Mapping[str, str], fields: Mapping[str, object]) -> Reply[Run]:
        raise NotImplementedError
