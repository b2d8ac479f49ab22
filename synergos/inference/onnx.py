"""Models as ONNX, by torch's own exporter."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from synergos.errors import InvalidArgument, SynergosError
from synergos.learning.network import first_line


def export(module: nn.Module, shape: Sequence[int], path: Path) -> Path:
    """Write a module as ONNX.

    Args:
        module: What takes rows, in evaluation mode.
        shape: Of one row.
        path: The file.

    Returns:
        The path.

    Raises:
        InvalidArgument: The exporter cannot take it.
        SynergosError: When onnx or onnxscript is not installed.
    """
    try:
        import onnx as onnx
        import onnxscript as onnxscript
    except ImportError as error:
        raise SynergosError(
            f"ONNX needs {error.name!r}, which is not installed: `pip install 'synergos-driver[onnx]'`."
        ) from error
    rows = torch.zeros(2, *shape)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module.eval(),
                (rows,),
                dynamo=True,
                verbose=False,
                input_names=["rows"],
                output_names=["scores"],
                dynamic_shapes=({0: torch.export.Dim("count", min=1)},),
            )
            assert program is not None
            program.save(path)
    except Exception as error:
        # The exporter raises whatever comes its way.
        raise InvalidArgument(f"[to_onnx] The exporter of torch cannot take the model: {first_line(error)}") from error
    return path
