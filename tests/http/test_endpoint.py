"""How a TTP is reached: who asks, what is trusted, what the environment says, and that no secret is shown."""

import base64
import logging
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from code_blocks import ROOT

from synergos import Driver, InvalidArgument, StatusError, SynergosError
from synergos.http.endpoint import user_agent

SECRET = "s3cr3t-t0ken"
BASIC = "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode()
VARIABLES = ("SYNERGOS_URL", "SYNERGOS_TOKEN", "SYNERGOS_CA", "SYNERGOS_LOG", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (*VARIABLES, *PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)
    logger = logging.getLogger("synergos")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers, logger.level = handlers, level
    logging.getLogger("synergos.curl").setLevel(logging.WARNING)


class Asked(httpx.MockTransport):
    """Keeps what it is asked, and answers 401 to who gives the wrong password."""

    def __init__(self, status: int = 200) -> None:
        self.requests: list[httpx.Request] = []
        self._status = status
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, json={"data": [], "message": "no"})


@pytest.mark.parametrize(
    ("arguments", "header"),
    [
        ({"token": SECRET}, f"Bearer {SECRET}"),
        ({"auth": SECRET}, f"Bearer {SECRET}"),
        ({"auth": ("user", SECRET)}, BASIC),
        ({"auth": httpx.BasicAuth("user", SECRET)}, BASIC),
        ({"headers": {"Authorization": f"Other {SECRET}"}}, f"Other {SECRET}"),
        ({"url": f"http://user:{SECRET}@gw"}, BASIC),
        ({"url": f"http://user:{SECRET.replace('-', '%2D')}@gw"}, BASIC),
    ],
)
def test_who_asks_goes_with_each_request_and_is_shown_nowhere(
    arguments: dict[str, Any], header: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNERGOS_LOG", "curl")
    wire = Asked(401)
    with caplog.at_level(logging.DEBUG):
        driver = Driver(**{"url": "http://gw", **arguments}, transport=wire)
        with pytest.raises(StatusError, match=r"401.*who asks|401.*Who asks") as caught:
            driver.projects.create(project_id="p", action="classify")

    assert wire.requests[0].headers["authorization"] == header
    shown = [caplog.text, repr(driver), repr(driver.projects), str(caught.value), repr(caught.value), driver.url]
    shown += [repr(driver._connection.transport._endpoint), str(vars(driver))]
    assert not [text for text in shown if SECRET in text or header[6:] in text]
    assert "curl -X POST" in caplog.text


def test_headers_and_the_version_go_with_each_request() -> None:
    wire = Asked()
    Driver(url="http://gw", headers={"X-Api-Key": SECRET}, transport=wire).projects.read_all()

    assert wire.requests[0].headers["x-api-key"] == SECRET
    assert wire.requests[0].headers["user-agent"] == user_agent()
    assert user_agent().startswith("synergos-driver/")


@pytest.mark.parametrize(
    "arguments",
    [
        {"token": f"{SECRET}\n"},
        {"token": f"{SECRET} x"},
        {"token": ""},
        {"token": f"{SECRET}ü"},
        {"auth": ("user", SECRET, "x")},
        {"auth": (SECRET,)},
        {"auth": ("us:er", SECRET)},
        {"auth": ("user", f"{SECRET}\ud800")},
        {"auth": 3},
        {"auth": ("user", SECRET), "token": SECRET},
        {"headers": {"Authorization": SECRET}, "token": SECRET},
        {"headers": {"X-Key": f"{SECRET}\r\nX: y"}},
        {"headers": {"X-Key": f"{SECRET}ü"}},
        {"headers": {"X-Key": 3}},
        {"headers": {"X Key": SECRET}},
        {"headers": {"": SECRET}},
        {"headers": {"Content-Length": SECRET}},
        {"headers": [("X-Key", SECRET)]},
        {"headers": SECRET},
        {"url": f"http://user:{SECRET}@gw", "token": SECRET},
        {"verify": False},
        {"verify": 3},
        {"verify": "/nowhere/ca.pem"},
        {"verify": __file__},
        {"verify": str(Path(__file__).parent)},
        {"cert": "/nowhere/client.pem"},
        {"cert": (__file__, __file__, SECRET)},
        {"cert": 3},
        {"proxy": f"foo://user:{SECRET}@gw"},
        {"proxy": f"http://user:{SECRET}@"},
        {"proxy": f"http://user:{SECRET}@gw:{'9' * 5000}"},
        {"proxy": f"socks5://user:{SECRET}@gw:1"},
        {"proxy": 3},
        {"max_bytes": 0},
        {"total_timeout": 0},
        {"total_timeout": "1"},
    ],
)
def test_what_cannot_be_used_is_refused_and_shows_no_secret(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=r"^\[Driver\] ") as caught:
        Driver(**{"url": "http://gw", **arguments})

    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__


@pytest.mark.parametrize(
    ("variable", "value", "url"),
    [
        ("HTTP_PROXY", "foo://proxy", "http://gw"),
        ("http_proxy", "http://", "http://gw"),
        ("HTTPS_PROXY", "http://proxy:99999999", "https://gw"),
        ("ALL_PROXY", "socks5://", "http://gw"),
        ("ALL_PROXY", "socks5://proxy:1080", "https://gw"),
        ("all_proxy", "http://pro xy", "http://gw"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "https://gw"),
        ("SSL_CERT_FILE", __file__, "https://gw"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "https://127.0.0.1"),
        ("SSL_CERT_DIR", "/nowhere", "https://gw"),
        ("SSLKEYLOGFILE", "/nowhere/keys", "https://gw"),
        ("SYNERGOS_LOG", "loud", "http://gw"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    variable: str, value: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(InvalidArgument, match=rf"^\[Driver\] .*{variable}"):
        Driver(url=url)


@pytest.mark.parametrize(
    ("variable", "value", "url"),
    [
        ("HTTP_PROXY", "foo://proxy", "http://localhost.:5000"),
        ("ALL_PROXY", "socks5://", "http://[::ffff:127.0.0.1]:5000"),
        ("HTTPS_PROXY", "foo://proxy", "http://gw"),
        ("NO_PROXY", "fd00::/8", "http://gw"),
        ("NO_PROXY", "[fd00::]/8,*.x, ,:,10.0.0.0/99", "http://gw"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "http://gw"),
        ("SSL_CERT_DIR", "", "https://gw"),
    ],
)
def test_a_variable_that_does_not_matter_here_is_left_alone(
    variable: str, value: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    Driver(url=url).close()


@pytest.mark.parametrize(
    ("none", "url", "is_direct"),
    [
        ("fd00::/8", "http://[fd00::7]:5000", True),
        ("fd00::/8", "http://[fe00::7]:5000", False),
        ("10.0.0.0/8", "http://10.9.9.9:5000", True),
        ("10.0.0.0/8", "http://11.0.0.1:5000", False),
        ("gw.example", "http://gw.example:5000", True),
        (".example", "http://gw.example:5000", True),
        ("*", "http://gw.example", True),
        ("other", "http://gw.example", False),
    ],
)
def test_what_no_proxy_is_for_is_reached_without(
    none: str, url: str, is_direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", none)

    assert (Driver(url=url)._connection.transport._endpoint.proxy is None) == is_direct


def test_a_driver_is_made_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNERGOS_URL", "http://gw.example/grid1")
    monkeypatch.setenv("SYNERGOS_TOKEN", SECRET)
    wire = Asked()

    Driver.from_env(transport=wire).projects.read_all()
    Driver.from_env(transport=wire, auth=("user", SECRET)).projects.read_all()
    Driver.from_env(transport=wire, token="other").projects.read_all()

    assert str(wire.requests[0].url) == "http://gw.example/grid1/ttp/connect/projects/"
    found = [request.headers["authorization"] for request in wire.requests]
    assert found == [f"Bearer {SECRET}", BASIC, "Bearer other"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "SYNERGOS_URL is not set"),
        ({"SYNERGOS_URL": f"gw/{SECRET}@x"}, "SYNERGOS_URL"),
        ({"SYNERGOS_URL": "http://gw", "SYNERGOS_TOKEN": f"{SECRET} "}, "SYNERGOS_TOKEN"),
        ({"SYNERGOS_URL": "http://gw", "SYNERGOS_CA": "/nowhere/ca.pem"}, "SYNERGOS_CA"),
    ],
)
def test_an_environment_that_cannot_be_used_is_named(
    variables: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidArgument, match=words) as caught:
        Driver.from_env()

    assert SECRET not in str(caught.value)


def test_the_page_has_every_variable_of_ours() -> None:
    page = (ROOT / "docs" / "guides" / "real-grid.md").read_text(encoding="utf-8")
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "synergos").rglob("*.py"))
    # In a command of curl, this one stands for the name and the password.
    read = {name for source in sources for name in re.findall(r"SYNERGOS_[A-Z]+", source)} - {"SYNERGOS_LOGIN"}
    assert set(re.findall(r"^\| `(SYNERGOS_[A-Z]+)` \|", page, re.MULTILINE)) == read


def test_an_error_about_who_asks_can_be_sent_elsewhere() -> None:
    with pytest.raises(SynergosError) as caught:
        Driver(url="http://gw", transport=Asked(401)).projects.read_all()

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


# The log


def test_the_environment_asks_for_the_log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SYNERGOS_LOG", "DEBUG")
    for _ in range(2):
        Driver(url="http://gw", token=SECRET, transport=Asked()).projects.read_all()

    written = capsys.readouterr().err.splitlines()
    assert len(written) == 2
    assert all("synergos DEBUG projects.read_all GET 200 in" in line for line in written)


def test_each_request_is_told_as_a_command_on_demand(caplog: pytest.LogCaptureFixture) -> None:
    driver = Driver(url="http://gw/a", token=SECRET, headers={"X-Key": SECRET}, transport=Asked())
    with caplog.at_level(logging.DEBUG, logger="synergos.curl"):
        driver.runs.update(project_id="it's", expt_id="e", run_id="r", rounds=2)

    (command,) = [record.message for record in caplog.records if record.name == "synergos.curl"]
    assert command.startswith("curl -X PUT ")
    assert '-H "Authorization: Bearer $SYNERGOS_TOKEN"' in command
    assert "-H 'x-key: …'" in command
    assert """--data '{"rounds":2}'""" in command
    assert command.endswith("http://gw/a/ttp/connect/projects/it%27s/experiments/e/runs/r")
    assert SECRET not in command
