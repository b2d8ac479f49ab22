"""The one place where a request is sent.

A TTP is an old web server with habits of its own: here they end. What comes back is a dict that holds an answer, or an
error that says what happened; nothing that HTTP or JSON can do reaches the tasks.
"""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

import httpx

from synergos.errors import InvalidArgument, TimedOut, Unreachable, Unreadable, status_error

CONNECT_SECONDS = 5.0

logger = logging.getLogger("synergos")


class Transport:
    """One HTTP client for one TTP, built at once and kept until it is closed."""

    def __init__(self, url: httpx.URL, timeout: float | None, transport: httpx.BaseTransport | None) -> None:
        """Make the client; nothing is sent.

        Args:
            url: Scheme, host and port of the TTP.
            timeout: Seconds to wait for an answer to a short request; None waits for ever.
            transport: What carries the requests, in place of the network.
        """
        self.url = url
        self._timeout = timeout
        # What runs on this machine is not behind a proxy, whatever the environment says.
        is_local = url.host in ("localhost", "0.0.0.0", "::1") or url.host.startswith("127.")
        self._client = httpx.Client(base_url=url, transport=transport, trust_env=not is_local)

    def send(self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
        """Send a short request and read its answer.

        Args:
            operation: What is called, `projects.read` for example; it stands in errors and logs.
            request: Method, URL, headers and JSON body, as the generated client builds them.
            ids: The ids of the call; they stand in errors.

        Returns:
            The answer of a success, as JSON was read.

        Raises:
            StatusError: When the TTP says no.
            Unreachable: When there is no TTP, or the connection is lost.
            TimedOut: When no answer comes in time.
            Unreadable: When the answer is not a JSON object.
            InvalidArgument: When the body cannot be written as JSON.
        """
        return self._send(operation, request, ids, self._timeout)

    def send_and_wait(
        self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        """Send a request that trains or evaluates: as `send`, with a timeout of its own, None for none."""
        return self._send(operation, request, ids, timeout)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(
        self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        if self._client.is_closed:
            raise Unreachable(f"[{operation}] This Driver is closed: make a new one.")
        limits = httpx.Timeout(timeout, connect=CONNECT_SECONDS)
        try:
            message = self._client.build_request(**request, timeout=limits)
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"[{operation}] An argument cannot be sent as JSON: {error}.") from error
        started = time.perf_counter()
        try:
            response = self._client.send(message)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            reason = str(error) or type(error).__name__
            text = f"[{operation}] No TTP answers at {self.url}: {reason}. Is it running, and are host and port right?"
            raise Unreachable(text) from error
        except httpx.TimeoutException as error:
            within = "in time" if timeout is None else f"within {timeout:g} s"
            raise TimedOut(f"[{operation}] {self.url} did not answer {within}. It may still be at work.") from error
        except httpx.DecodingError as error:
            raise Unreadable(f"[{operation}] The answer of {self.url} is not encoded as it says: {error}.") from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            text = f"[{operation}] The connection to {self.url} was lost: {reason}. What was asked may have been done."
            raise Unreachable(text) from error
        seconds = time.perf_counter() - started
        logger.debug("%s %s %s in %.3f s", operation, request["method"].upper(), response.status_code, seconds)
        return _read(operation, response, ids)


def _read(operation: str, response: httpx.Response, ids: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    if not response.is_success:
        message = answer.get("message") if isinstance(answer, dict) else None
        if response.is_redirect:
            message = f"The TTP redirects to {response.headers.get('location')}: are host, port and is_secured right?"
        raise status_error(operation, response.status_code, str(message or ""), ids, response.text)
    if not isinstance(answer, dict):
        text = f"[{operation}] {response.url.host} answered {response.status_code} without a JSON object: is it a TTP?"
        raise Unreadable(text, response.text)
    return answer
