"""Which commands the bot offers in a channel, by name.

Discord knows a command by an id and a version, and the bot gets new ones with every release. So
none is written down here: they are read from the channel's index, kept, and read again when Discord
says that a version has been replaced (400, code 50035).
"""

import asyncio
from typing import Any

import msgspec

from heliograph.discord import routes
from heliograph.discord.rest import Rest
from heliograph.midjourney.interactions import MIDJOURNEY, Command
from heliograph.midjourney.wire import Payload, WireBarred, WireLost, WireRefused

OUTDATED = 50035
_COMMAND = 2
_Key = tuple[str, int]


class _Listed(msgspec.Struct):
    id: str
    name: str
    version: str
    application_id: str
    type: int = 1


class _Index(msgspec.Struct):
    application_commands: list[_Listed] = []


class Commands:
    """The bot's commands in one channel; `guild` is None for a direct one."""

    def __init__(self, rest: Rest, channel: str, guild: str | None) -> None:
        self._rest = rest
        self._channel = channel
        self._guild = guild
        self._known: dict[_Key, Command] = {}
        self._reading = asyncio.Lock()

    async def named(self, payload: Payload) -> Payload:
        """The interaction with the current id and version of its command; one that is no command
        comes back as it is. Raises WireRefused: nothing has been sent to the bot."""
        if payload["type"] != _COMMAND:
            return payload
        data = payload["data"]
        command = await self._find((data["name"], data["type"]))
        found = {"id": command.id, "version": command.version}
        return payload | {"application_id": command.application, "data": data | found}

    def outdated(self, payload: Payload, refused: WireRefused) -> bool:
        """Whether Discord refused the interaction for a replaced version; then what is known of
        the commands is forgotten."""
        if payload["type"] != _COMMAND or refused.body.get("code") != OUTDATED:
            return False
        self._known.clear()
        return True

    async def _find(self, key: _Key) -> Command:
        # Jobs that start together need one reading between them.
        async with self._reading:
            if key not in self._known:
                try:
                    await self._read(key)
                except WireLost as lost:
                    message = f"the bot's commands could not be read: {lost}"
                    raise WireRefused(502, {"message": message}) from None
        if (command := self._known.get(key)) is None:
            message = f"the bot offers no command {key[0]!r} in this channel"
            raise WireRefused(404, {"message": message})
        return command

    async def _read(self, key: _Key) -> None:
        try:
            self._keep(await self._rest.call(routes.command_index(self._channel, self._guild)))
        except WireBarred:
            raise
        except WireRefused as refused:
            if refused.status not in (400, 403, 404):
                raise
        if key not in self._known:
            self._keep(await self._rest.call(routes.command_search(self._channel, *key)))

    def _keep(self, answer: Any) -> None:
        try:
            index = msgspec.convert(answer, _Index)
        except msgspec.ValidationError:
            raise WireRefused(502, {"message": "the list of commands can't be read"}) from None
        for listed in index.application_commands:
            # A guild has other bots, with an imagine of their own.
            if listed.application_id == MIDJOURNEY:
                key = (listed.name, listed.type)
                self._known[key] = Command(listed.name, listed.id, listed.version)
