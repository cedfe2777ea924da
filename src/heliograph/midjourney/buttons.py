"""What a message offers to press: labels as the API shows them, custom_ids as the bot wants them.

Both are data read off the message, for they change with every model version. Only the buttons that
the bot shows by emoji alone are named here, since a recorder, or Discord's own rendering of an
emoji, may lose it while the custom_id stays.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from heliograph.midjourney.wire import Message

BUTTON, SELECT = 2, 3
_LINK_STYLE = 5
_BLANKS = " \n\u200b\u200c\u200d\ufeff"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CANCEL = "MJ::CancelJob::"
_BOOKMARK = "MJ::BOOKMARK::"
_EMOJI_ONLY = (
    ("MJ::JOB::reroll::", "🔄"),
    ("MJ::JOB::pan_left::", "⬅️"),
    ("MJ::JOB::pan_right::", "➡️"),
    ("MJ::JOB::pan_up::", "⬆️"),
    ("MJ::JOB::pan_down::", "⬇️"),
    (_BOOKMARK, "❤️"),
    ("MJ::Job::PicReader::1", "1️⃣"),
    ("MJ::Job::PicReader::2", "2️⃣"),
    ("MJ::Job::PicReader::3", "3️⃣"),
    ("MJ::Job::PicReader::4", "4️⃣"),
    ("MJ::Picread::Retry", "🔄"),
)
ONCE = frozenset({"U1", "U2", "U3", "U4"})
"""Labels that are pressed once a message (decision 10)."""
_VIDEO = re.compile(r"(?:Animate|Extend) \((?:Low|High) motion\)", re.IGNORECASE)


class Button(msgspec.Struct, frozen=True):
    """A component that can be pressed; `type` is Discord's component type, 2 or a select's 3."""

    label: str
    custom_id: str
    type: int = BUTTON
    style: int = 2
    disabled: bool = False


def components(message: Message) -> Iterator[dict[str, Any]]:
    """The message's buttons and selects in order, whether or not they stand in rows."""
    waiting = list(message.get("components") or ())
    while waiting:
        component = waiting.pop(0)
        if inner := component.get("components"):
            waiting[:0] = inner
        else:
            yield component


def _label(component: dict[str, Any], custom_id: str) -> str:
    if label := (component.get("label") or component.get("placeholder") or "").strip(_BLANKS):
        return str(label)
    for prefix, emoji in _EMOJI_ONLY:
        if custom_id.startswith(prefix):
            return emoji
    return str((component.get("emoji") or {}).get("name") or "")


def offered(message: Message) -> list[Button]:
    """Everything that can be pressed; links can't."""
    return [
        Button(
            label=_label(component, custom_id),
            custom_id=custom_id,
            type=component.get("type") or BUTTON,
            style=component.get("style") or 2,
            disabled=bool(component.get("disabled")),
        )
        for component in components(message)
        if (custom_id := component.get("custom_id")) and component.get("style") != _LINK_STYLE
    ]


def _acts_on_a_job(button: Button) -> bool:
    # Buttons of panels, of describe and of notices (Acknowledge, Appeal: a person's to press) name
    # no job; every button of the API's page does.
    return (
        button.type == BUTTON
        and not button.disabled
        and button.label != ""
        and not button.custom_id.startswith((_CANCEL, _BOOKMARK))
        and _UUID.search(button.custom_id) is not None
    )


def labels(message: Message) -> list[str]:
    """The labels that the API offers for this message, in the message's order."""
    return [button.label for button in offered(message) if _acts_on_a_job(button)]


def is_video(label: str) -> bool:
    """Whether a press makes a clip out of whatever it stands under."""
    return _VIDEO.fullmatch(label.strip(_BLANKS)) is not None


def _plain(label: str) -> str:
    return label.replace("\ufe0f", "").strip(_BLANKS)


def find(message: Message, label: str) -> Button | None:
    """The button of that label among those of `labels`.

    An emoji is found with or without its variation selector, which some clients drop.
    """
    for button in offered(message):
        if _acts_on_a_job(button) and _plain(button.label) == _plain(label):
            return button
    return None


def cancel(message: Message) -> str | None:
    """The custom_id of the message's Cancel Job, which names the running job's uuid."""
    for button in offered(message):
        if button.custom_id.startswith(_CANCEL) and not button.disabled:
            return button.custom_id
    return None


def uuids(message: Message) -> list[str]:
    """The job uuids that its components name, in order."""
    return [found[-1] for button in offered(message) if (found := _UUID.findall(button.custom_id))]
