"""What goes wrong on demand, and looks as it does at a real TTP: for tests of what calls one."""

import asyncio
import http
import math
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from synergos.errors import InvalidArgument
from synergos.learning import strict

# What a gateway before the TTP answers, when that does not.
_GATEWAYS = (502, 503, 504)

_OWN = "/ttp/sandbox"
_METHODS = ("GET", "POST", "PUT", "DELETE")
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
        method: str | None = None,
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
        page = status in _GATEWAYS and message is None if page is None else page
        if not isinstance(status, int) or not (400 <= status <= 599 or (page and status == 200)):
            raise InvalidArgument(f"status={status!r} is no failure: 400 to 599 are, and 200 with page=True.")
        if method is not None and method not in _METHODS:
            raise InvalidArgument(f"method={method!r} is not one of {', '.join(_METHODS)}.")
        if not isinstance(times, int) or isinstance(times, bool) or times < 1:
            raise InvalidArgument(f"times={times!r} must be a whole number from 1.")
        if page and message is not None:
            raise InvalidArgument("A page has no message: leave out message, or page.")
        with self._lock:
            self._asked.append(_Asked(method, path, times, status, message, page, done))

    def slow(self, seconds: float) -> None:
        """Have answers come later; 0 has those come that are held up.

        Raises:
            InvalidArgument: When it is not a number from 0.
        """
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not (is_number and math.isfinite(seconds) and seconds >= 0):
            raise InvalidArgument(f"seconds={seconds!r} must be a number from 0.")
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
