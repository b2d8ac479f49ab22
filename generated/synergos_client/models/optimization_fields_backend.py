from typing import Literal

OptimizationFieldsBackend = Literal["nni", "tune"]

OPTIMIZATION_FIELDS_BACKEND_VALUES: set[OptimizationFieldsBackend] = {
    "nni",
    "tune",
}


def check_optimization_fields_backend(value: str) -> OptimizationFieldsBackend:
    if value in OPTIMIZATION_FIELDS_BACKEND_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OPTIMIZATION_FIELDS_BACKEND_VALUES!r}")
