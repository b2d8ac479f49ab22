from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.relations import Relations
    from ..models.run_key import RunKey


T = TypeVar("T", bound="Run")


@_attrs_define
class Run:
    """A set of hyperparameters to try. Its algorithm, optimizer, criterion and scheduler are never told."""

    doc_id: int | str
    """ Number of the record among those of its kind; a string but in a few answers to POST. """
    kind: str
    """ Kind of the record, `Project` for example. """
    key: RunKey
    """ What leads to a run. """
    created_at: datetime.datetime | str | Unset = UNSET
    """ When it was made, in UTC; only in a few answers to POST. """
    relations: Relations | Unset = UNSET
    """ The records below this one, by their kind. They carry no relations of their own. """
    rounds: int | Unset = UNSET
    """ Rounds of training and aggregation. """
    epochs: int | Unset = UNSET
    """ Passes over its own data that a participant makes in each round. """
    batch_size: int | Unset = UNSET
    """ Rows in a batch. Left out, each epoch is one batch of all rows. """
    lr: float | Unset = UNSET
    """ Learning rate of the optimizer. """
    lr_decay: float | Unset = UNSET
    """ Decay of the learning rate. """
    weight_decay: float | Unset = UNSET
    """ Weight decay of the optimizer. """
    mu: float | Unset = UNSET
    """ Weight of FedProx's proximal term. """
    l1_lambda: float | Unset = UNSET
    """ Weight of the L1 penalty on the parameters. """
    l2_lambda: float | Unset = UNSET
    """ Weight of the L2 penalty on the parameters. """
    delta: float | Unset = UNSET
    """ Least fall of the loss that counts as an improvement. """
    cumulative_delta: bool | Unset = UNSET
    """ Whether `delta` is counted from the last improvement and not from the last round. """
    patience: int | Unset = UNSET
    """ Rounds without an improvement after which the training stops. """
    seed: int | Unset = UNSET
    """ Seed of every random choice. """
    is_condensed: bool | Unset = UNSET
    """ Whether a model of two classes has one output and not two. """
    precision_fractional: int | Unset = UNSET
    """ Decimal places kept when values are shared in fixed precision. """
    input_size: int | Unset = UNSET
    """ Features that the model takes. """
    output_size: int | Unset = UNSET
    """ Values that the model gives. """
    use_clr: bool | Unset = UNSET
    """ Whether to cycle the learning rate. """
    reduction: str | Unset = UNSET
    """ How the criterion reduces the losses of a batch. """
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
    mode: str | Unset = UNSET
    """ Shape of CyclicLR's cycle. """
    gamma: float | Unset = UNSET
    """ Factor of the decay of schedulers that have one; of CyclicLR in the mode `exp_range`. """
    scale_mode: str | Unset = UNSET
    """ What CyclicLR's scaling counts. """
    cycle_momentum: bool | Unset = UNSET
    """ Whether CyclicLR cycles the momentum against the learning rate. """
    base_momentum: float | Unset = UNSET
    """ Lower bound of the momentum in CyclicLR. """
    max_momentum: float | Unset = UNSET
    """ Upper bound of the momentum in CyclicLR. """
    last_epoch: int | Unset = UNSET
    """ Index of the last epoch when a schedule is taken up again. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc_id: int | str
        doc_id = self.doc_id

        kind = self.kind

        key = self.key.to_dict()

        created_at: str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        relations: dict[str, Any] | Unset = UNSET
        if not isinstance(self.relations, Unset):
            relations = self.relations.to_dict()

        rounds = self.rounds

        epochs = self.epochs

        batch_size = self.batch_size

        lr = self.lr

        lr_decay = self.lr_decay

        weight_decay = self.weight_decay

        mu = self.mu

        l1_lambda = self.l1_lambda

        l2_lambda = self.l2_lambda

        delta = self.delta

        cumulative_delta = self.cumulative_delta

        patience = self.patience

        seed = self.seed

        is_condensed = self.is_condensed

        precision_fractional = self.precision_fractional

        input_size = self.input_size

        output_size = self.output_size

        use_clr = self.use_clr

        reduction = self.reduction

        dampening = self.dampening

        base_lr = self.base_lr

        max_lr = self.max_lr

        step_size_up = self.step_size_up

        step_size_down = self.step_size_down

        mode = self.mode

        gamma = self.gamma

        scale_mode = self.scale_mode

        cycle_momentum = self.cycle_momentum

        base_momentum = self.base_momentum

        max_momentum = self.max_momentum

        last_epoch = self.last_epoch

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "doc_id": doc_id,
                "kind": kind,
                "key": key,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if relations is not UNSET:
            field_dict["relations"] = relations
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
        from ..models.relations import Relations  # noqa: PLC0415
        from ..models.run_key import RunKey  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_doc_id(data: object) -> int | str:
            return cast(int | str, data)

        doc_id = _parse_doc_id(d.pop("doc_id"))

        kind = d.pop("kind")

        key = RunKey.from_dict(d.pop("key"))

        def _parse_created_at(data: object) -> datetime.datetime | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                created_at_type_0 = datetime.datetime.fromisoformat(data)

                return created_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        _relations = d.pop("relations", UNSET)
        relations: Relations | Unset
        if isinstance(_relations, Unset):
            relations = UNSET
        else:
            relations = Relations.from_dict(_relations)

        rounds = d.pop("rounds", UNSET)

        epochs = d.pop("epochs", UNSET)

        batch_size = d.pop("batch_size", UNSET)

        lr = d.pop("lr", UNSET)

        lr_decay = d.pop("lr_decay", UNSET)

        weight_decay = d.pop("weight_decay", UNSET)

        mu = d.pop("mu", UNSET)

        l1_lambda = d.pop("l1_lambda", UNSET)

        l2_lambda = d.pop("l2_lambda", UNSET)

        delta = d.pop("delta", UNSET)

        cumulative_delta = d.pop("cumulative_delta", UNSET)

        patience = d.pop("patience", UNSET)

        seed = d.pop("seed", UNSET)

        is_condensed = d.pop("is_condensed", UNSET)

        precision_fractional = d.pop("precision_fractional", UNSET)

        input_size = d.pop("input_size", UNSET)

        output_size = d.pop("output_size", UNSET)

        use_clr = d.pop("use_CLR", UNSET)

        reduction = d.pop("reduction", UNSET)

        dampening = d.pop("dampening", UNSET)

        base_lr = d.pop("base_lr", UNSET)

        max_lr = d.pop("max_lr", UNSET)

        step_size_up = d.pop("step_size_up", UNSET)

        step_size_down = d.pop("step_size_down", UNSET)

        mode = d.pop("mode", UNSET)

        gamma = d.pop("gamma", UNSET)

        scale_mode = d.pop("scale_mode", UNSET)

        cycle_momentum = d.pop("cycle_momentum", UNSET)

        base_momentum = d.pop("base_momentum", UNSET)

        max_momentum = d.pop("max_momentum", UNSET)

        last_epoch = d.pop("last_epoch", UNSET)

        run = cls(
            doc_id=doc_id,
            kind=kind,
            key=key,
            created_at=created_at,
            relations=relations,
            rounds=rounds,
            epochs=epochs,
            batch_size=batch_size,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            mu=mu,
            l1_lambda=l1_lambda,
            l2_lambda=l2_lambda,
            delta=delta,
            cumulative_delta=cumulative_delta,
            patience=patience,
            seed=seed,
            is_condensed=is_condensed,
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

        run.additional_properties = d
        return run

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
