from typing import Literal

OptimizationInputOptimizeMode = Literal["max", "min"]

OPTIMIZATION_INPUT_OPTIMIZE_MODE_VALUES: set[OptimizationInputOptimizeMode] = {
    "max",
    "min",
}


def check_optimization_input_optimize_mode(value: str) -> OptimizationInputOptimizeMode:
    if value in OPTIMIZATION_INPUT_OPTIMIZE_MODE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OPTIMIZATION_INPUT_OPTIMIZE_MODE_VALUES!r}")
