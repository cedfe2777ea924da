"""The in-process `Wire`: an account's connection to our own bot, with nothing in between."""

import sqlite3
from collections.abc import AsyncIterator
from weakref import WeakSet

from heliograph.midjourney.wire import Dispatch, Message, Payload, WireLost
from heliograph.studio.bot import Bot
from heliograph.studio.feed import Reader
from heliograph.studio.files import MEDIA
from heliograph.studio.tickets import Account

USERNAME = "heliograph"


class StudioLink:
    """One account's wire. It hands over copies only: neither side sees the other's objects."""

    def __init__(self, bot: Bot, account: Account) -> None:
        self._bot = bot
        self._account = account
        # Weak: a reader that its owner dropped is not kept alive to fill up.
        self._readers: WeakSet[Reader] = WeakSet()

    @classmethod
    async def open(cls, bot: Bot, token: str, *, username: str = USERNAME) -> "StudioLink":
        """Connects the account of that token; its first link makes it, with that name."""
        return cls(bot, await bot.account(token, username))

    @property
    def user(self) -> str:
        return self._account.user

    @property
    def channel(self) -> str:
        return self._account.channel

    @property
    def cdn(self) -> str:
        return f"{MEDIA}/cdn"

    @property
    def readers(self) -> int:
        """How many listen over this link."""
        return len(self._readers)

    async def interact(self, payload: Payload) -> None:
        """Returns once the interaction is on disk. A nonce used before is taken, and ignored."""
        try:
            await self._bot.interact(self._account, payload)
        except sqlite3.Error as error:
            raise WireLost(f"the bot's memory failed: {error}") from error

    async def history(self, *, limit: int = 50, before: str | None = None) -> list[Message]:
        return await self._bot.history(self._account, limit, before)

    def dispatches(self) -> AsyncIterator[Dispatch]:
        """Raises WireLost when it falls thousands behind: the history then tells what it missed."""
        reader = self._bot.listen(self._account)
        self._readers.add(reader)
        return reader

    async def close(self) -> None:
        for reader in self._readers:
            reader.close()
        self._readers.clear()
