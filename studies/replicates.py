"""Whether a block's replicates are independent: `python -m studies.replicates [ID ...]`.

Where a claim draws once for all replicates of a block what their values depend on, a net say, the
means of blocks differ by more than their replicates do, and an interval is narrower than it says.
Claims that estimate something are measured at their first setting in `BLOCKS` blocks of at most
`REPLICATES`; the F-test of one-way analysis of variance (Fisher 1925, section 42) compares the
two. Prints what it rejects at `LEVEL` over the number of tests; exit status 1 if there is any.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy import stats

from harness.blocks.limits import one_thread
from harness.blocks.settings import canonical, draw_settings
from harness.blocks.streams import block_stream
from harness.blocks.task import arguments_of, plain
from harness.declaration.claim import Claim, Untestable
from harness.declaration.exhibits import Measured
from harness.declaration.profiles import PROFILES
from harness.metrics.arrays import Array
from harness.run.suite import whole_suite
from harness.trial.conditions import Conditions
from harness.trial.measuring import task_of

BLOCKS, REPLICATES, LEVEL = 24, 64, 1e-3
DEAREST = 1.5  # seconds that are declared for a block; what is dearer trains nets by the replicate
CONDITIONS = Conditions(salt="replicates", profile=PROFILES["ci"])


def values(claim: Claim) -> dict[str, Array]:
    """The values of each part that has one a replicate, (BLOCKS, replicates)."""
    setting = draw_settings(claim, CONDITIONS.profile.draws, CONDITIONS.salt)[0]
    found: dict[str, list[Array]] = {}
    for index in range(BLOCKS):
        task = task_of(claim, CONDITIONS, setting, index)
        stream = block_stream(task.salt, claim.id, canonical(setting), task.device, index)
        replicates = min(claim.block, REPLICATES)
        with one_thread():
            measured = claim.measure(**arguments_of(claim, task, setting, replicates, stream))
        observed = plain(measured.observation if isinstance(measured, Measured) else measured)
        parts = observed if isinstance(observed, Mapping) else {"": observed}
        for name, value in parts.items():
            if np.shape(value) == (replicates,):
                found.setdefault(name, []).append(np.asarray(value, dtype=float))
    return {name: np.array(some) for name, some in found.items()}


def dependence(blocks: Array) -> float:
    """The p-value that replicates, (blocks, replicates), are as far apart as blocks: the F-test."""
    many, each = blocks.shape
    within = blocks.var(axis=1, ddof=1).mean()
    between = each * blocks.mean(axis=1).var(ddof=1)
    if within == 0 or not np.isfinite(blocks).all():
        return 1.0 if between == 0 or not np.isfinite(between) else 0.0
    return float(stats.f.sf(between / within, many - 1, many * (each - 1)))


def examined(claims: Sequence[Claim]) -> Iterator[tuple[str, float]]:
    """Claim and part with the p-value, for what estimates something of many replicates."""
    for claim in claims:
        if claim.block > 1 and claim.cost <= DEAREST and not claim.deep_only:
            for name, blocks in values(claim).items():
                yield f"{claim.id} {name}".strip(), dependence(blocks)


def main(ids: Sequence[str]) -> int:
    """Test the claims of these ids, all by default."""
    claims = [claim for claim in whole_suite() if not isinstance(claim, Untestable)]
    found = list(examined([claim for claim in claims if not ids or claim.id in ids]))
    shared = [(name, p) for name, p in found if p < LEVEL / len(found)]
    for name, p in shared:
        print(f"{name}: the replicates of a block share something (p = {p:.1g})")
    print(f"{len(found)} parts of claims, {len(shared)} with replicates that are not independent")
    return int(bool(shared) or not found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
