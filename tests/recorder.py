"""A TTP that answers what it is told to and keeps what it was asked: for tests of what a driver sends."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx
import pytest

from synergos import Driver, InvalidArgument

# An id with all that has a meaning in a path, and how it goes out.
ODD = "a b#%?ü"
ODD_ENCODED = "a%20b%23%25%3F%C3%BC"
# What cannot stand in a path as one segment of it.
BAD_IDS: tuple[Any, ...] = ("", ".", "..", "a/b", 7, True, b"a", ["a"])


class Sent(NamedTuple):
    """One request as it went out: the path as it is on the wire, the body as JSON was read, or None."""

    method: str
    path: str
    body: Any = None


def envelope(data: object, status: int = 200, **params: str) -> dict[str, Any]:
    """The answer of a success around its data."""
    return {
        "apiVersion": "0.1.0",
        "success": 1,
        "status": status,
        "method": "things.get",
        "params": params,
        "data": data,
    }


class Recorder:
    """Carries a driver's requests in place of the network, keeps them, and gives each the same answer."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)
        self.driver = Driver("ttp.example", 5000, transport=self.transport)
        self._make: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, json=envelope([]))

    @property
    def sent(self) -> list[Sent]:
        """The requests so far."""
        return [
            Sent(one.method, one.url.raw_path.decode("ascii"), json.loads(one.content) if one.content else None)
            for one in self.requests
        ]

    @property
    def written(self) -> list[Sent]:
        """The requests so far that do not only read, for work is looked at before it is asked for."""
        return [one for one in self.sent if one.method != "GET"]

    @property
    def writes(self) -> list[httpx.Request]:
        """The requests so far that do not only read."""
        return [one for one in self.requests if one.method != "GET"]

    @property
    def timeout(self) -> dict[str, float | None]:
        """The timeouts of the last request, by what is waited for."""
        timeouts: dict[str, float | None] = self.requests[-1].extensions["timeout"]
        return timeouts

    def answer(self, data: object, status: int = 200) -> None:
        """From now on, answer with data in the envelope of a success."""
        self.respond(status, json=envelope(data, status))

    def respond(self, status: int, **content: Any) -> None:
        """From now on, answer with this status and content, as `httpx.Response` takes them."""
        self._make = lambda _: httpx.Response(status, **content)

    def fail(self, error: Exception, *, but_for_reads: bool = False) -> None:
        """From now on, fail to carry."""

        def make(request: httpx.Request) -> httpx.Response:
            if but_for_reads and request.method == "GET":
                return httpx.Response(200, json=envelope({}))
            raise error

        self._make = make

    def assert_refuses(
        self, verb: str, arguments: Mapping[str, Any], *words: str, kind: type[InvalidArgument] = InvalidArgument
    ) -> None:
        """Hold that a verb, `projects.read` for example, refuses arguments in words, and sends nothing."""
        with pytest.raises(kind) as caught:
            self.call(verb, arguments)
        message = str(caught.value)
        assert message.startswith(f"[{verb}] ")
        assert "\n" not in message
        for word in words:
            assert word in message
        assert self.sent == []

    def call(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        """Call a verb by name."""
        task, name = verb.split(".")
        return getattr(getattr(self.driver, task), name)(**arguments)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._make(request)
