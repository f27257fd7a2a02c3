"""One cheap claim for every relation that a claim of the suite may state."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.special import ndtr

from harness.blocks.streams import Stream
from harness.declaration.claim import claim
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
    one_run_within,
    pairwise_independent,
    probability_above,
    probability_below,
    rate_equals,
    uniform_variance_equals,
    variance_equals,
)
from harness.metrics.dropout_masks import pairs_agree
from harness.text import Text
from studies.calibration.primitives import STEP

HERE = "studies.calibration.primitives"
ALLOWED = 1024 * STEP  # relative error that the identity claims allow


def _unit(noise: Any, replicates: int, stream: Stream) -> Any:
    return noise((replicates,), 1.0, stream.numpy())


def _positive(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """Booleans (replicates,)."""
    return _unit(gaussian_noise, replicates, stream) > 0


def _level(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """F(noise) in [0, 1], (replicates,)."""
    return ndtr(_unit(gaussian_noise, replicates, stream))


def _ratios(dropout: Any, replicates: int, stream: Stream) -> Any:
    """h' / h in {0, 2}, (replicates,)."""
    return dropout(torch.ones(replicates), 0.5, stream.torch())


def _kept(dropout: Any, replicates: int, stream: Stream) -> Any:
    """Booleans (replicates,)."""
    return _ratios(dropout, replicates, stream) > 0


def _kept_and_ratios(dropout: Any, replicates: int, stream: Stream) -> Any:
    """Booleans and h' / h, each (replicates,)."""
    dropped = _ratios(dropout, replicates, stream)
    return {"rate": dropped > 0, "mean": dropped}


def _agreements(dropout: Any, replicates: int, stream: Stream) -> Any:
    """Agreements of neighbours, and of one element in two calls."""
    first = dropout(torch.ones(2 * replicates), 0.5, stream.torch()) > 0
    second = dropout(torch.ones(2 * replicates), 0.5, stream.child("again").torch()) > 0
    pairs = first.reshape(-1, 2)
    return {
        "neighbours": pairs_agree(pairs[:, 0], pairs[:, 1]),
        # Elements of one pair are no independent trials where neighbours are copies.
        "calls": pairs_agree(first[::2], second[::2]),
    }


def _squares(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """(Sum of squares over the variance, degrees of freedom)."""
    noise = gaussian_noise((replicates,), 2.0, stream.numpy())
    return float((noise**2).sum()) / 4.0, replicates


def _tails(gaussian_noise: Any, replicates: int, stream: Stream) -> Any:
    """Whether each tail beyond 0 was met, booleans (replicates,)."""
    noise = _unit(gaussian_noise, replicates, stream)
    return {"below": noise <= 0, "above": noise >= 0}


def _weights(xavier_uniform: Any, replicates: int, stream: Stream) -> Any:
    """w / a, of shape (replicates, 1, 1)."""
    return xavier_uniform(1, 1, stream.torch(), replicates) / 3.0**0.5


def _errors(relu: Any, replicates: int, stream: Stream) -> Any:
    """|error| / bound at powers of two, where a relative error is exact; (replicates,)."""
    x = 2.0 ** stream.numpy().integers(-8, 8, replicates)
    return np.abs(relu(torch.from_numpy(x)).numpy() - x) / (ALLOWED * x)


# By relation: what it states, the block in which it is read, and what is measured.
EDGES: dict[str, tuple[Relation, int, Callable[..., Any]]] = {
    "probability_above": (probability_above(0.5, 0.9), 2, _positive),
    "probability_below": (probability_below(0.5, 0.1), 2, _positive),
    "more_often_than_not": (more_often_than_not(), 4, _positive),
    "mean_above": (mean_above(0.4, 0.6, low=0, high=1), 24, _level),
    "mean_below": (mean_below(0.6, 0.4, low=0, high=1), 24, _level),
    "mean_equals": (mean_equals(1.0, within=0.4, low=0, high=2), 96, _ratios),
    "rate_equals": (rate_equals(0.5, within=0.1), 405, _kept),
    "variance_equals": (variance_equals(ratio=1.2), 971, _squares),
    "uniform_variance_equals": (uniform_variance_equals(ratio=1.5), 128, _weights),
    "distribution_equals": (distribution_equals("N(0, 1)", within=0.1), 618, _level),
    "pairwise_independent": (
        pairwise_independent(0.5, within=0.1, labels=("neighbours", "calls")), 1488, _agreements,
    ),
    "exactly_equal": (exactly_equal(), 8, _errors),
    "one_run_within": (one_run_within(Text("the bound", "界")), 8, _errors),
    "always_true": (always_true(), 8, _errors),
    "all_hold": (
        all_hold(
            rate=rate_equals(0.5, within=0.1), mean=mean_equals(1.0, within=0.4, low=0, high=2)
        ),
        1024, _kept_and_ratios,
    ),
    "inside_the_law": (inside_the_law(0.1, 0.3), 8, _tails),
}  # fmt: skip
CLAIMS = tuple(
    claim(
        id, f"The relation {id} holds", "关系成立", source="statistics of the suite", holds=holds,
        block=block, seconds=0.001, shrink=False,
    )(measure)
    for id, (holds, block, measure) in EDGES.items()
)  # fmt: skip
