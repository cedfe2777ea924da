"""Where the server is: one that was named, one that serves the data folder, or one of our own.

A local server may go away in mid-job: it can be another command's embedded one, which ends with
that command. The job is in the data folder, so whoever follows it connects anew and goes on.
"""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from heliograph.cli.ending import Quit, of_settings, printable
from heliograph.client import ApiError, Client, ClientError, Unreachable
from heliograph.home import AlreadyServed, Home, HomeFault
from heliograph.settings import Settings, SettingsFault, load

if TYPE_CHECKING:
    from heliograph.cli.embedded import Embedded

# A server that has taken the folder is reachable soon after; one that ends needs up to 10 s.
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.1


class Link(Protocol):
    """The way to a server, kept up over lost connections."""

    def client(self) -> Client:
        """The client of the server of now. Raises Quit when there is none to be had."""

    def lost(self, error: ClientError) -> None:
        """To be called when the server went away; raises `error` if no other can be had."""

    def progressed(self) -> None:
        """To be called when the server did something: it counts as working again."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def link(server: str | None, token: str | None, data: Path | None, *, embeds: bool = True) -> Link:
    """The named server, or else the one of the data folder, which is started in this process
    where it `embeds` and there is none. Raises Quit for wrong settings."""
    if server is not None:
        return Named(server, token)
    try:
        return Local(load({"data": data}), token, embeds=embeds)
    except SettingsFault as fault:
        raise of_settings(fault) from None


def explained(error: ClientError) -> str:
    """What went wrong, as a person at the command line can mend it."""
    if isinstance(error, ApiError) and error.status == 401:
        return (
            "the server does not know this token; give it one with --token or HELIOGRAPH_TOKEN"
            " (`heliograph token create` on the server's machine makes one)."
        )
    return printable(str(error))


class _Patience:
    """How long to look for a server that went away."""

    def __init__(self) -> None:
        self._since: float | None = None

    def renew(self) -> None:
        self._since = None

    def wait(self, error: ClientError) -> None:
        """A pause before the next try; raises `error` when there have been enough."""
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since > PATIENCE_SECONDS:
            raise error
        time.sleep(PAUSE_SECONDS)


class Named:
    """A server that the user named; its client comes back from lost streams by itself."""

    def __init__(self, url: str, token: str | None) -> None:
        self._client = Client(url, token)
        self._patience: _Patience | None = None

    def client(self) -> Client:
        return self._client

    def lost(self, error: ClientError) -> None:
        # One that never answered is more likely a wrong address than a server that restarts.
        if self._patience is None:
            raise error
        self._patience.wait(error)

    def progressed(self) -> None:
        self._patience = _Patience()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()


class Local:
    """Whatever server holds the data folder, and if none does, one in this process."""

    def __init__(self, settings: Settings, token: str | None, *, embeds: bool = True) -> None:
        self._settings = settings
        self._token = token
        self._embeds = embeds
        self._home = Home(settings.data)
        self._client: Client | None = None
        self._embedded: Embedded | None = None
        self._patience = _Patience()

    def client(self) -> Client:
        if self._client is None:
            # Without pauses of its own: a new try must look for the server anew.
            url = self._find()
            self._client = Client(url, self._secret(), backoff=())
        return self._client

    def lost(self, error: ClientError) -> None:
        self._drop()
        self._patience.wait(error)

    def progressed(self) -> None:
        self._patience.renew()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()
        if self._embedded is not None:
            self._embedded.close()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _secret(self) -> str | None:
        try:
            return self._token or self._home.read_token() or os.environ.get("HELIOGRAPH_TOKEN")
        except HomeFault as fault:
            raise Quit(str(fault)) from None

    def _find(self) -> str:
        started = time.monotonic()
        while time.monotonic() - started < PATIENCE_SECONDS:
            try:
                url = self._home.running()
                if url is None and not self._home.served():
                    url = self._start()
            except AlreadyServed:
                url = None  # another command was quicker; it will say where
            except HomeFault as fault:
                raise Quit(str(fault)) from None
            if url is not None:
                return url
            time.sleep(PAUSE_SECONDS)
        raise Quit(
            f"another process holds the data folder {self._home.path}, but no server answers there."
        )

    def _start(self) -> str:
        if self._embeds:
            return self._embed()
        raise Unreachable(
            f"no server runs on the data folder {self._home.path}; `heliograph serve` starts one."
        )

    def _embed(self) -> str:
        # Only now, since it brings the whole server with it.
        from heliograph.cli.embedded import Embedded

        if self._embedded is not None:
            self._embedded.close()
        self._embedded = Embedded(self._settings)
        try:
            return self._embedded.start()
        except HomeFault:
            raise
        except Exception as error:
            raise Quit(
                f"the embedded server did not start: {error or type(error).__name__}"
                f" (its log is {self._embedded.log})."
            ) from error
