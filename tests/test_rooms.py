"""The rooms of the package, and which may use which: read from all imports, those for types alone too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import synergos

PACKAGE = Path(synergos.__file__).parent

# What each room may use besides itself. "leaves" are the modules that know nothing of any room.
MAY_USE = {
    "learning": {"leaves"},
    "participant": {"learning", "leaves"},
    "ttp": {"learning", "leaves"},
    "sandbox": {"learning", "participant", "ttp", "leaves"},
    "driver": {"leaves"},
    # The commands, which are where all rooms meet.
    "__main__": {"driver", "learning", "participant", "ttp", "sandbox", "leaves"},
}
# Modules that any room may use.
LEAVES = {"contract.document", "errors", "findings", "search.score", "space"}


def room_of(module: str) -> str:
    """The room of a module, by its name below the package; what is in no other is the driver's."""
    first = module.partition(".")[0]
    if module in LEAVES or first == "common":
        return "leaves"
    return first if first in MAY_USE else "driver"


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module of the package that a file names in an import, wherever it stands in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: line {node.lineno}: import by the full name"
            names = [f"{node.module}.{one.name}" for one in node.names]
        for name in names:
            top, _, below = name.partition(".")
            if top == "synergos":
                yield node.lineno, shortest(below)


def shortest(name: str) -> str:
    """The module of what is imported, which may be a name in it."""
    parts = name.split(".")
    while parts and not (PACKAGE.joinpath(*parts).is_dir() or PACKAGE.joinpath(*parts).with_suffix(".py").is_file()):
        parts.pop()
    return ".".join(parts)


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda one: one if isinstance(one, str) else "")
def test_a_module_uses_only_the_rooms_that_its_own_may_use(module: str, path: Path) -> None:
    room = room_of(module)
    allowed = {room, *MAY_USE.get(room, set())}

    strange = {
        f"line {line}: synergos.{used} is of the room {room_of(used)!r}"
        for line, used in imports(path)
        if used and room_of(used) not in allowed
    }

    assert not strange, f"synergos.{module} is of the room {room!r}, which may use {sorted(allowed)}: {strange}"
