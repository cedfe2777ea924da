"""`docs/v3-coverage.md`: which test covers which field of which status of which page.

`python -m tests.v3_coverage` writes it from the contract beside the checkout and from the tables
that the tests run by; a test fails while the committed file says anything else.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contract_table import JOB_MODEL, MODEL_UNSENT, PAGES, STREAMS, TOLD, UNTOLD
from tests.golden import fields

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "docs" / "v3-coverage.md"
SPEC = ROOT.parent / "shared" / "spec"
SCRIPTS = ROOT / "tests" / "pages"
# The parameters that stand under the headings of a request, one in a line.
PARAMETER = re.compile(r"^- ((?:`\w+`(?:, | and |\s+\*\*OR\*\*\s+)?)+)", re.MULTILINE)
NO_PARAMETERS = {"API", "true", "false", "all", "standard", "minimal", "status", "jobType"}
GOLDEN, SCRIPT = "test_golden.py", "test_contract_pages.py"
HEAD = """# What of the v3 contract is tested, and where

Made by `python -m tests.v3_coverage`; `tests/integration/test_v3_coverage.py` fails while this
page says anything else than the tests do. The tests are in `tests/integration`. Of every field
that is named here, presence and type are compared with the page's own example, at every depth;
of every error, the sentence too, less its numbers.

A row that names no test gives the reason.
"""


def parameters(page: str) -> list[str]:
    """The parameters that a page's text names, in its order."""
    text = (SPEC / "v3" / f"{page}.md").read_text("utf-8")
    asked = re.split(r"^#+ (?:Response|Supported|Model)", text, maxsplit=1, flags=re.MULTILINE)[0]
    names = [name for bullet in PARAMETER.findall(asked) for name in re.findall(r"`(\w+)`", bullet)]
    return [name for name in dict.fromkeys(names) if name not in NO_PARAMETERS]


def unasked(page: str) -> list[str]:
    """Parameters of a page that its script never sends."""
    script = (SCRIPTS / f"{page.replace('-', '_')}.py").read_text("utf-8")
    return [
        name
        for name in parameters(page)
        # A script may count them up, or name one in a path.
        if name not in script and f"{name.partition('_')[0]}_{{" not in script
    ]


def text() -> str:
    """The whole page."""
    sections = [HEAD]
    for page in PAGES:
        sections.append(f"## {page}\n\n{_table(_rows(page))}")
    sections.append(f"## The model of a job\n\n{_table(_model())}")
    sections.append(f"## Pages without examples\n\n{_table(_others())}")
    return "\n".join(sections)


def _rows(page: str) -> Iterator[tuple[str, list[str], str, str]]:
    example = json.loads((SPEC / "examples" / f"{page}.json").read_text("utf-8"))
    asked = [*parameters(page), *(example["request"] or {})]
    yield "request", list(dict.fromkeys(asked)), f"{SCRIPT} `[{page}]`", ""
    for status, answer in sorted(example["responses"].items()):
        reason = PAGES[page].unsent.get(int(status), "")
        test = "" if reason else f"{GOLDEN} `[{page}-{status}]`"
        yield status, fields(answer) if answer else [], test, reason
    if page in STREAMS:
        yield from _stream(page)


def _stream(page: str) -> Iterator[tuple[str, list[str], str, str]]:
    lines = (SPEC / "examples" / f"{page}.sse.jsonl").read_text("utf-8").splitlines()
    shown: dict[str, list[str]] = {}
    for event in map(json.loads, lines):
        shown.setdefault(event["event"], []).extend(fields(event))
    for name, found in shown.items():
        yield name, list(dict.fromkeys(found)), f"{GOLDEN} `[{page}]`", ""


def _model() -> Iterator[tuple[str, list[str], str, str]]:
    test = f"{GOLDEN} `test_every_field_of_the_job_model_is_met`"
    yield "model", list(JOB_MODEL), test, ""
    for name, reason in MODEL_UNSENT.items():
        yield "model", [name], "", reason


def _others() -> Iterator[tuple[str, list[str], str, str]]:
    for page, proof in TOLD.items():
        yield page, [], f"{SCRIPT} `[{page}]`, by {proof}", ""
    for page, reason in UNTOLD.items():
        yield page, [], "", reason


def _table(rows: Iterator[tuple[Any, ...]]) -> str:
    lines = ["| What | Fields | Test | Reason for none |", "|---|---|---|---|"]
    for what, names, test, reason in rows:
        shown = " ".join(f"`{name}`" for name in names) or "no body is shown"
        lines.append(f"| {what} | {shown} | {test} | {reason} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    KEPT.write_text(text(), "utf-8")
