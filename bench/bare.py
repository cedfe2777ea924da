"""The yardstick: starlette and msgspec doing the same one durable transaction, and nothing else.

It checks a token in memory, takes a slot, inserts a job and its first event, in one committed
SQLite transaction (WAL, synchronous=FULL, a writer thread with group commit), and answers 201.
`python bench/bare.py FOLDER` prints its URL.
"""

import random
import socket
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heliograph.sqlite import Database

SCHEMA = """
CREATE TABLE slots (channel TEXT PRIMARY KEY, running INTEGER NOT NULL, most INTEGER NOT NULL);
CREATE TABLE jobs (id TEXT PRIMARY KEY, channel TEXT, status TEXT, created INTEGER, request TEXT);
CREATE TABLE events (job TEXT, seq INTEGER, at INTEGER, name TEXT, PRIMARY KEY (job, seq));
"""


def create(folder: Path, channels: int) -> tuple[Starlette, Database]:
    path = folder / "bare.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            "INSERT INTO slots VALUES (?, 0, 1000000000)", [(str(n),) for n in range(channels)]
        )
    connection.close()
    database = Database(path)
    database.open()

    async def post(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer bench-token":
            return Response(status_code=401)
        body: dict[str, Any] = msgspec.json.decode(await request.body())
        now = time.time_ns() // 1_000_000
        channel = str(random.randrange(channels))
        id = f"j{now}{random.randrange(10**12):012d}"

        def unit(connection: sqlite3.Connection) -> int:
            taken = connection.execute(
                "UPDATE slots SET running = running + 1 WHERE channel = ? AND running < most",
                (channel,),
            ).rowcount
            connection.execute(
                "INSERT INTO jobs VALUES (?, ?, 'created', ?, ?)",
                (id, channel, now, msgspec.json.encode(body).decode()),
            )
            connection.execute("INSERT INTO events VALUES (?, 1, ?, 'created')", (id, now))
            return taken

        await database.write(unit)
        answer = {"jobid": id, "status": "created", "created": now, "request": body}
        return Response(msgspec.json.encode(answer), 201, media_type="application/json")

    return Starlette(routes=[Route("/jobs", post, methods=["POST"])]), database


async def main(folder: Path) -> None:
    app, database = create(folder, 64)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/jobs", flush=True)
        await uvicorn.Server(config).serve(sockets=[listening])
    database.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(Path(sys.argv[1])))
