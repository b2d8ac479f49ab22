"""The documentation: its code runs as a reader would run it, and the site has every operation and loads nothing."""

import html
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from code_blocks import NOT_RUN, ROOT, all_pages, blocks_of, code_of

from synergos.__main__ import main
from synergos.sandbox import Sandbox
from synergos.ttp import contract

PAGES = [page for page in all_pages()[1:] if {"python", "sh"} & {block.language for block in blocks_of(page)}]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_and_the_commands_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the top, in an empty folder, against one sandbox."""
    monkeypatch.chdir(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNERGOS_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment |= {"XDG_CONFIG_HOME": str(tmp_path / "configuration"), "SYNERGOS_LOCK": os.environ["SYNERGOS_LOCK"]}
    names: dict[str, object] = {"__name__": "page"}
    with Sandbox() as ttp:
        for language, code in blocks_of(page):
            if language == "python":
                code = code.replace('Driver(host="127.0.0.1", port=5000', f'Driver(host="127.0.0.1", port={ttp.port}')
                exec(compile(code, str(page), "exec"), names)
            elif language == "sh":
                command = ["sh", "-e", "-c", code.replace("http://127.0.0.1:5000", ttp.url)]
                done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{code}{done.stderr}"


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_runs_or_has_a_reason(page: Path) -> None:
    for language, code in blocks_of(page):
        assert language in ("python", "sh", "console", "json", "text"), (
            f"a block of {language or 'no language'}: {code}"
        )
        if language == "json":
            json.loads(code)
        if language == "console":
            commands = code.replace("\\\n", " ").splitlines()
            assert [line for line in commands if not any(line.startswith(known) for known in NOT_RUN)] == []


def test_every_reason_is_of_a_command_that_a_page_shows() -> None:
    shown = [block.code for page in all_pages() for block in blocks_of(page) if block.language == "console"]
    assert [command for command in NOT_RUN if not any(command in code for code in shown)] == []


def test_no_block_hides_in_an_indent() -> None:
    for page in all_pages():
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        assert re.findall(r"(?<=\n\n) {4,}.+", text) == [], page


def test_commands_that_are_not_run_have_the_options_that_pages_give_them(capsys: pytest.CaptureFixture[str]) -> None:
    shown = "".join(
        block.code for page in all_pages() for block in blocks_of(page) if block.language in ("console", "text")
    )
    commands = re.findall(r"^synergos (sandbox|ttp|participant)\b(.*)$", re.sub(r"\\?\n +", " ", shown), re.MULTILINE)
    assert {name for name, _ in commands} == {"sandbox", "ttp", "participant"}
    for name, rest in commands:
        with pytest.raises(SystemExit):
            main([name, "--help"])
        known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, name


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
    asked = [operation for operation in contract.operations() if operation.resource == "sandbox" and operation.query]
    assert page.count("| in the query | |\n|---|---|\n| `") == len(asked) > 4
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


@pytest.fixture(scope="module")
def site(docs_pages: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `./scripts/docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    docs_pages.write(folder / "build" / "docs")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    for name in ("synergos", "generated", "scripts"):
        (folder / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "zensical", "build", "--config-file", "mkdocs.yml", "--strict"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert loaded.addresses
        elsewhere = [one for one in loaded.addresses if re.match(r"(?:https?:)?//", one)]
        assert elsewhere == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", style.read_text(encoding="utf-8")), style


def test_the_navigation_names_every_page_once(docs_pages: ModuleType, tmp_path: Path) -> None:
    docs_pages.write(tmp_path)
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    named = re.findall(r": (\S+\.md)$", navigation, re.MULTILINE)
    assert sorted(named) == sorted(page.relative_to(tmp_path).as_posix() for page in tmp_path.rglob("*.md"))


def test_pages_are_written_anew_when_they_change_and_removed_when_they_are_gone(
    docs_pages: ModuleType, tmp_path: Path
) -> None:
    docs_pages.write(tmp_path)
    kept = (tmp_path / "sandbox.md").stat().st_mtime_ns
    (tmp_path / "gone.md").write_text("# A page that was deleted")
    (tmp_path / "testing.md").write_text("# A page of yesterday")
    docs_pages.write(tmp_path)
    assert not (tmp_path / "gone.md").exists()
    assert (tmp_path / "testing.md").read_bytes() == (ROOT / "docs" / "testing.md").read_bytes()
    assert (tmp_path / "sandbox.md").stat().st_mtime_ns == kept


def test_a_verb_is_in_the_site_once_and_its_signature_on_a_line_for_each_argument(site: Path) -> None:
    connect = (site / "api" / "connect.html").read_text(encoding="utf-8")
    assert connect.count('id="synergos.connect.runs.RunTask.create"') == 1
    _, _, after = connect.partition('id="synergos.connect.runs.RunTask.create"')
    signature = html.unescape(re.sub(r"<[^>]*>", "", after.partition("<pre")[2].partition("</pre>")[0]))
    lines = [line.strip() for line in signature.splitlines()]
    assert 'criterion: str = "BCELoss",' in lines
    assert max(map(len, lines)) < 100


def test_the_formatter_of_signatures_is_installed_with_what_builds_the_site() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    assert [package for package in groups["docs"] if re.match(r"(?:ruff|black)\b", package)]


def test_the_search_knows_words_in_quotes_and_brackets(site: Path) -> None:
    index = json.loads((site / "search.json").read_text(encoding="utf-8"))
    texts = [html.unescape(re.sub(r"<[^>]*>", " ", item["text"])) for item in index["items"]]
    words = {word for text in texts for word in re.split(index["config"]["separator"], text)}
    assert {"BCELoss", "NLLLoss", "StepLR", "Adam", "DIR", "antarctica"} <= words
    assert [word for word in words if re.search(r"[\"'`()\[\]{}<>=]", word)] == []
