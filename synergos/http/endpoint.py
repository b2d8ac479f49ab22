"""How a TTP is reached: what a user may say of it, held against what can be, and the client that is made of it."""

import contextlib
import functools
import ipaddress
import os
import re
import socket
import ssl
import urllib.request
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

import attrs

from synergos.common.checks import Count, check
from synergos.common.text import one_line
from synergos.errors import InvalidArgument
from synergos.http import (
    URL,
    Auth,
    BaseTransport,
    BasicAuth,
    HTTPTransport,
    InvalidURL,
    Limits,
    Proxy,
    Request,
    Response,
    create_ssl_context,
)
from synergos.http.address import Address, can_be_reached, ip_of, is_this_machine
from synergos.http.sender import Sender

Login = str | tuple[str, str] | Auth
Verify = bool | str | os.PathLike[str] | ssl.SSLContext
Certificate = str | os.PathLike[str] | tuple[str, str] | tuple[str, str, str]

# Less than servers keep a connection, so that none is used that the server is about to close.
KEEPALIVE_SECONDS = 2.0

# An answer takes several times its size of memory until it is read.
MAX_BYTES = 64 * 2**20

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~]([ \t!-~]*[!-~])?")
_CERTIFICATES = (".pem", ".crt", ".cer")
_PROXIES = ("http", "https", "socks5", "socks5h")


@attrs.frozen
class Environment:
    """What the variables of the environment say of how a TTP is reached; None where they say nothing."""

    url: str | None = None
    """`SYNERGOS_URL`: the address."""
    token: str | None = attrs.field(default=None, repr=False)
    """`SYNERGOS_TOKEN`: who asks, a bearer token."""
    ca: str | None = None
    """`SYNERGOS_CA`: whose certificates are trusted, the file or folder of a CA."""

    @classmethod
    def read(cls, *, but_for: tuple[str, ...] = ()) -> "Environment":
        """Read the variables. One that is empty says nothing.

        Args:
            but_for: What is said by something else, `url` for example.
        """
        return cls(**{name: os.environ.get(variable) or None for name, variable in _OF.items() if name not in but_for})

    @property
    def verify(self) -> Verify:
        """Whose certificates are trusted, as a driver takes it."""
        return self.ca or True

    @contextlib.contextmanager
    def named(self) -> Iterator[None]:
        """Where what it says is used: name the variables in an error.

        Raises:
            InvalidArgument: When it is raised meanwhile.
        """
        try:
            yield
        except InvalidArgument as error:
            taken = ", ".join(variable for name, variable in _OF.items() if getattr(self, name))
            if not taken:
                raise
            raise InvalidArgument(f"{error} (From the environment: {taken}.)") from None


_OF = {"url": "SYNERGOS_URL", "token": "SYNERGOS_TOKEN", "ca": "SYNERGOS_CA"}


