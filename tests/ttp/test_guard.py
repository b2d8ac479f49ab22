"""Who may ask the sandbox: no web page, and beyond this machine only who has the token."""

import contextlib
import functools
import http.server
import io
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from synergos import Driver, SynergosError
from synergos.__main__ import main
from synergos.errors import InvalidArgument
from synergos.sandbox import Sandbox
from synergos.ttp import contract
from synergos.ttp.guard import LARGEST_BODY

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "http"))

from authority import make_authority

PROJECTS = "/ttp/connect/projects/"
PROJECT = '{"project_id": "p", "incentives": {}}'
JSON = {"content-type": "application/json"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as ttp:
        yield ttp


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{sandbox.port}", trust_env=False, timeout=60) as client:
        yield client
        client.delete(f"{PROJECTS}p")


def message(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["message"])


class TestHost:
    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "LocalHost:5000",
            "localhost.",
            "127.0.0.1:5000",
            "127.3.2.1",
            "[::1]",
            "[::1]:80",
            "0.0.0.0:5000",
        ],
    )
    def test_this_machine_is_called_by_its_names(self, caller: httpx.Client, host: str) -> None:
        assert caller.get(PROJECTS, headers={"host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:5000",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "192.0.2.7",
            "[::2]",
            "",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
    def test_by_another_name_nothing_is_read_or_written(self, caller: httpx.Client, host: str, method: str) -> None:
        body = PROJECT if method == "POST" else None
        answer = caller.request(method, PROJECTS, content=body, headers={"host": host, **JSON})
        assert "is not this machine's name: call the sandbox by 127.0.0.1" in message(answer, 403)
        assert caller.get(PROJECTS).json()["data"] == []

    def test_the_documents_are_guarded_too(self, caller: httpx.Client) -> None:
        assert caller.get("/openapi.json", headers={"host": "evil.example"}).status_code == 403
        assert caller.get("/nothing", headers={"host": "evil.example"}).status_code == 403

    def test_beyond_this_machine_addresses_are_names_and_others_need_a_token(self) -> None:
        for token, status in ((None, 403), ("secret", 200)):
            headers = {} if token is None else {"authorization": f"Bearer {token}"}
            with Sandbox("0.0.0.0", token=token) as ttp:
                address = f"http://127.0.0.1:{ttp.port}{PROJECTS}"
                ask = functools.partial(httpx.get, address, trust_env=False)
                assert ask(headers=headers | {"host": "192.0.2.7:5000"}).status_code == 200
                assert ask(headers=headers | {"host": "evil.example"}).status_code == status
                assert ttp.url == f"http://127.0.0.1:{ttp.port}"


class TestBody:
    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
    )
    def test_a_body_that_says_something_else_is_refused(self, caller: httpx.Client, kind: str) -> None:
        answer = caller.post(PROJECTS, content=PROJECT, headers={"content-type": kind})
        assert "send it with -H 'Content-Type: application/json'" in message(answer, 415)
        assert caller.get(PROJECTS).json()["data"] == []

    def test_a_body_that_says_nothing_is_refused(self, caller: httpx.Client) -> None:
        assert "says no Content-Type" in message(caller.post(PROJECTS, content=PROJECT), 415)
        assert "says no Content-Type" in message(caller.post(PROJECTS, content=iter([PROJECT.encode()])), 415)

    @pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
    def test_json_is_taken(self, caller: httpx.Client, kind: str) -> None:
        assert caller.post(PROJECTS, content=PROJECT, headers={"content-type": kind}).status_code == 201

    def test_where_there_is_no_body_nothing_need_be_said(self, caller: httpx.Client) -> None:
        assert caller.post("/ttp/train/projects/nobody/alignments/").status_code == 404

    @pytest.mark.parametrize("is_chunked", [False, True])
    def test_a_body_that_is_too_large_is_refused_with_the_bound(self, caller: httpx.Client, is_chunked: bool) -> None:
        body = b" " * (LARGEST_BODY + 1)
        pieces = (body[start : start + 50_000] for start in range(0, len(body), 50_000))
        answer = caller.post(PROJECTS, content=pieces if is_chunked else body, headers=JSON)
        assert "at most 1,000,000 are taken" in message(answer, 413)
        padded = PROJECT + " " * (LARGEST_BODY - len(PROJECT))
        assert caller.post(PROJECTS, content=padded, headers=JSON).status_code == 201


class TestOrigin:
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "file://"])
    def test_a_page_is_refused(self, caller: httpx.Client, origin: str) -> None:
        headers = {"origin": origin, **JSON}
        assert f"Origin '{origin}' is a web page's" in message(caller.get(PROJECTS, headers=headers), 403)
        assert caller.post(PROJECTS, content=PROJECT, headers=headers).status_code == 403
        assert caller.options(PROJECTS, headers=headers).status_code == 403
        assert caller.get(PROJECTS).json()["data"] == []

    def test_its_own_is_not_foreign(self, sandbox: Sandbox, caller: httpx.Client) -> None:
        assert caller.get(PROJECTS, headers={"origin": f"http://127.0.0.1:{sandbox.port}"}).status_code == 200


