"""Channels: the accounts that a user has put in, and our own bot's."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from heliograph import command, errors
from heliograph.bus.base import Bus
from heliograph.channel import Channel, configured
from heliograph.clock import milliseconds
from heliograph.service import callbacks
from heliograph.service.callbacks import Refuses
from heliograph.store.base import Store

Discover = Callable[[str], Awaitable[str]]
"""The channel of an account's token. Raises Invalid or Unauthorized, with a sentence."""


class Rehearsal(Protocol):
    """Our own bot's switch for raising challenges, by channel."""

    async def challenge(self, channel: str, kind: command.ChallengeKind) -> None: ...

    async def resolve(self, channel: str) -> None: ...


class Channels:
    """What a user may do with channels. Every method takes the user, and shows nothing of
    another's."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        *,
        discover: Discover,
        refuses: Refuses = lambda url: None,
        rehearsal: Rehearsal | None = None,
        now: Callable[[], int] = milliseconds,
    ) -> None:
        self._store = store
        self._bus = bus
        self._discover = discover
        self._refuses = refuses
        self._rehearsal = rehearsal
        self._now = now

    async def listed(self, user: int) -> list[Channel]:
        return await self._store.channels(user)

    async def channel(self, user: int, id: str) -> Channel:
        """Raises ChannelNotFound, also for another user's channel."""
        found = await self._store.channel(id)
        if found is None or found.user != user:
            raise errors.ChannelNotFound(channel=id)
        return found

    async def configure(self, user: int, asked: command.Account) -> tuple[Channel, bool]:
        """Adds the account's channel, or sets what was sent of a known one; says whether it is new.

        Raises Invalid, also for another user's account, and what `discover` raises.
        """
        callbacks.check(self._refuses, "replyUrl", asked.reply_url)
        id = await self._discover(asked.token)
        known = await self._store.channel(id)
        if known is None:
            made = configured(Channel(id=id, user=user, token=asked.token), asked, fresh=True)
            if await self._store.add_channel(made, self._now()):
                self._bus.publish("channel", id)
                self._bus.publish("queue", id)
                return made, True
            known = await self._store.channel(id)
        if known is None or known.user != user:
            raise errors.Invalid("This account is configured by another user")
        changed = configured(known, asked, fresh=False)
        await self._store.update_channel(changed)
        self._bus.publish("queue", id)
        return changed, False

    async def delete(self, user: int, id: str) -> None:
        """Its running jobs go on; those that wait for it fail. Raises ChannelNotFound."""
        if not await self._store.delete_channel(user, id, self._now()):
            raise errors.ChannelNotFound(channel=id)
        self._bus.publish("queue", id)
        self._bus.publish("lease", id)

    async def reset(self, user: int, id: str) -> None:
        """Opens a channel that was in error. Raises ChannelNotFound."""
        await self.channel(user, id)
        if await self._store.open_channel(id, self._now()):
            self._bus.publish("mail", id)
        self._bus.publish("queue", id)

    async def challenge(self, user: int, id: str, kind: command.ChallengeKind) -> None:
        """Has our own bot raise a challenge, until `resolve`. Raises ChannelNotFound, and Invalid
        for another upstream's channel."""
        await (await self._own(user, id)).challenge(id, kind)

    async def resolve(self, user: int, id: str) -> None:
        """Ends what `challenge` began; the channel stays in error until it is reset."""
        await (await self._own(user, id)).resolve(id)

    async def _own(self, user: int, id: str) -> Rehearsal:
        channel = await self.channel(user, id)
        if self._rehearsal is None or not channel.own:
            raise errors.Invalid(f"Channel {id} is not one of our own bot's")
        return self._rehearsal
