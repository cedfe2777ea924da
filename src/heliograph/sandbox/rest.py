"""The REST routes of users, guilds, channels, messages and reactions."""

import io
from typing import Any

from aiohttp import web
from PIL import Image

from heliograph.midjourney.wire import Message
from heliograph.sandbox import answers, discord, payloads
from heliograph.sandbox.people import Person, unknown_channel
from heliograph.sandbox.world import World
from heliograph.studio.files import MEDIA
from heliograph.studio.intake import no_upload, refused
from heliograph.studio.messages import BOT
from heliograph.studio.tickets import Account

MOST_MESSAGES = 100


async def me(request: web.Request, world: World, person: Person) -> web.Response:
    return answers.answer(discord.me(person))


async def user(request: web.Request, world: World, person: Person) -> web.Response:
    return answers.answer(_user(world, request.match_info["id"], person))


async def profile(request: web.Request, world: World, person: Person) -> web.Response:
    of = _user(world, request.match_info["id"], person)
    return answers.answer(discord.profile(of, [person.guild]))


async def direct_channels(request: web.Request, world: World, person: Person) -> web.Response:
    """The direct channels; there is one, with the bot."""
    return answers.answer([discord.channel(person.direct)])


async def open_direct(request: web.Request, world: World, person: Person) -> web.Response:
    """POST /users/@me/channels: the direct channel with a user, which must be the bot."""
    body = await answers.json_body(request)
    wanted = body.get("recipients") or [body.get("recipient_id")]
    if wanted != [BOT]:
        raise refused(50007, "Cannot send messages to this user", 403)
    return answers.answer(discord.channel(person.direct))


async def guilds(request: web.Request, world: World, person: Person) -> web.Response:
    return answers.answer([discord.guild(person)])


async def guild(request: web.Request, world: World, person: Person) -> web.Response:
    _check_guild(request, person)
    return answers.answer(discord.guild(person))


async def guild_channels(request: web.Request, world: World, person: Person) -> web.Response:
    _check_guild(request, person)
    return answers.answer([discord.channel(person.inside)])


async def channel(request: web.Request, world: World, person: Person) -> web.Response:
    account = _account(request, world, person)
    last = await world.last_messages(person)
    return answers.answer(discord.channel(account, last[account.channel]))


async def messages(request: web.Request, world: World, person: Person) -> web.Response:
    """GET /channels/{id}/messages, newest first, before, after or around an id."""
    account = _account(request, world, person)
    query = request.query
    limit = _limit(query.get("limit", "50"))
    around = query.get("around")
    if around is None:
        before, after = query.get("before"), query.get("after")
        return answers.answer(await world.history(account, limit, before=before, after=after))
    return answers.answer(await _around(world, account, around, limit))


async def message(request: web.Request, world: World, person: Person) -> web.Response:
    found = await _one(world, _account(request, world, person), request.match_info["message"])
    return answers.answer(found)


async def write(request: web.Request, world: World, person: Person) -> web.Response:
    """POST /channels/{id}/messages, with files uploaded before or along with it."""
    account = _account(request, world, person)
    payload, files = await payloads.read(request)
    kept = await payloads.keep(world.shelf, files)
    listed = payloads.attachments(payload)
    known = {str(one.get("id")) for one in listed}
    listed += [
        {"id": file.number, "filename": file.filename} for file in files if file.number not in known
    ]
    attachments = [await _attachment(world, one, kept) for one in listed]
    content = payload.get("content") or ""
    if not isinstance(content, str):
        raise answers.invalid("content", "Could not interpret the value as a string")
    if not content and not attachments:
        raise refused(50006, "Cannot send an empty message")
    nonce = "" if payload.get("nonce") is None else str(payload["nonce"])
    written = await world.bot.write(account, content, attachments, nonce)
    return answers.answer(world.posts[person.user].written(account, written))


async def acknowledge(request: web.Request, world: World, person: Person) -> web.Response:
    """POST …/ack: also of messages that nobody else sees."""
    _account(request, world, person)
    return answers.answer({"token": None})


