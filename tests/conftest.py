"""What all tests share: where the contract lies, and how property tests run."""

from pathlib import Path

import hypothesis
import pytest

# Time limits of single examples say more about the machine than about the code; seeds are
# printed so that a failure can be run again.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the contract and the recorded traffic, which lies beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("the folder `shared` with the contract is not beside this checkout")
    return SHARED
