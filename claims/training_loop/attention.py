"""Attention: its formula, what may not flow, rows that see nothing, dropout of its weights."""

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import attention_inputs as given
from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    exactly_equal,
    pairwise_independent,
    rate_equals,
)
from harness.declaration.strategies import counts, drop_probabilities, dtypes
from harness.metrics import arrays
from harness.metrics.gradient_steps import wide

SOURCE = 'd2l, "Attention Scoring Functions": scaled dot-product attention; '
SIZES = {
    "heads": counts(1, 3), "steps": counts(1, 7), "width": st.sampled_from([1, 4, 16]),
    "dtype": dtypes("float64", "float32"),
}  # fmt: skip
AXES = ("example", "head", "row", "column", "call")


@claim(
    "tl-attention",
    "At test time attention is softmax(qkᵀ/√d) v over what is seen, however many keys there are, "
    "and draws nothing",
    "测试时注意力就是对可见位置的 softmax(qkᵀ/√d) v，键的个数任意，且不抽取任何随机数",
    source=SOURCE + "Vaswani et al. 2017, Eq. 1",
    formula="o_i = Σ_j softmax_j(q_i·k_j/√d) v_j",
    given={**SIZES, "mask": st.sampled_from(given.MASKS), "others": st.sampled_from([0, 1, 4])},
    always=(
        {"heads": 2, "steps": 5, "width": 4, "dtype": "float64", "mask": "documents, causal",
         "others": 0},
        {"heads": 2, "steps": 5, "width": 16, "dtype": "float32", "mask": "none", "others": 3},
        {"heads": 3, "steps": 7, "width": 4, "dtype": "float64", "mask": "causal", "others": 0},
        # More keys than are read in one block.
        {"heads": 1, "steps": 150, "width": 4, "dtype": "float64", "mask": "causal", "others": 0},
    ),
    holds=exactly_equal(),
)  # fmt: skip
def attention_is_its_formula(attention, heads, steps, width, dtype, mask, others, stream, device):
    import torch

    more = 0 if "causal" in mask else others  # sources disagree about which keys are in the past
    q, k, v = given.inputs([2, heads, steps, width], dtype, stream, device, more)
    seen, blocks, causal = given.mask_of(mask, 2, steps, stream.numpy(), more)
    told = None if blocks is None else torch.as_tensor(blocks, device=device)
    generator = stream.child("mask").torch(device)
    before, options = generator.get_state(), {"generator": generator, "training": False}

    found = [wide(attention(q, k, v, told, causal, 0.5, **options)) for _ in range(2)]

    right, bound = given.exact(wide(q), wide(k), wide(v), seen, dtype)
    return np.concatenate(
        [
            arrays.bounded_ratio(found[0], right, bound).ravel(),
            arrays.mismatch(found[1], found[0]).ravel(),
            arrays.truth(torch.equal(generator.get_state(), before)),
        ]
    )


@claim(
    "tl-attention.unseen",
    "Nothing flows from the future or from another document",
    "任何信息都不会来自未来或其他文档",
    source=SOURCE + '"Self-Attention": the decoder attends to what precedes',
    formula="j unseen by i:  o_i does not depend on k_j, v_j",
    given={**SIZES, "steps": counts(2, 7), "mask": st.sampled_from(given.MASKS[1:])},
    always=(
        {"heads": 2, "steps": 6, "width": 4, "dtype": "float64", "mask": "documents, causal"},
        {"heads": 2, "steps": 6, "width": 4, "dtype": "float32", "mask": "causal"},
        {"heads": 1, "steps": 7, "width": 4, "dtype": "float64", "mask": "documents"},
    ),
    holds=always_true(),
)
def nothing_flows_from_what_is_unseen(attention, heads, steps, width, dtype, mask, stream, device):
    import torch

    q, k, v = given.inputs([2, heads, steps, width], dtype, stream, device)
    draws = stream.numpy()
    seen, blocks, causal = given.mask_of(mask, 2, steps, draws)
    told = None if blocks is None else torch.as_tensor(blocks, device=device)
    place = int(draws.integers(steps))
    other = [one.clone() for one in (k, v)]
    for one in other:
        one[:, :, place] = 1e6 * one[:, :, place] + 1e6  # a score no finite penalty outweighs

    before, after = (
        wide(attention(q, *pair, told, causal, training=False)) for pair in ((k, v), other)
    )

    blind = np.broadcast_to(~seen[..., place], before.shape[:3])
    return np.concatenate([arrays.mismatch(after[blind], before[blind]).ravel(), [0.0]])


