"""How often a size's interval covers, at the precision or the cost where measuring on stopped."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from harness.blocks.streams import Stream
from harness.declaration.claim import Claim, claim
from harness.declaration.exhibits import Sides
from harness.declaration.relations import Relation, mean_above, more_often_than_not
from harness.metrics import arrays
from harness.text import Text
from harness.trial.conditions import Conditions, Shares
from harness.trial.effects import LEVEL, Effect
from harness.trial.examination import examine
from reports.tables import Table
from studies.calibration.known import limit
from studies.tables import made

RUNS = 1000
DECIDED = 0.95  # what is undecided is not measured on: of few laws here, and rarely
SHARES = Shares(1e-6, 1e-6)
CHEAP, COSTLY = 1e-3, 1.0  # seconds of a block, as declared: all that is needed, one block more
THIS, THAT, UNIT = Text("this", "此"), Text("that", "彼"), Text("1", "1")


def _claim(
    name: str, seconds: float, holds: Relation, measure: Callable[..., Any], compares: int = 0
) -> Claim:
    sides = (Sides(THIS, THAT, UNIT),) * compares

    @claim(name, name, source="a study", holds=holds, block=64, seconds=seconds, compares=sides)
    def a_known_law(relu: Any, replicates: int, stream: Stream) -> Any:
        return measure(stream.numpy(), replicates)

    return a_known_law


def _coin(bias: float) -> Callable[..., Any]:
    return lambda rng, n: rng.random(n) < bias


def _ratios(rng: Any, n: int) -> Any:
    """Two losses whose ratio has the median 3."""
    return arrays.exceeds(3 * rng.lognormal(size=n, sigma=0.2), rng.lognormal(size=n, sigma=0.2))


def _differences(rng: Any, n: int) -> Any:
    """Two quantities of either sign whose difference is Cauchy's around 1, without a mean."""
    common = rng.standard_normal(n)
    return arrays.exceeds(common + 1 + 0.1 * rng.standard_cauchy(n), common)


def cases() -> Iterator[tuple[str, str, float, Claim]]:
    """(law, size, truth, claim), for a claim that can afford the precision and one that cannot."""
    for cost in (CHEAP, COSTLY):
        often = more_often_than_not()
        mean = mean_above(0.4, 0.6, low=0.0, high=1.0)
        yield "P = 0.9", "share", 0.9, _claim("nine", cost, often, _coin(0.9))
        yield "P = 0.2", "share", 0.2, _claim("two", cost, often, _coin(0.2))
        yield "Beta(3, 1)", "value", 0.75, _claim("beta", cost, mean, lambda g, n: g.beta(3, 1, n))
        yield "lognormal", "ratio", 3.0, _claim("lognormal", cost, often, _ratios, 1)
        yield "Cauchy", "difference", 1.0, _claim("cauchy", cost, often, _differences, 1)


def sizes(case: Claim, kind: str, runs: int) -> Iterator[Effect]:
    """The size of that kind of so many examinations that decide, each at a salt of its own."""
    for run in range(runs):
        found = examine(case, Conditions(salt=f"size-{run}", measures_on=True), SHARES).effects
        yield from (one for one in found.found if one.kind == kind)


def table(runs: int = RUNS) -> Table:
    """The table of all laws at both costs."""
    started = time.process_time()
    found = [list(sizes(case, kind, runs)) for _, kind, _, case in cases()]
    return table_of(found, runs, time.process_time() - started)


def table_of(found: Sequence[Sequence[Effect]], runs: int, seconds: float) -> Table:
    """The table of these sizes, one sequence a case; those of its examinations that decided."""
    most = limit(runs)
    rows = [_row(case, one, runs, most) for case, one in zip(cases(), found, strict=True)]
    values = {"runs": runs, "most": most, "level": LEVEL, "covers": 1 - LEVEL}
    return made("sizes", rows, values, holds=all(row[-1] for row in rows), seconds=seconds)


def _row(
    given: tuple[str, str, float, Claim], found: Sequence[Effect], runs: int, most: int
) -> tuple[Any, ...]:
    law, kind, truth, case = given
    missed = sum(not one.interval[0] <= truth <= one.interval[1] for one in found)
    widths = [one.interval[1] - one.interval[0] for one in found]
    finite = [width for width in widths if math.isfinite(width)]
    return (
        law,
        kind,
        truth,
        "cheap" if case.cost == CHEAP else "costly",
        len(found),
        sum(one.observations for one in found) / len(found),
        sum(finite) / max(len(finite), 1),
        sum(one.more == 0 for one in found) / len(found),
        missed,
        1 - missed / len(found),
        most,
        missed <= most and len(found) > DECIDED * runs,
    )
