"""Discord as a load: it takes any account, answers at once, and paints nothing.

Jobs stay as they are until `POST /progress?rate=…&count=…` edits their messages in turn, evenly,
so many frames a second over all sockets. The answer tells when each frame went out, by the clock
that all processes of a machine share. `python bench/upstream.py` prints its URL.
"""

import asyncio
import itertools
import random
import time
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from heliograph.midjourney.interactions import MIDJOURNEY

Json = dict[str, Any]
encode = msgspec.json.encode

INDEX = {
    "application_commands": [
        {"id": "1", "application_id": MIDJOURNEY, "version": "1", "name": "imagine", "type": 1}
    ]
}
# What READY of an account in a few guilds weighs.
READY_FILLER = "x" * 50_000
AUTHOR = {
    "id": MIDJOURNEY,
    "username": "Midjourney Bot",
    "discriminator": "9282",
    "avatar": "f6ce562a6b4979c4b1cbc5b436d3be76",
    "public_flags": 589824,
    "bot": True,
    "global_name": None,
    "collectibles": None,
    "primary_guild": None,
}


def token(number: int) -> str:
    """That of an account."""
    return f"bench.{number}"


def user_of(token: str) -> str:
    return f"7{int(token.rpartition('.')[2]):017}"


def direct_channel(user: str) -> str:
    return f"5{user}"


class Socket:
    """A gateway connection, and its dispatches' numbers."""

    def __init__(self, web_socket: web.WebSocketResponse) -> None:
        self.web_socket = web_socket
        self.sequence = 0

    async def say(self, op: int, data: Any) -> None:
        await self.web_socket.send_str(encode({"op": op, "d": data}).decode())

    async def dispatch(self, type: str, data: Json) -> None:
        self.sequence += 1
        frame = {"t": type, "s": self.sequence, "op": 0, "d": data}
        await self.web_socket.send_str(encode(frame).decode())


class Upstream:
    """Who is connected, by user, and the messages of all jobs."""

    def __init__(self) -> None:
        self.sockets: dict[str, Socket] = {}
        self.jobs: list[tuple[Socket, Json]] = []
        self._moved = asyncio.Condition()
        self._ids = itertools.count(time.time_ns())

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        web_socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await web_socket.prepare(request)
        socket, user = Socket(web_socket), ""
        await socket.say(10, {"heartbeat_interval": 41_250})
        async for message in web_socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            frame = msgspec.json.decode(message.data)
            if frame["op"] == 1:
                await socket.say(11, None)
            else:
                user = user_of(frame["d"]["token"])
                self.sockets[user] = socket
                await self._begin(socket, user, frame, str(request.url.origin()))
                await self._more()
        if self.sockets.get(user) is socket:
            del self.sockets[user]
        return web_socket

    async def _begin(self, socket: Socket, user: str, frame: Json, origin: str) -> None:
        """A session begins, or goes on: a server that comes back resumes its sessions."""
        if frame["op"] == 2:
            await socket.dispatch("READY", _ready(user, origin))
        else:
            socket.sequence = frame["d"]["seq"]
            await socket.dispatch("RESUMED", {})

    async def interact(self, request: web.Request) -> web.Response:
        payload = msgspec.json.decode(await request.read())
        socket = self.sockets[user_of(request.headers["Authorization"])]
        interaction = str(next(self._ids))
        prompt = payload["data"]["options"][0]["value"]
        message = _message(str(next(self._ids)), interaction, payload["channel_id"], prompt)
        told = {"id": interaction, "nonce": payload["nonce"]}
        await socket.dispatch("INTERACTION_SUCCESS", told)
        await socket.dispatch("MESSAGE_CREATE", message | {"nonce": payload["nonce"]})
        self.jobs.append((socket, message))
        await self._more()
        return web.Response(status=204)

    async def progress(self, request: web.Request) -> web.Response:
        """Each job's percent is one more with each round. Answers how late the pace was, too."""
        rate, count = float(request.query["rate"]), int(request.query["count"])
        sent: dict[str, float] = {}
        began, late = time.perf_counter(), 0.0
        # Rounds in another order than that in which the jobs were made.
        jobs = random.Random(1).sample(self.jobs, len(self.jobs))
        for number in range(count):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            socket, message = jobs[number % len(jobs)]
            percent = 1 + number // len(jobs)
            message = _at(message, percent)
            now = time.perf_counter()
            late = max(late, now - due)
            sent[f"{message['prompt']}/{percent}"] = now
            await socket.dispatch("MESSAGE_UPDATE", message)
        return web.Response(body=encode({"sent": sent, "late": late}))

    async def until(self, request: web.Request) -> web.Response:
        """Answers when there are so many `sockets`, or `jobs`."""
        [(what, count)] = request.query.items()
        async with self._moved:
            while len(self.jobs if what == "jobs" else self.sockets) < int(count):
                await self._moved.wait()
        return web.Response(status=204)

    async def _more(self) -> None:
        async with self._moved:
            self._moved.notify_all()


