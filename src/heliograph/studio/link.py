"""The in-process `Wire`: an account's connection to our own bot, with nothing in between."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from weakref import WeakSet

from heliograph.midjourney.wire import Dispatch, Message, Payload, WireLost
from heliograph.studio.bot import Bot
from heliograph.studio.feed import Reader
from heliograph.studio.files import MEDIA
from heliograph.studio.tickets import Account

USERNAME = "heliograph"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tells the caller of a failing memory in the wire's own terms."""
    try:
        yield
    except sqlite3.Error as error:
        raise WireLost(f"the bot's memory failed: {error}") from error


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
    def lag_ms(self) -> int:
        return 0

    @property
    def cdn(self) -> str:
        return f"{MEDIA}/cdn"

    @property
    def readers(self) -> int:
        """How many listen over this link."""
        return len(self._readers)

    async def interact(self, payload: Payload) -> None:
        """Returns once the interaction is on disk. A nonce used before is taken, and ignored."""
        with _told():
            await self._bot.interact(self._account, payload)

    async def upload(self, filename: str, data: bytes, content_type: str) -> str:
        """The bot keeps the file for good."""
        return await self._bot.upload(filename, data, content_type)

    async def react(self, message: str, emoji: str) -> None:
        with _told():
            await self._bot.react(self._account, message, emoji)

    async def submit_inpaint(self, frame: str, mask: bytes, prompt: str) -> None:
        """Returns once the job is on disk. A frame takes one answer."""
        with _told():
            await self._bot.submit_inpaint(self._account, frame, mask, prompt)

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
