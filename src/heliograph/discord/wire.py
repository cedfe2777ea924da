"""The `Wire` over the network: one channel of one account."""

from collections.abc import AsyncIterator, Callable

from heliograph.discord.account import Account, Reader
from heliograph.discord.commands import Commands
from heliograph.midjourney.wire import Dispatch, Message, Payload, WireRefused

# Discord hands an interaction to the bot, which may take some time over its first message. Other
# programs wait for a minute.
LAG_MS = 60_000

# The bot's commands are replaced a few times a month; twice in a row is a bad day.
RESENDS = 2


class DiscordWire:
    """`guild` is None for a direct channel. `direct` is the account's direct channel with the bot,
    in which it answers some commands that were given elsewhere. `left` is told when it is closed.
    """

    def __init__(
        self,
        account: Account,
        channel: str,
        *,
        guild: str | None,
        direct: str | None,
        left: Callable[[], None],
    ) -> None:
        self._account = account
        self._channel = channel
        self._guild = guild
        self._heard = frozenset({channel} if direct is None else {channel, direct})
        self._commands = Commands(account.rest, channel, guild)
        self._session = account.sessions
        self._left = left
        self._readers: list[Reader] = []
        self._closed = False

    @property
    def user(self) -> str:
        return self._account.user

    @property
    def channel(self) -> str:
        return self._channel

    @property
    def lag_ms(self) -> int:
        return LAG_MS

    @property
    def cdn(self) -> str:
        return self._account.endpoints.cdn

    async def interact(self, payload: Payload) -> None:
        """Fills in what the driver doesn't know: the session, the guild, and the ids by which
        Discord knows a command today. Where that has just been replaced it is looked up and sent
        anew, since the one before was surely not taken; it may be replaced again meanwhile."""
        for _ in range(RESENDS):
            try:
                return await self._account.rest.interact(await self._addressed(payload))
            except WireRefused as refused:
                if not self._commands.outdated(payload, refused):
                    raise
        return await self._account.rest.interact(await self._addressed(payload))

    async def upload(self, filename: str, data: bytes, content_type: str) -> str:
        return await self._account.rest.upload(self._channel, filename, data, content_type)

    async def react(self, message: str, emoji: str) -> None:
        await self._account.rest.react(self._channel, message, emoji)

    async def submit_inpaint(self, frame: str, mask: bytes, prompt: str) -> None:
        await self._account.rest.submit_inpaint(frame, mask, prompt)

    async def history(self, *, limit: int = 50, before: str | None = None) -> list[Message]:
        """Raises WireRefused and WireLost."""
        return await self._account.rest.messages(self._channel, limit=limit, before=before)

    def dispatches(self) -> AsyncIterator[Dispatch]:
        """Goes on over broken connections, as long as the session is resumed."""
        reader = self._account.listen(self._heard, self._session)
        self._readers.append(reader)
        return reader

    async def close(self) -> None:
        """The account's connection closes with its last wire, a few seconds later."""
        for reader in self._readers:
            self._account.leave(reader)
        self._readers.clear()
        if not self._closed:
            self._closed = True
            self._left()

    async def _addressed(self, payload: Payload) -> Payload:
        payload = await self._commands.named(payload)
        guild = {"guild_id": self._guild} if self._guild else {}
        return payload | guild | {"session_id": self._account.session}
