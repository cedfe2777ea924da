"""A prompt as the bot understands it, together with what the account's settings add.

The grammar is `midjourney.prompt`'s; here stands what this bot makes of it, and what it refuses.
"""

from collections.abc import Sequence

import msgspec

from heliograph.midjourney.parameters import read
from heliograph.midjourney.prompt import (
    InvalidPrompt,
    Parameters,
    Prompt,
    echo,
    effective,
    parse,
)
from heliograph.midjourney.spelling import linked
from heliograph.studio.tickets import Mode, Ticket

# Each is fetched and read for every job.
MOST_PICTURES = 5


class Words(msgspec.Struct, frozen=True):
    """Text, picture URLs, and everything that is `asked` for, whether said or set."""

    text: str
    images: tuple[str, ...] = ()
    asked: Parameters = Parameters()

    def echo(self) -> str:
        """As the bot writes it back."""
        return echo(Prompt(self.text, self.images, (), self.asked))

    @property
    def references(self) -> tuple[str, ...]:
        """The pictures whose style is wanted."""
        return tuple(sref.partition("::")[0] for sref in self.asked.sref if sref.startswith("http"))

    def with_asked(self, **changes: object) -> "Words":
        asked = msgspec.structs.replace(self.asked, **changes)
        return msgspec.structs.replace(self, asked=asked)


def commanded(text: str, suffix: Parameters) -> Words:
    """The words of an `/imagine`. Raises InvalidPrompt."""
    prompt = parse(text)
    words = Words(prompt.text, prompt.images, effective(prompt, suffix))
    _check(words)
    if words.asked.video and len(words.images) != 1:
        raise InvalidPrompt(
            "Invalid parameter", "`--video` takes the URL of one picture to begin with"
        )
    return words


def of(ticket: Ticket) -> Words:
    """The words of a job."""
    asked = msgspec.convert(ticket.order.parameters, Parameters)
    return Words(ticket.order.prompt, ticket.images, asked)


def remixed(ticket: Ticket, text: str, suffix: Parameters) -> Words:
    """The words of a job after its user wrote `text` instead of them.

    Shape, model and stylization stay the job's where the text is silent, since clients send the
    bare words; a text without words keeps the words. Raises InvalidPrompt.
    """
    before = of(ticket)
    kept = msgspec.structs.replace(
        suffix,
        aspect=before.asked.aspect,
        square=before.asked.square,
        version=before.asked.version,
        niji=before.asked.niji,
        stylize=before.asked.stylize,
        motion=before.asked.motion,
        bs=before.asked.bs,
    )
    bare, said = read(text, zoomed=True)
    wordless = Prompt(before.text, before.images, (), said)
    prompt = parse(text, zoomed=True) if bare else wordless
    words = Words(prompt.text, _unshortened(prompt.images, before), effective(prompt, kept))
    # Neither does a picture's form make clips, nor a clip's pictures.
    words = words.with_asked(video=before.asked.video)
    _check(words)
    return words


def check_mode(mode: Mode) -> None:
    """Raises InvalidPrompt for a clip in turbo mode."""
    if mode == "turbo":
        raise InvalidPrompt("Job action restricted", "Turbo mode isn't supported for video jobs.")


def _unshortened(images: Sequence[str], before: Words) -> tuple[str, ...]:
    """The echo shows short links that lead nowhere: what they stand for is known here alone."""
    known = {linked(url).strip("<>"): url for url in before.images}
    return tuple(known.get(url, url) for url in images)


def _check(words: Words) -> None:
    """Raises InvalidPrompt for what the grammar knows and this bot does not do."""
    asked = words.asked
    if asked.repeat:
        raise InvalidPrompt("Invalid parameter", "This bot does not repeat jobs: `--repeat`")
    for name, links in (("cref", asked.cref), ("oref", asked.oref)):
        if links:
            raise InvalidPrompt(
                "Invalid parameter", f"This bot can't keep to a character or an object: `--{name}`"
            )
    if len(words.images) + len(words.references) > MOST_PICTURES:
        raise InvalidPrompt("Invalid parameter", f"A prompt takes {MOST_PICTURES} pictures at most")
