from typing import Literal

RunFieldsReduction = Literal["mean", "none", "sum"]

RUN_FIELDS_REDUCTION_VALUES: set[RunFieldsReduction] = {
    "mean",
    "none",
    "sum",
}


def check_run_fields_reduction(value: str) -> RunFieldsReduction:
    if value in RUN_FIELDS_REDUCTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RUN_FIELDS_REDUCTION_VALUES!r}")
