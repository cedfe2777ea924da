"""Reading JSON bodies: only what is known is decoded, and all of it is checked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.errors import Invalid
from heliograph.http.bodies import LIST_BYTES, NAMES, parsed

NO_JSON, NO_OBJECT = "Request body is not valid JSON", "Request body must be a JSON object"
flat = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text() | st.floats(0, 1)
inner = st.recursive(flat, lambda one: st.lists(one) | st.dictionaries(st.text(), one))


@given(st.dictionaries(st.sampled_from(NAMES), flat | st.lists(flat)), inner)
def test_known_fields_are_read_and_others_are_not(body: dict[str, object], other: object) -> None:
    sent = json.dumps(body | {"unknown": other}).encode()
    assert parsed(b"\xef\xbb\xbf \n" + sent) == body


def test_the_last_of_two_counts() -> None:
    assert parsed(b'{"prompt": 1, "x": {}, "pr\\u006fmpt": 2}') == {"prompt": 2}


def test_what_no_field_takes_is_not_decoded() -> None:
    ids = b"[" + b'"x",' * LIST_BYTES + b'"x"]'
    assert parsed(b'{"prompt": {"a": [1]}, "taskIds": ' + ids + b"}") == {
        "prompt": {},
        "taskIds": [],
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"[",
        b"{",
        b'{"x": tru}',
        b'{"x": NaN}',
        b'{"prompt": NaN}',
        b'{"x": 01}',
        b'{"x": "\\ud800"}',
        b'{"x": "\xff"}',
        b'{"\xff": 1}',
        b'{"prompt": {"a": "\xff"}}',
        b'{"prompt": "a"} x',
        b'{"prompt": 1e999}',
        b'{"maxJobs": ' + b"1" * 5000 + b"}",
        b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        '{"prompt": "x"}'.encode("utf-16"),
        '{"prompt": "x"}'.encode("utf-32-be"),
    ],
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(Invalid, match=f"^{NO_JSON}$"):
        parsed(body)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b" 5", b"null", b"[1, {}]"])
def test_what_is_no_object(body: bytes) -> None:
    with pytest.raises(Invalid, match=f"^{NO_OBJECT}$"):
        parsed(body)
