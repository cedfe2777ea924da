"""The program is killed before its mail could be sent: it is sent after the restart."""

import signal
from pathlib import Path

import requests

from tests.e2e.serving import HEADERS, V3, Server, started
from tests.integration.postoffice import open_office


def meet_a_challenge(server: Server) -> str:
    """Has a job put its channel in error; returns the channel."""
    base = f"{server.url}{V3}"
    (channel,) = requests.get(f"{base}/accounts", headers=HEADERS, timeout=30).json()
    path = f"{base}/studio/{channel}/challenge"
    assert requests.post(path, json={}, headers=HEADERS, timeout=30).status_code == 204
    *_, last = server.read(server.post("a cat"))
    assert last["job"]["code"] == 596
    return str(channel)


async def test_a_mail_survives_the_process(tmp_path: Path) -> None:
    async with open_office() as office:
        port = office.port
    with started(
        tmp_path / "data",
        0,
        HELIOGRAPH_MAIL__HOST="127.0.0.1",
        HELIOGRAPH_MAIL__PORT=str(port),
        HELIOGRAPH_MAIL__TLS="none",
        HELIOGRAPH_MAIL__SENDER="heliograph@example.com",
        HELIOGRAPH_MAIL__TO="operator@example.com",
        HELIOGRAPH_MAIL__SCHEDULE="[" + ", ".join(["0.1"] * 500) + "]",
    ) as server:
        channel = meet_a_challenge(server)
        server.end(signal.SIGKILL)
        async with open_office(port=port) as office:
            server.start()
            assert channel in (await office.next())["Subject"]
