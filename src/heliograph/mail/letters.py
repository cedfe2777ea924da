"""What each mail says: a subject, plain text, and the same as HTML.

A letter is paragraphs and commands; both forms are made from these, so they can't differ. Errors,
ids and addresses come from strangers: they are made one printable line, and escaped in HTML.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from textwrap import wrap
from urllib.parse import quote

import msgspec

from heliograph.mail.base import ChannelLocked, ChannelOpened, Mail, News, WebhookFailing

V3 = "/v3/midjourney"
DISCORD = "https://discord.com/channels/@me/"
WIDTH = 76
SUBJECT_LENGTH = 120
LINE_LENGTH = 500


class Letter(msgspec.Struct, frozen=True):
    """The words of a mail."""

    subject: str
    text: str
    html: str


class _Command(msgspec.Struct, frozen=True):
    """Something to type, or to visit when it is a `link`: on a line of its own, never wrapped."""

    text: str
    link: bool = False


_Part = str | _Command


def letter(mail: Mail, base: str) -> Letter:
    """`base` is the address under which callers reach this server."""
    subject, parts = _words(mail.news, base.rstrip("/"))
    return Letter(line(subject, SUBJECT_LENGTH), _text(parts), _html(parts))


def trial() -> Letter:
    """What `heliograph mail test` sends."""
    parts: list[_Part] = [
        "Somebody who looks after your Heliograph server asked for this mail with:",
        _Command("heliograph mail test ADDRESS"),
        "Nothing needs to be done. Mails about channels and webhooks come the same way.",
    ]
    return Letter("Heliograph can send you mail", _text(parts), _html(parts))


def line(text: str, most: int = LINE_LENGTH) -> str:
    """A stranger's text as one line of printable letters, cut where it is too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _words(news: News, base: str) -> tuple[str, list[_Part]]:
    match news:
        case ChannelLocked():
            return _locked(news, base)
        case ChannelOpened():
            return _opened(news)
        case WebhookFailing():
            return _failing(news)


def _locked(news: ChannelLocked, base: str) -> tuple[str, list[_Part]]:
    channel, error = line(news.channel), line(news.error)
    return f"Channel {channel} needs a person: {error}", [
        f"Channel {channel} of your Heliograph server went into error. The bot said:",
        _Command(error),
        "The job that met it failed. Until the channel is reset, every call that needs it is"
        " answered with 596; calls that may use another channel use another.",
        *(_resolve_own(news, base) if news.own else _resolve_on_discord(news)),
        "2. Then open the channel again, with an API token of yours:",
        _call("POST", f"{base}{V3}/accounts/reset/{_in_path(news.channel)}"),
        "Another mail will say that it is open.",
    ]


def _resolve_on_discord(news: ChannelLocked) -> list[_Part]:
    return [
        "1. Resolve it as the bot asks, in Discord, signed in as the account of this channel:",
        _Command(f"{DISCORD}{_in_path(news.channel)}", link=True),
        "It asks for a person, so Heliograph leaves it to one.",
    ]


def _resolve_own(news: ChannelLocked, base: str) -> list[_Part]:
    return [
        "1. The channel is one of the server's own bot, which raised this because somebody told it"
        " to, as a rehearsal. End the rehearsal, here or from anywhere:",
        _Command(f"heliograph studio resolve {_in_path(news.channel)}"),
        _call("DELETE", f"{base}{V3}/studio/{_in_path(news.channel)}/challenge"),
    ]


def _opened(news: ChannelOpened) -> tuple[str, list[_Part]]:
    channel = line(news.channel)
    return f"Channel {channel} is open again", [
        f"Channel {channel} of your Heliograph server was reset, and takes jobs again. It had been"
        " in error with:",
        _Command(line(news.error)),
        "If that was not resolved, the next job will meet it again, and you will get another mail.",
    ]


def _failing(news: WebhookFailing) -> tuple[str, list[_Part]]:
    since = datetime.fromtimestamp(news.since / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"Your webhook address has been failing since {since}", [
        f"No webhook that your Heliograph server sent to this address got through since {since}:",
        _Command(line(news.url)),
        "What came of the last one:",
        _Command(line(news.error)),
        "A delivery that is not heard is tried again for a while, and then given up. Once the"
        " receiver is well, what was given up can be sent anew:",
        _Command("heliograph webhooks list"),
        _Command("heliograph webhooks replay ID"),
        "This is the only mail about this outage; a delivery that gets through ends it.",
    ]


def _call(method: str, url: str) -> _Command:
    return _Command(f'curl -X {method} -H "Authorization: Bearer $HELIOGRAPH_TOKEN" {url}')


def _in_path(channel: str) -> str:
    return quote(channel, safe="", errors="replace")


def _text(parts: Sequence[_Part]) -> str:
    return "\n".join(_plain(part) for part in parts)


def _plain(part: _Part) -> str:
    if isinstance(part, _Command):
        return f"    {part.text}\n"
    return "\n".join(wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False)) + "\n"


def _html(parts: Sequence[_Part]) -> str:
    body = "\n".join(_marked(part) for part in parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"></head>\n'
        '<body style="font-family: sans-serif; max-width: 40em; line-height: 1.5">\n'
        f"{body}\n</body>\n</html>\n"
    )


def _marked(part: _Part) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    text = escape(part.text)
    if part.link:
        return f'<p><a href="{text}">{text}</a></p>'
    return f'<pre style="white-space: pre-wrap; margin-left: 2em">{text}</pre>'
