"""Interactions, the index of commands, and the frame of Vary (Region)."""

import base64
from typing import Any

from aiohttp import web

from heliograph.midjourney.wire import Payload, WireRefused
from heliograph.sandbox import answers, guard, payloads
from heliograph.sandbox.kinds import (
    Challenge,
    Forbidden,
    InteractionFailure,
    NoticeFault,
)
from heliograph.sandbox.notices import NOTICES, QUEUED_NAME
from heliograph.sandbox.people import Person, place, unknown_channel
from heliograph.sandbox.posting import Post
from heliograph.sandbox.world import World
from heliograph.studio.intake import refused
from heliograph.studio.tickets import Account


async def post(request: web.Request, world: World, person: Person) -> web.StreamResponse:
    """POST /interactions."""
    payload: Payload = request[guard.PAYLOAD]
    if world.faults.take(Forbidden, person.user):
        return answers.error(403, 50001, "Missing Access")
    channel, guild = payload.get("channel_id"), payload.get("guild_id") or ""
    account = place(person, str(channel), str(guild))
    world.commands.check(payload)
    await _attach(request, world, payload)
    await _take(world, person, account, payload)
    world.journal.taken(request[guard.ENTRY])
    return web.Response(status=204)


async def _attach(request: web.Request, world: World, payload: Payload) -> None:
    """Files that came with the interaction take their place among its attachments."""
    kept = await payloads.keep(world.shelf, request[guard.FILES])
    data = payload.get("data")
    if not kept or not isinstance(data, dict):
        return
    for attachment in payloads.attachments(data):
        if key := kept.get(str(attachment.get("id"))):
            attachment["uploaded_filename"] = key


async def _take(world: World, person: Person, account: Account, payload: Payload) -> None:
    user, post = person.user, world.posts[person.user]
    if failure := world.faults.take(InteractionFailure, user):
        _fail(world, post, account, payload, failure.reason)
    elif world.faults.take(Challenge, user):
        await world.bot.decline(account, payload, None)
    elif asked := world.faults.take(NoticeFault, user, lambda one: not NOTICES[one.name].late):
        await _tell(world, post, account, payload, asked.name)
    else:
        await world.bot.interact(account, payload)


async def _tell(world: World, post: Post, account: Account, payload: Payload, name: str) -> None:
    if name == QUEUED_NAME:
        post.queue(str(payload.get("nonce")))
        await world.bot.interact(account, payload)
        return
    notice = NOTICES[name]
    text = "" if notice.embed else notice.text
    await world.bot.decline(account, payload, notice.embed, content=text, rows=notice.rows)


def _fail(world: World, post: Post, account: Account, payload: Payload, reason: int) -> None:
    event: dict[str, Any] = {"id": world.ids.snowflake(), "nonce": payload.get("nonce")}
    said = [("INTERACTION_CREATE", event), ("INTERACTION_FAILURE", event | {"reason_code": reason})]
    post.later(account, said)


async def index(request: web.Request, world: World, person: Person) -> web.Response:
    """GET /channels/{id}/application-command-index, and of guilds: a direct channel's id does."""
    id = request.match_info["id"]
    if id != person.guild and person.at(id) is None:
        raise unknown_channel(404)
    return answers.answer(world.commands.index())


async def search(request: web.Request, world: World, person: Person) -> web.Response:
    """GET /channels/{id}/application-commands/search."""
    if request.match_info["id"] != person.guild and person.at(request.match_info["id"]) is None:
        raise unknown_channel(404)
    query = request.query
    try:
        kind, limit = int(query.get("type", "1")), int(query.get("limit", "25"))
    except ValueError:
        raise answers.invalid("type", "A number is needed") from None
    return answers.answer(world.commands.search(query.get("query", ""), kind, limit))


async def inpaint(request: web.Request, world: World) -> web.Response:
    """POST …/inpaint/api/submit-job, with the frame's token in the body or in the path."""
    try:
        body = await answers.json_body(request)
        token = request.match_info.get("token") or str(body.get("customId") or "")
        mask = _mask(body.get("mask"))
        prompt = body.get("prompt") or body.get("full_prompt") or ""
        await _submit(world, token.rpartition("::")[2], mask, str(prompt))
    except WireRefused as refusal:
        return answers.refusal(refusal)
    return answers.answer({"status": "ok"})


async def _submit(world: World, token: str, mask: bytes, prompt: str) -> None:
    """The token is all that says whose frame it is."""
    for account in _owners(world, token):
        try:
            await world.bot.submit_inpaint(account, token, mask, prompt)
        except WireRefused as refusal:
            if refusal.body.get("code") not in (10062, 10008):
                raise
        else:
            return
    raise refused(10062, "Unknown frame", 404)


def _owners(world: World, token: str) -> list[Account]:
    """Whose frame it may be; after a restart anybody's."""
    known = [found for post in world.posts.values() if (found := post.frames.get(token))]
    return known or [one for person in world.people for one in (person.direct, person.inside)]


def _mask(text: object) -> bytes:
    """A mask in base64, also as a `data:` URL."""
    if not isinstance(text, str) or not text:
        raise answers.invalid("mask", "A picture in base64 is needed")
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except ValueError:
        raise answers.invalid("mask", "This is no base64") from None
