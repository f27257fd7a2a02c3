"""Optimisers with memory: each recurrence in float64, and what rounding may make of it.

A recurrence is told the parameters and gradients of every step as the optimiser got them, so that
no step inherits another's error in w. Beside each sum runs the sum of its terms' absolute values,
which bounds its rounding (Higham 2002, section 4.2).
"""

from collections.abc import Callable, Sequence

import numpy as np

from harness.metrics.arrays import Array
from harness.metrics.gradient_steps import rounding_bound


class Velocity:
    """v' = momentum v + g; the step is lr v', or lr (g + momentum v') if it looks ahead."""

    def __init__(self, momentum: float, lookahead: bool) -> None:
        self.momentum, self.lookahead = momentum, lookahead
        self.v: Array | float = 0.0
        self.terms: Array | float = 0.0

    def step(self, g: Array, size: Array, dtype: str) -> tuple[Array, Array]:
        """The step for lr = 1 and the error that rounding may make in it; size are |g|'s terms."""
        self.v = self.momentum * self.v + g
        self.terms = self.momentum * self.terms + size
        if not self.lookahead:
            return np.asarray(self.v), rounding_bound(np.asarray(self.terms), 32, dtype)
        ahead, terms = g + self.momentum * self.v, size + self.momentum * self.terms
        return np.asarray(ahead), rounding_bound(np.asarray(terms), 32, dtype)


class Moments:
    """Adam's step, m / (1 - b1^t) over sqrt(v / (1 - b2^t)) + eps (Kingma and Ba 2015)."""

    def __init__(self, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> None:
        self.betas, self.eps, self.t = betas, eps, 0
        self.m: Array | float = 0.0
        self.v: Array | float = 0.0
        self.m_terms: Array | float = 0.0
        self.v_terms: Array | float = 0.0

    def step(self, g: Array, size: Array, dtype: str) -> tuple[Array, Array]:
        """The step for lr = 1 and the error that rounding may make in it; size are |g|'s terms.

        1 - b^t loses digits: a rounding of b^t counts b^t / (1 - b^t) times.
        """
        first, second = self.betas
        self.t += 1
        self.m = first * self.m + (1 - first) * g
        self.v = second * self.v + (1 - second) * g * g
        # m + (1 - b1) (g - m) rounds terms of the old m too, which a small b1 forgets.
        self.m_terms = max(first, 0.5) * self.m_terms + (1 - first) * size
        self.v_terms = second * self.v_terms + (1 - second) * size * size
        root = np.sqrt(self.v / (1 - second**self.t)) + self.eps
        largest = np.asarray(self.m_terms) / (1 - first**self.t) / root
        lost = 4 * first**self.t / (1 - first**self.t) + 4 * second**self.t / (1 - second**self.t)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.where(self.v == 0, 1.0, np.asarray(self.v_terms) / self.v)
        scale = largest * (1 + spread)
        found = np.asarray(self.m) / (1 - first**self.t) / root
        return found, rounding_bound(scale, 32 + int(lost * self.t), dtype)


Recurrence = Velocity | Moments


def ratios(
    recurrences: Sequence[Recurrence], params: Sequence[Array], grads: Sequence[Array],
    found: Sequence[Array], rates: Sequence[float], lr: float, decoupled: bool,
    dtypes: Sequence[str],
) -> list[Array]:  # fmt: skip
    """|found - exact| / bound of one step of every parameter; `rates` are their own decays."""
    answers = []
    for memory, w, g, w_found, decay, dtype in zip(
        recurrences, params, grads, found, rates, dtypes, strict=True
    ):
        slope = g if decoupled else g + decay * w
        size = np.abs(g) if decoupled else np.abs(g) + decay * np.abs(w)
        step, error = memory.step(slope, size, dtype)
        kept = (1 - lr * decay if decoupled else 1.0) * w
        size = np.abs(w) * (1 + lr * decay) + lr * np.abs(step)
        bound = lr * error + rounding_bound(size, 8, dtype)
        answers.append((np.abs(w_found - (kept - lr * step)) / bound).ravel())
    return answers


def memory_of(
    name: str, momentum: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
) -> Callable[[], Recurrence]:
    """A fresh recurrence of the optimiser of that name."""
    if name == "adam":
        return lambda: Moments(betas, eps)
    return lambda: Velocity(momentum, lookahead=name == "nesterov")
