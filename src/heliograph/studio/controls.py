"""What the bot does at a press on a component, and at the answer to a form that a press opened."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from heliograph.midjourney.prompt import InvalidPrompt
from heliograph.studio import components, forms, intake, messages, orders, panel, wording
from heliograph.studio.components import Button
from heliograph.studio.files import Files
from heliograph.studio.forms import Form
from heliograph.studio.ids import iso, media_key
from heliograph.studio.memory import Press
from heliograph.studio.moderation import Moderation
from heliograph.studio.reception import Reception
from heliograph.studio.tickets import Account, Interaction, Message, Ticket

Stop = Callable[[Ticket], Awaitable[None]]

MASKS = {b"\x89PNG\r\n": ("mask.png", "image/png"), b"RIFF": ("mask.webp", "image/webp")}


class Controls:
    """Answers the presses of all accounts. `stop` ends a job at its user's wish."""

    def __init__(
        self, reception: Reception, files: Files, moderation: Moderation, stop: Stop
    ) -> None:
        self._reception = reception
        self._memory = reception.memory
        self._files = files
        self._moderation = moderation
        self._stop = stop

    async def press(self, account: Account, nonce: str, ask: intake.PressButton) -> None:
        """Raises WireRefused for a press on what isn't there."""
        message = await self._message(account, ask.message)
        interaction = self._reception.interaction(nonce, pressed=ask.message)
        button = components.read(ask.custom_id)
        if button and button.press == "cancel":
            await self._cancel(account, interaction, ask.message)
        elif not components.offered(message, ask.custom_id):
            raise intake.not_offered()
        elif change := panel.change(ask.custom_id, ask.values):
            await self._adjust(account, interaction, message, change)
        elif button is None:
            raise intake.not_offered()
        else:
            await self._use(account, interaction, button, message, ask.custom_id)

    async def cancel(self, account: Account, nonce: str, ask: intake.CancelJob) -> None:
        """The command of a message's menu. Raises WireRefused where no job shows its progress."""
        interaction = self._reception.interaction(nonce, name="Cancel Job")
        await self._cancel(account, interaction, ask.message)

    async def submit(self, account: Account, nonce: str, ask: intake.SubmitForm) -> None:
        """The answer to a modal. Raises WireRefused for one that isn't open."""
        form = await self._reception.form(account, id=ask.form)
        text = ask.texts.get(form.input) if form and form.custom_id == ask.custom_id else None
        if form is None or form.token or text is None:
            raise intake.refused(10062, "Unknown interaction", 404)
        opener = form.opener
        interaction = self._reception.interaction(nonce, pressed=opener.pressed, opener=opener.id)
        await self._fill(account, interaction, form, text)

    async def submit_frame(self, account: Account, token: str, mask: bytes, prompt: str) -> None:
        """The answer to a frame; its prompt counts in remix mode only, as everywhere.

        Raises WireRefused for a frame that isn't open, and for a mask of no known format.
        """
        form = await self._reception.form(account, token=token) if token else None
        if form is None:
            raise intake.refused(10062, "Unknown frame", 404)
        found = [kind for start, kind in MASKS.items() if mask.startswith(start)]
        if not found:
            raise intake.refused(50035, "The mask must be a PNG or WebP picture")
        [(name, content_type)] = found
        url = await self._files.publish(media_key(name), mask, content_type)
        remix = self._reception.settings[account.user].remix
        text = prompt if remix and prompt.strip() else None
        await self._fill(account, form.opener, form, text, url)

    async def _fill(
        self,
        account: Account,
        interaction: Interaction,
        form: Form,
        text: str | None,
        mask: str | None = None,
    ) -> None:
        parent = await self._message(account, form.opener.pressed)
        button = components.read(form.button)
        if text and (word := self._moderation.banned(text)):
            await self._reception.ban(account, interaction, word, text, parent=parent, closes=form)
        elif button and button.press == "picread":
            await self._imagine(account, interaction, [text or ""], parent, form)
        elif button:
            await self._paint(
                account,
                interaction,
                button,
                parent,
                form.button,
                prompt=text,
                mask=mask,
                closes=form,
            )

    async def _use(
        self,
        account: Account,
        interaction: Interaction,
        button: Button,
        message: Message,
        custom_id: str,
    ) -> None:
        match button.press:
            case "bookmark":
                await self._bookmark(account, interaction, custom_id)
            case "picread":
                prompt = _described(message)[button.image - 1]
                if self._reception.settings[account.user].remix:
                    form = forms.for_prompt(button.image, prompt, interaction, custom_id)
                    await self._reception.ask(account, form)
                else:
                    await self._imagine(account, interaction, [prompt], message)
            case "picread_all":
                await self._imagine(account, interaction, _described(message), message)
            case "picread_retry":
                await self._describe_again(account, interaction, message)
            case _:
                await self._press_job(account, interaction, button, message, custom_id)

    async def _press_job(
        self,
        account: Account,
        interaction: Interaction,
        button: Button,
        message: Message,
        custom_id: str,
    ) -> None:
        job = await self._memory.finished(button.uuid)
        if job is None:
            raise intake.not_offered()
        settings = self._reception.settings[account.user]
        if button.press == "region":
            form = forms.for_region(interaction, custom_id, secrets.token_hex(16))
            await self._reception.ask(account, form)
        elif modal := forms.for_press(button, job, settings, interaction, custom_id):
            await self._reception.ask(account, modal)
        else:
            await self._paint(account, interaction, button, message, custom_id)

    async def _paint(
        self,
        account: Account,
        interaction: Interaction,
        button: Button,
        parent: Message,
        custom_id: str,
        *,
        prompt: str | None = None,
        mask: str | None = None,
        closes: Form | None = None,
    ) -> None:
        job = await self._memory.finished(button.uuid)
        if job is None:
            raise intake.not_offered()
        reception, settings = self._reception, self._reception.settings[account.user]
        now = reception.clock()
        components.pressed(parent, custom_id)
        try:
            ticket = orders.pressed(
                interaction,
                button,
                job,
                parent,
                settings,
                reception.ids,
                now,
                prompt=prompt,
                mask=mask,
            )
        except InvalidPrompt as invalid:
            text = prompt or job.ticket.text
            await reception.invalid(
                account, interaction, invalid, text, parent=parent, closes=closes
            )
        else:
            press = Press(interaction.pressed, custom_id, iso(now))
            # In a guild's channel another user may have ordered what the button stands under.
            own = msgspec.structs.replace(ticket, account=account)
            await reception.job(own, press=press, closes=closes)

    async def _imagine(
        self,
        account: Account,
        interaction: Interaction,
        prompts: list[str],
        parent: Message,
        closes: Form | None = None,
    ) -> None:
        """Paints prompts out of a description."""
        reception, settings = self._reception, self._reception.settings[account.user]
        try:
            tickets = [
                orders.imagine(
                    account, interaction, prompt, settings, reception.ids, reception.clock()
                )
                for prompt in prompts
            ]
        except InvalidPrompt as invalid:
            text = " ".join(prompts)
            await reception.invalid(
                account, interaction, invalid, text, parent=parent, closes=closes
            )
        else:
            replies = [msgspec.structs.replace(ticket, parent=parent) for ticket in tickets]
            await reception.job(*replies, closes=closes)

    async def _describe_again(
        self, account: Account, interaction: Interaction, message: Message
    ) -> None:
        reception, settings = self._reception, self._reception.settings[account.user]
        again = msgspec.structs.replace(interaction, name="describe")
        picture = messages.described_picture(message)
        now = reception.clock()
        ticket = orders.describe(account, again, picture, settings, reception.ids, now)
        await reception.job(ticket)

    async def _bookmark(self, account: Account, interaction: Interaction, custom_id: str) -> None:
        press = Press(interaction.pressed, custom_id, iso(self._reception.clock()))
        taken = await self._memory.take(account, interaction, press=press)
        if taken and taken.parent:
            self._reception.later(account, interaction, [("MESSAGE_UPDATE", taken.parent)])

    async def _adjust(
        self,
        account: Account,
        interaction: Interaction,
        message: Message,
        change: panel.Change,
    ) -> None:
        """Changes a setting; the panel is its own answer."""
        edited: dict[str, Any] = {"edited_timestamp": iso(self._reception.clock())}
        adjusted = await self._memory.adjust(
            account,
            interaction,
            change,
            message["id"],
            lambda settings: message | edited | panel.shown(settings),
        )
        if adjusted:
            self._reception.settings[account.user] = adjusted.settings
            said = [("MESSAGE_UPDATE", adjusted.said)]
            self._reception.later(account, interaction, said)

    async def _cancel(self, account: Account, interaction: Interaction, message: str) -> None:
        ticket = await self._memory.queued(message)
        if ticket is None or ticket.account != account:
            raise intake.refused(10008, "Unknown Message")
        if await self._memory.take(account, interaction):
            self._reception.later(account, interaction)
            await self._stop(ticket)

    async def _message(self, account: Account, id: str) -> Message:
        message = await self._memory.message(account, id)
        if message is None:
            raise intake.refused(10008, "Unknown Message")
        return message


def _described(message: Message) -> list[str]:
    """The prompts of a description."""
    return wording.described(message["embeds"][0]["description"])
