"""Where a TTP is: what may be given as its address, and which addresses are this machine's."""

import contextlib
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from synergos.common.checks import Port, check
from synergos.common.text import one_line
from synergos.errors import InvalidArgument
from synergos.http import URL, InvalidURL

THIS_MACHINE = "127.0.0.1"
_PORT_DIGITS = 10


class Address(NamedTuple):
    """Where a TTP is, and who asks, as far as the URL says so."""

    url: URL
    """Scheme, host, port and the path before the TTP's own; no name and no password."""
    login: tuple[str, str] | None = None


NOWHERE = Address(URL("http://nowhere.invalid"))
"""Stands for an address that is not known yet; there is no host of this name."""

WHERE = "[Driver] Where is the TTP? Give url, or host and port; Driver.from_env() takes it from SYNERGOS_URL."


def one_spelling(host: str) -> str:
    """A host in the one spelling that all of its spellings have.

    Args:
        host: Name or address, as in a URL: `LOCALHOST.`, `127.1`, `[::1]`, `::ffff:10.0.0.7`.

    Returns:
        `127.0.0.1` for all that is this machine, which its own name is too; of other addresses the canonical form, of
        names that in small letters without the last dot.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost") or name == socket.gethostname().lower():
        return THIS_MACHINE
    found = ip_of(name)
    if found is None:
        return name
    return THIS_MACHINE if found.is_loopback or found.is_unspecified else str(found)


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine, however it is spelled."""
    return one_spelling(host) == THIS_MACHINE


def ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, as connections take it: also `127.1`, `0x7f.1` and `::ffff:127.0.0.1`."""
    with contextlib.suppress(ValueError):
        found = ipaddress.ip_address(host.partition("%")[0])
        return getattr(found, "ipv4_mapped", None) or found
    with contextlib.suppress(OSError, ValueError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def can_be_reached(url: URL) -> bool:
    """Whether a URL has a host and a port that there may be. Of others, the system has errors of its own."""
    host = url.raw_host.decode("ascii", errors="replace")
    try:
        url.host.encode("idna")
    except UnicodeError:
        return False
    is_name = bool(host) and not any(mark.isspace() or mark == "%" for mark in host)
    return is_name and (url.port is None or 1 <= url.port <= 65535)


def address_of(
    url: str | None, host: str | None = None, port: int | str | None = None, is_secured: bool = False
) -> Address:
    """The address that a driver is given, as a URL or in parts.

    Args:
        url: The URL; None where it is given in parts.
        host: Name or address of the machine, or a URL that says the same as the rest.
        port: The port.
        is_secured: Whether it is https.

    Returns:
        The address.

    Raises:
        InvalidArgument: When it is none, or is said twice. No password is shown.
    """
    check("Driver", "is_secured", is_secured, bool)
    if url is not None:
        if host is not None or port is not None:
            raise InvalidArgument("[Driver] The address is given twice: give url, or host and port.")
        return _of_url(url, is_secured)
    if host is None and port is None:
        raise InvalidArgument(WHERE)
    return Address(_of_parts(host, port, is_secured))


def _of_url(text: str, is_secured: bool) -> Address:
    check("Driver", "url", text, str)
    # What stands before an @ or after a ? may be a secret, and then no part of the URL is shown.
    shown = "" if "@" in text or "?" in text else f"={one_line(repr(text))}"
    what = "write scheme, host and what of a path leads to the TTP: 'https://gateway.example/grid1'"
    try:
        url = URL(text)
        login = (url.username, url.password) if url.userinfo else None
        is_whole = url.scheme in ("http", "https") and can_be_reached(url)
        text.encode()
    except (InvalidURL, ValueError):
        is_whole = False
    if not is_whole or url.query or url.fragment:
        raise InvalidArgument(f"[Driver] url{shown} is not the address of a TTP: {what}.")
    if is_secured and url.scheme == "http":
        raise InvalidArgument(f"[Driver] url{shown} says http and is_secured=True says https: write https in the url.")
    port = f":{url.port}" if url.port else ""
    path = url.raw_path.decode("ascii").rstrip("/?")
    return Address(URL(f"{url.scheme}://{url.netloc.decode('ascii').removesuffix(port)}{port}{path}"), login)


def _of_parts(host: str | None, port: int | str | None, is_secured: bool) -> URL:
    check("Driver", "host", host, str)
    assert host is not None
    is_digits = isinstance(port, str) and port.isascii() and port.isdigit() and len(port) <= _PORT_DIGITS
    number = int(check("Driver", "port", int(str(port)) if is_digits else port, Port))
    scheme = "https" if is_secured else "http"
    if "://" in host:
        host, scheme = _taken_apart(host, number, is_secured)
    host = host.removeprefix("[").removesuffix("]")
    found = ip_of(host) if ":" in host else None
    if found is None and (not host or any(mark in host for mark in ":/?#@[] \t\n")):
        shown = host.rpartition("@")[2]
        raise InvalidArgument(
            f"[Driver] host={shown!r} is not a host: write a name or an address, 'localhost' for example."
        )
    try:
        url = URL(scheme=scheme, host=host, port=number)
        url.host.encode("idna")
    except (InvalidURL, UnicodeError) as error:
        raise InvalidArgument(f"[Driver] host={host!r} is not a host: {error}.") from error
    return url


def _taken_apart(address: str, port: int, is_secured: bool) -> tuple[str, str]:
    """Host and scheme of a URL that was given as the host."""
    try:
        url = URL(address)
        own_port = urlsplit(address).port or port
    except (InvalidURL, ValueError) as error:
        reason = "" if "@" in address else f": {error}"
        raise InvalidArgument(f"[Driver] The host is neither a host nor a URL{reason}.") from None
    fitting = f"Driver(host={url.host!r}, port={own_port}{', is_secured=True' if url.scheme == 'https' else ''})"
    is_bare = url.path in ("", "/") and not url.query and not url.fragment and not url.userinfo
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidArgument("[Driver] The host is a URL of another kind than http: write the name of the host alone.")
    if not is_bare or own_port != port or (is_secured and url.scheme == "http"):
        raise InvalidArgument(
            f"[Driver] The host is a URL that says more than a host, or other than the rest: write {fitting}, or give "
            "the URL as url=."
        )
    return url.host, url.scheme
