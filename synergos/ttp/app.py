"""The sandbox over HTTP: the routes of the contract, the envelope of its answers, its statuses."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from synergos.common.headers import SIGNAL
from synergos.learning import bounds, strict
from synergos.learning.errors import Rejected, SandboxError
from synergos.ttp import contract, page
from synergos.ttp.contract import Operation
from synergos.ttp.errors import disk_is_full
from synergos.ttp.failures import Failures
from synergos.ttp.grid import Grid

logger = logging.getLogger("synergos.sandbox")

# What the page asks for, and no driver does: it would not spoil a real TTP, which has no page.
_OF_PAGE = ("read_overview", "read_results")

Done = TypeVar("Done")


class Overlaps:
    """Counts the requests that would have spoiled a real TTP: those that a careless client sends at the same time.

    Short requests must follow each other, and nothing may write while something writes, trains or evaluates.
    """

    def __init__(self) -> None:
        self.count = 0
        self._short = 0
        self._writing = 0

    @contextlib.asynccontextmanager
    async def watch(self, operation: Operation, takes_long: bool) -> AsyncIterator[None]:
        """Watch one request for as long as it is answered."""
        short, writing = int(not takes_long), int(operation.method != "GET")
        self.count += (short and self._short > 0) or (writing and self._writing > 0)
        self._short += short
        self._writing += writing
        try:
            # As long as a real TTP takes at the least.
            await asyncio.sleep(0.002)
            yield
        finally:
            self._short -= short
            self._writing -= writing


class Hands:
    """The threads in which requests are answered, so that none waits where all of them arrive.

    What is sent is looked at by one thread, for that takes Python's lock from all others; reads do not wait for it, and
    those of one record not for lists.
    """

    def __init__(self) -> None:
        self._writing = ThreadPoolExecutor(1, "synergos-sandbox-writing")
        self._listing = ThreadPoolExecutor(2, "synergos-sandbox-listing")
        self._reading = ThreadPoolExecutor(4, "synergos-sandbox-reading")
        # A folder of data may take minutes.
        self._looking = ThreadPoolExecutor(2, "synergos-sandbox-looking")

    def stop(self) -> None:
        """Do no more."""
        for pool in (self._writing, self._listing, self._reading, self._looking):
            pool.shutdown(cancel_futures=True)

    def settle(self) -> None:
        """Wait until what is being written is written."""
        self._writing.submit(lambda: None).result()

    async def do(self, operation: Operation, work: Callable[[], Done]) -> Done:
        """Do what an operation asks for, and wait for it without keeping others from asking."""
        return await asyncio.get_running_loop().run_in_executor(self._of(operation), work)

    def _of(self, operation: Operation) -> Executor:
        if operation.name == "read_data":
            return self._looking
        if operation.method != "GET":
            return self._writing
        return self._listing if operation.is_list or operation.name in _OF_PAGE else self._reading


def make_app(
    grid: Grid, worker: Executor, hands: Hands, overlaps: Overlaps | None = None, failures: Failures | None = None
) -> Starlette:
    """The contract as a web application.

    Args:
        grid: What answers.
        worker: What phases 2 and 3 work in: one thread, so that trainings follow each other and reads pass.
        hands: What everything else is done by.
        overlaps: What counts requests at the same time. With it, answers do not say that they are the sandbox's, so
            that a driver treats it as a real TTP.
        failures: What has requests fail on demand.

    Returns:
        An ASGI application.
    """
    routes = [
        Route(operation.path, _endpoint(operation, grid, worker, hands, overlaps, failures), methods=[operation.method])
        for operation in contract.operations()
    ]
    routes.append(Route("/openapi.json", _publish))
    for route in routes:
        # `$` also stands before a newline that ends the path, and an id may be one.
        route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + r"\Z")
    collections = [route for route in routes if route.path.endswith("/")]

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        with_slash = f"{request.url.path}/"
        if error.status_code == 404 and any(route.path_regex.match(with_slash) for route in collections):
            return Response(status_code=308, headers={"location": str(request.url.replace(path=with_slash))})
        message = (
            error.detail if error.status_code in (400, 413) else f"{error.detail}: {request.method} {request.url.path}"
        )
        response = _json({"message": message}, error.status_code)
        if error.status_code == 405:
            # Each method has a route of its own, and so knows of no other.
            served = (route.methods or () for route in routes if route.path_regex.match(request.scope["path"]))
            response.headers["allow"] = ", ".join(sorted(set().union(*served)))
        return response

    # Not before, for it is no collection.
    routes.append(Route(page.PATH, page.serve))
    app = Starlette(routes=routes, middleware=[Middleware(_WholeIds)], exception_handlers={HTTPException: refuse})
    app.router.redirect_slashes = False
    return app


class _WholeIds:
    """Answers 404 to a path with an encoded slash: once decoded, it would lead to what another id names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and b"%2f" in scope["raw_path"].lower():
            path = scope["raw_path"].decode("ascii")
            app = _json({"message": f"Not Found: {scope['method']} {path}. An id cannot hold a slash."}, 404)
        await app(scope, receive, send)


