"""How a sandbox behaves."""

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a sandbox behaves. Times are in seconds."""

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    """What links and `resume_gateway_url` begin with, if not with the address listened on."""

    accounts: int = 2
    seed: int = 0
    """Accounts, tokens, jobs' seeds and random faults come from it."""

    heartbeat_seconds: float = 41.25
    silent_seconds: float = 5.0
    """A client is never gone sooner than this after it was last heard of."""

    first_dispatch_seconds: float = 0.1
    """What passes at least between the answer to an interaction and its first dispatch."""

    session_seconds: float = 120.0
    """How long a session without a socket can be resumed."""

    link_seconds: int = 24 * 60 * 60
    calls_per_second: int = 50
    """Of one account on one route; more are answered with 429."""

    update_seconds: float = 0.5
    """Between two updates of a progress message."""

    concurrent: int | None = None
    """How many of an account's jobs are painted at once; ten more wait, and then the queue is full.
    Without it as many as the painter has room for."""

    website_finals: bool = False
    """Whether grids come as WebP, with the link to the website that the real bot sends with it."""

    final_nonces: bool = True
    """Whether final messages have the nonce that the bot makes up for them."""

    history_nonces: bool = False
    """Whether messages of the history show the nonce of their command, which Discord's don't."""
