from typing import Literal

RunFieldsScaleMode = Literal["cycle", "iterations"]

RUN_FIELDS_SCALE_MODE_VALUES: set[RunFieldsScaleMode] = {
    "cycle",
    "iterations",
}


def check_run_fields_scale_mode(value: str) -> RunFieldsScaleMode:
    if value in RUN_FIELDS_SCALE_MODE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_FIELDS_SCALE_MODE_VALUES!r}")
