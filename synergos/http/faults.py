"""What can go wrong on the way to a TTP and back, in words that say what to do."""

import ssl
import time

from synergos.common.text import one_line
from synergos.errors import SynergosError, TimedOut, Unreachable, Unreadable
from synergos.http import (
    URL,
    ConnectError,
    ConnectTimeout,
    DecodingError,
    PoolTimeout,
    ProxyError,
    ReadError,
    TimeoutException,
    TransportError,
)
from synergos.http.bounds import SpeaksTls, TooLarge
from synergos.http.endpoint import Endpoint

USE_HTTPS = "give is_secured=True, or https in the url"

NEVER_SENT = (ConnectError, ConnectTimeout, ProxyError, PoolTimeout)
"""What goes wrong before anything of a request is sent."""


def error_of(
    fault: Exception, operation: str, endpoint: Endpoint, timeout: float | None, deadline: float
) -> SynergosError | None:
    """The error that a fault of the HTTP library is to the user.

    Args:
        fault: What the library raised.
        operation: What was called.
        endpoint: How the TTP is reached.
        timeout: Seconds without a byte that were waited for.
        deadline: Until when the whole was waited for, by the monotonic clock.

    Returns:
        The error; None when the fault is none of HTTP.
    """
    url = endpoint.url
    reason = one_line(str(fault)).rstrip(".") or type(fault).__name__
    if isinstance(fault, TooLarge):
        text = f"[{operation}] The answer of {url} is larger than {_size(endpoint.max_bytes)}: is it a TTP?"
        return Unreadable(f"{text} Driver(..., max_bytes=...) allows more.")
    if isinstance(fault, SpeaksTls):
        return Unreachable(f"[{operation}] {url} answers by https and was asked by http: {USE_HTTPS}.")
    if isinstance(fault, ConnectError | ConnectTimeout | ProxyError):
        tls = tls_fault_of(fault)
        text = _refused(tls, url) if tls is not None else f"No TTP answers at {url}: {reason}. {_RUNNING}"
        return Unreachable(f"[{operation}] {text}")
    if isinstance(fault, TimeoutException):
        within = "in time" if timeout is None else f"within {timeout:g} s"
        if time.monotonic() >= deadline:
            within = f"to the end in the time that an answer has in all, which {_TOTAL} sets"
        return TimedOut(f"[{operation}] {url} did not answer {within}. It may still be at work.")
    if isinstance(fault, DecodingError):
        return Unreadable(f"[{operation}] The answer of {url} is not encoded as it says: {reason}.")
    if isinstance(fault, TransportError):
        is_unheard = isinstance(fault, ReadError) or "disconnected" in reason
        hint = f" If it is an https port: {USE_HTTPS}." if url.scheme == "http" and is_unheard else ""
        text = f"The connection to {url} was lost: {reason}. What was asked may have been done.{hint}"
        return Unreachable(f"[{operation}] {text}")
    return None


def tls_fault_of(fault: BaseException | None) -> ssl.SSLError | None:
    """The fault of TLS that is behind one of the HTTP library, which hides it; None when there is none."""
    while fault is not None and not isinstance(fault, ssl.SSLError):
        fault = fault.__cause__ or fault.__context__
    return fault


_RUNNING = "Is it running, and are host and port right?"
_TOTAL = "Driver(..., total_timeout=...)"
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")


def _refused(fault: ssl.SSLError, url: URL) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        which = getattr(fault, "certificate", "")
        named = f" ({which})" if which else ""
        return (
            f"The certificate of {url}{named} is not trusted: {fault.verify_message}. If it is the right one, give its "
            "CA: Driver(..., verify='ca.pem'), or SYNERGOS_CA with Driver.from_env()."
        )
    reason = (fault.reason or str(fault)).lower().replace("_", " ")
    if fault.reason in _NO_TLS:
        return f"{url} does not answer by https ({reason}). If it is http: is_secured=False, or http in the url."
    if "certificate" in reason:
        return f"{url} does not take the client's certificate ({reason}): give the one that it asks for, cert=."
    return f"No connection by https to {url}: {reason}. Is it https, and are host and port right?"


def _size(count: int) -> str:
    return f"{count / 2**20:g} MB" if count >= 2**20 else f"{count} bytes"
