"""Message texts: the recorded ones, and the traps that prompts set."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.midjourney import content
from heliograph.midjourney.content import Content

UUID = "5f2a1826-7bb0-42c2-b441-98a48a39e760"
OTHER = "383afba5-1f84-4da3-9b76-e65c9c8ccfe8"
WEBSITE = f"[(Open on website for full quality)](<https://midjourney.com/jobs/{UUID}>)"
P = "cat --v 7.0"

TEXTS: list[tuple[str, Content]] = [
    (f"**{P}** - <@1> (Waiting to start)", Content(kind="waiting")),
    (f"**{P}** - <@1> (paused)", Content(kind="waiting")),
    (f"**{P}** - <@1> (17%) (fast)", Content(kind="progress", percent=17, mode="fast")),
    (
        f"**{P}** - <@1> (0%) (turbo, stealth)",
        Content(kind="progress", percent=0, mode="turbo", stealth=True),
    ),
    (f"**{P}** - <@1> (Stopped)", Content(kind="stopped")),
    (f"**{P}** - <@1> (relaxed)", Content(kind="done", mode="relaxed")),
    (f"**{P}** - <@1> {WEBSITE} (fast)", Content(kind="done", mode="fast", uuid=UUID)),
    (
        f"Upscaling image #2 with **{P}** - <@1> (Waiting to start)",
        Content(kind="waiting", action="Upscaling", image=2),
    ),
    (f"**{P}** - Image #2 <@1>", Content(kind="done", action="Image #2", image=2)),
    (
        f"Making variations for image #1 with prompt **{P}** - <@1> (Waiting to start)",
        Content(kind="waiting", action="Variations", image=1),
    ),
    (
        f"**{P}** - Variations (Strong) by <@1> (17%) (fast)",
        Content(kind="progress", percent=17, mode="fast", action="Variations (Strong)"),
    ),
    (
        f"**{P}** - Variations (Region) by <@1> {WEBSITE} (fast)",
        Content(kind="done", mode="fast", action="Variations (Region)", uuid=UUID),
    ),
    (
        f"**{P}** - Remix (Subtle) by <@1> (fast)",
        Content(kind="done", mode="fast", action="Remix (Subtle)"),
    ),
    (
        f"**{P}** - Zoom Out by <@1> (10%) (fast)",
        Content(kind="progress", percent=10, mode="fast", action="Zoom Out"),
    ),
    (f"**{P}** - Pan Left by <@1> (fast)", Content(kind="done", mode="fast", action="Pan Left")),
    (
        f"**{P}** - Upscaling by <@1> (0%) (fast)",
        Content(kind="progress", percent=0, mode="fast", action="Upscaling"),
    ),
    (
        f"**{P}** - Upscaled (Creative) by <@1> (fast)",
        Content(kind="done", mode="fast", action="Upscaled (Creative)"),
    ),
    (f"**{P}** - Upscaled by <@1> (fast)", Content(kind="done", mode="fast", action="Upscaled")),
    (
        f"Creating video with prompt **{P}** - <@1> (Waiting to start)",
        Content(kind="waiting", action="Video"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
@pytest.mark.parametrize(
    "footer", ["", "\n-# Create, explore on [midjourney.com](<https://midjourney.com/imagine?x=1>)"]
)
def test_reads_what_the_bot_writes(text: str, expected: Content, footer: str) -> None:
    found = content.read(text + footer)
    assert (found.prompt, found.user) == (P, "1")
    for field in ("kind", "percent", "mode", "stealth", "action", "image", "uuid", "seed"):
        assert getattr(found, field) == getattr(expected, field), field


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Animating...", Content(kind="waiting", action="Video")),
        ("Displaying...", Content(kind="waiting")),
        (
            "**x --video 1 --aspect 1:1** (fast)",
            Content(kind="done", prompt="x --video 1 --aspect 1:1", mode="fast"),
        ),
        (
            "** --ar 2:3 --v 7.0** - <@1> (35%) (relaxed)",
            Content(
                kind="progress", prompt=" --ar 2:3 --v 7.0", percent=35, mode="relaxed", user="1"
            ),
        ),
        (
            f"**cat**\n**Job ID**: {UUID}\n**seed** 3937070146",
            Content(kind="done", prompt="cat", uuid=UUID, seed=3937070146),
        ),
    ],
)
def test_reads_the_odd_ones(text: str, expected: Content) -> None:
    assert content.read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Adjust your settings here. Current suffix: ` --v 7 --s 250`",
        "**User ID**: 1\n**Subscription**: Standard (Active yearly, renews next on <t:1>)",
        "**Turbo mode enabled!** Your jobs will cost around 2x more than on `/fast` mode.",
        "Failed to process your command :c",
        "1️⃣ a cat (fast) --ar 16:9\n\n2️⃣ a **hat**",
        "**bold** words",
    ],
)
def test_other_texts_mean_nothing(text: str) -> None:
    assert content.read(text) == Content()


TRAPS = [
    "a ** b",
    "*a*",
    "**",
    "(50%)",
    "a (50%) (fast)",
    "cat** - <@7> (99%) (turbo)",
    "cat** - Image #3 <@7>",
    "two\nlines",
    "for <@7> by <@8>",
    f"cat** - <@7> [(Open)](<https://midjourney.com/jobs/{OTHER}>) (fast)\n-# footer",
    f"cat**\n**Job ID**: {OTHER}\n**seed** 5",
    "",
    " ",
]


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_prompts_cannot_pose_as_the_bot(trap: str, text: str, expected: Content) -> None:
    found = content.read(text.replace(P, trap))
    assert (found.kind, found.prompt, found.user) == (expected.kind, trap, "1")
    assert (found.percent, found.action, found.uuid) == (
        expected.percent, expected.action, expected.uuid,
    )  # fmt: skip


@given(st.text(), st.sampled_from(TEXTS))
def test_any_prompt_comes_back_to_the_letter(prompt: str, sample: tuple[str, Content]) -> None:
    text, expected = sample
    found = content.read(text.replace(P, prompt))
    assert (found.kind, found.prompt) == (expected.kind, prompt)


@given(st.text() | st.text("* \n()<>@-#[]%5fast."))
def test_read_never_raises(text: str) -> None:
    content.read(text)


def test_long_hostile_texts_are_read_in_time() -> None:
    for piece in ("**", "** ", "** (", "**\n", "*", "** - <@", " (a)", "\n-# "):
        content.read("**" + piece * (10_000 // len(piece)))


def test_every_recorded_text_is_understood(live: list[dict[str, Any]]) -> None:
    found = [content.read(message["content"]) for message in live]
    assert "none" not in [text.kind for text in found]
    assert [text.percent for text in found if text.percent is not None][-1] == 83
    assert {text.action for text in found} == {
        "", "Upscaling", "Image #1", "Variations", "Variations (Strong)", "Video",
    }  # fmt: skip
    finals = [
        text for text in found if text.kind == "done" and text.action in ("", "Variations (Strong)")
    ]
    assert all(text.uuid for text in finals)


def test_uuid_of_every_recorded_message(live: list[dict[str, Any]]) -> None:
    for message in live:
        text = content.read(message["content"])
        if text.uuid is not None:
            assert content.uuid_of(message) == text.uuid
    silent = [m for m in live if content.uuid_of(m) is None]
    assert all(not m["attachments"] and not m["components"] for m in silent)


@pytest.mark.parametrize(
    "file",
    [
        {"filename": f"{UUID}_grid_0.webp"},
        {"filename": f"{UUID}_0_0.png"},
        {"filename": f"{UUID}_2_step_5.jpeg"},
        {"filename": f"{UUID}_1_720_N.mp4"},
        {"filename": f"user_{OTHER}_{UUID}.png"},
        {"filename": "0_1.jpeg", "url": f"https://cdn.test/{UUID}/0_1.jpeg?x={OTHER}"},
    ],
)
def test_uuid_of_files(file: dict[str, str]) -> None:
    assert content.uuid_of({"content": "", "attachments": [file]}) == UUID
