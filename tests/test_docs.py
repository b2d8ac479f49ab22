"""The documentation: its code runs as a reader would run it, and the site has every operation and loads nothing."""

import importlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from code_blocks import ROOT, code_of, pages

from synergos.sandbox import Sandbox
from synergos.ttp import contract

PAGES = [page for page in pages() if page.name != "README.md"]
SHELLS = sorted(path for path in (ROOT / "docs").rglob("*.md") if "```sh" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_a_page_runs(page: Path) -> None:
    with Sandbox() as ttp:
        code = code_of(page).replace('Driver(host="127.0.0.1", port=5000', f'Driver(host="127.0.0.1", port={ttp.port}')
        exec(compile(code, str(page), "exec"), {"__name__": "page"})


@pytest.mark.parametrize("page", SHELLS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNERGOS_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment |= {"XDG_CONFIG_HOME": str(tmp_path / "configuration"), "SYNERGOS_LOCK": os.environ["SYNERGOS_LOCK"]}
    with Sandbox() as ttp:
        commands = "\n".join(["set -e", *blocks]).replace("http://127.0.0.1:5000", ttp.url)
        done = subprocess.run(
            ["sh", "-c", commands], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr


def test_there_are_pages_with_code() -> None:
    assert len(PAGES) >= 7


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_a_page_is_not_too_wide(page: Path) -> None:
    assert [line for line in code_of(page).splitlines() if len(line) > 100] == []


@pytest.fixture(scope="module")
def docs_pages() -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    return importlib.import_module("docs_pages")


def test_every_operation_is_in_the_reference_once(docs_pages: ModuleType) -> None:
    pages = docs_pages.pages()
    text = "".join(pages.values())
    document = contract.load()
    for operation in contract.operations():
        described = document["paths"][operation.path][operation.method.lower()]
        is_alias = "x-alias-of" in described
        assert text.count(f"{{#{operation.name}}}") == (0 if is_alias else 1), operation.name
        assert f"`{operation.path}`" in pages[f"rest/{operation.resource}.md"]


def test_parameters_of_the_path_and_of_the_query_are_told_apart(docs_pages: ModuleType) -> None:
    page = docs_pages.pages()["rest/sandbox.md"]
    assert page.count("| in the query | |\n|---|---|\n| `") == 4
    assert len(re.findall(r"\| in the path \| \|\n\|---\|---\|\n\| `(?:collab|project)_id", page)) == 2


def test_the_objects_are_those_that_are_linked(docs_pages: ModuleType) -> None:
    pages = docs_pages.pages()
    linked = re.findall(r"objects\.md#(\w+)", "".join(pages.values()))
    shown = re.findall(r"{#(\w+)}", pages["rest/objects.md"])
    assert {"run", "layerinput", "statistics"} <= set(shown)
    assert sorted(shown) == sorted(set(linked))


def test_every_field_in_the_reference_is_described(docs_pages: ModuleType) -> None:
    rows = [line for page in docs_pages.pages().values() for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 500
    assert [row for row in rows if row.endswith("|  |")] == []


def test_the_examples_in_the_reference_are_json(docs_pages: ModuleType) -> None:
    blocks = re.findall(r"```json\n(.*?)```", "".join(docs_pages.pages().values()), re.DOTALL)
    assert len(blocks) > 100
    for block in blocks:
        json.loads(block)


class Loaded(HTMLParser):
    """What a page loads: scripts, styles, images, fonts; not what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.addresses.append(given.get("href") or "")
        elif tag != "a" and given.get("src"):
            self.addresses.append(given["src"] or "")


def test_the_site_is_built_and_loads_nothing_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    monkeypatch.chdir(ROOT)
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path))
    build(config)

    connect = (tmp_path / "api" / "connect.html").read_text(encoding="utf-8")
    assert connect.count('id="synergos.connect.runs.RunTask.create"') == 1
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert loaded.addresses
        elsewhere = [one for one in loaded.addresses if re.match(r"(?:https?:)?//", one)]
        assert elsewhere == [], page
    for style in tmp_path.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", style.read_text(encoding="utf-8")), style