class TestToken:
    def test_every_request_needs_it_and_the_driver_sends_it(self) -> None:
        with Sandbox(token="secret") as ttp:
            address = f"http://127.0.0.1:{ttp.port}"
            for path in (PROJECTS, "/openapi.json", "/nothing"):
                for shown in (
                    "",
                    "secret",
                    "Bearer",
                    "Bearer wrong",
                    "Bearer secrets",
                    "Basic secret",
                    "Bearer sécret",
                ):
                    headers = {"authorization": shown.encode()}
                    answer = httpx.get(address + path, headers=headers, trust_env=False)
                    assert "Authorization: Bearer TOKEN" in message(answer, 401)
                    assert answer.headers["www-authenticate"] == "Bearer"
            with Driver(ttp.host, ttp.port, token="secret") as driver:
                assert driver.projects.read_all().data == []
            with Driver(ttp.host, ttp.port, token="wrong") as driver, pytest.raises(SynergosError, match="401"):
                driver.projects.read_all()

    @pytest.mark.parametrize("token", ["", " ", "a b", "é", "a\n"])
    def test_one_that_cannot_be_sent_is_refused(self, token: str) -> None:
        with pytest.raises(InvalidArgument, match="token"):
            Sandbox(token=token)


class TestContract:
    def test_what_the_guard_refuses_is_in_the_contract_of_every_operation(self, caller: httpx.Client) -> None:
        document = contract.load()
        error = Draft202012Validator(document["components"]["schemas"]["Error"])
        seen: set[int] = set()

        def check(operation: contract.Operation, answer: httpx.Response, status: int) -> None:
            described = document["paths"][operation.path][operation.method.lower()]["responses"]
            assert answer.status_code == status, answer.text
            assert str(status) in described, f"{operation.name} does not describe {status}"
            error.validate(answer.json())
            seen.add(status)

        with Sandbox(token="secret") as closed, httpx.Client(base_url=closed.url, trust_env=False) as stranger:
            for operation in contract.operations():
                method, path = operation.method, operation.path
                check(operation, stranger.request(method, path), 401)
                check(operation, caller.request(method, path, headers={"host": "evil.example"}), 403)
                check(operation, caller.request(method, path, headers={"origin": "https://evil.example"}), 403)
                if operation.body is not None:
                    large = b" " * (LARGEST_BODY + 1)
                    check(operation, caller.request(method, path, content=large, headers=JSON), 413)
                    check(operation, caller.request(method, path, content="{}"), 415)
        assert seen == {401, 403, 413, 415}


class TestTls:
    def test_it_speaks_tls(self, tmp_path: Path) -> None:
        authority = make_authority(tmp_path)
        with Sandbox(certificate=authority.server) as ttp, Driver(url=ttp.url, verify=str(authority.ca)) as driver:
            assert ttp.url.startswith("https://127.0.0.1:")
            assert driver.projects.read_all().data == []

    def test_what_is_no_certificate_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file.pem").write_text("a letter")
        for name in ("file.pem", "nothing.pem"):
            with pytest.raises(OSError, match=f"cannot use the certificate .*{name}"):
                Sandbox(certificate=tmp_path / name).start()
        with pytest.raises(InvalidArgument, match="there is no certificate"):
            Sandbox(key=tmp_path / "file.pem")


