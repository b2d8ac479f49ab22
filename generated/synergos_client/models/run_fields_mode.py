from typing import Literal

RunFieldsMode = Literal["exp_range", "triangular", "triangular2"]

RUN_FIELDS_MODE_VALUES: set[RunFieldsMode] = {
    "exp_range",
    "triangular",
    "triangular2",
}


def check_run_fields_mode(value: str) -> RunFieldsMode:
    if value in RUN_FIELDS_MODE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_FIELDS_MODE_VALUES!r}")
