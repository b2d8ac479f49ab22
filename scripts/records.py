"""What the generator is given beside the contract, so that answers become records (synergos/common/record.py).

The templates in spec/templates stand on the generator's own, which they find as `original/…`, and need to know which
schemas are sent: these classes stay as the generator makes them. To those of answers, what a TTP always answers is as
good as required, though a record inside another, or one that was just made, may come without it: `x-answered`.
"""

import importlib.resources
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ORIGINALS = ("model.py.jinja", "types.py.jinja")


def write_templates(contract: Mapping[str, Any], templates: Path, folder: Path) -> None:
    """Write the templates, with what they stand on.

    Args:
        contract: The contract.
        templates: The folder of those of our own.
        folder: Where to; it does not exist yet.
    """
    shutil.copytree(templates, folder)
    (folder / "original").mkdir()
    for name in ORIGINALS:
        text = importlib.resources.files("openapi_python_client").joinpath("templates", name).read_text("utf-8")
        (folder / "original" / name).write_text(text, encoding="utf-8")
    (folder / "sent.jinja").write_text(f"{{% set sent = {json.dumps(sorted(sent(contract)))} %}}", encoding="utf-8")


def sent(contract: Mapping[str, Any]) -> set[str]:
    """The names of the schemas of what is sent, and of what is inside it."""
    components = contract["components"]
    found: set[str] = set()
    left = [part for body in components["requestBodies"].values() for part in schemas_in(body)]
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left += schemas_in(components["schemas"][name])
    return found


def schemas_in(part: object) -> Iterator[str]:
    """The names of the schemas that a part of the contract refers to."""
    if isinstance(part, Mapping):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
    for each in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from schemas_in(each)


def as_answered(part: Any) -> Any:
    """A part of the contract in which what is always answered is required."""
    if isinstance(part, list):
        return [as_answered(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    whole = {name: as_answered(each) for name, each in part.items() if name != "x-answered"}
    if "x-answered" in part:
        whole["required"] = [*part.get("required", []), *part["x-answered"]]
    return whole
