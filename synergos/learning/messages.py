"""What a message of a round says to a participant: which model to evaluate, what to train from it, and on which data.

A message asks for an evaluation, for a training, or for both: then the evaluation is that of the last round, and the
training the next. It carries all that a participant needs but its rows, so whoever was started anew meanwhile goes on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, cast

from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from torch import Tensor

from synergos.learning.alignment import Alignment
from synergos.learning.party import Dataset
from synergos.learning.task import State, Task

#: What a participant that is at work for long answers with, instead of what it was asked for.
BUSY = "busy"
#: Asks such a participant for what it was asked for before.
WAIT = "query.wait"
#: Tells a participant that nobody waits any more for what it was asked for.
STOP = "query.stop"


@dataclass(frozen=True)
class Order:
    """What one participant is to do in a round.

    Attributes:
        task: What is trained.
        alignment: What all agree on.
        dataset: Which of its data.
        weights: The global model's.
        evaluates: Whether it is to evaluate them.
        trains: Whether it is to train from them.
        mu: How much weights are held to the global ones, by FedProx.
        seed: Of the random numbers: by the round and by the participant's place among all, whatever its node is called.
    """

    task: Task
    alignment: Alignment
    dataset: Dataset
    weights: State
    evaluates: bool
    trains: bool
    mu: float
    seed: int

    @classmethod
    def read(cls, message: Message) -> Self:
        """Read what :func:`combined` wrote."""
        config = message.content.config_records["config"]
        to = message.content.config_records["to"]
        task = _task(cast(str, config["task"]))
        return cls(
            task=task,
            alignment=_alignment(cast(str, config["alignment"])),
            dataset=_dataset(cast(str, to["dataset"])),
            weights=message.content.array_records["arrays"].to_torch_state_dict(),
            evaluates=cast(bool, to["evaluates"]),
            trains=cast(bool, to["trains"]),
            mu=float(cast(float, config.get("proximal-mu", 0.0))),
            seed=hash((task.seed, cast(int, config["server-round"]), cast(int, to["place"]))) % 2**63,
        )


def config(task: Task, alignment: Alignment) -> ConfigRecord:
    """Write what is the same for all participants of a training."""
    return ConfigRecord({"task": task.dumps(), "alignment": json.dumps(alignment.shared().to_dict())})


def combined(training: Message | None, evaluation: Message | None, place: int, dataset: Dataset) -> Message:
    """Make one message of what a strategy asks of one participant, with the weights that it asks both about.

    Args:
        training: The strategy's message that asks for a training, if any.
        evaluation: The one that asks for an evaluation, if any; at least one of both.
        place: The participant's place among all, from 1.
        dataset: Which of its data.
    """
    asked = training if training is not None else evaluation
    assert asked is not None
    to = ConfigRecord(
        {
            "place": place,
            "dataset": json.dumps(vars(dataset)),
            "evaluates": evaluation is not None,
            "trains": training is not None,
        }
    )
    content = RecordDict({"config": asked.content["config"], "to": to, "arrays": asked.content["arrays"]})
    return Message(content, dst_node_id=asked.metadata.dst_node_id, message_type=asked.metadata.message_type)


def evaluation_of(reply: Message) -> Message:
    """Take out of a reply what an evaluation found, as a reply of its own, for strategies take nothing besides."""
    if reply.has_error():
        return reply
    content = RecordDict({"metrics": reply.content.pop("evaluation")})
    return Message(content, dst_node_id=reply.metadata.src_node_id, message_type=MessageType.EVALUATE)


def is_whole(content: RecordDict, *, trains: bool, evaluates: bool) -> bool:
    """See that a participant answered what it was asked, and that Flower's strategies can take it."""
    measured = [name for name, is_asked in (("evaluation", evaluates), ("metrics", trains)) if is_asked]
    found = [content.metric_records.get(name, MetricRecord()) for name in measured]
    return ("arrays" in content.array_records or not trains) and all(
        isinstance(one.get("loss"), float) and isinstance(one.get("rows"), int) for one in found
    )


def pack(weights: Mapping[str, Tensor]) -> ArrayRecord:
    """Write weights as floats throughout: a strategy cannot average integers in place."""
    return ArrayRecord({name: tensor.detach().float() for name, tensor in weights.items()})


def of_job(message: Message, job: str) -> None:
    """Add to a message which job of the TTP it belongs to."""
    message.content = RecordDict({**message.content, "job": ConfigRecord({"id": job})})


def job_of(message: Message) -> str:
    """Which job of the TTP a message belongs to; none is the empty text."""
    records = message.content.config_records
    return str(records["job"]["id"]) if "job" in records else ""


_task = lru_cache(maxsize=8)(Task.loads)


@lru_cache(maxsize=8)
def _alignment(text: str) -> Alignment:
    return Alignment.from_dict(json.loads(text))


@lru_cache(maxsize=64)
def _dataset(text: str) -> Dataset:
    return Dataset(**json.loads(text))
