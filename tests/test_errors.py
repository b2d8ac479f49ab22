"""The errors: what each is, what it says in one line, and that it survives being copied and sent elsewhere."""

import copy
import pickle

import pytest
from recorder import Recorder

import synergos
from synergos import (
    BadRequest,
    Conflict,
    Driver,
    Forbidden,
    InvalidArgument,
    InvalidId,
    NotFound,
    PhaseError,
    Rejected,
    ServerFailure,
    StatusError,
    SynergosError,
    TimedOut,
    Unreachable,
    Unreadable,
)

STATUS_ERRORS: list[type[StatusError]] = [
    StatusError,
    BadRequest,
    Forbidden,
    NotFound,
    Conflict,
    Rejected,
    ServerFailure,
]
PLAIN_ERRORS: list[type[SynergosError]] = [
    SynergosError,
    InvalidArgument,
    InvalidId,
    PhaseError,
    Unreachable,
    TimedOut,
]
DERIVED = ("alignments", "models", "optimizations", "validations", "predictions")


def status_error(kind: type[StatusError] = NotFound, message: str = "It is not there.") -> StatusError:
    return kind("projects.read", 404, message, {"project_id": "p2"}, '{"message": "It is not there."}')


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        (InvalidArgument, (ValueError,)),
        (InvalidId, (InvalidArgument, ValueError)),
        (PhaseError, (AttributeError, NotImplementedError)),
        (Unreachable, (ConnectionError, OSError)),
        (TimedOut, (TimeoutError, OSError)),
        (Unreadable, ()),
        (StatusError, ()),
        (BadRequest, (StatusError,)),
        (Forbidden, (StatusError,)),
        (Conflict, (StatusError,)),
        (NotFound, (StatusError, LookupError)),
        (Rejected, (StatusError, ValueError)),
        (ServerFailure, (StatusError,)),
    ],
)
def test_each_error_is_also_the_builtin_that_fits(
    kind: type[SynergosError], bases: tuple[type[Exception], ...]
) -> None:
    assert issubclass(kind, (SynergosError, *bases))
    assert all(issubclass(kind, base) for base in bases)


def test_every_error_is_a_name_of_the_package_and_described() -> None:
    kinds = [*STATUS_ERRORS, *PLAIN_ERRORS, Unreadable]

    for kind in kinds:
        assert getattr(synergos, kind.__name__) is kind
        assert kind.__name__ in synergos.__all__
        assert kind.__doc__


def test_a_status_error_says_operation_status_message_and_ids_in_one_line() -> None:
    assert str(status_error()) == "[projects.read] 404 It is not there. (project_id='p2')"


def test_a_status_error_of_a_call_without_ids_has_none_in_its_line() -> None:
    assert str(ServerFailure("projects.read_all", 500, "No.", {}, "")) == "[projects.read_all] 500 No."


@pytest.mark.parametrize("message", ["a\nb", "a\r\nb", "a\n\n  b", "a\u2028b", "a \n b\n"])
def test_lines_become_one_line(message: str) -> None:
    assert len(str(status_error(message=message)).splitlines()) == 1
    assert len(str(Unreadable("[projects.read] No JSON.", message)).splitlines()) == 1


def test_spaces_in_a_message_stay() -> None:
    assert "'a  b'" in str(status_error(message="Project 'a  b' is not there."))


def test_a_long_message_is_cut_and_its_length_told() -> None:
    error = status_error(message="x" * 501)

    assert "x" * 500 + "… (501 characters)" in str(error)
    assert "x" * 501 not in str(error)
    assert error.message == "x" * 501


def test_a_message_of_five_hundred_characters_is_told_in_full() -> None:
    assert "…" not in str(status_error(message="x" * 500))


def test_a_long_body_is_cut_and_kept() -> None:
    error = Unreadable("[projects.read] No JSON.", "<p>" + "x" * 10_000)

    assert len(str(error)) < 600
    assert "(10003 characters)" in str(error)
    assert len(str(error.body)) == 10_003


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", STATUS_ERRORS)
def test_a_status_error_can_be_pickled(kind: type[StatusError], protocol: int) -> None:
    error = status_error(kind)

    found = pickle.loads(pickle.dumps(error, protocol))

    assert type(found) is kind
    assert vars(found) == vars(error)
    assert str(found) == str(error)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize(
    "error",
    [*(status_error(kind) for kind in STATUS_ERRORS), *(kind("[x] It.") for kind in PLAIN_ERRORS), Unreadable("m", 1)],
    ids=lambda error: type(error).__name__,
)
def test_an_error_can_be_copied(error: SynergosError, duplicate: object) -> None:
    assert callable(duplicate)
    found = duplicate(error)

    assert type(found) is type(error)
    assert vars(found) == vars(error)
    assert str(found) == str(error)


def test_the_ids_of_an_error_are_its_own() -> None:
    ids = {"project_id": "p"}
    error = NotFound("projects.read", 404, "", ids, "")
    ids["project_id"] = "q"

    assert error.ids == {"project_id": "p"}


# Verbs that a phase does not have


@pytest.mark.parametrize("task", DERIVED)
@pytest.mark.parametrize("verb", ["read_all", "update", "delete"])
def test_a_verb_that_the_phase_lacks_says_what_to_do(task: str, verb: str) -> None:
    with pytest.raises(PhaseError) as caught:
        getattr(getattr(Driver("localhost", 5000), task), verb)

    message = str(caught.value)
    assert f"{task}.{verb}" in message
    assert ("read()" if verb == "read_all" else "create()") in message
    assert "\n" not in message


@pytest.mark.parametrize("base", [SynergosError, AttributeError, NotImplementedError])
def test_a_verb_that_the_phase_lacks_raises_what_its_callers_know(base: type[Exception]) -> None:
    with pytest.raises(base):
        Driver("localhost", 5000).models.update(project_id="p")


@pytest.mark.parametrize("task", DERIVED)
def test_a_verb_that_the_phase_lacks_is_no_attribute(task: str) -> None:
    subject = getattr(Driver("localhost", 5000), task)

    for verb in ("read_all", "update", "delete"):
        assert not hasattr(subject, verb)
        assert verb not in dir(subject)


def test_a_name_that_is_no_verb_is_a_plain_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'ModelTask' object has no attribute 'train'") as caught:
        Driver("localhost", 5000).models.train()

    assert not isinstance(caught.value, PhaseError)


def test_builtin_names_catch_what_a_ttp_says(recorder: Recorder) -> None:
    recorder.respond(404, json={"message": "no"})
    with pytest.raises(LookupError):
        recorder.driver.projects.read(project_id="p")

    recorder.respond(417, json={"message": "no"})
    with pytest.raises(ValueError, match="417 no"):
        recorder.driver.projects.create(project_id="p", action="classify")


@pytest.mark.parametrize("size", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize(
    "mark", ["<", ">", "<a", "<script>", "</script", "<head ", "a ", "\n", "&", "500 ", "\x1b"], ids=repr
)
def test_of_a_page_no_more_is_looked_at_than_the_beginning(mark: str, size: int) -> None:
    page = mark * (size // len(mark))
    make = synergos.errors.status_error
    error, longer = (make("projects.read", 500, "", {}, f"{page}{end}") for end in ("", f"{mark * 1000}END"))

    assert len(str(error)) < 1000
    if size > 64 * 1024:
        assert error.message == longer.message
        assert len(error.message) < 5 * 64 * 1024
