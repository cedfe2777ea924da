"""Reading an imagine command: what is taken, and the sentence for what is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph import command
from heliograph.errors import Invalid


def test_only_a_prompt_is_needed() -> None:
    asked = command.imagine({"prompt": "a cat"})
    assert asked.stream
    assert asked.echo == {"prompt": "a cat"}


def test_request_echo_is_what_the_caller_sent() -> None:
    sent = {
        "channel": "1",
        "replyUrl": "https://example.com/hook?key=1",
        "replyRef": "ref",
        "replyLevel": "minimal",
        "stream": False,
        "prompt": "a cat",
    }
    assert command.imagine(sent | {"unknown": [1]}).echo == sent


def test_stream_is_echoed_only_when_false() -> None:
    assert "stream" not in command.imagine({"prompt": "x", "stream": True}).echo


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_empty_fields_count_as_absent(value: object) -> None:
    asked = command.imagine({"prompt": "x", "channel": value, "replyUrl": value})
    assert asked.channel is None
    assert asked.reply_url is None


@pytest.mark.parametrize("prompt", [None, "", " ", "\t\n", "\u3000"])
def test_prompt_is_required(prompt: object) -> None:
    with pytest.raises(Invalid, match=r"^Parameter prompt is required$"):
        command.imagine({"prompt": prompt})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompt": 5}, "Parameter prompt must be a string"),
        ({"prompt": ["x"]}, "Parameter prompt must be a string"),
        ({"prompt": "x" * 5001}, "Parameter prompt must be at most 5000 characters long"),
        ({"prompt": "a\x00b"}, "Parameter prompt contains characters that are not valid text"),
        ({"prompt": "\ud800"}, "Parameter prompt contains characters that are not valid text"),
        ({"stream": "yes"}, "Parameter stream must be true or false"),
        ({"stream": "true"}, "Parameter stream must be true or false"),
        ({"stream": 1}, "Parameter stream must be true or false"),
        ({"channel": 123}, "Parameter channel must be a string"),
        ({"replyUrl": "ftp://x"}, "Parameter replyUrl must be an http or https URL"),
        ({"replyUrl": "http://"}, "Parameter replyUrl must be an http or https URL"),
        ({"replyUrl": "http://x:99999/"}, "Parameter replyUrl must be an http or https URL"),
        ({"replyUrl": "http://[::1"}, "Parameter replyUrl must be an http or https URL"),
        ({"replyUrl": "http://a b/"}, "Parameter replyUrl must be an http or https URL"),
        (
            {"replyUrl": "http://x/" + "y" * 1020},
            "Parameter replyUrl must be at most 1024 characters long",
        ),
        ({"replyRef": "r" * 1025}, "Parameter replyRef must be at most 1024 characters long"),
        ({"replyLevel": "loud"}, "Parameter replyLevel must be one of all, standard, minimal"),
    ],
)
def test_wrong_fields_are_named(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        command.imagine({"prompt": "x"} | fields)
    assert str(caught.value) == sentence


def test_longest_values_are_taken() -> None:
    asked = command.imagine({"prompt": "x" * 5000, "replyRef": "r" * 1024})
    assert len(asked.prompt) == 5000


def test_forms_spell_booleans() -> None:
    assert command.typed({"stream": "false", "prompt": "true"}) == {
        "stream": False,
        "prompt": "true",
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
names = st.sampled_from(["prompt", "stream", "channel", "replyUrl", "replyRef", "replyLevel"])


@given(st.dictionaries(names, json_values))
def test_any_json_is_read_or_refused(fields: dict[str, Any]) -> None:
    sentence = "Parameter "
    try:
        prompt = command.imagine(fields).prompt
    except Invalid as refused:
        prompt, sentence = "refused", str(refused)
    assert prompt.strip()
    assert sentence.startswith("Parameter ")


@pytest.mark.parametrize(
    "mask",
    ["aGVs\nbG8=", "data:image/png;base64,aGVsbG8=", " DATA:image/webp;x=1;base64, aGVs bG8= "],
)
def test_a_mask_is_base64_with_or_without_its_type(mask: str) -> None:
    fields = {"jobId": "j", "button": "Vary (Region)", "mask": mask}
    assert command.button(fields).mask == b"hello"


@pytest.mark.parametrize("mask", ["aGVsbG8", "aGVsbG8=x", "\u00e9", "data:text/plain;base64,aGVs"])
def test_a_mask_that_is_none(mask: str) -> None:
    with pytest.raises(Invalid, match=r"^Parameter mask must be a base64-encoded PNG or WebP"):
        command.button({"jobId": "j", "button": "Vary (Region)", "mask": mask})
