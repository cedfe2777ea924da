"""Every file of `spec/examples`: its statuses are provoked on a served port, and every key of the
example is there with its type, at every depth. `tests/contract_table.py` says how."""

import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from heliograph.job import nonce_of
from tests.contract_table import (
    JOB_MODEL,
    MODEL_UNSENT,
    PAGES,
    REPLY,
    STREAMS,
    post,
)
from tests.golden import differences, tree, unmatched
from tests.integration.conftest import TOKEN, running
from tests.integration.elsewhere import Elsewhere, Page, elsewhere
from tests.integration.states import Calls, busy, picture, square_mask, states
from tests.integration.wires import both_wires

EXAMPLES = Path(__file__).parents[3] / "shared" / "spec" / "examples"
CASES = [
    pytest.param(page, status, id=f"{page}-{status}")
    for page, told in PAGES.items()
    for status in sorted(
        int(status)
        for status in (
            json.loads((EXAMPLES / f"{page}.json").read_text())["responses"]
            if EXAMPLES.is_dir()
            else {}
        )
    )
    if status not in told.unsent
]
loop = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def cdn() -> Iterator[Elsewhere]:
    pages = {
        "/picture.png": Page(body=picture(), headers={"Content-Type": "image/png"}),
        "/forbidden.png": Page(403, b"no"),
    }
    with elsewhere(pages) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quick(
    tmp_path_factory: pytest.TempPathFactory, cdn: Elsewhere, wire: str
) -> AsyncIterator[dict[str, Calls]]:
    async with states(tmp_path_factory.mktemp("states"), cdn.url, wire) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slow(tmp_path_factory: pytest.TempPathFactory, wire: str) -> AsyncIterator[Calls]:
    async with busy(tmp_path_factory.mktemp("busy"), wire) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def steady(tmp_path_factory: pytest.TempPathFactory, wire: str) -> AsyncIterator[Calls]:
    """A server whose jobs take long enough for all the progress of a recording."""
    flags = {"studio.blank_seconds": 2, "studio.update_seconds": 0.15}
    async with running(tmp_path_factory.mktemp("steady"), wire, **flags) as server:
        yield Calls(server, TOKEN)


def example(shared: Path, page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (shared / "spec" / "examples" / f"{page}.json").read_text("utf-8")
    )
    return found


def plain(sentence: str) -> str:
    """A sentence less its numbers and ids."""
    return re.sub(r"\bj\d[\w.:-]*|\d+", "#", sentence)


@loop
@both_wires
@pytest.mark.parametrize(("page", "status"), CASES)
async def test_every_status_is_answered_as_the_page_shows(
    shared: Path, quick: dict[str, Calls], slow: Calls, page: str, status: int
) -> None:
    told, wanted = PAGES[page], example(shared, page)["responses"][str(status)]
    calls = (quick | {"busy": slow})[told.state(status)]
    if calls is slow:
        await slow.running()
    asked = told.case(status)
    answer = await calls.ask(asked)
    assert answer.status_code == status, answer.text
    if status == 204 or (wanted is None and status == 404):
        assert answer.content == b""
    elif wanted is not None:
        found = differences(wanted, answer.json())
        assert not found, tree(found)
        if status >= 400 and asked.reworded is None:
            assert plain(answer.json()["error"]) == plain(wanted["error"])


@pytest.mark.parametrize("page", PAGES)
def test_no_status_of_a_page_is_left_out(shared: Path, page: str) -> None:
    provoked = {int(case.values[1]) for case in CASES if case.values[0] == page}  # type: ignore[call-overload]
    assert provoked | set(PAGES[page].unsent) == {
        int(status) for status in example(shared, page)["responses"]
    }


def test_no_page_is_left_out(shared: Path) -> None:
    files = sorted((shared / "spec" / "examples").iterdir())
    assert {file.name.removesuffix(".json") for file in files if file.suffix == ".json"} == {*PAGES}
    recorded = {
        file.name.removesuffix(".sse.jsonl") for file in files if file.name.endswith(".sse.jsonl")
    }
    assert recorded == {*STREAMS}


