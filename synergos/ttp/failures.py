"""What goes wrong on demand, and looks as it does at a real TTP: for tests of what calls one."""

import asyncio
import contextlib
import http
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from synergos.common.checks import Count, check
from synergos.errors import InvalidArgument
from synergos.learning import strict

# What a gateway before the TTP answers, when that does not.
_GATEWAYS = (502, 503, 504)

_OWN = "/ttp/sandbox"
# A day, in seconds: no server's clock counts without end.
_LONGEST = 86_400
Method = Literal["GET", "POST", "PUT", "DELETE"]
_PAGE = """<html>
<head><title>{0}</title></head>
<body><h1>{0}</h1><hr>gateway</body>
</html>
"""


@dataclass
class _Asked:
    """A failure that is asked for: which requests have it, and how they are answered."""

    method: str | None
    path: str | None
    times: int
    status: int
    message: str | None
    page: bool
    done: bool
    met: int = 0

    def __str__(self) -> str:
        where = "".join(f", {name}={value!r}" for name in ("method", "path") if (value := getattr(self, name)))
        return f"fail_next({self.status}{where})"

    def is_of(self, request: Request) -> bool:
        """Whether a request has it. No real TTP has the sandbox's own routes, which a test has to name."""
        path = request.scope["path"]
        is_own = path.startswith(_OWN) and not (self.path or "").startswith(_OWN)
        return self.method in (None, request.method) and (self.path or "") in path and not is_own

    def answer(self) -> Response:
        """The answer of a TTP, or the page of a gateway before it."""
        title = f"{self.status} {_phrase(self.status)}"
        if self.page:
            return Response(_PAGE.format(title), self.status, media_type="text/html")
        message = _phrase(self.status) if self.message is None else self.message
        return Response(strict.dumps({"message": message}), self.status, media_type="application/json")


class Failures:
    """Which requests fail, and how slow all are. What is asked for may come from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[_Asked] = []
        self._seconds = 0.0
        self._held: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ask(
        self,
        status: int,
        *,
        method: Method | None = None,
        path: str | None = None,
        times: int = 1,
        message: str | None = None,
        page: bool | None = None,
        done: bool = False,
    ) -> None:
        """Have requests fail; the arguments are those of the sandbox's `fail_next`.

        Raises:
            InvalidArgument: When one of them cannot be.
        """
        status = check("fail_next", "status", status, int)
        method = check("fail_next", "method", method, Method | None)
        path = check("fail_next", "path", path, str | None)
        times = check("fail_next", "times", times, Count)
        message = check("fail_next", "message", message, str | None)
        page = check("fail_next", "page", page, bool | None)
        done = check("fail_next", "done", done, bool)
        page = status in _GATEWAYS and message is None if page is None else page
        if not (400 <= status <= 599 or (page and status == 200)):
            raise InvalidArgument(f"status={status!r} is no failure: 400 to 599 are, and 200 with page=True.")
        if page and message is not None:
            raise InvalidArgument("A page has no message: leave out message, or page.")
        with self._lock:
            self._asked.append(_Asked(method, path, times, status, message, page, done))

    def slow(self, seconds: float) -> None:
        """Have answers come later; 0 has those come that are held up.

        Raises:
            InvalidArgument: When it is not a number from 0 to a day.
        """
        seconds = check("slow", "seconds", seconds, float)
        if not 0 <= seconds <= _LONGEST:
            raise InvalidArgument(f"seconds={seconds!r} must be a number from 0 to {_LONGEST}, a day.")
        with self._lock:
            self._seconds = seconds
            if not seconds:
                for held, loop in self._held.items():
                    loop.call_soon_threadsafe(held.set)

    def unmet(self) -> list[str]:
        """The failures that were asked for and that no request has had."""
        with self._lock:
            return [str(one) for one in self._asked if not one.met]

    def forget(self) -> None:
        """Have nothing fail any more, and what is held up answered."""
        self.slow(0)
        with self._lock:
            self._asked.clear()

    async def around(self, request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer a request, or have it fail."""
        failure = self._next(request)
        if failure is None or failure.done:
            response = await answer(request)
        else:
            # What is sent is read to its end, so that the connection can be used again.
            with contextlib.suppress(ClientDisconnect):
                await request.body()
        if failure is not None:
            response = failure.answer()
        await self._hold_up()
        return response

    def _next(self, request: Request) -> _Asked | None:
        with self._lock:
            failure = next((one for one in self._asked if one.met < one.times and one.is_of(request)), None)
            if failure is not None:
                failure.met += 1
            return failure

    async def _hold_up(self) -> None:
        over = asyncio.Event()
        with self._lock:
            seconds = self._seconds
            if not seconds:
                return
            self._held[over] = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(over.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                del self._held[over]


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