class BearerAuth(Auth):
    """A token that stands for who asks."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: Request) -> Generator[Request, Response, None]:
        """Add the token to a request."""
        request.headers["Authorization"] = self._header
        yield request


@attrs.frozen
class Endpoint:
    """How a TTP is reached. It holds secrets, and shows none."""

    url: URL
    """Scheme, host, port and the path before the TTP's own."""
    headers: Mapping[str, str] = attrs.field(repr=False)
    """What goes with each request."""
    auth: Auth | None = attrs.field(repr=False)
    """Who asks."""
    tls: ssl.SSLContext | None = attrs.field(repr=False)
    """What holds for https; None where nothing goes by it."""
    proxy: Proxy | None = attrs.field(repr=False)
    """What leads to the TTP; None for straight there."""
    transport: BaseTransport | None
    """What carries the requests in place of the network."""
    max_bytes: int
    """How large an answer may be."""
    made_of: "functools.partial[Endpoint]" = attrs.field(repr=False)
    """Makes it anew, of the arguments that it was made of."""

    def __reduce__(self) -> "tuple[Callable[[], Endpoint], tuple[()]]":
        if self.transport is not None:
            raise InvalidArgument(
                "[Driver] A driver with transport=... cannot be sent to another process: send host and port, and make "
                "the driver there."
            )
        if isinstance(self.made_of.keywords["verify"], ssl.SSLContext):
            raise InvalidArgument(
                "[Driver] A driver with an ssl.SSLContext cannot be sent to another process: give verify= and cert= as "
                "files, or make the driver there."
            )
        return self.made_of, ()

    @classmethod
    def checked(
        cls,
        address: Address,
        *,
        headers: Mapping[str, str] | None = None,
        auth: Login | None = None,
        token: str | None = None,
        verify: Verify = True,
        cert: Certificate | None = None,
        proxy: str | None = None,
        transport: BaseTransport | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> "Endpoint":
        """How a TTP is reached, of the arguments of a driver.

        Raises:
            InvalidArgument: When one of them, or a variable of the environment that holds here, cannot be used.
        """
        made_of = functools.partial(
            cls.checked,
            address,
            headers=headers,
            auth=auth,
            token=token,
            verify=verify,
            cert=cert,
            proxy=proxy,
            transport=transport,
            max_bytes=max_bytes,
        )
        url = address.url
        by_name = _headers(headers)
        login = _auth(address.login, auth, token)
        if login is not None and any(name.lower() == "authorization" for name in by_name):
            raise InvalidArgument("[Driver] Who asks is said twice: in headers, and in auth, token or the url.")
        is_network = transport is None
        via = _proxy(url, check("Driver", "proxy", proxy, str | None)) if is_network else None
        needs_tls = url.scheme == "https" or (via is not None and via.url.scheme == "https")
        is_told = verify is not True or cert is not None
        tls = _tls(verify, cert) if is_told or (is_network and needs_tls) else None
        if via is not None and via.url.scheme == "https":
            via = Proxy(via.url, auth=via.auth, ssl_context=tls)
        most = check("Driver", "max_bytes", max_bytes, Count)
        return cls(url, by_name, login, tls, via, transport, most, made_of)

    def open(self, opened: Callable[[socket.socket], None] = lambda _: None) -> Sender:
        """Make what sends requests; nothing is sent.

        Args:
            opened: Told of each socket that it opens, as long as no other transport carries the requests.
        """
        return Sender(self.carrier(opened), self.all_headers, self.auth)

    def carrier(self, opened: Callable[[socket.socket], None] = lambda _: None) -> BaseTransport:
        """What carries requests and reads each answer within bounds; the argument is as in `open`."""
        from synergos.http.bounded import BoundedTransport

        return BoundedTransport(self.transport or self._network(opened), self.max_bytes)

    @property
    def all_headers(self) -> dict[str, str]:
        """What goes with each request, with what the driver says of itself where nothing else was given."""
        own = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
        told = {name.lower() for name in self.headers}
        own = {name: value for name, value in {**own, "User-Agent": user_agent()}.items() if name.lower() not in told}
        return {**own, **self.headers}

    def _network(self, opened: Callable[[socket.socket], None]) -> BaseTransport:
        from synergos.http.network import on_bounded_sockets

        # A context costs more than a hundred calls, and plain http needs none.
        tls = self.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limits = Limits(keepalive_expiry=KEEPALIVE_SECONDS)
        return on_bounded_sockets(HTTPTransport(verify=tls, limits=limits, proxy=self.proxy, trust_env=False), opened)


@functools.cache
def user_agent() -> str:
    """What the driver is to servers and gateways, with its version."""
    # It brings in two dozen modules, and not every script that imports the driver makes one.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"synergos-driver/{version('synergos-driver')}"
    except PackageNotFoundError:
        return "synergos-driver"


def _headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    # A value may be a secret and is shown nowhere.
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise InvalidArgument("[Driver] headers is not a mapping of names to texts: {'X-Api-Key': ...} for example.")
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise InvalidArgument(f"[Driver] headers has {one_line(repr(name))}, which is not the name of a header.")
        if name.lower() in ("content-length", "transfer-encoding", "connection"):
            raise InvalidArgument(f"[Driver] headers has {name!r}, which the driver itself sends: leave it out.")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidArgument(
                f"[Driver] The value of the header {name!r} cannot be sent: it must be a text of ASCII characters that "
                "can be printed, without spaces or line ends around it."
            )
    return dict(headers)


def _auth(login: tuple[str, str] | None, auth: Login | None, token: str | None) -> Auth | None:
    if sum(one is not None for one in (login, auth, token)) > 1:
        raise InvalidArgument(
            "[Driver] Who asks is said more than once: give one of auth, token and a name in the url."
        )
    given = next((one for one in (login, auth, token) if one is not None), None)
    if given is None or isinstance(given, Auth):
        return given
    if isinstance(given, str):
        if not _HEADER_VALUE.fullmatch(given) or " " in given:
            raise InvalidArgument(
                "[Driver] The token cannot be sent: it must be a text of ASCII characters without spaces or line ends."
            )
        return BearerAuth(given)
    is_pair = isinstance(given, tuple) and len(given) == 2 and all(isinstance(part, str) for part in given)
    if not is_pair or ":" in given[0] or any("\ud800" <= mark <= "\udfff" for mark in given[0] + given[1]):
        raise InvalidArgument(
            "[Driver] auth is not (name, password), a token, or an Auth of the HTTP library. A name holds no ':'."
        )
    return BasicAuth(*given)


def _tls(verify: Verify, cert: Certificate | None) -> ssl.SSLContext:
    from synergos.http.network import TlsSocket

    if isinstance(verify, ssl.SSLContext):
        if cert is not None:
            raise InvalidArgument("[Driver] verify is a context already: load the certificate into it, and leave cert.")
        return verify
    if verify is True:
        context = _default_tls()
    elif isinstance(verify, str | os.PathLike):
        context = _trusting(Path(verify))
    else:
        raise InvalidArgument(
            "[Driver] verify must be True, the file or folder of a CA, or an ssl.SSLContext. To reach a TTP whose "
            "certificate is its own, give the file of that certificate."
        )
    context.sslsocket_class = TlsSocket
    if cert is not None:
        _load(context, cert)
    return context


def _default_tls() -> ssl.SSLContext:
    try:
        if (folder := os.environ.get("SSL_CERT_DIR")) and not os.environ.get("SSL_CERT_FILE"):
            # What is missing here goes unnoticed, and then no certificate is trusted.
            next(Path(folder).iterdir(), None)
        return create_ssl_context()
    except (OSError, ValueError) as error:
        names = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE") if os.environ.get(name)]
        at_fault = [name for name in names if not os.access(os.environ[name], os.R_OK)] or names
        if not at_fault:
            raise InvalidArgument(f"[Driver] The CAs that this machine trusts cannot be read: {error}.") from error
        raise InvalidArgument(
            f"[Driver] The environment variable {at_fault[0]}={os.environ[at_fault[0]]!r} cannot be used: {error}. "
            "Correct it, unset it, or give verify=."
        ) from error


def _trusting(path: Path) -> ssl.SSLContext:
    """A context that trusts the certificates of a file, or of all files of a folder."""
    try:
        files = [one for one in sorted(path.iterdir()) if one.suffix in _CERTIFICATES] if path.is_dir() else [path]
        context = ssl.create_default_context(cadata=_as_pem_or_der(files[0])) if files else None
        for file in files[1:]:
            assert context is not None
            context.load_verify_locations(cadata=_as_pem_or_der(file))
    except (OSError, ValueError) as error:
        raise InvalidArgument(
            f"[Driver] verify={str(path)!r} cannot be used: {error}. It must be the file of a CA's certificate, as PEM "
            "or DER, or a folder of such files."
        ) from error
    if context is None:
        raise InvalidArgument(f"[Driver] verify={str(path)!r} holds no certificate: no {', '.join(_CERTIFICATES)}.")
    return context


def _as_pem_or_der(file: Path) -> str | bytes:
    content = file.read_bytes()
    return content.decode("ascii", errors="ignore") if b"-----BEGIN" in content else content


def _load(context: ssl.SSLContext, cert: Certificate) -> None:
    parts = cert if isinstance(cert, tuple) else (cert,)
    if not 1 <= len(parts) <= 3 or not all(isinstance(part, str | os.PathLike) for part in parts):
        raise InvalidArgument("[Driver] cert must be a file, or (certificate, key), or (certificate, key, password).")
    file, key, password = (*parts, None, None)[:3]
    try:
        # Without a password, a key that has one would be asked for in the terminal.
        context.load_cert_chain(file, key, password=password or "")
    except (OSError, ValueError) as error:
        shown = ", ".join(repr(str(part)) for part in parts[:2])
        raise InvalidArgument(f"[Driver] The client certificate cert=({shown}) cannot be used: {error}.") from None


def _proxy(url: URL, told: str | None) -> Proxy | None:
    """What carries requests to a TTP, by word of the user or else of the environment; nothing on this machine."""
    if told is not None:
        return _made_proxy(told, "proxy=")
    host = url.raw_host.decode("ascii")
    if is_this_machine(host):
        return None
    named = urllib.request.getproxies()
    value = named.get(url.scheme) or named.get("all")
    bracketed = f"[{host}]" if ":" in host else host
    if not value or urllib.request.proxy_bypass(bracketed) or _is_within(host, named.get("no", "")):
        return None
    names = [f"{kind}_proxy" for kind in (url.scheme, "all")]
    said_by = next((one for name in names for one in (name, name.upper()) if os.environ.get(one) == value), None)
    return _made_proxy(value, f"The environment variable {said_by}" if said_by else "The system's proxy")


def _is_within(host: str, networks: str) -> bool:
    """Whether a host is an address of one of the networks that no proxy is for, `10.0.0.0/8` for example."""
    found = ip_of(host)
    for one in networks.split(","):
        try:
            network = ipaddress.ip_network(one.strip().strip("[]"), strict=False)
        except ValueError:
            continue
        if found is not None and found.version == network.version and found in network:
            return True
    return False


def _made_proxy(text: str, said_by: str) -> Proxy:
    # It may hold a password and is not shown.
    try:
        proxy = Proxy(text if "://" in text else f"http://{text}")
        is_usable = proxy.url.scheme in _PROXIES and can_be_reached(proxy.url)
        if is_usable:
            # What needs a package that is not there is found out now.
            HTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proxy=proxy, trust_env=False).close()
    except ImportError:
        raise InvalidArgument(
            f"[Driver] {said_by} names a SOCKS proxy, for which a package is needed: pip install socksio."
        ) from None
    except (InvalidURL, ValueError):
        is_usable = False
    if not is_usable:
        raise InvalidArgument(
            f"[Driver] {said_by} cannot be used as a proxy: it must be a URL, http://proxy.example:3128 for example. "
            "Correct or unset it."
        )
    return proxy
