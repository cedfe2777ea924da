"""The text of a bot message, taken apart.

    Upscaling image #2 with **a cat --v 7.0** - Variations (Strong) by <@1> (17%) (fast, stealth)
    `-------- head -------'  `-- prompt --'   `-- action --------'  user  `------- tail -------'

A message has some of these parts, never all. The prompt is its author's: it may hold asterisks,
brackets, mentions and line ends, even a whole message like this one. Hence the text is read from
its end: the prompt is the longest stretch after which the rest is still the bot's own.
"""

import functools
import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from heliograph.midjourney import buttons
from heliograph.midjourney.wire import Message

Kind = Literal["waiting", "progress", "stopped", "done", "none"]
Mode = Literal["fast", "relaxed", "turbo"]

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BARE = re.compile(r"(?P<action>[A-Z][a-z]+ing)\.\.\.\s*")
_SEED = re.compile(
    rf"\*\*(?P<prompt>.*)\*\*\s*\*\*Job ID\*\*:\s*(?P<uuid>{_UUID})"
    r"\s*\*\*seed\*\*:?\s*(?P<seed>\d+)\s*",
    re.DOTALL,
)
_TEXT = re.compile(
    r"(?P<head>[^*\n]*)\*\*(?P<prompt>.*)\*\*"
    r"(?: - (?:(?P<action>[^<>*\n]+?)(?: by)? )?<@[!&]?(?P<user>\w+)>)?"
    r"(?P<tail>(?: (?:\[[^\]\n]*\]\([^)\n]*\)|\([^()\n]*\)))*)"
    r"(?:\s*\n-# [^\n]*)*\s*",
    re.DOTALL,
)
_WEBSITE = re.compile(rf"\]\(<?https://(?:www\.)?midjourney\.com/(?:app/)?jobs/({_UUID})[^)]*\)")
_PERCENT = re.compile(r"\((\d{1,3})%\)")
_MODE = re.compile(r"\((fast|relaxed|turbo)(, ?stealth)?\)", re.IGNORECASE)
_EXTEND = re.compile(r"MJ::JOB::animate_\w+_extend::(\d+)::")
_IMAGE = re.compile(r"image #(\d)", re.IGNORECASE)
_HEADS = (
    ("Upscaling", "Upscaling"),
    ("Making variations", "Variations"),
    ("Creating video", "Video"),
    ("Animating", "Video"),
    ("Extending", "Video"),
)


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says.

    `action` is the bot's word for what it does, without the user ("Variations (Strong)", "Zoom
    Out", "Image #1"; "" for an imagine); `image` the number of the grid's picture, from 1; `uuid`
    the job of the website link or of a seed answer; `user` the id of the user it is for.
    """

    kind: Kind = "none"
    prompt: str = ""
    percent: int | None = None
    mode: Mode | None = None
    stealth: bool = False
    action: str = ""
    image: int | None = None
    uuid: str | None = None
    user: str | None = None
    seed: int | None = None


_NOTHING = Content()


def _kind(tail: str) -> Kind:
    lowered = tail.lower()
    if "(stopped)" in lowered:
        return "stopped"
    # A paused job goes on by itself.
    if "(waiting to start)" in lowered or "(paused)" in lowered:
        return "waiting"
    return "progress" if _PERCENT.search(tail) else "done"


def _action(head: str, action: str | None) -> str:
    if action:
        return action
    return next((name for start, name in _HEADS if head.startswith(start)), "")


def _mode(tail: str) -> tuple[Mode | None, bool]:
    modes: dict[str, Mode] = {"fast": "fast", "relaxed": "relaxed", "turbo": "turbo"}
    if not (found := _MODE.search(tail)):
        return None, False
    return modes[found[1].lower()], found[2] is not None


def _read_seed(found: re.Match[str]) -> Content:
    return Content(
        kind="done", prompt=found["prompt"], uuid=found["uuid"], seed=int(found["seed"][:12])
    )


# One message is read by the matcher, the driver and the response, one right after another.
@functools.lru_cache(maxsize=64)
def read(content: str) -> Content:
    """Reads a message's text; one that is not about a picture or a clip is of kind "none".

    `prompt` is the bot's echo to the letter, blanks at its ends included.
    """
    if bare := _BARE.fullmatch(content):
        return Content(kind="waiting", action=_action(bare["action"], None))
    if seed := _SEED.fullmatch(content):
        return _read_seed(seed)
    found = _TEXT.fullmatch(content)
    if not found:
        return _NOTHING
    tail = found["tail"]
    mode, stealth = _mode(tail)
    if not found["user"] and not mode:
        return _NOTHING
    percent = _PERCENT.search(tail)
    image = _IMAGE.search(found["action"] or "") or _IMAGE.search(found["head"])
    website = _WEBSITE.search(tail)
    return Content(
        kind=_kind(tail),
        prompt=found["prompt"],
        percent=min(100, int(percent[1])) if percent else None,
        mode=mode,
        stealth=stealth,
        action=_action(found["head"], found["action"]),
        image=int(image[1]) if image else None,
        uuid=website[1] if website else None,
        user=found["user"],
    )


def echoed(message: Message) -> str:
    """The prompt as the bot wrote it back; "" when the message tells none."""
    return read(message.get("content") or "").prompt


def _uuid_of_files(message: Message) -> str | None:
    for attachment in message.get("attachments") or ():
        name = attachment.get("filename") or ""
        folder = urlsplit(attachment.get("url") or "").path
        # The last one: before it stands the prompt, which may hold a uuid of its own.
        if found := re.findall(_UUID, name) or re.findall(_UUID, folder):
            return str(found[-1])
    return None


def uuid_of(message: Message) -> str | None:
    """The uuid of the job that a message shows: by its components, files, or website link."""
    named = buttons.uuids(message)
    if named:
        return named[0]
    return _uuid_of_files(message) or read(message.get("content") or "").uuid


def clip_of(message: Message) -> int | None:
    """Which clip of its grid, from 1, a message shows that offers to go on with it."""
    numbers = (_EXTEND.match(button.custom_id) for button in buttons.offered(message))
    return next((int(found[1]) for found in numbers if found), None)
