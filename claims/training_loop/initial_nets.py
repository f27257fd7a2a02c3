"""A whole net's initialization: each module's law, draws of its own, and all else as it was."""

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import initial_nets
from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    exactly_equal,
    variance_equals,
)
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays
from harness.text import Text

GPT2 = "Radford et al. 2019, section 2.3: weights of residual layers are scaled by 1/√N; "
NETS = {"layers": counts(1, 4), "tied": st.booleans(), "biases": st.booleans(),
        "padding": st.booleans(), "dtype": dtypes("float32", "float64")}  # fmt: skip
EDGES = (
    {"layers": 2, "tied": True, "biases": True, "padding": False, "dtype": "float32"},
    {"layers": 3, "tied": True, "biases": True, "padding": True, "dtype": "float32"},
    {"layers": 1, "tied": False, "biases": False, "padding": False, "dtype": "float64"},
)
# P(Z > 9) = 1e-19, and so are the chances of the bounds that follow from it.
FAR = 9.0


@claim(
    "tl-init",
    "Each module of a net gets its own law: N(0, 0.02²) for weights and embeddings, "
    "N(0, 0.02² / 2L) for the projections onto the residual stream of L blocks, 0 for biases and "
    "padding, 1 for gains",
    "网络的每个模块各有其分布：权重和嵌入为 N(0, 0.02²)，"
    "L 个块中通向残差流的投影为 N(0, 0.02² / 2L)，偏置和填充为 0，增益为 1",
    source=GPT2 + 'd2l, "Numerical Stability and Initialization", "Parameter Initialization"',
    formula="w ~ N(0, σ²),  σ = 0.02,  of c_proj σ = 0.02 / √(2L);  b = 0,  γ = 1",
    given=NETS,
    always=EDGES,
    holds=all_hold(
        variance=variance_equals(ratio=1.1),
        projections=variance_equals(ratio=1.1),
        law=distribution_equals(Text("normal", "正态分布"), within=0.03),
        each_parameter=exactly_equal(),
    ),
)
def each_module_gets_its_law(
    module_init, layers, tied, biases, padding, dtype, replicates, stream, device
):
    plain: list[arrays.Array] = []
    joining: list[arrays.Array] = []
    answers, numbers = [], 0
    generator = stream.child("draws").torch(device)
    while numbers < replicates:
        found = stream.child("found", numbers)
        net = initial_nets.net_of(layers, tied, biases, padding, dtype, found, device)
        module_init(net.module, layers, generator)
        for factor, z in net.drawn():
            (joining if factor < 1 else plain).append(z)
            answers.append(_as_a_normal_sample(z))
        answers += [arrays.mismatch(w, np.full(w.shape, value)).ravel() for w, value in net.fixed()]
        numbers = sum(z.size for z in joining)
    weights, projections = np.concatenate(plain), np.concatenate(joining)
    return {
        "variance": (float(np.square(weights).sum()), weights.size),
        "projections": (float(np.square(projections).sum()), projections.size),
        "law": initial_nets.standard_normal_cdf(np.concatenate([weights, projections])),
        "each_parameter": np.concatenate(answers),
    }


def _as_a_normal_sample(z):
    """Sum, sum of squares and largest number of one parameter, each over what chance allows.

    |χ²_n - n| ≤ 2√(nx) + 2x but for 2 exp(-x) (Laurent and Massart 2000, Lemma 1), x = FAR²/2.
    """
    n, x = z.size, FAR**2 / 2
    found = np.array([z.sum(), np.square(z).sum(), np.abs(z).max()])
    return arrays.bounded_ratio(
        found, [0, n, 0], [FAR * np.sqrt(n), 2 * np.sqrt(n * x) + 2 * x, FAR]
    )


@claim(
    "tl-init.draws",
    "The draws of an initialization follow from the generator alone, and no two parameters or nets "
    "share them",
    "初始化的抽样只由生成器决定，任何两个参数、两个网络都不共用抽样",
    source='d2l, "Numerical Stability and Initialization", "Breaking the Symmetry"',
    formula="one state: one net, bit for bit;  two parameters: |cos(w, w')| ≤ 9 / √n",
    given=NETS,
    always=EDGES,
    holds=always_true(),
)
def draws_follow_from_the_generator_alone(
    module_init, layers, tied, biases, padding, dtype, stream, device
):
    first, second = (stream.child(name).torch(device) for name in ("first", "second"))
    again = stream.child("first").torch(device)
    nets = []
    for place, generator in enumerate((first, again, first, second)):
        found = stream.child("found", place)
        net = initial_nets.net_of(layers, tied, biases, padding, dtype, found, device)
        module_init(net.module, layers, generator)
        nets.append([z for _, z in net.drawn()])

    one, same, *others = nets
    answers = [arrays.mismatch(*pair) for pair in zip(one, same, strict=True)]
    # Both halves of each parameter, as long as the shortest, so that rows in common show as well.
    halves = [half for net in (one, *others) for z in net for half in np.array_split(z, 2)]
    rows = np.stack([half[: min(map(len, halves))] for half in halves])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = (rows @ rows.T)[np.triu_indices(len(rows), 1)]
    # P(|cos| > t) <= 2 exp(-n t² / 2) for a direction that is uniform (Ball 1997, Lemma 2.2).
    return np.concatenate(
        [*answers, arrays.bounded_ratio(cosines, 0.0, FAR / np.sqrt(rows.shape[1]))]
    )


@claim(
    "tl-init.kept",
    "An initialization leaves a net's parameters the objects that they are, tied, trained or "
    "frozen, and its buffers as they were",
    "初始化后网络的参数仍是原来的对象：共享的仍共享，训练或冻结的状态不变，缓冲区也不变",
    source='d2l, "Parameter Management", "Tied Parameters": they are the same object',
    formula="w' is w,  for every name of it;  b' = b for buffers",
    given={**NETS, "frozen": st.sampled_from(list(initial_nets.FROZEN))},
    always=tuple(
        {**edge, "frozen": frozen}
        for edge, frozen in zip(EDGES, ("word embedding", "norms", "everything"), strict=True)
    ),
    holds=always_true(),
)
def parameters_stay_the_objects_that_they_are(
    module_init, layers, tied, biases, padding, dtype, frozen, stream, device
):
    found = stream.child("found")
    net = initial_nets.net_of(layers, tied, biases, padding, dtype, found, device).module
    for name, w in net.named_parameters():
        w.requires_grad = not initial_nets.FROZEN[frozen](name)
    before = dict(net.named_parameters(remove_duplicate=False))
    flags = [w.requires_grad for w in before.values()]
    buffers = {name: arrays.as_array(b).copy() for name, b in net.named_buffers()}

    module_init(net, layers, stream.child("draws").torch(device))

    after = dict(net.named_parameters(remove_duplicate=False))
    kept = dict(net.named_buffers())
    facts = [after.keys() == before.keys(), kept.keys() == buffers.keys()]
    facts += [after.get(name) is w for name, w in before.items()]
    facts += [w.requires_grad == flag for w, flag in zip(after.values(), flags, strict=False)]
    same = [arrays.mismatch(kept[n], b).ravel() for n, b in buffers.items() if n in kept]
    return np.concatenate([arrays.truth(*facts), *same])
