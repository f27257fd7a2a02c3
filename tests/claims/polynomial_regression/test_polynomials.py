"""The polynomial experiment against quadrature, exact arithmetic and torch."""

import math
from typing import Any

import numpy as np
import pytest

from claims.polynomial_regression.experiments import polynomials, protocol
from harness.blocks.streams import Stream
from harness.data.synthetic import noisy_cubic
from harness.declaration.exhibits import Curve, Line
from harness.primitives.polynomials import polynomial_features
from harness.text import Text
from harness.training.linear.linear import train_linear


def test_the_best_line_and_its_floor_are_those_of_quadrature() -> None:
    x, weight = np.polynomial.hermite_e.hermegauss(12)  # exact for polynomials up to degree 23
    weight = weight / weight.sum()
    columns = np.stack([np.ones_like(x), x], axis=1) * np.sqrt(weight)[:, None]

    best, *_ = np.linalg.lstsq(columns, polynomials.cubic(x) * np.sqrt(weight))
    floor = float(weight @ (polynomials.cubic(x) - best[0] - best[1] * x) ** 2) + 0.01

    assert best == pytest.approx(polynomials.LINE, rel=1e-12)
    assert floor == pytest.approx(polynomials.LINE_FLOOR, rel=1e-12)
    assert floor == pytest.approx(11.0167, abs=1e-4)


def test_the_exact_features_are_powers_over_factorials() -> None:
    found = polynomials.exact_features(np.array([[0.5, -2.0]]), 3)
    assert found.tolist() == [[[1, 0.5, 0.125, 0.125 / 6], [1, -2, 2, -8 / 6]]]


def test_the_x_behind_the_printed_rows_meet_every_printed_digit() -> None:
    printed, half_unit = polynomials.printed_features()

    x = polynomials.behind_the_printed_features()

    assert x == pytest.approx([-0.828246, 1.400293], abs=1e-6)
    assert (np.abs(polynomials.exact_features(x, 19) - printed) <= half_unit * 1.001).all()


def test_the_initial_weights_are_those_of_a_default_linear_layer_and_shared_by_degrees() -> None:
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(20, 1, bias=False, dtype=torch.float64)

    high = protocol.initial_weights(500, 19, Stream(b"a"))
    low = protocol.initial_weights(500, 3, Stream(b"a"))

    bound = 1 / math.sqrt(20)
    assert float(layer.weight.detach().abs().max()) <= bound
    assert 0.99 * bound < np.abs(high).max() <= bound
    assert low == pytest.approx(high[:, :4] * math.sqrt(5))


def test_a_figure_is_inside_a_law_on_both_sides_and_nan_on_neither() -> None:
    found = protocol.inside({"w": 1.0}, {"w": np.array([0.0, 2.0, np.nan])})
    assert found["w"]["below"].tolist() == [True, False, False]
    assert found["w"]["above"].tolist() == [False, True, False]


class _LeastSquares:
    """A trainer that solves for the weights and hands back what a history would hold of them."""

    def __init__(self, data: Any, *run: Any, **options: Any) -> None:
        pairs = zip(data.X, data.y, strict=True)
        self.w = np.stack([np.linalg.lstsq(X, y)[0] for X, y in pairs])


def test_the_variance_over_noise_of_least_squares_is_sigma_squared_d_over_n() -> None:
    found = protocol.variance_over_noise(
        noisy_cubic, polynomial_features, _LeastSquares, 3, 200, Stream(b"v")
    )

    # Chi-squared with 200 * 3 * 4 degrees of freedom: a standard error of 3 %; this is five.
    assert found.shape == (200,)
    assert found.mean() == pytest.approx(0.1**2 * 4 / 100, rel=0.15)


def test_the_noises_of_a_design_share_their_orders() -> None:
    seen = []

    def train(data: Any, solver: Any, orders: Any, **options: Any) -> Any:
        seen.append(orders)
        return _LeastSquares(data, solver, orders)

    protocol.variance_over_noise(noisy_cubic, polynomial_features, train, 1, 2, Stream(b"o"))

    assert seen[0].shape == (2 * protocol.NOISES, protocol.SOLVER.epochs, 100)
    assert (seen[0][0] == seen[0][1]).all()
    assert (seen[0][0] != seen[0][protocol.NOISES]).any()


def test_fits_of_two_degrees_share_data_and_orders() -> None:
    def first_four(x: Any, degree: int) -> Any:
        columns = polynomial_features(x, 3)
        return np.concatenate([columns, np.zeros((*x.shape, degree - 3))], axis=-1)

    data = protocol.drawn(noisy_cubic, 3, Stream(b"p"))
    low, high = (
        protocol.trained(
            train_linear, first_four, data, d, 20, Stream(b"p"), initial=np.zeros((3, d + 1))
        )
        for d in (3, 19)
    )

    # Four columns and twenty go through different kernels, in float32: 200 steps of rounding.
    assert high.train_loss == pytest.approx(low.train_loss, rel=1e-3)
    assert high.w[:, :4] == pytest.approx(low.w, abs=1e-3)


def test_a_level_is_a_constant_line_beside_the_curves() -> None:
    curve = Curve(Text("t", "t"), np.arange(3), (Line(Text("a", "a"), np.ones((2, 3))),))

    drawn = protocol.with_level(curve, Text("exact", "精确"), np.array([1.0, 2.0]))

    assert [line.name.en for line in drawn.lines] == ["a", "exact"]
    assert drawn.lines[1].y.tolist() == [[1, 1, 1], [2, 2, 2]]


@pytest.mark.parametrize("degree", [1, 3, 12])
def test_the_excess_risk_is_that_of_quadrature(degree: int) -> None:
    rng = np.random.Generator(np.random.SFC64(degree))
    w, best = rng.standard_normal((2, degree + 1))
    x, weight = np.polynomial.hermite_e.hermegauss(16)  # exact up to degree 31
    gap = polynomial_features(x, degree) @ (w - best)

    found = polynomials.excess_risk(w[None], best)

    assert found[0] == pytest.approx(float(weight @ gap**2) / math.sqrt(2 * math.pi), rel=1e-10)
