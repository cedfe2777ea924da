"""A client that others wrote: discord.py, told where the sandbox is, and nothing else of ours.

Run as a program, for the library's import warns of modules that Python will lose. It prints what it
sees as JSON lines; a message that begins with `say ` it answers with a file.
"""

import io
import json
import sys
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


def tell(event: str, **more: Any) -> None:
    print(json.dumps({"event": event} | more), flush=True)


class Client(discord.Client):
    async def on_ready(self) -> None:
        guilds = {str(guild.id): [str(c.id) for c in guild.channels] for guild in self.guilds}
        tell("ready", user=str(self.user), guilds=guilds, latency=self.latency)

    async def on_message(self, message: discord.Message) -> None:
        files = [(file.filename, len(await file.read())) for file in message.attachments]
        buttons = [
            child.label
            for row in message.components
            if isinstance(row, discord.ActionRow)
            for child in row.children
            if isinstance(child, discord.Button)
        ]
        reference = message.reference and str(message.reference.message_id)
        tell(
            "message",
            id=str(message.id),
            author=str(message.author),
            content=message.content,
            files=files,
            buttons=buttons,
            reference=reference,
            guild=str(message.guild and message.guild.id),
        )
        if message.content.startswith("say "):
            file = discord.File(io.BytesIO(b"words"), "words.txt")
            sent = await message.channel.send(message.content[4:], file=file)
            history = [str(one.id) async for one in message.channel.history(limit=2)]
            tell("said", id=str(sent.id), history=history)

    async def on_message_delete(self, message: discord.Message) -> None:
        tell("deleted", id=str(message.id))

    async def on_socket_raw_receive(self, message: str) -> None:
        if json.loads(message)["op"] == 11:
            tell("acknowledged")

    async def on_resumed(self) -> None:
        tell("resumed")


def main(url: str, token: str) -> None:
    Route.BASE = f"{url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws{url.removeprefix('http')}/gateway")
    client = Client(intents=discord.Intents.all(), enable_debug_events=True)
    client.run(token, log_handler=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
