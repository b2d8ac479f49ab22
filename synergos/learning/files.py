"""Files of results: what they are called, and how they are written."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from urllib.parse import quote

from synergos.learning import strict

DATA_REPORT = "data_report.json"
# Below what file systems take, and below the length of a name that is made of a longer one.
_LONGEST_NAME = 150


def file_name(own_id: str) -> str:
    """Write an id as the name of a file or a folder, whatever it holds; two ids never give the same.

    Args:
        own_id: The id.

    Returns:
        The name.
    """
    name = quote(own_id, safe=" ")
    if len(name) > _LONGEST_NAME:
        return f"{name[:100]}~{hashlib.sha256(name.encode()).hexdigest()}"
    is_taken = name.strip(". ") == "" or name == DATA_REPORT
    return name.replace(".", "%2E") if is_taken else name


def write_json(path: Path, content: object) -> None:
    """Write a file of JSON at once."""
    write(path, lambda file: file.write(strict.dumps(content, indent=2).encode()))


def write(path: Path, put: Callable[[IO[bytes]], object]) -> None:
    """Write a file at once: whoever reads it finds the old content or the new.

    Args:
        path: Where; its folder is made if need be.
        put: Writes into the file that it is given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        try:
            put(file)
            file.flush()
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)
