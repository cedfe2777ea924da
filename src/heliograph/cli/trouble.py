"""`heliograph studio`: trouble to order on a channel of the server's own bot."""

import sys
from collections.abc import Callable

from heliograph.cli.connect import Link, explained
from heliograph.cli.ending import Quit
from heliograph.client import Client, ClientError
from heliograph.client.requests import ChallengeKind

RAISED = {
    "moderation": "a pending moderation message",
    "challenge": "a challenge",
}


def challenge(link: Link, channel: str, kind: ChallengeKind) -> None:
    """Raises Quit with the server's sentence, for a channel that is not the bot's own."""
    _ask(link, lambda client: client.challenge(channel, kind))
    _say(f"Channel {channel} answers with {RAISED[kind]} from now on.")
    _say(f"`heliograph studio resolve {channel}` ends it.")


def resolve(link: Link, channel: str, *, reset: bool) -> None:
    """Raises Quit with the server's sentence."""
    _ask(link, lambda client: client.resolve(channel))
    if reset:
        _ask(link, lambda client: client.reset(channel))
        _say(f"Channel {channel} is resolved, and open for jobs.")
        return
    _say(f"Channel {channel} is resolved.")
    _say("If a job met the trouble, the channel is in error until it is reset (--reset).")


def _ask(link: Link, act: Callable[[Client], None]) -> None:
    try:
        with link:
            act(link.client())
    except ClientError as error:
        raise Quit(explained(error)) from error


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
