import math

import numpy as np
import pytest

from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.independence import LAGS, PairwiseIndependenceTest

RATE = 1e-6


def agreements(mask: np.ndarray, other: np.ndarray) -> tuple[int, int]:
    return int((mask == other).sum()), mask.size


@pytest.mark.parametrize("p", [0.5, 0.2])
def test_independent_masks_are_confirmed_and_a_sticky_one_refuted(p: float) -> None:
    test = PairwiseIndependenceTest(p, 0.04, ("calls", "rows"))
    n = test.plan(RATE, RATE).observations
    rng = np.random.default_rng(1)  # each verdict errs with probability below 2e-6
    a, b, c = (rng.random(n) < p for _ in range(3))
    sticky = np.where(rng.random(n) < 0.2, a, b)  # agrees with a a fifth of the time by force

    fair = {"calls": agreements(a, b), "rows": agreements(a, c)}
    unfair = {"calls": agreements(a, sticky), "rows": agreements(a, c)}
    evidence = [test.evidence(test.summarise(x), RATE, RATE) for x in (fair, unfair)]
    verdicts = [decide(one, RATE, RATE) for one in evidence]

    assert verdicts == [Verdict.CONFIRMED, Verdict.REFUTED]


def test_with_two_sides_and_an_indifference_zone_a_shared_mask_takes_25_elements() -> None:
    test = PairwiseIndependenceTest(0.5, 0.02)

    refutes = [
        test.evidence(test.summarise(dict.fromkeys(LAGS, (n, n))), RATE, RATE).refute
        >= math.log(1 / RATE)
        for n in (24, 25)
    ]

    assert refutes == [False, True]


def test_the_worst_label_speaks() -> None:
    test = PairwiseIndependenceTest(0.5, 0.1, ("one", "two"))

    found = test.evidence(test.summarise({"one": (500, 1000), "two": (700, 1000)}), RATE, RATE)

    assert found.estimate == 0.7
    assert [part.name for part in found.parts] == ["one", "two"]
    assert found.confirm == found.parts[1].confirm < 1e-6
    assert found.refute == pytest.approx(found.parts[1].refute - math.log(2))


def test_other_labels_than_the_declared_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="maps the labels"):
        PairwiseIndependenceTest(0.5, 0.1, ("one",)).summarise({"two": (1, 2)})
    with pytest.raises(ValueError, match="at least one label"):
        PairwiseIndependenceTest(0.5, 0.1, ())
