"""What can go wrong between a client and a server."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx2


class ClientError(Exception):
    """Anything that goes wrong between this client and a server; the message is a sentence."""


class ApiError(ClientError):
    """The server refused: the HTTP status, its sentence, and the whole body if it was JSON."""

    def __init__(self, status: int, error: str, body: Any = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.body = body


class Unreachable(ClientError):
    """No connection could be made; the server has seen nothing of the request."""


class Lost(Unreachable):
    """The connection broke after the request had gone out; the server may have acted on it."""


def refusal(status: int, content: bytes) -> ApiError:
    """What the body of an unsuccessful answer says."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    return ApiError(status, error or f"The server answered with status {status}.", body)


@contextlib.contextmanager
def translated(address: str) -> Iterator[None]:
    """The HTTP library's failures as this module's, so that callers need to know one tree."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise Unreachable(
            f"No connection to {address}: {error or type(error).__name__}."
        ) from error
    except (httpx2.TransportError, httpx2.StreamError) as error:
        what = str(error) or type(error).__name__
        raise Lost(f"The connection to {address} was lost: {what}.") from error
