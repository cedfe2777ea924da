"""The v3 endpoints: each reads its request, asks the service, and shows the answer."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from heliograph import command
from heliograph.errors import ChannelNotFound, Unauthorized
from heliograph.http import bodies, follow, views
from heliograph.http.state import base_url, state


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        views.encode(value), status_code=status, media_type="application/json", headers=headers
    )


async def user_of(request: Request) -> int:
    """The caller, by `Authorization: Bearer …`. Raises Unauthorized."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized
    return await state(request).service.user_of(token.strip())


async def post_imagine(request: Request) -> Response:
    """Creates an imagine job; answers with its stream, or with the job when `stream` is false."""
    user = await user_of(request)
    asked = command.imagine(await bodies.fields(request))
    created = await state(request).service.imagine(user, asked)
    if asked.stream:
        return follow.stream(request, created, None)
    return answer(views.job_object(created, base_url(request)), 201)


async def get_jobs(request: Request) -> Response:
    """Lists the caller's running jobs, by channel."""
    user = await user_of(request)
    service = state(request).service
    running, channels = await service.running(user), await service.channels(user)
    return answer(views.running_object(running, channels, service.now()))


async def get_job(request: Request) -> Response:
    """Shows a job, or streams its events to a caller that accepts `text/event-stream`."""
    user = await user_of(request)
    found = await state(request).service.job(user, request.path_params["jobid"])
    if follow.wanted(request):
        return follow.stream(request, found, follow.cursor(request))
    return answer(views.job_object(found, base_url(request)))


async def delete_job(request: Request) -> Response:
    """Cancels a running job."""
    user = await user_of(request)
    await state(request).service.cancel(user, request.path_params["jobid"])
    return Response(status_code=204)


async def get_accounts(request: Request) -> Response:
    """Lists the caller's channels; 404 without a body when there are none."""
    user = await user_of(request)
    channels = await state(request).service.channels(user)
    if not channels:
        return Response(status_code=404)
    return answer({channel.id: views.channel_object(channel) for channel in channels})


async def get_account(request: Request) -> Response:
    """Shows a channel; 404 without a body when it is not the caller's."""
    user = await user_of(request)
    try:
        channel = await state(request).service.channel(user, request.path_params["channel"])
    except ChannelNotFound:
        return Response(status_code=404)
    return answer(views.channel_object(channel))


async def healthz(request: Request) -> Response:
    """Says that the process answers."""
    return answer({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Says whether jobs would be taken up now: 503 while starting or ending."""
    if state(request).ready():
        return answer({"status": "ready"})
    return answer({"status": "not ready"}, 503)