class TestGreeting:
    @pytest.fixture
    def greeting(self) -> Iterator[Callable[..., str]]:
        """What the command says, which is interrupted as soon as it has said where it listens."""

        class Interrupting(io.StringIO):
            def flush(self) -> None:
                if self.getvalue().endswith("Ctrl-C stops it.\n"):
                    signal.raise_signal(signal.SIGINT)

        def run(*arguments: str) -> str:
            said = Interrupting()
            with contextlib.redirect_stdout(said):
                assert main(["sandbox", "--port", "0", *arguments]) == 0
            return said.getvalue()

        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        yield run
        for number, handler in before.items():
            signal.signal(number, handler)

    def test_beyond_this_machine_it_warns(self, greeting: Callable[..., str]) -> None:
        said = greeting("--host", "0.0.0.0")
        assert "A TTP listens on http://127.0.0.1:" in said
        assert "Driver(host='127.0.0.1', port=" in said
        assert "Warning: whoever reaches it can read, change and delete everything: give it a --token." in said
        said = greeting("--host", "0.0.0.0", "--token", "secret")
        assert "delete everything" not in said
        assert "token=...)" in said
        assert "secret" not in said
        assert "unencrypted" in said

    def test_on_this_machine_it_does_not(self, greeting: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        assert "Warning" not in greeting()
        assert "http://[::1]:" in greeting("--host", "::1")
        monkeypatch.setenv("SYNERGOS_TOKEN", "secret")
        assert "token=...)" in greeting()


PAGE = """<!doctype html><script>
const url = "http://127.0.0.1:%d/ttp/connect/projects/";
const body = JSON.stringify({project_id: "evil", incentives: {}});
const tries = {
  "plain text": () => fetch(url, {method: "POST", mode: "no-cors", body}),
  "nothing said": () => fetch(url, {method: "POST", mode: "no-cors", body: new Blob([body])}),
  "json": () => fetch(url, {method: "POST", headers: {"Content-Type": "application/json"}, body}),
  "a beacon": async () => navigator.sendBeacon(url, body),
  "a delete": () => fetch(url + "mine", {method: "DELETE"}),
  "a read": () => fetch(url).then(answer => answer.text()),
};
(async () => {
  const told = [];
  for (const [name, act] of Object.entries(tries))
    told.push(name + ": " + await act().then(String, () => "refused"));
  await fetch("/done", {method: "POST", body: told.join("\\n")});
})();
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_a_page_in_a_real_browser_changes_and_reads_nothing(tmp_path: Path, caller_of: Any) -> None:
    done, told = threading.Event(), []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write((PAGE % ttp.port).encode())

        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *_: object) -> None:
            pass

    with Sandbox() as ttp, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as pages:
        caller = caller_of(ttp.port)
        caller.ok("POST", "projects/", {"project_id": "mine", "incentives": {}})
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        quiet = ("extensions", "sync", "default-apps", "component-update", "background-networking", "quic", "gpu")
        browser = subprocess.Popen(
            [
                *(
                    str(CHROMIUM),
                    "--headless",
                    "--no-sandbox",
                    "--no-first-run",
                    f"--user-data-dir={tmp_path / 'user'}",
                ),
                *(f"--disable-{what}" for what in quiet),
                f"http://127.0.0.1:{pages.server_port}/",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert done.wait(120), "the page was not done"
        finally:
            browser.terminate()
            browser.wait()
            pages.shutdown()
        assert [project["key"]["project_id"] for project in caller.ok("GET", "projects/")] == ["mine"]
    results = dict(line.split(": ") for line in told[0].splitlines())
    assert [results[name] for name in ("json", "a delete", "a read")] == ["refused"] * 3
