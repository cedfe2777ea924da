"""Groups of settings: each setting with its default, and the reason for it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from heliograph.mail.addresses import address, mailbox
from heliograph.settings.kinds import (
    Level,
    Positive,
    Seconds,
    Whole,
    absolute,
    json_list,
    lower,
    socket_address,
    upper,
    web_address,
)

MEGABYTE = 1024 * 1024


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Log(Group):
    """What is logged, to standard error."""

    level: Level = "info"
    """The least level that is logged: debug, info, warning or error. `info` names each job once
    or twice, which a person can still read."""

    format: Literal["auto", "console", "json"] = "auto"
    """`console` is for eyes, `json` (one object a line) for collectors. `auto` takes console when
    standard error is a terminal, since only then a person is looking."""


class Studio(Group):
    """Our own bot and its painters."""

    painter: Literal["composer", "blank"] = "composer"
    """What the bot paints with. `composer` composes pictures; `blank` makes plain ones at once,
    for load tests, so it is never the default."""

    blank_seconds: Seconds = 0.0
    """How long a `blank` picture takes, with percents and previews on the way. 0 measures the
    server alone."""

    workers: Annotated[Whole, Field(ge=1, le=256)] | None = None
    """Painting processes at most. Unset, one for each processor core: painting is bound by the
    processor, so more would only share it."""

    idle_seconds: Seconds = 20.0
    """A painting process that had no work for so long ends. 20 s keeps it for the next prompt of
    a person at work, and gives the memory back soon after."""

    update_seconds: Annotated[Seconds, Field(gt=0)] = 1.0
    """The time between two percents of one job. The real bot edits its message every 1 to 2 s,
    and clients were written for that pace."""

    words: Annotated[Path, AfterValidator(absolute)] | None = None
    """A TOML file with lists `banned`, `allowed` and `removed`, which adds to the words that the
    bot does not paint and takes from them. Unset, its own short list holds."""


class Store(Group):
    """The SQLite files."""

    synchronous: Annotated[Literal["FULL", "NORMAL"], BeforeValidator(upper)] = "FULL"
    """`FULL`: what a caller was told survives a power cut. `NORMAL` is faster and survives a
    crash of the program only."""


class Midjourney(Group):
    """Where the upstream's files lie."""

    cdn: Annotated[str, AfterValidator(web_address)] = "https://cdn.midjourney.com"
    """The Midjourney CDN, which `GET /v1/proxy/cdn-midjourney/` fetches from. A setting, so that
    tests and mirrors can stand in for it."""


class Discord(Group):
    """The Discord upstream, for accounts of Midjourney's bot."""

    enabled: bool = False
    """Whether accounts with a Discord token may be configured and are used. Off: automating a user
    account may be against Discord's and Midjourney's terms, so an operator has to decide it."""

    api: Annotated[str, AfterValidator(web_address)] = "https://discord.com/api"
    """Discord's REST address, without the version. A setting, so that the sandbox can stand in."""

    gateway: Annotated[str, AfterValidator(socket_address)] = "wss://gateway.discord.gg"
    """Discord's gateway. The sandbox's is its own address with `ws://`."""

    activities: Annotated[str, AfterValidator(web_address)] = (
        "https://936929561302675456.discordsays.com"
    )
    """Where the form of Vary (Region) is answered; the host is the bot's own."""


class Jobs(Group):
    """When a job is given up."""

    timeout_minutes: Annotated[Seconds, Field(gt=0)] = 14
    """So long without any news, a job fails with code 504. 14 minutes is what clients of this API
    know."""

    relaxed_timeout_minutes: Annotated[Seconds, Field(gt=0)] = 60
    """The same for relaxed jobs, which may wait for an hour upstream before they start."""


class Outgoing(Group):
    """Calls to addresses that callers name, such as pictures by URL."""

    private: bool = False
    """Whether addresses in private networks may be called. Off, because a caller could otherwise
    look around in the network that the server stands in. A server that listens on loopback may
    always call loopback: whoever reaches it is on this machine."""


class Streams(Group):
    """Event streams."""

    heartbeat_seconds: Positive = 15.0
    """The longest silence of a stream: then a comment is sent. Proxies cut connections that are
    silent for 30 s or a minute; half of the shorter is safe."""

    age_minutes: Positive = 60.0
    """About so long (± 20 %) a `GET` stream lives; then it ends cleanly, and its reader comes back
    with Last-Event-ID. So connections move on to new servers. A submission's own stream lives until
    the job has ended."""


