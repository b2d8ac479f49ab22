"""The sockets: what bounds the time and the bytes of an exchange, and ends connections that cannot be trusted further.

The HTTP library waits for each piece of an answer anew, so that a server that sends a byte a minute is never late. Here
each wait is cut to what is left of the whole. What a server sends beyond its answer would be taken for the next one: a
connection with such bytes is not used again.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

from httpcore import (
    SOCKET_OPTION,
    ConnectTimeout,
    NetworkBackend,
    NetworkStream,
    ReadTimeout,
    SyncBackend,
    WriteTimeout,
)

from synergos.http import HTTPTransport
from synergos.http.bounds import SpeaksTls, bounds

_PIECE = 64 * 1024
# Alerts and handshakes of TLS begin so, and no answer of HTTP does.
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")


class TlsSocket(ssl.SSLSocket):
    """A socket that says of a certificate that is not trusted which one it is."""

    def do_handshake(self, block: bool = False) -> None:
        """As usual; the error has `certificate`, as text."""
        try:
            super().do_handshake(block)
        except ssl.SSLCertVerificationError as error:
            with contextlib.suppress(Exception):
                # There is no public way to a chain that failed before Python 3.13.
                info = self._sslobj.get_verified_chain()[0].get_info()  # type: ignore[attr-defined]
                shown = [f"{part} {_name(info[key])!r}" for part, key in (("of", "subject"), ("issued by", "issuer"))]
                error.certificate = " ".join(shown)  # type: ignore[attr-defined]
            raise


def _name(pairs: Iterable[Iterable[tuple[str, str]]]) -> str:
    return ", ".join(value for group in pairs for _, value in group)


class _Stream(NetworkStream):
    """A socket whose waits are bounded."""

    def __init__(self, inner: NetworkStream, network: "_Network", *, is_plain: bool) -> None:
        self._inner = inner
        self._network = network
        self._is_unheard = is_plain
        network.opened(inner.get_extra_info("socket"))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, bounds.cut(timeout, ReadTimeout))
        bounds.take(len(data))
        if self._is_unheard:
            self._is_unheard = False
            if data.startswith(_TLS_RECORDS):
                raise SpeaksTls
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], bounds.cut(timeout, WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, bounds.cut(timeout, ConnectTimeout))
        return _Stream(inner, self._network, is_plain=False)

    def get_extra_info(self, info: str) -> Any:
        # The library asks this of a connection before it is used again.
        if info == "is_readable" and self._network.has_leftover(self):
            return True
        return self._inner.get_extra_info(info)


class _Network(NetworkBackend):
    """What opens the sockets of one client."""

    def __init__(self, pool: Any, opened: Callable[[socket.socket], None]) -> None:
        self.opened = opened
        self._pool = pool
        self._sockets = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        within = bounds.cut(timeout, ConnectTimeout)
        inner = self._sockets.connect_tcp(host, port, within, local_address, socket_options)
        return _Stream(inner, self, is_plain=True)

    def has_leftover(self, stream: _Stream) -> bool:
        """Whether a server has sent more over a socket than the answers that were read from it."""
        for connection in self._pool.connections:
            while (inner := getattr(connection, "_connection", None)) is not None:
                connection = inner
            if getattr(connection, "_network_stream", None) is stream:
                return bool(connection._h11_state.trailing_data[0])
        return False


def on_bounded_sockets(transport: HTTPTransport, opened: Callable[[socket.socket], None]) -> HTTPTransport:
    """Put a transport of the HTTP library on sockets that are bounded.

    The library has no public place to name them; a server that drips, and one that answers twice, in the tests show
    whether it still takes them from here.

    Args:
        transport: The transport.
        opened: Told of each socket.

    Returns:
        The transport.
    """
    pool = transport._pool
    pool._network_backend = _Network(pool, opened)
    return transport
