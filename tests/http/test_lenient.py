"""What is answered may differ from the contract, and is still of use; what is as the contract says is read in full."""

import contextlib
import copy
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import pytest
import synergos_client
from recorder import Recorder
from synergos_client import models

from synergos import Driver, NotAnswered, Reply, Unreadable
from synergos.http.answers import mended

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "wire"
CONTRACT: dict[str, Any] = json.loads((Path(synergos_client.__path__[0]) / "openapi.json").read_text(encoding="utf-8"))
RUN = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "fedprox_10"}
PAIR = {"project_id": "penguins", "participant_id": "biscoe"}


class Read(NamedTuple):
    """The call that reads a kind of record."""

    verb: str
    arguments: Mapping[str, str]
    is_list: bool = False


READS = {
    "Collaboration": Read("collaborations.read", {"collab_id": "antarctica"}),
    "Project": Read("projects.read", {"project_id": "penguins"}),
    "Experiment": Read("experiments.read", {"project_id": "penguins", "expt_id": "one_layer"}),
    "Run": Read("runs.read", RUN),
    "Participant": Read("participants.read", {"participant_id": "biscoe"}),
    "Registration": Read("registrations.read", PAIR),
    "Tag": Read("tags.read", PAIR),
    "Alignment": Read("alignments.read", {"project_id": "penguins"}, is_list=True),
    "Model": Read("models.read", RUN, is_list=True),
    "Validation": Read("validations.read", RUN, is_list=True),
    "Prediction": Read("predictions.read", {**RUN, "participant_id": "biscoe"}, is_list=True),
}


def records_in(data: object) -> Iterator[dict[str, Any]]:
    for record in data if isinstance(data, list) else [data]:
        if isinstance(record, dict) and "kind" in record:
            yield record


