"""A bound on request heads, which uvicorn's fast HTTP parser lacks.

Without one, a single connection that never ends its header line takes memory and the event loop's
time without limit, and needs no token for it.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Ours are a few hundred bytes; proxies with cookies and tracing stay under 16 KiB.
MOST_BYTES = 64 * 1024
ANSWER = (
    b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%s"
)


class BoundedHttp(HttpToolsProtocol):
    """Answers 431 to a head that has not ended after 64 KiB (and the read it began in)."""

    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        began_earlier = self._in_head
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        # The read in which a head begins may hold another request's body before it.
        self._head_bytes += len(data) if began_earlier else 0
        if self._head_bytes > MOST_BYTES:
            self._refuse(
                b"431 Request Header Fields Too Large",
                "The request's head is larger than 65536 bytes",
            )

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """The parser's refusals in the form of all others."""
        self._refuse(b"400 Bad Request", "The request is not valid HTTP")

    def _refuse(self, status: bytes, sentence: str) -> None:
        body = b'{"error":"%s"}' % sentence.encode()
        self.transport.write(ANSWER % (status, len(body), body))
        self.transport.close()
