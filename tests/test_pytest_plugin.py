"""The fixtures for pytest, as they are for who has installed the package."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from code_blocks import ROOT, code_of

SUITE = """
import os
import threading
from pathlib import Path

import pytest

from synergos import Driver
from synergos.sandbox import Sandbox


@pytest.mark.parametrize("number", range(4))
def test_it_is_as_new(ttp: Sandbox, driver: Driver, number: int) -> None:
    assert driver.projects.read_all().data == []
    driver.projects.create(project_id="p", action="classify", incentives={})
    assert driver.projects.read(project_id="p").data.doc_id == "1"
    ttp.lose_worker("biscoe")
    ttp.slow(0.01)
    Path(__file__).with_name(f"{os.getpid()}-{ttp.port}").touch()


@pytest.mark.parametrize("number", range(2))
def test_it_may_be_stopped(ttp: Sandbox, driver: Driver, number: int) -> None:
    assert driver.projects.read_all().data == []
    ttp.stop()


def test_what_no_request_met_is_told(ttp: Sandbox, driver: Driver) -> None:
    ttp.fail_next(500, path="/projcts/")
    driver.projects.read_all()


def test_the_fragile_one_is_another(ttp: Sandbox, fragile_ttp: Sandbox) -> None:
    assert ttp.url != fragile_ttp.url
    with Driver(url=fragile_ttp.url) as driver:
        assert driver.projects.read_all().data == []
    assert fragile_ttp.overlaps == 0


class TestOwn:
    @pytest.fixture
    def driver(self) -> str:
        return "a driver of another kind"

    def test_a_fixture_of_ones_own_is_used(self, driver: str) -> None:
        assert driver == "a driver of another kind"
"""


WITHOUT_FLOWER = """
import sys


class Without:
    def find_spec(self, name, *_):
        if name == "flwr":
            raise ModuleNotFoundError("there is none", name=name)


sys.meta_path.insert(0, Without())
"""


class Ran(NamedTuple):
    """What came of a run of pytest."""

    said: str
    code: int
    folder: Path


def run(folder: Path, files: Mapping[str, str], *options: str) -> Ran:
    """Run the tests of a project of its own, with no other plugin than those that are named."""
    for name, content in {"pytest.ini": "[pytest]\n", **files}.items():
        (folder / name).write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "pytest_synergos", "-p", "no:cacheprovider", "-v", *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return Ran(f"{done.stdout}{done.stderr}", done.returncode, folder)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The tests above and those of the page, in two processes."""
    page = code_of(ROOT / "docs" / "testing.md")
    files = {"test_page.py": page, "test_suite.py": SUITE}
    return run(tmp_path_factory.mktemp("project"), files, "-p", "xdist.plugin", "-n", "2")


def test_a_sandbox_is_as_new_for_each_test(ran: Ran) -> None:
    passed = ran.said.count(" PASSED test_suite.py::")
    assert passed == 9, ran.said


def test_each_process_has_a_sandbox_of_its_own(ran: Ran) -> None:
    processes: dict[str, set[str]] = {}
    for one in ran.folder.glob("*-*"):
        process, port = one.name.split("-")
        processes.setdefault(port, set()).add(process)
    assert processes
    assert all(len(found) == 1 for found in processes.values())


def test_a_failure_that_no_request_met_is_told(ran: Ran) -> None:
    assert ran.said.count("ERROR test_suite.py::test_what_no_request_met_is_told") == 2, ran.said
    assert "No request met what was to fail: fail_next(500, path='/projcts/')." in ran.said


def test_the_tests_of_the_page_pass(ran: Ran) -> None:
    page = code_of(ROOT / "docs" / "testing.md")
    assert ran.said.count(" PASSED test_page.py::") == page.count("def test_") > 5, ran.said


def test_without_the_sandbox_it_says_what_to_install(tmp_path: Path) -> None:
    suite = "def test_it(driver): pass\ndef test_another(): pass\n"
    ran = run(tmp_path, {"conftest.py": WITHOUT_FLOWER, "test_suite.py": suite})

    assert ran.code == 1
    assert "1 passed, 1 error" in ran.said, ran.said
    assert "The sandbox needs flwr, which is not installed: pip install 'synergos-driver[sandbox]'" in ran.said
    assert "Traceback" not in ran.said


def test_who_does_not_use_it_imports_nothing(tmp_path: Path) -> None:
    suite = "def test_it():\n    import sys\n    assert not {'synergos', 'httpx', 'torch'} & sys.modules.keys()\n"
    ran = run(tmp_path, {"test_suite.py": suite})

    assert ran.code == 0, ran.said


def test_each_fixture_has_help(tmp_path: Path) -> None:
    listed = run(tmp_path, {}, "--fixtures").said
    for name in ("ttp", "driver", "fragile_ttp"):
        assert f"\n{name} -- " in listed