@claim(
    "tl-attention.blind",
    "A row that may look at nothing gives zeros, and no NaN reaches the rows beside it",
    "什么都看不到的行输出零，也不会把 NaN 传给其他行",
    source=SOURCE + "masked softmax, where a valid length is 0",
    formula="no j seen by i:  o_i = 0;  every other o_i = Σ_j softmax_j(q_i·k_j/√d) v_j;  "
    "∂Σo/∂q finite",
    given={**SIZES, "steps": counts(2, 7)},
    always=({"heads": 2, "steps": 5, "width": 4, "dtype": "float32"},),
    holds=exactly_equal(),
)
def a_blind_row_is_zero(attention, heads, steps, width, dtype, stream, device):
    import torch

    q, k, v = given.inputs([2, heads, steps, width], dtype, stream, device)
    seen, _, _ = given.mask_of("documents", 2, steps, stream.numpy())
    seen[0, 0, int(stream.numpy().integers(steps))] = False
    told = torch.as_tensor(seen, device=device)
    q.requires_grad_()

    out = attention(q, k, v, told, False, training=False)
    (gradient,) = torch.autograd.grad(out.sum(), q)

    right, bound = given.exact(wide(q), wide(k), wide(v), seen, dtype)
    return np.concatenate(
        [
            arrays.bounded_ratio(wide(out), right, bound).ravel(),
            arrays.truth(wide(gradient.isfinite())),
        ]
    )


@claim(
    "tl-attention.dropout",
    "Dropout drops weights after the softmax, each with probability p and independently, and "
    "divides the others by 1 - p",
    "暂退法在 softmax 之后作用于权重：各以概率 p 独立丢弃，其余除以 1 - p",
    source=SOURCE + "self.dropout(self.attention_weights)",
    formula="o = Σ_j m_j softmax_j v_j / (1 - p),  m_j ~ Bernoulli(1 - p)",
    given={"p": drop_probabilities(0.1, 0.8)},
    always=({"p": 0.3}, {"p": 0.1}),
    holds=all_hold(
        rate=rate_equals(lambda p: p, within=0.02),
        pairs=pairwise_independent(lambda p: p, within=0.02, labels=AXES),
        scale=exactly_equal(),
    ),
)
def attention_weights_are_dropped(attention, p, replicates, stream, device):
    import torch

    generator, shape, total = stream.child("mask").torch(device), (2, 4, 16, 16), 0
    dropped, ratios, agree = 0, [], {name: [0, 0] for name in AXES}
    before = None
    while total < replicates:
        q, k, _ = given.inputs(list(shape), "float32", stream.child(total), device)
        one = torch.eye(16, device=device).expand(shape)  # the output is the weights themselves
        found = wide(attention(q, k, one, None, False, p, generator, training=True))
        right, bound = given.exact(wide(q), wide(k), wide(one), True, "float32")
        lost = found == 0
        kept = np.where(lost, right, found * (1 - p))
        ratios.append(arrays.bounded_ratio(kept, right, bound).ravel())
        dropped, total = dropped + int(lost.sum()), total + lost.size
        halves = [np.split(lost, 2, axis=axis) for axis in range(4)]
        pairs = dict(zip(AXES, halves, strict=False))
        if before is not None:
            pairs["call"] = [before, lost]
        for name, (left, right_half) in pairs.items():
            agree[name][0] += int((left == right_half).sum())
            agree[name][1] += left.size
        before = lost
    return {
        "rate": (dropped, total),
        "pairs": {name: tuple(both) for name, both in agree.items()},
        "scale": np.concatenate(ratios),
    }
