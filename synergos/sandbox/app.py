"""The sandbox over HTTP: the routes of the contract, the envelope of its answers, its statuses."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from synergos.sandbox import contract
from synergos.sandbox.contract import Operation
from synergos.sandbox.errors import SandboxError
from synergos.sandbox.grid import WORK, Grid

logger = logging.getLogger("synergos.sandbox")


def make_app(grid: Grid, worker: Executor) -> Starlette:
    """The contract as a web application.

    Args:
        grid: What answers.
        worker: What phases 2 and 3 work in: one thread, so that trainings follow each other and reads pass.

    Returns:
        An ASGI application.
    """
    routes = [
        Route(operation.path, _endpoint(operation, grid, worker), methods=[operation.method])
        for operation in contract.operations()
    ]
    for route in routes:
        # `$` also stands before a newline that ends the path, and an id may be one.
        route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + r"\Z")
    middleware = [Middleware(_WholeIds)]
    return Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: _refuse})


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


def _endpoint(operation: Operation, grid: Grid, worker: Executor) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    is_work = operation.resource in WORK and operation.verb == "create"

    async def answer(request: Request) -> Response:
        ids: dict[str, str] = dict(request.path_params)
        try:
            body = operation.check(await _read_body(request, operation))
            if is_work:
                data = await asyncio.get_running_loop().run_in_executor(worker, grid.answer, operation, ids, body)
            else:
                data = grid.answer(operation, ids, body)
        except SandboxError as error:
            return _json({"message": error.message}, error.status)
        except HTTPException:
            raise
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            return _json({"message": "Internal Server Error"}, 500)
        envelope = {
            "apiVersion": "0.1.0",
            "success": 1,
            "status": operation.status,
            "method": f"{_noun(operation)}.{operation.method.lower()}",
            "params": ids,
            "data": data,
        }
        return _json(envelope, operation.status)

    return answer


async def _read_body(request: Request, operation: Operation) -> object:
    if operation.body is None:
        return None
    try:
        body = json.loads(await request.body())
        # JSON can spell half a character, which no text can hold.
        json.dumps(body, ensure_ascii=False).encode()
        return body
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"Failed to decode JSON object: {error}") from error


def _noun(operation: Operation) -> str:
    """What a TTP calls the resource in `method`: a list by its plural, an item by its singular, new tags by theirs."""
    is_plural = operation.is_list or operation.path.endswith("/") or operation.name.startswith("create_tags")
    return operation.resource if is_plural else operation.resource.removesuffix("s")


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail if error.status_code == 400 else f"{error.detail}: {request.method} {request.url.path}"
    return _json({"message": message}, error.status_code)


def _json(content: object, status: int) -> Response:
    # Statistics may be NaN, which a TTP sends as it is and Starlette's own JSON refuses.
    return Response(json.dumps(content, ensure_ascii=False), status, media_type="application/json")
