"""Who may ask the sandbox: no web page that happens to be open, and beyond this machine only who has the token.

A browser lets any page send requests to this machine, and lets it read the answers too when the page's own name is made
to lead here (DNS rebinding). What gives such requests away are their headers ``Host``, ``Origin`` and ``Content-Type``.
"""

import hmac
import ipaddress
import socket
from collections.abc import Collection, Iterator
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synergos.learning import strict

LARGEST_BODY = 1_000_000
# Up to here, a body that is too large is read to its end, so that who sends it hears the answer.
_READ_OUT = 64 * LARGEST_BODY


class _Refusal(NamedTuple):
    status: int
    message: str


class Guard:
    """Lets those requests pass that are not a web page's, know the token, and are not too large."""

    def __init__(
        self, app: ASGIApp, *, host: str = "127.0.0.1", token: str | None = None, public: Collection[str] = ()
    ) -> None:
        """Stand before an application.

        Args:
            app: What answers.
            host: The address that it listens on.
            token: What every request must show; None for nothing.
            public: The paths that can be read without it, which must hold no data.
        """
        self._app = app
        self._host = host
        self._token = token
        self._public = public
        # A page does not know the token, whatever leads it here; a TTP with one may have any name.
        self._names = _own_names(host) if token is None or is_loopback(host) else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _Headers(scope)
        is_public = scope["path"] in self._public and scope["method"] in ("GET", "HEAD")
        checks_token = [] if is_public else [self._check_token]
        for check in (self._check_host, self._check_origin, *checks_token, _check_type, _check_length):
            if refusal := check(headers):
                await _read_out(headers, receive)
                await _refuse(refusal, scope, receive, send)
                return
        await self._app(scope, _Limited(receive), send)

    def _check_host(self, headers: "_Headers") -> _Refusal | None:
        for value in headers.all("host"):
            name = _name_of(value)
            if self._names is None or name in self._names:
                continue
            # The first Synergos' examples call 0.0.0.0, which is this machine too. A page that does so cannot read the
            # answer, and its writes say where they are from.
            if is_loopback(name) or name in ("0.0.0.0", "::"):
                continue
            if not is_loopback(self._host) and _is_address(name):
                continue
            listens = self._host if is_loopback(self._host) else "an address, or give the sandbox a token (--token)"
            return _Refusal(403, f"Host {_cut(value)} is not this machine's name: call the sandbox by {listens}.")
        return None

    def _check_origin(self, headers: "_Headers") -> _Refusal | None:
        hosts = {value.lower() for value in headers.all("host")}
        for value in headers.all("origin"):
            if value.partition("://")[2].lower() not in hosts:
                return _Refusal(403, f"Origin {_cut(value)} is a web page's: the sandbox answers to no page.")
        return None

    def _check_token(self, headers: "_Headers") -> _Refusal | None:
        if self._token is None:
            return None
        scheme, _, shown = headers.one("authorization").partition(" ")
        is_right = hmac.compare_digest(shown.strip().encode(), self._token.encode())
        if scheme.lower() == "bearer" and is_right:
            return None
        return _Refusal(
            401, "The sandbox asks for its token: send 'Authorization: Bearer TOKEN', Driver(token=...) does."
        )


def is_loopback(host: str) -> bool:
    """Whether an address or a name can only be this machine's own.

    Args:
        host: ``localhost``, ``127.0.0.1`` or ``::1`` for example, as it is given to a socket.

    Returns:
        Whether nobody else reaches it.
    """
    return host.lower() == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _own_names(host: str) -> frozenset[str]:
    names = {host.lower()}
    if not is_loopback(host):
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset(names)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name_of(host: str) -> str:
    """The name in a header `Host`, without its port and the brackets of IPv6."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


class _Headers:
    def __init__(self, scope: Scope) -> None:
        self._found: list[tuple[bytes, bytes]] = scope["headers"]

    def all(self, name: str) -> Iterator[str]:
        return (value.decode("latin-1") for found, value in self._found if found == name.encode())

    def one(self, name: str) -> str:
        return next(self.all(name), "")

    @property
    def length(self) -> int | None:
        """How long the body is to be; None when that shows only at its end."""
        if "chunked" in self.one("transfer-encoding").lower():
            return None
        length = self.one("content-length")
        return int(length) if length.isdecimal() else 0


def _check_type(headers: _Headers) -> _Refusal | None:
    kind = headers.one("content-type")
    if headers.length == 0 or kind.partition(";")[0].strip().lower() == "application/json":
        return None
    says = f"says Content-Type {_cut(kind)}" if kind else "says no Content-Type"
    return _Refusal(415, f"The body {says}: send it with -H 'Content-Type: application/json'.")


def _check_length(headers: _Headers) -> _Refusal | None:
    length = headers.length
    return _too_large(f"{length:,}") if length is not None and length > LARGEST_BODY else None


def _too_large(size: str) -> _Refusal:
    return _Refusal(413, f"The body has {size} bytes: at most {LARGEST_BODY:,} are taken.")


class _Limited:
    """Receives a body as far as it is not too large, for its length need not be said before."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > LARGEST_BODY:
            raise HTTPException(413, _too_large("too many").message)
        return message


async def _read_out(headers: _Headers, receive: Receive) -> None:
    if (headers.length or 0) > _READ_OUT:
        return
    size = 0
    while size <= _READ_OUT:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            return


async def _refuse(refusal: _Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response = Response(strict.dumps({"message": refusal.message}), refusal.status, media_type="application/json")
    if refusal.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    await response(scope, receive, send)


def _cut(value: str) -> str:
    return repr(value if len(value) <= 100 else f"{value[:100]}…")
