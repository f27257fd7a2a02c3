"""The masks of dropout: their rates, and what groups share."""

import pytest
import torch
from scipy import stats

from harness.training.nets.masks import Masks

SEEDS = [[1, 2], [3, 4], [5, 6]]


def masks_of(replicas: int, p: float, group: int = 4) -> torch.Tensor:
    """Return the masks of three steps, the last smaller, as rows of replicas."""
    streams = SEEDS[: -(-replicas // group)]
    steps = Masks(streams, [p], torch.float32, replicas, group).steps([30, 30, 7], [50])
    rows = [mask.flatten(1).clone() for (mask,) in steps if mask is not None]
    return torch.cat(rows, dim=1)


# 1/2 and 1/256 are decided by 8 bits, the others by 16.
@pytest.mark.parametrize("p", [0.5, 1 / 256, 0.2, 0.9])
def test_masks_keep_each_element_at_the_rate(p: float) -> None:
    drawn = masks_of(9, p)

    assert drawn.shape == (9, 67 * 50)
    assert ((drawn == 0) | (drawn == 1)).all()
    kept = stats.binomtest(int(drawn.sum()), drawn.numel(), 1 - p)
    assert kept.pvalue > 1e-6
    assert len({tuple(row.tolist()) for row in drawn}) == 9


@pytest.mark.parametrize("p", [0.5, 0.2])
def test_a_groups_masks_do_not_depend_on_the_groups_that_follow(p: float) -> None:
    assert torch.equal(masks_of(11, p)[:8], masks_of(8, p))


def test_at_the_ends_a_mask_is_none_or_drops_all() -> None:
    assert list(Masks(SEEDS, [0.0], torch.float32, 9, 4).steps([3], [5])) == [[None]]
    assert not masks_of(9, 1.0).any()
