"""What the bot says when something is wrong, each notice by a name: section 13 of the wire's facts.

`late` notices come after the start, as a reply to the job's progress message, in place of the
picture; all others are the only answer to a command.
"""

from typing import Any

import msgspec

from heliograph.studio import messages
from heliograph.studio.messages import NEWER_RED, RED, YELLOW

MODERATOR = (
    "Sorry! Our AI moderator thinks this prompt is probably against our community standards."
)
FULL = "Your job queue is full. Please wait for a job to finish first, then resubmit this one."
QUEUED_NAME = "job queued"


class Notice(msgspec.Struct, frozen=True):
    """An embed by `title` and `text`; without a title the text is the message's plain content."""

    title: str
    text: str
    color: int | None = RED
    late: bool = False
    button: tuple[str, str] | None = None
    footer: str = "/imagine"

    @property
    def embed(self) -> dict[str, Any] | None:
        if not self.title:
            return None
        color = {} if self.color is None else {"color": self.color}
        footer = {"footer": {"text": self.footer}} if self.footer else {}
        return {
            "type": "rich",
            "title": self.title,
            "description": self.text,
            **footer,
            "content_scan_version": 0,
        } | color

    @property
    def rows(self) -> list[dict[str, Any]]:
        if self.button is None:
            return []
        label, custom_id = self.button
        pressable = {"type": 2, "id": 2, "style": 1, "label": label, "custom_id": custom_id}
        return [{"type": 1, "id": 1, "components": [pressable | {"disabled": False}]}]


NOTICES = {
    "invalid parameter": Notice("Invalid parameter", "Unrecognized parameter(s): `--nonsense`"),
    "invalid value": Notice("Invalid parameter", "Invalid value provided for argument ar"),
    "invalid prompt": Notice("Invalid prompt", "The prompt can't be understood."),
    "empty prompt": Notice("Empty prompt", "The prompt has no words."),
    "invalid request": Notice("Invalid request", "This can't be done with that picture."),
    "invalid link": Notice("Invalid link", "Could not fetch image. Received status code 403"),
    "invalid url": Notice("Invalid link!", "Invalid URL format"),
    "banned prompt": Notice(
        "Banned prompt detected", MODERATOR, button=("Notify Developers", "MJ::Notify::Developers")
    ),
    "banned image prompt": Notice("Banned image prompt", MODERATOR),
    "action needed": Notice(
        "Action needed to continue",
        "Sorry! Our AI moderators feel your prompt might be against our community standards."
        '\n\n If you think this is a mistake, please press the "Appeal" button',
        button=("Appeal", "MJ::Prompt::Appeal"),
    ),
    "image denied": Notice(
        "Image denied", "Our AI moderators refuse this image.", NEWER_RED, late=True
    ),
    "input filters": Notice(
        "Request cancelled due to image filters", "A filter stopped it.", NEWER_RED, late=True
    ),
    "output filters": Notice(
        "Request cancelled due to output filters", "A filter stopped it.", NEWER_RED, late=True
    ),
    "declined": Notice(
        "Something is not right", "Try again.", None, late=True, footer="decline-4711"
    ),
    "duplicate images": Notice("Duplicate images detected", "Blend takes different pictures."),
    "queue full": Notice("Queue full", FULL, YELLOW),
    QUEUED_NAME: Notice(messages.JOB_QUEUED, messages.IN_LINE, messages.OLDER_YELLOW),
    "slow down": Notice(
        "Slow Down!", "You can request another upscale for this image <t:1900000000:R>", YELLOW
    ),
    "job action restricted": Notice(
        "Job action restricted", "You can not submit batch jobs in relax mode."
    ),
    "video in relax": Notice(
        "Job action restricted", "Relaxed video jobs are limited to Pro and Mega."
    ),
    "turbo video": Notice("Turbo mode isn't supported for video jobs", "Use fast mode."),
    "credits exhausted": Notice(
        "Credits exhausted", "You've run out of hours! Buy more on the website.", YELLOW
    ),
    "pending mod message": Notice(
        "Pending mod message",
        "You have a pending moderation message. Please acknowledge it before using the bot"
        " further.",
        button=("Acknowledge", "MJ::ModMessage::Acknowledge"),
        footer="",
    ),
    "blocked": Notice("Blocked", "You are blocked from using the bot for 1 hour"),
    "you are blocked": Notice(
        "You are blocked.", "You have been blocked from accessing Midjourney"
    ),
    "plan cancelled": Notice("Plan Cancelled", "Your plan has been cancelled."),
    "subscription required": Notice("Subscription required", "Please subscribe to continue."),
    "subscription paused": Notice("Subscription paused", "Your subscription is paused."),
    "tos not accepted": Notice(
        "Tos not accepted",
        "Please accept the terms of service.",
        button=("Accept ToS", "MJ::ToS::Accept"),
    ),
    "something went wrong": Notice(
        "Sorry, something went wrong",
        "The job encountered an error. Our team has been notified.",
        NEWER_RED,
        late=True,
    ),
    "could not complete": Notice(
        "Sorry! Could not complete the job!", "Please try again.", NEWER_RED, late=True
    ),
    "internal error": Notice(
        "Internal error", "The job encountered an error.", NEWER_RED, late=True
    ),
    "internal server error": Notice(
        "Internal server error", "Our team has been notified.", NEWER_RED, late=True
    ),
    "failed to process": Notice("", "Failed to process your command :c"),
    "error with trace": Notice(
        "",
        "There was an error processing your request. Please try again later."
        " Your trace: `00000000-0000-4000-8000-000000000000`",
    ),
    "complete the task": Notice("Please complete the task", "Prove that you are a person.", None),
}
