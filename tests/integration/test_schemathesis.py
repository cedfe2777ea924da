"""Requests drawn from `/openapi.json`: no answer is a 500, and none is one that the document does
not allow. Schemathesis draws single requests, good and bad, and chains of them along the links."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import CheckContext, CheckFunction
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.conftest import TOKEN, V3, running

HEADERS = {"Authorization": f"Bearer {TOKEN}"}
# Nothing but loopback is called, and there nobody listens.
NOWHERE = st.sampled_from(["http://127.0.0.1:9/x.png", "http://[::1]:9/hook"])
BOUNDED = hypothesis.settings(
    max_examples=6,
    stateful_step_count=8,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
BATCHES, MOST_BATCHES = 5, 30
# The links lead somewhere: ids that were made were used.
FOLLOWED = {(f"GET {V3}/jobs/{{jobid}}", 200), (f"GET {V3}/accounts/{{channel}}", 200)}


def no_bug(ctx: CheckContext, response: Response, case: schemathesis.Case[Any]) -> bool | None:
    """596 and the proxy's 502 are answers; 500 is a bug."""
    assert response.status_code != 500, response.text
    assert b"Traceback" not in response.content
    return None


CHECKS: list[CheckFunction] = [
    no_bug,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server in a thread of its own: Schemathesis calls it as a blocking client does."""
    ready: list[str] = []
    started, loop = threading.Event(), asyncio.new_event_loop()
    ended: list[asyncio.Event] = []

    async def serve() -> None:
        stop = asyncio.Event()
        ended.append(stop)
        try:
            async with running(folder) as server:
                ready.append(server.url)
                started.set()
                await stop.wait()
        finally:
            started.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(ended[0].set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    schemathesis.openapi.format("uri", NOWHERE)
    with served(tmp_path_factory.mktemp("drawn")) as url:
        described = schemathesis.openapi.from_url(f"{url}/openapi.json", headers=HEADERS)
        # A stream of all jobs has no end to wait for.
        yield described.exclude(path_regex="/events$")


def seed() -> int:
    """`SCHEMA_SEED` repeats a run that failed."""
    found = int(os.environ.get("SCHEMA_SEED") or int.from_bytes(os.urandom(4)))
    print(f"SCHEMA_SEED={found}")
    return found


def test_single_requests(schema: Any) -> None:
    number = seed()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @hypothesis.seed(number)
            @BOUNDED
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def holds(case: schemathesis.Case[Any]) -> None:
                case.call_and_validate(headers=HEADERS, checks=CHECKS)

            # What takes nothing can't be asked wrongly.
            with contextlib.suppress(hypothesis.errors.Unsatisfiable):
                holds()


def likely(body: dict[str, Any]) -> None:
    """Makes a drawn body one that is taken: chains are about what comes after."""
    for name in ("channel", "replyUrl", "maxImageJobs", "maxVideoJobs"):
        body.pop(name, None)
    if "discord" in body:
        body["discord"] = "studio-drawn"
    else:
        # A stream's first line comes too early to be pressed on.
        body["stream"] = False


def test_chains_of_requests(schema: Any) -> None:
    number = seed()
    schema.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
    met: set[tuple[str, int]] = set()
    broken: list[BaseException] = []

    class Chains(schema.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: schemathesis.Case[Any]) -> None:
            if isinstance(case.body, dict):
                likely(case.body)

        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"headers": HEADERS}

        def validate_response(
            self, response: Response, case: schemathesis.Case[Any], *_: Any, **__: Any
        ) -> None:
            met.add((f"{case.method} {case.path}", response.status_code))
            try:
                case.validate_response(response, checks=CHECKS)
            except BaseException as error:
                broken.append(error)
                raise

    for batch in range(MOST_BATCHES):
        # The server remembers earlier chains, so the same requests may be answered otherwise,
        # which Hypothesis takes for a flaky test and ends the batch.
        with contextlib.suppress(hypothesis.errors.Flaky):
            # Named, as each batch would else draw the same chains where `CI` is set.
            hypothesis.seed(number + batch)(Chains).run(settings=BOUNDED)
        assert broken == []
        if batch >= BATCHES and met >= FOLLOWED:
            break
    assert met >= FOLLOWED
