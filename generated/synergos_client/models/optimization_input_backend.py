from typing import Literal

OptimizationInputBackend = Literal["nni", "tune"]

OPTIMIZATION_INPUT_BACKEND_VALUES: set[OptimizationInputBackend] = {
    "nni",
    "tune",
}


def check_optimization_input_backend(value: str) -> OptimizationInputBackend:
    if value in OPTIMIZATION_INPUT_BACKEND_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OPTIMIZATION_INPUT_BACKEND_VALUES!r}")
