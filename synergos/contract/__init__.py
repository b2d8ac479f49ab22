"""The life of the contract: a live TTP held against it, and one version of it against another.

It is used by the command `synergos contract` and by the repository's scripts, and imported by nothing in the driver. It
needs the extra `contract`.
"""

import importlib.util

for _name in ("jsonschema", "rich"):
    if importlib.util.find_spec(_name) is None:
        raise ModuleNotFoundError(
            f"synergos contract needs {_name}, which is not installed: pip install 'synergos-driver[contract]'",
            name=_name,
        )
