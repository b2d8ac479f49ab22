"""The HTTP library: named in one place, so that it can be exchanged there."""

import ast
from pathlib import Path

import synergos

PACKAGE = Path(synergos.__file__).parent


def imported(file: Path) -> set[str]:
    """The top names of all modules that a file imports, at whatever depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_the_http_library_is_imported_in_one_module_and_its_sockets_in_one() -> None:
    modules = {file.relative_to(PACKAGE).as_posix(): imported(file) for file in PACKAGE.rglob("*.py")}

    # Flower's processes are spoken with by the library that Flower itself uses.
    to_flower = ["machines/flower.py", "ttp/front.py"]
    assert sorted(name for name, names in modules.items() if "httpx" in names) == ["http/__init__.py", *to_flower]
    assert [name for name, names in modules.items() if "httpcore" in names] == ["http/network.py"]
    assert not [name for name, names in modules.items() if names & {"requests", "h11"}]
