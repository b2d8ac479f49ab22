"""Where a search draws the values of a hyperparameter from, in the words of Ray Tune.

Each function writes one entry of a search space; a list is short for the choices in it:

    from synergos import space

    {"lr": space.loguniform(0.001, 0.1), "batch_size": [16, 32], "epochs": space.randint(1, 5)}
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Distribution = Mapping[str, str | Sequence[object]]
Drawn = dict[str, str | list[Any]]

TYPES = (
    *("choice", "uniform", "loguniform", "randint", "lograndint", "randn"),
    *("quniform", "qloguniform", "qrandint", "qlograndint", "qrandn"),
)
# Up to here whole numbers are exact, and nothing that is computed of two numbers is infinite.
_LARGEST, _SMALLEST_Q = 1e15, 1e-15
# The quotient of two decimal fractions is a little off.
_TOLERANCE = 1e-9


def choice(values: Iterable[object]) -> Drawn:
    """Draw one of some values.

    Args:
        values: The choices, one or more.

    Returns:
        The entry of a search space.

    Example:
        >>> synergos.space.choice(["Adam", "SGD"])
        {'_type': 'choice', '_value': ['Adam', 'SGD']}
    """
    return {"_type": "choice", "_value": list(values)}


def uniform(low: float, high: float, q: float | None = None) -> Drawn:
    """Draw a number evenly.

    Args:
        low: The least.
        high: The most.
        q: What the numbers are to be multiples of; None for any number.

    Returns:
        The entry of a search space.

    Example:
        >>> synergos.space.uniform(0.5, 0.9)
        {'_type': 'uniform', '_value': [0.5, 0.9]}
    """
    return _drawn("uniform", low, high, q)


def loguniform(low: float, high: float, q: float | None = None) -> Drawn:
    """Draw a number evenly over its logarithm, for what spans orders of magnitude as learning rates do.

    Args:
        low: The least, above 0.
        high: The most.
        q: What the numbers are to be multiples of; None for any number.

    Returns:
        The entry of a search space.

    Example:
        >>> synergos.space.loguniform(0.001, 0.1)
        {'_type': 'loguniform', '_value': [0.001, 0.1]}
    """
    return _drawn("loguniform", low, high, q)


def randint(low: int, high: int, q: int | None = None) -> Drawn:
    """Draw a whole number evenly.

    Args:
        low: The least.
        high: Above the most, as in Ray Tune: `randint(1, 4)` draws 1, 2 or 3. With `q` it is the most itself.
        q: What the numbers are to be multiples of; None for any whole number.

    Returns:
        The entry of a search space.

    Example:
        >>> synergos.space.randint(16, 128, q=16)
        {'_type': 'qrandint', '_value': [16, 128, 16]}
    """
    return _drawn("randint", low, high, q)


def lograndint(low: int, high: int, q: int | None = None) -> Drawn:
    """Draw a whole number evenly over its logarithm.

    Args:
        low: The least, above 0.
        high: Above the most, as in Ray Tune. With `q` it is the most itself.
        q: What the numbers are to be multiples of; None for any whole number.

    Returns:
        The entry of a search space.

    Example:
        >>> synergos.space.lograndint(1, 100)
        {'_type': 'lograndint', '_value': [1, 100]}
    """
    return _drawn("lograndint", low, high, q)


def randn(mean: float, deviation: float, q: float | None = None) -> Drawn:
    """Draw a number of the normal distribution.

    Args:
        mean: Its mean.
        deviation: Its standard deviation, above 0.
        q: What the numbers are to be multiples of; None for any number.

    Returns:
        The entry of a search space.

    Example:
        >>> synergos.space.randn(0.9, 0.05)
        {'_type': 'randn', '_value': [0.9, 0.05]}
    """
    return _drawn("randn", mean, deviation, q)


def problem(distribution: Mapping[str, Any]) -> str | None:
    """What is wrong with the parameters of a distribution.

    Args:
        distribution: `_type` is one of `TYPES`, `_value` its parameters.

    Returns:
        The words that follow the distribution's name in an error; None when nothing is wrong.
    """
    kind, parameters = distribution["_type"], distribution["_value"]
    if kind == "choice":
        return None if parameters else "has nothing to choose from"
    count = 3 if kind.startswith("q") else 2
    if len(parameters) != count or not all(map(_is_number, parameters)):
        return f"needs {count} numbers, none beyond {_LARGEST:g}"
    first, second = parameters[:2]
    if kind.endswith("randn"):
        if second <= 0:
            return "needs a deviation above 0"
    elif first >= second:
        return "needs a lower bound below the upper one"
    if "log" in kind and first <= 0:
        return "needs bounds above 0"
    if "int" in kind and not all(float(value).is_integer() for value in parameters):
        return "needs whole numbers"
    return _problem_with_q(kind, *parameters) if count == 3 else None


def multiples(low: float, high: float, q: float) -> tuple[int, int]:
    """The first and the last number by which q is still inside the bounds."""
    return math.ceil(low / q - _TOLERANCE), math.floor(high / q + _TOLERANCE)


def _drawn(kind: str, first: float, second: float, q: float | None) -> Drawn:
    if q is None:
        return {"_type": kind, "_value": [first, second]}
    return {"_type": f"q{kind}", "_value": [first, second, q]}


def _problem_with_q(kind: str, low: float, high: float, q: float) -> str | None:
    if q < _SMALLEST_Q:
        return "needs a q above 0"
    first, last = multiples(low, high, q)
    if not kind.endswith("randn") and first > last:
        return f"has no multiple of {q} between its bounds"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST
