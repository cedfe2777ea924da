"""What the sandbox was sent: for tests that count."""

import time
from collections import Counter, deque
from typing import Any

MOST = 20_000


class Journal:
    """The interactions received, by nonce, and how often everything else was called."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._interactions: deque[dict[str, Any]] = deque(maxlen=MOST)
        self._received: Counter[str] = Counter()
        self._accepted: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._gateway: Counter[str] = Counter()

    def interaction(self, user: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Notes one as received; the entry is completed once it is known what became of it."""
        raw = payload.get("data")
        data: dict[str, Any] = raw if isinstance(raw, dict) else {}
        nonce = "" if payload.get("nonce") is None else str(payload["nonce"])
        entry = {
            "at": time.time(),
            "user": user,
            "nonce": nonce,
            "type": payload.get("type"),
            "name": data.get("name") or data.get("custom_id"),
            "channel": payload.get("channel_id"),
            "guild": payload.get("guild_id") or None,
            "session": payload.get("session_id"),
            "taken": False,
            "status": None,
        }
        self._interactions.append(entry)
        self._received[nonce] += 1
        return entry

    def taken(self, entry: dict[str, Any]) -> None:
        entry["taken"] = True
        self._accepted[entry["nonce"]] += 1

    def call(self, route: str) -> None:
        self._calls[route] += 1

    def gateway(self, what: str) -> None:
        self._gateway[what] += 1

    def told(self) -> dict[str, Any]:
        """Everything, as JSON."""
        return {
            "interactions": list(self._interactions),
            "received": dict(self._received),
            "accepted": dict(self._accepted),
            "total": self._received.total(),
            "total_accepted": self._accepted.total(),
            "calls": dict(self._calls),
            "gateway": dict(self._gateway),
        }
