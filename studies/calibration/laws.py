"""Laws on the edge of a zone that can be tilted: what importance sampling draws from.

A run draws one of the tilts, samples under it, and is weighted by the likelihood ratio of the law
on the edge to the mixture of all tilts. The ratio is computed here from the laws alone, never from
the engine's e-values: an engine that stopped too early would show weights above its error rate.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator


class Law(Protocol):
    """A law on a zone's edge with a family of tilts towards the other zone."""

    @property
    def tilts(self) -> tuple[float, ...]:
        """The family's members."""

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """n observations under a tilt, and for every tilt t the sum of ln(dP_t / dP_edge)."""


@dataclass(frozen=True)
class Bits:
    """Zeros and ones with P(1) = edge; a tilt is another P(1)."""

    edge: float
    tilts: tuple[float, ...]

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """n bits, as booleans."""
        bits = rng.random(n) < tilt
        return bits, self.log_ratios(int(bits.sum()), n)

    def log_ratios(self, k: int, n: int) -> Floats:
        """ln(t/p) k + ln((1-t)/(1-p)) (n-k) for every tilt t."""
        t = np.array(self.tilts)
        return np.asarray(
            k * np.log(t / self.edge) + (n - k) * np.log((1 - t) / (1 - self.edge)), np.float64
        )


@dataclass(frozen=True)
class Counts(Bits):
    """The same bits, observed as (successes, trials)."""

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """The pair (successes, n)."""
        k = int(rng.binomial(n, tilt))
        return (k, n), self.log_ratios(k, n)


@dataclass(frozen=True)
class Betas:
    """Beta(a, b) on [0, 1], mean m; the tilt f is the density 1 + |f| (x / m - 1), upwards.

    A negative tilt mirrors it. Size-biased sampling: x / m times the density of Beta(a, b) is
    that of Beta(a + 1, b).
    """

    a: float
    b: float
    tilts: tuple[float, ...]

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """n values in [0, 1]."""
        biased = rng.random(n) < abs(tilt)
        more, less = (1, 0) if tilt > 0 else (0, 1)
        x = np.where(biased, rng.beta(self.a + more, self.b + less, n), rng.beta(self.a, self.b, n))
        mean = self.a / (self.a + self.b)
        f = np.array(self.tilts)[:, None]
        gain = np.where(f > 0, x / mean - 1, (1 - x) / (1 - mean) - 1)
        return x, np.asarray(np.log1p(np.abs(f) * gain).sum(axis=1), np.float64)


@dataclass(frozen=True)
class ChiSquared:
    """(edge times chi-squared with n degrees of freedom, n); a tilt is another variance."""

    edge: float
    tilts: tuple[float, ...]

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """The pair (sum of squares, n); the ratio is that of two scaled chi-squared densities."""
        total = tilt * float(rng.chisquare(n))
        t = np.array(self.tilts)
        ratios = n / 2 * np.log(self.edge / t) + total / 2 * (1 / self.edge - 1 / t)
        return (total, n), np.asarray(ratios, np.float64)


@dataclass(frozen=True)
class Kinked:
    """u in [0, 1], uniform in each half, with P(u <= 1/2) = 1/2 + edge; a tilt is another edge.

    Its Kolmogorov distance from the uniform law is the edge, at the middle.
    """

    edge: float
    tilts: tuple[float, ...]

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """n values in [0, 1]."""
        lower = rng.random(n) < 0.5 + tilt
        u = rng.random(n) / 2 + np.where(lower, 0.0, 0.5)
        halves = Bits(0.5 + self.edge, tuple(0.5 + t for t in self.tilts))
        return u, halves.log_ratios(int(lower.sum()), n)


@dataclass(frozen=True)
class Beside:
    """A law under one name of a mapping, and innocent bits of rate `rate` under the others."""

    law: Law
    name: str
    others: tuple[str, ...]
    rate: float
    counted: bool = False

    @property
    def tilts(self) -> tuple[float, ...]:
        """Those of the one law."""
        return self.law.tilts

    def draw(self, rng: Generator, n: int, tilt: float) -> tuple[Any, Floats]:
        """A mapping; the innocent parts have the same law under every tilt."""
        x, ratios = self.law.draw(rng, n, tilt)
        shown: dict[str, Any] = {self.name: x}
        for other in self.others:
            bits = rng.random(n) < self.rate
            shown[other] = (int(bits.sum()), n) if self.counted else bits
        return shown, ratios


def log_weight(log_ratios: Floats) -> float:
    """ln of the likelihood ratio of the edge to the equal mixture of the tilts."""
    top = float(log_ratios.max())
    return -(top + math.log(float(np.exp(log_ratios - top).mean())))