def _endpoint(
    operation: Operation,
    grid: Grid,
    worker: Executor,
    hands: Hands,
    overlaps: Overlaps | None,
    failures: Failures | None,
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    takes_long = grid.takes_long(operation)

    async def answer(request: Request) -> Response:
        if overlaps is None or operation.name in _OF_PAGE:
            return await answer_or_fail(request)
        async with overlaps.watch(operation, takes_long):
            return await answer_or_fail(request)

    async def answer_or_fail(request: Request) -> Response:
        return await (answer_signed(request) if failures is None else failures.around(request, answer_signed))

    async def answer_signed(request: Request) -> Response:
        response = await answer_one(request)
        if overlaps is None:
            response.headers[SIGNAL] = "1"
        return response

    def answer_short(ids: dict[str, str], sent: bytes) -> object:
        body = _read_body(operation, sent)
        with disk_is_full(f"the {operation.resource}"):
            return grid.answer(operation, ids, body)

    async def answer_one(request: Request) -> Response:
        ids: dict[str, str] = dict(request.path_params)
        try:
            ids |= _read_query(operation, request)
            sent = await request.body() if operation.body is not None else b""
            if takes_long:
                body = await hands.do(operation, lambda: _read_body(operation, sent))
                do = grid.begin(operation, ids, body)
                found = await asyncio.get_running_loop().run_in_executor(worker, do)
                data = strict.dumps(found)
            else:
                data = await hands.do(operation, lambda: _dump_data(answer_short(ids, sent)))
        except SandboxError as error:
            return _json({"message": error.message}, error.status)
        except HTTPException:
            raise
        except ClientDisconnect:
            # Nobody hears it.
            return Response(status_code=400)
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            return _json({"message": "Internal Server Error"}, 500)
        envelope = {
            "apiVersion": "0.1.0",
            "success": 1,
            "status": operation.status,
            "method": f"{_noun(operation)}.{operation.method.lower()}",
            "params": ids,
        }
        return _text(f'{strict.dumps(envelope)[:-1]}, "data": {data}}}', operation.status)

    return answer


def _read_query(operation: Operation, request: Request) -> dict[str, str]:
    """What a query says, once each. Only routes of real TTPs pass over names that they do not know."""
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name in operation.query and given.count(name) > 1:
            raise Rejected(f"{name!r} is given more than once.")
        if name not in operation.query and operation.query and operation.resource == "sandbox":
            known = ", ".join(map(repr, operation.query))
            raise Rejected(f"{name!r} is not known here: {known} can be given.")
    return {name: request.query_params[name] for name in operation.query if name in given}


def _read_body(operation: Operation, sent: bytes) -> dict[str, Any]:
    if operation.body is None:
        return {}
    try:
        body = json.loads(sent)
        bounds.check(body)
        # JSON can spell half a character, which no text can hold.
        json.dumps(body, ensure_ascii=False).encode()
    except RecursionError:
        raise bounds.too_deep() from None
    except ValueError as error:
        raise HTTPException(400, f"Failed to decode JSON object: {error}") from error
    return operation.check(body)


async def _publish(_: Request) -> Response:
    """What the sandbox says about itself: a real TTP does so by phase, and less truly."""
    return _json(contract.load(), 200)


def _noun(operation: Operation) -> str:
    """What a TTP calls the resource in `method`: a list by its plural, an item by its singular, new tags by theirs."""
    is_plural = operation.is_list or operation.path.endswith("/") or operation.name.startswith("create_tags")
    return operation.resource if is_plural else operation.resource.removesuffix("s")


def _json(content: object, status: int) -> Response:
    return _text(strict.dumps(content), status)


def _text(content: str, status: int) -> Response:
    return Response(content, status, media_type="application/json")


def _dump_data(data: object) -> str:
    """Records as JSON, each let go as soon as it is text: ten thousand at once keep the garbage collector busy."""
    return f"[{', '.join(map(strict.dumps, data))}]" if isinstance(data, Iterator) else strict.dumps(data)
