"""Mask agreements and gradients, against masks whose dependence is known."""

import numpy as np
import torch

from claims.dropout.experiments import pairs


def test_independent_masks_agree_half_the_time_at_every_lag() -> None:
    masks = np.random.default_rng(1).random((pairs.RANKS, pairs.CALLS, 64, 96)) < 0.5

    found = pairs.pairs_along_axes(masks)

    assert tuple(found) == pairs.pair_labels([64, 96])
    assert min(count for _, count in found.values()) == pairs.fewest_pairs([64, 96])
    for agree, count in found.values():
        assert abs(agree / count - 0.5) < 6 * 0.5 / np.sqrt(count)  # 6 deviations: 2e-9 each


def test_a_mask_shared_along_an_axis_agrees_always_there() -> None:
    shared = np.random.default_rng(2).random((pairs.RANKS, pairs.CALLS, 8, 1)) < 0.5

    found = pairs.pairs_along_axes(np.broadcast_to(shared, (*shared.shape[:3], 6)))

    assert all(found[f"axis 1, lag {lag}"][0] == found[f"axis 1, lag {lag}"][1] for lag in (1, 3))
    assert found["axis 0, lag 1"][0] < found["axis 0, lag 1"][1]


def test_a_short_axis_has_no_label() -> None:
    assert not any("axis 1" in label for label in pairs.pair_labels([8, 1]))
    assert "axis 0, lag 4" in pairs.pair_labels([8, 1])
    assert "axis 0, lag 5" not in pairs.pair_labels([8, 1])


def test_the_overlap_of_two_calls_is_found_at_its_own_size() -> None:
    first = np.random.default_rng(3).random((200, 50)) < 0.5
    second = np.random.default_rng(4).random((200, 50)) < 0.5
    second[:, :7] = first[:, -7:]

    found = pairs.overlaps(first, second)

    assert found["overlap of 7"] == (1400, 1400)
    assert found["overlap of 8"][0] < found["overlap of 8"][1]


def test_the_gradient_of_another_mask_is_told_from_the_forward_mask_s() -> None:
    h = torch.tensor([1.0, 2.0, 0.0, -1.0])
    v = torch.tensor([0.5, 0.7, 0.9, 1.1])
    mask = torch.tensor([1.0, 0.0, 1.0, 1.0])
    other = torch.tensor([0.0, 1.0, 1.0, 1.0])

    right = pairs.gradient_off_mask(2 * v * mask, v, h, 2 * h * mask, 0.5)
    wrong = pairs.gradient_off_mask(2 * v * other, v, h, 2 * h * mask, 0.5)

    assert right.max() <= 1
    assert wrong.max() == np.inf
