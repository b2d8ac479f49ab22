"""The one door through which participants reach the TTP: it passes on what Flower's SuperNodes ask, and nothing else.

Flower's SuperLink serves all on one port: what SuperNodes need (``/v1/fleet/``), and what starts runs, registers keys
and takes tasks (``/v1/control/``, ``/v1/runtime/``). Whoever reaches the latter could start a run. So the SuperLink is
reached by this machine alone, and from outside only this, which passes ten paths, byte by byte, from holders of known
keys. Who asks signs the time with its key, which is verified here before anything more is read of it, and by the
SuperLink again.

A SuperNode that finds no message sleeps for three seconds. It does not find none at once here: its question is kept
until there is a message, or some seconds have passed. When messages are sent, and when somebody comes for the next and
so has delivered its reply to the last, the door and the TTP's work tell each other.

The SuperLink takes a SuperNode that crashed for connected until it has been silent for a minute, and lets it in no
sooner. Here it is known sooner that nobody is there: then its own signature takes the old connection back as well.
"""

import asyncio
import logging
import ssl
import time
from base64 import b64decode
from collections.abc import Callable, Collection
from datetime import UTC, datetime

import httpx
from starlette.types import Receive, Scope, Send

from synergos.machines.flower import deactivation
from synergos.machines.keys import has_signed
from synergos.ttp.gate import Gate
from synergos.ttp.signals import Signals

logger = logging.getLogger("synergos.sandbox")

_ROOT = b"/v1/fleet/"
_PULL = _ROOT + b"pull-messages"
PATHS = frozenset(
    _ROOT + name
    for name in (
        b"activate-node",
        b"deactivate-node",
        b"send-node-heartbeat",
        b"pull-messages",
        b"push-messages",
        b"get-run",
        b"get-fab",
        b"push-object",
        b"pull-object",
        b"confirm-message-received",
    )
)
_ACTIVATE, _DEACTIVATE = _ROOT + b"activate-node", _ROOT + b"deactivate-node"
_KEY, _TIME, _SIGNATURE = b"flwr-public-key", b"flwr-timestamp", b"flwr-signature"
# The SuperLink takes a signature for five minutes, and so much more for clocks that differ.
_SIGNED_WITHIN = 310.0
_PASSED = (b"content-type", b"accept")
# Flower cuts weights into pieces of 5 MB; all else is small.
LARGEST = 32 * 1024 * 1024
# A slow line may take long for a body, as long as some of it keeps coming.
_PIECE_WITHIN, _BODY_WITHIN = 20.0, 600.0
_TIMEOUT = httpx.Timeout(30.0).as_dict()
# A SuperNode gives up after 30 seconds.
_KEPT_FOR = 20.0
# A participant that is there says something within 10 seconds; a loaded machine takes longer.
_SILENT_FOR = 20.0
# Whoever there is a message for is told; this is for what was not. Each look costs the SuperLink about 10 ms.
_LOOKS_EVERY = 1.0
# Nodes that wait are looked after this many times a second in all.
_LOOKS_A_SECOND = 100


