"""For each page of the contract a script such as its readers write, run against a served port."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract_table import PAGES, TOLD
from tests.integration.conftest import TOKEN, Running, running
from tests.integration.elsewhere import Elsewhere, Page, elsewhere
from tests.integration.wires import both_wires

SCRIPTS = Path(__file__).parents[1] / "pages"
loop = pytest.mark.asyncio(loop_scope="module")


def script(page: str) -> Path:
    return SCRIPTS / f"{page.replace('-', '_')}.py"


@pytest.fixture
def hook() -> Iterator[Elsewhere]:
    with elsewhere({"/hook": Page(200, b"ok")}) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory, wire: str) -> AsyncIterator[Running]:
    flags = {"studio.update_seconds": 0.1, "outgoing.private": "true"}
    async with running(tmp_path_factory.mktemp("pages"), wire, **flags) as server:
        yield server


async def run(server: Running, *command: str, **more: str) -> str:
    """What a script printed; it ended well."""
    environ = {**os.environ, "BASE": server.url, "TOKEN": TOKEN, **more}
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out = (await asyncio.wait_for(process.communicate(), 60))[0].decode()
    assert process.returncode == 0, out
    return out


@loop
@both_wires
@pytest.mark.parametrize("page", [*PAGES, *TOLD])
async def test_the_script_of_a_page_runs(served: Running, hook: Elsewhere, page: str) -> None:
    path = script(page)
    await run(served, sys.executable, "-W", "error", str(path), HOOK=f"{hook.url}/hook")
    if 'os.environ["HOOK"]' in path.read_text("utf-8"):
        assert await asyncio.to_thread(hook.came.wait, 20)
        method, _, _, body = hook.requests[0]
        job = json.loads(body)
        # `minimal` tells of the end alone.
        assert (method, job["status"]) == ("POST", "completed")
        assert job["request"]["replyRef"] == "my order 7"


def test_every_script_has_its_page() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.py")} == {
        script(page).stem for page in (*PAGES, *TOLD)
    }


@loop
async def test_a_browsers_fetch_reads_the_stream(served: Running) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; scripts/test does so where it can")
    told = json.loads(await run(served, node, str(SCRIPTS / "stream.mjs")))
    assert told["type"].startswith("text/event-stream")
    assert told["events"][:2] == ["initialized", "midjourney_created"]
    assert told["events"][-1] == "midjourney_completed"
    assert told["seqs"] == sorted(set(told["seqs"]))
    assert told["prompt"] == "ein Kätzchen 🐱 im Hut"
    assert "U1" in told["buttons"]
