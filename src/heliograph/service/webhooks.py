"""A user's webhooks: what was told to whom, and the secrets that sign it."""

from collections.abc import Callable

from heliograph import errors
from heliograph.bus.base import Bus
from heliograph.clock import milliseconds
from heliograph.webhooks import signing
from heliograph.webhooks.base import Attempt, Deliveries, Delivery, State

# How long a secret goes on signing once there is a newer one.
OVERLAP_MS = 86_400_000


class Webhooks:
    """What a user may do with webhooks. Every method takes the user, and shows nothing of
    another's."""

    def __init__(
        self, deliveries: Deliveries, bus: Bus, *, now: Callable[[], int] = milliseconds
    ) -> None:
        self._deliveries = deliveries
        self._bus = bus
        self._now = now

    async def deliveries(
        self, user: int, *, state: State | None = None, limit: int = 100
    ) -> list[Delivery]:
        """Newest first."""
        return await self._deliveries.listed(user, state=state, limit=limit)

    async def delivery(self, user: int, id: int) -> tuple[Delivery, list[Attempt]]:
        """One delivery with its attempts. Raises DeliveryNotFound."""
        found = await self._deliveries.show(user, id)
        if found is None:
            raise errors.DeliveryNotFound
        return found

    async def replay(self, user: int, id: int) -> Delivery:
        """Has a delivery made again, at once. Raises DeliveryNotFound."""
        found = await self._deliveries.replay(user, id, self._now())
        if found is None:
            raise errors.DeliveryNotFound
        self._bus.publish("delivery", found.job or found.task or "")
        return found

    async def secrets(self, user: int) -> list[str]:
        """The secrets by which the user's webhooks are signed, newest first."""
        return await self._deliveries.secrets(user, self._now())

    async def rotate_secret(self, user: int) -> list[str]:
        """Adds a secret; the ones before it go on signing for a day."""
        now = self._now()
        await self._deliveries.rotate(user, signing.new_secret(), now, now + OVERLAP_MS)
        return await self.secrets(user)
