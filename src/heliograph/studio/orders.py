"""From what a user asks to the ticket of a job: the prompt understood, the seeds drawn.

Commands stand here, presses on buttons too; what a press orders is in `presses`.
"""

from collections.abc import Sequence

import msgspec

from heliograph.midjourney.prompt import InvalidPrompt
from heliograph.studio import presses, prompts
from heliograph.studio.components import Button
from heliograph.studio.ids import Ids
from heliograph.studio.painters.base import CELLS, Order
from heliograph.studio.preferences import Settings
from heliograph.studio.presses import seeds
from heliograph.studio.prompts import Words
from heliograph.studio.sizes import Size
from heliograph.studio.tickets import Account, Action, Finished, Interaction, Message, Ticket

SHAPES: dict[str, Size] = {"--ar 2:3": (2, 3), "--ar 1:1": (1, 1), "--ar 3:2": (3, 2)}
BLENDED = range(2, 6)


def imagine(
    account: Account, interaction: Interaction, text: str, settings: Settings, ids: Ids, now: float
) -> Ticket:
    """The ticket of an `/imagine`. Raises InvalidPrompt, with the words for the user."""
    words = prompts.commanded(text, settings.parameters)
    return _ticket(account, interaction, "imagine", words, (), settings, ids, now)


def blend(
    account: Account,
    interaction: Interaction,
    pictures: Sequence[str],
    dimensions: str,
    settings: Settings,
    ids: Ids,
    now: float,
) -> Ticket:
    """The ticket of a `/blend` of pictures by URL; `dimensions` is "--ar 2:3", 1:1 or 3:2, or "".

    Raises InvalidPrompt.
    """
    if len(pictures) not in BLENDED:
        raise InvalidPrompt("Invalid request", "Blending takes two to five pictures.")
    aspect = SHAPES.get(dimensions.strip() or "--ar 1:1")
    if aspect is None:
        raise InvalidPrompt("Invalid parameter", f"Invalid dimensions: `{dimensions[:60]}`")
    asked = msgspec.structs.replace(
        settings.parameters, aspect=aspect, square=bool(dimensions) and aspect == (1, 1)
    )
    words = Words("", (), asked)
    return _ticket(account, interaction, "blend", words, tuple(pictures), settings, ids, now)


def describe(
    account: Account,
    interaction: Interaction,
    picture: str,
    settings: Settings,
    ids: Ids,
    now: float,
) -> Ticket:
    """The ticket of a `/describe` of the picture at that URL."""
    return _ticket(account, interaction, "describe", Words(""), (picture,), settings, ids, now)


def pressed(
    interaction: Interaction,
    button: Button,
    job: Finished,
    parent: Message,
    settings: Settings,
    ids: Ids,
    now: float,
    *,
    prompt: str | None = None,
    mask: str | None = None,
) -> Ticket:
    """The ticket of a press on a button under a finished picture or clip.

    `prompt` is what the user wrote into the form that the press opened, `mask` the URL of the mask
    for Vary (Region). Raises InvalidPrompt, with the words for the user.
    """
    before = job.ticket
    # A form that was sent as it was filled in changes nothing.
    changed = prompt is not None and prompt.split() != before.text.split()
    words = (
        prompts.remixed(before, prompt, settings.parameters)
        if changed and prompt is not None
        else prompts.of(before)
    )
    seed = ids.seed()
    drawn = presses.draw(job, button, words, seed, strong=settings.strong_variations, mask=mask)
    if drawn.order.operation in ("animate", "extend"):
        prompts.check_mode(settings.mode)
    return msgspec.structs.replace(
        before,
        uuid=ids.uuid(interaction.id),
        interaction=interaction,
        message=ids.snowflake(),
        created=now,
        action=drawn.action,
        mode=settings.mode,
        text=drawn.words.echo(),
        images=drawn.words.images,
        order=drawn.order,
        parent=parent,
        image=drawn.image,
        remix=changed,
        seed=before.seed if drawn.order.operation == "single" else seed,
    )


def _ticket(
    account: Account,
    interaction: Interaction,
    action: Action,
    words: Words,
    pictures: tuple[str, ...],
    settings: Settings,
    ids: Ids,
    now: float,
) -> Ticket:
    asked = words.asked
    seed = ids.seed() if asked.seed is None else asked.seed
    mode = asked.speed or settings.mode
    if asked.video:
        prompts.check_mode(mode)
    return Ticket(
        uuid=ids.uuid(interaction.id),
        account=account,
        interaction=interaction,
        message=ids.snowflake(),
        created=now,
        action=action,
        mode=mode,
        stealth=asked.visibility == "stealth",
        text=words.echo(),
        images=words.images,
        order=_order(action, words, pictures, seed),
        seed=seed,
    )


def _order(action: Action, words: Words, pictures: tuple[str, ...], seed: int) -> Order:
    asked = words.asked
    order = Order(
        operation="imagine",
        prompt=words.text,
        aspect=asked.aspect,
        seeds=seeds(seed),
        parameters=msgspec.to_builtins(asked),
        sources=pictures or words.images,
        references=words.references,
    )
    if action in ("blend", "describe"):
        return msgspec.structs.replace(order, operation=action)
    if not asked.video:
        return order
    return msgspec.structs.replace(
        order,
        operation="animate",
        seeds=seeds(seed, asked.bs or CELLS),
        sources=words.images + ((asked.end,) if asked.end else ()),
        motion=asked.motion or "low",
        loop=asked.loop,
    )
