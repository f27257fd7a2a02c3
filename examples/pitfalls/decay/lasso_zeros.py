"""Exact zeros looked for by subgradient steps."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from claims.weight_decay.experiments import linear_models
from examples.pitfalls.pitfall import Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.exact.lasso import lasso


def l1_by_steps(X: Tensor, y: Tensor, penalty: float, lr: float) -> Tensor:
    """400 subgradient steps on mean (Xw - y)^2 / 2 + penalty ||w||_1, from 0.01 everywhere."""
    w = torch.full((X.shape[1],), 0.01, dtype=X.dtype)
    for _ in range(400):
        w = w - lr * (X.T @ (X @ w - y) / len(y) + penalty * w.sign())
    return w


def _zeros(stream: Stream, replicates: int) -> Measurement:
    X, y = linear_models.sparse_task(stream.numpy(), replicates)
    by_steps = [
        l1_by_steps(a, b, 0.25, 0.03)
        for a, b in zip(torch.from_numpy(X), torch.from_numpy(y), strict=True)
    ]
    none = np.array([not bool((w == 0).any()) for w in by_steps])
    exact = lasso(X, y, 0.25)
    selected = ((exact == 0).mean(axis=1) > 0.5) & (exact[:, :5] != 0).all(axis=1)
    return Measurement(
        (
            Figure("no weight is exactly 0, subgradient steps", none, "always"),
            Figure("share of exact zeros, coordinate descent", (exact == 0).mean(axis=1)),
        ),
        (
            judged(
                "coordinate descent: most weights 0, no signal lost",
                BernoulliTest(0.5, 0.9),
                selected,
            ),
        ),
    )


PITFALL = Pitfall(
    name="lasso-zeros",
    heading="Exact zeros by subgradient steps",
    row="lasso by subgradient SGD to show zeros",
    shown=(l1_by_steps,),
    measure=_zeros,
    replicates=100,
    quick=6,
    why="A step of fixed size ηλ jumps over 0 and back: the weight hovers within ηλ of it.",
    ours="Coordinate descent, whose soft threshold reaches 0 exactly. Over equal columns the "
    "solution is not unique, so nothing is said there about which weight is 0.",
    claims=("wd-l1", "wd-l1.outside", "wd-l1.duplicates"),
)
