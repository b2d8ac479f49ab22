"""What runs at one end of a grid."""

import platform
from importlib.metadata import version


def versions() -> dict[str, str]:
    """The versions of what decides how a training goes."""
    return {
        "synergos": version("synergos-driver"),
        "flwr": version("flwr"),
        "torch": version("torch"),
        "python": platform.python_version(),
    }
