"""The address: as a URL or in parts, without its secrets, and which spellings are this machine."""

from typing import Any

import httpx
import pytest

from synergos import Driver, InvalidArgument
from synergos.http import URL
from synergos.http.address import is_this_machine, one_spelling
from synergos.http.gate import gate_of

THIS_MACHINE = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ttp.localhost",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.9.9.9",
    "0x7f.1",
    "2130706433",
    "0.0.0.0",
    "0",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::1%lo",
    "::",
    "::ffff:127.0.0.1",
    "::FFFF:7f00:1",
]
ELSEWHERE = ["ttp", "ttp.example", "localhost.example", "127.example", "10.0.0.7", "128.0.0.1", "::2", "fd00::1", "1"]


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_this_machine_however_it_is_spelled(host: str) -> None:
    assert is_this_machine(host)
    assert one_spelling(host) == "127.0.0.1"


@pytest.mark.parametrize("host", ELSEWHERE)
def test_what_is_not_this_machine(host: str) -> None:
    assert not is_this_machine(host)


@pytest.mark.parametrize(("one", "other"), [("::ffff:10.0.0.7", "10.0.0.7"), ("TTP.", "ttp"), ("FD00:0::7", "fd00::7")])
def test_spellings_of_one_machine_are_one(one: str, other: str) -> None:
    assert one_spelling(one) == one_spelling(other)


def test_drivers_on_one_machine_take_turns_however_it_is_spelled_and_grids_of_a_gateway_do_not() -> None:
    gate = gate_of(URL("http://127.0.0.1:5000"))

    assert gate_of(URL("http://localhost.:5000")) is gate
    assert gate_of(URL("http://[::1]:5000")) is gate
    assert gate_of(URL("http://127.0.0.1:5001")) is not gate
    assert gate_of(URL("http://127.0.0.1:5000/grid1")) is not gate


@pytest.mark.parametrize("host", [*THIS_MACHINE, "ttp.example"])
def test_only_what_is_elsewhere_goes_through_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    driver = Driver(host, 5000)

    assert (driver._connection.transport._endpoint.proxy is not None) == (host == "ttp.example")


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://gw.example/grid1", "https://gw.example/grid1/ttp/connect/projects/"),
        ("https://gw.example/grid1/", "https://gw.example/grid1/ttp/connect/projects/"),
        ("https://gw.example:8443/a/b", "https://gw.example:8443/a/b/ttp/connect/projects/"),
        ("http://gw.example", "http://gw.example/ttp/connect/projects/"),
        ("http://[::1]:5000", "http://[::1]:5000/ttp/connect/projects/"),
        ("HTTPS://GW.example/A b", "https://gw.example/A%20b/ttp/connect/projects/"),
    ],
)
def test_a_url_leads_through_its_path(url: str, sent: str) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"data": []})

    driver = Driver(url=url, transport=httpx.MockTransport(answer))
    driver.projects.read_all()

    assert str(requests[0].url) == sent
    assert driver.is_secured == url.lower().startswith("https")


def test_the_url_stands_where_the_address_stands() -> None:
    driver = Driver(url="https://gw.example/grid1", collab_id="c")

    assert repr(driver) == "Driver(url='https://gw.example/grid1', collab_id='c')"
    assert (driver.url, driver.host, driver.port) == ("https://gw.example/grid1", "gw.example", 443)
    assert driver.scope(project_id="p").url == driver.url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gw.example",
        "ftp://gw.example",
        "http://",
        "http://gw:0",
        "http://gw:99999",
        "http://gw:" + "9" * 5000,
        "http://gw?key=secret",
        "http://gw#part",
        "http://user:secret@",
        "http://user:secret/x@gw",
        "http://user:secret@gw:port",
        "http://gw/\ud800",
        "http://a..b",
        5000,
        b"http://gw",
    ],
)
def test_what_is_no_url_is_refused_and_shows_no_secret(url: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^\[Driver\] url") as caught:
        Driver(url=url)

    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 800
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "Where is the TTP"),
        ({"url": "http://gw", "host": "gw"}, "twice"),
        ({"url": "http://gw", "port": 5000}, "twice"),
        ({"url": "http://gw", "is_secured": True}, "says http and"),
        ({"host": "gw"}, "port=None"),
        ({"port": 5000}, "host=None"),
        ({"host": "gw", "port": "9" * 5000}, "port="),
        ({"host": "gw", "port": 10**5000}, "port="),
    ],
)
def test_an_address_is_said_once_and_in_full(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words) as caught:
        Driver(**arguments)

    assert len(str(caught.value)) < 800
