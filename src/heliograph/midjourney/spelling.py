"""How the bot spells parameters back: the words and their order are those of recorded messages."""

import base64
import hashlib

from heliograph.midjourney.parameters import LINK, Parameters

_SHORT_LINKS = "https://s.mj.run/"


def linked(reference: str) -> str:
    """A reference as the bot shows it: URLs shortened, codes as they are."""
    if not (link := LINK.fullmatch(reference)):
        return reference
    url = link[1]
    if not url.startswith(_SHORT_LINKS):
        digest = hashlib.blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        url = _SHORT_LINKS + base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"<{url}>{link[2]}"


def _model(p: Parameters) -> str:
    if p.niji:
        return f"--niji {p.niji}"
    if p.version in ("7", "6", "5"):  # the panel too calls these V7.0 … V5.0, older ones V4 … V1
        return f"--v {p.version}.0"
    return f"--v {p.version}" if p.version else ""


def _clip(p: Parameters) -> list[str]:
    return [
        f"--motion {p.motion}" if p.motion else "",
        "--loop" if p.loop else "",
        f"--end {linked(p.end)}" if p.end else "",
        f"--bs {p.bs}" if p.bs else "",
        f"--seed {p.seed}" if p.seed is not None else "",
        "--video 1",
        f"--aspect {p.aspect[0]}:{p.aspect[1]}",
        "--raw" if p.raw else "",
    ]


def _picture(p: Parameters) -> list[str]:
    shaped = p.square or p.aspect != (1, 1)
    out = [f"--ar {p.aspect[0]}:{p.aspect[1]}" if shaped else "", _model(p)]
    for name, number in (
        ("s", p.stylize),
        ("chaos", p.chaos),
        ("weird", p.weird),
        ("q", p.quality),
        ("seed", p.seed),
        ("stop", p.stop),
        ("exp", p.exp),
        ("iw", p.iw),
    ):
        out.append("" if number is None else f"--{name} {number:.10g}")
    out += ["--tile" if p.tile else "", "--draft" if p.draft else ""]
    for name, references, weight_name, weight in (
        ("sref", p.sref, "sw", p.sw),
        ("cref", p.cref, "cw", p.cw),
        ("oref", p.oref, "ow", p.ow),
    ):
        out.append(f"--{name} {' '.join(map(linked, references))}" if references else "")
        out.append("" if weight is None else f"--{weight_name} {weight}")
    out.append("" if p.sv is None else f"--sv {p.sv}")
    out.append(" ".join(["--profile", *p.profile]) if p.personalize else "")
    out.append(f"--no {p.no_text or ', '.join(p.no)}" if p.no_text or p.no else "")
    out.append("--raw" if p.raw else "")
    return out


def spell(p: Parameters) -> list[str]:
    """The parameters in the bot's order; empty words stand for what wasn't asked for.

    A clip keeps only what means something to a clip (`--no` goes, as recorded).
    """
    return _clip(p) if p.video else _picture(p)
