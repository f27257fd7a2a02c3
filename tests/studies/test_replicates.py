"""Replicates that share a draw are seen, and those that do not are left alone."""

import numpy as np
import pytest

from harness.run.suite import whole_suite
from studies.replicates import BLOCKS, LEVEL, REPLICATES, dependence, examined


def test_a_draw_that_a_block_shares_is_seen() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(BLOCKS, REPLICATES))
    shared = rng.normal(size=(BLOCKS, 1))

    assert dependence(noise + shared) < 1e-12
    assert dependence(noise) > LEVEL


def test_independent_replicates_are_rejected_at_the_level() -> None:
    rng = np.random.default_rng(2)
    p = [dependence(rng.normal(size=(BLOCKS, REPLICATES))) for _ in range(1000)]

    # 1,000 draws from a uniform law: 99.99 % of such counts are at most 77.
    assert sum(one < 0.05 for one in p) <= 77


def test_blocks_that_are_constant_are_not_divided_by_nothing() -> None:
    assert dependence(np.zeros((BLOCKS, REPLICATES))) == 1.0
    assert dependence(np.arange(BLOCKS)[:, None] * np.ones((1, REPLICATES))) == 0.0


@pytest.mark.parametrize("claim", ["do-eval-equals-mean.outside", "do-layer-expectation.jensen"])
def test_a_net_behind_a_nonlinearity_is_drawn_for_each_replicate(claim: str) -> None:
    found = dict(examined([one for one in whole_suite() if one.id == claim]))

    assert found[claim] > LEVEL / 100
