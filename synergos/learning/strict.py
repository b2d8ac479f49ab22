"""JSON as its standard has it: no Infinity and no NaN."""

import json
import math
from typing import Any


def dumps(value: object, indent: int | None = None) -> str:
    """Write a value as JSON; numbers that are none become null.

    Args:
        value: Anything that JSON can hold, and numbers that are not finite.
        indent: How far what is inside is moved to the right, each on a line of its own; None for one line.

    Returns:
        The text.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError:
        return json.dumps(_without(value), ensure_ascii=False, allow_nan=False, indent=indent)


def first_of_none(value: object) -> str | None:
    """Find a number that is none.

    Args:
        value: What JSON was read as.

    Returns:
        Where the first is and which, `search_space.lr._value[1]: Infinity` for example; None when there is none.
    """
    todo: list[tuple[str, Any]] = [("", value)]
    while todo:
        where, part = todo.pop()
        if isinstance(part, float) and not math.isfinite(part):
            return f"{where.removeprefix('.')}: {json.dumps(part)}"
        if isinstance(part, dict):
            todo += [(f"{where}.{name}", below) for name, below in reversed(part.items())]
        elif isinstance(part, list):
            todo += [(f"{where}[{index}]", below) for index, below in reversed([*enumerate(part)])]
    return None


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
