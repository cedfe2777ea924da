"""The v3 endpoints: each reads its request, asks at a door of the service, and shows the answer."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from heliograph import command
from heliograph.errors import ChannelNotFound, Unauthorized
from heliograph.http import bodies, follow, views
from heliograph.http.state import base_url, state
from heliograph.service.jobs import Submitted


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        views.encode(value), status_code=status, media_type="application/json", headers=headers
    )


async def user_of(request: Request, *, subscribed: bool = False) -> int:
    """The caller, by `Authorization: Bearer …`. Raises Unauthorized or NotSubscribed."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized
    return await state(request).people.user_of(token.strip(), subscribed=subscribed)


async def post_imagine(request: Request) -> Response:
    """Creates an imagine job; answers with its stream, or with the job when `stream` is false."""
    user = await user_of(request, subscribed=True)
    asked = keyed(request, command.imagine(await bodies.fields(request)))
    return await _submitted(request, asked, await state(request).jobs.imagine(user, asked))


async def post_button(request: Request) -> Response:
    """Presses a button of a finished job; U1 to U4 only once, then answers 200 with that job."""
    user = await user_of(request, subscribed=True)
    asked = keyed(request, command.button(await bodies.fields(request)))
    return await _submitted(request, asked, await state(request).jobs.button(user, asked))


async def post_seed(request: Request) -> Response:
    """Asks for a finished job's seed and its four pictures; once, then answers 200."""
    user = await user_of(request, subscribed=True)
    asked = keyed(request, command.seed(await bodies.fields(request)))
    return await _submitted(request, asked, await state(request).jobs.seed(user, asked))


async def post_blend(request: Request) -> Response:
    """Creates a job that blends two to five pictures."""
    user = await user_of(request, subscribed=True)
    asked = keyed(request, command.blend(await bodies.fields(request)))
    return await _submitted(request, asked, await state(request).jobs.blend(user, asked))


async def post_describe(request: Request) -> Response:
    """Creates a job that writes four prompts for a picture."""
    user = await user_of(request, subscribed=True)
    asked = keyed(request, command.describe(await bodies.fields(request)))
    return await _submitted(request, asked, await state(request).jobs.describe(user, asked))


async def post_settings(request: Request) -> Response:
    """Shows the bot's settings."""
    return await _setting(request, "settings")


async def post_info(request: Request) -> Response:
    """Shows the account's usage, queue and speed."""
    return await _setting(request, "info")


async def post_fast(request: Request) -> Response:
    """Switches to fast mode."""
    return await _setting(request, "fast")


async def post_relax(request: Request) -> Response:
    """Switches to relaxed mode."""
    return await _setting(request, "relax")


async def post_turbo(request: Request) -> Response:
    """Switches to turbo mode."""
    return await _setting(request, "turbo")


async def post_remix(request: Request) -> Response:
    """Switches remix mode on or off."""
    return await _setting(request, "remix")


async def post_variability(request: Request) -> Response:
    """Switches between strong and subtle variations."""
    return await _setting(request, "variability")


async def _setting(request: Request, verb: command.SettingsVerb) -> Response:
    user = await user_of(request, subscribed=True)
    asked = keyed(request, command.setting(verb, await bodies.fields(request, optional=True)))
    return await _submitted(request, asked, await state(request).jobs.setting(user, asked))


async def _submitted(request: Request, asked: command.Command, made: Submitted) -> Response:
    new = made.how == "new"
    children = [] if new else await state(request).jobs.children(made.job)
    if asked.stream:
        response: Response = follow.stream(request, made.job, None, children)
    else:
        shown = views.job_object(made.job, base_url(request), children)
        response = answer(shown, 201 if new else 200)
    if made.how == "replay":
        response.headers["Idempotent-Replay"] = "true"
    return response


def keyed(request: Request, asked: command.C) -> command.C:
    """What was asked, with the caller's Idempotency-Key. Raises Invalid."""
    return command.keyed(asked, request.headers.get("idempotency-key"))


async def get_jobs(request: Request) -> Response:
    """Lists the caller's running jobs, by channel."""
    user = await user_of(request)
    shared = state(request)
    running, channels = await shared.jobs.running(user), await shared.channels.listed(user)
    return answer(views.running_object(running, channels, shared.now()))


async def get_job(request: Request) -> Response:
    """Shows a job, or streams its events to a caller that accepts `text/event-stream`."""
    user = await user_of(request, subscribed=True)
    jobs = state(request).jobs
    found = await jobs.job(user, request.path_params["jobid"])
    children = await jobs.children(found)
    if follow.wanted(request):
        return follow.stream(request, found, follow.cursor(request), children)
    return answer(views.job_object(found, base_url(request), children))


async def delete_job(request: Request) -> Response:
    """Cancels a running job."""
    user = await user_of(request)
    await state(request).jobs.cancel(user, request.path_params["jobid"])
    return Response(status_code=204)


async def post_account(request: Request) -> Response:
    """Adds a channel (201), or sets what was sent of a known one (200)."""
    user = await user_of(request, subscribed=True)
    asked = command.account(await bodies.fields(request))
    channel, new = await state(request).channels.configure(user, asked)
    return answer(views.channel_object(channel), 201 if new else 200)


async def get_accounts(request: Request) -> Response:
    """Lists the caller's channels; 404 without a body when there are none."""
    user = await user_of(request)
    channels = await state(request).channels.listed(user)
    if not channels:
        return Response(status_code=404)
    return answer({channel.id: views.channel_object(channel) for channel in channels})


async def get_account(request: Request) -> Response:
    """Shows a channel; 404 without a body when it is not the caller's."""
    user = await user_of(request)
    try:
        channel = await state(request).channels.channel(user, request.path_params["channel"])
    except ChannelNotFound:
        return Response(status_code=404)
    return answer(views.channel_object(channel))


async def delete_account(request: Request) -> Response:
    """Removes a channel; its running jobs go on."""
    user = await user_of(request)
    try:
        await state(request).channels.delete(user, request.path_params["channel"])
    except ChannelNotFound:
        return Response(status_code=404)
    return Response(status_code=204)


async def reset_account(request: Request) -> Response:
    """Opens a channel again, once a person has resolved what put it in error."""
    user = await user_of(request)
    try:
        await state(request).channels.reset(user, request.path_params["channel"])
    except ChannelNotFound:
        return Response(status_code=404)
    return Response(status_code=204)


async def post_challenge(request: Request) -> Response:
    """Has our own bot raise a challenge on one of its channels, to try the 596 path out."""
    user = await user_of(request)
    kind = command.challenge(await bodies.fields(request, optional=True))
    await state(request).channels.challenge(user, request.path_params["channel"], kind)
    return Response(status_code=204)


async def delete_challenge(request: Request) -> Response:
    """Resolves such a challenge, as a person does upstream; the channel is reset apart."""
    user = await user_of(request)
    await state(request).channels.resolve(user, request.path_params["channel"])
    return Response(status_code=204)


async def healthz(request: Request) -> Response:
    """Says that the process answers."""
    return answer({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Says whether jobs would be taken up now: 503 while starting or ending."""
    if state(request).ready():
        return answer({"status": "ready"})
    return answer({"status": "not ready"}, 503)