@loop
@both_wires
@pytest.mark.parametrize("page", STREAMS)
async def test_the_recorded_events_come_in_their_order(
    shared: Path, steady: Calls, page: str
) -> None:
    path = shared / "spec" / "examples" / f"{page}.sse.jsonl"
    recorded = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    told = await steady.streamed(STREAMS[page])
    found = unmatched(recorded, told)
    assert not found, tree(found)
    seqs = [event["seq"] for event in told]
    assert seqs == sorted(set(seqs))
    # The nonce sent upstream is the job's own (decision 5), where the bot answers a command.
    shown = [event["job"].get("response", {}) for event in told[1:-1]]
    nonces = {message.get("nonce") for message in shown if "interaction_metadata" in message}
    assert nonces <= {nonce_of(told[0]["jobId"]), None}


@loop
@both_wires
async def test_every_field_of_the_job_model_is_met(shared: Path, quick: dict[str, Calls]) -> None:
    calls = quick["user"]
    # Turbo is not for clips, and another test may have left it on.
    await calls.made("fast", {})
    parent = await calls.parent()
    single = await calls.made("button", {"jobId": parent, "button": "U1"} | REPLY)
    jobs = [
        single,
        await quick["locked"].ended(quick["locked"].kept["stopped"]),
        await calls.made("imagine", {"prompt": "a cat --fluffy"} | REPLY),
        await calls.made("imagine", {"prompt": "a hentai cat"}),
        await calls.made("imagine", {"prompt": "a cat", "channel": await calls.channel()}),
        await calls.made("button", {"jobId": single["jobid"], "button": "Animate (Low motion)"}),
        await calls.made("button", region(single)),
        await calls.made("settings", {}),
        await calls.made("info", {}),
    ]
    for verb, uploads in (("describe", ("imageBlob",)), ("blend", ("imageBlob_1", "imageBlob_2"))):
        body = {"stream": False, "blendDimensions": "Portrait"}
        answer = await calls.ask(post(verb, body, *uploads))
        jobs.append(await calls.ended(answer.json()["jobid"]))
    met: dict[str, set[type]] = {}
    for job in jobs:
        collect(job, "", met)
    lacking = [
        f"$.{path}: {kind.__name__} expected, found "
        f"{sorted(found.__name__ for found in met.get(path, ()))}"
        for path, kind in JOB_MODEL.items()
        if met.get(path, set()) - {type(None)} != {kind}
    ]
    assert not lacking, tree(lacking)


def region(single: dict[str, Any]) -> dict[str, Any]:
    """A press on Vary (Region) of a finished picture."""
    shown = single["response"]["attachments"][0]
    mask = base64.b64encode(square_mask((shown["width"], shown["height"]))).decode()
    return {"jobId": single["jobid"], "button": "Vary (Region)", "mask": mask}


def collect(value: Any, path: str, met: dict[str, set[type]]) -> None:
    """The types of everything below `value`, by path; items of a list under the list's own."""
    if path:
        met.setdefault(path, set()).add(type(value))
    if isinstance(value, dict):
        for key, item in value.items():
            collect(item, f"{path}.{key}".removeprefix("."), met)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                for key, below in item.items():
                    collect(below, f"{path}.{key}", met)


def test_the_models_fields_are_the_pages(shared: Path) -> None:
    page = (shared / "spec" / "v3" / "get-midjourney-jobs-jobid.md").read_text("utf-8")
    model = page.partition("### Model")[2]
    names = {name for path in (*JOB_MODEL, *MODEL_UNSENT) for name in path.split(".")}
    told = set(re.findall(r"(?:^|[{,;])\s*(\w+)\??:", model, re.MULTILINE))
    # What follows a comment's line break is no field.
    assert told - names == {"NOTE", "value", "mode"}, told ^ names


@loop
@both_wires
async def test_the_stream_of_what_is_there_already_is_its_whole_log(
    quick: dict[str, Calls],
) -> None:
    calls = quick["user"]
    body = {"jobId": await calls.parent(), "button": "U3"}
    first, second = [await calls.streamed(post("button", body)) for _ in range(2)]
    assert [event["seq"] for event in second] == [event["seq"] for event in first]
    assert second[1:] == first[1:]
