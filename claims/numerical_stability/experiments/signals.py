"""Signals through layers: standardised weights, per-layer ratios, mean-field laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.declaration.exhibits import Curve, Line, as_array
from harness.metrics.arrays import Array
from harness.text import Text

if TYPE_CHECKING:
    from torch import Tensor


ChiSquared = Callable[[Array, list[int], list[float]], tuple[float, int]]

TAIL = 3.001  # deviations: beyond what is set to 3 and rounded, as 0.269 % of a normal law are
# P(|Z| > 9) = 2e-19: a weight beyond is no draw of a normal law, however many are drawn here.
FURTHEST_DEVIATION = 9.0
LARGEST_RATIO = 4.0  # per-layer ratios are cut here; the lawful ones stay below but for 1e-12


def standard_normal_cdf(z: Any) -> Array:
    """P(Z <= z) of the standard normal law."""
    from scipy.special import ndtr

    return np.asarray(ndtr(as_array(z)), dtype=np.float64)


def uniform_cdf(share: Any) -> Array:
    """P(U <= share) of the uniform law on [-1, 1]."""
    return np.clip((as_array(share) + 1) / 2, 0.0, 1.0)


def chi_squared_cdf(x: Any, degrees: int) -> Array:
    """P(chi2(degrees) <= x)."""
    from scipy.special import gammainc

    return np.asarray(gammainc(degrees / 2, as_array(x) / 2), dtype=np.float64)


def sum_of_squares(values: Tensor, variance: float) -> tuple[float, int]:
    """(sum of squares over the stated variance, how many values): chi-squared if Gaussian."""
    return float(values.double().square().sum() / variance), values.numel()


def layer_ratios(second_moments: Array) -> Array:
    """Each layer's second moment over that of the layer below, (R, L) from (R, L + 1)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(second_moments[:, 1:] / second_moments[:, :-1])


def ratios_above_a_signal(second_moments: Array) -> Array:
    """The ratios of all layers whose layer below is not 0, in a row: (n,) from (R, L + 1).

    A weight that torch draws as N(0, 1) in single precision is exactly 0 once in 2^24, which ends
    the signal of a layer of one unit; 0 / 0 above it says nothing about the weights there. What
    lies below does not depend on them, so that the ratios that are kept have their law still.
    """
    return np.asarray(layer_ratios(second_moments)[second_moments[:, :-1] != 0])


def chi_squared_up(forward: Array, widths: list[int], factors: list[float]) -> tuple[float, int]:
    """(sum of squares, degrees) of the forward ratios of all layers over their stated factors.

    With N(0, g) weights and a given h of n units, |W h|^2 / |h|^2 is g times chi-squared with as
    many degrees as W has rows, whatever h is: so the ratios of successive layers are independent.
    """
    rows = np.array(widths[1:], dtype=np.float64)
    total = (layer_ratios(forward) / np.array(factors) * rows).sum()
    return float(total), int(len(forward) * rows.sum())


def chi_squared_down(backward: Array, widths: list[int], factors: list[float]) -> tuple[float, int]:
    """The same for |W' d|^2 / |d|^2, with as many degrees as W has columns."""
    columns = np.array(widths[:-1], dtype=np.float64)
    ratios = backward[:, :-1] / backward[:, 1:]
    total = (ratios / np.array(factors) * columns).sum()
    return float(total), int(len(backward) * columns.sum())


def first_and_second(
    chi_squared: ChiSquared, signals: Array, widths: list[int], factors: list[float]
) -> tuple[tuple[float, int], tuple[float, int]]:
    """`chi_squared_up` or `_down` of every other layer from the first on, and from the second."""
    totals, degrees = [0.0, 0.0], [0, 0]
    for layer, factor in enumerate(factors):
        ends = slice(layer, layer + 2)
        total, more = chi_squared(signals[:, ends], widths[ends], [factor])
        totals[layer % 2] += total
        degrees[layer % 2] += more
    return (totals[0], degrees[0]), (totals[1], degrees[1])


def cut_ratios(ratios: Array) -> Array:
    """Ratios (any shape) in a row, cut at `LARGEST_RATIO`; what is not finite counts as that."""
    return np.asarray(np.minimum(np.nan_to_num(ratios, nan=np.inf), LARGEST_RATIO).ravel())


def log_change(last: Any, first: Any) -> Array:
    """ln(last / first) of second moments: -inf where a signal is 0, +inf where it is NaN."""
    last, first = as_array(last), as_array(first)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(np.abs(last)) - np.log(np.abs(first))
    change = np.where(last == 0, -np.inf, change)
    return np.asarray(np.where(np.isnan(last), np.inf, change))


# ---- mean field -------------------------------------------------------------------------------


def gaussian_square(function: Callable[[Array], Array], scale: float = 1.0) -> float:
    """E f(scale Z)^2 for standard normal Z, by the trapezoidal rule on [-12, 12].

    On the whole line the rule converges geometrically for analytic f (Trefethen & Weideman 2014);
    a kink or a jump at 0 costs at most one step of 1/256.
    """
    z = np.linspace(-12.0, 12.0, 24 * 256 + 1)
    weight = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) / 256
    return float((function(scale * z) ** 2 * weight).sum())


def mean_field(
    activation: Callable[[Array], Array], slope: Callable[[Array], Array], gain: float, depth: int,
    start: float = 1.0,
) -> tuple[Array, Array]:  # fmt: skip
    """Second moments q_0 ... q_L of wide layers, and each layer's backward factor chi_1 ... chi_L.

    q_l = E f(sqrt(gain q_(l-1)) Z)^2 and chi_l = gain E f'(sqrt(gain q_(l-1)) Z)^2, where gain is
    n times the weights' variance (Poole et al. 2016; Schoenholz et al. 2017).
    """
    q, chi = [start], []
    for _ in range(depth):
        scale = math.sqrt(gain * q[-1])
        chi.append(gain * gaussian_square(slope, scale))
        q.append(gaussian_square(activation, scale))
    return np.array(q), np.array(chi)


# ---- exhibits ---------------------------------------------------------------------------------


def by_layer(forward: Any = None, backward: Any = None, *more: Line) -> Curve:
    """The chapter's picture: the mean square of signal and gradient, layer by layer, log scale.

    Without a signal all lines are of the gradient.
    """
    lines = list(more)
    if backward is not None:
        lines.insert(0, Line(Text("gradient, backward", "梯度（反向）"), backward))
    if forward is not None:
        lines.insert(0, Line(Text("signal, forward", "信号（前向）"), forward))
    points = as_array(lines[0].y).shape[-1]
    label = Text("mean square", "均方值")
    if forward is None:
        label = Text("mean square of the gradient", "梯度的均方值")
    return Curve(
        Text("Mean square per layer", "各层的均方值"), np.arange(points),
        tuple(Line(line.name, positive(line.y)) for line in lines), x_label=Text("layer", "层"),
        y_label=label, log_y=True,
    )  # fmt: skip


def positive(values: Any) -> Array:
    """Values that a logarithmic axis can show: within [1e-300, 1e300], never NaN."""
    return np.clip(np.nan_to_num(as_array(values), nan=1e300), 1e-300, 1e300)
