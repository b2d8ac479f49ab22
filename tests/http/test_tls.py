"""https: certificates that are trusted or not, and the two ways of speaking past each other."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from authority import Authority, make_authority
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hostile import HostileServer, as_json, read_request

from synergos import Driver, Unreachable


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("ca"))


class TlsServer:
    """Answers by https, and counts who comes."""

    def __init__(self, authority: Authority, *, asks_for_client: bool = False, answers: bool = True) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.server)
        if asks_for_client:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(authority.ca)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.was_asked = threading.Event()
        self._answers = answers
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            line.settimeout(10)
            try:
                with self._context.wrap_socket(line, server_side=True) as secured:
                    while read_request(secured):
                        self.was_asked.set()
                        if not self._answers:
                            continue
                        secured.sendall(as_json({"data": []}))
            except OSError:
                line.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def serve(authority: Authority) -> Iterator[Callable[..., TlsServer]]:
    servers: list[TlsServer] = []

    def start(**more: bool) -> TlsServer:
        servers.append(TlsServer(authority, **more))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_a_ca_is_trusted_as_file_folder_or_context_and_by_the_environment(
    authority: Authority, serve: Callable[..., TlsServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"https://127.0.0.1:{serve().port}"
    (tmp_path / "grid.pem").write_bytes(authority.ca.read_bytes())
    der = tmp_path / "grid.cer"
    der.write_bytes(x509.load_pem_x509_certificate(authority.ca.read_bytes()).public_bytes(serialization.Encoding.DER))
    for verify in (authority.ca, str(authority.ca), tmp_path, der, ssl.create_default_context(cafile=authority.ca)):
        with Driver(url=url, verify=verify) as driver:
            assert driver.projects.read_all().data == []
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    with Driver(url=url) as driver:
        assert driver.projects.read_all().data == []
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SYNERGOS_URL", url)
    monkeypatch.setenv("SYNERGOS_CA", str(authority.ca))
    with Driver.from_env() as driver:
        assert driver.projects.read_all().data == []


def test_a_certificate_that_is_not_trusted_is_named_and_asked_once(serve: Callable[..., TlsServer]) -> None:
    server = serve()
    with Driver("127.0.0.1", server.port, is_secured=True) as driver, pytest.raises(Unreachable) as caught:
        driver.projects.read_all()

    message = str(caught.value)
    for words in ("certificate", "'server of the grid'", "'CA of the grid'", "unable to get local issuer", "verify="):
        assert words in message
    assert server.connections == 1


def test_a_certificate_of_another_host_says_so(authority: Authority, serve: Callable[..., TlsServer]) -> None:
    with (
        Driver(url=f"https://localhost:{serve().port}", verify=authority.ca) as driver,
        pytest.raises(Unreachable, match=r"'server of the grid'.*not valid for 'localhost'"),
    ):
        driver.projects.read_all()


def test_a_certificate_of_the_client_is_sent(authority: Authority, serve: Callable[..., TlsServer]) -> None:
    server = serve(asks_for_client=True)
    for cert in (authority.client, (str(authority.client), str(authority.client))):
        with Driver(url=f"https://127.0.0.1:{server.port}", verify=authority.ca, cert=cert) as driver:
            assert driver.projects.read_all().data == []
    with Driver(url=f"https://127.0.0.1:{server.port}", verify=authority.ca) as driver, pytest.raises(Unreachable):
        driver.projects.read_all()


def test_http_to_an_https_port_says_so(serve: Callable[..., TlsServer]) -> None:
    with Driver("127.0.0.1", serve().port) as driver, pytest.raises(Unreachable, match=r"is_secured=True"):
        driver.projects.read_all()


def test_an_alert_of_tls_is_https_and_is_asked_once() -> None:
    with HostileServer(b"\x15\x03\x03\x00\x02\x02\x46") as server, Driver("127.0.0.1", server.port) as driver:
        with pytest.raises(Unreachable, match=r"answers by https.*is_secured=True"):
            driver.projects.read_all()
        assert server.connections == 1


def test_https_to_an_http_port_says_so_and_is_asked_once() -> None:
    def act(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    listener = socket.create_server(("127.0.0.1", 0))
    count = 0

    def listen() -> None:
        nonlocal count
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            count += 1
            with line:
                line.recv(4096)
                act(line)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    with (
        Driver("127.0.0.1", listener.getsockname()[1], is_secured=True) as driver,
        pytest.raises(Unreachable, match=r"does not answer by https.*is_secured=False"),
    ):
        driver.projects.read_all()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    assert count == 1


def test_to_close_a_driver_ends_a_call_that_hangs(authority: Authority, serve: Callable[..., TlsServer]) -> None:
    server = serve(answers=False)
    errors: list[Unreachable] = []
    driver = Driver(url=f"https://127.0.0.1:{server.port}", verify=authority.ca)

    def call() -> None:
        with pytest.raises(Unreachable) as caught:
            driver.projects.create(project_id="p", action="classify")
        errors.append(caught.value)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    assert server.was_asked.wait(20)
    driver.close()
    thread.join(20)
    assert [str(error) for error in errors] == [
        "[projects.create] This Driver was closed while it waited for the answer. What was asked may have been done."
    ]