async def react(request: web.Request, world: World, person: Person) -> web.Response:
    """PUT …/reactions/{emoji}/@me: one that is there already is not put again."""
    account = _account(request, world, person)
    message, emoji = request.match_info["message"], request.match_info["emoji"]
    reaction = (person.user, message, emoji)
    if reaction in world.reactions:
        await _one(world, account, message)
    else:
        await world.bot.react(account, message, emoji)
        world.reactions.add(reaction)
    return web.Response(status=204)


async def unreact(request: web.Request, world: World, person: Person) -> web.Response:
    """Reactions are heeded when they come; one that is taken away may come again."""
    _account(request, world, person)
    message, emoji = request.match_info["message"], request.match_info["emoji"]
    world.reactions.discard((person.user, message, emoji))
    return web.Response(status=204)


async def typing(request: web.Request, world: World, person: Person) -> web.Response:
    _account(request, world, person)
    return web.Response(status=204)


async def application(request: web.Request, world: World, person: Person) -> web.Response:
    """What libraries for bots ask first: the application behind the token."""
    owner = discord.user(person.direct)
    return answers.answer(
        {
            "id": BOT,
            "name": "Midjourney Bot",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "summary": "",
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": owner,
            "team": None,
            "tags": [],
        }
    )


def _user(world: World, id: str, person: Person) -> dict[str, Any]:
    if id == BOT:
        return discord.bot_user()
    found = person if id == "@me" else world.people.of_user(id)
    if found is None:
        raise refused(10013, "Unknown User", 404)
    return discord.user(found.direct)


def _check_guild(request: web.Request, person: Person) -> None:
    if request.match_info["id"] != person.guild:
        raise refused(10004, "Unknown Guild", 404)


def _account(request: web.Request, world: World, person: Person) -> Account:
    """The account in the channel that the path names."""
    id = request.match_info["id"]
    account = person.at(id)
    if account is None:
        if world.people.is_channel(id):
            raise refused(50001, "Missing Access", 403)
        raise unknown_channel(404)
    return account


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_MESSAGES:
        raise answers.invalid("limit", f"int value should be between 1 and {MOST_MESSAGES}.")
    return int(text)


async def _around(world: World, account: Account, id: str, limit: int) -> list[Message]:
    """With a limit of one exactly that message."""
    upto = await world.history(account, limit // 2 + 1, before=_next(id))
    after = await world.history(account, (limit - 1) // 2, after=id) if limit > 2 else []
    if limit == 1:
        return [one for one in upto if one["id"] == id]
    return [*after, *upto][:limit]


async def _one(world: World, account: Account, id: str) -> Message:
    for found in await world.history(account, 1, before=_next(id)):
        if found["id"] == id:
            return found
    raise refused(10008, "Unknown Message", 404)


def _next(id: str) -> str:
    if not id.isdecimal():
        raise answers.invalid("message_id", f"Value {id[:40]!r} is not snowflake.")
    return str(int(id) + 1)


async def _attachment(world: World, one: dict[str, Any], kept: dict[str, str]) -> Message:
    """An attachment of a user's message, as the bot's messages have them."""
    key = kept.get(str(one.get("id"))) or str(one.get("uploaded_filename") or "")
    try:
        data = await world.shelf.fetch(key)
    except (FileNotFoundError, ValueError):
        raise no_upload() from None
    name = key.rpartition("/")[2]
    url = f"{MEDIA}/{key}"
    return {
        "id": world.ids.snowflake(),
        "filename": str(one.get("filename") or name).partition("?")[0],
        "size": len(data),
        "url": url,
        "proxy_url": url,
        "content_type": payloads.content_type(name),
        "content_scan_version": 0,
    } | _measured(data)


def _measured(data: bytes) -> dict[str, int]:
    """Width and height, of pictures."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return {"width": image.width, "height": image.height}
    except (OSError, Image.DecompressionBombError):
        return {}
