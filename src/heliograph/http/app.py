"""The ASGI application: the route table, and how a Problem becomes an answer."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from heliograph.errors import Problem
from heliograph.http import openapi, v3
from heliograph.http.media import get_media
from heliograph.http.openapi import Endpoint
from heliograph.http.shapes import (
    ChannelObject,
    ErrorObject,
    ImagineBody,
    JobObject,
    RunningObject,
    StateObject,
)
from heliograph.http.state import State

V3 = "/v3/midjourney"
DENIED = {401: ErrorObject}
REFUSED = DENIED | dict.fromkeys((400, 404, 413, 429, 596), ErrorObject)
UNKNOWN_JOB = DENIED | {404: ErrorObject, 410: ErrorObject}
ENDPOINTS = (
    Endpoint(
        "POST",
        f"{V3}/jobs/imagine",
        v3.post_imagine,
        answers=REFUSED | {200: None, 201: JobObject},
        body=ImagineBody,
        stream=200,
    ),
    Endpoint("GET", f"{V3}/jobs", v3.get_jobs, answers=DENIED | {200: RunningObject}),
    Endpoint(
        "GET",
        f"{V3}/jobs/{{jobid}}",
        v3.get_job,
        answers=UNKNOWN_JOB | {200: JobObject, 400: ErrorObject},
        stream=200,
    ),
    Endpoint(
        "DELETE",
        f"{V3}/jobs/{{jobid}}",
        v3.delete_job,
        answers=UNKNOWN_JOB | {204: None, 409: ErrorObject},
    ),
    Endpoint(
        "GET",
        f"{V3}/accounts",
        v3.get_accounts,
        answers=DENIED | {200: dict[str, ChannelObject], 404: None},
    ),
    Endpoint(
        "GET",
        f"{V3}/accounts/{{channel}}",
        v3.get_account,
        answers=DENIED | {200: ChannelObject, 404: None},
    ),
    Endpoint(
        "GET",
        "/media/{key:path}",
        get_media,
        answers={200: None, 206: None, 304: None, 404: ErrorObject, 416: None},
        open=True,
    ),
    Endpoint("GET", "/healthz", v3.healthz, answers={200: StateObject}, open=True),
    Endpoint(
        "GET",
        "/readyz",
        v3.readyz,
        answers={200: StateObject, 503: StateObject},
        open=True,
    ),
)


def create_app(state: State) -> Starlette:
    """The server's app; `state` carries everything that its handlers use."""
    document = msgspec.json.encode(openapi.document(ENDPOINTS))

    async def get_openapi(request: Request) -> Response:
        return Response(document, media_type="application/json")

    app = Starlette(
        routes=[
            *_routes(ENDPOINTS),
            _route("/openapi.json", {"GET": get_openapi}),
        ],
        exception_handlers={
            HTTPException: _http_exception,
            ClientDisconnect: _gone,
            Exception: _bug,
        },
    )
    app.router.redirect_slashes = False
    app.state.heliograph = state
    return app


def _routes(endpoints: tuple[Endpoint, ...]) -> list[Route]:
    """One route a path, so that a wrong method is told from a wrong path."""
    by_path: dict[str, dict[str, Callable[[Request], Awaitable[Response]]]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint.handler
    return [_route(path, handlers) for path, handlers in by_path.items()]


def _route(path: str, handlers: dict[str, Callable[[Request], Awaitable[Response]]]) -> Route:
    # Every method matches here, so that `GET /jobs/imagine` is a wrong method, not a job id.
    route = Route(path, _Handlers(handlers))
    route.methods = None
    return route


class _Handlers:
    """The handlers of one path, by method, as an ASGI app."""

    def __init__(self, handlers: dict[str, Callable[[Request], Awaitable[Response]]]) -> None:
        self._handlers = handlers
        if "GET" in handlers:
            self._handlers = handlers | {"HEAD": handlers["GET"]}
        self._allowed = ", ".join(self._handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        handler = self._handlers.get(request.method)
        if handler is None:
            raise HTTPException(405, headers={"Allow": self._allowed})
        try:
            return await handler(request)
        except Problem as problem:
            return v3.answer({"error": str(problem)}, problem.status)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - starlette types handlers by Exception
    sentences = {404: "Not found", 405: "Method not allowed"}
    sentence = sentences.get(error.status_code, error.detail)
    return v3.answer(
        {"error": sentence}, error.status_code, dict(error.headers) if error.headers else None
    )


async def _gone(request: Request, error: Exception) -> Response:
    # Nobody reads this answer: the caller left while it was still sending.
    return Response(status_code=400)


async def _bug(request: Request, error: Exception) -> Response:
    # The server logs the trace; the caller gets none of it.
    return v3.answer({"error": "Internal server error"}, 500)
