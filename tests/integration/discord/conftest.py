"""Each test has a Discord on paper, and the client that is pointed at it."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from heliograph.discord.account import Endpoints
from heliograph.discord.accounts import Accounts, connected
from tests.integration.discord.paper import Paper, discord


def endpoints(paper: Paper) -> Endpoints:
    return Endpoints(
        api=f"{paper.url}/api",
        gateway=paper.gateway,
        activities=f"{paper.url}/activities",
        cdn=f"{paper.url}/cdn",
    )


@pytest.fixture
async def paper() -> AsyncIterator[Paper]:
    async with discord() as paper:
        yield paper


@pytest.fixture
async def accounts(paper: Paper) -> AsyncIterator[Accounts]:
    async with connected(endpoints(paper), spacing=0.0, chance=Random(5)) as accounts:
        yield accounts
