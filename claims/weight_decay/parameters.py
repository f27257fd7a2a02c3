"""What a decaying step does to each parameter: its cost, what it touches, what decays by default.

p <- (1 - eta lambda) p - eta g, for every p whose group asks for a lambda.
"""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import Verdict, claim
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.relations import always_true, exactly_equal
from harness.declaration.strategies import counts, learning_rates, penalties
from harness.metrics import arrays, tensors
from harness.metrics import gradient_steps as steps
from harness.text import Text

BOOK_CONCISE = 'd2l, "Weight Decay", "Concise Implementation"'


@claim(
    "wd-free",
    "Weight decay in the optimiser comes without additional computational cost",
    "在优化器中进行权重衰减没有额外的计算开销",
    source=f'{BOOK_CONCISE}: "without any additional computational overhead"',
    formula="operations(step, λ) = operations(step, 0)",
    given={"side": counts(8, 128), "decoupled": st.booleans()},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-free.corrected",
    why=Text(
        "The step makes another pass or two over the parameters. Counted in operations, since "
        "timings of so small a difference are noise.",
        "更新时要对参数多遍历一到两次。这里数的是运算次数，因为如此小的时间差会淹没在噪声里。",
    ),
)
def decay_costs_nothing(sgd, side, decoupled, stream, device):
    return arrays.truth(_extra_operations(sgd, side, decoupled, stream, device) == 0)


@claim(
    "wd-free.corrected",
    "Weight decay costs one to four operations a weight, below 2 % of a training step's",
    "权重衰减对每个权重多做一到四次运算，不到一步训练总量的 2%",
    source="derived here: forward and backward take 6 |B| operations a weight",
    formula="1 <= extra operations a weight <= 4, < 0.02 · 6 |B|",
    condition=Text("dense layers, batches of 64 or more examples", "全连接层，批量不小于 64"),
    inside=lambda batch: batch >= 64,
    given={"side": counts(8, 128), "decoupled": st.booleans(), "batch": counts(64, 512)},
    holds=always_true(),
)
def decay_costs_a_pass_over_the_weights(sgd, side, decoupled, batch, stream, device):
    extra = _extra_operations(sgd, side, decoupled, stream, device)
    return arrays.truth(extra >= 1, extra <= 4, extra < 0.02 * 6 * batch)


def _extra_operations(sgd, side, decoupled, stream, device):
    """Elements that a step with decay writes more than one without, for each weight."""
    tensors.needs_torch(sgd)
    w = steps.normal(stream.child("w"), (1, side, side), "float32", device)
    g = steps.normal(stream.child("g"), (1, side, side), "float32", device)

    def step(weight_decay):
        return sgd([w], [g], 0.1, weight_decay=weight_decay, decoupled=decoupled)

    with_decay = steps.element_operations(lambda: step(0.3))
    without = steps.element_operations(lambda: step(0.0))
    (decayed,), (plain,) = step(0.3), step(0.0)
    if with_decay == without and bool((decayed != plain).any()):
        # A fused kernel, or one that multiplies by 1 and adds 0 where there is no decay.
        raise NotApplicableError("it decays, with the same operations as without decay")
    return (with_decay - without) / w.numel()


@claim(
    "wd-touch-all",
    "The optimiser touches every parameter at least once anyway",
    "优化器本来就要至少访问每个参数一次",
    source=f'{BOOK_CONCISE}: "must touch each parameter once anyway"',
    formula="g_j ≠ 0 for all j: every w_j moves, λ or no λ",
    condition=Text("gradients are dense", "梯度稠密"),
    given={"rows": counts(3, 40), "weight_decay": st.one_of(st.just(0.0), penalties())},
    holds=always_true(),
)
def a_step_touches_every_parameter(sgd, rows, weight_decay, stream, device):
    # |w| in [1/2, 2) and |g| as well: ηg is no rounding error of w, and ηλw cancels none of it.
    w, g = (
        tensors.activations_like(
            (1, rows, 5), stream.child(name).torch(device), dtype="float64", layout="contiguous",
            device=device,
        )
        for name in ("w", "g")
    )  # fmt: skip
    (stepped,) = sgd([w], [g], 0.1, weight_decay=weight_decay)
    return arrays.truth(steps.wide(stepped) != steps.wide(w))


