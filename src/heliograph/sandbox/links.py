"""Where pictures lie: the sandbox's own CDN, whose links are signed and lapse, as Discord's do.

The bot names a file `/media/<32 hex>/<name>`. Outside it is `/attachments/<channel>/<number>/
<name>?ex=…&is=…&hm=…`, with a number of nineteen digits out of the hex; single pictures are
`/cdn/…`, and those links never lapse.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from heliograph.studio.files import MEDIA
from heliograph.studio.ids import OLDEST, SPAN, Clock

ATTACHMENTS, CDN = "attachments", "cdn"


def place(key: str) -> str:
    """Where a file of that key is kept, which is what its link's path ends in."""
    folder, _, name = key.removeprefix(f"{MEDIA}/").partition("/")
    if folder == CDN:
        return f"{CDN}/{name}"
    return f"{ATTACHMENTS}/{_number(folder)}/{name}"


class Links:
    """Signs links and tells the good from the bad. `seconds` is how long one is good."""

    def __init__(self, origin: str, seed: int, clock: Clock, seconds: int) -> None:
        self.origin = origin
        self._key = hashlib.sha256(f"sandbox links {seed}".encode()).digest()
        self._clock = clock
        self._seconds = seconds
        self._valid_from = 0

    def expire(self) -> None:
        """All links that were given out until now lapse at once."""
        self._valid_from = int(self._clock()) + 1

    def of(self, url: str, channel: str) -> str:
        """The link for one of the bot's own URLs, in a message of that channel."""
        kind, _, rest = place(url).partition("/")
        if kind == CDN:
            return f"{self.origin}/{CDN}/{rest}"
        path = f"/{ATTACHMENTS}/{channel}/{rest}"
        issued = max(int(self._clock()), self._valid_from)
        ends = issued + self._seconds
        return f"{self.origin}{path}?ex={ends:x}&is={issued:x}&hm={self._mark(path, ends, issued)}"

    def good(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether a link is one of ours and has not lapsed."""
        try:
            ends, issued = int(query["ex"], 16), int(query["is"], 16)
            mark = query["hm"]
        except (KeyError, ValueError):
            return False
        signed = hmac.compare_digest(mark.encode(), self._mark(path, ends, issued).encode())
        return signed and issued >= self._valid_from and self._clock() < ends

    def rewritten(self, value: Any, channel: str) -> Any:
        """A message with links in the place of the bot's URLs, wherever they stand."""
        return _mapped(value, lambda url: self.of(url, channel))

    def _mark(self, path: str, ends: int, issued: int) -> str:
        return hmac.digest(self._key, f"{path} {ends:x} {issued:x}".encode(), "sha256").hex()


def _mapped(value: Any, link: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return link(value) if value.startswith(f"{MEDIA}/") else value
    if isinstance(value, dict):
        return {key: _mapped(one, link) for key, one in value.items()}
    if isinstance(value, list):
        return [_mapped(one, link) for one in value]
    return value


def _number(folder: str) -> str:
    digest = hashlib.sha256(folder.encode()).digest()
    return str(OLDEST + int.from_bytes(digest[:8], "big") % SPAN)
