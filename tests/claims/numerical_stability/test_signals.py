"""Signals through layers, against closed forms and SciPy."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import torch
from torch import Tensor

from claims.numerical_stability.experiments import activations, signals
from harness.blocks.streams import Stream


def test_the_distribution_functions_are_scipys() -> None:
    x = np.linspace(-3, 3, 61)

    np.testing.assert_allclose(signals.standard_normal_cdf(x), scipy.stats.norm.cdf(x), rtol=1e-13)
    np.testing.assert_allclose(signals.uniform_cdf(x), scipy.stats.uniform(-1, 2).cdf(x))
    for k in (1, 4, 7):
        expected = scipy.stats.chi2(k).cdf(np.abs(x))
        np.testing.assert_allclose(signals.chi_squared_cdf(np.abs(x), k), expected, rtol=1e-12)


def test_ratios_of_gaussian_layers_add_up_to_chi_squared() -> None:
    # Two layers 3 -> 2 -> 4: ratios of 0.5 and 3 on the way up, of 2 and 3 on the way down.
    forward = np.array([[1.0, 0.5, 1.5]])
    backward = np.array([[6.0, 2.0, 1.0]])

    up = signals.chi_squared_up(forward, [3, 2, 4], [0.25, 1.5])
    down = signals.chi_squared_down(backward, [3, 2, 4], [1.5, 2.0])

    np.testing.assert_allclose(up, (2 * 0.5 / 0.25 + 4 * 3 / 1.5, 6))
    np.testing.assert_allclose(down, (3 * 3 / 1.5 + 2 * 2 / 2.0, 5))


def test_exchanged_factors_pass_in_the_sum_of_a_cycle_and_not_layer_by_layer() -> None:
    a, b = 64, 1024
    right, exchanged = (2 * a / (a + b), 2 * b / (a + b)), [2 * b / (a + b), 2 * a / (a + b)]
    forward = np.array([[1.0, right[0], right[0] * right[1]]])

    total, degrees = signals.chi_squared_up(forward, [a, b, a], exchanged)
    layers = signals.first_and_second(signals.chi_squared_up, forward, [a, b, a], exchanged)

    assert total == pytest.approx(degrees)
    np.testing.assert_allclose(layers, [(b * a / b, b), (a * b / a, a)])


def test_a_ratio_is_of_a_layer_above_a_signal() -> None:
    # The second chain ends in layer 2: that layer's ratio is 0, those above it are 0 / 0.
    chains = np.array([[1.0, 2.0, 1.0, 3.0], [1.0, 3.0, 0.0, 0.0]])
    assert signals.ratios_above_a_signal(chains).tolist() == [2.0, 0.5, 3.0, 3.0, 0.0]
    assert np.isnan(signals.ratios_above_a_signal(np.array([[1.0, np.nan, 1.0]]))).all()


def test_what_is_not_finite_is_as_large_as_can_be_in_a_cut_ratio() -> None:
    ratios = np.array([[0.5, np.nan], [np.inf, 9.0]])
    assert signals.cut_ratios(ratios).tolist() == [0.5, 4.0, 4.0, 4.0]


def test_a_lost_signal_has_fallen_without_bound_and_a_diverged_one_risen() -> None:
    change = signals.log_change([0.0, np.nan, math.e, np.inf], [1.0, 1.0, 1.0, 1.0])
    assert change.tolist() == [-np.inf, np.inf, 1.0, np.inf]
    assert signals.log_change([0.0], [0.0]).tolist() == [-np.inf]


def test_the_mean_field_law_has_its_closed_forms() -> None:
    linear, chi = signals.mean_field(lambda z: z, np.ones_like, 0.9, 5)
    np.testing.assert_allclose(linear, 0.9 ** np.arange(6), rtol=1e-12)
    np.testing.assert_allclose(chi, 0.9, rtol=1e-12)

    relu, chi = signals.mean_field(activations.relu, activations.relu_slope, 2.0, 5)
    np.testing.assert_allclose(relu, 1.0, rtol=1e-9)
    np.testing.assert_allclose(chi, 1.0, atol=2 / 256)


def test_the_mean_field_law_of_tanh_and_sigmoid_is_the_catalogues() -> None:
    tanh, _ = signals.mean_field(np.tanh, activations.tanh_slope, 1.0, 1000)
    assert tanh[50] == pytest.approx(0.0102, abs=5e-5)
    assert tanh[1000] * 1000 == pytest.approx(0.501, abs=5e-4)

    _, chi = signals.mean_field(activations.sigmoid, activations.sigmoid_slope, 1.0, 20)
    assert chi[-1] == pytest.approx(0.0557, abs=5e-5)


@pytest.mark.parametrize(("name", "oracle"), [
    ("relu", torch.relu), ("sigmoid", torch.sigmoid), ("tanh", torch.tanh),
    ("scaled_sigmoid", lambda x: 2 * torch.tanh(x / 2)),
])  # fmt: skip
def test_formulas_and_slopes_are_torchs(name: str, oracle: Callable[[Tensor], Tensor]) -> None:
    x = torch.linspace(-30, 30, 602, dtype=torch.float64)

    value = activations.FORMULAS[name](x.numpy())
    slope = activations.SLOPES[name](x.numpy())

    np.testing.assert_allclose(value, oracle(x).numpy(), rtol=1e-14)
    np.testing.assert_allclose(slope, activations.slope_of(oracle, x), atol=1e-15)


def test_inputs_have_both_signs_and_many_sizes() -> None:
    x = activations.inputs(np.random.default_rng(1), 2000, 3.0, "float32", "cpu")

    assert x.dtype == torch.float32
    assert 900 < int((x > 0).sum()) < 1100
    assert float(x.abs().min()) < 1e-6 < 1.0 < float(x.abs().max()) <= 3.0


def test_an_activation_is_held_against_its_formula_in_value_and_slope() -> None:
    stream = Stream(b"activations").child("formula")

    def shifted(x: Tensor) -> Tensor:  # the value is wrong, the slope is right
        return torch.sigmoid(x) + 1e-3

    right = activations.against_the_formula("sigmoid", torch.sigmoid, 3.0, "float64", 50, stream)
    wrong = activations.against_the_formula("sigmoid", shifted, 3.0, "float64", 50, stream)

    assert right.shape == (100,)
    assert right.max() <= 1
    assert wrong[:50].min() > 1 >= wrong[50:].max()
