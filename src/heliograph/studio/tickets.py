"""A ticket: one accepted command from its acknowledgement to its final message.

It holds all that is needed to paint the job and to write every message about it, as plain data
that the bot keeps on disk. So a restarted bot goes on from the ticket alone.
"""

from typing import Any, Literal

import msgspec

from heliograph.studio.painters.base import Order

Mode = Literal["fast", "relax", "turbo"]
Action = Literal["imagine", "vary", "upsample"]

Message = dict[str, Any]


class Account(msgspec.Struct, frozen=True):
    """One user of the bot, in the channel where the two talk."""

    user: str
    channel: str
    username: str


class Interaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the user did: a command by `name`, or a press on a component of message `pressed`."""

    id: str
    nonce: str = ""
    name: str = ""
    pressed: str = ""


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """`message` is the progress message, `text` the prompt as the bot echoes it.

    `parent` is the message whose button was pressed, as it stood then, and `image` the cell that
    the button named.
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


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a job's progress message showed last; it never shows less."""

    percent: int = -1
    attachment: Message | None = None

    @property
    def started(self) -> bool:
        return self.percent >= 0


class Finished(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a job that is done, for the buttons under its picture."""

    ticket: Ticket
    picture: str
    scenes: tuple[str, ...] = ()
