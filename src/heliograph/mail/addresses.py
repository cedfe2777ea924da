"""What a mail address may look like, here. Plain ASCII ones: others need a mail server that takes
SMTPUTF8, and few do."""

from email.errors import MessageError
from email.headerregistry import Address

# RFC 5321, 4.5.3.1.3.
LONGEST = 254


def address(text: str) -> str:
    """The address, without the white space around it. Raises ValueError with a sentence."""
    text = text.strip()
    try:
        read = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        read = Address()
    if not _plain(text) or len(text) > LONGEST or not (read.username and read.domain):
        raise ValueError("should be a mail address such as ann@example.com")
    return text


def mailbox(text: str) -> str:
    """An address that may have a name before it: `Ann <ann@example.com>`. Raises ValueError."""
    name, bracket, spec = text.strip().rpartition("<")
    if not bracket:
        return address(text)
    if not spec.endswith(">") or not name.isprintable():
        raise ValueError("should be a mail address, or a name and <address>")
    return f"{name.strip()} <{address(spec[:-1])}>".strip()


def parts(mailbox: str) -> Address:
    """The name, perhaps empty, and the address of what `mailbox` has accepted."""
    name, bracket, spec = mailbox.rpartition("<")
    if not bracket:
        return Address(addr_spec=mailbox)
    return Address(name.strip().strip('"'), addr_spec=spec[:-1])


def _plain(text: str) -> bool:
    # The parser would take comments, quoted names, white space and encoded words too.
    return "=?" not in text and all(
        "!" <= letter <= "~" and letter not in '<>()[]\\,;:"' for letter in text
    )
