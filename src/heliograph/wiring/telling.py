"""Who tells callers' servers and people what happened, and which addresses may be called."""

from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from random import Random
from typing import Any

import structlog

from heliograph import clock
from heliograph.bus.base import Bus
from heliograph.home import HomeFault
from heliograph.http import envelopes, views
from heliograph.mail.dispatch import MailDispatcher
from heliograph.mail.post import Server, SmtpPost
from heliograph.outgoing import Outgoing, OutgoingRefused, Policy
from heliograph.retry import Schedule
from heliograph.service.tasks import echo_of
from heliograph.settings import Settings
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.mails import SqliteOutbox
from heliograph.store.sqlite import SqliteStore
from heliograph.task import Known
from heliograph.webhooks.base import Due
from heliograph.webhooks.calling import GuardedCaller
from heliograph.webhooks.delivery import Dispatcher

log: Any = structlog.get_logger("heliograph")


def policy(settings: Settings) -> Policy:
    """Whoever reaches a server on loopback is on this machine, and may call it anyway."""
    try:
        loopback = ip_address(settings.host).is_loopback
    except ValueError:
        loopback = settings.host == "localhost"
    return Policy(loopback=loopback, private=settings.outgoing.private)


def refusals(outgoing: Outgoing) -> Callable[[str], str | None]:
    """Says why a URL may not be called."""

    def refusal(url: str) -> str | None:
        try:
            outgoing.check(url)
        except OutgoingRefused as refused:
            return str(refused)
        return None

    return refusal


def dispatcher(
    settings: Settings, deliveries: SqliteDeliveries, bus: Bus, outgoing: Outgoing, base: str
) -> Dispatcher:
    """`base` is what URLs of our own begin with in what is told."""
    return Dispatcher(
        deliveries,
        bus,
        GuardedCaller(outgoing),
        partial(_body, base),
        schedule=Schedule(settings.webhooks.schedule),
        per_host=settings.webhooks.per_host,
        now=clock.milliseconds,
        rng=Random(),
    )


def _body(base: str, due: Due) -> bytes:
    job = due.job and views.at_event(due.job, due.event)
    if due.target.kind == "task" and due.task is not None:
        return envelopes.hook(Known(due.task, job), echo_of(job), base)
    if due.job is None:
        raise ValueError(f"delivery {due.id} is about nothing")
    return views.callback(due.job, due.event, base, due.target.ref)


def mailing(settings: Settings, store: SqliteStore, bus: Bus, base: str) -> MailDispatcher | None:
    """None where mail is not configured. Raises HomeFault."""
    posting = post(settings)
    if posting is None or settings.mail.sender is None:
        log.info("mail is not configured: nobody is told when a channel needs a person")
        return None
    return MailDispatcher(
        SqliteOutbox(store.database),
        bus,
        posting,
        sender=settings.mail.sender,
        base=base,
        schedule=Schedule(settings.mail.schedule),
        now=clock.milliseconds,
        rng=Random(),
    )


def post(settings: Settings) -> SmtpPost | None:
    """None where mail is not configured. Raises HomeFault."""
    mail = settings.mail
    if mail.host is None:
        return None
    password = mail.password.get_secret_value() if mail.password else None
    server = Server(
        host=mail.host,
        port=mail.port,
        tls=mail.tls,
        username=mail.username,
        password=password,
        ca_file=mail.ca_file,
    )
    try:
        return SmtpPost(server)
    except OSError as error:
        raise HomeFault(f"The certificates of mail.ca_file can't be used: {error}.") from None
