"""What a run spends on a claim: `python -m studies.costs ID ...` measures rows of claims/costs.tsv.

Seconds are processor seconds of a block, in one thread, so that other work of the machine is no
part of them. Error shares follow from them, so that a figure is measured once and stays until
somebody asks for it again. A new claim gets the row that `--block` and `--draws` say; one that is
in the table keeps its own.
A universal sentence gets the smallest share of settings and generator states that a sweep of
`SWEEP` processor seconds excludes, or none where not even the largest is to be had for that.
`--shares` measures the instances of sweeps alone, of all claims if none is named.
"""

import argparse
import importlib
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.blocks.block import measure
from harness.blocks.task import Sweeping
from harness.declaration.book import Cost
from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.run.suite import PACKAGE, claims_in, ledger, the_book
from harness.statistics.instances import instances_for
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from harness.trial.measuring import task_of

SWEEP = 0.25  # processor seconds of a claim's sweep at most
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
WARM = 10.0  # seconds of a measurement in which imports do not count
LONG = 0.4  # seconds after which a measurement of instances is long enough
LOOSE = Shares(1e-3, 1e-3)  # error shares of a measurement: its verdict is not read
COLUMNS = "claim\tseconds\tblock\tdraws\tinstance\tshare\tshrink\n"


def seconds_of(claim: Claim) -> float:
    """Processor seconds of a block, to two digits, less what a first call imports and caches."""
    spent, blocks = _spent(claim)
    if spent < WARM:
        spent, blocks = _spent(claim)
    return float(f"{spent / max(1, blocks):.2g}")


def _spent(claim: Claim) -> tuple[float, int]:
    started = time.process_time()
    examination = examine(claim, Conditions(), LOOSE)
    return time.process_time() - started, sum(trial.blocks for trial in examination.trials)


def swept(claim: Claim, alpha: float) -> Cost:
    """The claim's cost with its seconds of an instance, and the share that they afford."""
    if replace(claim, spends=Cost(share=SHARES[0])).share is None:
        return replace(claim.spends, instance=None, share=None)
    seconds = instance_seconds(claim)
    affordable = (
        share for share in SHARES if instances_for(share, alpha) * (seconds or 0) <= SWEEP
    )
    return replace(claim.spends, instance=seconds, share=next(affordable, None))


def instance_seconds(claim: Claim) -> float | None:
    """Processor seconds of an instance, to two digits; None where the first one fails."""
    instances, spent = 2, 0.0
    measure(claim, task_of(claim, Conditions(), {}, 0, Sweeping(1, math.inf)))  # imports, caches
    while spent < LONG and instances < 1024:
        instances *= 2
        task = task_of(claim, Conditions(), {}, instances, Sweeping(instances, math.inf))
        started = time.process_time()
        block = measure(claim, task)
        spent = time.process_time() - started
        if block.failed is not None:
            return None
    return float(f"{spent / instances:.2g}")


def table(costs: Mapping[str, Cost]) -> str:
    """The rows as costs.tsv has them."""
    return COLUMNS + "".join(
        f"{id}\t{cost.seconds!r}\t{cost.block}\t{_cell(cost.draws)}\t"
        f"{_cell(cost.instance)}\t{_cell(cost.share)}\t{'yes' if cost.shrink else 'no'}\n"
        for id, cost in costs.items()
    )


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def main(words: Sequence[str]) -> int:
    """Measure the claims that are named, and write the table in the order of the contents."""
    parser = argparse.ArgumentParser(prog="python -m studies.costs", description=__doc__)
    parser.add_argument("claims", nargs="*", metavar="ID")
    parser.add_argument("--shares", action="store_true", help="measure instances of sweeps alone")
    parser.add_argument("--block", type=int, default=Cost.block, help="observations of a call")
    parser.add_argument("--draws", type=int, default=None, help="settings drawn at most")
    parser.add_argument("--no-shrink", action="store_true", help="for a claim that trains models")
    given = parser.parse_args(words)
    book = the_book()
    assert book is not None  # this is its own checkout
    modules = [importlib.import_module(f"{PACKAGE}.{name}") for name in book.files()]
    claims = {claim.id: claim for module in modules for claim in claims_in(module)}
    unknown = sorted(set(given.claims) - set(claims))
    if unknown:
        print(
            f"no claim has the id {', '.join(unknown)}; write it as the claim does", file=sys.stderr
        )
        return 2
    fresh = Cost(block=given.block, draws=given.draws, shrink=not given.no_shrink)
    costs = {id: book.costs[id] for id in claims if id in book.costs}
    for id in given.claims or (costs if given.shares else ()):
        claim = replace(claims[id], spends=costs.get(id, fresh))
        if not given.shares:
            # What the sweep takes is no part of a block.
            alone = replace(claim, spends=replace(claim.spends, share=None))
            claim = replace(claim, spends=replace(claim.spends, seconds=seconds_of(alone)))
        spent = [replace(claims[one], spends=cost) for one, cost in costs.items() if one != id]
        shares = ledger([*spent, claim], PROFILES["deep" if claim.deep_only else "ci"])
        costs[id] = swept(claim, shares.alpha(id))
        print(f"{id}: {costs[id].seconds} s a block, {costs[id].instance} s an instance")
    in_order = {id: costs[id] for id in claims if id in costs}
    (book.folder / "costs.tsv").write_text(table(in_order), encoding="utf-8")
    return 0


if __name__ == "__main__":
    # As the main job runs: one thread a process.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.exit(main(sys.argv[1:]))
