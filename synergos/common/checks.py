"""Checks of what a user passes, by the annotations of the method that it is passed to.

The signature of a verb says what each argument may be. These functions hold the values against it before anything is
sent, so that a TTP never sees a wrong type, and the user learns which argument it was and what is allowed.
"""

import functools
import inspect
import itertools
import logging
import math
import numbers
import re
import types
import typing
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Concatenate, Literal, NamedTuple, ParamSpec, Protocol, TypeVar

from synergos.common.misspelt import nearest
from synergos.common.text import one_line
from synergos.errors import InvalidArgument, InvalidId

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger("synergos")


class Asked(Protocol):
    """What has verbs: a task."""

    _returns_errors: bool
    """Whether it returns errors and does not raise them, for code written for the first Synergos."""

    def _refused(self, error: InvalidArgument) -> dict[str, Any]:
        """What it returns in place of raising that an argument cannot be right."""


S = TypeVar("S", bound=Asked)


class Between(NamedTuple):
    """Bounds of a whole number, both allowed; None for no upper one."""

    least: int
    most: int | None = None


class Addressable(NamedTuple):
    """What a text must be to stand in a path."""


class CheckedLater(NamedTuple):
    """What no annotation can tell: it is passed on as it is, and the method checks it."""


Id = Annotated[str, Addressable()]
Count = Annotated[int, Between(1)]
Port = Annotated[int, Between(1, 65535)]
OptionalPort = Annotated[int, Between(0, 65535)]
DataTags = Sequence[Sequence[str]]

# Names of the first Synergos, and what they are called now.
_OLD_NAMES = {"log_msg": "log_msgs", "node_id": "name"}


