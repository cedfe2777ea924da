"""Signatures by the Standard Webhooks specification: who receives a call can prove whose it is.

The signed text is `{id}.{timestamp}.{body}`; the signature `v1,` and the base64 of its HMAC-SHA256
under the secret's bytes. A secret is shown as `whsec_` and the base64 of its bytes.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "whsec_"
# The specification wants 24 to 64 bytes.
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(id: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers; a signature for each of the `secrets`, so that one can replace another.

    `timestamp` in seconds since 1970.
    """
    signed = b"%s.%d." % (id.encode(), timestamp) + body
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.digest(key, signed, sha256)).decode()
