"""What holds for every test: summaries add up in any order, plans are quick, importing is cheap."""

import math
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.statistics.evidence import Evidence, StatisticalTest, Verdict, decide
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.bounded import BoundedEquivalenceTest, BoundedMeanTest
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.distribution import KolmogorovTest
from harness.statistics.tests.identity import IdentityTest
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.variance import GaussianVarianceTest, UniformVarianceTest

bits = st.lists(st.booleans(), min_size=1, max_size=12)
units = st.lists(st.floats(0, 1), min_size=1, max_size=12)
counts = st.tuples(st.integers(0, 9), st.integers(9, 20))
TESTS: dict[str, tuple[StatisticalTest, st.SearchStrategy[Any]]] = {
    "bernoulli": (BernoulliTest(), bits),
    "bounded": (BoundedMeanTest(0, 1, 0.4, 0.6), units),
    "equivalence": (BoundedEquivalenceTest(0, 1, 0.5, 0.2), units),
    "rate": (RateTest(0.3, 0.1), counts),
    "gaussian variance": (
        GaussianVarianceTest(1.2),
        st.tuples(st.floats(0, 50), st.integers(1, 40)),
    ),
    "uniform variance": (UniformVarianceTest(1.2), units),
    "kolmogorov": (KolmogorovTest(0.1), units),
    "independence": (
        PairwiseIndependenceTest(0.5, 0.1, ("a", "b")),
        st.fixed_dictionaries({"a": counts, "b": counts}),
    ),
    "identity": (IdentityTest(), st.lists(st.floats(0, 2), min_size=1, max_size=5)),
    "all of": (
        AllOf.of(often=BernoulliTest(), equal=IdentityTest(), rate=RateTest(0.5, 0.1)),
        st.fixed_dictionaries({"often": bits, "equal": units, "rate": counts}),
    ),
}


@pytest.mark.parametrize("name", TESTS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_blocks_combine_in_any_order_and_grouping(name: str, data: st.DataObject) -> None:
    test, observations = TESTS[name]
    blocks = [test.summarise(x) for x in data.draw(st.lists(observations, min_size=2, max_size=5))]
    shuffled = data.draw(st.permutations(blocks))
    copies = [block.copy() for block in blocks]

    left = reduce(test.combine, blocks)
    right = reduce(lambda whole, block: test.combine(block, whole), reversed(shuffled))

    assert right == pytest.approx(left, rel=1e-12, abs=1e-12)
    assert all(np.array_equal(a, b) for a, b in zip(blocks, copies, strict=True))
    assert left.dtype == np.float64
    assert len(left) == len(blocks[0])
    # The evidence may differ by as much as sums of floats do in another order.
    one, other = (test.evidence(whole, 1e-6, 1e-6) for whole in (left, right))
    assert other.confirm == pytest.approx(one.confirm, rel=1e-9, abs=1e-9)
    assert other.refute == pytest.approx(one.refute, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", TESTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_evidence_is_never_for_both_sides_and_its_interval_holds_the_estimate(
    name: str, data: st.DataObject
) -> None:
    test, observations = TESTS[name]

    found = test.evidence(test.summarise(data.draw(observations)), 1e-6, 1e-6)

    assert not (found.confirm > math.log(2) and found.refute > math.log(2))
    assert found.interval[0] <= found.estimate <= found.interval[1]
    assert not math.isnan(found.confirm + found.refute)


@pytest.mark.parametrize("name", TESTS)
def test_zones_do_not_touch_and_plans_are_complete(name: str) -> None:
    test = TESTS[name][0]
    plan = test.plan(1e-9, 1e-9)

    assert 1 <= plan.observations <= plan.cap
    assert 0 <= plan.undecided <= 1e-5
    assert plan.detectable >= 0
    for low, high in test.false_zone:
        assert low <= high
        assert high < test.true_zone[0] or low > test.true_zone[1]
    assert hash(test) == hash(TESTS[name][0])


def test_a_test_says_its_zones_and_how_it_goes_from_observations_to_evidence() -> None:
    said = {"true_zone", "false_zone", "summarise", "evidence", "plan"}

    assert said == StatisticalTest.__abstractmethods__
    for name in ("sequential", "true_zone", "false_zone"):
        assert isinstance(vars(StatisticalTest)[name], property)


@pytest.mark.parametrize(("confirm", "refute", "verdict"), [
    (14.0, 0.0, Verdict.CONFIRMED), (13.8, 0.0, Verdict.UNDECIDED), (0.0, 16.2, Verdict.REFUTED),
    (0.0, 16.0, Verdict.UNDECIDED), (math.inf, 0.0, Verdict.CONFIRMED),
])  # fmt: skip
def test_verdicts_fall_at_both_thresholds(confirm: float, refute: float, verdict: Verdict) -> None:
    evidence = Evidence(1, 0.0, (0.0, 0.0), confirm, refute)
    assert decide(evidence, 1e-6, 1e-7) is verdict
