"""What a test says to the sandbox itself: faults, accounts, the log."""

import msgspec
from aiohttp import web

from heliograph.sandbox import answers, faults
from heliograph.sandbox.faults import FaultInvalid
from heliograph.sandbox.world import World


async def accounts(request: web.Request, world: World) -> web.Response:
    """GET /__accounts."""
    return answers.answer(
        [
            {
                "token": person.token,
                "user": person.user,
                "username": person.direct.username,
                "channel": person.direct.channel,
                "guild": person.guild,
                "guild_channel": person.inside.channel,
                "disabled": person.user in world.people.disabled,
            }
            for person in world.people
        ]
    )


async def known_faults(request: web.Request, world: World) -> web.Response:
    """GET /__faults: those that wait, and all that there are."""
    return answers.answer({"waiting": world.faults.waiting(), "known": faults.described()})


async def post_faults(request: web.Request, world: World) -> web.Response:
    """POST /__faults."""
    try:
        body = msgspec.json.decode(await request.read())
        wanted = faults.read(body, world.people.users)
    except msgspec.DecodeError:
        return answers.answer({"error": "The body is no JSON"}, 400)
    except FaultInvalid as invalid:
        return answers.answer({"error": str(invalid)}, 400)
    for fault in wanted:
        world.trouble(fault)
    return answers.answer({"waiting": world.faults.waiting()})


async def clear_faults(request: web.Request, world: World) -> web.Response:
    """DELETE /__faults: none waits any more, and nobody is disabled."""
    world.faults.clear()
    world.people.enable("")
    return web.Response(status=204)


async def log(request: web.Request, world: World) -> web.Response:
    """GET /__log: what was received."""
    return answers.answer(world.journal.told())


async def clear_log(request: web.Request, world: World) -> web.Response:
    """DELETE /__log."""
    world.journal.clear()
    return web.Response(status=204)


async def health(request: web.Request, world: World) -> web.Response:
    """GET /healthz."""
    return answers.answer({"status": "ok"})
