"""The search space of an optimization, made whole: what is searched, what is fixed, and what a run has by default."""

import functools
import inspect
import logging
import typing
from collections.abc import Collection, Mapping, Set
from typing import Any, NamedTuple

from synergos import space
from synergos.common.checks import allows, check, describe, unknown_name
from synergos.common.misspelt import nearest
from synergos.common.routes import NESTED
from synergos.common.text import one_line
from synergos.connect.run_verbs import Hyperparameter, RunVerbs
from synergos.errors import InvalidArgument

logger = logging.getLogger("synergos")

_FORM = (
    "give choices as a list, [0.001, 0.01], or a range, synergos.space.loguniform(0.001, 0.1) or "
    "{'_type': 'loguniform', '_value': [0.001, 0.1]}"
)
# A number with a fraction: what takes it is no whole number.
_FRACTION = 0.5


class Field(NamedTuple):
    """A field of a run.

    Attributes:
        annotation: What it may be.
        default: What `runs.create` sends where it is not given; None when it sends nothing.
    """

    annotation: Any
    default: object


@functools.cache
def fields() -> Mapping[str, Field]:
    """The fields of a run that `runs.create` knows, as its signature says; any other name may be a `Hyperparameter`."""
    hints = typing.get_type_hints(RunVerbs.create, include_extras=True)
    named = [one for one in inspect.signature(RunVerbs.create).parameters.values() if one.kind is one.KEYWORD_ONLY]
    return {one.name: Field(hints[one.name], one.default) for one in named if one.name not in NESTED}


def whole_space(
    operation: str,
    search_space: Mapping[str, object],
    fixed: Mapping[str, object],
    *,
    passes_over_unknown: bool,
) -> dict[str, space.Drawn]:
    """Check what to search and what not, and add what `runs.create` would send for the rest.

    Args:
        operation: What is called; it stands in the errors.
        search_space: Name of a run field to its choices, or to where its values are drawn from.
        fixed: Name of a run field to its one value.
        passes_over_unknown: Whether a misspelt name is left out and logged, and not refused.

    Returns:
        Name of a run field to a distribution. What is not searched is a choice of one.

    Raises:
        InvalidArgument: When `runs.create` would refuse a name or a value, or a distribution cannot be right.
    """

    def known(where: str, given: Mapping[str, object]) -> dict[str, object]:
        problems = {name: problem for name in given if (problem := _problem_with_name(where, name))}
        for problem in problems.values():
            if not passes_over_unknown:
                raise InvalidArgument(f"[{operation}] {problem}")
            logger.warning("[%s] %s It is ignored.", operation, problem)
        return {name: value for name, value in given.items() if name not in problems}

    searched, held = known("search_space", search_space), known("fixed", fixed)
    if both := [name for name in searched if name in held]:
        text = "it is searched or it is fixed"
        raise InvalidArgument(f"[{operation}] {both[0]!r} is in search_space and in fixed: {text}.")
    drawn = {name: _distribution(operation, name, value) for name, value in searched.items()}
    values = {
        name: check(operation, f"fixed[{name!r}]", value, _field(name).annotation) for name, value in held.items()
    }
    defaults = {name: field.default for name, field in fields().items()}
    rest = {name: value for name, value in {**defaults, **values}.items() if value is not None and name not in drawn}
    return {**drawn, **{name: space.choice([value]) for name, value in rest.items()}}


def _field(name: str) -> Field:
    return fields().get(name, Field(Hyperparameter, None))


def _problem_with_name(where: str, name: str) -> str | None:
    if name in NESTED:
        return f"{where} has {name!r}, which is no hyperparameter."
    if name in fields():
        return None
    problem = unknown_name("hyperparameter", name, list(fields()), takes_any=True)
    return problem and f"{where}: {problem}"


def _distribution(operation: str, name: str, value: object) -> space.Drawn:
    """What is drawn from for a field, from the short form or the long one."""
    where = f"search_space[{name!r}]"
    refused = f"[{operation}] {where}={one_line(repr(value))} is not allowed"
    if isinstance(value, tuple) and len(value) == 2 and not any(isinstance(one, str | bool) for one in value):
        raise InvalidArgument(f"{refused}: two numbers in parentheses may be choices or a range: {_FORM}.")
    if isinstance(value, Mapping):
        if value.keys() != {"_type", "_value"} or not isinstance(value["_type"], str) or not _is_list(value["_value"]):
            raise InvalidArgument(f"{refused}: {_FORM}.")
        kind, parameters = value["_type"], value["_value"]
    elif _is_list(value):
        kind, parameters = "choice", value
    else:
        held = "" if isinstance(value, Set) else f" What is not searched stands in fixed={{{name!r}: ...}}."
        raise InvalidArgument(f"{refused}: {_FORM}.{held}")
    if kind not in space.TYPES and (near := nearest(kind, space.TYPES)):
        raise InvalidArgument(f"[{operation}] {where}: there is no distribution {kind!r}: did you mean {near!r}?")
    annotation = _field(name).annotation if kind == "choice" else Hyperparameter
    listed = [check(operation, f"{where}[{number}]", one, annotation) for number, one in enumerate(parameters)]
    found: space.Drawn = {"_type": kind, "_value": listed}
    if kind not in space.TYPES:
        # What else the TTP draws from, it knows best.
        return found
    if problem := space.problem(found):
        raise InvalidArgument(f"[{operation}] {where}: {kind} of {listed} {problem}.")
    if kind != "choice":
        _check_range(operation, name, kind, listed)
    return found


def _check_range(operation: str, name: str, kind: str, parameters: list[Any]) -> None:
    """See that what a range draws is what the field takes."""
    annotation = _field(name).annotation
    where = f"search_space[{name!r}]: {kind} of {parameters}"
    if "int" not in kind:
        if not allows(_FRACTION, annotation):
            text = f"draws numbers with fractions, and it must be {describe(annotation)}: take randint or choices"
            raise InvalidArgument(f"[{operation}] {where} {text}.")
        return
    last = int(parameters[1]) if kind.startswith("q") else int(parameters[1]) - 1
    for end in (int(parameters[0]), last):
        if not allows(end, annotation):
            raise InvalidArgument(f"[{operation}] {where} may draw {end}, and it must be {describe(annotation)}.")


def _is_list(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping | Set)
