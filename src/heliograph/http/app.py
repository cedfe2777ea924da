"""The ASGI application: the route table, and how a Problem becomes an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from heliograph.errors import Problem
from heliograph.http import docs, openapi, v1, v3, webhooks
from heliograph.http.media import get_media
from heliograph.http.openapi import Endpoint, Handler
from heliograph.http.proxy import get_proxy
from heliograph.http.shapes import (
    AccountBody,
    BlendBody,
    ButtonBody,
    ChallengeBody,
    ChannelObject,
    DeliveriesObject,
    DeliveryObject,
    DescribeBody,
    ErrorObject,
    FaultObject,
    ImagineBody,
    JobObject,
    ProxyErrorObject,
    RunningObject,
    SecretsObject,
    SeedBody,
    SettingBody,
    StateObject,
    SubmittedObject,
    TaskBody,
    TaskIdsBody,
    TasksObject,
)
from heliograph.http.state import State

V3 = "/v3/midjourney"
# The page loads and runs nothing.
PLAIN = "default-src 'none'; style-src 'unsafe-inline'"
DENIED = {401: ErrorObject}
UNPAID = DENIED | {402: ErrorObject}
LARGE = {413: ErrorObject}
REFUSED = UNPAID | LARGE | dict.fromkeys((400, 404, 422, 429, 596), ErrorObject)
FROM_PARENT = REFUSED | {410: ErrorObject}
UNKNOWN_JOB = DENIED | {404: ErrorObject, 410: ErrorObject}
UNKNOWN_CHANNEL = DENIED | {404: None}
# In an envelope, as all of v1's answers.
FAULTS = dict.fromkeys((400, 401, 413, 500), FaultObject)
MEDIA_ANSWERS: dict[int, Any] = {200: None, 206: None, 304: None, 404: ErrorObject, 416: None}
# 200 is a stream, or the job that is there already.
CREATED = {200: JobObject, 201: JobObject}


def _submission(
    verb: str, handler: Handler, body: Any, answers: Mapping[int, Any], *, optional: bool = False
) -> Endpoint:
    return Endpoint(
        "POST",
        f"{V3}/jobs/{verb}",
        handler,
        answers=answers,
        body=body,
        stream=200,
        optional_body=optional,
    )


def _setting(verb: str, handler: Handler) -> Endpoint:
    return _submission(verb, handler, SettingBody, REFUSED | CREATED, optional=True)


ENDPOINTS = (
    Endpoint(
        "POST",
        f"{V3}/accounts",
        v3.post_account,
        answers=UNPAID
        | LARGE
        | {200: ChannelObject, 201: ChannelObject, 400: ErrorObject, 502: ErrorObject},
        body=AccountBody,
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
        answers=UNKNOWN_CHANNEL | {200: ChannelObject},
    ),
    Endpoint(
        "DELETE",
        f"{V3}/accounts/{{channel}}",
        v3.delete_account,
        answers=UNKNOWN_CHANNEL | {204: None},
    ),
    Endpoint(
        "POST",
        f"{V3}/accounts/reset/{{channel}}",
        v3.reset_account,
        answers=UNKNOWN_CHANNEL | {204: None},
    ),
    _submission("imagine", v3.post_imagine, ImagineBody, REFUSED | CREATED),
    _submission("button", v3.post_button, ButtonBody, FROM_PARENT | CREATED),
    _submission("blend", v3.post_blend, BlendBody, REFUSED | CREATED),
    _submission("describe", v3.post_describe, DescribeBody, REFUSED | CREATED),
    _submission("seed", v3.post_seed, SeedBody, FROM_PARENT | CREATED),
    _setting("settings", v3.post_settings),
    _setting("info", v3.post_info),
    _setting("fast", v3.post_fast),
    _setting("relax", v3.post_relax),
    _setting("turbo", v3.post_turbo),
    _setting("remix", v3.post_remix),
    _setting("variability", v3.post_variability),
    Endpoint("GET", f"{V3}/jobs", v3.get_jobs, answers=DENIED | {200: RunningObject}),
    Endpoint(
        "GET",
        f"{V3}/jobs/{{jobid}}",
        v3.get_job,
        answers=UNKNOWN_JOB | UNPAID | {200: JobObject, 400: ErrorObject},
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
        f"{V3}/webhooks",
        webhooks.get_webhooks,
        answers=DENIED | {200: DeliveriesObject, 400: ErrorObject},
        query={"state": "pending, delivered or failed", "limit": "1 to 500; 100 unless it is said"},
        optional_query=True,
    ),
    Endpoint(
        "GET",
        f"{V3}/webhooks/secret",
        webhooks.get_webhook_secret,
        answers=DENIED | {200: SecretsObject},
    ),
    Endpoint(
        "POST",
        f"{V3}/webhooks/secret",
        webhooks.rotate_webhook_secret,
        answers=DENIED | {201: SecretsObject},
    ),
    Endpoint(
        "GET",
        f"{V3}/webhooks/{{id}}",
        webhooks.get_webhook,
        answers=DENIED | {200: DeliveryObject, 404: ErrorObject},
    ),
    Endpoint(
        "POST",
        f"{V3}/webhooks/{{id}}/replay",
        webhooks.replay_webhook,
        answers=DENIED | {200: DeliveryObject, 404: ErrorObject},
    ),
    Endpoint(
        "GET",
        f"{V3}/events",
        webhooks.get_events,
        answers=DENIED | {200: None},
        stream=200,
    ),
    Endpoint(
        "POST",
        f"{v1.PREFIX}/submit-jobs",
        v1.submit_jobs,
        answers=FAULTS | {200: SubmittedObject, 422: FaultObject},
        body=TaskBody,
        keyed=True,
    ),
    Endpoint(
        "POST",
        f"{v1.PREFIX}/job-status",
        v1.job_status,
        answers=FAULTS | {200: TasksObject},
        body=TaskIdsBody,
        keyed=True,
    ),
    Endpoint(
        "GET",
        "/v1/proxy/cdn-midjourney/",
        get_proxy,
        answers=MEDIA_ANSWERS
        | dict.fromkeys((400, 401, 403, 502), ProxyErrorObject)
        | {404: ErrorObject},
        query={"cdnUrl": "A URL of the Midjourney CDN, or of this server's own media"},
    ),
    Endpoint(
        "POST",
        f"{V3}/studio/{{channel}}/challenge",
        v3.post_challenge,
        answers=DENIED | LARGE | {204: None, 400: ErrorObject, 404: ErrorObject},
        body=ChallengeBody,
        optional_body=True,
    ),
    Endpoint(
        "DELETE",
        f"{V3}/studio/{{channel}}/challenge",
        v3.delete_challenge,
        answers=DENIED | {204: None, 400: ErrorObject, 404: ErrorObject},
    ),
    Endpoint("GET", "/media/{key:path}", get_media, answers=MEDIA_ANSWERS, open=True),
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
    described = openapi.document(ENDPOINTS)
    document, page = msgspec.json.encode(described), docs.page(described)

    async def get_openapi(request: Request) -> Response:
        return Response(document, media_type="application/json")

    async def get_docs(request: Request) -> Response:
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": PLAIN})

    app = Starlette(
        routes=[
            *_routes(ENDPOINTS),
            # Clients call it with and without the slash.
            _route("/v1/proxy/cdn-midjourney", {"GET": get_proxy}),
            _route("/openapi.json", {"GET": get_openapi}),
            _route("/docs", {"GET": get_docs}),
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
            return _refusal(request, str(problem), problem.status)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - starlette types handlers by Exception
    sentences = {404: "Not found", 405: "Method not allowed"}
    sentence = sentences.get(error.status_code, error.detail)
    headers = dict(error.headers) if error.headers else None
    return _refusal(request, sentence, error.status_code, headers)


async def _gone(request: Request, error: Exception) -> Response:
    # Nobody reads this answer: the caller left while it was still sending.
    return Response(status_code=400)


async def _bug(request: Request, error: Exception) -> Response:
    # The server logs the trace; the caller gets none of it.
    return _refusal(request, "Internal server error", 500)


def _refusal(
    request: Request, sentence: str, status: int, headers: dict[str, str] | None = None
) -> Response:
    if request.scope["path"].startswith(f"{v1.PREFIX}/"):
        return v1.refusal(sentence, status, headers)
    return v3.answer({"error": sentence}, status, headers)
