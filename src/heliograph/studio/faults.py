"""Trouble to order: a bot of our own can be told to behave as the real one does towards an account
that a person must see to. It tries the way of such trouble through the server and its client.

It is a test switch. Nothing here solves a challenge, or helps anybody to get past one.
"""

import secrets
from typing import Literal, cast, get_args

from heliograph.studio import forms, messages
from heliograph.studio.ids import iso
from heliograph.studio.memory import encode
from heliograph.studio.reception import Reception
from heliograph.studio.tickets import Account, Interaction, Message

Kind = Literal["moderation", "challenge"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ACKNOWLEDGE = "MJ::ModMessage::Acknowledge"
PENDING = "Pending mod message"
PENDING_TEXT = "You have a pending moderation message. Please acknowledge it before using the bot"


class UnknownChannel(Exception):
    """The bot has no such channel."""


class Faults:
    """The channels whose commands are answered with trouble; kept over a restart."""

    def __init__(self, reception: Reception, channels: dict[str, str]) -> None:
        self._reception = reception
        self._channels = channels

    def of(self, channel: str) -> Kind | None:
        """What that channel's commands are answered with, if anything."""
        return cast("Kind | None", self._channels.get(channel))

    async def begin(self, channel: str, kind: Kind) -> None:
        """Begins it. Raises UnknownChannel."""
        if not await self._reception.memory.challenge(channel, kind):
            raise UnknownChannel(channel)
        self._channels[channel] = kind

    async def resolve(self, channel: str) -> None:
        """Ends it, if there is any. Raises UnknownChannel."""
        if not await self._reception.memory.challenge(channel, None):
            raise UnknownChannel(channel)
        self._channels.pop(channel, None)

    async def answer(
        self,
        account: Account,
        interaction: Interaction,
        kind: Kind,
        *,
        parent: Message | None = None,
    ) -> None:
        """Answers a command, or a press on `parent`, with trouble instead of taking it up."""
        if kind == "moderation":
            embed = messages.embed(
                PENDING, f"{PENDING_TEXT} further.", color=messages.RED, prompt=""
            )
            del embed["footer"]
            await self._reception.refuse(
                account, interaction, embed, parent=parent, rows=_acknowledge_rows()
            )
        elif await self._reception.memory.take(account, interaction):
            frame = encode(_frame(account, interaction, secrets.token_hex(16)))
            self._reception.later(
                account, interaction, [("INTERACTION_IFRAME_MODAL_CREATE", frame)]
            )

    async def acknowledge(self, account: Account, nonce: str, message: Message) -> None:
        """A press on Acknowledge: ends a pending moderation message, nothing else."""
        reception = self._reception
        interaction = reception.interaction(nonce, pressed=message["id"])
        if not await reception.memory.take(account, interaction):
            return
        if self.of(account.channel) == "moderation":
            await self.resolve(account.channel)
        edited = message | {
            "components": _acknowledge_rows(disabled=True),
            "edited_timestamp": iso(reception.clock()),
        }
        body = encode(edited)
        await reception.memory.put(account, message["id"], body)
        reception.later(account, interaction, [("MESSAGE_UPDATE", body)])


def _acknowledge_rows(*, disabled: bool = False) -> list[Message]:
    button: Message = {
        "type": 2,
        "id": 2,
        "style": 1,
        "label": "Acknowledge",
        "custom_id": ACKNOWLEDGE,
        "disabled": disabled,
    }
    return [{"type": 1, "id": 1, "components": [button]}]


def _frame(account: Account, interaction: Interaction, token: str) -> Message:
    return {
        "id": interaction.id,
        "channel_id": account.channel,
        "custom_id": f"MJ::iframe::{token}",
        "application": forms.application(),
        "title": "Action required to continue",
        "iframe_path": f"/captcha/embedded/{token}",
        "modal_size": forms.FRAME_SIZE,
        "nonce": interaction.nonce or None,
    }