def examples() -> dict[str, list[dict[str, Any]]]:
    """The records of the contract's examples by their kind."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for answer in CONTRACT["components"]["responses"].values():
        for record in records_in(answer["content"]["application/json"]["example"].get("data")):
            found[record["kind"]].append(record)
    return found


def full(kind: str) -> dict[str, Any]:
    """The record of a kind with everything that the examples show of it, and records in its relations."""
    shown = EXAMPLES[kind]
    record: dict[str, Any] = copy.deepcopy({name: value for one in shown for name, value in one.items()})
    for name in record.get("relations", {}):
        child = copy.deepcopy(EXAMPLES[name][0])
        child.pop("relations", None)
        child["key"] |= record["key"]
        record["relations"][name] = [child]
    return record


EXAMPLES = examples()

Pointer = tuple[str | int, ...]


def parts(value: object, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Everything inside a value, with where it stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in items:
        yield (*pointer, step), part
        yield from parts(part, (*pointer, step))


def changed(record: dict[str, Any], pointer: Pointer, change: Callable[[Any, Any], None]) -> dict[str, Any]:
    """A copy of a record in which one part is changed."""
    whole = copy.deepcopy(record)
    node: Any = whole
    for step in pointer[:-1]:
        node = node[step]
    change(node, pointer[-1])
    return whole


def to(make: Callable[[Any], Any]) -> Callable[[Any, Any], None]:
    def change(node: Any, step: Any) -> None:
        node[step] = make(node[step])

    return change


def replace_by(other: object) -> Callable[[Any, Any], None]:
    return to(lambda _: other)


def remove(node: Any, step: Any) -> None:
    del node[step]


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# A change, and which parts it is made to: these leave every answer readable ...
HARMLESS: dict[str, tuple[Callable[[Any, Any], None], Callable[[Any], bool]]] = {
    "an unknown value": (to(lambda _: "brand_new"), lambda part: isinstance(part, str)),
    "a fraction": (to(lambda number: number + 0.5), is_number),
    "a number in scientific notation": (to(lambda number: float(f"{number}e0")), is_number),
    "a number that is too large": (to(lambda _: 10**30), is_number),
    "NaN": (to(lambda _: math.nan), is_number),
    "a number as text": (to(str), is_number),
    "a number for a text": (to(lambda _: 7), lambda part: isinstance(part, str)),
    "a number for a truth": (to(int), lambda part: isinstance(part, bool)),
    "further fields": (
        to(lambda part: {**part, "brand_new": {"of": ["any", None]}}),
        lambda part: isinstance(part, dict),
    ),
    "an empty list": (to(lambda _: []), lambda part: isinstance(part, list)),
}
# ... and these only where the part is not always there.
HARMLESS_IF_OPTIONAL: dict[str, tuple[Callable[[Any, Any], None], Callable[[Any], bool]]] = {
    "null": (to(lambda _: None), lambda part: True),
    "absent": (remove, lambda part: True),
}
# What is required of a record, by the names that lead there; the rest may be absent or null.
REQUIRED = {
    *(
        "doc_id",
        "kind",
        "key",
        "id",
        "role",
        "train",
        "global",
        "model",
        "evaluate",
        "predict",
        "statistics",
        "res_path",
    ),
    *("is_input", "l_type", "origin", "path", "loss_history", "host", "port", "f_port"),
    *("collab_id", "project_id", "expt_id", "run_id", "participant_id"),
}


OTHER_SHAPES: tuple[object, ...] = ("text", 7, [], {}, [[]], [{}], True, None)


def is_optional(pointer: Pointer) -> bool:
    """Whether a part may be left out. Names mean different things in different kinds: what is in doubt is not."""
    return isinstance(pointer[-1], str) and pointer[-1] not in REQUIRED


def is_id_of_record(pointer: Pointer) -> bool:
    """Whether a part tells which record it is: another one there is another record."""
    return len(pointer) == 2 and pointer[0] == "key"


def read(recorder: Recorder, kind: str, record: dict[str, Any]) -> Reply[Any]:
    """Read a record that the TTP answers as it is given here."""
    call = READS[kind]
    body = {"status": 200, "params": {}, "data": [record] if call.is_list else record}
    recorder.respond(200, content=json.dumps(body))
    reply = recorder.call(call.verb, dict(call.arguments))
    assert isinstance(reply, Reply)
    assert json.dumps(reply) == json.dumps(body), "the dict is the answer as it was sent"
    return reply


def whether_readable(recorder: Recorder, kind: str, record: dict[str, Any]) -> bool:
    try:
        reply = read(recorder, kind, record)
    except Unreadable as error:
        # What has the ids of another record is not believed to be this one.
        assert "another record" in error.message
        return False
    try:
        touch(reply.data)
    except Unreadable:
        return False
    return True


def touch(node: Any) -> None:
    """Read every field of a typed object. What is not there says so, or is None."""
    if isinstance(node, list):
        for part in node:
            touch(part)
    elif attrs.has(type(node)):
        for name in (*(field.name for field in attrs.fields(type(node))), "additional_properties"):
            with contextlib.suppress(NotAnswered):
                touch(getattr(node, name))


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("kind", READS)
def test_what_the_contract_does_not_foresee_is_read(kind: str, name: str, recorder: Recorder) -> None:
    change, is_concerned = HARMLESS[name]
    record = full(kind)
    pointers = [pointer for pointer, part in parts(record) if is_concerned(part) and not is_id_of_record(pointer)]
    unread = [where for where in pointers if not whether_readable(recorder, kind, changed(record, where, change))]
    assert pointers or name not in ("an unknown value", "further fields")
    assert unread == []


@pytest.mark.parametrize("name", HARMLESS_IF_OPTIONAL)
@pytest.mark.parametrize("kind", READS)
def test_what_is_optional_may_be_null_or_absent(kind: str, name: str, recorder: Recorder) -> None:
    change, _ = HARMLESS_IF_OPTIONAL[name]
    record = full(kind)
    pointers = [pointer for pointer, _ in parts(record)]
    unread = [where for where in pointers if not whether_readable(recorder, kind, changed(record, where, change))]
    assert [where for where in unread if is_optional(where)] == []


@pytest.mark.parametrize("kind", READS)
def test_everything_that_is_optional_may_be_null_at_once(kind: str, recorder: Recorder) -> None:
    record = full(kind)
    for name in record.keys() - REQUIRED:
        record[name] = None
    assert whether_readable(recorder, kind, record)


@pytest.mark.parametrize("kind", READS)
def test_without_what_is_always_there_the_answer_is_a_dict(kind: str, recorder: Recorder) -> None:
    record = full(kind)
    del record["key"]
    reply = read(recorder, kind, record)
    with pytest.raises(Unreadable, match="key") as raised:
        _ = reply.data
    assert raised.value.body == dict(reply)


@pytest.mark.parametrize("kind", READS)
def test_a_part_of_another_shape_leaves_the_answer_a_dict(kind: str, recorder: Recorder) -> None:
    record = full(kind)
    for pointer, part in parts(record):
        for other in OTHER_SHAPES:
            if type(other) is not type(part):
                whether_readable(recorder, kind, changed(record, pointer, replace_by(other)))


@pytest.mark.parametrize("kind", READS)
def test_an_example_is_read_without_leftovers_and_given_back(kind: str, recorder: Recorder) -> None:
    assert EXAMPLES[kind]
    asked = READS[kind].arguments
    for example in (*EXAMPLES[kind], full(kind)):
        # Some are of other records than the call asks for.
        key = {name: asked.get(name, value) for name, value in example["key"].items()}
        record = {**example, "key": key}
        data = read(recorder, kind, record).data
        (typed,) = data if isinstance(data, list) else [data]
        assert leftovers(typed) == []
        assert typed.to_dict() == record


@pytest.mark.parametrize("kind", [kind for kind in READS if kind != "Collaboration"])
def test_a_record_of_the_sandbox_is_read_without_leftovers_and_given_back(kind: str, trained: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam", "participant_id": "biscoe"}
    task, verb = READS[kind].verb.split(".")
    reply = getattr(getattr(trained, task), verb)(**{name: ids[name] for name in READS[kind].arguments})
    sent, typed = ([reply["data"]], [reply.data]) if not READS[kind].is_list else (reply["data"], reply.data)
    assert [leftovers(one) for one in typed] == [[] for _ in sent]
    assert [one.to_dict() for one in typed] == sent


def recorded() -> list[Any]:
    found = []
    for path in sorted(RECORDINGS.glob("v[48]/[0-9]*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["response"]["body"]
        if isinstance(body, dict) and any(records_in(body.get("data"))):
            found.append(pytest.param(body, id=f"{path.parent.name}-{path.stem}"))
    return found


# A few answers to POST are the record as the TTP stores it, with what is nobody's business.
AS_STORED = {".link", ".relations"}


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
@pytest.mark.parametrize("body", recorded())
def test_a_record_of_a_real_ttp_is_read_without_leftovers_and_given_back(body: dict[str, Any]) -> None:
    for record in records_in(body["data"]):
        whole = mended(record, body["params"].get("collab_id"))
        typed = getattr(models, record["kind"]).from_dict(whole)
        assert set(leftovers(typed)) <= (AS_STORED if "created_at" in record else set())
        assert typed.to_dict() == whole


def leftovers(node: Any, where: str = "") -> list[str]:
    """The fields that a typed object has and its class does not, but for those of classes that take any."""
    if isinstance(node, list):
        return [found for index, part in enumerate(node) for found in leftovers(part, f"{where}[{index}]")]
    if not attrs.has(type(node)):
        return []
    named = [field.name for field in attrs.fields(type(node)) if field.name != "additional_properties"]
    rest: dict[str, Any] = getattr(node, "additional_properties", {})
    found = [
        f"{where}.{name}"
        for name in rest
        # A map has no fields of its own; participants' models and nodes are numbered.
        if named and not re.fullmatch(r"(local|node)_\d+", name)
    ]
    inside = [*((name, getattr(node, name, None)) for name in named), *rest.items()]
    return [*found, *(one for name, part in inside for one in leftovers(part, f"{where}.{name}"))]
