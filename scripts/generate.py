"""Make the typed low-level client, generated/synergos_client, from the contract, spec/openapi.yaml.

The client is the output of openapi-python-client, with a table of the operations that each verb leads to. The verbs
that take the fields of a run are written too, synergos/connect/run_verbs.py. Neither is ever edited: change the
contract and run this again. It says what that changes for those who use the client. What comes out depends on the
versions of the generator and of ruff, so both are pinned (pyproject.toml, group `dev`).

    python scripts/generate.py            write the client anew
    python scripts/generate.py --check    exit 1 if the client in the repository is not what the contract gives
"""

import argparse
import difflib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

import check_spec
import records
import routes
import run_verbs
from ruamel.yaml import YAML

from synergos.contract.changes import as_text, find_changes
from synergos.contract.document import Unusable, read_file

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "spec"
CLIENT = ROOT / "generated" / "synergos_client"
# The one module of the driver that is written from the contract too.
RUN_VERBS = ROOT / "synergos" / "connect" / "run_verbs.py"
TOOLS = ("openapi-python-client", "ruff")
# The hooks of the settings call ruff and python by name: let these be the ones beside this interpreter.
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def main() -> int:
    """Write the client, or compare it with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    arguments = parser.parse_args()

    require_pinned_tools()
    if problems := check_spec.find_problems(SPEC / "openapi.yaml"):
        print(check_spec.report(SPEC / "openapi.yaml", problems))
        return 1
    with tempfile.TemporaryDirectory() as name:
        client, module = Path(name) / CLIENT.name, Path(name) / RUN_VERBS.name
        try:
            generate(client)
            write_run_verbs(client, module)
        except routes.Unclear as error:
            raise SystemExit(str(error)) from None
        tell_changes(client)
        if arguments.check:
            return check({CLIENT: client, RUN_VERBS: module})
        replace(client)
        shutil.move(module, RUN_VERBS)
    print(f"{CLIENT.relative_to(ROOT)}: {len(list(CLIENT.rglob('*.py')))} modules written")
    return 0


def require_pinned_tools() -> None:
    """Stop with what to install when a tool is not the version that the repository's client was made with."""
    group = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    pins = dict(requirement.split("==") for requirement in group if str(requirement).count("==") == 1)
    for tool in TOOLS:
        if tool not in pins:
            raise SystemExit(f"pyproject.toml does not pin {tool}: write  {tool}==VERSION  in the group `dev`")
        try:
            installed = importlib.metadata.version(tool)
        except importlib.metadata.PackageNotFoundError:
            installed = "no version"
        if installed != pins[tool]:
            raise SystemExit(f"{tool}: {installed} is installed, run  pip install {tool}=={pins[tool]}")


def generate(folder: Path) -> None:
    """Write the client, and the contract as JSON for the sandbox, into a folder that does not exist yet."""
    contract = YAML(typ="safe").load(SPEC / "openapi.yaml")
    with tempfile.TemporaryDirectory() as name:
        document, templates = Path(name) / "openapi.json", Path(name) / "templates"
        document.write_text(json.dumps(records.as_answered(contract)), encoding="utf-8")
        records.write_templates(contract, SPEC / "templates", templates)
        command = [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", str(document), "--config", str(SPEC / "generator.yaml")),
            *("--custom-template-path", str(templates), "--output-path", str(folder)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode:
        raise SystemExit(f"The generator failed:\n{done.stdout}{done.stderr}")
    (folder / "openapi.json").write_text(json.dumps(contract, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write(folder / "routes.py", routes.as_module(routes.routes_of(read_file(folder / "openapi.json").operations)))


def write_run_verbs(client: Path, module: Path) -> None:
    """Write the verbs that take the fields of a run."""
    template = (SPEC / "templates" / "run_verbs.py.jinja").read_text(encoding="utf-8")
    write(module, run_verbs.as_module(read_file(client / "openapi.json"), template))


def write(path: Path, source: str) -> None:
    """Write source as the generator's hooks format it."""
    command = ("ruff", "format", "--isolated", "--target-version", "py311", "--line-length", "120", "-")
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    path.write_text(done.stdout, encoding="utf-8")


def tell_changes(fresh: Path) -> None:
    """Print the operations and fields that are not what the repository's client was made from."""
    try:
        old, new = (read_file(folder / "openapi.json") for folder in (CLIENT, fresh))
        changes = find_changes(old.operations, new.operations)
    except Unusable as error:
        print(f"What changed in the contract cannot be told: {error}")
        return
    if changes:
        print(f"{len(changes)} change{'s' * (len(changes) > 1)} of the contract\n{as_text(changes)}")
    elif old.tree != new.tree:
        print("The contract changed in words and examples only.")


def check(fresh: Mapping[Path, Path]) -> int:
    """Print where what is in the repository differs from what is fresh; 1 if it does."""
    old = {name: text for path in fresh for name, text in contents(path).items()}
    new = {name: text for path in fresh.values() for name, text in contents(path).items()}
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if not changed:
        return 0
    for name in changed:
        # An empty file has no lines to differ by, so it is named.
        state = "missing" if name not in old else "left over" if name not in new else "different"
        print(f"{name}: {state}")
        before, after = old.get(name, "").splitlines(), new.get(name, "").splitlines()
        print("\n".join(difflib.unified_diff(before, after, f"repository/{name}", f"contract/{name}", lineterm="")))
    print(f"\n{len(changed)} files differ from what the contract gives. Run  python scripts/generate.py  and commit.")
    return 1


def replace(fresh: Path) -> None:
    """Put the fresh client in place of the old one, so that nothing of that is left."""
    if CLIENT.exists():
        shutil.rmtree(CLIENT)
    CLIENT.parent.mkdir(exist_ok=True)
    shutil.move(fresh, CLIENT)


def contents(of: Path) -> dict[str, str]:
    """The text of a file, or of every file in a folder but for what Python leaves behind, by its path there."""
    folder = of if of.is_dir() else of.parent
    files = (path for path in (of.rglob("*") if of.is_dir() else [of]) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode(errors="replace")
        for path in files
        if "__pycache__" not in path.parts
    }


if __name__ == "__main__":
    sys.exit(main())
