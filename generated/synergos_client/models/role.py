from typing import Literal

Role = Literal["arbiter", "guest", "host"]

ROLE_VALUES: set[Role] = {
    "arbiter",
    "guest",
    "host",
}


def check_role(value: str) -> Role:
    if value in ROLE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ROLE_VALUES!r}")
