"""`/v3/midjourney/webhooks`: a caller's deliveries, and the secrets that sign them. Ours: the v3
pages know no such endpoints."""

from starlette.requests import Request
from starlette.responses import Response

from heliograph.errors import DeliveryNotFound, Invalid
from heliograph.http import follow, views
from heliograph.http.state import state
from heliograph.http.v3 import answer, user_of
from heliograph.webhooks.base import State

STATES: tuple[State, ...] = ("pending", "delivered", "failed")
MOST = 500


async def get_webhooks(request: Request) -> Response:
    """Lists the caller's webhook deliveries, newest first."""
    user = await user_of(request)
    wanted, limit = _state(request), _limit(request)
    found = await state(request).webhooks.deliveries(user, state=wanted, limit=limit)
    return answer({"deliveries": [views.delivery_object(one) for one in found]})


async def get_webhook(request: Request) -> Response:
    """Shows a delivery with every attempt."""
    user = await user_of(request)
    delivery, attempts = await state(request).webhooks.delivery(user, _id(request))
    return answer(views.delivery_object(delivery, attempts))


async def replay_webhook(request: Request) -> Response:
    """Makes a delivery again, at once."""
    user = await user_of(request)
    return answer(views.delivery_object(await state(request).webhooks.replay(user, _id(request))))


async def get_webhook_secret(request: Request) -> Response:
    """Shows the secrets that sign the caller's webhooks, newest first."""
    user = await user_of(request)
    return answer({"secrets": await state(request).webhooks.secrets(user)})


async def rotate_webhook_secret(request: Request) -> Response:
    """Makes a new signing secret; the ones before it go on signing for a day."""
    user = await user_of(request)
    return answer({"secrets": await state(request).webhooks.rotate_secret(user)}, 201)


async def get_events(request: Request) -> Response:
    """Streams the events of all the caller's jobs from now on, for development."""
    return follow.tail(request, await user_of(request))


def _id(request: Request) -> int:
    text = request.path_params["id"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise DeliveryNotFound
    return int(text)


def _state(request: Request) -> State | None:
    text = request.query_params.get("state") or None
    for one in STATES:
        if text == one:
            return one
    if text is None:
        return None
    raise Invalid(f"Parameter state must be one of {', '.join(STATES)}")


def _limit(request: Request) -> int:
    text = request.query_params.get("limit") or "100"
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise Invalid(f"Parameter limit must be between 1 and {MOST}")
    return int(text)
