"""What speaks HTTP, and knows of HTTP alone.

The library that carries the requests has its name here and nowhere else: the rest of the package, and who gives
`Driver(..., transport=...)` something else than the network, takes its names from here.

Example:
    >>> from synergos.http import MockTransport, Request, Response
    >>> def answer(request: Request) -> Response:
    ...     return Response(200, json={"data": []})
    >>> Driver(url="http://ttp.example", transport=MockTransport(answer)).projects.read_all().data
    []
"""

from httpx import (
    URL,
    Auth,
    BaseTransport,
    BasicAuth,
    ByteStream,
    Client,
    ConnectError,
    ConnectTimeout,
    DecodingError,
    Headers,
    HTTPError,
    HTTPTransport,
    InvalidURL,
    Limits,
    MockTransport,
    PoolTimeout,
    Proxy,
    ProxyError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    Request,
    Response,
    SyncByteStream,
    Timeout,
    TimeoutException,
    TransportError,
    WriteError,
    WriteTimeout,
    create_ssl_context,
)

__all__ = [
    "URL",
    "Auth",
    "BaseTransport",
    "BasicAuth",
    "ByteStream",
    "Client",
    "ConnectError",
    "ConnectTimeout",
    "DecodingError",
    "HTTPError",
    "HTTPTransport",
    "Headers",
    "InvalidURL",
    "Limits",
    "MockTransport",
    "PoolTimeout",
    "Proxy",
    "ProxyError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Request",
    "Response",
    "SyncByteStream",
    "Timeout",
    "TimeoutException",
    "TransportError",
    "WriteError",
    "WriteTimeout",
    "create_ssl_context",
]
