"""The sandbox: a TTP with its participants on this machine, for trying, learning and testing.

It serves the contract that a real TTP speaks, and trains for real. It needs the extra `sandbox`; nothing of it is
imported by the driver.
"""

try:
    from synergos.sandbox.server import Sandbox
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] == "synergos":
        raise
    raise ModuleNotFoundError(
        f"The sandbox needs {error.name}, which is not installed: pip install 'synergos-driver[sandbox]'",
        name=error.name,
    ) from error

__all__ = ["Sandbox"]
