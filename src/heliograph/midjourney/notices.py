"""What the bot's refusals, warnings and failures mean, in one table.

They come as embeds, with a title as a rule, sometimes as plain content. The title decides; without
a known one the beginning of the text does; then a `decline-` footer; the colour comes last, for it
may be missing. Cues are anchored where text begins, so that words quoted from a prompt, or written
by describe, are never taken for the bot's own.
"""

from typing import Any, Literal

import msgspec

from heliograph.midjourney.wire import Dispatch, Message

Kind = Literal[
    "job_error",
    "moderated",
    "channel_error",
    "no_credits",
    "queue_full",
    "queued",
    "slow_down",
    "transient",
    "challenge",
]

RED, NEW_RED = 16711680, 15548997


class Notice(msgspec.Struct, frozen=True):
    """`code` is the job's final code; 0 where the job goes on ("queued")."""

    kind: Kind
    title: str
    description: str
    code: int


class _Rule(msgspec.Struct, frozen=True):
    """Beginnings, of a title and of a text, as the bot writes them."""

    kind: Kind
    code: int
    titles: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def has_title(self, title: str) -> bool:
        return title.lower().startswith(self.titles)

    def has_text(self, text: str) -> bool:
        return text.lower().startswith(self.texts)


_RULES = (
    _Rule(
        "challenge",
        596,
        ("action required to continue", "please complete the task"),
        ("please complete the task",),
    ),
    _Rule(
        "moderated",
        422,
        (
            "banned prompt",
            "banned image prompt",
            "action needed to continue",
            "image denied",
            "request cancelled",
        ),
        ("sorry! our ai moderator", "request cancelled due to"),
    ),
    _Rule(
        "channel_error",
        596,
        ("pending mod message", "blocked", "you are blocked", "tos not accepted"),
        ("you have a pending moderation message", "you are blocked", "you have been blocked"),
    ),
    _Rule(
        "channel_error",
        402,
        ("subscription required", "subscription paused", "plan cancelled"),
    ),
    _Rule(
        "no_credits",
        402,
        ("credits exhausted",),
        ("you've run out of hours", "you have run out of hours", "you’ve run out of hours"),
    ),
    _Rule("queue_full", 429, ("queue full",), ("your job queue is full",)),
    _Rule(
        "queued",
        0,
        ("job queued",),
        ("you have reached the maximum allowed number of concurrent jobs",),
    ),
    _Rule("slow_down", 429, ("slow down",), ("you can request another upscale",)),
    _Rule(
        "transient",
        502,
        ("sorry, something went wrong", "sorry! could not complete the job", "internal"),
        (
            "sorry! could not complete the job",
            "the job encountered an error",
            "failed to process your command",
            "there was an error processing your request",
        ),
    ),
    _Rule(
        "job_error",
        400,
        (
            "invalid",
            "empty prompt",
            "duplicate images",
            "job action restricted",
            "turbo mode isn't supported",
            "turbo mode isn’t supported",
        ),
        (
            "unrecognized parameter(s)",
            "invalid value",
            "invalid link",
            "could not fetch image",
            "you can not submit batch jobs",
            "turbo mode isn't supported",
            "turbo mode isn’t supported",
        ),
    ),
)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _of_rule(rule: _Rule, title: str, text: str) -> Notice:
    return Notice(rule.kind, title or text.split("\n", 1)[0], text or title, rule.code)


def _of_words(title: str, text: str) -> Notice | None:
    for rule in _RULES:
        if title and rule.has_title(title):
            return _of_rule(rule, title, text)
    for rule in _RULES:
        if text and rule.has_text(text):
            return _of_rule(rule, title, text)
    return None


def _of_embed(embed: dict[str, Any]) -> Notice | None:
    title, text = _text(embed.get("title")), _text(embed.get("description"))
    if notice := _of_words(title, text):
        return notice
    footer = _text((embed.get("footer") or {}).get("text"))
    if footer.startswith("decline-"):
        return Notice("moderated", title or footer, text or title or footer, 422)
    if embed.get("color") in (RED, NEW_RED) and (title or text):
        return Notice("job_error", title or text.split("\n", 1)[0], text or title, 502)
    return None


def read(message: Message) -> Notice | None:
    """What a message announces beside its picture, if anything: its embeds, then its content."""
    for embed in message.get("embeds") or ():
        if notice := _of_embed(embed):
            return notice
    content = _text(message.get("content"))
    # So begins the echo of a prompt, whose words announce nothing.
    return None if content.startswith("**") else _of_words("", content)


_CHALLENGE = "Action required to continue"
_CHALLENGED = (
    "The bot wants proof that a person is there. Answer it in Discord, in this channel, then reset"
    " the channel"
)


def challenge(dispatch: Dispatch) -> Notice | None:
    """The notice of a frame that asks for proof of a person; a person answers it, never code."""
    if dispatch.type != "INTERACTION_IFRAME_MODAL_CREATE":
        return None
    title = _text(dispatch.data.get("title"))
    path = _text(dispatch.data.get("iframe_path"))
    rule = _RULES[0]
    if not rule.has_title(title) and "/captcha/" not in path:
        return None
    return Notice(rule.kind, title or _CHALLENGE, _CHALLENGED, rule.code)
