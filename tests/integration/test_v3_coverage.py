"""The table of what is tested says what is tested, and leaves nothing of the contract out."""

from pathlib import Path

import pytest

from tests import v3_coverage
from tests.contract_table import PAGES, TOLD, UNTOLD


def test_the_committed_table_is_that_of_the_tests(shared: Path) -> None:
    assert v3_coverage.KEPT.read_text("utf-8") == v3_coverage.text(), (
        "run python -m tests.v3_coverage"
    )


def test_every_page_of_the_contract_is_in_the_table(shared: Path) -> None:
    pages = {path.stem for path in (shared / "spec" / "v3").glob("*.md")}
    assert pages == {*PAGES, *TOLD, *UNTOLD}


def test_what_no_test_covers_has_a_reason(shared: Path) -> None:
    rows = [
        line.strip("|").split(" | ")
        for line in v3_coverage.text().splitlines()
        if line.startswith("| ") and not line.startswith("| What")
    ]
    assert len(rows) > 150
    assert [what for what, _, test, reason in rows if not test.strip() and not reason.strip()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_pages_script_sends_every_parameter_of_the_page(shared: Path, page: str) -> None:
    assert v3_coverage.unasked(page) == []
