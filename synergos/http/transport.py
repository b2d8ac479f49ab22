"""The one place where a request is sent.

A TTP is an old web server with habits of its own: here they end. What comes back is a dict that holds an answer, or an
error that says what happened; nothing that HTTP or JSON can do reaches the tasks.
"""

import contextlib
import functools
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from synergos.common.forks import renew_after_fork, renew_cached_properties
from synergos.common.headers import SIGNAL
from synergos.errors import InvalidArgument, SynergosError, Unreachable, Unreadable, status_error, with_more
from synergos.http import ConnectError, ConnectTimeout, MockTransport, Response, Timeout
from synergos.http.answers import misaddressed
from synergos.http.bounded import text_of
from synergos.http.bounds import SpeaksTls, bounded
from synergos.http.endpoint import Endpoint
from synergos.http.faults import USE_HTTPS, error_of, tls_fault_of
from synergos.http.gate import Gate, gate_of
from synergos.http.log import log_as_curl
from synergos.http.sender import Sender
from synergos.http.sockets import Sockets, shut_down

CONNECT_SECONDS = 5.0
PROBE_SECONDS = 5.0
# How much longer than without a byte an answer may take in all, where nothing else is said.
TOTAL_FACTOR = 10
# What a server may send around the bytes of an answer: heads, the frames of chunks, answers that are none yet.
FRAME_FACTOR = 2
# How long to wait before each further try of what the server cannot have acted on.
RETRY_SECONDS = (0.1, 0.4)

NO_ROUTE = "This TTP has no such route"

logger = logging.getLogger("synergos")


