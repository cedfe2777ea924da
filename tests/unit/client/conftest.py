"""The scripted server, and both clients of it."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.unit.client.scripted import JOBID, Blocking, Open, Plain, Script, Talk, picture


@pytest.fixture(scope="module")
def server() -> Iterator[Script]:
    script = Script()
    verbs = ["GET", "POST", "DELETE"]
    app = Starlette(
        routes=[
            Route("/media/{name}", picture),
            Route("/v3/midjourney/{rest:path}", script.answer_to, methods=verbs),
        ]
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        script.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield script
        server.should_exit = True
        thread.join()


@pytest.fixture
def script(server: Script) -> Script:
    server.streams, server.requests, server.answers = [], [], []
    server.answer = JSONResponse({"jobid": JOBID}, 201)
    return server


@pytest.fixture(params=[Plain, Blocking], ids=["sync", "async"])
def open_client(request: pytest.FixtureRequest) -> Open:
    kind: Open = request.param
    return kind


@pytest.fixture
def talk(open_client: Open, script: Script) -> Talk:
    return open_client(script.url, "secret-token", backoff=(0.0, 0.0, 0.0))
