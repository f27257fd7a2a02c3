"""Xavier's weights in a deep linear net: γ = 2 / (n_in + n_out), layer by layer.

A layer multiplies the signal's second moment q by 2 n_in / (n_in + n_out) and the gradient's by
2 n_out / (n_in + n_out): by 1 where the widths are equal.
"""

import itertools

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import through_widths
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Line, Measured
from harness.declaration.relations import all_hold, mean_equals, variance_equals
from harness.declaration.strategies import depths, widths
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", "Xavier Initialization": '
CYCLES = 3  # of widths a → b → a, in a chain
UNCHANGED_MEANS = all_hold(
    forward=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
    backward=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
)


@claim(
    "in-xavier-stable",
    "Xavier keeps signals and gradients stable from the sizes of the layers alone",
    "Xavier 只凭各层的大小就能保证信号与梯度的稳定",
    source="Mu Li's notes, Xavier 初始: 权重初始化由输入、输出维度决定，保证稳定",
    formula="E[q_{l+2} / q_l] = 1 over a cycle n_a → n_b → n_a",
    condition=Text(
        "linear nets whose widths alternate, n_a → n_b → n_a",
        "宽度交替的线性网络：n_a → n_b → n_a",
    ),
    given={"fan": st.sampled_from([[16, 128], [32, 128], [64, 256], [128, 32], [256, 64]])},
    always=({"fan": [64, 1024]},),
    holds=UNCHANGED_MEANS,
    expected=Verdict.REFUTED,
    twin="in-xavier-stable.square",
    why=Text(
        "Xavier is a compromise: a layer multiplies the signal by 2 n_in / (n_in + n_out), and "
        "over a cycle of widths a, b, a these factors multiply to 4ab / (a + b)², below 1 unless "
        "a = b (the geometric mean is at most the arithmetic one), forward and backward alike.",
        "Xavier 是折中：每层信号乘以 2n_in/(n_in+n_out)，宽度 a→b→a 的一轮乘积为 4ab/(a+b)²，"
        "除非 a = b，否则总小于 1（几何平均不大于算术平均），前向与反向都一样。",
    ),
)
def xavier_is_stable_over_cycling_widths(propagate, xavier_normal, fan, replicates, stream, device):
    cycles = 3
    chain = [*[fan[0], fan[1]] * cycles, fan[0]]
    run = through_widths(propagate, xavier_normal, None, chain, replicates, stream, device)
    forward = run.forward[:, 2::2] / run.forward[:, :-2:2]
    backward = run.backward[:, :-2:2] / run.backward[:, 2::2]
    return Measured(
        {"forward": signals.cut_ratios(forward), "backward": signals.cut_ratios(backward)},
        signals.by_layer(run.forward, run.backward),
    )


@claim(
    "in-xavier-stable.square",
    "Xavier keeps the variance stable, layer by layer, forward and backward",
    "Xavier 使每一层的前向与反向方差保持稳定",
    source=BOOK + "keep the variance of outputs and gradients fixed through the layers",
    formula="‖W h‖²/‖h‖² ~ χ²_n / n,  ‖W'δ‖²/‖δ‖² ~ χ²_n / n",
    condition=Text("the layers are linear and equally wide", "各层为线性且宽度相同"),
    given={"width": widths(32, 64, 128), "depth": depths(10, 50)},
    always=({"width": 256, "depth": 50},),
    holds=all_hold(forward=variance_equals(ratio=1.1), backward=variance_equals(ratio=1.1)),
)
def xavier_normal_is_stable(propagate, xavier_normal, width, depth, replicates, stream, device):
    nets = -(-replicates // (width * depth))
    chain = [width] * (depth + 1)
    run = through_widths(propagate, xavier_normal, None, chain, nets, stream, device)
    ones = [1.0] * depth
    return Measured(
        {
            "forward": signals.chi_squared_up(run.forward, chain, ones),
            "backward": signals.chi_squared_down(run.backward, chain, ones),
        },
        signals.by_layer(run.forward, run.backward),
    )


@claim(
    "in-xavier-stable.uniform",
    "Xavier's uniform weights keep the variance stable too, layer by layer, both ways",
    "Xavier 均匀初始化同样使每一层的前向与反向方差保持稳定",
    source=BOOK + "sampling from U(-√(6/(n_in+n_out)), √(6/(n_in+n_out)))",
    formula="E[‖W h‖²/‖h‖²] = 1,  E[‖W'δ‖²/‖δ‖²] = 1",
    condition=Text("the layers are linear and equally wide", "各层为线性且宽度相同"),
    given={"width": widths(64, 128), "depth": depths(10, 50)},
    holds=UNCHANGED_MEANS,
)
def xavier_uniform_is_stable(propagate, xavier_uniform, width, depth, replicates, stream, device):
    chain = [width] * (depth + 1)
    run = through_widths(propagate, xavier_uniform, None, chain, replicates, stream, device)
    return _ratios(run)


@claim(
    "in-xavier-stable.cycle",
    "In each linear layer Xavier multiplies the signal's mean square by 2 n_in / (n_in + n_out) "
    "and the gradient's by 2 n_out / (n_in + n_out): over widths a, b, a both by 4ab / (a + b)²",
    "Xavier 在每个线性层使信号的均方乘以 2n_in/(n_in+n_out)，使梯度的均方乘以 "
    "2n_out/(n_in+n_out)：宽度 a→b→a 时，两者总共都乘以 4ab/(a+b)²",
    source="Glorot and Bengio 2010, section 4.2.1: the compromise between the two conditions",
    formula="a → b:  E[‖W h‖²/b] = 2a/(a+b) ‖h‖²/a,  E[‖W'δ‖²/a] = 2b/(a+b) ‖δ‖²/b;  b → a "
    "likewise",
    given={"fan": st.sampled_from([[16, 128], [32, 128], [64, 256], [128, 32], [256, 64]])},
    always=({"fan": [64, 1024]},),
    # Layers a → b and b → a are judged apart: over a cycle both factors multiply to 4ab/(a+b)², so
    # that the two exchanged would pass.
    holds=all_hold(
        first_forward=variance_equals(ratio=1.1),
        first_backward=variance_equals(ratio=1.1),
        second_forward=variance_equals(ratio=1.1),
        second_backward=variance_equals(ratio=1.1),
    ),
)
def xavier_has_its_factors_in_each_layer(propagate, xavier_normal, fan, replicates, stream, device):
    chain = [fan[0], fan[1]] * CYCLES + [fan[0]]
    nets = -(-replicates // (CYCLES * min(fan)))
    run = through_widths(propagate, xavier_normal, None, chain, nets, stream, device)
    up = [2 * a / (a + b) for a, b in itertools.pairwise(chain)]
    down = [2 * b / (a + b) for a, b in itertools.pairwise(chain)]
    forward = signals.first_and_second(signals.chi_squared_up, run.forward, chain, up)
    backward = signals.first_and_second(signals.chi_squared_down, run.backward, chain, down)
    law = np.cumprod([1.0, *up])
    return Measured(
        {
            "first_forward": forward[0],
            "second_forward": forward[1],
            "first_backward": backward[0],
            "second_backward": backward[1],
        },
        signals.by_layer(
            run.forward,
            None,
            Line(Text("2 n_in / (n_in + n_out), multiplied", "2n_in/(n_in+n_out) 的连乘"), law),
        ),
    )


@claim(
    "in-xavier-stable.fan-in",
    "Weights of variance 1 / n_in keep the signal in layers that widen and in layers that narrow",
    "方差为 1/n_in 的权重在变宽的层和变窄的层中都保持信号不变",
    source=BOOK + "n_in σ² = 1 alone keeps the forward variance",
    formula="γ = 1/n_in:  E[‖W h‖²/b] = ‖h‖²/a over a → b, and b → a likewise",
    condition=Text("linear layers", "线性层"),
    given={"fan": st.sampled_from([[16, 128], [32, 128], [64, 256], [128, 32], [256, 64]])},
    # Apart, as above: with γ = 1/n_out the factors a/b and b/a would be 1 over a cycle.
    holds=all_hold(first=variance_equals(ratio=1.1), second=variance_equals(ratio=1.1)),
)
def fan_in_weights_keep_signals_in_cycles(propagate, plain_normal, fan, replicates, stream, device):
    def initializer(fan_in, *arguments, **options):
        return plain_normal(fan_in, *arguments, std=fan_in**-0.5, **options)

    chain = [fan[0], fan[1]] * CYCLES + [fan[0]]
    nets = -(-replicates // (CYCLES * min(fan)))
    run = through_widths(propagate, initializer, None, chain, nets, stream, device)
    ones = [1.0] * (len(chain) - 1)
    first, second = signals.first_and_second(signals.chi_squared_up, run.forward, chain, ones)
    return Measured({"first": first, "second": second}, signals.by_layer(run.forward))


def _ratios(run):
    return Measured(
        {
            "forward": signals.cut_ratios(signals.layer_ratios(run.forward)),
            "backward": signals.cut_ratios(run.backward[:, :-1] / run.backward[:, 1:]),
        },
        signals.by_layer(run.forward, run.backward),
    )
