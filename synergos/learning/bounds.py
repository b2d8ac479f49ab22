"""How much may be sent at once, so that no request takes long to look at.

Each bound is several times what a real project needs. `docs/sandbox.md` names them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from synergos.learning.errors import Rejected

LONGEST_LIST = 10_000
MOST_FIELDS = 1_000
DEEPEST = 64
MOST_LAYERS = 1_000
MOST_NAMES = 100
MOST_STEPS = 1_000
MOST_CLASSES = 2_000
MOST_CHOICES = 1_000
MOST_REPEATED = 100
# How often an optimizer computes the loss in one of its steps.
_STEPS = ("max_iter", "max_eval", "history_size")
# Lists of which each may be as long as one, and all together too.
_MOST_VALUES = 50_000


def check(body: object) -> None:
    """See that nothing in a body is longer, wider or deeper than what can be looked at in time.

    Args:
        body: What JSON was read as.

    Raises:
        Rejected: When something is; it names the place, the size and the bound.
    """
    todo: list[tuple[str, Any, int]] = [("", body, 1)]
    count = 0
    while todo:
        where, part, depth = todo.pop()
        if not isinstance(part, list | dict):
            continue
        what = where or "The body"
        if depth > DEEPEST:
            raise too_deep()
        most, kind = (LONGEST_LIST, "values") if isinstance(part, list) else (MOST_FIELDS, "fields")
        if len(part) > most:
            raise Rejected(f"{what} has {len(part):,} {kind}: at most {most:,} are taken.")
        count += len(part)
        if count > _MOST_VALUES:
            raise Rejected(f"The body has more than {_MOST_VALUES:,} values: at most so many are taken.")
        if isinstance(part, dict):
            todo += [(_cut(f"{where}.{name}" if where else name), below, depth + 1) for name, below in part.items()]
        else:
            todo += [(_cut(f"{where}[{index}]"), below, depth + 1) for index, below in enumerate(part)]


def too_deep() -> Rejected:
    """The error of a body whose objects and lists are within each other too often."""
    return Rejected(f"The body is nested too deeply: at most {DEEPEST} lists and objects may be in each other.")


def check_layers(model: Sequence[Mapping[str, Any]]) -> None:
    """See that layers can be built in time.

    Raises:
        Rejected: When there are too many of them, or one repeats itself too often.
    """
    count = len(model)
    for index, layer in enumerate(model):
        for name, value in layer["structure"].items():
            # These say how often something is built, and not how large it is.
            if name.startswith("num_") and name.endswith("layers") and isinstance(value, int | float):
                _check_number(f"model[{index}].structure.{name}", value, MOST_REPEATED)
                count += int(value)
    if count > MOST_LAYERS:
        raise Rejected(f"model has {count:,} layers in all: at most {MOST_LAYERS:,} are taken.")


def check_classes(count: int) -> None:
    """See that there are not so many classes that the target is likely none.

    Raises:
        Rejected: When there are.
    """
    if count > MOST_CLASSES:
        raise Rejected(
            f"target has {count:,} classes: at most {MOST_CLASSES:,} are taken. If they are numbers to be foretold, "
            "the project's action is 'regress'; if they are ids, name another target"
        )


def check_run(fields: Mapping[str, Any]) -> None:
    """See that one step of a run's optimizer ends.

    Raises:
        Rejected: When it may take too many evaluations of the loss.
    """
    for name in _STEPS:
        _check_number(name, fields.get(name), MOST_STEPS)


def check_space(search_space: Mapping[str, Mapping[str, Any]]) -> None:
    """See that a search space can be looked at in time.

    Raises:
        Rejected: When it has too many names or choices.
    """
    if len(search_space) > MOST_NAMES:
        raise Rejected(f"search_space has {len(search_space):,} names: at most {MOST_NAMES:,} are taken.")
    choices = sum(len(one["_value"]) for one in search_space.values() if one["_type"] == "choice")
    if choices > MOST_CHOICES:
        raise Rejected(f"search_space has {choices:,} choices: at most {MOST_CHOICES:,} in all are taken.")


def _check_number(what: str, value: object, most: int) -> None:
    if isinstance(value, int | float) and value > most:
        raise Rejected(f"{what} is {value}: it may be at most {most:,}.")


def _cut(where: str) -> str:
    return where if len(where) <= 100 else f"{where[:100]}…"