def verb(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Make a method check its arguments, by its annotations, before it runs.

    Args:
        method: A method of a task. The task as text and the method's name stand in the errors.

    Returns:
        The method, with the same signature and help. It raises `InvalidArgument` for a name that it does not know, with
        the nearest that it does, and for a value that its annotation does not allow; `InvalidId` for an id. A task that
        returns errors returns these too, from every method that returns a dict. Names of the first Synergos are taken
        with a `DeprecationWarning`.
    """
    parameters = list(inspect.signature(method).parameters.values())[1:]
    known = [parameter.name for parameter in parameters if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
    takes_any = len(known) < len(parameters)
    further = parameters[-1].name if takes_any else ""
    by_place = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]

    @functools.cache
    def hints() -> dict[str, Any]:
        return typing.get_type_hints(method, include_extras=True)

    def returns_dict() -> bool:
        kind = hints().get("return")
        found = typing.get_origin(kind) or kind
        return isinstance(found, type) and issubclass(found, dict)

    @functools.wraps(method)
    def checked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(self, *args, **kwargs)
        except InvalidArgument as error:
            if self._returns_errors and returns_dict():
                return self._refused(error)  # type: ignore[return-value]
            raise

    def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        operation = f"{self}.{method.__name__}"
        for old in [old for old in kwargs if old in _OLD_NAMES and old not in known]:
            now = _OLD_NAMES[old]
            if now in known and now not in kwargs:
                text = f"[{operation}] {old!r} is called {now!r} now."
                # The line that called the verb: above this one are `checked` and that.
                warnings.warn(text, DeprecationWarning, stacklevel=3)
                kwargs[now] = kwargs.pop(old)
        for name in [name for name in kwargs if name not in known]:
            problem = unknown_name("argument", name, known, takes_any=takes_any)
            if problem and not self._returns_errors:
                raise InvalidArgument(f"[{operation}] {problem}")
            if problem:
                # The first Synergos took any name, and code written for it has some that never meant anything.
                logger.warning("[%s] %s It is ignored.", operation, problem)
                del kwargs[name]
        allowed = hints()
        # What is too much or too little, Python's own error says when the method is called.
        in_order: Any = [
            check(operation, name, value, allowed[name]) if name else value
            for name, value in itertools.zip_longest(by_place[: len(args)], args)
        ]
        by_name: Any = {
            name: check(operation, name, value, allowed[name if name in known else further])
            for name, value in kwargs.items()
        }
        return method(self, *in_order, **by_name)

    return checked


def check(operation: str, name: str, value: object, annotation: Any) -> Any:
    """Hold a value against an annotation.

    Args:
        operation: The verb, `runs.create` for example; it stands in the error.
        name: The argument, or the part of it, for the error.
        value: What was passed.
        annotation: What is allowed: bool, int, float, str, datetime, None, a literal, a sequence, a mapping, a union of
            these, an id, or a number between bounds. Any other annotation allows everything.

    Returns:
        The value, as JSON will take it: numpy's numbers as Python's, any sequence as a list, any mapping as a dict.

    Raises:
        InvalidArgument: When the value is not allowed. It says what was passed and what is allowed.
        InvalidId: When it is an id that cannot be addressed.
    """
    if hasattr(value, "item") and hasattr(value, "dtype") and not getattr(value, "shape", ()):
        value = value.item()
    found = _convert(operation, name, value, annotation)
    if found is _WRONG:
        raise InvalidArgument(
            f"[{operation}] {name}={_shown(value)} is not allowed: it must be {describe(annotation)}."
        )
    return found


def _shown(value: object) -> str:
    try:
        return one_line(repr(value))
    except Exception:
        # A number of thousands of digits has no text, and what others make may fail in any way.
        return f"<{type(value).__name__}>"


def allows(value: object, annotation: Any) -> bool:
    """Whether an annotation allows a value."""
    try:
        return _convert("", "", value, annotation) is not _WRONG
    except InvalidArgument:
        return False


def check_timeout(operation: str, timeout: float | None, name: str = "timeout") -> None:
    """Refuse a timeout that no answer can keep, or that is not a number of seconds.

    Args:
        operation: The verb, `models.create` for example; it stands in the error.
        timeout: What was passed.
        name: The argument.

    Raises:
        InvalidArgument: When it is not a number above 0, and not None.
    """
    if timeout is None:
        return
    seconds = check(operation, name, timeout, float)
    if not 0 < seconds < math.inf:
        text = "it must be above 0 seconds, or None to wait for ever"
        raise InvalidArgument(f"[{operation}] {name}={timeout!r} is not allowed: {text}.")


def describe(annotation: Any) -> str:
    """What an annotation allows, in words."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        base, mark = parts
        if isinstance(mark, Between):
            bounds = f"from {mark.least} to {mark.most}" if mark.most is not None else f"of {mark.least} or more"
            return f"a whole number {bounds}"
        return describe(base)
    if typing.is_typeddict(annotation):
        return f"a mapping of {', '.join(typing.get_type_hints(annotation))}"
    if origin is Literal:
        return "one of " + ", ".join(repr(part) for part in parts)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(describe(part) for part in parts)
    if origin is not None and issubclass(origin, Mapping):
        return f"a mapping of {describe(parts[0])} to {describe(parts[1])}"
    if origin is not None and issubclass(origin, Sequence):
        return f"a list, each entry {describe(parts[0])}"
    return _WORDS.get(annotation, "anything")


def unknown_name(what: str, name: str, known: Sequence[str], *, takes_any: bool) -> str | None:
    """What to say of a name that is not known.

    Args:
        what: What it is the name of, "argument" for example.
        name: The name.
        known: The names that are known.
        takes_any: Whether any other name is right that does not look like a misspelt one of these.

    Returns:
        One sentence; None when it may be right.
    """
    if near := nearest(name, known):
        return f"There is no {what} {name!r}: did you mean {near!r}?"
    return None if takes_any else f"There is no {what} {name!r}: there are {', '.join(known)}."


_WRONG: Any = object()
_WORDS: dict[Any, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "a text",
    datetime: "a datetime",
    types.NoneType: "None",
}


def _convert(operation: str, name: str, value: object, annotation: Any) -> Any:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _convert_annotated(operation, name, value, *parts)
    if origin in (typing.Union, types.UnionType):
        if value is None and types.NoneType in parts:
            return None
        options = (_convert(operation, name, value, part) for part in parts)
        return next((found for found in options if found is not _WRONG), _WRONG)
    if origin is Literal:
        return value if any(value == part and type(value) is type(part) for part in parts) else _WRONG
    if typing.is_typeddict(annotation):
        return _convert_fields(operation, name, value, annotation)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            return _WRONG
        entries = ((check(operation, f"a key of {name}", key, parts[0]), key) for key in value)
        return {key: check(operation, f"{name}[{old!r}]", value[old], parts[1]) for key, old in entries}
    if origin is not None and issubclass(origin, Collection):
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
            return _WRONG
        return [check(operation, f"{name}[{index}]", part, parts[0]) for index, part in enumerate(value)]
    return _convert_scalar(value, annotation)


def _convert_fields(operation: str, name: str, value: object, annotation: Any) -> Any:
    if not isinstance(value, Mapping):
        return _WRONG
    hints = typing.get_type_hints(annotation, include_extras=True)
    for key in value:
        if key not in hints:
            near = nearest(str(key), hints)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(hints)}."
            raise InvalidArgument(f"[{operation}] {name} has no field {key!r}: {hint}")
    for key in [key for key in hints if key in annotation.__required_keys__ and key not in value]:
        raise InvalidArgument(f"[{operation}] {name} has no {key!r}: it needs {', '.join(hints)}.")
    return {key: check(operation, f"{name}[{key!r}]", value[key], _without_mark(hints[key])) for key in value}


def _without_mark(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.NotRequired else hint


def _convert_annotated(operation: str, name: str, value: object, base: Any, mark: object) -> Any:
    if isinstance(mark, CheckedLater):
        return value
    found = _convert(operation, name, value, base)
    if isinstance(mark, Addressable):
        # A surrogate is half a character: no encoding takes it.
        if found is _WRONG or found in ("", ".", "..") or re.search("[/\ud800-\udfff]", found):
            text = "it must be a text that is not empty, '.' or '..' and holds no '/' and no half of a character"
            raise InvalidId(f"[{operation}] {name}={_shown(value)} cannot be addressed: {text}.")
    elif isinstance(mark, Between) and found is not _WRONG:
        is_inside = mark.least <= found and (mark.most is None or found <= mark.most)
        return found if is_inside else _WRONG
    return found


def _convert_scalar(value: object, annotation: Any) -> Any:
    if annotation is int:
        is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        return int(value) if is_whole else _WRONG  # type: ignore[call-overload]
    if annotation is float:
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        is_kept = isinstance(value, int | float) or not is_number
        return _WRONG if not is_number else value if is_kept else float(value)  # type: ignore[arg-type]
    if annotation in (bool, datetime, str, types.NoneType):
        return value if isinstance(value, annotation) else _WRONG
    return value
