"""The checks of arguments: what each annotation allows, what is made of it, and what is said of the rest."""

import fractions
import inspect
import logging
import math
from collections import OrderedDict, UserList
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal, Optional, Union

import numpy as np
import pytest
from recorder import Recorder

from synergos import InvalidArgument, InvalidId
from synergos.common.checks import Between, Count, DataTags, Id, Port, check, check_timeout, nearest, verb

Mode = Literal["max", "min"]


class Text(str):
    """A text of another class, such as an enumeration's."""


def found(value: object, annotation: Any) -> Any:
    return check("tasks.verb", "argument", value, annotation)


def refusal(value: object, annotation: Any, kind: type[InvalidArgument] = InvalidArgument) -> str:
    with pytest.raises(kind) as caught:
        found(value, annotation)
    message = str(caught.value)
    assert message.startswith("[tasks.verb] ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (True, bool),
        (False, bool),
        (7, int),
        (-7, int),
        (10**30, int),
        (0.5, float),
        (7, float),
        (math.inf, float),
        ("", str),
        ("ü", str),
        (None, type(None)),
        (None, str | None),
        ("a", str | None),
        ("a", Optional[str]),  # noqa: UP045
        (7, Union[int, str]),  # noqa: UP007
        ("7", int | str),
        ("max", Mode),
        ("max", Mode | None),
        (None, Mode | None),
        ([], Sequence[str]),
        (["a"], Sequence[str]),
        (["a"], list[str]),
        ([["a"], []], DataTags),
        ({}, Mapping[str, int]),
        ({"a": 1}, Mapping[str, int]),
        ({"a": 1}, dict[str, int]),
        ({"a": [["b"]]}, Mapping[str, DataTags]),
        ([{"a": None}], Sequence[Mapping[str, object]]),
        (1, Count),
        (10**6, Count),
        (1, Port),
        (65535, Port),
        (0, Annotated[int, Between(0, 1)]),
        ("a b#%?ü", Id),
        (".a", Id),
        ("...", Id),
        (" ", Id),
        (None, Id | None),
        (object, object),
        ({1, 2}, object),
        (b"x", Any),
    ],
)
def test_what_an_annotation_allows_is_passed_on_as_it_is(value: object, annotation: Any) -> None:
    assert found(value, annotation) == value
    assert type(found(value, annotation)) is type(value)


@pytest.mark.parametrize(
    ("value", "annotation", "words"),
    [
        (1, bool, "True or False"),
        (None, bool, "True or False"),
        ("True", bool, "True or False"),
        (True, int, "a whole number"),
        (7.0, int, "a whole number"),
        ("7", int, "a whole number"),
        (True, float, "a number"),
        ("0.5", float, "a number"),
        (Decimal("0.5"), float, "a number"),
        (1j, float, "a number"),
        (None, float, "a number"),
        (b"a", str, "a text"),
        (None, str, "a text"),
        (0, type(None), "None"),
        (7, str | None, "a text or None"),
        (7.5, int | str, "a whole number or a text"),
        ("MAX", Mode, "one of 'max', 'min'"),
        (b"max", Mode, "one of 'max', 'min'"),
        (["max"], Mode, "one of 'max', 'min'"),
        ("middle", Mode | None, "one of 'max', 'min' or None"),
        (True, Literal[1], "one of 1"),
        ("a", Sequence[str], "a list, each entry a text"),
        (b"a", Sequence[str], "a list, each entry a text"),
        ({"a": 1}, Sequence[str], "a list, each entry a text"),
        ((letter for letter in "a"), Sequence[str], "a list, each entry a text"),
        (7, Sequence[str], "a list, each entry a text"),
        (["a", 7], Sequence[str], "argument[1]=7"),
        ([["a"], "b"], DataTags, "argument[1]='b'"),
        ([["a", ["b"]]], DataTags, "argument[0][1]=['b']"),
        ([("a", 1)], Mapping[str, int], "a mapping of a text to a whole number"),
        ({"a": "1"}, Mapping[str, int], "argument['a']='1'"),
        ({1: 1}, Mapping[str, int], "a key of argument=1"),
        ({"a": {"b": 1}}, Mapping[str, Sequence[str]], "argument['a']={'b': 1}"),
        (0, Count, "a whole number of 1 or more"),
        (-1, Count, "a whole number of 1 or more"),
        (True, Count, "a whole number of 1 or more"),
        (1.0, Count, "a whole number of 1 or more"),
        (0, Port, "a whole number from 1 to 65535"),
        (65536, Port, "a whole number from 1 to 65535"),
        ("80", Port, "a whole number from 1 to 65535"),
        (0, Count | None, "a whole number of 1 or more or None"),
    ],
)
def test_what_an_annotation_does_not_allow_is_refused_in_words(value: object, annotation: Any, words: str) -> None:
    message = refusal(value, annotation)

    assert "argument" in message
    assert words in message


@pytest.mark.parametrize("value", ["", ".", "..", "/", "a/b", "/a", "a/", "\ud800", None, 7, b"a", ["a"], True])
def test_an_id_that_cannot_be_addressed_is_refused(value: object) -> None:
    assert repr(value) in refusal(value, Id, InvalidId)


