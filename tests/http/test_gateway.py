"""A real gateway before the TTP: nginx with TLS of its own CA, passwords, tokens, and a path for the grid."""

import getpass
import grp
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from authority import Authority, make_authority
from hostile import HostileServer, enveloped

from synergos import BadRequest, Driver, ServerFailure, StatusError
from synergos.__main__ import main

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CONFIG = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    {temporary}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {server};
        ssl_certificate_key {server};
        location /grid1/ {{
            auth_basic "grid";
            auth_basic_user_file {folder}/users;
            proxy_pass http://127.0.0.1:{ttp}/;
        }}
        location /grid2/ {{
            if ($http_authorization != "Bearer t0ken") {{ return 401; }}
            proxy_pass http://127.0.0.1:{ttp}/;
        }}
        location /gone/ {{ proxy_pass http://127.0.0.1:1/; }}
        location /moved/ {{ return 302 http://; }}
    }}
}}
"""


class Gateway(NamedTuple):
    """Where it is, and whose certificate it has."""

    url: str
    port: int
    authority: Authority


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    authority = make_authority(folder)
    (folder / "users").write_text("user:{PLAIN}p@ss-word\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    with HostileServer(enveloped([])) as ttp:
        user = f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}"
        names = {
            "user": user,
            "folder": folder,
            "temporary": temporary,
            "port": port,
            "server": authority.server,
            "ttp": ttp.port,
        }
        (folder / "nginx.conf").write_text(CONFIG.format(**names))
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port, process, folder)
            yield Gateway(f"https://127.0.0.1:{port}", port, authority)
        finally:
            process.terminate()
            process.wait(10)


def wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, (folder / "error.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail("nginx does not listen")


def test_a_grid_is_reached_through_its_path_with_a_password(gateway: Gateway) -> None:
    with Driver(url=f"{gateway.url}/grid1", auth=("user", "p@ss-word"), verify=gateway.authority.ca) as driver:
        assert driver.projects.read_all().data == []
    url = f"{gateway.url}/grid1/".replace("://", "://user:p%40ss-word@")
    with Driver(url=url, verify=gateway.authority.ca) as driver:
        assert driver.projects.read_all().data == []
        assert "p@ss" not in repr(driver)


def test_a_grid_is_reached_with_a_token_of_the_environment(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNERGOS_URL", f"{gateway.url}/grid2")
    monkeypatch.setenv("SYNERGOS_TOKEN", "t0ken")
    monkeypatch.setenv("SYNERGOS_CA", str(gateway.authority.ca))
    with Driver.from_env() as driver:
        assert driver.projects.read_all().data == []


@pytest.mark.parametrize("where", ["argument", "environment"])
def test_the_contract_commands_reach_a_grid_as_a_driver_does(
    where: str, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{gateway.url}/grid2"
    monkeypatch.setenv("SYNERGOS_URL", url if where == "environment" else "http://127.0.0.1:1")
    monkeypatch.setenv("SYNERGOS_TOKEN", "t0ken")
    monkeypatch.setenv("SYNERGOS_CA", str(gateway.authority.ca))
    given = [url] if where == "argument" else []

    main(["contract", "check", *given])
    assert capsys.readouterr().out.startswith(f"{url} is a TTP of the generations v4 and v8")
    main(["contract", "diff", *given])
    assert capsys.readouterr().err.startswith(
        f"synergos: {url}/ttp/connect/swagger.json is no OpenAPI or Swagger document"
    )

    monkeypatch.delenv("SYNERGOS_TOKEN")
    assert main(["contract", "check", *given]) == 4
    assert "asks who you are, and was not told: set SYNERGOS_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("SYNERGOS_TOKEN", "another")
    assert main(["contract", "diff", *given]) == 4
    printed = capsys.readouterr().err
    assert "asks who you are, and was told another" in printed
    assert "another " not in printed.replace("told another", "")
    monkeypatch.delenv("SYNERGOS_CA")
    assert main(["contract", "check", *given]) == 6
    assert "SYNERGOS_CA names the file of a CA to trust" in capsys.readouterr().err


def test_the_contract_commands_take_a_password_and_print_none(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNERGOS_CA", str(gateway.authority.ca))
    for password, status in (("p%40ss-word", 1), ("wr0ng", 4)):
        url = f"{gateway.url}/grid1".replace("://", f"://user:{password}@")
        monkeypatch.setenv("SYNERGOS_URL", url)
        assert main(["contract", "check"]) == status
        printed = "".join(capsys.readouterr())
        assert f"{gateway.url}/grid1 " in printed
        assert "ss-word" not in printed
        assert "wr0ng" not in printed


def test_who_is_not_known_learns_what_to_give(gateway: Gateway) -> None:
    with (
        Driver(url=f"{gateway.url}/grid1", verify=gateway.authority.ca) as driver,
        pytest.raises(StatusError, match=r"401 Authorization Required .*give auth="),
    ):
        driver.projects.read_all()
    with (
        Driver(url=f"{gateway.url}/grid2", token="wr0ng", verify=gateway.authority.ca) as driver,
        pytest.raises(StatusError, match=r"401 .* is not accepted") as caught,
    ):
        driver.projects.read_all()
    assert "wr0ng" not in str(caught.value)


def test_http_to_the_https_port_of_a_gateway_says_so(gateway: Gateway) -> None:
    with (
        Driver("127.0.0.1", gateway.port) as driver,
        pytest.raises(BadRequest, match=r"is an https port: give is_secured=True"),
    ):
        driver.projects.read_all()


def test_a_gateway_that_does_not_reach_the_ttp_says_its_number_once(gateway: Gateway) -> None:
    with (
        Driver(url=f"{gateway.url}/gone", verify=gateway.authority.ca) as driver,
        pytest.raises(ServerFailure) as caught,
    ):
        driver.projects.create(project_id="p", action="classify")
    assert str(caught.value).startswith("[projects.create] 502 Bad Gateway nginx")
    assert str(caught.value).count("502") == 1


def test_a_redirect_that_leads_nowhere_is_a_status(gateway: Gateway) -> None:
    with (
        Driver(url=f"{gateway.url}/moved", verify=gateway.authority.ca) as driver,
        pytest.raises(StatusError, match=r"302 .*redirects to http://: are host"),
    ):
        driver.projects.read_all()
