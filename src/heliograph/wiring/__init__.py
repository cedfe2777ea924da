"""The composition root: the only room that names concrete classes."""

from heliograph.mail.post import PostFailed
from heliograph.sandbox.faults import FaultInvalid
from heliograph.sandbox.server import Sandbox
from heliograph.wiring.administration import Offline, offline, rotate_keys, try_mail
from heliograph.wiring.serving import serve
from heliograph.wiring.studio import sandbox
from heliograph.wiring.upstreams import Connecting

__all__ = [
    "Connecting",
    "FaultInvalid",
    "Offline",
    "PostFailed",
    "Sandbox",
    "offline",
    "rotate_keys",
    "sandbox",
    "serve",
    "try_mail",
]
