"""Forms that a press may open: the modals for a prompt, and the frame of Vary (Region).

A form stays open for a quarter of an hour, also over a restart, and is answered once. Which press
opens which follows the account's remix mode, as on the real bot.
"""

from typing import Any

import msgspec

from heliograph.studio.components import Button
from heliograph.studio.messages import BOT
from heliograph.studio.preferences import Settings
from heliograph.studio.tickets import Account, Finished, Interaction, Message

# As long as Discord itself waits for the answer to an interaction.
OPEN_SECONDS = 15 * 60
# The style of an input of several lines.
PARAGRAPH = 2
INPUT, ROW = 4, 1
# The largest that Discord knows.
FRAME_SIZE = 3


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """An open form: the press that opened it, and how it is answered.

    `button` is the pressed button's custom_id. Modals have an `input`; a frame has a `token`.
    """

    opener: Interaction
    custom_id: str
    button: str
    title: str
    input: str = ""
    value: str = ""
    token: str = ""

    @property
    def id(self) -> str:
        """A form's id is that of the press which opened it."""
        return self.opener.id


def for_press(
    button: Button, job: Finished, settings: Settings, opener: Interaction, custom_id: str
) -> Form | None:
    """The modal that a press opens; None where it is done at once."""
    found = _modal(button, settings, opener)
    if found is None:
        return None
    modal, input, title = found
    text = job.ticket.text
    value = f"{text} --zoom 2" if button.press == "custom_zoom" else text
    return Form(opener, modal, custom_id, title, input, value)


def for_prompt(number: int, prompt: str, opener: Interaction, custom_id: str) -> Form:
    """The modal for one of the four prompts of a description."""
    modal = f"MJ::Picreader::Modal::{number}"
    return Form(
        opener, modal, custom_id, "Imagine This!", "MJ::Picreader::Modal::PromptField", prompt
    )


def for_region(opener: Interaction, custom_id: str, token: str) -> Form:
    """The frame in which a mask is drawn; `token` must be unguessable."""
    return Form(opener, f"MJ::iframe::{token}", custom_id, "Inpaint", token=token)


def _modal(button: Button, settings: Settings, opener: Interaction) -> tuple[str, str, str] | None:
    """The custom_ids of modal and input, and the title."""
    uuid, image = button.uuid, button.image
    match button.press:
        case "custom_zoom":
            name = "MJ::OutpaintCustomZoomModal"
            return f"{name}::{uuid}", f"{name}::prompt", "Zoom Out"
        case _ if not settings.remix:
            return None
        case "variation" | "low_variation" | "high_variation":
            strong = {"low_variation": False, "high_variation": True}.get(
                button.press, settings.strong_variations
            )
            modal = f"MJ::RemixModal::{uuid}::{image}::{int(strong)}"
            return modal, "MJ::RemixModal::new_prompt", "Remix Prompt"
        case "reroll":
            modal = f"MJ::ImagineModal::{opener.pressed}"
            return modal, "MJ::ImagineModal::new_prompt", "Imagine This!"
        case "pan":
            modal = f"MJ::PanModal::{button.pan}::{uuid}::{image}"
            return modal, "MJ::PanModal::prompt", f"Pan {(button.pan or '').title()}"
        case _:
            return None


def opened(account: Account, form: Form) -> tuple[str, Message]:
    """The dispatch that shows a form to its user: its type, and its data."""
    shown: Message = {
        "id": form.id,
        "channel_id": account.channel,
        "custom_id": form.custom_id,
        "application": application(),
        "title": form.title,
        "nonce": form.opener.nonce or None,
    }
    if form.token:
        return "INTERACTION_IFRAME_MODAL_CREATE", shown | {
            "iframe_path": f"/inpaint/embedded/{form.token}",
            "modal_size": FRAME_SIZE,
        }
    return "INTERACTION_MODAL_CREATE", shown | {"components": _inputs(form), "resolved": {}}


def application() -> Message:
    """The bot as an application, where Discord names it in forms."""
    return {
        "id": BOT,
        "name": "Midjourney Bot",
        "icon": None,
        "description": "",
        "bot": {"id": BOT, "username": "Midjourney Bot", "discriminator": "9282", "bot": True},
    }


def _inputs(form: Form) -> list[dict[str, Any]]:
    field = {
        "type": INPUT,
        "id": 2,
        "custom_id": form.input,
        "style": PARAGRAPH,
        "label": "New prompt",
        "value": form.value,
        "required": True,
    }
    return [{"type": ROW, "id": 1, "components": [field]}]
