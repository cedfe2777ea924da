"""The Python client: submit prompts, press buttons, follow jobs live, fetch files; sync and async.

    with Client("http://127.0.0.1:8080", token) as heliograph:
        grid = heliograph.imagine("a cat in a hat --ar 16:9")
        picture = heliograph.button(grid["jobid"], "U1")
        heliograph.save(picture, Path("pictures"))

What is sent (`commands`, `requests`) and how answers are read (`answers`, `events`) is written
once, without input or output; `Client` and `AsyncClient` only carry the bytes. A job is the
server's JSON as a dict, and so is an event of a stream.
"""

from heliograph.client.aio import AsyncClient
from heliograph.client.answers import Job, file_name, files, prompts
from heliograph.client.commands import (
    Blend,
    Button,
    Command,
    Describe,
    Image,
    Imagine,
    Options,
    Seed,
    Setting,
)
from heliograph.client.errors import ApiError, ClientError, Lost, Unreachable
from heliograph.client.events import Event, EventParser
from heliograph.client.sync import Client

__all__ = [
    "ApiError",
    "AsyncClient",
    "Blend",
    "Button",
    "Client",
    "ClientError",
    "Command",
    "Describe",
    "Event",
    "EventParser",
    "Image",
    "Imagine",
    "Job",
    "Lost",
    "Options",
    "Seed",
    "Setting",
    "Unreachable",
    "file_name",
    "files",
    "prompts",
]
