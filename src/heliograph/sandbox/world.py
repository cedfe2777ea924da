"""What the sandbox consists of, for those who speak for it: REST, gateway, control."""

from dataclasses import dataclass, field

import msgspec

from heliograph.midjourney.wire import Message
from heliograph.sandbox import finals
from heliograph.sandbox.commands import Commands
from heliograph.sandbox.faults import Faults
from heliograph.sandbox.journal import Journal
from heliograph.sandbox.kinds import (
    Close,
    Enable,
    ExpireLinks,
    Fault,
    Reconnect,
    Rotate,
    Silent,
)
from heliograph.sandbox.links import Links
from heliograph.sandbox.people import People, Person
from heliograph.sandbox.posting import Post
from heliograph.sandbox.sessions import Sessions
from heliograph.sandbox.settings import Settings
from heliograph.sandbox.shelf import Shelf
from heliograph.studio.bot import Bot
from heliograph.studio.ids import Ids
from heliograph.studio.tickets import Account

RECONNECT = msgspec.json.encode({"t": None, "s": None, "op": 7, "d": None})


@dataclass
class World:
    """The parts, and what concerns several of them. `quiet_seconds` waits for the next socket;
    `reactions` stand under messages: user, message, emoji."""

    settings: Settings
    origin: str
    bot: Bot
    shelf: Shelf
    links: Links
    people: People
    faults: Faults
    sessions: Sessions
    ids: Ids
    journal: Journal = field(default_factory=Journal)
    commands: Commands = field(default_factory=Commands)
    quiet_seconds: float = 0.0
    reactions: set[tuple[str, str, str]] = field(default_factory=set)
    posts: dict[str, Post] = field(init=False)

    def __post_init__(self) -> None:
        self.posts = {
            person.user: Post(
                person, self.people, self.sessions, self.links, self.faults, self._dress
            )
            for person in self.people
        }

    @property
    def gateway(self) -> str:
        """The gateway's address, without a query."""
        return f"ws{self.origin.removeprefix('http')}/gateway"

    def _dress(self, message: Message) -> Message:
        """A message in the fashion that the settings ask for."""
        dressed = (
            finals.reduced(message, self.shelf.reduced) if self.settings.website_finals else message
        )
        if finals.is_final(dressed) and not self.settings.final_nonces:
            dressed = {key: value for key, value in dressed.items() if key != "nonce"}
        return dressed

    async def history(
        self, account: Account, limit: int, *, before: str | None = None, after: str | None = None
    ) -> list[Message]:
        """A channel's messages as the client may see them, newest first."""
        if after is None:
            kept = await self.bot.history(account, limit, before)
        else:
            kept = await self.bot.later(account, limit, after)
        post = self.posts[account.user]
        seen = [shown for one in kept if (shown := post.shown(account, one))]
        if not self.settings.history_nonces:
            for message in seen:
                message.pop("nonce", None)
        return seen

    async def last_messages(self, person: Person) -> dict[str, str | None]:
        """The id of the newest message, by channel."""
        last: dict[str, str | None] = {}
        for account in (person.direct, person.inside):
            newest = await self.history(account, 1)
            last[account.channel] = newest[0]["id"] if newest else None
        return last

    def trouble(self, fault: Fault) -> None:
        """Lets a fault happen that happens at once; any other waits for its moment."""
        match fault:
            case Silent():
                outlets = list(self.sessions.outlets(fault.user))
                for outlet in outlets:
                    outlet.silence(fault.seconds)
                if not outlets:
                    self.quiet_seconds = fault.seconds
            case Close():
                for outlet in self.sessions.outlets(fault.user):
                    outlet.close(fault.code)
            case Reconnect():
                for outlet in self.sessions.outlets(fault.user):
                    outlet.send(RECONNECT)
            case Enable():
                self.people.enable(fault.user)
            case Rotate():
                for _ in range(fault.times):
                    self.commands.rotate()
            case ExpireLinks():
                self.links.expire()
            case _:
                self.faults.arm(fault)
