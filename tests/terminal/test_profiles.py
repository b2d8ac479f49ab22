"""Where the TTP is: addresses, the environment, and profiles, which hold no secret."""

import argparse
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from synergos import Driver, InvalidArgument
from synergos.__main__ import main
from synergos.terminal.profiles import driver_of, folder

HOSPITAL = "https://gateway.example/grid1"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("SYNERGOS_URL", "SYNERGOS_TOKEN", "SYNERGOS_CA", "SYNERGOS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def driver(url: str | None = None, profile: str | None = None) -> Driver:
    return driver_of(argparse.Namespace(url=url, profile=profile))


def token_of(found: Driver) -> str | None:
    """The token that goes out with a request."""
    request = next(found._connection.transport._endpoint.auth.auth_flow(_request()))  # type: ignore[union-attr]
    value = request.headers.get("authorization")
    return None if value is None else value.removeprefix("Bearer ")


def _request() -> object:
    import httpx

    return httpx.Request("GET", "http://x")


def test_what_is_named_goes_before_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidArgument, match="Where is the TTP"):
        driver()
    assert main(["profile", "add", "hospital", HOSPITAL]) == 0
    assert main(["profile", "add", "bank", "https://bank.example"]) == 0
    assert driver().url == HOSPITAL
    monkeypatch.setenv("SYNERGOS_PROFILE", "bank")
    assert driver().url == "https://bank.example"
    monkeypatch.setenv("SYNERGOS_URL", "http://of.environment:1")
    assert driver().url == "http://of.environment:1"
    assert driver(profile="hospital").url == HOSPITAL
    assert driver(url="http://given:2").url == "http://given:2"


def test_a_profile_is_used_listed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "add", "hospital", HOSPITAL, "--token-env", "HOSPITAL_TOKEN"]) == 0
    assert main(["profile", "add", "bank", "https://bank.example", "--collab-id", "antarctica"]) == 0
    assert main(["profile", "use", "bank"]) == 0
    capsys.readouterr()
    assert main(["profile", "list", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["used"], row["token"]) for row in rows] == [
        ("hospital", None, "HOSPITAL_TOKEN"),
        ("bank", "where none is named", None),
    ]
    assert driver()._scope == {"collab_id": "antarctica"}
    assert main(["profile", "remove", "bank"]) == 0
    assert main(["profile", "use", "bank"]) == 2
    with pytest.raises(InvalidArgument):
        driver()


def test_a_token_is_found_and_never_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: dict[tuple[str, str], str] = {}
    keyring = SimpleNamespace(
        set_password=lambda service, name, value: kept.update({(service, name): value}),
        get_password=lambda service, name: kept.get((service, name)),
        delete_password=lambda service, name: kept.pop((service, name)),
    )
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setattr("getpass.getpass", lambda _: "secret-3")
    monkeypatch.setenv("HOSPITAL_TOKEN", "secret-1")
    file = home / "token"
    file.write_text("secret-2\n")
    assert main(["profile", "add", "a", HOSPITAL, "--token-env", "HOSPITAL_TOKEN"]) == 0
    file.chmod(0o644)
    assert main(["profile", "add", "b", HOSPITAL, "--token-file", str(file)]) == 0
    assert "chmod 600" in capsys.readouterr().err
    file.chmod(0o600)
    assert main(["profile", "add", "b", HOSPITAL, "--token-file", str(file)]) == 0
    assert "chmod" not in capsys.readouterr().err
    assert main(["profile", "add", "c", HOSPITAL, "--token-keyring"]) == 0
    assert main(["profile", "add", "d", HOSPITAL]) == 0

    assert [token_of(driver(profile=name)) for name in "abc"] == ["secret-1", "secret-2", "secret-3"]
    assert "secret-" not in (folder() / "profiles.json").read_text()

    # A profile's own token goes to it, and no other one.
    monkeypatch.setenv("SYNERGOS_TOKEN", "of another grid")
    assert driver(profile="d")._connection.transport._endpoint.auth is None
    assert main(["profile", "remove", "c"]) == 0
    assert kept == {}
    monkeypatch.delenv("HOSPITAL_TOKEN")
    with pytest.raises(InvalidArgument, match="HOSPITAL_TOKEN, which is not set"):
        driver(profile="a")
    assert "secret-" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "words",
    [
        ("x", "https://name:password@gateway.example"),
        ("x", "nonsense://"),
        ("a/b", HOSPITAL),
        ("x", HOSPITAL, "--ca", "nothing.pem"),
        ("x", HOSPITAL, "--token-file", "nothing"),
    ],
)
def test_what_cannot_be_right_is_not_kept(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "add", *words]) == 2
    assert not (folder() / "profiles.json").exists()
    assert "password@" not in capsys.readouterr().err


def test_a_broken_file_is_said_to_be_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder().mkdir()
    (folder() / "profiles.json").write_text("[]")
    assert main(["profile", "list"]) == 2
    assert "profiles.json is not a file of profiles" in capsys.readouterr().err
