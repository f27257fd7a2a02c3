"""What a run spends on a claim: `python -m studies.costs ID ...` measures rows of claims/costs.tsv.

Seconds are those of a block, in one thread. Error shares follow from them, so that a figure is
measured once and stays until somebody asks for it again. A new claim gets the row that `--block`
and `--draws` say; one that is in the table keeps its own.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.declaration.book import Cost
from harness.declaration.claim import Claim
from harness.run.suite import BOOK, claims_in, the_book
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine

LOOSE = Shares(1e-3, 1e-3)  # error shares of a measurement: its verdict is not read
COLUMNS = "claim\tseconds\tblock\tdraws\tshrink\n"


def seconds_of(claim: Claim) -> float:
    """Seconds of a block, to two digits."""
    examination = examine(claim, Conditions(), LOOSE)
    blocks = sum(trial.blocks for trial in examination.trials)
    return float(f"{examination.seconds / max(1, blocks):.2g}")


def table(costs: Mapping[str, Cost]) -> str:
    """The rows as costs.tsv has them."""
    return COLUMNS + "".join(
        f"{id}\t{cost.seconds!r}\t{cost.block}\t{'' if cost.draws is None else cost.draws}\t"
        f"{'yes' if cost.shrink else 'no'}\n"
        for id, cost in costs.items()
    )


def main(words: Sequence[str]) -> int:
    """Measure the claims that are named, and write the table in the order of the contents."""
    parser = argparse.ArgumentParser(prog="python -m studies.costs", description=__doc__)
    parser.add_argument("claims", nargs="+", metavar="ID")
    parser.add_argument("--block", type=int, default=Cost.block, help="observations of a call")
    parser.add_argument("--draws", type=int, default=None, help="settings drawn at most")
    parser.add_argument("--no-shrink", action="store_true", help="for a claim that trains models")
    given = parser.parse_args(words)
    book = the_book()
    assert book is not None  # this is its own checkout
    modules = [importlib.import_module(f"{BOOK}.{name}") for name in book.files()]
    claims = {claim.id: claim for module in modules for claim in claims_in(module)}
    unknown = sorted(set(given.claims) - set(claims))
    if unknown:
        print(
            f"no claim has the id {', '.join(unknown)}; write it as the claim does", file=sys.stderr
        )
        return 2
    fresh = Cost(block=given.block, draws=given.draws, shrink=not given.no_shrink)
    costs = {id: book.costs[id] for id in claims if id in book.costs}
    for id in given.claims:
        spent = costs.get(id, fresh)
        costs[id] = replace(spent, seconds=seconds_of(replace(claims[id], spends=spent)))
        print(f"{id}: {costs[id].seconds} seconds a block of {spent.block}")
    in_order = {id: costs[id] for id in claims if id in costs}
    (book.folder / "costs.tsv").write_text(table(in_order), encoding="utf-8")
    return 0


if __name__ == "__main__":
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.exit(main(sys.argv[1:]))
