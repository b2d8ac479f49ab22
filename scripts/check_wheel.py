"""Build the wheel, install it into a fresh environment, and see that all of it is there: packages, types, fixtures.

python scripts/check_wheel.py
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

# Without the extra `sandbox`, what pytest says of the fixture shows that it has found it.
TEST = "def test(driver): pass"
ROOT = Path(__file__).resolve().parents[1]
CHECK = r"""
import importlib.metadata, importlib.resources, re, sys
import synergos, synergos_client
from synergos_client.api.projects import create_project
for package in (synergos, synergos_client):
    assert importlib.resources.files(package).joinpath("py.typed").is_file(), f"{package.__name__} has no py.typed"
assert importlib.resources.files(synergos_client).joinpath("openapi.json").is_file(), "the contract is missing"
demo = importlib.resources.files(synergos).joinpath("sandbox", "demo")
size = sum(file.stat().st_size for file in __import__("pathlib").Path(str(demo)).rglob("*") if file.is_file())
assert 0 < size < 300_000, f"the demo data hold {size} bytes"
page = importlib.resources.files(synergos).joinpath("ttp", "page")
for name in ("page.html", "page.css", "charts.js", "page.js"):
    assert page.joinpath(name).is_file(), f"the page of a TTP has no {name}"
description = importlib.metadata.metadata("synergos-driver").json["description"]
assert "Two commands" in description and "together 1.00" in description, "the description is not that of README"
assert not re.search(r"\]\((?!https?:)", description), "the description links to where no package is"
assert sys.prefix in synergos.__file__, f"{synergos.__file__} is not from the wheel"
driver = synergos.Driver(host="127.0.0.1", port=5000)
driver.projects, driver.models, driver.predictions
print(f"{synergos.__name__} and {synergos_client.__name__} import, with types; the demo data hold {size} bytes")
"""


def main() -> int:
    """Build, install and check; 1 if something is missing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT))
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "fresh", with_pip=True)
        python = str(folder / "fresh" / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel), "pytest")
        print(f"{wheel.name}: {wheel.stat().st_size // 1000} kB")
        (folder / "test_fixture.py").write_text(TEST)
        said = subprocess.run([python, "-m", "pytest", "test_fixture.py"], cwd=folder, capture_output=True, text=True)
        if "pip install 'synergos-driver[sandbox]'" not in said.stdout:
            raise SystemExit(f"pytest does not find the fixtures:\n{said.stdout}{said.stderr}")
        return subprocess.run([python, "-c", CHECK], cwd=folder).returncode


def run(*command: str) -> None:
    """Run a command; when it fails, print what it said and stop."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
