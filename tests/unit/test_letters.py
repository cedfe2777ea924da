"""What mails say, and that strangers' texts can't say anything in their place."""

import email
import email.policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.mail.addresses import address, mailbox
from heliograph.mail.base import ChannelLocked, ChannelOpened, Mail, News, WebhookFailing
from heliograph.mail.letters import letter
from heliograph.mail.post import compose

BASE = "https://pictures.example.com"
RESET = f"{BASE}/v3/midjourney/accounts/reset/1428"
SENDER = "heliograph@example.com"
ERROR = "Action required to continue"
CREATED = 1_761_329_465_501

DISCORD = ChannelLocked(channel="1428", error=ERROR, own=False)
OWN = ChannelLocked(channel="1428", error=ERROR, own=True)
OPENED = ChannelOpened(channel="1428", error=ERROR)
FAILING = WebhookFailing(
    url="https://hooks.example.com/in", since=CREATED, error="The receiver answered 503"
)

HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type"),
}


def mail(news: News, **fields: object) -> Mail:
    facts = {"id": 7, "user": 1, "address": "ann@example.org", "attempts": 0, "created": CREATED}
    return Mail(news=news, state="pending", **(facts | fields))  # type: ignore[arg-type]


def travelled(news: News, sender: str = SENDER, **fields: object) -> EmailMessage:
    """The mail as a receiver reads it."""
    one = mail(news, **fields)
    data = compose(letter(one, BASE), one, sender).as_bytes()
    read = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


class Reader(HTMLParser):
    """The text of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("news", [DISCORD, OWN, OPENED, FAILING])
def test_both_forms_say_the_same(news: News) -> None:
    said = letter(mail(news), BASE)
    assert words(Reader(said.html).text) == words(said.text)


def test_a_locked_channel_of_discord_tells_what_where_and_how() -> None:
    said = letter(mail(DISCORD), BASE)
    assert said.subject == f"Channel 1428 needs a person: {ERROR}"
    assert f"    {ERROR}\n" in said.text
    assert "    https://discord.com/channels/@me/1428\n" in said.text
    assert f'-X POST -H "Authorization: Bearer $HELIOGRAPH_TOKEN" {RESET}\n' in said.text
    assert Reader(said.html).links == ["https://discord.com/channels/@me/1428"]


def test_a_locked_channel_of_our_own_bot_is_resolved_here() -> None:
    said = letter(mail(OWN), f"{BASE}/")
    assert "discord.com" not in said.text
    assert "    heliograph studio resolve 1428\n" in said.text
    assert "-X DELETE" in said.text
    assert f"{BASE}/v3/midjourney/studio/1428/challenge\n" in said.text
    assert f"{RESET}\n" in said.text


def test_an_open_channel_and_a_failing_webhook() -> None:
    assert letter(mail(OPENED), BASE).subject == "Channel 1428 is open again"
    said = letter(mail(FAILING), BASE)
    assert said.subject == "Your webhook address has been failing since 2025-10-24 18:11 UTC"
    assert "    https://hooks.example.com/in\n" in said.text
    assert "    The receiver answered 503\n" in said.text


def test_the_mail_as_it_travels() -> None:
    message = travelled(DISCORD)
    assert set(message.keys()) == HEADERS
    assert message["From"] == f"Heliograph <{SENDER}>"
    assert message["To"] == "ann@example.org"
    assert message["Date"] == "Fri, 24 Oct 2025 18:11:05 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<heliograph.{CREATED}.7@example.com>"
    assert message.get_content_type() == "multipart/alternative"
    assert RESET in body(message, "plain")
    assert "<pre" in body(message, "html")


def test_sent_again_it_is_the_same_mail_and_another_is_another() -> None:
    assert travelled(OWN)["Message-ID"] == travelled(OWN, attempts=3)["Message-ID"]
    assert travelled(OWN)["Message-ID"] != travelled(OWN, id=8)["Message-ID"]


def test_a_senders_own_name_is_kept() -> None:
    assert travelled(OWN, "Bilder, Köln <a@b.example>")["From"] == '"Bilder, Köln" <a@b.example>'


def test_letters_of_the_world_arrive() -> None:
    message = travelled(ChannelLocked(channel="1428", error="Bitte bestätigen 🐱", own=False))
    assert message["Subject"] == "Channel 1428 needs a person: Bitte bestätigen 🐱"
    assert "    Bitte bestätigen 🐱" in body(message, "plain")
    assert "Bitte bestätigen 🐱" in body(message, "html")


HOSTILE = [
    "x\r\nBcc: victim@example.com\r\n\r\nother text",
    "<script>alert(1)</script><a href='http://evil.example'>here</a>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe\u2028Bcc: x",
    "=?utf-8?q?x=0D=0ABcc:_victim@example.com?=",
    "\ud800 half a letter",
    "",
    "long " * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str) -> None:
    assert_harmless(text)


@given(st.text() | st.text(alphabet="=?qQbB0DAa:_utf-8 \r\n<>"))
def test_any_text_stays_text(text: str) -> None:
    assert_harmless(text)


def assert_harmless(text: str) -> None:
    for news in (
        ChannelLocked(channel=text, error=text, own=False),
        ChannelLocked(channel=text, error=text, own=True),
        ChannelOpened(channel=text, error=text),
        WebhookFailing(url=text, since=CREATED, error=text),
    ):
        one = mail(news)
        said = letter(one, BASE)
        assert said.subject.isprintable()
        assert len(said.subject) <= 120
        message = travelled(news)
        assert set(message.keys()) == HEADERS
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        read = Reader(body(message, "html"))
        assert read.tags <= {"html", "head", "meta", "body", "p", "pre", "a"}
        assert all((link or "").startswith("https://discord.com/") for link in read.links)
        assert all(len(line) <= 998 for line in bytes(message).splitlines())


@pytest.mark.parametrize(
    "text", ["ann@example.com", " ann@example.com ", "a.b+c@sub.example", "root@localhost"]
)
def test_addresses(text: str) -> None:
    assert address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "@example.com", "ann@", "a@b@c", "ann@example.com, bob@example.com"),
        *("Ann <ann@example.com>", "ann@example.com\nBcc: x@y.example", "ann @example.com"),
        "=?utf-8?q?x=0D=0ABcc=3Av?=@example.com",
        *("änn@example.com", "ann@exämple.com", f"{'a' * 250}@b.de", "a;b@c.de", '"a b"@c.de'),
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="should be a mail address"):
        address(text)


def test_mailboxes_may_have_a_name() -> None:
    assert mailbox(" Ann Lee <ann@example.com> ") == "Ann Lee <ann@example.com>"
    assert mailbox("ann@example.com") == mailbox("<ann@example.com>").strip("<>")
    for wrong in ("Ann <ann>", "Ann <ann@example.com", "A\nBcc: x <a@b.de>", "<a@b.de> tail"):
        with pytest.raises(ValueError, match="should be a mail address"):
            mailbox(wrong)
