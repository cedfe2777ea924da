"""A web server that stands in for what lies elsewhere: a CDN, a site with pictures, a receiver of
callbacks. In a thread of its own, on a free port of loopback."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Page:
    """What a path answers. `length` is announced in place of the body's own."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class Elsewhere:
    """The server: what it answers by path, and the requests that it got, as (method, path,
    headers, body). `came` is set with the first."""

    pages: dict[str, Page]
    url: str = ""
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@contextmanager
def elsewhere(pages: dict[str, Page]) -> Iterator[Elsewhere]:
    """Serves `pages`; all else is 404."""
    found = Elsewhere(pages)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            found.requests.append((self.command, self.path, dict(self.headers), body))
            found.came.set()
            page = found.pages.get(self.path.partition("?")[0], Page(404, b"not here"))
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            size = len(page.body) if page.length is None else page.length
            self.send_header("Content-Length", str(size))
            self.end_headers()
            self.wfile.write(page.body)
            self.close_connection = size != len(page.body)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # callers that leave in the middle are part of the tests

    with Server(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
