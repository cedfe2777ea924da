"""What a press on a button orders, from the job under whose picture the button stands."""

from collections.abc import Callable

import msgspec

from heliograph.midjourney.prompt import InvalidPrompt, Parameters
from heliograph.studio import sizes
from heliograph.studio.components import Button
from heliograph.studio.ids import cell_seed
from heliograph.studio.painters.base import CELLS, Order, Origin, Strength
from heliograph.studio.prompts import Words
from heliograph.studio.tickets import Action, Finished


class Drawn(msgspec.Struct, frozen=True):
    """An order, what the bot calls it, and the words that it shows with it."""

    action: Action
    order: Order
    words: Words
    image: int


class _Desired(msgspec.Struct, frozen=True):
    job: Finished
    button: Button
    words: Words
    seed: int
    strong: bool
    mask: str | None

    @property
    def before(self) -> Order:
        return self.job.ticket.order

    @property
    def origin(self) -> Origin:
        """The cell that the button names; a job with one cell has no other."""
        cell = min(self.button.image, len(self.job.scenes)) - 1
        cell_of_seeds = min(cell, len(self.before.seeds) - 1)
        return Origin(seed=self.before.seeds[cell_of_seeds], scene=self.job.scenes[cell])

    def drawn(self, action: Action, words: Words | None = None, **changes: object) -> Drawn:
        """An order like the job's, but for what is given; four cells unless that says otherwise."""
        words = words or self.words
        origin, aspect = self.origin, self.before.aspect
        if words.asked.aspect != aspect:
            origin = msgspec.structs.replace(origin, aspect=aspect)
        order = msgspec.structs.replace(
            self.before,
            **{
                "prompt": words.text,
                "aspect": words.asked.aspect,
                "parameters": msgspec.to_builtins(words.asked),
                "seeds": seeds(self.seed),
                "origin": origin,
                "cell": 0,
                "sources": (),
                "references": (),
                "zoom": 1.0,
                "pan": None,
                "square": False,
            }
            | changes,
        )
        return Drawn(action, order, words, self.button.image)


def draw(
    job: Finished, button: Button, words: Words, seed: int, *, strong: bool, mask: str | None
) -> Drawn:
    """The order for a press. `strong` is the account's mode of variation, for buttons that don't
    say. Raises InvalidPrompt for what can't be done."""
    return _DRAWN[button.press](_Desired(job, button, words, seed, strong, mask))


def seeds(seed: int, count: int = CELLS) -> tuple[int, ...]:
    """A seed for each cell."""
    return tuple(cell_seed(seed, n) for n in range(count))


def _reroll(desired: _Desired) -> Drawn:
    """The same again with other seeds, in other words if there are any."""
    ticket, before, words = desired.job.ticket, desired.before, desired.words
    order = msgspec.structs.replace(
        before,
        prompt=words.text,
        parameters=msgspec.to_builtins(words.asked),
        seeds=seeds(desired.seed, len(before.seeds)),
    )
    if before.operation == "imagine":
        order = msgspec.structs.replace(
            order,
            aspect=words.asked.aspect,
            sources=words.images,
            references=words.references,
        )
    return Drawn(ticket.action, order, words, ticket.image)


def _upsample(desired: _Desired) -> Drawn:
    job, image = desired.job, desired.button.image
    return desired.drawn(
        "upsample",
        operation="single",
        seeds=(desired.origin.seed,),
        cell=image,
        sources=(job.picture,),
    )


def _clip(desired: _Desired) -> Drawn:
    job, image = desired.job, desired.button.image
    return desired.drawn(
        "clip",
        operation="single",
        seeds=(desired.origin.seed,),
        cell=image,
        sources=(job.cells[image - 1],),
    )


def _vary(desired: _Desired) -> Drawn:
    strong = {"low_variation": False, "high_variation": True}.get(
        desired.button.press, desired.strong
    )
    strength: Strength = "strong" if strong else "subtle"
    words = _shaped_as_before(desired)
    return desired.drawn("vary", words, operation="vary", strength=strength)


def _region(desired: _Desired) -> Drawn:
    if desired.mask is None:
        raise InvalidPrompt("Invalid request", "Vary (Region) needs a mask.")
    return desired.drawn(
        "region",
        _shaped_as_before(desired),
        operation="repaint",
        sources=(desired.job.picture, desired.mask),
    )


def _zoom(desired: _Desired) -> Drawn:
    words = _shaped_as_before(desired)
    return desired.drawn("zoom", words, operation="reframe", zoom=desired.button.zoom)


def _custom_zoom(desired: _Desired) -> Drawn:
    zoom = desired.words.asked.zoom
    if zoom is None:
        raise InvalidPrompt("Invalid parameter", "Custom Zoom takes `--zoom` from 1.0 to 2.0")
    words = desired.words.with_asked(zoom=None)
    return desired.drawn("zoom", words, operation="reframe", zoom=zoom)


def _square(desired: _Desired) -> Drawn:
    words = desired.words.with_asked(aspect=(1, 1), square=True)
    return desired.drawn("zoom", words, operation="reframe", square=True)


def _pan(desired: _Desired) -> Drawn:
    way = desired.button.pan
    aspect = sizes.panned(desired.before.aspect, way or "left")
    if not sizes.fits(aspect):
        raise InvalidPrompt("Invalid request", "A picture can't be wider or higher than 4:1.")
    words = desired.words.with_asked(aspect=aspect, square=aspect == (1, 1))
    return desired.drawn("pan", words, operation="reframe", pan=way)


def _upscale(desired: _Desired) -> Drawn:
    job, button = desired.job, desired.button
    again = job.ticket.action == "upscale"
    return desired.drawn(
        "upscale",
        operation="upscale",
        seeds=(desired.seed,),
        strength=button.strength,
        factor=button.factor,
        # Done again, it is the picture before the first time that is made larger.
        sources=desired.before.sources if again else (job.picture,),
    )


def _remaster(desired: _Desired) -> Drawn:
    return desired.drawn("remaster", operation="remaster")


def _animate(desired: _Desired) -> Drawn:
    asked = desired.words.asked
    clip = Parameters(
        video=True,
        motion=desired.button.motion,
        aspect=desired.before.aspect,
        raw=asked.raw,
    )
    words = Words(desired.words.text, desired.words.images, clip)
    return desired.drawn(
        "animate",
        words,
        operation="animate",
        motion=desired.button.motion,
        sources=(desired.job.picture,),
    )


def _extend(desired: _Desired) -> Drawn:
    motion = desired.button.motion
    asked = desired.words.asked
    return desired.drawn(
        "extend",
        desired.words.with_asked(motion=motion),
        operation="extend",
        seeds=seeds(desired.seed, asked.bs or CELLS),
        motion=motion,
        sources=(desired.job.picture,),
    )


def _shaped_as_before(desired: _Desired) -> Words:
    """A variation can't have another shape, whatever its new words say."""
    aspect = desired.before.aspect
    square = desired.words.asked.square and aspect == (1, 1)
    return desired.words.with_asked(aspect=aspect, square=square)


_DRAWN: dict[str, Callable[[_Desired], Drawn]] = {
    "reroll": _reroll,
    "upsample": _upsample,
    "clip": _clip,
    "variation": _vary,
    "low_variation": _vary,
    "high_variation": _vary,
    "region": _region,
    "zoom": _zoom,
    "custom_zoom": _custom_zoom,
    "square": _square,
    "pan": _pan,
    "upscale": _upscale,
    "remaster": _remaster,
    "animate": _animate,
    "extend": _extend,
}
