"""That the generated client in the repository is what the contract gives, and that the script keeps it so."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
RUN_VERBS = Path("synergos", "connect", "run_verbs.py")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = root / "scripts" / "generate.py"
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of all that the script reads and writes."""
    for name in ("spec", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "scripts").mkdir()
    (tmp_path / RUN_VERBS).parent.mkdir(parents=True)
    shutil.copy(ROOT / RUN_VERBS, tmp_path / RUN_VERBS)
    for name in ("generate.py", "check_spec.py", "records.py", "routes.py", "run_verbs.py"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def files(client: Path) -> dict[str, bytes]:
    found = (path for path in client.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(client).as_posix(): path.read_bytes() for path in found}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_client_in_the_repository_is_what_the_contract_gives() -> None:
    done = run(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_drift_of_the_client_is_shown_and_written_over(repository: Path) -> None:
    client = repository / "generated" / "synergos_client"
    fresh = files(client)
    edit(client / "models" / "project.py", "class Project(", "class Changed(")
    (client / "models" / "stale.py").write_text("STALE = True\n")
    (client / "api" / "stale").mkdir()
    (client / "api" / "stale" / "__init__.py").touch()
    (client / "py.typed").unlink()
    (client / "models" / "run.py").unlink()
    edit(repository / RUN_VERBS, "rounds: Count = 10", "rounds: Count = 11")
    (client / "models" / "__pycache__").mkdir(exist_ok=True)
    (client / "models" / "__pycache__" / "left.pyc").write_bytes(b"\xff")
    drifted = files(client)

    checked = run(repository, "--check")

    assert checked.returncode == 1
    for line in (
        "models/project.py: different",
        "-class Changed(_Record[Any]):",
        "+class Project(_Record[Any]):",
        "-STALE = True",
        "+class Run(_Record[Any]):",
    ):
        assert line in checked.stdout.splitlines()
    for line in ("models/stale.py: left over", "api/stale/__init__.py: left over", "py.typed: missing"):
        assert line in checked.stdout.splitlines()
    assert "run_verbs.py: different" in checked.stdout.splitlines()
    assert "6 files differ" in checked.stdout
    assert "python scripts/generate.py" in checked.stdout.splitlines()[-1]
    assert files(client) == drifted

    written = run(repository)

    assert written.returncode == 0, written.stdout + written.stderr
    assert re.fullmatch(r"generated/synergos_client: \d+ modules written\n", written.stdout)
    assert files(client) == fresh
    assert not (client / "api" / "stale").exists()
    assert (repository / RUN_VERBS).read_bytes() == (ROOT / RUN_VERBS).read_bytes()


def test_a_change_of_the_contract_is_drift_until_it_is_written(repository: Path) -> None:
    spec, client = repository / "spec" / "openapi.yaml", repository / "generated" / "synergos_client"
    edit(spec, "operationId: read_projects", "operationId: list_projects")

    checked = run(repository, "--check")

    assert checked.returncode == 1
    assert "api/projects/read_projects.py: left over" in checked.stdout.splitlines()
    assert "api/projects/list_projects.py: missing" in checked.stdout.splitlines()
    change = "breaking    operation  operation renamed: read_projects → list_projects  (list_projects)"
    assert checked.stdout.splitlines()[:2] == ["2 changes of the contract", change]

    written = run(repository)
    assert written.returncode == 0
    assert written.stdout.splitlines()[:2] == ["2 changes of the contract", change]
    assert not (client / "api" / "projects" / "read_projects.py").exists()
    assert json.loads((client / "openapi.json").read_text("utf-8")) == YAML(typ="safe").load(spec)


def test_new_words_are_told_apart_from_a_change(repository: Path) -> None:
    edit(repository / "spec" / "openapi.yaml", "summary: List the projects\n", "summary: List all projects\n")
    assert run(repository).stdout.startswith("The contract changed in words and examples only.\n")


def test_nothing_is_written_from_a_contract_with_problems(repository: Path) -> None:
    spec, client = repository / "spec" / "openapi.yaml", repository / "generated" / "synergos_client"
    before = files(client)
    edit(spec, "operationId: read_projects", "operationId: readProjects")
    line = spec.read_text("utf-8").splitlines().index("      operationId: readProjects") + 1

    done = run(repository)

    assert done.returncode == 1
    assert done.stdout.startswith(f"{spec}:{line}: 'readProjects' does not read as a function's name")
    assert files(client) == before


@pytest.mark.parametrize("tool", ["openapi-python-client", "ruff"])
def test_another_version_of_a_tool_stops_the_script_with_what_to_install(repository: Path, tool: str) -> None:
    pyproject = repository / "pyproject.toml"
    pyproject.write_text(re.sub(rf'"{tool}==[^"]+"', f'"{tool}==0.0.1"', pyproject.read_text()))
    done = run(repository, "--check")
    assert done.returncode == 1
    assert re.fullmatch(rf"{tool}: [\d.]+ is installed, run  pip install {tool}==0\.0\.1\n", done.stderr)


@pytest.mark.parametrize("tool", ["openapi-python-client", "ruff"])
def test_a_tool_without_a_pin_stops_the_script(repository: Path, tool: str) -> None:
    edit(repository / "pyproject.toml", f'"{tool}==', f'"{tool}>=')
    done = run(repository)
    assert done.returncode == 1
    assert f"pyproject.toml does not pin {tool}: write  {tool}==VERSION" in done.stderr


def test_the_client_is_typed_and_carries_the_contract_as_json() -> None:
    client = ROOT / "generated" / "synergos_client"
    assert (client / "py.typed").is_file()
    contract = YAML(typ="safe").load(ROOT / "spec" / "openapi.yaml")
    assert json.loads((client / "openapi.json").read_text("utf-8")) == contract


def in_fresh_interpreter(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generated")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_function_imports_only_the_models_that_it_uses() -> None:
    code = """
import sys
from synergos_client.api.projects import create_project
print(*sorted(name.removeprefix("synergos_client.models.") for name in sys.modules if ".models." in name))
"""
    imported = set(in_fresh_interpreter(code).split())
    assert {"project_input", "project_answer"} <= imported
    assert not imported & {"run", "run_input", "experiment_input", "statistics", "validations_answer"}


def test_every_model_can_be_asked_for_and_no_other_name() -> None:
    code = """
from synergos_client import models
for name in models.__all__:
    getattr(models, name)
assert dir(models) == sorted(models.__all__)
from synergos_client.models import Project
assert Project is models.Project
try:
    models.Projekt
except AttributeError as error:
    print(error)
"""
    assert in_fresh_interpreter(code) == "module 'synergos_client.models' has no attribute 'Projekt'\n"
