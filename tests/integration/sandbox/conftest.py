"""A sandbox on a free port, with one visitor or more."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from heliograph.sandbox.server import Sandbox
from tests.integration.sandbox.visiting import Town, Visitor


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        yield Town(tmp_path / "sandbox", stack)


@pytest.fixture
async def sandbox(town: Town) -> Sandbox:
    return await town.sandbox()


@pytest.fixture
async def visitor(town: Town, sandbox: Sandbox) -> Visitor:
    return await town.visitor(sandbox)
