"""What the model versions differ in: the buttons under a single picture, and the bot's words.

From version 6 on an upscale is subtle or creative, in version 5 it has a factor. Older ones know
neither upscales nor zooms nor pans: they offer a variation, and a remaster by a newer model.
"""

from collections.abc import Mapping
from typing import Any, Literal

Family = Literal["v7", "v6r1", "v6", "v5", "old"]

_VERSIONS: dict[str, Family] = {"7": "v7", "6.1": "v6r1", "6": "v6"}
_NIJI: dict[str, Family] = {"6": "v6", "5": "v5"}


def family(parameters: Mapping[str, Any]) -> Family:
    """The family of an order's `parameters`."""
    if niji := parameters.get("niji"):
        return _NIJI.get(niji, "old")
    version = str(parameters.get("version") or "7")
    return _VERSIONS.get(version, "v5" if version.startswith("5") else "old")
