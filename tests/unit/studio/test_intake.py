"""Whatever is posted is either understood or refused, never a crash."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.midjourney.wire import WireRefused
from heliograph.studio import intake
from heliograph.studio.messages import BOT
from heliograph.studio.tickets import Account

ACCOUNT = Account("1", "2", "somebody")
SCALARS = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=6)
KEYS = st.sampled_from(
    [
        *("name", "type", "options", "value", "attachments", "id", "custom_id", "values"),
        *("components", "component", "uploaded_filename", "target_id"),
    ]
)
NAMES = st.sampled_from(
    ["imagine", "describe", "blend", "show", "info", "settings", "fast", "prefer", "Cancel Job"]
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)
DATA = st.fixed_dictionaries(
    {"name": NAMES | SCALARS, "type": st.sampled_from([1, 3])},
    optional={
        "options": st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from(["prompt", "image", "image1", "remix", "link", "x"])},
                optional={"value": ANYTHING, "options": ANYTHING},
            ),
            max_size=3,
        ),
        "attachments": ANYTHING,
        "id": SCALARS,
        "custom_id": SCALARS,
        "components": ANYTHING,
        "values": ANYTHING,
    },
)


def payload(type: Any, data: Any) -> dict[str, Any]:
    return {"type": type, "channel_id": "2", "application_id": BOT, "data": data, "nonce": "1"}


def outcome(data: Any, type: int) -> tuple[int, int] | None:
    """How it was refused, if it was."""
    try:
        intake.read(payload(type, data), ACCOUNT)
    except WireRefused as refusal:
        return refusal.status, refusal.body["code"]
    return None


@given(st.sampled_from([2, 3, 5]), DATA | ANYTHING)
def test_anything_is_read_or_refused(type: int, data: Any) -> None:
    assert outcome(data, type) in (None, (400, 50035), (400, 50146))


def test_inputs_are_found_however_they_are_wrapped() -> None:
    inputs = [
        {"type": 1, "components": [{"type": 4, "custom_id": "a", "value": "one"}]},
        {"type": 18, "component": {"type": 4, "custom_id": "b", "value": "two"}},
        {"type": 4, "custom_id": "c"},
    ]
    data = {"id": 7, "custom_id": "form", "components": inputs}
    _, ask = intake.read(payload(5, data), ACCOUNT)
    assert ask == intake.SubmitForm("7", "form", {"a": "one", "b": "two", "c": ""})


@pytest.mark.parametrize("guild", ["", None, "662267976984297473"])
def test_what_we_ignore_may_be_anything(guild: str | None) -> None:
    extra = {"guild_id": guild, "session_id": 5, "analytics_location": None, "message_flags": 64}
    data = {"name": "info", "id": "972289487818334209", "options": None, "attachments": None}
    _, ask = intake.read(payload(2, data) | extra, ACCOUNT)
    assert ask == intake.Info()
