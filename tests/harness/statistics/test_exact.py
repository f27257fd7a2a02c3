"""The walk over the states of a test, against every state in whole fractions."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from harness.statistics.tests.exact import Operating, Region, walk

TRUTHS = (0.0, 0.125, 0.5, 0.75, 1.0)  # exact in binary


def region_of(rng: np.random.Generator) -> Region:
    """Looks some trials apart at which some counts end, some of the high ones as weaker."""
    looks = np.cumsum(rng.integers(1, 4, rng.integers(1, 7)))
    low = np.array([rng.integers(-1, n + 1) for n in looks.tolist()])
    high = np.array([rng.integers(k + 1, n + 2) for k, n in zip(low, looks, strict=True)])
    weaker = np.array([rng.integers(-1, n + 1) for n in looks.tolist()])
    return Region(looks, high, low, weaker if rng.random() < 0.75 else None)


def in_fractions(region: Region, p: Fraction) -> tuple[Fraction, ...]:
    """High, low, weaker, undecided, expected trials, and what survives each look."""
    alive, trials = {0: Fraction(1)}, 0
    high = low = weaker = expected = Fraction(0)
    survival = []
    for index, look in enumerate(region.looks.tolist()):
        for _ in range(look - trials):
            step: dict[int, Fraction] = {}
            for k, mass in alive.items():
                step[k] = step.get(k, Fraction(0)) + mass * (1 - p)
                step[k + 1] = step.get(k + 1, Fraction(0)) + mass * p
            alive = step
        trials = look
        for k, mass in list(alive.items()):
            if region.low[index] < k < region.high[index]:
                continue
            expected += look * alive.pop(k)
            if k <= region.low[index]:
                low += mass
            elif region.weaker is not None and k <= region.weaker[index]:
                weaker += mass
            else:
                high += mass
        survival.append(sum(alive.values(), Fraction(0)))
    return high, low, weaker, survival[-1], expected + trials * survival[-1], *survival


def at(found: Operating, index: int) -> list[Any]:
    ends = (found.high, found.low, found.weaker, found.undecided, found.expected)
    return [*(one[index] for one in ends), *found.survival[index]]


@pytest.mark.parametrize("number", range(200))
def test_every_end_has_the_probability_of_its_states(number: int) -> None:
    region = region_of(np.random.default_rng(number))

    every, last = walk(region, TRUTHS), walk(region, TRUTHS, every_look=False)

    for index, p in enumerate(TRUTHS):
        exact = [float(one) for one in in_fractions(region, Fraction(p))]
        assert at(every, index) == pytest.approx(exact, rel=1e-12, abs=1e-300)
        assert at(last, index) == pytest.approx([*exact[:5], exact[3]], rel=1e-12, abs=1e-300)


def test_what_is_far_from_where_it_is_walked_underflows_nowhere() -> None:
    # States that 0.9 keeps have below 1e-350 at 0.5, where both truths are walked.
    looks = np.arange(1, 3001)
    region = Region(looks, looks + 1, (0.86 * looks).astype(int) - 20)

    (alone,), (first, second) = walk(region, 0.9).survival, walk(region, [0.9, 0.1]).survival

    assert first == pytest.approx(alone, rel=1e-9)
    assert alone[-1] > 0.5
    assert second[-1] == 0.0