class Front:
    """The door, as an ASGI app.

    Args:
        link: Gives the SuperLink's port on this machine; 0 while there is none.
        verify: The file of the certificate by which the SuperLink is known.
        known: Gives the public keys of those who may take part.
        signals: What the door tells, and what it is told.
        gate: Where they come in.
    """

    def __init__(
        self,
        link: Callable[[], int],
        verify: str,
        known: Callable[[], Collection[bytes]],
        signals: Signals,
        gate: Gate | None = None,
    ) -> None:
        self._link = link
        self._known = known
        self._gate = gate
        self._verify = verify
        self._transport: httpx.AsyncHTTPTransport | None = None
        self.waiting = 0
        """How many questions wait for a message."""
        self.signals = signals
        self._rings: dict[bytes, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        signals.sent = self._sent
        self._heard: dict[bytes, float] = {}
        self._activated: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope.get("raw_path", b"")
        headers = dict(scope["headers"])
        if path not in PATHS or scope["query_string"]:
            await _refuse(send, 404)
        elif scope["method"] != "POST":
            await _refuse(send, 405)
        elif (key := _signer(headers, self._known())) is None:
            logger.info("Somebody at %s was refused: the key is not that of a participant", _host(scope))
            await _refuse(send, 401)
        elif self._gate is not None and not self._gate.welcome(tuple(scope["client"]), key):
            await _refuse(send, 429)
        else:
            await self._pass(path, key, headers, receive, send)

    async def _pass(self, path: bytes, key: bytes, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_BODY_WITHIN):
                body = await _body(receive)
        except TimeoutError:
            return await _refuse(send, 408)
        if body is None:
            return await _refuse(send, 413)
        if path != _ACTIVATE:
            self._heard[key] = time.monotonic()
        if path == _DEACTIVATE:
            self._activated.pop(key, None)
        passed = [(name, value) for name, value in headers.items() if name in _PASSED or name.startswith(b"flwr-")]
        try:
            if path == _PULL:
                # It comes for the next message when it has delivered its reply to the last.
                self.signals.delivered()
                answer = await self._wait_for_message(key, passed, body, receive)
            elif path == _ACTIVATE:
                answer = await self._wait_to_be_let_in(key, passed, body, receive)
            else:
                answer = await self._ask(path, passed, body)
        except httpx.HTTPError:
            return await _refuse(send, 503)
        if key not in self._known():
            return await _refuse(send, 401)
        kept = [
            (name, value) for name, value in answer.headers.raw if name.lower() in _PASSED or name.startswith(b"flwr-")
        ]
        content = answer.content
        kept.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": answer.status_code, "headers": kept})
        await send({"type": "http.response.body", "body": content})
        return None

    async def _ask(self, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> httpx.Response:
        port = self._link()
        if not port:
            raise httpx.ConnectError("there is no SuperLink at present")
        if self._transport is None:
            limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
            # Not a client, which would keep cookies and hand them to others.
            self._transport = httpx.AsyncHTTPTransport(verify=_context(self._verify), limits=limits, trust_env=False)
        url = f"https://127.0.0.1:{port}{path.decode()}"
        request = httpx.Request("POST", url, headers=headers, content=body, extensions={"timeout": _TIMEOUT})
        answer = await self._transport.handle_async_request(request)
        await answer.aread()
        return answer

    async def _wait_for_message(
        self, key: bytes, headers: list[tuple[bytes, bytes]], body: bytes, receive: Receive
    ) -> httpx.Response:
        """Ask until there is a message, or nobody waits for it. An answer without one is empty."""
        end = time.monotonic() + _KEPT_FOR
        # Before the first look, so that no message comes between.
        self._loop, ring = asyncio.get_running_loop(), asyncio.Event()
        self._rings[key] = ring
        gone: asyncio.Future[object] = asyncio.ensure_future(_gone(receive))
        self.waiting += 1
        self._heard[key] = end
        try:
            answer = await self._ask(_PULL, headers, body)
            while key in self._known() and answer.status_code == 200 and not answer.content and time.monotonic() < end:
                rings: asyncio.Future[object] = asyncio.ensure_future(ring.wait())
                pause = max(_LOOKS_EVERY, self.waiting / _LOOKS_A_SECOND)
                await asyncio.wait([gone, rings], timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                rings.cancel()
                ring.clear()
                if gone.done():
                    # A message that is taken now would be lost.
                    break
                answer = await self._ask(_PULL, headers, body)
        finally:
            self.waiting -= 1
            # Who does not wait for an answer is not there.
            self._heard[key] = 0.0 if gone.done() else time.monotonic()
            gone.cancel()
            if self._rings.get(key) is ring:
                del self._rings[key]
        return answer

    def _sent(self, keys: Collection[bytes]) -> None:
        """Look at once for those whom messages were sent to; called by another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ring, keys)

    def _ring(self, keys: Collection[bytes]) -> None:
        for key in self._rings.keys() & keys:
            self._rings[key].set()

    async def _wait_to_be_let_in(
        self, key: bytes, headers: list[tuple[bytes, bytes]], body: bytes, receive: Receive
    ) -> httpx.Response:
        """Take back a connection that was not closed, as soon as nobody is there any more."""
        end = time.monotonic() + _KEPT_FOR
        answer = await self._ask(_ACTIVATE, headers, body)
        gone: asyncio.Future[object] = asyncio.ensure_future(_gone(receive))
        while answer.status_code != 200 and key in self._activated and time.monotonic() < end and not gone.done():
            if time.monotonic() - self._heard.get(key, 0.0) > _SILENT_FOR:
                await self._ask(_DEACTIVATE, headers, deactivation(self._activated.pop(key)))
                answer = await self._ask(_ACTIVATE, headers, body)
            else:
                await asyncio.wait([gone], timeout=0.25)
        gone.cancel()
        if answer.status_code == 200:
            self._activated[key] = answer.content
        return answer


def _signer(headers: dict[bytes, bytes], known: Collection[bytes]) -> bytes | None:
    """Whose key signed a request a short while ago; ``None`` when it is nobody's who is known."""
    try:
        key, signature = (b64decode(headers[name], validate=True) for name in (_KEY, _SIGNATURE))
        signed_at = datetime.fromisoformat(headers[_TIME].decode("ascii"))
        is_new = abs((datetime.now(UTC) - signed_at).total_seconds()) < _SIGNED_WITHIN
    except (KeyError, ValueError, TypeError):
        return None
    return key if key in known and is_new and has_signed(key, headers[_TIME], signature) else None


async def _body(receive: Receive) -> bytes | None:
    """Read a request's body; ``None`` when it is too large."""
    parts, size, more = [], 0, True
    while more:
        async with asyncio.timeout(_PIECE_WITHIN):
            message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


async def _gone(receive: Receive) -> None:
    """Wait until who asked no longer waits for the answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _context(path: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    return context


def _host(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "an unknown address"
