"""The other end of `processes.Pool`: a process that runs one named function after another.

Frames on both pipes are four bytes of length and a msgpack array. In: `[function, arguments]`.
Out: any number of `["progress", fraction]`, then `["done", result]`, `["refused", sentence]` or
`["failed", what broke]`.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from queue import SimpleQueue
from typing import Any, BinaryIO

import msgspec

from heliograph.studio.painters.base import OrderRefused

Progress = Callable[[float], None]

LENGTH = 4
# The server must stay responsive while all cores paint.
NICENESS = 5
# A bar that moves ten times a second is smooth; painters may report every line.
PROGRESS_SECONDS = 0.1


def packed(frame: Any) -> bytes:
    """A frame as both ends write it."""
    body = msgspec.msgpack.encode(frame)
    return len(body).to_bytes(LENGTH, "big") + body


def main() -> None:
    """Serves until standard input ends, which is when the server has gone or has had enough."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # What a library prints must not get between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    tasks: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    while True:
        name, arguments = msgspec.msgpack.decode(tasks.get())
        answer = _run(name, arguments, out)
        with suppress(BrokenPipeError):  # the server has gone, and `_listen` is about to say so
            _write(out, answer)


def _listen(pipe: BinaryIO, tasks: "SimpleQueue[bytes]") -> None:
    while len(head := pipe.read(LENGTH)) == LENGTH:
        size = int.from_bytes(head, "big")
        if len(task := pipe.read(size)) < size:
            break
        tasks.put(task)
    # Nobody is left to paint for, whatever the main thread is busy with.
    os._exit(0)


def _run(name: str, arguments: dict[str, Any], out: BinaryIO) -> list[Any]:
    try:
        module, _, function = name.partition(":")
        return ["done", getattr(import_module(module), function)(_progress(out), **arguments)]
    except OrderRefused as refusal:
        return ["refused", str(refusal)]
    except Exception:
        return ["failed", traceback.format_exc()]


def _progress(out: BinaryIO) -> Progress:
    last = 0.0

    def report(fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PROGRESS_SECONDS:
            last = now
            _write(out, ["progress", min(max(float(fraction), 0.0), 1.0)])

    return report


def _write(out: BinaryIO, frame: list[Any]) -> None:
    view = memoryview(packed(frame))
    while view:
        view = view[out.write(view) or 0 :]


if __name__ == "__main__":
    main()
