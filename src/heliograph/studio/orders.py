"""From what a user asks to the ticket of a job: the prompt understood, the seeds drawn."""

import msgspec

from heliograph.midjourney.prompt import (
    InvalidPrompt,
    Parameters,
    Prompt,
    echo,
    effective,
    parse,
)
from heliograph.studio.components import Button
from heliograph.studio.ids import Ids, cell_seed
from heliograph.studio.memory import Settings
from heliograph.studio.painters.base import CELLS, Order, Origin, Strength
from heliograph.studio.tickets import Account, Finished, Interaction, Message, Ticket


def imagine(
    account: Account, interaction: Interaction, text: str, settings: Settings, ids: Ids, now: float
) -> Ticket:
    """The ticket of an `/imagine`. Raises InvalidPrompt, with the words for the user."""
    prompt = parse(text)
    suffix = _suffix(settings)
    asked = effective(prompt, suffix)
    _check(prompt, asked)
    seed = ids.seed() if asked.seed is None else asked.seed
    return Ticket(
        uuid=ids.uuid(interaction.id),
        account=account,
        interaction=interaction,
        message=ids.snowflake(),
        created=now,
        action="imagine",
        mode=asked.speed or settings.mode,
        stealth=asked.visibility == "stealth",
        text=echo(prompt, suffix=suffix),
        order=Order(
            operation="imagine",
            prompt=prompt.text,
            aspect=asked.aspect,
            seeds=_seeds(seed),
            parameters=msgspec.to_builtins(asked),
        ),
    )


def pressed(
    interaction: Interaction,
    button: Button,
    job: Finished,
    parent: Message,
    settings: Settings,
    ids: Ids,
    now: float,
) -> Ticket:
    """The ticket of a press on a button under a finished picture."""
    before = job.ticket
    ticket = msgspec.structs.replace(
        before,
        uuid=ids.uuid(interaction.id),
        interaction=interaction,
        message=ids.snowflake(),
        created=now,
        mode=settings.mode,
        parent=parent,
        image=button.image,
    )
    match button.press:
        case "reroll":
            order = msgspec.structs.replace(before.order, seeds=_seeds(ids.seed()))
            return msgspec.structs.replace(ticket, order=order, image=before.image)
        case "upsample":
            order = _single(job, button.image)
            return msgspec.structs.replace(ticket, action="upsample", order=order)
        case _:
            strong = {"low_variation": False, "high_variation": True}.get(
                button.press, settings.strong_variations
            )
            order = _variation(job, button.image, "strong" if strong else "subtle", ids.seed())
            return msgspec.structs.replace(ticket, action="vary", order=order)


def _single(job: Finished, image: int) -> Order:
    origin = _origin(job, image)
    return msgspec.structs.replace(
        job.ticket.order,
        operation="single",
        seeds=(origin.seed,),
        origin=origin,
        cell=image,
        sources=(job.picture,),
    )


def _variation(job: Finished, image: int, strength: Strength, seed: int) -> Order:
    return msgspec.structs.replace(
        job.ticket.order,
        operation="vary",
        seeds=_seeds(seed),
        origin=_origin(job, image),
        strength=strength,
        cell=0,
        sources=(),
    )


def _origin(job: Finished, image: int) -> Origin:
    return Origin(seed=job.ticket.order.seeds[image - 1], scene=job.scenes[image - 1])


def _seeds(seed: int) -> tuple[int, ...]:
    return tuple(cell_seed(seed, n) for n in range(CELLS))


def _suffix(settings: Settings) -> Parameters:
    return Parameters(version=settings.version, stylize=settings.stylize)


def _check(prompt: Prompt, asked: Parameters) -> None:
    """Raises InvalidPrompt for what the grammar knows and the painters of this version don't."""
    links = (*asked.cref, *asked.oref, *(s for s in asked.sref if s.startswith("http")))
    if prompt.images or links:
        raise InvalidPrompt("Invalid link", "This bot does not take pictures in prompts.")
    if asked.video:
        raise InvalidPrompt("Invalid parameter", "This bot does not make videos: `--video`")
    if asked.repeat:
        raise InvalidPrompt("Invalid parameter", "This bot does not repeat jobs: `--repeat`")
