from typing import Literal

Action = Literal["classify", "regress"]

ACTION_VALUES: set[Action] = {
    "classify",
    "regress",
}


def check_action(value: str) -> Action:
    if value in ACTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ACTION_VALUES!r}")
