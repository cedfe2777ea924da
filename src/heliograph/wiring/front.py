"""The HTTP server in front."""

import contextlib
from typing import Any

import uvicorn

from heliograph.http.heads import BoundedHttp

# Streams and downloads under way get this long to end by themselves.
GRACE_SECONDS = 4
# Longer than clients' pools keep an idle connection: the side that closes first risks that the
# other's next request is under way.
IDLE_SECONDS = 75


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: who runs `serve` decides when it ends."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttp,
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=IDLE_SECONDS,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield
