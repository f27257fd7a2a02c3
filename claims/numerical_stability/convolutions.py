"""Initialisation of kernels that are no matrices: what counts as the number of inputs.

In the book's symbols: n_in is the number of inputs that one output unit sees, n_out the number of
outputs that one input unit feeds.
"""

import numpy as np

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.initial_weights import fresh_and_fine
from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    pairwise_independent,
    rate_equals,
    variance_equals,
)
from harness.metrics import arrays, dropout_masks

KERNEL_LAW = all_hold(
    law=distribution_equals("normal", within=0.02),
    tails=rate_equals(0.0027, within=0.0013),
    independent=pairwise_independent(
        0.5, within=0.02, labels=("places", "windows", "replicas", "calls")
    ),
    draws=always_true(),
)


@claim(
    "in-forward.kernels",
    "n_in of a convolution, a transposed one, a group or a head is what one output unit sees",
    "卷积、转置卷积、分组卷积或注意力头的 n_in，是一个输出单元所看到的输入个数",
    source='d2l, "Numerical Stability and Initialization", "Xavier Initialization": n_in is the '
    "number of inputs of a layer",
    formula="Var[w] = 2 / n_in,  n_in = inputs / groups × window",
    always=(
        {"kind": "convolution", "inputs": 16, "outputs": 48, "window": [3, 3], "groups": 1},
        {"kind": "convolution", "inputs": 32, "outputs": 64, "window": [5], "groups": 4},
        {"kind": "convolution", "inputs": 24, "outputs": 24, "window": [3, 5], "groups": 24},
        {"kind": "transposed", "inputs": 64, "outputs": 16, "window": [3, 3], "groups": 1},
        {"kind": "transposed", "inputs": 16, "outputs": 64, "window": [2, 2, 2], "groups": 2},
        {"kind": "heads", "inputs": 48, "outputs": 16, "window": [6], "groups": 1},
        {"kind": "packed", "inputs": 32, "outputs": 80, "window": [3], "groups": 1},
    ),
    holds=variance_equals(ratio=1.05),
)
def a_kernel_counts_the_inputs_of_one_output(
    he_kernel, kind, inputs, outputs, window, groups, replicates, stream, device
):
    seen = inputs if kind in ("heads", "packed") else inputs // groups * _size(window)
    shape = (kind, inputs, outputs, window, groups)
    return _variance_over(2 / seen, he_kernel, shape, replicates, stream, device)


@claim(
    "in-xavier-formula.kernels",
    "n_out of a convolution, a transposed one, a group or a head is what one input unit feeds",
    "卷积、转置卷积、分组卷积或注意力头的 n_out，是一个输入单元所影响的输出个数",
    source='d2l, "Numerical Stability and Initialization", "Xavier Initialization": n_out is the '
    "number of outputs of a layer",
    formula="Var[w] = 2 / (n_in + n_out),  n_out = outputs / groups × window",
    always=(
        {"kind": "convolution", "inputs": 16, "outputs": 48, "window": [3, 3], "groups": 1},
        {"kind": "transposed", "inputs": 64, "outputs": 16, "window": [3, 3], "groups": 1},
        {"kind": "heads", "inputs": 48, "outputs": 16, "window": [6], "groups": 1},
        {"kind": "packed", "inputs": 32, "outputs": 80, "window": [3], "groups": 1},
        {"kind": "convolution", "inputs": 32, "outputs": 64, "window": [5], "groups": 4},
        {"kind": "convolution", "inputs": 24, "outputs": 24, "window": [3, 5], "groups": 24},
        {"kind": "transposed", "inputs": 16, "outputs": 64, "window": [2, 2, 2], "groups": 2},
    ),
    holds=variance_equals(ratio=1.05),
)
def a_kernel_counts_the_outputs_of_one_input(
    xavier_kernel, kind, inputs, outputs, window, groups, replicates, stream, device
):
    seen, fed = inputs // groups * _size(window), outputs // groups * _size(window)
    if kind in ("heads", "packed"):
        seen = inputs
    shape = (kind, inputs, outputs, window, groups)
    return _variance_over(2 / (seen + fed), xavier_kernel, shape, replicates, stream, device)


@claim(
    "in-forward.kernel-law",
    "He's kernels are normal, tails included, and independent from window to window",
    "He 初始化的卷积核服从正态分布，尾部也不例外，各窗口相互独立",
    source='He et al. 2015, equation 10; d2l, "Numerical Stability and Initialization"',
    formula="w ~ N(0, 2 / n_in)",
    always=({"inputs": 16, "outputs": 32, "window": [3, 3]},),
    holds=KERNEL_LAW,
)
def he_kernels_are_normal(he_kernel, inputs, outputs, window, replicates, stream, device):
    variance = 2 / (inputs * _size(window))
    return _law_over(variance, he_kernel, inputs, outputs, window, replicates, stream, device)


@claim(
    "in-xavier-formula.kernel-law",
    "Xavier's kernels are normal, tails included, and independent from window to window",
    "Xavier 初始化的卷积核服从正态分布，尾部也不例外，各窗口相互独立",
    source='d2l, "Numerical Stability and Initialization", "Xavier Initialization"',
    formula="w ~ N(0, 2 / (n_in + n_out))",
    always=({"inputs": 16, "outputs": 32, "window": [3, 3]},),
    holds=KERNEL_LAW,
)
def xavier_kernels_are_normal(xavier_kernel, inputs, outputs, window, replicates, stream, device):
    variance = 2 / ((inputs + outputs) * _size(window))
    return _law_over(variance, xavier_kernel, inputs, outputs, window, replicates, stream, device)


def _law_over(variance, initializer, inputs, outputs, window, replicates, stream, device):
    """Places in the normal law, which are in its tails, and signs of neighbouring windows."""
    generator = stream.torch(device)
    drawn: list[arrays.Array] = []
    shape = ("convolution", inputs, outputs, window, 1)
    while len(drawn) < 2 or sum(w.size for w in drawn) < replicates:
        drawn.append(arrays.as_array(initializer(*shape, generator, 8, device)))
    z = np.array(drawn).reshape(-1, _size(window)) / variance**0.5
    packed = arrays.as_array(initializer("packed", 8, 8, [3], 1, generator, 1, device))
    signs, calls = z > 0, z.reshape(len(drawn), -1) > 0
    return {
        "law": signals.standard_normal_cdf(z),
        "tails": np.abs(z).ravel() > signals.TAIL,
        "independent": {
            "places": dropout_masks.pairs_agree(signs[:, 0::3], signs[:, 2::3]),
            "windows": dropout_masks.agreements(signs, 0, 1),
            "replicas": dropout_masks.agreements(calls.reshape(len(drawn), 8, -1), 1, 1),
            "calls": dropout_masks.agreements(calls, 0, 1),
        },
        "draws": arrays.truth(
            fresh_and_fine(drawn[0], drawn[1], "float32"),
            # Query, key and value each have draws of their own.
            len(np.unique(packed.reshape(3, -1), axis=0)) == 3,
        ),
    }


def _variance_over(variance, initializer, shape, replicates, stream, device):
    """The sum of squares over the variance, and how many weights were drawn."""
    generator, squares, drawn = stream.torch(device), 0.0, 0
    while drawn < replicates:
        w = arrays.as_array(initializer(*shape, generator, 8, device))
        squares, drawn = squares + float((w**2).sum()), drawn + w.size
    return squares / variance, drawn


def _size(window):
    size = 1
    for side in window:
        size *= side
    return size
