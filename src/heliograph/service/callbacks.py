"""Whether a caller's URL may be called, as far as that is known before anybody calls it."""

from collections.abc import Callable

from heliograph.errors import Invalid

Refuses = Callable[[str], str | None]
"""Says why a URL may not be called, without calling it; None if nothing is known against it."""


def check(refuses: Refuses, name: str, url: str | None) -> None:
    """Raises Invalid, which names the parameter."""
    if url is not None and (why := refuses(url)):
        raise Invalid(f"Parameter {name} can't be called: {why}")
