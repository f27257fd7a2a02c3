"""The study behind the explorables, with a few replicates."""

import math

import numpy as np
import pytest

from reports.explored import read
from studies import explorables


def test_quantiles_are_those_of_each_setting_over_replicates() -> None:
    values = np.arange(22.0).reshape(11, 2)  # 0, 2, ... 20 and 1, 3, ... 21
    assert explorables.quantiles(values) == [(2.0, 10.0, 18.0), (3.0, 11.0, 19.0)]


def test_a_diverged_replicate_lies_above_all_others() -> None:
    values = np.append(np.arange(9.0), [np.nan, np.inf])
    ((low, middle, high),) = explorables.quantiles(values)
    assert (low, middle) == (1.0, 5.0)
    assert math.isinf(high)


def test_the_same_study_measures_the_same_again() -> None:
    first, again = (explorables.decay(4) for _ in range(2))

    assert first == again
    assert first.replicates == 4


@pytest.mark.parametrize("name", ["decay", "depth"])
def test_what_is_shipped_has_the_grid_of_the_study(name: str) -> None:
    made, shipped = explorables.STUDIES[name](2), read(name)

    assert {k: list(v) for k, v in made.axes.items()} == {
        k: list(v) for k, v in shipped.axes.items()
    }
    assert made.quantities.keys() == shipped.quantities.keys()
    assert made.generated == shipped.generated


def test_a_fit_keeps_its_values_in_chebyshev_polynomials() -> None:
    w, x = np.array([5.0, 1.2, -3.4, 5.6]), np.linspace(-2.5, 2.0, 7)

    in_chebyshev = explorables.in_chebyshev(w, 3, -2.5, 2.0)

    values = np.polynomial.chebyshev.chebval((2 * x - (-2.5 + 2.0)) / 4.5, in_chebyshev)
    exact = 5 + 1.2 * x - 3.4 * x**2 / 2 + 5.6 * x**3 / 6
    np.testing.assert_allclose(values, exact, rtol=1e-12)