@pytest.mark.parametrize("value", ["", "..", "a/b", 7])
def test_an_optional_id_is_held_to_the_same(value: object) -> None:
    refusal(value, Id | None, InvalidId)


@pytest.mark.parametrize(
    ("value", "annotation", "expected"),
    [
        (np.int64(7), int, 7),
        (np.uint8(7), Count, 7),
        (np.int32(8020), Port, 8020),
        (np.int64(7), float, 7),
        (np.float64(0.5), float, 0.5),
        (np.float32(0.5), float, 0.5),
        (np.float16(0.5), float, 0.5),
        (np.bool_(True), bool, True),
        (np.str_("a"), str, "a"),
        (np.str_("a"), Id, "a"),
        (np.str_("max"), Mode, "max"),
        (np.array(7), int, 7),
        (np.int64(7), int | str, 7),
        (np.bool_(False), bool | int | float | str, False),
        (np.float32(0.5), object, 0.5),
        (np.array([1, 2]), Sequence[int], [1, 2]),
        (np.array(["a"]), Sequence[str], ["a"]),
        (np.array([["a"]]), DataTags, [["a"]]),
        ({"a": np.int64(1)}, Mapping[str, int], {"a": 1}),
        ({"a": {"b": [np.float64(0.5)]}}, Mapping[str, Mapping[str, Sequence[object]]], {"a": {"b": [0.5]}}),
        (fractions.Fraction(1, 2), float, 0.5),
        (("a", "b"), Sequence[str], ["a", "b"]),
        ((("a",), ("b", "c")), DataTags, [["a"], ["b", "c"]]),
        (UserList(["a"]), Sequence[str], ["a"]),
        (range(2), Sequence[int], [0, 1]),
        (OrderedDict(a=1), Mapping[str, int], {"a": 1}),
        (MappingProxyType({"a": 1}), Mapping[str, int], {"a": 1}),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_json_takes_is_made_of_numbers_and_collections_of_other_kinds(
    value: object, annotation: Any, expected: object
) -> None:
    result = found(value, annotation)

    assert result == expected
    assert type(result) is type(expected)
    if isinstance(expected, list):
        assert [type(part) for part in result] == [type(part) for part in expected]


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (np.bool_(True), int),
        (np.bool_(True), float),
        (np.int64(1), bool),
        (np.float64(1.0), int),
        (np.int64(0), Count),
        (np.int64(1), str),
        (np.array([1]), int),
        (np.array([0.5]), Sequence[int]),
    ],
)
def test_numbers_of_numpy_are_held_to_the_same(value: object, annotation: Any) -> None:
    refusal(value, annotation)


def test_a_text_of_another_class_is_a_text() -> None:
    assert found(Text("a"), str) == "a"
    assert found(Text("a"), Id) == "a"


def test_a_value_of_many_lines_or_much_length_is_told_in_one_readable_line() -> None:
    assert len(refusal(np.zeros((100, 100)), int)) < 700
    assert len(refusal("x" * 10_000, int)) < 700


def test_what_is_passed_is_left_alone() -> None:
    tags = (("a",),)
    structure = {"bias": np.bool_(True)}

    found(tags, DataTags)
    found(structure, Mapping[str, bool])

    assert tags == (("a",),)
    assert type(structure["bias"]) is np.bool_


@pytest.mark.parametrize("timeout", [None, 0.001, 1, 3600, np.float32(2)])
def test_a_timeout_is_a_number_of_seconds_or_none(timeout: Any) -> None:
    check_timeout("models.create", timeout)


