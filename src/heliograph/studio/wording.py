"""The bot's words: message contents and file names, letter by letter as the real bot's."""

import re

from heliograph.studio.tickets import Mode, Ticket

MODES: dict[Mode, str] = {"fast": "fast", "relax": "relaxed", "turbo": "turbo"}
# What the bot leaves of a prompt in a file name.
FILENAME_PROMPT = 63


def waiting(ticket: Ticket) -> str:
    lead = {
        "upsample": f"Upscaling image #{ticket.image} with ",
        "vary": f"Making variations for image #{ticket.image} with prompt ",
    }.get(ticket.action, "")
    return f"{lead}**{ticket.text}** - <@{ticket.account.user}> (Waiting to start)"


def progress(ticket: Ticket, percent: int) -> str:
    return f"{_named(ticket)} ({percent}%) ({_mode(ticket)})"


def final(ticket: Ticket) -> str:
    if ticket.action == "upsample":
        return f"**{ticket.text}** - Image #{ticket.image} <@{ticket.account.user}>"
    return f"{_named(ticket)} ({_mode(ticket)})"


def stopped(ticket: Ticket) -> str:
    return f"{_named(ticket)} (Stopped)"


def picture_name(ticket: Ticket, extension: str) -> str:
    prompt = re.sub(r"[^A-Za-z0-9-]+", "_", ticket.order.prompt)[:FILENAME_PROMPT]
    user = re.sub(r"[^A-Za-z0-9.-]+", "_", ticket.account.username)
    return f"{user}_{prompt or 'None'}_{ticket.uuid}.{extension}"


def preview_name(ticket: Ticket) -> str:
    return f"{ticket.uuid}_grid_0.webp"


def cell_key(ticket: Ticket, cell: int) -> str:
    """Where a single picture lies; `cell` counts from 0."""
    return f"cdn/{ticket.uuid}/0_{cell}.jpeg"


def _named(ticket: Ticket) -> str:
    how = ""
    if ticket.action == "vary":
        how = f"Variations ({ticket.order.strength.title()}) by "
    return f"**{ticket.text}** - {how}<@{ticket.account.user}>"


def _mode(ticket: Ticket) -> str:
    return MODES[ticket.mode] + (", stealth" if ticket.stealth else "")
