"""Whole Discord messages, every field that its libraries read, as recorded from the real bot.

Pure: a ticket and what became of it in, a message out. Three kinds: the acknowledgement, which
turns into the progress message; the final, which is a new message; and the embed that says no.
"""

from typing import Any

from heliograph.studio import components, wording
from heliograph.studio.ids import iso
from heliograph.studio.painters.base import Picture
from heliograph.studio.tickets import Account, Interaction, Message, Shown, Ticket

BOT = "936929561302675456"
DM_CHANNEL = 1
DEFAULT, REPLY, COMMAND = 0, 19, 20
# Refused before the start, failed after it, and to be tried again later.
RED, NEWER_RED, YELLOW = 16711680, 15548997, 16776960


def waiting(ticket: Ticket) -> Message:
    """The acknowledgement, the only message of a job that has the client's nonce."""
    message = _progress(ticket, wording.waiting(ticket))
    if ticket.interaction.nonce:
        message["nonce"] = ticket.interaction.nonce
    return message


def progress(ticket: Ticket, shown: Shown, now: float) -> Message:
    message = _progress(ticket, wording.progress(ticket, shown.percent))
    message["edited_timestamp"] = iso(now)
    if shown.attachment:
        message["attachments"] = [shown.attachment]
    return message


def stopped(ticket: Ticket, now: float) -> Message:
    """The progress message of a job that will not be finished."""
    message = _progress(ticket, wording.stopped(ticket))
    message["edited_timestamp"] = iso(now)
    message["components"] = []
    return message


def final(
    ticket: Ticket, *, id: str, nonce: str, attachment: Message, rows: list[Any], now: float
) -> Message:
    """The result: a message of its own that refers to the progress message or the parent."""
    message = _message(ticket.account, id, now, wording.final(ticket))
    message |= {"nonce": nonce, "attachments": [attachment], "components": rows}
    if ticket.parent:
        return message | _reply(ticket.parent)
    return message | {"type": DEFAULT, "message_reference": _reference(ticket, ticket.message)}


def refusal(
    account: Account,
    interaction: Interaction,
    *,
    id: str,
    embed: Message,
    now: float,
    parent: Message | None = None,
) -> Message:
    """The first and only answer to a command that is not taken up."""
    message = _message(account, id, now, "")
    message |= _answer(account, interaction, parent)
    message["embeds"] = [embed]
    if interaction.nonce:
        message["nonce"] = interaction.nonce
    return message


def failure(ticket: Ticket, *, id: str, embed: Message, now: float) -> Message:
    """The reply to the progress message of a job that broke after its start."""
    message = _message(ticket.account, id, now, "")
    return message | _reply(stopped(ticket, now)) | {"embeds": [embed]}


def embed(title: str, description: str, *, color: int, prompt: str) -> Message:
    return {
        "type": "rich",
        "title": title,
        "description": description,
        "color": color,
        "footer": {"text": f"/imagine {prompt}"},
        "content_scan_version": 0,
    }


def attachment(picture: Picture, *, id: str, filename: str, url: str) -> Message:
    return {
        "id": id,
        "filename": filename,
        "size": len(picture.data),
        "url": url,
        "proxy_url": url,
        "width": picture.width,
        "height": picture.height,
        "content_type": picture.content_type,
        "placeholder": picture.placeholder,
        "placeholder_version": 1,
        "content_scan_version": 2,
    }


def _progress(ticket: Ticket, content: str) -> Message:
    message = _message(ticket.account, ticket.message, ticket.created, content)
    message |= _answer(ticket.account, ticket.interaction, ticket.parent)
    if ticket.parent:
        # Only progress messages of buttons have one on the real bot.
        message["components"] = components.cancel_rows(ticket.uuid)
    return message


def _message(account: Account, id: str, created: float, content: str) -> Message:
    return {
        "type": DEFAULT,
        "id": id,
        "channel_id": account.channel,
        "channel_type": DM_CHANNEL,
        "author": _author(),
        "content": content,
        "timestamp": iso(created),
        "edited_timestamp": None,
        "attachments": [],
        "embeds": [],
        "components": [],
        "mentions": [_user(account)],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "flags": 0,
    }


def _answer(account: Account, interaction: Interaction, parent: Message | None) -> Message:
    """What an answer to an interaction has more than other messages."""
    metadata: Message = {
        "id": interaction.id,
        "type": 3 if parent else 2,
        "user": _user(account),
        "authorizing_integration_owners": {"0": "0"},
    }
    common = {
        "application_id": BOT,
        "webhook_id": BOT,
        "position": 0,
        "interaction_metadata": metadata,
    }
    if parent:
        metadata["interacted_message_id"] = interaction.pressed
        return common | _reply(parent)
    metadata |= {"name": interaction.name, "command_type": 1}
    old = {"id": interaction.id, "type": 2, "name": interaction.name, "user": _user(account)}
    return common | {"type": COMMAND, "interaction": old}


def _reply(parent: Message) -> Message:
    return {
        "type": REPLY,
        "message_reference": {
            "type": 0,
            "channel_id": parent["channel_id"],
            "message_id": parent["id"],
        },
        # One level: what the parent itself replied to is not repeated.
        "referenced_message": {k: v for k, v in parent.items() if k != "referenced_message"},
    }


def _reference(ticket: Ticket, message: str) -> Message:
    return {"type": 0, "channel_id": ticket.account.channel, "message_id": message}


def _user(account: Account) -> Message:
    return _UNSET | {"id": account.user, "username": account.username, "discriminator": "0"}


def _author() -> Message:
    return _UNSET | {
        "id": BOT,
        "username": "Midjourney Bot",
        "discriminator": "9282",
        "public_flags": 589824,
        "avatar": "b9c7b4c65e3c66f246b9a6741bd3cbe5",
        "bot": True,
    }


_UNSET: Message = {
    "avatar": None,
    "avatar_decoration_data": None,
    "clan": None,
    "collectibles": None,
    "display_name_styles": None,
    "global_name": None,
    "primary_guild": None,
    "public_flags": 0,
}
