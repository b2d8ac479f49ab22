"""Questions and answers between machines: they arrive as they were sent, and hold what the guide says and no more."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import torch
from flwr.app import ConfigRecord, RecordDict

from synergos.learning.errors import Rejected
from synergos.learning.party import Dataset, Evaluation, Participant, Party
from synergos.learning.questions import QUESTIONS, answer, ask, read_answer, read_question
from synergos.learning.task import State

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "grid-of-machines.md"
DATASET = Dataset.of(Participant("biscoe", train=[["2020", "north"]], evaluate=[["été"]]), "classify", ["dream"])


def fields_of(kind: Any) -> Iterator[str]:
    """The names of all fields that a value of a type is written with."""
    if dataclasses.is_dataclass(kind):
        for name, hint in get_type_hints(kind).items():
            yield name
            yield from fields_of(hint)
    for part in get_args(kind):
        yield from fields_of(part)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_guide_names_every_field_of_an_answer(question: str) -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE.read_text(encoding="utf-8")))
    fields = set(fields_of(get_type_hints(getattr(Party, question))["return"]))

    # Of an example of a value there is nothing to name: it is not sent.
    assert {*fields, question} - named <= {"file", "row", "value"}
    assert fields


def test_all_that_a_party_is_asked_is_a_question_or_a_round() -> None:
    methods = {name for name in vars(Party) if not name.startswith("_")}

    assert methods == {*QUESTIONS, "train", "loss"}


def test_a_question_arrives_as_it_was_asked() -> None:
    assert read_question("describe", ask("describe", dataset=DATASET)) == {"dataset": DATASET}


def test_weights_keep_their_types_and_every_bit() -> None:
    weights: State = {
        "0.weight": torch.tensor([[0.1, float("nan")], [1e-45, -0.0]]),
        "0.bias": torch.tensor([1 / 3], dtype=torch.float64),
        "1.num_batches_tracked": torch.tensor(3),
    }
    sent = ask("evaluate", weights=weights, folder=None)

    arrived = sent.array_records["weights"].to_torch_state_dict()

    for name, tensor in weights.items():
        assert arrived[name].dtype == tensor.dtype
        assert arrived[name].numpy().tobytes() == tensor.numpy().tobytes()


def test_an_answer_arrives_as_it_was_given() -> None:
    given = Evaluation({"accuracy": [0.1 + 0.2, 1e-300], "TPs": [3, 4]}, None)

    arrived = read_answer("evaluate", answer("evaluate", given))

    assert arrived == given
    assert json.dumps(dict(arrived.statistics)) == json.dumps(dict(given.statistics))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no json",
        "null",
        "[]",
        "{}",
        '{"statistics": 3, "res_path": null}',
        '{"statistics": {"a": [[]]}, "res_path": null}',
        '{"statistics": {}, "res_path": 7}',
    ],
)
def test_what_is_no_answer_is_refused(said: str) -> None:
    with pytest.raises(Rejected, match="the answer to 'evaluate' cannot be read"):
        read_answer("evaluate", RecordDict({"answer": ConfigRecord({"answer": said})}))


@pytest.mark.parametrize("said", ["", "{}", '{"dataset": {"action": "classify"}}', '{"dataset": null}', '{"other": 1}'])
def test_what_is_no_question_is_refused(said: str) -> None:
    with pytest.raises(Rejected, match="the question 'describe' cannot be read"):
        read_question("describe", RecordDict({"question": ConfigRecord({"arguments": said})}))


def test_an_answer_without_its_record_is_refused() -> None:
    with pytest.raises(Rejected, match="cannot be read"):
        read_answer("describe", RecordDict())
