"""How what a TTP asks of a participant travels, and the answer: each a record of Flower's, weights beside the rest.

Rounds of a training have messages of their own (:mod:`synergos.learning.messages`); all else that
:class:`~synergos.learning.party.Party` names is a question. What arrives is held against the types that the interface
declares, on both sides: neither believes the other.
"""

import inspect
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast, get_type_hints

from flwr.app import ArrayRecord, ConfigRecord, RecordDict
from pydantic import TypeAdapter, ValidationError

from synergos.learning.alignment import Alignment
from synergos.learning.errors import Rejected
from synergos.learning.party import Party
from synergos.learning.task import State, Task

#: What can be asked besides rounds.
QUESTIONS = ("describe", "measure", "report", "prepare", "evaluate", "predict")


def ask(name: str, **arguments: object) -> RecordDict:
    """Write a question.

    Args:
        name: The method of a party, one of :data:`QUESTIONS`.
        **arguments: Its arguments.
    """
    hints, content = _arguments(name), RecordDict()
    plain: dict[str, object] = {}
    for key, value in arguments.items():
        if hints[key] == State:
            content["weights"] = ArrayRecord(cast(State, value))
        else:
            plain[key] = _plain(hints[key], value)
    content["question"] = ConfigRecord({"arguments": json.dumps(plain)})
    return content


def read_question(name: str, content: RecordDict) -> dict[str, Any]:
    """Read the arguments of a question.

    Raises:
        Rejected: They are not those of the question.
    """
    try:
        plain = json.loads(cast(str, content.config_records["question"]["arguments"]))
        hints = _arguments(name)
        read = {key: _read(hints[key], value) for key, value in plain.items()}
        for key, hint in hints.items():
            if hint == State:
                read[key] = content.array_records["weights"].to_torch_state_dict()
        if missing := [key for key in hints if key not in read]:
            raise ValueError(f"without {', '.join(missing)}")
    except _WRONG as error:
        raise Rejected(f"the question {name!r} cannot be read: {_first_line(error)}") from error
    return read


def answer(name: str, value: object) -> RecordDict:
    """Write the answer to a question."""
    return RecordDict({"answer": ConfigRecord({"answer": json.dumps(_plain(_answer(name), value))})})


def read_answer(name: str, content: RecordDict) -> Any:
    """Read the answer to a question.

    Raises:
        Rejected: It is none.
    """
    try:
        return _read(_answer(name), json.loads(cast(str, content.config_records["answer"]["answer"])))
    except _WRONG as error:
        raise Rejected(f"the answer to {name!r} cannot be read: {_first_line(error)}") from error


_WRONG = (KeyError, TypeError, ValueError, ValidationError)


@cache
def _arguments(name: str) -> Mapping[str, Any]:
    hints = get_type_hints(getattr(Party, name))
    return {key: hints[key] for key in inspect.signature(getattr(Party, name)).parameters if key != "self"}


@cache
def _answer(name: str) -> Any:
    return get_type_hints(getattr(Party, name))["return"]


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def _plain(hint: Any, value: Any) -> object:
    if hint is Task:
        return cast(Task, value).dumps()
    if hint is Alignment:
        return cast(Alignment, value).to_dict()
    return _adapter(hint).dump_python(value)


def _read(hint: Any, value: Any) -> object:
    if hint is Task:
        return Task.loads(value)
    if hint is Alignment:
        return Alignment.from_dict(value)
    return _adapter(hint).validate_python(value)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]