@pytest.mark.parametrize("timeout", [0, -1, math.nan, math.inf, -math.inf, "1", True, [1]])
def test_what_is_no_number_of_seconds_is_no_timeout(timeout: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^\[models.create\] timeout="):
        check_timeout("models.create", timeout)


# Names


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("epoch", "epochs"),
        ("learning_rate", None),
        ("lr_schedular", "lr_scheduler"),
        ("Optimizer", "optimizer"),
        ("optimiser", "optimizer"),
        ("batchsize", "batch_size"),
        ("step_size", None),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_that_of_a_likely_misspelling(name: str, near: str | None) -> None:
    known = ["epochs", "lr", "lr_scheduler", "optimizer", "batch_size", "step_size_up", "step_size_down"]

    assert nearest(name, known) == near


class Things:
    """Something with verbs, as the tasks are."""

    _returns_errors = False

    def __str__(self) -> str:
        return "things"

    @verb
    def create(self, thing_id: Id, *, number: Count = 1, names: Sequence[str] = ("a",)) -> tuple[Any, ...]:
        """Make a thing."""
        return thing_id, number, names

    @verb
    def change(self, *, number: int | None = None, **more: float) -> dict[str, Any]:
        """Change a thing."""
        return {"number": number, **more}


def test_a_verb_keeps_its_name_signature_and_help() -> None:
    assert Things.create.__name__ == "create"
    assert Things.create.__doc__ == "Make a thing."
    assert list(inspect.signature(Things.create).parameters) == ["self", "thing_id", "number", "names"]


def test_a_verb_gets_what_was_checked_and_its_defaults_as_they_are() -> None:
    assert Things().create("a", number=np.int64(2)) == ("a", 2, ("a",))
    assert Things().create(thing_id="a", names=("b",)) == ("a", 1, ["b"])


def test_a_verb_refuses_a_value_before_it_runs() -> None:
    with pytest.raises(InvalidArgument, match=r"^\[things.create\] number=0 is not allowed"):
        Things().create("a", number=0)
    with pytest.raises(InvalidId, match=r"^\[things.create\] thing_id='' cannot be addressed"):
        Things().create("")


def test_a_name_that_a_verb_does_not_know_is_refused_with_the_nearest_or_all() -> None:
    with pytest.raises(InvalidArgument, match=r"^\[things.create\] There is no argument 'numbr': .*'number'"):
        Things().create("a", numbr=2)
    with pytest.raises(InvalidArgument, match=r"'colour': there are thing_id, number, names"):
        Things().create("a", colour=2)


def test_names_beyond_those_that_a_verb_knows_are_held_to_their_annotation() -> None:
    assert Things().change(number=1, weight=np.float32(0.5)) == {"number": 1, "weight": 0.5}
    with pytest.raises(InvalidArgument, match=r"^\[things.change\] weight='heavy' is not allowed: .* a number"):
        Things().change(weight="heavy")
    with pytest.raises(InvalidArgument, match="did you mean 'number'"):
        Things().change(numbers=1)


def test_an_argument_that_is_missing_or_too_many_is_a_type_error_as_always() -> None:
    with pytest.raises(TypeError, match="thing_id"):
        Things().create()
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        Things().create("a", 2)
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        Things().create("a", 0)
    with pytest.raises(TypeError, match="multiple values"):
        Things().create("a", thing_id="b")


def test_a_name_that_a_verb_does_not_know_is_ignored_with_a_warning_where_errors_are_returned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    things = Things()
    things._returns_errors = True

    with caplog.at_level(logging.WARNING, logger="synergos"):
        assert things.create("a", numbr=2, colour=2) == ("a", 1, ("a",))
        assert things.change(numbers=1, weight=0.5) == {"number": None, "weight": 0.5}

    assert [(record.name, record.levelno) for record in caplog.records] == [("synergos", logging.WARNING)] * 3
    assert caplog.messages == [
        "[things.create] There is no argument 'numbr': did you mean 'number'? It is ignored.",
        "[things.create] There is no argument 'colour': there are thing_id, number, names. It is ignored.",
        "[things.change] There is no argument 'numbers': did you mean 'number'? It is ignored.",
    ]
    with pytest.raises(InvalidArgument, match="number=0"):
        things.create("a", number=0)


# The hyperparameters of a run

RUN = {"project_id": "p", "expt_id": "e", "run_id": "r"}


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("epoch", "epochs"),
        ("round", "rounds"),
        ("batchsize", "batch_size"),
        ("optimiser", "optimizer"),
        ("optimzer", "optimizer"),
        ("criteria", "criterion"),
        ("lr_schedular", "lr_scheduler"),
        ("wieght_decay", "weight_decay"),
        ("Seed", "seed"),
        ("max_Lr", "max_lr"),
        ("use_clr", "use_CLR"),
        ("run_idx", "run_id"),
    ],
)
@pytest.mark.parametrize("verb", ["runs.create", "runs.update"])
def test_a_hyperparameter_that_looks_misspelt_is_refused(
    verb: str, misspelt: str, meant: str, recorder: Recorder
) -> None:
    recorder.assert_refuses(verb, {**RUN, misspelt: 1}, repr(misspelt), f"did you mean {meant!r}?")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step_size", 5),
        ("momentum", 0.9),
        ("betas", [0.9, 0.999]),
        ("eta", 0.1),
        ("tau", 1e-3),
        ("nesterov", True),
        ("T_max", 10),
        ("milestones", [2, 4]),
        ("factor", 0.5),
        ("min_available", "all"),
    ],
)
@pytest.mark.parametrize("verb", ["runs.create", "runs.update"])
def test_a_hyperparameter_of_another_name_is_sent(verb: str, name: str, value: object, recorder: Recorder) -> None:
    recorder.call(verb, {**RUN, name: value})

    assert recorder.sent[0].body[name] == value


@pytest.mark.parametrize("value", [b"x", {"a": 1}, [[1]], object()])
def test_a_hyperparameter_is_a_number_a_text_a_bool_or_a_list_of_them(value: object, recorder: Recorder) -> None:
    recorder.assert_refuses("runs.create", {**RUN, "momentum": value}, "momentum")


def test_tuples_and_numpys_numbers_are_sent_as_json_has_them(recorder: Recorder) -> None:
    recorder.driver.runs.create(**RUN, lr=np.float64(0.5), rounds=np.int64(3), betas=(np.float32(0.5), 1))

    body = recorder.sent[0].body
    assert (body["lr"], body["rounds"], body["betas"]) == (0.5, 3, [0.5, 1])
