"""One cheap claim for every relation that a claim of the suite may state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.declaration.claim import Claim, claim
from harness.declaration.relations import (
    Relation,
    all_hold,
    always_true,
    distribution_equals,
    exactly_equal,
    inside_the_law,
    mean_above,
    mean_below,
    mean_equals,
    more_often_than_not,
    pairwise_independent,
    probability_above,
    probability_below,
    rate_equals,
    uniform_variance_equals,
    variance_equals,
)
from harness.metrics.dropout_masks import pairs_agree
from studies.calibration.primitives import STEP

HERE = "studies.calibration.primitives"
ALLOWED = 1024 * STEP  # relative error that the identity claims allow


def edge(id: str, holds: Relation, block: int) -> Callable[[Callable[..., Any]], Claim]:
    """A claim on the edge of what it states, where a primitive of `primitives` puts it."""
    return claim(
        id,
        f"The relation {id} holds",
        "关系成立",
        source="statistics of the suite",
        holds=holds,
        block=block,
        seconds=0.001,
        shrink=False,
    )


def _unit(noise: Any, replicates: int, stream: Stream) -> Any:
    return noise((replicates,), 1.0, stream.numpy())


@edge("probability_above", probability_above(0.5, 0.9), 2)
def noise_is_positive(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """Booleans (replicates,)."""
    return _unit(gaussian_noise, replicates, stream) > 0


@edge("probability_below", probability_below(0.5, 0.1), 2)
def noise_is_seldom_positive(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """Booleans (replicates,)."""
    return _unit(gaussian_noise, replicates, stream) > 0


@edge("more_often_than_not", more_often_than_not(), 4)
def noise_is_mostly_positive(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """Booleans (replicates,)."""
    return _unit(gaussian_noise, replicates, stream) > 0


@edge("mean_above", mean_above(0.4, 0.6, low=0, high=1), 24)
def noise_is_high(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """F(noise) in [0, 1], (replicates,)."""
    from scipy.special import ndtr

    return ndtr(_unit(gaussian_noise, replicates, stream))


@edge("mean_below", mean_below(0.6, 0.4, low=0, high=1), 24)
def noise_is_low(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """F(noise) in [0, 1], (replicates,)."""
    from scipy.special import ndtr

    return ndtr(_unit(gaussian_noise, replicates, stream))


@edge("mean_equals", mean_equals(1.0, within=0.4, low=0, high=2), 96)
def dropout_keeps_the_mean(dropout: Any, replicates: int, stream: Stream) -> Any:
    """h' / h in {0, 2}, (replicates,)."""
    import torch

    return dropout(torch.ones(replicates), 0.5, stream.torch())


@edge("rate_equals", rate_equals(0.5, within=0.1), 405)
def dropout_keeps_half(dropout: Any, replicates: int, stream: Stream) -> Any:
    """Booleans (replicates,)."""
    import torch

    return dropout(torch.ones(replicates), 0.5, stream.torch()) > 0


@edge("variance_equals", variance_equals(ratio=1.2), 971)
def noise_has_its_variance(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """(Sum of squares over the variance, degrees of freedom)."""
    noise = gaussian_noise((replicates,), 2.0, stream.numpy())
    return float((noise**2).sum()) / 4.0, replicates


@edge(
    "uniform_variance_equals",
    uniform_variance_equals(ratio=1.5),
    128,
)
def weights_have_their_variance(xavier_uniform: Any, replicates: int, stream: Stream) -> Any:
    """w / a, of shape (replicates, 1, 1)."""
    return xavier_uniform(1, 1, stream.torch(), replicates) / 3.0**0.5


@edge(
    "distribution_equals",
    distribution_equals("N(0, 1)", within=0.1),
    618,
)
def noise_is_normal(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """F(noise) in [0, 1], (replicates,)."""
    from scipy.special import ndtr

    return ndtr(_unit(gaussian_noise, replicates, stream))


@edge(
    "pairwise_independent",
    pairwise_independent(0.5, within=0.1, labels=("neighbours", "calls")),
    1488,
)
def masks_are_independent(dropout: Any, replicates: int, stream: Stream) -> Any:
    """Agreements of neighbours, and of one element in two calls."""
    import torch

    first = dropout(torch.ones(2 * replicates), 0.5, stream.torch()) > 0
    second = dropout(torch.ones(2 * replicates), 0.5, stream.child("again").torch()) > 0
    pairs = first.reshape(-1, 2)
    return {
        "neighbours": pairs_agree(pairs[:, 0], pairs[:, 1]),
        # Elements of one pair are no independent trials where neighbours are copies.
        "calls": pairs_agree(first[::2], second[::2]),
    }


@edge("exactly_equal", exactly_equal(), 8)
def relu_is_itself(relu: Any, replicates: int, stream: Stream) -> Any:
    """|error| / bound at powers of two, where a relative error is exact; (replicates,)."""
    return _relu_ratio(relu, replicates, stream)


@edge("always_true", always_true(), 8)
def relu_is_always_itself(relu: Any, replicates: int, stream: Stream) -> Any:
    """|error| / bound at powers of two, where a relative error is exact; (replicates,)."""
    return _relu_ratio(relu, replicates, stream)


def _relu_ratio(relu: Any, replicates: int, stream: Stream) -> Any:
    import torch

    x = 2.0 ** stream.numpy().integers(-8, 8, replicates)
    return np.abs(relu(torch.from_numpy(x)).numpy() - x) / (ALLOWED * x)


@edge(
    "all_hold",
    all_hold(rate=rate_equals(0.5, within=0.1), mean=mean_equals(1.0, within=0.4, low=0, high=2)),
    1024,
)
def dropout_keeps_half_and_the_mean(dropout: Any, replicates: int, stream: Stream) -> Any:
    """Booleans and h' / h, each (replicates,)."""
    import torch

    dropped = dropout(torch.ones(replicates), 0.5, stream.torch())
    return {"rate": dropped > 0, "mean": dropped}


@edge("inside_the_law", inside_the_law(0.1, 0.3), 8)
def zero_is_inside_the_noise(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """Whether each tail beyond 0 was met, booleans (replicates,)."""
    noise = _unit(gaussian_noise, replicates, stream)
    return {"below": noise <= 0, "above": noise >= 0}
