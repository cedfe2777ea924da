"""Presses that ask for what has been made before.

U1 to U4 make one picture of a grid, and the bot refuses a second press for a while ("Slow Down!").
Ours is refused when somebody pressed in Discord itself, or when a job was given up whose press had
been taken all the same. The picture that was asked for is then in the channel, in reply to the
grid, so the job ends with it; where it isn't, with the bot's refusal.
"""

from heliograph.job import Job
from heliograph.midjourney import buttons, evidence
from heliograph.midjourney.elimination import sent_at
from heliograph.midjourney.notices import Notice
from heliograph.midjourney.wire import Message


def may_be_one(job: Job, notice: Notice) -> bool:
    """Whether that refusal says that the job's result is there already."""
    return notice.kind == "slow_down" and job.inputs.get("label") in buttons.ONCE


def since(job: Job) -> int:
    """From when on (ms) the history may show it."""
    return sent_at(_pressed(job))


def made(job: Job, history: list[Message]) -> Message | None:
    """The latest message with what the job asks for; `history` is oldest first."""
    foreseen = evidence.outlook(job.inputs["custom_id"])
    if foreseen.image is None:
        # A button of an unknown kind: anything under the grid might be its result.
        return None
    wanted = ("done", _pressed(job), foreseen.image, foreseen.family)
    for message in reversed(history):
        seen = evidence.read(message)
        told = (seen.text.kind, seen.reference, seen.image, evidence.family(seen.text.action))
        if evidence.from_bot(message) and told == wanted:
            return message
    return None


def _pressed(job: Job) -> str:
    return str(job.inputs["message"]["id"])
