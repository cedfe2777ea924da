"""How a command ends when it can't do what was asked: one sentence and an exit status."""

from heliograph.settings import SettingsFault

FAILED = 1
USAGE = 2
INTERRUPTED = 130
TERMINATED = 143


class Quit(Exception):
    """Ends the program with `status` after saying `sentence` on standard error."""

    def __init__(self, sentence: str, status: int = FAILED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def of_settings(fault: SettingsFault) -> Quit:
    """All faults at once, a line each."""
    return Quit("these settings are wrong:\n" + "\n".join(f"  {f}" for f in fault.faults), USAGE)


def printable(text: str) -> str:
    """Text from elsewhere, without what a terminal would obey instead of show."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
