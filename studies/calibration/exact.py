"""Exact operating characteristics of the suite's Bernoulli kinds, by dynamic programming.

Every Bernoulli test that a claim of the suite states, at the block in which it is read there:
the probabilities of the three verdicts and the expected replicates at five truths.
"""

import time
from collections.abc import Iterator

from harness.blocks.settings import draw_settings
from harness.declaration.profiles import DEFAULT_SALT, PROFILES
from harness.run.suite import whole_suite
from harness.statistics.evidence import StatisticalTest
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.composite import AllOf
from harness.text import Text
from reports.tables import Table
from studies.tables import made

RATE = 1e-6
PLACES = ("inside the false zone", "edge of the false zone", "middle of the gap",
          "edge of the true zone", "inside the true zone")  # fmt: skip


SIDES = {"above": "高于", "below": "低于"}


def kinds_of_the_suite() -> dict[BernoulliTest, int]:
    """The distinct Bernoulli kinds of the claims, each with the smallest block it is read in."""
    found: dict[BernoulliTest, int] = {}
    for claim in whole_suite():
        for setting in draw_settings(claim, PROFILES["dev"].draws, DEFAULT_SALT):
            for kind in _parts(claim.test(setting)):
                if isinstance(kind, BernoulliTest):
                    found[kind] = min(claim.block, found.get(kind, claim.block))
    return found


def _parts(kind: StatisticalTest) -> Iterator[StatisticalTest]:
    if isinstance(kind, AllOf):
        for _, part in kind.tests:
            yield from _parts(part)
    else:
        yield kind


def five_truths(kind: BernoulliTest) -> tuple[float, float, float, float, float]:
    """Inside the false zone, its edge, the middle of the gap, the true zone's edge, inside it."""
    false_end, true_end = (0.0, 1.0) if kind.direction == "above" else (1.0, 0.0)
    return (
        (kind.p0 + false_end) / 2, kind.p0, (kind.p0 + kind.p1) / 2, kind.p1,
        (kind.p1 + true_end) / 2,
    )  # fmt: skip


def table() -> Table:
    """The table of all kinds at all five truths."""
    started = time.process_time()
    rows = []
    holds = True
    for kind, block in sorted(kinds_of_the_suite().items(), key=lambda item: repr(item[0])):
        truths = five_truths(kind)
        found = kind.operating(RATE, RATE, truths, block=block)
        right, wrong = (found.high, found.low)
        if kind.direction == "below":
            right, wrong = wrong, right
        cap = kind.cap or kind.plan(RATE, RATE).cap
        for place, (truth, where) in enumerate(zip(truths, PLACES, strict=True)):
            confirmed, refuted = float(right[place]), float(wrong[place])
            error = (confirmed, confirmed, 0.0, refuted, refuted)[place]
            holds &= error <= RATE
            rows.append(
                (Text(f"{kind.direction} {kind.p0:g} against {kind.p1:g}",
                      f"{SIDES[kind.direction]} {kind.p0:g} 对 {kind.p1:g}"),
                 block, cap, truth, where, confirmed, refuted,
                 float(found.undecided[place]), float(found.expected[place]))
            )  # fmt: skip
    return made("exact", rows, {"rate": RATE}, holds=holds, seconds=time.process_time() - started)
