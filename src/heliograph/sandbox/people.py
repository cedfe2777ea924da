"""The accounts of the sandbox, and where each meets the bot.

Every account has its direct channel with the bot and a guild of its own with one channel, so that
no account ever sees what another does.
"""

import base64
import hashlib
from collections.abc import Iterator

import msgspec

from heliograph.midjourney.wire import WireRefused
from heliograph.studio.bot import Bot
from heliograph.studio.ids import account_ids
from heliograph.studio.intake import refused
from heliograph.studio.tickets import Account


class Person(msgspec.Struct, frozen=True):
    """An account with its token, in both of its channels."""

    token: str
    direct: Account
    inside: Account

    @property
    def user(self) -> str:
        return self.direct.user

    @property
    def guild(self) -> str:
        return self.inside.guild

    def at(self, channel: str) -> Account | None:
        """The account in one of its channels."""
        for account in (self.direct, self.inside):
            if account.channel == channel:
                return account
        return None


class People:
    """All accounts, by token, by user and by channel."""

    def __init__(self, people: list[Person]) -> None:
        self._people = people
        self._by_token = {person.token: person for person in people}
        self.disabled: set[str] = set()

    @classmethod
    async def gather(cls, bot: Bot, count: int, seed: int) -> "People":
        """The same accounts, with the same ids and tokens, for the same seed."""
        return cls([await _person(bot, seed, number) for number in range(1, count + 1)])

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people)

    def of_token(self, authorization: str) -> Person | None:
        """Whose token that is; None for a stranger's, and for a disabled account's.

        Users' tokens come bare. Libraries that know bots alone put `Bot` before it.
        """
        person = self._by_token.get(authorization.removeprefix("Bot ").strip())
        return None if person is None or person.user in self.disabled else person

    def enable(self, user: str) -> None:
        """A disabled account works again; an empty `user` is all of them."""
        if user:
            self.disabled.discard(user)
        else:
            self.disabled.clear()

    @property
    def users(self) -> list[str]:
        return [person.user for person in self._people]

    def of_user(self, user: str) -> Person | None:
        return next((person for person in self._people if person.user == user), None)

    def is_channel(self, channel: str) -> bool:
        """Whether anybody has that channel."""
        return any(person.at(channel) for person in self._people)


def place(person: Person, channel: str, guild: str) -> Account:
    """Where an interaction goes; `guild` is empty for the direct channel.

    Raises WireRefused as Discord does when the two don't belong together.
    """
    account: Account | None = person.at(channel)
    if account is None or account.guild != guild:
        raise unknown_channel()
    return account


def unknown_channel(status: int = 400) -> WireRefused:
    return refused(10003, "Unknown Channel", status)


async def _person(bot: Bot, seed: int, number: int) -> Person:
    name = f"sandbox {seed} {number}"
    direct = await bot.account(name, f"tester_{number}")
    guild, channel = account_ids(f"{name} guild")
    return Person(_token(name, direct.user), direct, direct.in_guild(guild, channel))


def _token(name: str, user: str) -> str:
    """Shaped as real ones are: clients read the user's id out of the first part."""
    head = base64.b64encode(user.encode()).decode().rstrip("=")
    digest = hashlib.sha256(f"token of {name}".encode()).digest()
    tail = base64.urlsafe_b64encode(digest).decode()
    return f"{head}.{tail[:6]}.{tail[6:33]}".replace("=", "")
