"""Files of grids: JSON always, YAML with the extra `terminal`."""

import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from synergos.errors import InvalidArgument

_LACKING = "A YAML file needs ruamel.yaml: pip install 'synergos-driver[terminal]', or take a file that ends in .json."


def read_grid(path: str | Path) -> dict[str, Any]:
    """Read a file of a grid.

    Args:
        path: The file: JSON when its name ends in .json, otherwise YAML 1.2, where `no` is a text and `1e-3` a number.

    Returns:
        The grid.

    Raises:
        InvalidArgument: When it cannot be read, or is not a mapping.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArgument(f"[apply] {file} cannot be read: {error}") from None
    if file.suffix.lower() == ".json":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidArgument(f"[apply] {file} is not JSON: {error}") from None
    else:
        yaml, problem = _yaml()
        try:
            found = _plain(yaml.load(text))
        except (problem, ValueError, RecursionError) as error:
            raise InvalidArgument(f"[apply] {file} is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise InvalidArgument(f"[apply] {file}: it must hold a mapping, with participants and projects.")
    return found


def write_grid(grid: Mapping[str, Any], path: str | Path) -> None:
    """Write a file of a grid, in the form that its name says, as `read_grid` reads it.

    Raises:
        InvalidArgument: When it is to be YAML, and the library is not installed.
        OSError: When it cannot be written.
    """
    file = Path(path)
    text = as_text(grid, is_json=file.suffix.lower() == ".json")
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def as_text(grid: Mapping[str, Any], *, is_json: bool) -> str:
    """The text of such a file; a comment that the grid has is one of YAML too."""
    if is_json:
        return f"{json.dumps(grid, indent=2, ensure_ascii=False)}\n"
    yaml, _ = _yaml()
    out = io.StringIO()
    yaml.dump({name: value for name, value in grid.items() if name != "$comment"}, out)
    comment = f"# {grid['$comment']}\n" if "$comment" in grid else ""
    return f"{comment}{out.getvalue()}"


def _yaml() -> tuple[Any, type[Exception]]:
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise InvalidArgument(_LACKING) from None
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False
    yaml.width = 110
    yaml.representer.ignore_aliases = lambda _: True
    return yaml, YAMLError


def _plain(value: object) -> object:
    """What YAML makes of texts that look like something else is text again where nothing else can be meant."""
    if isinstance(value, Mapping):
        return {_name(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _name(key: object) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, date):
        return key.isoformat()
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    raise ValueError(f"{key!r} is a name: put it in quotes.")