@renew_cached_properties
class Transport:
    """One HTTP client for one TTP, built at once and kept until it is closed."""

    def __init__(
        self,
        endpoint: Endpoint,
        timeout: float | None,
        total_timeout: float | None = None,
        *,
        is_concurrent: bool = False,
        turn_timeout: float | None = None,
    ) -> None:
        """Make the client; nothing is sent.

        Args:
            endpoint: How the TTP is reached.
            timeout: Seconds to wait for an answer to a short request; None waits for ever.
            total_timeout: Seconds that a request may take in all, with what of it is sent again; None for ten times its
                timeout.
            is_concurrent: Whether the TTP takes requests at the same time; a TTP may also say so itself.
            turn_timeout: Seconds to wait for a turn; None for as long as it takes.
        """
        self._anew = functools.partial(
            type(self), endpoint, timeout, total_timeout, is_concurrent=is_concurrent, turn_timeout=turn_timeout
        )
        self.url = endpoint.url
        self._endpoint = endpoint
        self._base = str(self.url).rstrip("/")
        self._timeout = timeout
        self._total_timeout = total_timeout
        self.turn_timeout = turn_timeout
        self.is_closed = False
        """Whether it was closed."""
        self._sockets = Sockets()
        self._client = endpoint.open(self._sockets.add)
        # What answers within the process is copied by a fork, and no other process can reach it.
        is_local = isinstance(endpoint.transport, MockTransport)
        self._can_be_forked = endpoint.transport is None or is_local
        # Of what another transport opens only this tells, and it costs a tenth of a call.
        self._traces = endpoint.transport is not None and not is_local
        self._is_usable = True
        self._gate = Gate() if is_concurrent else gate_of(self.url, is_local=is_local)
        if is_concurrent:
            self._gate.is_open = True
        renew_after_fork(self)
        self.is_sandbox = False
        """Whether the TTP has said that it is the sandbox, which has not the faults that the driver works around."""

    def __reduce__(self) -> "tuple[Callable[[], Transport], tuple[()]]":
        return self._anew, ()

    def renew(self) -> None:
        """Have connections of this process's own, after a fork."""
        self._sockets.drop()
        self._sockets = Sockets()
        if self._can_be_forked:
            self._client = self._endpoint.open(self._sockets.add)
        self._is_usable = self._can_be_forked

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
        is_read = request["method"] == "get"
        kind = self._gate.read if is_read else self._gate.write
        return self._send(operation, request, ids, kind(operation, self), self._timeout, self._total_timeout)

    def send_and_wait(
        self, operation: str, request: Mapping[str, Any], ids: Mapping[str, str], timeout: float | None
    ) -> dict[str, Any]:
        """Send a request that trains or evaluates: as `send`, with a timeout of its own, None for none."""
        return self._send(operation, request, ids, self._gate.work(operation, self), timeout)

    def ask(
        self, operation: str, request: Mapping[str, Any], *, timeout: float | None = PROBE_SECONDS
    ) -> tuple[int, object]:
        """Send a request that only some TTPs understand.

        Args:
            operation: What is called; it stands in logs.
            request: The request, as for `send`.
            timeout: Seconds to wait for the answer; None waits for ever.

        Returns:
            The status, 0 when there was no answer, and what was answered, as far as it was JSON.
        """
        try:
            response = self._exchange(operation, request, timeout)
        except SynergosError:
            return 0, None
        return response.status_code, _json(response)

    def close(self) -> None:
        """Close the connections. Every call that waits, for its turn or for an answer, ends with an error."""
        self.is_closed = True
        self._sockets.shut_down()
        if self._is_usable:
            self._client.close()

    def _send(
        self,
        operation: str,
        request: Mapping[str, Any],
        ids: Mapping[str, str],
        turn: contextlib.AbstractContextManager[None],
        timeout: float | None,
        total: float | None = None,
    ) -> dict[str, Any]:
        with turn:
            response = self._exchange(operation, request, timeout, total)
            answer = _json(response)
            other = _other_record(response, answer, ids)
            if other and request["method"] == "get":
                logger.warning("[%s] The TTP answered with another record: %s. Asking again.", operation, other)
                response = self._exchange_anew(operation, request, timeout, total, response)
                answer = _json(response)
                other = _other_record(response, answer, ids)
        if other:
            done = "" if request["method"] == "get" else " What was asked may have been done."
            text = f"[{operation}] The TTP answered with another record: {other}.{done}"
            raise Unreadable(text, text_of(response))
        if not response.is_success:
            message = _message_of(answer)
            if response.is_redirect:
                target = response.extensions.get("location", "nowhere")
                message = f"The TTP redirects to {target}: are host, port and is_secured right?"
            if response.status_code == 404 and message is None:
                message = self._explain_missing_route(operation, ids)
            error = status_error(operation, response.status_code, message or "", ids, text_of(response))
            advice = self._what_is_not_allowed(response.status_code, error.message)
            raise with_more(error, advice) if advice else error
        if not isinstance(answer, dict):
            text = f"[{operation}] {self.url.host} answered {response.status_code} without a JSON object: is it a TTP?"
            raise Unreadable(text, text_of(response))
        return answer

    def _what_is_not_allowed(self, status: int, message: str) -> str:
        """What to do about an answer of what stands before a TTP, which itself asks nobody who they are."""
        if status == 401 and self._endpoint.auth is None:
            return "Who asks was not said: give auth=(name, password) or token=."
        if status == 401:
            return "Who asks was said by auth, token or the url, and is not accepted."
        if status == 400 and self.url.scheme == "http" and "https" in message.lower():
            return f"{self.url} is an https port: {USE_HTTPS}."
        return ""

    def _exchange_anew(
        self,
        operation: str,
        request: Mapping[str, Any],
        timeout: float | None,
        total: float | None,
        before: Response,
    ) -> Response:
        """Send a request again, on a connection of its own, and give up the one that was used before."""
        stream = before.extensions.get("network_stream")
        if stream is not None:
            shut_down(stream.get_extra_info("socket"))
        if self._endpoint.transport is not None:
            return self._exchange(operation, request, timeout, total)
        with self._endpoint.open(self._sockets.add) as client:
            return self._exchange(operation, request, timeout, total, client)

    def _exchange(
        self,
        operation: str,
        request: Mapping[str, Any],
        timeout: float | None,
        total: float | None = None,
        client: Sender | None = None,
    ) -> Response:
        """Send a request and wait for its answer, again where the server cannot have acted on it."""
        total = total or (math.inf if timeout is None else timeout * TOTAL_FACTOR)
        deadline = time.monotonic() + total
        for seconds in RETRY_SECONDS:
            try:
                response = self._exchange_once(operation, request, timeout, deadline, client)
            except Unreachable as error:
                if self.is_closed or not _can_be_repeated(request, error.__cause__):
                    raise
                logger.info("%s Trying again.", error)
            else:
                if request["method"] != "get" or response.status_code not in (502, 503, 504):
                    return response
                logger.info("[%s] %s from the TTP. Trying again.", operation, response.status_code)
            time.sleep(seconds)
        return self._exchange_once(operation, request, timeout, deadline, client)

    def _exchange_once(
        self,
        operation: str,
        request: Mapping[str, Any],
        timeout: float | None,
        deadline: float,
        client: Sender | None = None,
    ) -> Response:
        client = client or self._client
        self._refuse_if_unusable(operation)
        limits = {"timeout": Timeout(timeout, connect=CONNECT_SECONDS).as_dict()}
        try:
            message = client.build_request(
                {**request, "url": f"{self._base}{request['url']}"},
                {**limits, "trace": self._sockets.keep} if self._traces else limits,
            )
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"[{operation}] An argument cannot be sent as JSON: {error}.") from error
        log_as_curl(message, self._endpoint)
        started = time.perf_counter()
        try:
            with bounded(deadline, self._endpoint.max_bytes * FRAME_FACTOR):
                response = client.send(message)
        except Exception as fault:
            if self.is_closed:
                done = "" if request["method"] == "get" else " What was asked may have been done."
                text = f"[{operation}] This Driver was closed while it waited for the answer.{done}"
                raise Unreachable(text) from fault
            failure = error_of(fault, operation, self._endpoint, timeout, deadline)
            if failure is None:
                raise
            raise failure from fault
        seconds = time.perf_counter() - started
        logger.debug("%s %s %s in %.3f s", operation, request["method"].upper(), response.status_code, seconds)
        if SIGNAL in response.headers:
            self.is_sandbox = self._gate.is_open = True
        return response

    def _refuse_if_unusable(self, operation: str) -> None:
        if self.is_closed:
            raise Unreachable(f"[{operation}] This Driver is closed: make a new one.")
        if not self._is_usable:
            raise Unreachable(
                f"[{operation}] This process was forked from the one that made the Driver, and its transport=... "
                "cannot be shared: make a Driver here."
            )

    def _explain_missing_route(self, operation: str, ids: Mapping[str, str]) -> str:
        """What to do about a route that the TTP does not know, which most often is one of the other generation."""
        is_in_collab = "collab_id" in ids or operation.startswith("collaborations.")
        if is_in_collab and self._generation == "v4":
            advice = "it seems to be of the generation v4, which has no collaborations. Leave collab_id out."
        elif not is_in_collab and self._generation == "v8":
            advice = (
                "it seems to be of the generation v8, where all is done in collaborations. Give collab_id, or once and "
                "for all Driver(..., collab_id=...)."
            )
        else:
            advice = f"are host and port right, and is {self.url} a TTP?"
        return f"{NO_ROUTE}: {advice}"

    @functools.cached_property
    def _generation(self) -> str | None:
        """The generation that the TTP seems to be of, found out by one request."""
        probe = {"method": "get", "url": "/ttp/connect/collaborations/"}
        try:
            with self._gate.read("probe", self):
                status = self._exchange("probe", probe, PROBE_SECONDS).status_code
        except SynergosError:
            return None
        return {200: "v8", 404: "v4"}.get(status)


def _other_record(response: Response, answer: object, ids: Mapping[str, str]) -> str:
    """How a success answers with another record than was asked for; nothing when it does not."""
    return misaddressed(answer.get("data"), ids) if response.is_success and isinstance(answer, dict) else ""


def _can_be_repeated(request: Mapping[str, Any], cause: BaseException | None) -> bool:
    """Whether the server cannot have acted on a request that failed, and may act on it next time.

    It was not reached, or was asked to read. What failed for the way of speaking, http or https, or for want of trust,
    fails the next time too.
    """
    if isinstance(cause, SpeaksTls) or tls_fault_of(cause) is not None:
        return False
    return isinstance(cause, ConnectError | ConnectTimeout) or request["method"] == "get"


def _message_of(answer: object) -> str | None:
    """The message of an error, without the routes that some TTPs offer in place of the one that was asked for."""
    message = answer.get("message") if isinstance(answer, dict) else None
    if message is None:
        return None
    said, offer, _ = str(message).partition(" You have requested this URI [")
    return said.removesuffix(".") if offer else said


def _json(response: Response) -> object:
    """The body as JSON; None when it is not."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None
