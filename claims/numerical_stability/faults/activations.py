"""Faults of the activation functions, in the manner of a row of the catalogue of shipped bugs.

A01: a formula that lost a factor, a shift or a sign; each is seen on ten points of a grid.
"""

import torch

from harness.declaration.book import fault


@fault("relu", breaks="ns-bottom-worse.flat ac-relu.formula ac-relu.variance")
def loses_the_factor_x(x):
    """A01: the gate 1{x > 0} without the factor x that it gates."""
    return (x > 0).to(x.dtype) + 0 * x


@fault("relu", breaks="ac-relu.formula ac-relu.variance")
def leaks_below_zero(x):
    """A01: a fifth of the negative side comes through."""
    return torch.where(x > 0, x, 0.2 * x)


@fault("relu", breaks="ns-W>1 ac-relu.formula")
def caps_at_six(x):
    """A01: relu6 under relu's name; invisible below 6."""
    return x.clamp(0, 6)


@fault("relu", breaks="ns-W>1.threshold ac-identity-only.corrected ac-relu.formula ac-relu.half")
@fault("relu", breaks="ac-identity-only.as-they-are")
@fault("relu", breaks="ac-relu.corrected ac-relu.corrected-uniform")
def reflects_the_negative_side(x):
    """A01: |x| for max(x, 0)."""
    return x.abs()


@fault("relu", breaks="ac-relu.at-zero")
def passes_the_gradient_at_zero(x):
    """The backward pass keeps what x >= 0 lets through, the forward pass what x > 0 does."""
    return x.clamp(min=0)


@fault("relu", breaks="ac-relu.nan")
def takes_nan_for_negative(x):
    """A comparison with NaN is false: what is not above 0 becomes 0."""
    return torch.where(x > 0, x, 0.0)


@fault("tanh", breaks="ac-tanh.formula")
def overflows_in_the_tail(x):
    """(exp(2x) - 1) / (exp(2x) + 1), infinity over infinity where exp(2x) overflows."""
    e = torch.expm1(2 * x)
    return e / (e + 2)


@fault("tanh", breaks="ac-tanh.formula")
def cancels_near_zero(x):
    """1 - exp(-2|x|) without expm1: near 0 nothing but the rounding of 1 is left."""
    e = torch.exp(-2 * x.abs())
    return torch.sign(x) * (1 - e) / (1 + e)


@fault("sigmoid", breaks="ac-4sig.sigmoid")
def overflows_for_large_numbers(x):
    """exp(x) / (1 + exp(x)), infinity over infinity where exp(x) overflows."""
    e = torch.exp(x)
    return e / (1 + e)


@fault("sigmoid", breaks="ns-saturate.quarter ac-4sig.series ac-4sig.sigmoid")
def approximates_the_sigmoid(x):
    """A01: the piecewise linear stand-in clip(x / 6 + 1 / 2, 0, 1) under the sigmoid's name."""
    return (x / 6 + 0.5).clamp(0, 1)


@fault("sigmoid", breaks="ns-saturate ns-saturate.quarter ac-4sig.series ac-4sig.sigmoid")
def centres_the_sigmoid(x):
    """A01: tanh(x / 2), whose slope at 0 is twice the sigmoid's and whose range is (-1, 1)."""
    return torch.tanh(x / 2)


@fault("sigmoid", breaks="ns-residual ac-4sig.series ac-4sig.sigmoid")
def steepens_the_sigmoid(x):
    """A01: sigmoid(4 x), whose slope at 0 is 1."""
    return torch.sigmoid(4 * x)


@fault("scaled_sigmoid", breaks="ac-4sig-solves.saturates")
@fault("sigmoid", breaks="ns-saturate ns-any-lr ns-bottom-worse ns-residual")
@fault("tanh", breaks="ac-identity-only.corrected ac-identity-only.as-they-are ac-tanh.formula")
def lets_the_input_through(x):
    """A01: the identity."""
    return x * 1


@fault("tanh", breaks="ac-tanh ac-tanh.law ac-tanh.formula")
def halves_the_argument(x):
    """A01: (1 - exp(-x)) / (1 + exp(-x)), the sign of a lost factor 2."""
    return torch.tanh(x / 2)


@fault("tanh", breaks="ac-tanh ac-tanh.formula")
def stretches_the_tanh(x):
    """A01: the 1.7159 tanh(2 x / 3) of LeCun 1998 under tanh's name."""
    return 1.7159 * torch.tanh(2 * x / 3)


@fault("scaled_sigmoid", breaks="ac-4sig")
@fault("tanh", breaks="su-init")
def loses_the_shift(x):
    """A01: 4 sigmoid(x) without the - 2."""
    return 4 * torch.sigmoid(x)


@fault("scaled_sigmoid", breaks="ac-4sig ac-4sig-solves")
def scales_by_two(x):
    """A01: 2 sigmoid(x) - 1, whose slope at 0 is 1 / 2."""
    return 2 * torch.sigmoid(x) - 1


@fault("scaled_sigmoid", breaks="ac-4sig ac-4sig-solves")
def forgets_to_scale(x):
    """A01: the plain sigmoid under the scaled one's name."""
    return torch.sigmoid(x)


@fault("relu", breaks="ns-product ns-diagonal")
@fault("scaled_sigmoid", breaks="ns-product ns-diagonal")
@fault("sigmoid", breaks="ns-product ns-diagonal")
@fault("tanh", breaks="ns-product ns-diagonal")
def mixes_the_units(x):
    """A01: divides by the layer's mean square, so that units depend on one another."""
    return x / (1 + x.square().mean(dim=-1, keepdim=True)).sqrt()


@fault("relu", breaks="ac-relu.infinite")
def multiplies_by_a_mask(x):
    """x 1{x > 0}: minus infinity times 0 is not a number."""
    return x * (x > 0)


@fault("sigmoid", breaks="ac-4sig.sigmoid-infinite")
def takes_numbers_alone(x):
    """NaN is 0 to it, and a net that has diverged looks well."""
    return torch.sigmoid(x.nan_to_num())


@fault("tanh", breaks="ac-tanh.infinite")
def divides_infinity_by_infinity(x):
    """(e^x - e^-x) / (e^x + e^-x) overflows on either side."""
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


@fault("scaled_sigmoid", breaks="ac-4sig")
def overflows_where_it_is_scaled(x):
    """4 exp(x) / (1 + exp(x)) - 2: exp(x) overflows at 89 in float32."""
    e = x.exp()
    return 4 * e / (1 + e) - 2
