"""The rooms of the package, and which may use which: read from all imports, those for types alone too."""

import ast
import itertools
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

import synergos
from synergos.http import MockTransport, Request, Response

PACKAGE = Path(synergos.__file__).parent

# What each room may use besides itself. "leaves" are the modules that know nothing of any room.
MAY_USE = {
    "leaves": set(),
    # The driver's way from a verb to the wire, from the inside out.
    "http": {"leaves"},
    "track": {"leaves"},
    "work": {"track", "http", "leaves"},
    "calls": {"work", "track", "http", "leaves"},
    "connect": {"calls", "leaves"},
    # What is made of answers; a TTP makes it of its own records, for its page.
    "results": {"leaves"},
    "evaluate": {"results", "calls", "work", "leaves"},
    "search": {"connect", "calls", "work", "leaves"},
    "preflight": {"calls", "leaves"},
    "train": {"search", "preflight", "connect", "calls", "work", "leaves"},
    "alone": {"results", "train", "evaluate", "calls", "work", "leaves"},
    "rerun": {"results", "train", "calls", "work", "leaves"},
    "cycle": {"results", "train", "evaluate", "connect", "calls", "track", "leaves"},
    "driver": {
        *("alone", "cycle", "preflight", "rerun", "results"),
        *("train", "evaluate", "connect", "calls", "work", "track", "http", "leaves"),
    },
    "gridfile": {"driver", "connect", "leaves"},
    "terminal": {
        *(
            "sandbox",
            "gridfile",
            "driver",
            "cycle",
            "rerun",
            "results",
            "search",
            "connect",
            "calls",
            "work",
            "http",
            "leaves",
        ),
    },
    # What holds a TTP to the contract.
    "contract": {"http", "leaves"},
    # The embedded TTP.
    "learning": {"leaves"},
    "machines": {"leaves"},
    "participant": {"learning", "machines", "leaves"},
    "inference": {"participant", "learning", "leaves"},
    "ttp": {"results", "learning", "machines", "leaves"},
    "sandbox": {"learning", "participant", "ttp", "leaves"},
}
# Where all rooms meet: the commands, and what users import.
ANY = {"__main__", ""}
# Modules that any room may use.
LEAVES = {"contract.document", "errors", "findings", "manifest", "reply", "search.score", "space"}


def room_of(module: str) -> str:
    """The room of a module, by its name below the package."""
    first = module.partition(".")[0]
    return "leaves" if module in LEAVES or first == "common" else first


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
    if room in ANY:
        return
    assert room in MAY_USE, f"the room {room!r} is not in the table: say what it may use"
    allowed = {room, *MAY_USE[room]}

    strange = {
        f"line {line}: synergos.{used} is of the room {room_of(used)!r}"
        for line, used in imports(path)
        if used and room_of(used) not in allowed
    }

    assert not strange, f"synergos.{module} is of the room {room!r}, which may use {sorted(allowed)}: {strange}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    used = {
        module: {one for _, one in imports(path) if one and one != module}
        for module, path in modules()
        if module not in ANY
    }
    # What uses none of those that are left is on the ground, and whatever is never there is in a circle.
    while ground := {module for module, others in used.items() if not others & used.keys()}:
        used = {module: others for module, others in used.items() if module not in ground}

    assert not used, f"these import each other, or what does: {used}"


def test_no_rooms_use_each_other_in_a_circle() -> None:
    used = dict(MAY_USE)
    while ground := {room for room, others in used.items() if not others & used.keys()}:
        used = {room: others for room, others in used.items() if room not in ground}

    assert not used, f"these rooms may use each other: {used}"


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("projects.read", {"project_id": "p"}),
        ("runs.create", {"project_id": "p", "expt_id": "e", "run_id": "r"}),
        ("tags.create", {"project_id": "p", "participant_id": "q", "train": [["a"]]}),
        ("models.create", {"project_id": "p", "expt_id": "e"}),
    ],
)
def test_on_its_way_to_the_wire_a_call_enters_each_room_once(verb: str, arguments: dict[str, object]) -> None:
    ways: list[list[str]] = []

    def answer(request: Request) -> Response:
        files = [Path(frame.filename) for frame in traceback.extract_stack()]
        inside = [file.relative_to(PACKAGE).with_suffix("") for file in files if file.is_relative_to(PACKAGE)]
        rooms = [room_of(".".join(file.parts)) for file in inside]
        ways.append([room for room, _ in itertools.groupby(room for room in rooms if room != "leaves")])
        return Response(200, json={"data": []})

    driver = synergos.Driver(url="http://ttp.example", transport=MockTransport(answer))
    resource, _, method = verb.partition(".")
    getattr(getattr(driver, resource), method)(**arguments)

    assert ways
    for way in ways:
        assert len(way) == len(set(way)), f"{verb} goes through {' -> '.join(way)}"
        assert way[-1] == "http"
