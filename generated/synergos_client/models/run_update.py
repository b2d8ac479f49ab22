from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.run_fields_mode import RunFieldsMode, check_run_fields_mode
from ..models.run_fields_reduction import RunFieldsReduction, check_run_fields_reduction
from ..models.run_fields_scale_mode import RunFieldsScaleMode, check_run_fields_scale_mode
from ..types import UNSET, Unset

T = TypeVar("T", bound="RunUpdate")


@_attrs_define
class RunUpdate:
    algorithm: str | Unset = UNSET
    """ Federated algorithm by name: "FedAvg" or "FedProx" everywhere; on the sandbox also the strategies of Flower,
    "FedAdam" or "FedMedian" for example. """
    rounds: int | Unset = UNSET
    """ Rounds of training and aggregation, 1 or more. """
    epochs: int | Unset = UNSET
    """ Passes over its own data that a participant makes in each round, 1 or more. """
    batch_size: int | Unset = UNSET
    """ Rows in a batch, 1 or more. In a run that has none, each epoch is one batch of all rows. """
    lr: float | Unset = UNSET
    """ Learning rate of the optimizer. """
    lr_decay: float | Unset = UNSET
    """ Decay of the learning rate, for the schedulers that take one. """
    weight_decay: float | Unset = UNSET
    """ Weight decay of the optimizer. """
    mu: float | Unset = UNSET
    """ Weight of FedProx's proximal term mu/2 |w - w_global|^2 (Li et al., 2020, arXiv:1812.06127). """
    l1_lambda: float | Unset = UNSET
    """ Weight of the L1 penalty on the parameters. """
    l2_lambda: float | Unset = UNSET
    """ Weight of the L2 penalty on the parameters. """
    optimizer: str | Unset = UNSET
    """ Name of a class in `torch.optim`. """
    criterion: str | Unset = UNSET
    """ Name of a loss class in `torch.nn`. It has to fit what the network gives: one sigmoid output for two
    classes, softmax for more, none for regression. """
    lr_scheduler: str | Unset = UNSET
    """ Name of a class in `torch.optim.lr_scheduler`. CyclicLR wants `base_lr` and `max_lr`. """
    delta: float | Unset = UNSET
    """ Least fall of the loss that counts as an improvement. """
    cumulative_delta: bool | Unset = UNSET
    """ Whether `delta` is counted from the last improvement and not from the last round. """
    patience: int | Unset = UNSET
    """ Rounds without an improvement after which the training stops. """
    seed: int | Unset = UNSET
    """ Seed of every random choice. 42 is that of the first Synergos, and of the workers of a real grid: some
    trainings fail there by the two being the same, so take another. """
    is_condensed: bool | Unset = UNSET
    """ Whether a model of two classes has one output and not two. """
    is_snn: bool | Unset = UNSET
    """ Whether to train a split network; v4 only. """
    precision_fractional: int | Unset = UNSET
    """ Decimal places kept when values are shared in fixed precision. """
    input_size: int | Unset = UNSET
    """ Features that the model takes. An alignment finds them out. """
    output_size: int | Unset = UNSET
    """ Values that the model gives. An alignment finds them out. """
    use_clr: bool | Unset = UNSET
    """ Whether to cycle the learning rate. """
    reduction: RunFieldsReduction | Unset = UNSET
    """ How the criterion reduces the losses of a batch: "mean", "sum" or "none". """
    dampening: float | Unset = UNSET
    """ Dampening of SGD's momentum. """
    base_lr: float | Unset = UNSET
    """ Lower bound of CyclicLR. """
    max_lr: float | Unset = UNSET
    """ Upper bound of CyclicLR. """
    step_size_up: int | Unset = UNSET
    """ Batches in the rising half of CyclicLR's cycle. """
    step_size_down: int | Unset = UNSET
    """ Batches in the falling half of CyclicLR's cycle. """
    mode: RunFieldsMode | Unset = UNSET
    """ Shape of CyclicLR's cycle: "triangular", "triangular2" or "exp_range". """
    gamma: float | Unset = UNSET
    """ Factor of the decay of schedulers that have one; of CyclicLR in the mode "exp_range". """
    scale_mode: RunFieldsScaleMode | Unset = UNSET
    """ What CyclicLR's scaling counts: "cycle" or "iterations". """
    cycle_momentum: bool | Unset = UNSET
    """ Whether CyclicLR cycles the momentum against the learning rate. """
    base_momentum: float | Unset = UNSET
    """ Lower bound of the momentum in CyclicLR. """
    max_momentum: float | Unset = UNSET
    """ Upper bound of the momentum in CyclicLR. """
    last_epoch: int | Unset = UNSET
    """ Index of the last epoch when a schedule is taken up again. """
    additional_properties: dict[str, bool | float | int | list[bool | float | str] | str] = _attrs_field(
        init=False, factory=dict
    )

    def to_dict(self) -> dict[str, Any]:
        algorithm = self.algorithm

        rounds = self.rounds

        epochs = self.epochs

        batch_size = self.batch_size

        lr = self.lr

        lr_decay = self.lr_decay

        weight_decay = self.weight_decay

        mu = self.mu

        l1_lambda = self.l1_lambda

        l2_lambda = self.l2_lambda

        optimizer = self.optimizer

        criterion = self.criterion

        lr_scheduler = self.lr_scheduler

        delta = self.delta

        cumulative_delta = self.cumulative_delta

        patience = self.patience

        seed = self.seed

        is_condensed = self.is_condensed

        is_snn = self.is_snn

        precision_fractional = self.precision_fractional

        input_size = self.input_size

        output_size = self.output_size

        use_clr = self.use_clr

        reduction: str | Unset = UNSET
        if not isinstance(self.reduction, Unset):
            reduction = self.reduction

        dampening = self.dampening

        base_lr = self.base_lr

        max_lr = self.max_lr

        step_size_up = self.step_size_up

        step_size_down = self.step_size_down

        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode

        gamma = self.gamma

        scale_mode: str | Unset = UNSET
        if not isinstance(self.scale_mode, Unset):
            scale_mode = self.scale_mode

        cycle_momentum = self.cycle_momentum

        base_momentum = self.base_momentum

        max_momentum = self.max_momentum

        last_epoch = self.last_epoch

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, list):
                field_dict[prop_name] = []
                for componentsschemas_hyperparameter_type_4_item_data in prop:
                    componentsschemas_hyperparameter_type_4_item: bool | float | str
                    componentsschemas_hyperparameter_type_4_item = componentsschemas_hyperparameter_type_4_item_data
                    field_dict[prop_name].append(componentsschemas_hyperparameter_type_4_item)

            else:
                field_dict[prop_name] = prop

        field_dict.update({})
        if algorithm is not UNSET:
            field_dict["algorithm"] = algorithm
        if rounds is not UNSET:
            field_dict["rounds"] = rounds
        if epochs is not UNSET:
            field_dict["epochs"] = epochs
        if batch_size is not UNSET:
            field_dict["batch_size"] = batch_size
        if lr is not UNSET:
            field_dict["lr"] = lr
        if lr_decay is not UNSET:
            field_dict["lr_decay"] = lr_decay
        if weight_decay is not UNSET:
            field_dict["weight_decay"] = weight_decay
        if mu is not UNSET:
            field_dict["mu"] = mu
        if l1_lambda is not UNSET:
            field_dict["l1_lambda"] = l1_lambda
        if l2_lambda is not UNSET:
            field_dict["l2_lambda"] = l2_lambda
        if optimizer is not UNSET:
            field_dict["optimizer"] = optimizer
        if criterion is not UNSET:
            field_dict["criterion"] = criterion
        if lr_scheduler is not UNSET:
            field_dict["lr_scheduler"] = lr_scheduler
        if delta is not UNSET:
            field_dict["delta"] = delta
        if cumulative_delta is not UNSET:
            field_dict["cumulative_delta"] = cumulative_delta
        if patience is not UNSET:
            field_dict["patience"] = patience
        if seed is not UNSET:
            field_dict["seed"] = seed
        if is_condensed is not UNSET:
            field_dict["is_condensed"] = is_condensed
        if is_snn is not UNSET:
            field_dict["is_snn"] = is_snn
        if precision_fractional is not UNSET:
            field_dict["precision_fractional"] = precision_fractional
        if input_size is not UNSET:
            field_dict["input_size"] = input_size
        if output_size is not UNSET:
            field_dict["output_size"] = output_size
        if use_clr is not UNSET:
            field_dict["use_CLR"] = use_clr
        if reduction is not UNSET:
            field_dict["reduction"] = reduction
        if dampening is not UNSET:
            field_dict["dampening"] = dampening
        if base_lr is not UNSET:
            field_dict["base_lr"] = base_lr
        if max_lr is not UNSET:
            field_dict["max_lr"] = max_lr
        if step_size_up is not UNSET:
            field_dict["step_size_up"] = step_size_up
        if step_size_down is not UNSET:
            field_dict["step_size_down"] = step_size_down
        if mode is not UNSET:
            field_dict["mode"] = mode
        if gamma is not UNSET:
            field_dict["gamma"] = gamma
        if scale_mode is not UNSET:
            field_dict["scale_mode"] = scale_mode
        if cycle_momentum is not UNSET:
            field_dict["cycle_momentum"] = cycle_momentum
        if base_momentum is not UNSET:
            field_dict["base_momentum"] = base_momentum
        if max_momentum is not UNSET:
            field_dict["max_momentum"] = max_momentum
        if last_epoch is not UNSET:
            field_dict["last_epoch"] = last_epoch

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        algorithm = d.pop("algorithm", UNSET)

        rounds = d.pop("rounds", UNSET)

        epochs = d.pop("epochs", UNSET)

        batch_size = d.pop("batch_size", UNSET)

        lr = d.pop("lr", UNSET)

        lr_decay = d.pop("lr_decay", UNSET)

        weight_decay = d.pop("weight_decay", UNSET)

        mu = d.pop("mu", UNSET)

        l1_lambda = d.pop("l1_lambda", UNSET)

        l2_lambda = d.pop("l2_lambda", UNSET)

        optimizer = d.pop("optimizer", UNSET)

        criterion = d.pop("criterion", UNSET)

        lr_scheduler = d.pop("lr_scheduler", UNSET)

        delta = d.pop("delta", UNSET)

        cumulative_delta = d.pop("cumulative_delta", UNSET)

        patience = d.pop("patience", UNSET)

        seed = d.pop("seed", UNSET)

        is_condensed = d.pop("is_condensed", UNSET)

        is_snn = d.pop("is_snn", UNSET)

        precision_fractional = d.pop("precision_fractional", UNSET)

        input_size = d.pop("input_size", UNSET)

        output_size = d.pop("output_size", UNSET)

        use_clr = d.pop("use_CLR", UNSET)

        _reduction = d.pop("reduction", UNSET)
        reduction: RunFieldsReduction | Unset
        if isinstance(_reduction, Unset):
            reduction = UNSET
        else:
            reduction = check_run_fields_reduction(_reduction)

        dampening = d.pop("dampening", UNSET)

        base_lr = d.pop("base_lr", UNSET)

        max_lr = d.pop("max_lr", UNSET)

        step_size_up = d.pop("step_size_up", UNSET)

        step_size_down = d.pop("step_size_down", UNSET)

        _mode = d.pop("mode", UNSET)
        mode: RunFieldsMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = check_run_fields_mode(_mode)

        gamma = d.pop("gamma", UNSET)

        _scale_mode = d.pop("scale_mode", UNSET)
        scale_mode: RunFieldsScaleMode | Unset
        if isinstance(_scale_mode, Unset):
            scale_mode = UNSET
        else:
            scale_mode = check_run_fields_scale_mode(_scale_mode)

        cycle_momentum = d.pop("cycle_momentum", UNSET)

        base_momentum = d.pop("base_momentum", UNSET)

        max_momentum = d.pop("max_momentum", UNSET)

        last_epoch = d.pop("last_epoch", UNSET)

        run_update = cls(
            algorithm=algorithm,
            rounds=rounds,
            epochs=epochs,
            batch_size=batch_size,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            mu=mu,
            l1_lambda=l1_lambda,
            l2_lambda=l2_lambda,
            optimizer=optimizer,
            criterion=criterion,
            lr_scheduler=lr_scheduler,
            delta=delta,
            cumulative_delta=cumulative_delta,
            patience=patience,
            seed=seed,
            is_condensed=is_condensed,
            is_snn=is_snn,
            precision_fractional=precision_fractional,
            input_size=input_size,
            output_size=output_size,
            use_clr=use_clr,
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
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> bool | float | int | list[bool | float | str] | str:
                try:
                    if not isinstance(data, list):
                        raise TypeError()
                    componentsschemas_hyperparameter_type_4 = []
                    _componentsschemas_hyperparameter_type_4 = data
                    for componentsschemas_hyperparameter_type_4_item_data in _componentsschemas_hyperparameter_type_4:

                        def _parse_componentsschemas_hyperparameter_type_4_item(data: object) -> bool | float | str:
                            return cast(bool | float | str, data)

                        componentsschemas_hyperparameter_type_4_item = (
                            _parse_componentsschemas_hyperparameter_type_4_item(
                                componentsschemas_hyperparameter_type_4_item_data
                            )
                        )

                        componentsschemas_hyperparameter_type_4.append(componentsschemas_hyperparameter_type_4_item)

                    return componentsschemas_hyperparameter_type_4
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(bool | float | int | list[bool | float | str] | str, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        run_update.additional_properties = additional_properties
        return run_update

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> bool | float | int | list[bool | float | str] | str:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: bool | float | int | list[bool | float | str] | str) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
