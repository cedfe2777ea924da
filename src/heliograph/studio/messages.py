"""Whole Discord messages, every field that its libraries read, as recorded from the real bot.

Pure: a ticket and what became of it in, a message out. Three kinds: the acknowledgement, which
turns into the progress message; the final, which is a new message; and the embed that says no.
"""

from heliograph.studio import rows, wording
from heliograph.studio.ids import iso
from heliograph.studio.painters.base import Picture
from heliograph.studio.tickets import Account, Interaction, Message, Shown, Ticket

BOT = "936929561302675456"
GUILD_CHANNEL, DM_CHANNEL = 0, 1
DEFAULT, REPLY, COMMAND = 0, 19, 20
PRESS, SUBMIT = 3, 5
# For its user alone; and that again while nothing can be seen in it yet.
EPHEMERAL, LOADING = 64, 192
# Refused before the start, failed after it, and to be tried again later.
RED, NEWER_RED, YELLOW, OLDER_YELLOW = 16711680, 15548997, 16776960, 16239475
JOB_QUEUED = "Job queued"
IN_LINE = (
    "You have reached the maximum allowed number of concurrent jobs. Don't worry, this job will"
    " start as soon as another one finishes!"
)


def waiting(ticket: Ticket) -> Message:
    """The acknowledgement, the only message of a job that has the client's nonce."""
    message = _progress(ticket, wording.waiting(ticket))
    if ticket.ephemeral:
        message["flags"] = LOADING
    if ticket.interaction.nonce:
        message["nonce"] = ticket.interaction.nonce
    return message


def in_line(acknowledgement: Message, ticket: Ticket) -> Message:
    """The acknowledgement of a job that waits for another one of its user's."""
    notice = embed(JOB_QUEUED, IN_LINE, color=OLDER_YELLOW, prompt=ticket.text)
    return acknowledgement | {"content": "", "embeds": [notice]}


def queued(ticket: Ticket, now: float) -> Message:
    """The acknowledgement of a clip, once the bot has turned to it."""
    return _progress(ticket, wording.queued(ticket)) | {"edited_timestamp": iso(now)}


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


def final(ticket: Ticket, *, id: str, nonce: str, attachment: Message, now: float) -> Message:
    """The result: a message of its own that refers to the progress message or the parent."""
    message = _message(ticket.account, id, now, wording.final(ticket))
    offered = rows.final(ticket, attachment["url"])
    message |= {"nonce": nonce, "attachments": [attachment], "components": offered}
    if ticket.parent:
        return message | _reply(ticket.parent)
    return message | {"type": DEFAULT, "message_reference": _reference(ticket, ticket.message)}


def description(ticket: Ticket, prompts: tuple[str, ...], now: float) -> Message:
    """The prompts for a picture: they take the place of the acknowledgement."""
    [picture] = ticket.order.sources
    embed = {
        "type": "rich",
        "description": wording.description(prompts),
        "image": {"url": picture, "proxy_url": picture},
        "content_scan_version": 0,
    }
    return _answered(ticket, now) | {"embeds": [embed], "components": rows.described()}


def described_picture(message: Message) -> str:
    """The URL of the picture that such a message describes."""
    return str(message["embeds"][0]["image"]["url"])


def refusal(
    account: Account,
    interaction: Interaction,
    *,
    id: str,
    embed: Message | None,
    now: float,
    parent: Message | None = None,
) -> Message:
    """The first and only answer to a command that is not taken up."""
    message = _message(account, id, now, "")
    message |= _answer(account, interaction, parent)
    message["embeds"] = [embed] if embed else []
    if interaction.nonce:
        message["nonce"] = interaction.nonce
    return message


def private(account: Account, interaction: Interaction, *, id: str, now: float) -> Message:
    """An answer for its user alone, to a command that paints nothing; still without words."""
    message = _message(account, id, now, "") | _answer(account, interaction, None)
    return message | {"flags": EPHEMERAL, "mentions": []}


def loading(answer: Message, interaction: Interaction) -> Message:
    """How a private answer begins, before there is anything to see in it."""
    empty = {"flags": LOADING, "content": "", "embeds": [], "components": []}
    return answer | empty | ({"nonce": interaction.nonce} if interaction.nonce else {})


def displaying(account: Account, interaction: Interaction, *, id: str, now: float) -> Message:
    """The acknowledgement of `/show`."""
    message = _message(account, id, now, wording.DISPLAYING)
    message |= _answer(account, interaction, None)
    return message | ({"nonce": interaction.nonce} if interaction.nonce else {})


def shown_again(account: Account, before: Message, ack: str, *, id: str, now: float) -> Message:
    """A finished job's message once more, as the final message of a `/show`."""
    message = _message(account, id, now, before["content"])
    again = {key: before[key] for key in ("attachments", "embeds", "components")}
    reference = {"type": 0, "channel_id": account.channel, "message_id": ack}
    return message | again | {"message_reference": reference}


def letter(account: Account, content: str, files: list[Message], *, id: str, now: float) -> Message:
    """What the bot writes of its own accord, such as the answer to ✉️."""
    return _message(account, id, now, content) | {"attachments": files}


def written(
    account: Account, content: str, files: list[Message], nonce: str, *, id: str, now: float
) -> Message:
    """What the user writes into the channel."""
    message = _message(account, id, now, content)
    message |= {"author": _user(account), "attachments": files, "mentions": []}
    return message | ({"nonce": nonce} if nonce else {})


def failure(ticket: Ticket, *, id: str, embed: Message, now: float) -> Message:
    """The reply to the progress message of a job that broke after its start.

    What its user alone sees has no replies: there the embed takes the message's place.
    """
    if ticket.ephemeral:
        return _answered(ticket, now) | {"embeds": [embed]}
    message = _message(ticket.account, id, now, "")
    return message | _reply(stopped(ticket, now)) | {"embeds": [embed]}


def embed(
    title: str, description: str, *, color: int, prompt: str, command: str = "imagine"
) -> Message:
    return {
        "type": "rich",
        "title": title,
        "description": description,
        "color": color,
        "footer": {"text": f"/{command} {prompt}".rstrip()},
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


def _answered(ticket: Ticket, now: float) -> Message:
    message = _progress(ticket, "")
    return message | {"flags": EPHEMERAL, "edited_timestamp": iso(now)}


def _progress(ticket: Ticket, content: str) -> Message:
    message = _message(ticket.account, ticket.message, ticket.created, content)
    message |= _answer(ticket.account, ticket.interaction, ticket.parent)
    if ticket.parent and not (ticket.ephemeral or ticket.action in ("animate", "extend")):
        # On the real bot only progress messages of buttons have one, and those of clips have none.
        message["components"] = rows.cancel(ticket.uuid)
    return message


def _message(account: Account, id: str, created: float, content: str) -> Message:
    return {
        "type": DEFAULT,
        "id": id,
        "channel_id": account.channel,
        "channel_type": GUILD_CHANNEL if account.guild else DM_CHANNEL,
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
        "type": PRESS if parent else 2,
        "user": _user(account),
        "authorizing_integration_owners": {"0": account.guild or "0"},
    }
    common = {
        "application_id": BOT,
        "webhook_id": BOT,
        "position": 0,
        "interaction_metadata": metadata,
    }
    if parent and interaction.opener:
        # The answer to a form names the press that opened the form.
        metadata["type"] = SUBMIT
        metadata["triggering_interaction_metadata"] = {
            "id": interaction.opener,
            "type": PRESS,
            "user": _user(account),
            "authorizing_integration_owners": {"0": account.guild or "0"},
            "interacted_message_id": interaction.pressed,
        }
        return common | _reply(parent)
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