def _ready(user: str, origin: str) -> Json:
    return {
        "session_id": f"session-{user}",
        "resume_gateway_url": origin.replace("http", "ws"),
        "user": {"id": user, "username": "bench"},
        "private_channels": [
            {"id": direct_channel(user), "type": 1, "recipient_ids": [MIDJOURNEY]}
        ],
        "guilds": [{"id": "1", "name": READY_FILLER}],
    }


def _message(id: str, interaction: str, channel: str, prompt: str) -> Json:
    return {
        "type": 20,
        "id": id,
        "channel_id": channel,
        "author": AUTHOR,
        "prompt": prompt,
        "content": f"**{prompt}** - <@1> (Waiting to start)",
        "timestamp": "2026-06-02T10:34:26.131000+00:00",
        "edited_timestamp": None,
        "attachments": [],
        "embeds": [],
        "components": [],
        "mentions": [],
        "mention_roles": [],
        "pinned": False,
        "tts": False,
        "flags": 0,
        "interaction": {"id": interaction, "type": 2, "name": "imagine"},
        "interaction_metadata": {"id": interaction, "type": 2, "user": AUTHOR},
    }


def _at(message: Json, percent: int) -> Json:
    name = f"grid_0_{percent}.webp"
    url = f"https://cdn.discordapp.com/attachments/1/{message['id']}/{name}?ex=1&is=2&hm={'0' * 64}"
    preview = {
        "id": f"{message['id']}{percent}",
        "filename": name,
        "size": 20_000,
        "url": url,
        "proxy_url": url,
        "width": 512,
        "height": 512,
        "content_type": "image/webp",
    }
    cancel = {"type": 2, "style": 2, "label": "Cancel Job", "custom_id": "MJ::CancelJob::ByJobid"}
    return message | {
        "content": f"**{message['prompt']}** - <@1> ({percent}%) (fast)",
        "edited_timestamp": "2026-06-02T10:34:32.154902+00:00",
        "attachments": [preview],
        "components": [{"type": 1, "components": [cancel]}],
    }


def _json(answer: Any) -> Any:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=encode(answer(request)), content_type="application/json")

    return handler


def application() -> web.Application:
    upstream, app = Upstream(), web.Application()
    app.router.add_get("/", upstream.gateway)
    app.router.add_get("/until", upstream.until)
    app.router.add_post("/progress", upstream.progress)
    app.router.add_post("/api/v9/interactions", upstream.interact)
    app.router.add_get(
        "/api/v9/users/@me", _json(lambda r: {"id": user_of(r.headers["Authorization"])})
    )
    app.router.add_get("/api/v9/channels/{id}/application-command-index", _json(lambda r: INDEX))
    app.router.add_get("/api/v9/channels/{id}/messages", _json(lambda r: []))
    return app


async def main() -> None:
    runner = web.AppRunner(application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
