"""Signatures, verified by the specification's own library."""

import json
import time
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from heliograph.webhooks import signing


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_what_is_signed_verifies(value: dict[str, Any]) -> None:
    body = json.dumps(value).encode()
    secret = signing.new_secret()
    headers = signing.headers("msg_1_2", int(time.time()), body, [secret])
    assert Webhook(secret).verify(body, headers) == value


def test_both_of_two_valid_secrets_verify() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.headers("msg_1_2", int(time.time()), b"{}", [new, old])
    assert Webhook(old).verify(b"{}", headers) == Webhook(new).verify(b"{}", headers) == {}


def test_another_secret_or_body_does_not() -> None:
    secret = signing.new_secret()
    headers = signing.headers("msg_1_2", int(time.time()), b"{}", [secret])
    for other, body in ((signing.new_secret(), b"{}"), (secret, b'{"x": 1}')):
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"{}", headers | {"webhook-id": "msg_1_3"})


def test_a_secret_has_the_specified_form() -> None:
    secret = signing.new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(b64decode(secret.removeprefix("whsec_"))) <= 64
    assert secret != signing.new_secret()
