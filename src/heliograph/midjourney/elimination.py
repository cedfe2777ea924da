"""Whose a message of the history is, where a lost connection took every identity with it.

A command's nonce is told once, in dispatches that a gap may swallow; the history shows no nonces,
and an imagine's final names neither its interaction nor anything else that was ours. What is left
are jobs without a message and messages without a job. Where exactly one job and one message fit
each other, and neither fits anything else, they belong together; in all other cases nothing is
taken, and the jobs that stay without a message fail in the end with a sentence that says why.

To fit, a message must be younger than the sending, by minutes at most, for the same user, and
claimed by nobody; a press must have the pressed message and the same kind of result, and an imagine
no pressed message and the same words. The words alone never decide.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from heliograph.job import Job
from heliograph.midjourney import evidence
from heliograph.midjourney.evidence import Evidence
from heliograph.midjourney.wire import Message

DISCORD_EPOCH_MS = 1_420_070_400_000
# Two machines' clocks may differ by so much.
CLOCKS_MS = 2_000
# From the sending to the bot's first message, waits for rate limits included.
LONGEST_MS = 180_000

_PARAMETERS = re.compile(r"\s(?:--|—)[A-Za-z]")
_LINK = re.compile(r"<?https?://\S+")


def sent_at(id: str) -> int:
    """When a message was made, in ms since 1970, out of its snowflake."""
    return (int(id) >> 22) + DISCORD_EPOCH_MS


def pairs(
    jobs: Iterable[Job], messages: Iterable[Message], *, user: str, claimed: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Jobs without a message, each with the id of the message that is its own: of its first one,
    where the message tells it. `claimed` are messages that are known to be other jobs'."""
    waiting = [job for job in jobs if job.sent is not None]
    free = [
        seen
        for message in messages
        if evidence.from_bot(message) and str(message["id"]) not in claimed
        for seen in [evidence.read(message)]
    ]
    fitting = {job.id: [seen for seen in free if _fits(job, seen, user)] for job in waiting}
    for job in waiting:
        rivals = sum(seen in fitting[job.id] for other in fitting.values() for seen in other)
        if len(fitting[job.id]) == 1 == rivals:
            [seen] = fitting[job.id]
            yield job.id, _first(job, seen)


def _first(job: Job, seen: Evidence) -> str:
    """The progress message, to which an imagine's final refers; else the message itself."""
    return seen.reference if job.verb == "imagine" and seen.reference else seen.id


def _fits(job: Job, seen: Evidence, user: str) -> bool:
    since = sent_at(_first(job, seen)) - (job.sent or 0)
    if not -CLOCKS_MS <= since <= LONGEST_MS or seen.text.user not in (None, user):
        return False
    if job.verb == "imagine":
        return seen.text.action == "" and _same_words(seen.text.prompt, job.request["prompt"])
    if job.verb == "seed":
        return seen.uuid == job.inputs["uuid"] and seen.text.seed is None
    if job.verb == "button" and seen.text.kind != "none":
        foreseen = evidence.outlook(job.inputs["custom_id"])
        family = evidence.family(seen.text.action)
        return (
            seen.reference == str(job.inputs["message"]["id"])
            and foreseen.family in (None, family)
            and foreseen.image in (None, seen.image)
        )
    return False


def _same_words(one: str, other: str) -> bool:
    return _words(one) == _words(other)


def _words(prompt: str) -> list[str]:
    """Without links and parameters, which the bot writes anew."""
    return _PARAMETERS.split(_LINK.sub("", f" {prompt}"))[0].split()
