"""Reading the commands other than imagine: what is taken, and the sentence for what is not."""

import base64
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph import command
from heliograph.errors import Invalid
from heliograph.fields import Upload

JOB = "j1023141520123456789i-u1-c1-bot:midjourney"
PNG = b"\x89PNG\r\n\x1a\n and so on"


def upload(field: str, data: bytes = PNG) -> Upload:
    return Upload(field, "cat.png", "image/png", data)


def test_a_button_names_its_job_and_label() -> None:
    asked = command.button({"jobId": JOB, "button": "U1", "stream": False})
    assert asked.echo == {"stream": False, "button": "U1", "jobId": JOB}


def test_bytes_are_echoed_as_blobs() -> None:
    mask = base64.b64encode(PNG).decode()
    asked = command.button({"jobId": JOB, "button": "Vary (Region)", "mask": mask, "prompt": "x"})
    assert asked.mask == PNG
    assert asked.echo == {"button": "Vary (Region)", "jobId": JOB, "prompt": "x", "mask": "blob"}


@pytest.mark.parametrize(
    "mask",
    [
        "data:image/png;base64," + base64.b64encode(PNG).decode(),
        "DATA:image/webp;charset=utf-8;base64," + base64.b64encode(PNG).decode(),
        base64.encodebytes(PNG * 9).decode(),
        upload("mask"),
    ],
)
def test_a_mask_comes_in_any_usual_wrapping(mask: object) -> None:
    asked = command.button({"jobId": JOB, "button": "Vary (Region)", "mask": mask})
    assert asked.mask in (PNG, PNG * 9)


def test_blend_mixes_urls_and_blobs_by_position() -> None:
    asked = command.blend(
        {
            "imageUrl_1": "https://example.com/1.png",
            "imageBlob_2": upload("imageBlob_2"),
            "imageBlob_5": upload("imageBlob_5"),
            "blendDimensions": "Portrait",
        }
    )
    assert asked.echo == {
        "blendUrls": ["https://example.com/1.png", "blob_1", "blob_2"],
        "blendDimensions": "Portrait",
    }


def test_describe_takes_a_url_or_a_blob() -> None:
    named = command.describe({"imageUrl": "https://example.com/1.png"})
    assert named.echo == {"describeUrl": "https://example.com/1.png"}
    assert command.describe({"imageBlob": upload("imageBlob")}).echo == {"describeUrl": "blob"}


def test_settings_need_nothing() -> None:
    assert command.setting("info", {}).echo == {}
    assert command.setting("info", {"channel": "12"}).echo == {"channel": "12"}


def test_an_account_keeps_apart_what_was_not_sent() -> None:
    asked = command.account({"discord": " studio-2 ", "maxJobs": 5.0, "maxImageJobs": None})
    assert asked == command.Account(token="studio-2", max_jobs=5)


def test_forms_bring_numbers_and_booleans_as_text() -> None:
    form = {"discord": "123", "maxJobs": "5", "maxImageJobs": "x", "stream": "false", "prompt": "1"}
    expected = {"discord": "123", "maxJobs": 5, "maxImageJobs": "x", "stream": False, "prompt": "1"}
    assert command.typed(form) == expected


two = {"imageUrl_1": "https://example.com/1", "imageUrl_2": "https://example.com/2"}


@pytest.mark.parametrize(
    ("read", "fields", "sentence"),
    [
        (command.button, {}, "jobId is required"),
        (command.button, {"jobId": JOB}, "button is required"),
        (command.button, {"jobId": 5, "button": "U1"}, "Parameter jobId must be a string"),
        (command.button, {"jobId": "j" * 201, "button": "U1"}, "Parameter jobId must be at most"),
        (command.button, {"jobId": JOB, "button": 1}, "Parameter button must be a string"),
        (command.button, {"jobId": JOB, "button": "U1", "mask": "%%%"}, "Parameter mask must be a"),
        (command.button, {"jobId": JOB, "button": "U1", "mask": 7}, "Parameter mask must be a str"),
        (
            command.button,
            {"jobId": JOB, "button": "U1", "mask": "data:image/png;base64,"},
            "Parameter mask must be a picture",
        ),
        (
            command.button,
            {"jobId": JOB, "button": "U1", "prompt": "x" * 5001},
            "Parameter prompt must be at most 5000",
        ),
        (command.seed, {}, "jobId is required"),
        (command.blend, {}, "At least 2 images are required for blend"),
        (command.blend, {"imageUrl_1": "https://e.com/1"}, "At least 2 images are required"),
        (command.blend, {"imageUrl_2": "https://e.com/1", "imageUrl_3": "https://e.com/1"}, "At l"),
        (command.blend, two | {"imageBlob_1": upload("imageBlob_1")}, "Only one of imageUrl_1 and"),
        (command.blend, two | {"imageUrl_3": "ftp://x"}, "Parameter imageUrl_3 must be an http"),
        (command.blend, two | {"imageBlob_3": "x"}, "Parameter imageBlob_3 must be a file sent"),
        (command.blend, two | {"imageBlob_3": upload("b", b"")}, "Parameter imageBlob_3 is an emp"),
        (
            command.blend,
            two | {"imageBlob_3": upload("b", b"x" * (10 * 1024**2 + 1))},
            "Parameter imageBlob_3 must be at most 10 MB",
        ),
        (command.blend, two | {"blendDimensions": "Wide"}, "Parameter blendDimensions must be one"),
        (command.describe, {}, "Either imageUrl or imageBlob is required"),
        (command.describe, {"imageUrl": "x"}, "Parameter imageUrl must be an http or https URL"),
        (command.account, {}, "Required parameter discord is missing or empty"),
        (command.account, {"discord": "  "}, "Required parameter discord is missing or empty"),
        (command.account, {"discord": "studio\x07x"}, "Parameter discord contains characters that"),
        (command.account, {"discord": "stüdio"}, "Parameter discord contains characters that"),
        (command.account, {"discord": 5}, "Parameter discord must be a string"),
        (command.account, {"discord": "t", "maxJobs": 0}, "Parameter maxJobs must be between 1 an"),
        (command.account, {"discord": "t", "maxJobs": 16}, "Parameter maxJobs must be between 1 a"),
        (command.account, {"discord": "t", "maxJobs": True}, "Parameter maxJobs must be a whole"),
        (command.account, {"discord": "t", "maxJobs": 1.5}, "Parameter maxJobs must be a whole nu"),
        (command.account, {"discord": "t", "maxVideoJobs": 13}, "Parameter maxVideoJobs must be b"),
        (command.account, {"discord": "t", "replyUrl": "x"}, "Parameter replyUrl must be an http"),
        (command.challenge, {"kind": "x"}, "Parameter kind must be one of moderation, challenge"),
    ],
)
def test_what_is_wrong_is_named(
    read: Callable[[dict[str, Any]], object], fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read(fields)
    assert str(refused.value).startswith(sentence)


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
names = st.sampled_from(
    [
        *("jobId", "button", "mask", "prompt", "discord", "maxJobs", "imageUrl_1", "imageUrl_2"),
        *("imageBlob_2", "stream", "channel", "replyUrl", "replyLevel", "blendDimensions", "kind"),
    ]
)
readers = st.sampled_from(
    [command.button, command.seed, command.blend, command.describe, command.account]
)


@given(readers, st.dictionaries(names, json))
def test_any_json_is_taken_or_refused(
    read: Callable[[dict[str, Any]], object], fields: dict[str, Any]
) -> None:
    with contextlib.suppress(Invalid):
        read(fields)
