"""The recorded traffic of one account, through the driver: six jobs, partly at once."""

from typing import Any

import msgspec

from heliograph.midjourney import content
from heliograph.midjourney.wire import Dispatch
from tests.unit.midjourney.scripted import ScriptedBot, Stage
from tests.unit.midjourney.test_matcher import FINAL, FIRST

Json = dict[str, Any]


def test_every_recorded_message_reaches_its_job(live: list[Json]) -> None:
    stage = Stage(ScriptedBot())
    owners = {}
    for name, first in FIRST.items():
        job = msgspec.structs.replace(stage.job("imagine"), message=first)
        stage.jobs[job.id] = job
        stage.driver.adopt(job)
        owners[job.id] = name
    percents: dict[str, list[int]] = {name: [] for name in FIRST}
    for message in live:
        type = "MESSAGE_UPDATE" if message["edited_timestamp"] else "MESSAGE_CREATE"
        for change in stage.hear(Dispatch(type, message)).changes:
            if change.event == "midjourney_progress":
                percents[owners[change.job]].append(change.columns["percent"])
    ended = {owners[id]: job for id, job in stage.jobs.items()}
    assert {name: job.status.value for name, job in ended.items()} == dict.fromkeys(
        FIRST, "completed"
    )
    assert {name: (job.response or {})["id"] for name, job in ended.items()} == FINAL
    for name, seen in percents.items():
        shown = [content.read(m["content"]).percent or 0 for m in live if m["id"] == FIRST[name]]
        assert seen == shown == sorted(shown)
    # Each job's uuid is the one in its final's file name.
    for job in ended.values():
        assert job.uuid is not None
        assert job.uuid in (job.response or {})["attachments"][0]["filename"]