class Queue(Group):
    """What waits for room: jobs that were asked for with `queue`, and the tasks of the v1 API."""

    most: Annotated[Whole, Field(ge=1)] = 1000
    """How many of a user's jobs and tasks may wait at once; more are refused. A thousand are a
    night's work for one channel, and a caller that runs wild is noticed."""

    relaxed_wait_seconds: Seconds = 300.0
    """So long relaxed work lets fast work go first; from then on it counts as fast. Five minutes
    are felt as relaxed, and half of the ten that a task has by default."""


class Keep(Group):
    """How long what nobody needs any more is kept."""

    event_days: Positive = 7
    """The progress of jobs that have ended. A week is longer than any reader stays away; the job
    itself and its last event are kept."""

    delivery_days: Positive = 30
    """Webhook deliveries that were heard or given up, with their attempts, and mails. A month lets
    its owner look into an outage, and replay what was missed."""


class Webhooks(Group):
    """How callers' servers are told of their jobs."""

    schedule: Annotated[tuple[Positive, ...], BeforeValidator(json_list)] = (
        *(5.0, 30.0, 120.0, 600.0),
        *(3600.0, 21600.0, 86400.0),
    )
    """The pauses, in seconds, before a delivery that was not heard is tried again; in the
    environment a JSON list. The eight attempts span a bit more than a day, so that a night's
    outage loses nothing."""

    per_host: Annotated[Whole, Field(ge=1, le=1024)] = 16
    """Calls under way to one receiving host at once. 16 keeps a fast receiver busy, and does not
    drown a small one."""


class Mail(Group):
    """Mails to people: a channel needs one, is open again, a webhook address fails."""

    host: Annotated[str, Field(min_length=1)] | None = None
    """The mail server that takes the mails (SMTP). Unset, no mails are written, since there is
    none that every machine could use."""

    port: Annotated[Whole, Field(ge=1, le=65535)] | None = None
    """Its port. Unset, the usual one: 587 for `starttls`, 465 for `tls`, 25 for `none`."""

    tls: Annotated[Literal["none", "starttls", "tls"], BeforeValidator(lower)] = "starttls"
    """How the connection is protected. `starttls` and `tls` are insisted on, with a certificate
    that is valid for the host; `none` sends the password in the clear, and is for a server on the
    same machine."""

    ca_file: Annotated[Path, AfterValidator(absolute)] | None = None
    """A PEM file of certificates to trust instead of the system's, for a mail server with a
    certificate of your own."""

    username: Annotated[str, Field(min_length=1)] | None = None
    """The name to log in with. Unset, there is no login."""

    password: SecretStr | None = Field(default=None, validate_default=True)
    """The password to log in with; never shown or logged."""

    sender: Annotated[str, AfterValidator(mailbox)] | None = Field(
        default=None, validate_default=True
    )
    """The address that mails come from, such as `Heliograph <heliograph@example.com>`. Needed with
    `mail.host`, because servers refuse mails from addresses that are not theirs to send."""

    to: Annotated[str, AfterValidator(address)] | None = None
    """Where mails go for user 1 and every other user without an address of their own (`heliograph
    user set --mail`). Unset, these users get none."""

    schedule: Annotated[tuple[Positive, ...], BeforeValidator(json_list)] = (
        *(5.0, 30.0, 120.0, 600.0),
        *(3600.0, 21600.0, 86400.0),
    )
    """The pauses, in seconds, before a mail that the server did not take is tried again; in the
    environment a JSON list. As for webhooks, so that a night's outage loses nothing."""

    @field_validator("sender", "password", mode="after")
    @classmethod
    def _complete(cls, value: object, info: ValidationInfo) -> object:
        needs = {"sender": "host", "password": "username"}[info.field_name or ""]
        if value is None and info.data.get(needs) is not None:
            raise ValueError(f"is needed when mail.{needs} is set")
        return value


class Limits(Group):
    """The largest request bodies, in bytes; larger ones are answered 413."""

    json_bytes: Annotated[Whole, Field(ge=1)] = 20 * MEGABYTE
    """A JSON body. 20 MiB holds a mask of a large picture in base64."""

    multipart_bytes: Annotated[Whole, Field(ge=1)] = 64 * MEGABYTE
    """A multipart body. 64 MiB holds five photographs, the most that one blend takes."""
