"""A ticket: one accepted command from its acknowledgement to its final message.

It holds all that is needed to paint the job and to write every message about it, as plain data
that the bot keeps on disk. So a restarted bot goes on from the ticket alone.
"""

from typing import Any, Literal

import msgspec

from heliograph.studio.painters.base import Order

Mode = Literal["fast", "relax", "turbo"]
Action = Literal[
    "imagine",
    "vary",
    "region",
    "upsample",
    "zoom",
    "pan",
    "upscale",
    "remaster",
    "animate",
    "extend",
    "clip",
    "blend",
    "describe",
]
"""What the bot does, by its own words for it: `upsample` is U1 to U4 of a grid, `clip` those of a
grid of clips, `zoom` also Make Square."""

Message = dict[str, Any]


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """One user of the bot, in the channel where the two talk.

    That channel may belong to a `guild`; `direct` is then the one where the two are alone.
    """

    user: str
    channel: str
    username: str
    guild: str = ""
    direct: str = ""

    def in_guild(self, guild: str, channel: str) -> "Account":
        """The same user in a channel of a guild."""
        return Account(self.user, channel, self.username, guild, self.direct or self.channel)

    def alone(self) -> "Account":
        """The same user in the direct channel."""
        return Account(self.user, self.direct or self.channel, self.username)


class Interaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the user did: a command by `name`, or a press on a component of message `pressed`.

    `opener` is the press that opened the form which this one submits.
    """

    id: str
    nonce: str = ""
    name: str = ""
    pressed: str = ""
    opener: str = ""


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """`message` is the progress message, `text` the prompt as the bot echoes it.

    `images` are the prompt's picture URLs, which the order of a later variation has no use for.
    `parent` is the message whose button was pressed, as it stood then, and `image` the cell that
    the button named. `remix` tells that the user gave another prompt with the press. `seed` is what
    the order's seeds were drawn from, None on jobs of the first release.
    """

    uuid: str
    account: Account
    interaction: Interaction
    message: str
    created: float
    action: Action
    mode: Mode
    text: str
    order: Order
    stealth: bool = False
    image: int = 0
    parent: Message | None = None
    images: tuple[str, ...] = ()
    remix: bool = False
    seed: int | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether its messages are its user's alone, and no part of the history."""
        return self.action == "describe"


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a job's progress message showed last; it never shows less."""

    percent: int = -1
    attachment: Message | None = None

    @property
    def started(self) -> bool:
        return self.percent >= 0


class Finished(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a job that is done, for the buttons under its picture.

    `cells` are the URLs of the single pictures or clips; jobs of the first release have none.
    """

    ticket: Ticket
    picture: str
    scenes: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
