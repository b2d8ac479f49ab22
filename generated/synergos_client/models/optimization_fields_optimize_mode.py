from typing import Literal

OptimizationFieldsOptimizeMode = Literal["max", "min"]

OPTIMIZATION_FIELDS_OPTIMIZE_MODE_VALUES: set[OptimizationFieldsOptimizeMode] = {
    "max",
    "min",
}


def check_optimization_fields_optimize_mode(value: str) -> OptimizationFieldsOptimizeMode:
    if value in OPTIMIZATION_FIELDS_OPTIMIZE_MODE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OPTIMIZATION_FIELDS_OPTIMIZE_MODE_VALUES!r}")
