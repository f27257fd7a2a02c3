"""A share that may fail unnoticed: counts, intervals and refusals, by exact computation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.evidence import Verdict, decide
from harness.statistics.instances import MOST, evidence_of_clean, instances_for, unseen_share

LEVEL = 0.05
shares, levels = st.floats(1e-4, 0.999), st.floats(1e-12, 0.5)


def confirms(instances: int, share: float, alpha: float) -> bool:
    found = evidence_of_clean(instances, share, alpha)
    return decide(found, alpha, alpha) is Verdict.CONFIRMED


@given(shares, levels)
def test_the_count_is_the_least_that_misses_the_share_rarely(share: float, alpha: float) -> None:
    n = instances_for(share, alpha)

    assert n * math.log1p(-share) <= math.log(alpha) * (1 - 1e-12)
    assert confirms(n, share, alpha)
    assert n == 1 or not confirms(n - 1, share, alpha)
    assert unseen_share(n, alpha) <= share * (1 + 1e-9)


def test_one_in_a_hundred_takes_2062_instances_and_one_in_a_thousand_20713() -> None:
    assert instances_for(0.01, 1e-9) == 2062
    assert instances_for(0.001, 1e-9) == 20713


@pytest.mark.parametrize("share", [0.01, 0.001])
@pytest.mark.parametrize("alpha", [1e-9, LEVEL])
@pytest.mark.parametrize("multiple", [0.25, 1, 4])
def test_a_sentence_false_in_a_part_passes_as_rarely_as_computed(
    share: float, alpha: float, multiple: float
) -> None:
    n = instances_for(share, alpha)

    passes = (1 - multiple * share) ** n

    assert alpha ** (1.1 * multiple) < passes <= alpha ** (0.98 * multiple)
    assert multiple != 1 or alpha * (1 - share) < passes <= alpha


@given(shares, st.floats(0, 1))
def test_a_clean_instance_multiplies_the_e_value_by_one_at_most(share: float, more: float) -> None:
    failing = share + more * (1 - share)
    factor = math.exp(evidence_of_clean(1, share, LEVEL).confirm)
    assert (1 - failing) * factor <= 1 + 1e-12


@pytest.mark.parametrize("failing", [0.001, 0.02, 0.3])
def test_the_interval_of_clean_instances_covers_at_every_stopping_time(failing: float) -> None:
    counts = np.arange(1, 5000)
    ends = np.array([evidence_of_clean(int(n), 0.01, LEVEL).interval[1] for n in counts])

    missed = counts[ends < failing]

    assert (1 - failing) ** missed[0] <= LEVEL  # all are clean until the first that would miss
    assert (1 - failing) ** (missed[0] - 1) > LEVEL * (1 - 1e-9)


def test_the_interval_is_clopper_and_pearson_s() -> None:
    found = evidence_of_clean(11, 0.5, LEVEL)

    assert found.interval[1] == pytest.approx(stats.beta.isf(LEVEL, 1, 11), rel=1e-9)
    assert found.interval == (0.0, unseen_share(11, LEVEL))
    assert evidence_of_clean(0, 0.5, LEVEL).interval == (0.0, 1.0)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_share_that_is_no_part_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1; write"):
        instances_for(share, 1e-9)


def test_a_share_that_takes_too_much_names_what_is_affordable() -> None:
    with pytest.raises(ValueError, match=r"share=1e-07 takes 2\.1e\+08 .* give at least 2e-05"):
        instances_for(1e-7, 1e-9)
    assert instances_for(2.1e-5, 1e-9) <= MOST
