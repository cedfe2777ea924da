"""Two hundred jobs over a Discord that fails in every way; `scripts/soak` runs more."""

from pathlib import Path

from tests.e2e.soak.plan import drawn
from tests.e2e.soak.run import soak

JOBS, ACCOUNTS, SEED = 200, 20, 20261121


def test_a_soak_breaks_no_rule(tmp_path: Path) -> None:
    print(f"scripts/soak --jobs {JOBS} --accounts {ACCOUNTS} --seed {SEED}")
    soaked = soak(drawn(JOBS, ACCOUNTS, SEED, patient=False), tmp_path, SEED)
    assert soaked.broken == []
    assert len(soaked.heard) == JOBS
