"""`scripts/soak`: a long soak, and what it found."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.e2e.soak.plan import drawn
from tests.e2e.soak.run import Soaked, soak


def main() -> int:
    parser = argparse.ArgumentParser("scripts/soak", description="Jobs over a Discord that fails.")
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.jobs < 50 or asked.accounts < 2:
        parser.error("a soak takes 50 jobs and 2 accounts at least")
    print(f"{asked.jobs} jobs over {asked.accounts} accounts, --seed {asked.seed}", flush=True)
    plan = drawn(asked.jobs, asked.accounts, asked.seed, patient=True)
    with tempfile.TemporaryDirectory() as folder:
        soaked = soak(plan, Path(folder), asked.seed)
    told(soaked, Counter(name for one in plan.trouble for name in one.fault))
    return 1 if soaked.broken else 0


def told(soaked: Soaked, faults: Counter[str]) -> None:
    ended = Counter(
        f"{one.job['status']} {one.job.get('code', '')}".strip() for one in soaked.heard
    )
    kinds = Counter(one.ask.kind for one in soaked.heard)
    for what, counted in (("asked", kinds), ("faults", faults), ("ended", ended)):
        print(f"{what:8}", ", ".join(f"{name} {n}" for name, n in counted.most_common()))
    log = soaked.log
    print(f"upstream {log['total']} interactions, {log['total_accepted']} taken; {log['gateway']}")
    print(f"{soaked.seconds:.0f} s, {len(soaked.heard) / soaked.seconds:.1f} jobs a second")
    for line in soaked.broken:
        print("BROKEN", line)
    print("every rule holds" if not soaked.broken else f"{len(soaked.broken)} rules are broken")


if __name__ == "__main__":
    sys.exit(main())
