"""What sends requests one by one: no cookies, no redirects, and nothing else that is not asked for."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from synergos.http import Auth, BaseTransport, Headers, Request, Response


class Sender:
    """Sends requests over a transport. The library's own client does more, and half of its time goes into that."""

    def __init__(self, transport: BaseTransport, headers: Mapping[str, str], auth: Auth | None) -> None:
        """Make the sender; nothing is sent.

        Args:
            transport: What carries the requests; it is closed with the sender.
            headers: What goes with each request.
            auth: Who asks.
        """
        self._transport = transport
        self._headers = Headers(headers)
        self._auth = auth

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def build_request(self, about: Mapping[str, Any], extensions: Mapping[str, Any]) -> Request:
        """Make a request of a method, a URL in full, and what else the library's request takes.

        Raises:
            TypeError: When the body cannot be written as JSON.
            ValueError: Likewise.
        """
        headers = self._headers.copy()
        headers.update(about.get("headers"))
        return Request(**{**about, "headers": headers}, extensions=extensions)

    def send(self, request: Request) -> Response:
        """Send a request, with what says who asks, and read its answer."""
        if self._auth is None:
            return self._exchange(request)
        flow = self._auth.sync_auth_flow(request)
        try:
            request = next(flow)
            while True:
                response = self._exchange(request)
                try:
                    request = flow.send(response)
                except StopIteration:
                    return response
        finally:
            flow.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _exchange(self, request: Request) -> Response:
        response = self._transport.handle_request(request)
        response.request = request
        response.read()
        return response
