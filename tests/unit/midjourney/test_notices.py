"""Embeds and texts of refusals, and what must not be taken for one."""

from typing import Any

import pytest

from heliograph.midjourney import notices, prompt
from heliograph.midjourney.wire import Dispatch


def told(title: str = "", text: str = "", **embed: Any) -> tuple[str, int] | None:
    notice = notices.read(
        {"content": "", "embeds": [{"title": title, "description": text} | embed]}
    )
    return (notice.kind, notice.code) if notice else None


@pytest.mark.parametrize(
    ("title", "kind", "code"),
    [
        ("Invalid parameter", "job_error", 400),
        ("Invalid prompt", "job_error", 400),
        ("Empty prompt", "job_error", 400),
        ("Invalid link!", "job_error", 400),
        ("Duplicate images detected", "job_error", 400),
        ("Job action restricted", "job_error", 400),
        ("Banned prompt detected", "moderated", 422),
        ("Banned image prompt", "moderated", 422),
        ("Action needed to continue", "moderated", 422),
        ("Image denied", "moderated", 422),
        ("Request cancelled due to output filters", "moderated", 422),
        ("Queue full", "queue_full", 429),
        ("Job queued", "queued", 0),
        ("Slow Down!", "slow_down", 429),
        ("Credits exhausted", "no_credits", 402),
        ("Pending mod message", "channel_error", 596),
        ("Blocked", "channel_error", 596),
        ("Tos not accepted", "channel_error", 596),
        ("Plan Cancelled", "channel_error", 402),
        ("Subscription required", "channel_error", 402),
        ("Sorry, something went wrong", "transient", 502),
        ("Sorry! Could not complete the job!", "transient", 502),
        ("Internal server error", "transient", 502),
        ("Action required to continue", "challenge", 596),
    ],
)
def test_titles(title: str, kind: str, code: int) -> None:
    assert told(title) == (kind, code)
    assert told(title.upper(), "some words", color=1) == (kind, code)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Unrecognized parameter(s): `--foo`", "job_error"),
        ("Could not fetch image. Received status code 403", "job_error"),
        ("Sorry! Our AI moderator thinks this prompt is probably against …", "moderated"),
        ("Your job queue is full. Please wait …", "queue_full"),
        ("You have reached the maximum allowed number of concurrent jobs. …", "queued"),
        ("You have a pending moderation message. …", "channel_error"),
        ("You are blocked.", "channel_error"),
        ("You can not submit batch jobs in relax mode.", "job_error"),
        ("Turbo mode isn't supported for video jobs", "job_error"),
        ("You can request another upscale for this image <t:1:R>", "slow_down"),
        ("You've run out of hours …", "no_credits"),
        ("The job encountered an error. …", "transient"),
    ],
)
def test_texts_tell_where_the_title_is_unknown(text: str, kind: str) -> None:
    found, plain = told("", text), told("A new title", text)
    assert found == plain
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(
    "text",
    ["Failed to process your command :c", "There was an error processing your request. Please …"],
)
def test_plain_contents(text: str) -> None:
    notice = notices.read({"content": text})
    assert notice is not None
    assert (notice.kind, notice.description) == ("transient", text)


def test_footer_then_colour() -> None:
    assert told("Hm", "hm", footer={"text": "decline-42"}, color=notices.RED) == ("moderated", 422)
    assert told("Hm", "hm", color=notices.RED) == ("job_error", 502)
    assert told("Hm", "hm", color=notices.NEW_RED) == ("job_error", 502)
    assert told("Hm", "hm", color=65280) is None
    assert told("Hm", "hm", color=16776960) is None


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"content": "", "embeds": []},
        {"content": "**you are blocked** - <@1> (17%) (fast)", "embeds": None},
        {"content": "Upscaling image #1 with **invalid value** - <@1> (Waiting to start)"},
        {"content": "", "embeds": [{"description": "1️⃣ a sign: you are blocked --ar 1:1"}]},
        {"embeds": [{"title": "Your info - banned prompt", "description": "**x**", "color": 0}]},
        {"embeds": [{"footer": {"text": "/imagine decline-"}, "image": {"url": "x"}}]},
    ],
)
def test_these_announce_nothing(message: dict[str, Any]) -> None:
    assert notices.read(message) is None


@pytest.mark.parametrize("text", ["cat --foo", "cat --ar 9", "", "a::-1", "cat --v —"])
def test_the_refusals_of_our_own_grammar_are_recognised(text: str) -> None:
    with pytest.raises(prompt.InvalidPrompt) as refused:
        prompt.parse(text)
    assert told(refused.value.title, refused.value.description) == ("job_error", 400)


def test_recorded_messages_announce_nothing(live: list[dict[str, Any]]) -> None:
    assert [notices.read(message) for message in live] == [None] * len(live)


def test_a_challenge_is_detected_and_other_frames_are_not() -> None:
    frame = {"id": "1", "nonce": "2", "custom_id": "MJ::iframe::ab", "title": "Inpaint"}
    kind = "INTERACTION_IFRAME_MODAL_CREATE"
    assert notices.challenge(Dispatch(kind, frame | {"iframe_path": "/inpaint/x"})) is None
    for asked in (
        {"title": "Action required to continue"},
        {"title": "", "iframe_path": "/captcha/embedded/x"},
    ):
        notice = notices.challenge(Dispatch(kind, frame | asked))
        assert notice is not None
        assert (notice.kind, notice.code) == ("challenge", 596)
        assert notices.challenge(Dispatch("MESSAGE_CREATE", frame | asked)) is None
