"""Calls to addresses that callers name: pictures by URL, and whatever else is fetched for them.

Theory. Such a URL is an attacker's way into the network that the server stands in. So the address
is checked where it is used, when connecting: the resolver hands aiohttp only addresses that may be
called, which a second answer of the name server ("DNS rebinding") can't change. Addresses written
as numbers are checked before that: as the client reads them (it takes full-width digits for plain
ones), and as the resolver does, to which 127.1, 0x7f.1 and 2130706433 are addresses too; and once
more when a socket is opened. Redirects are followed by hand, each under the same checks. Time and
size have an end.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urljoin

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from heliograph import __version__

AGENT = f"Heliograph/{__version__}"
CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 20.0
# Node's servers drop idle connections after 5 s; a call over one that was just dropped is lost.
KEEP_SECONDS = 4.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHUNK = 64 * 1024
QUOTED = re.compile(r"(?:[a-z0-9._~:/?#@!$&'()*+,;=\[\]-]|%[0-9a-f]{2})*", re.IGNORECASE | re.ASCII)
LOCALHOST = re.compile(r"(.+\.)?localhost\.?")
# Behind these an IPv6 address holds an IPv4 one, which is what would be called.
NAT64 = ip_network("64:ff9b::/96")


class OutgoingRefused(Exception):
    """A URL may not be called, or its answer not be taken; the text is a sentence."""


class Unreachable(OutgoingRefused):
    """There was no answer. `dead`: no connection could be made, or it timed out."""

    def __init__(self, sentence: str, *, dead: bool) -> None:
        super().__init__(sentence)
        self.dead = dead


class Got(msgspec.Struct, frozen=True):
    """An answer, whole."""

    status: int
    content_type: str
    data: bytes


class Policy(msgspec.Struct, frozen=True):
    """Which addresses may be called besides public ones."""

    loopback: bool = False
    private: bool = False

    def allows(self, address: str) -> bool:
        """Whether that numeric address may be called."""
        plain = _plain(ip_address(address.partition("%")[0]))
        if plain.is_loopback:
            return self.loopback or self.private
        if plain.is_multicast or plain.is_unspecified:
            return False
        # What is reserved may wrap an IPv4 address in a way of its own.
        return (plain.is_global and not plain.is_reserved) or self.private


class Outgoing:
    """A client for such calls; close it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def check(self, url: str) -> None:
        """Raises OutgoingRefused for a URL that is known to be refused without asking anybody."""
        self._target(url)

    def _target(self, url: str) -> URL:
        target = _parsed(url)
        host = (target.raw_host or "").lower()
        if not all(map(self._policy.allows, _addresses(host))):
            raise OutgoingRefused(_forbidden(host))
        return target

    async def get(self, url: str, *, most_bytes: int) -> Got:
        """What lies at `url`, behind up to five redirects. Raises OutgoingRefused."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS), self.open(url) as answer:
                data = await _limited(answer, most_bytes)
                return Got(answer.status, answer.content_type, data)
        except TimeoutError:
            raise OutgoingRefused("The address did not answer in time") from None

    @contextlib.asynccontextmanager
    async def open(
        self, url: str, *, redirects: int = MOST_REDIRECTS, headers: dict[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, unread. A redirect beyond `redirects` is handed over as it is.

        Raises OutgoingRefused when the address may not be called, Unreachable when it can't be.
        """
        with _explained():
            async with contextlib.AsyncExitStack() as stack:
                answer = await stack.enter_async_context(self._get(url, headers))
                while redirects and answer.status in REDIRECTS and "Location" in answer.headers:
                    redirects -= 1
                    url = urljoin(url, answer.headers["Location"])
                    await stack.aclose()
                    answer = await stack.enter_async_context(self._get(url, headers))
                yield answer

    @contextlib.asynccontextmanager
    async def post(
        self, url: str, body: bytes, headers: dict[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to a POST, unread; a redirect is handed over as it is. Raises as `open`."""
        target = self._target(url)
        with _explained():
            async with self._opened().post(
                target, data=body, headers=headers, allow_redirects=False
            ) as answer:
                yield answer

    def _get(
        self, url: str, headers: dict[str, str] | None
    ) -> contextlib.AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._opened().get(self._target(url), allow_redirects=False, headers=headers)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Guarded(self._policy),
                    socket_factory=self._socket,
                    limit=0,
                    keepalive_timeout=KEEP_SECONDS,
                ),
                # No cookies, no proxies or passwords from the environment.
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
                headers={"User-Agent": AGENT},
            )
        return self._session

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not self._policy.allows(str(address[0])):
            raise _Forbidden(str(address[0]))
        return socket.socket(family, kind, protocol)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong with a call, as a sentence."""
    try:
        yield
    except (aiohttp.ClientError, OSError, UnicodeError) as error:
        cause = error.__cause__ if isinstance(error, aiohttp.ClientError) else error
        if isinstance(cause, _Forbidden):
            raise OutgoingRefused(_forbidden(cause.host)) from None
        if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
            raise
        dead = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerTimeoutError)
        raise Unreachable(_why(error), dead=dead) from error


def _why(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "The address's name is not known"
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return "The address has no valid certificate"
        case aiohttp.ClientConnectorError():
            return "The address can't be reached"
        case aiohttp.ServerTimeoutError():
            return "No answer in time"
        case _:
            return "The connection broke off"


class _Forbidden(OSError):
    """A name stands for addresses that may not be called."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is no public address")
        self.host = host


class _Guarded(AbstractResolver):
    """The system's resolver, less the addresses that may not be called."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if self._policy.allows(one["host"])]
        if not allowed:
            raise _Forbidden(host)
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one wraps, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _addresses(host: str) -> set[str]:
    """The addresses that a host stands for without anybody being asked; none for most names."""
    if LOCALHOST.fullmatch(host):
        return {"127.0.0.1", "::1"}
    try:
        found = socket.getaddrinfo(
            host.partition("%")[0].encode("ascii"),
            None,
            type=socket.SOCK_STREAM,
            flags=socket.AI_NUMERICHOST,
        )
    except (OSError, ValueError):
        return set()
    return {str(address[0]) for *_, address in found}


def _parsed(url: str) -> URL:
    try:
        # A URL may be signed as it was written, so what needs no quoting gets none.
        target = URL(url, encoded=bool(QUOTED.fullmatch(url)))
        sound = target.scheme in ("http", "https") and target.raw_host and target.port
    except ValueError:
        sound = False
    if not sound:
        raise OutgoingRefused("Invalid URL format")
    return target


async def _limited(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    large = f"The file is larger than {most_bytes // 1024**2} MB"
    if (answer.content_length or 0) > most_bytes:
        raise OutgoingRefused(large)
    data = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > most_bytes:
            raise OutgoingRefused(large)
    return bytes(data)


def _forbidden(host: str | None) -> str:
    return f"{host} is not a public address"
