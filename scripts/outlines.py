"""Measure every cut-out, form and figure: writes src/diorama/vocabulary/outlines.tsv.

Run it after a cut-out, a form or a body was added: `python scripts/outlines.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
OUT = ROOT / "src" / "diorama" / "vocabulary" / "outlines.tsv"
HEAD = "# width to height of each cut-out, form and figure, trimmed to what shows\n"


def ratio(alpha: np.ndarray) -> float:
    """Return width to height of the box around what shows."""
    rows, columns = np.flatnonzero(alpha.max(1) > 0.08), np.flatnonzero(alpha.max(0) > 0.08)
    return float((columns[-1] - columns[0] + 1) / (rows[-1] - rows[0] + 1))


def outlines() -> dict[str, float]:
    """Return the ratio of each: by code, "form:NAME", or "code+body"."""
    from diorama.assets import ROOT as ASSETS
    from diorama.figures import bodies, figure
    from diorama.forms import FORMS, form
    from diorama.words import lexicon

    codes = {path.stem: ratio(figure(path.stem, "")[..., 3]) for path in _objects(ASSETS)}
    forms = {f"form:{name}": ratio(form(name)[..., 3]) for name in FORMS}
    nouns = [v for meanings in lexicon().values() for kind, v in meanings if kind == "thing"]
    bodied = {pair for noun in nouns for pair in (*noun.forms, *noun.aloft) if pair[1]}
    faces = {face for face, body in bodied if body in ("plush", "tailed")}
    bodied |= {(face, "dressed") for face in {*faces, *bodies()["beasts"].values()}}
    figures = {f"{code}+{body}": ratio(figure(code, body)[..., 3]) for code, body in bodied}
    return codes | forms | figures


def _objects(folder: Path) -> list[Path]:
    return sorted((folder / "objects").glob("*.webp"))


if __name__ == "__main__":
    lines = [f"{name}\t{value:.2f}\n" for name, value in sorted(outlines().items())]
    OUT.write_text(HEAD + "".join(lines), encoding="utf-8")