@claim(
    "wd-touch-all.outside",
    "The optimiser touches, and so moves, every parameter also where the batch reads a few rows of "
    "a table",
    "小批量只读取嵌入表的少数几行时，优化器也会访问并更新每个参数",
    source=f'{BOOK_CONCISE}: "must touch each parameter once anyway"',
    formula="g_j = 0 in all rows but two, λ = 0: every w_j moves",
    condition=Text(
        "gradients are sparse: an embedding of which two rows are read",
        "梯度稀疏：嵌入表只读取两行",
    ),
    given={"rows": counts(3, 40)},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-touch-all",
    why=Text(
        "Without decay the rows that were not read stay as they are. Decay would have to touch "
        "them all, and torch's SGD refuses it for sparse gradients (RuntimeError).",
        "没有衰减时，未读取的行保持不变；衰减却必须触及所有行，因此设了权重衰减时，torch 的 SGD "
        "遇到稀疏梯度直接报错（RuntimeError）。",
    ),
)
def a_step_touches_every_row_of_a_table(sgd, rows, stream, device):
    import torch

    table = steps.normal(stream.child("w"), (1, rows, 5), "float64", device)
    read = torch.tensor([0, rows - 1], device=device)
    slopes = steps.gradients(lambda table: table[:, read].square().sum(dim=(1, 2)) / 2, [table])
    (stepped,) = sgd([table], slopes, 0.1)
    return arrays.truth(steps.wide(stepped) != steps.wide(table))


@claim(
    "wd-default",
    "PyTorch decays weights and biases alike",
    "PyTorch 同时衰减权重和偏置",
    source=f'{BOOK_CONCISE}: "by default, PyTorch decays both weights and biases simultaneously"',
    formula="g = 0: p ← (1 - ηλ) p for every parameter given, and for torch.optim.SGD",
    condition=Text("a weight_decay is given, for all parameters", "对所有参数都给出 weight_decay"),
    given={
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "types": st.lists(
            st.sampled_from(["float32", "float64", "bfloat16"]), min_size=3, max_size=3
        ),
    },
    always=(
        {"lr": 0.1, "weight_decay": 1.0, "types": ["float32", "float64", "bfloat16"]},
        # A rate of 0, where a schedule ends: new parameters all the same.
        {"lr": 0.0, "weight_decay": 1.0, "types": ["float32"] * 3},
    ),
    holds=exactly_equal(),
)
def weights_and_biases_decay_alike(sgd, lr, weight_decay, types, stream, device):
    params = _parameters(types, stream, device)
    found = sgd(params, [0 * p for p in params], lr, weight_decay=weight_decay)
    theirs = _by_torch(params, lr, weight_decay=weight_decay)
    ratios = []
    for p, one, two, dtype in zip(params, found, theirs, types, strict=True):
        exact = (1 - lr * weight_decay) * steps.wide(p)
        size = (1 + lr * weight_decay) * np.abs(steps.wide(p))
        for result in (one, two):
            ratios.append(arrays.rounding_ratio(steps.wide(result), exact, size, 6, dtype).ravel())
    return np.concatenate(ratios)


@claim(
    "wd-default.outside",
    "PyTorch decays weights and biases by default",
    "PyTorch 默认就会衰减权重和偏置",
    source=f'{BOOK_CONCISE}: "by default, PyTorch decays both weights and biases simultaneously"',
    formula="g = 0: |p| falls for every parameter given, and for torch.optim.SGD",
    condition=Text(
        "torch.optim.SGD, and no weight_decay is given",
        "torch.optim.SGD，且没有给出 weight_decay",
    ),
    given={"lr": learning_rates()},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-default",
    why=Text(
        "The default of SGD and Adam is weight_decay = 0 (AdamW's is 0.01): nothing decays unless "
        "it is asked for, and then only in the groups that ask.",
        "SGD 和 Adam 的默认值是 weight_decay = 0（AdamW 为 0.01）：不指定就不衰减，"
        "指定时也只作用于相应的参数组。",
    ),
)
def weights_and_biases_decay_by_default(sgd, lr, stream, device):
    params = _parameters(["float32"] * 3, stream, device)
    both = (sgd(params, [0 * p for p in params], lr), _by_torch(params, lr))
    return arrays.truth(
        *(
            np.abs(steps.wide(after)) < np.abs(steps.wide(before))
            for stepped in both
            for before, after in zip(params, stepped, strict=True)
        )
    )


def _parameters(types, stream, device):
    """A weight and a bias of one replicate, and a gain of one axis alone, away from 0."""
    shapes = ((1, 6, 4), (1, 6), (4,))
    return [
        tensors.activations_like(
            shape, stream.child(i).torch(device), dtype=dtype, layout="contiguous", device=device
        )
        for i, (shape, dtype) in enumerate(zip(shapes, types, strict=True))
    ]


def _by_torch(params, lr, **options):
    """The parameters after a step of torch.optim.SGD with zero gradients."""
    import torch

    leaves = [torch.nn.Parameter(p.clone()) for p in params]
    for leaf in leaves:
        leaf.grad = torch.zeros_like(leaf)
    torch.optim.SGD(leaves, lr=lr, **options).step()
    return [leaf.detach() for leaf in leaves]
