"""The sandbox: a TTP with its participants on this machine, for trying, learning and testing.

It serves the contract that a real TTP speaks, and trains for real. It needs the extra `sandbox`; nothing of it is
imported by the driver.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synergos.participant.data_check import DataCheck, check_data
    from synergos.participant.prepare import Preparation, prepare_data
    from synergos.sandbox.server import Sandbox

__all__ = ["DataCheck", "Preparation", "Sandbox", "check_data", "prepare_data"]

if not TYPE_CHECKING:
    # Each is imported when it is first asked for: data are prepared without torch and Flower, which take seconds.
    _MODULES = {
        "DataCheck": "synergos.participant.data_check",
        "Preparation": "synergos.participant.prepare",
        "Sandbox": "synergos.sandbox.server",
        "check_data": "synergos.participant.data_check",
        "prepare_data": "synergos.participant.prepare",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            return getattr(importlib.import_module(_MODULES[name]), name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "synergos":
                raise
            raise ModuleNotFoundError(
                f"The sandbox needs {error.name}, which is not installed: pip install 'synergos-driver[sandbox]'",
                name=error.name,
            ) from error

    def __dir__():
        return sorted(__all__)
