"""The bot's words: message contents and file names, letter by letter as the real bot's."""

import re

from heliograph.studio.models import family
from heliograph.studio.tickets import Mode, Ticket

MODES: dict[Mode, str] = {"fast": "fast", "relax": "relaxed", "turbo": "turbo"}
# What the bot leaves of a prompt in a file name.
FILENAME_PROMPT = 63
# The whole text of a `/show` that has been taken.
DISPLAYING = "Displaying..."
KEYCAPS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣")


def waiting(ticket: Ticket) -> str:
    """The first words about a job."""
    match ticket.action:
        case "describe":
            return ""
        case "animate":
            return "Animating..."
        case "extend":
            return "Extending..."
        case _:
            return queued(ticket)


def queued(ticket: Ticket) -> str:
    """What is said until the first percent; of clips, only after `waiting`."""
    lead = {
        "upsample": f"Upscaling image #{ticket.image} with ",
        "upscale": f"Upscaling image #{ticket.image} with ",
        "clip": f"Upscaling image #{ticket.image} with ",
        "vary": f"Making variations for image #{ticket.image} with prompt ",
        "region": f"Making variations for image #{ticket.image} with prompt ",
        "animate": "Creating video with prompt ",
        "extend": "Creating video with prompt ",
    }.get(ticket.action, "")
    return f"{lead}**{ticket.text}** - <@{ticket.account.user}> (Waiting to start)"


def progress(ticket: Ticket, percent: int) -> str:
    return f"{_named(ticket, _doing(ticket))} ({percent}%) ({_mode(ticket)})"


def final(ticket: Ticket) -> str:
    match ticket.action:
        case "describe":
            return ""
        case "upsample":
            return f"**{ticket.text}** - Image #{ticket.image} <@{ticket.account.user}>"
        case "clip":
            return f"**{ticket.text}** ({_mode(ticket)})"
        case "upscale":
            return f"{_named(ticket, f'Upscaled{_upscale(ticket)} by ')} ({_mode(ticket)})"
        case _:
            return f"{_named(ticket, _doing(ticket))} ({_mode(ticket)})"


def stopped(ticket: Ticket) -> str:
    return f"{_named(ticket, _doing(ticket))} (Stopped)"


def description(prompts: tuple[str, ...]) -> str:
    """The prompts of a description, each a paragraph behind its number."""
    numbered = zip(KEYCAPS, prompts, strict=True)
    return "\n\n".join(f"{keycap} {prompt}" for keycap, prompt in numbered)


def described(description: str) -> list[str]:
    """The prompts out of such a description."""
    parts = re.split("|".join(KEYCAPS), description)
    return [part.strip() for part in parts[1:]]


def picture_name(ticket: Ticket, extension: str) -> str:
    prompt = re.sub(r"[^A-Za-z0-9-]+", "_", ticket.order.prompt)[:FILENAME_PROMPT]
    user = re.sub(r"[^A-Za-z0-9.-]+", "_", ticket.account.username)
    return f"{user}_{prompt or 'None'}_{ticket.uuid}.{extension}"


def clip_name(ticket: Ticket) -> str:
    """The real bot's clips are 720 lines high, and say so whatever they measure."""
    return f"{ticket.uuid}_{ticket.image - 1}_720_N.mp4"


def cell_name(ticket: Ticket, cell: int) -> str:
    """One of the pictures of a letter; `cell` counts from 0."""
    return picture_name(ticket, "png").replace(f"_{ticket.uuid}.", f"_{cell}_{ticket.uuid}.")


def letter(ticket: Ticket) -> str:
    """The answer to ✉️. Of jobs of the first release the seed as a whole was not kept: there it is
    that of the first picture."""
    seed = ticket.order.seeds[0] if ticket.seed is None else ticket.seed
    return f"**{ticket.text}**\n**Job ID**: {ticket.uuid}\n**seed** {seed}"


def preview_name(ticket: Ticket) -> str:
    return f"{ticket.uuid}_grid_0.webp"


def cell_key(ticket: Ticket, cell: int) -> str:
    """Where a single picture or clip lies; `cell` counts from 0.

    A clip keeps the number that it had in its grid.
    """
    match ticket.action, ticket.order.operation:
        case "clip", _:
            return f"cdn/video/{ticket.uuid}/{ticket.image - 1}.mp4"
        case _, "animate" | "extend":
            return f"cdn/video/{ticket.uuid}/{cell}.mp4"
        case _:
            return f"cdn/{ticket.uuid}/0_{cell}.jpeg"


def _named(ticket: Ticket, how: str) -> str:
    return f"**{ticket.text}** - {how}<@{ticket.account.user}>"


def _doing(ticket: Ticket) -> str:
    order = ticket.order
    what = "Remix" if ticket.remix else "Variations"
    match ticket.action:
        case "vary" if family(order.parameters) == "old":
            return f"{what} by "
        case "vary":
            return f"{what} ({order.strength.title()}) by "
        case "region":
            return f"{what} (Region) by "
        case "zoom":
            return "Zoom Out by "
        case "pan":
            return f"Pan {(order.pan or '').title()} by "
        case "upscale":
            return f"Upscaling{_upscale(ticket)} by "
        case "remaster":
            return "Remaster by "
        case _:
            return ""


def _upscale(ticket: Ticket) -> str:
    """How it is made larger, which from version 7 on the bot does not say."""
    match family(ticket.order.parameters):
        case "v7" | "old":
            return ""
        case "v5":
            return f" ({ticket.order.factor}x)"
        case _:
            return " (Creative)" if ticket.order.strength == "strong" else " (Subtle)"


def _mode(ticket: Ticket) -> str:
    return MODES[ticket.mode] + (", stealth" if ticket.stealth else "")
