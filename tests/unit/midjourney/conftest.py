"""The recordings beside the checkout, as Discord would have carried them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[4] / "shared"
Json = dict[str, Any]


def _lines(path: Path) -> list[Json]:
    if not path.exists():
        pytest.skip(f"the recordings are not beside this checkout: no {path.name}")
    # The published uuids have their first groups blotted out.
    text = path.read_text(encoding="utf-8").replace(
        "xxxxxxxx-xxxx-xxxx-xxxx-", "0" * 8 + "-0000" * 3 + "-"
    )
    return [json.loads(line) for line in text.splitlines()]


def _unflattened(line: Json) -> Json:
    """Ids and references in Discord's own form; components stay as the recorder left them."""
    reference = line["message_reference"]
    return {
        "id": str(line["id"]),
        "channel_id": str(line["channel_id"]),
        "author": {"id": str(line["author_id"]), "bot": True},
        "content": line["content"],
        "edited_timestamp": line["edited_at"],
        "message_reference": {"message_id": str(reference)} if reference else None,
        "attachments": line["attachments"],
        "components": line["components"],
        "embeds": [],
    }


@pytest.fixture(scope="session")
def live() -> list[Json]:
    """The 45 messages of six jobs, in order."""
    return [_unflattened(line) for line in _lines(SHARED / "fixtures" / "discord-live.jsonl")]


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], list[Json]]:
    """The `response` of every recorded event of a page that has one."""

    def responses(page: str) -> list[Json]:
        path = SHARED / "spec" / "examples" / f"post-midjourney-jobs-{page}.sse.jsonl"
        jobs = [event["job"] for event in _lines(path) if "job" in event]
        return [job["response"] for job in jobs if "response" in job]

    return responses
