"""One step of weight decay: w <- (1 - eta lambda) w - eta/|B| sum x (w'x - y) over a batch B.

L is the mean over the batch of (w'x - y)^2 / 2. Without a gradient w_t = (1 - eta lambda)^t w_0:
towards 0 for eta lambda < 1, with alternating signs up to 2.
"""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import always_true, exactly_equal
from harness.declaration.strategies import counts, dtypes, learning_rates, penalties
from harness.metrics import arrays, tensors
from harness.metrics import gradient_steps as steps
from harness.text import Text

BOOK = 'd2l, "Norms and Weight Decay"'
NOTES = 'Mu Li\'s notes, "Weight decay"'
CHAPTER_STEP = {
    "batch": 5, "d": 200, "lr": 0.003, "weight_decay": 3.0, "dtype": "float64", "decoupled": False,
}  # fmt: skip


@claim(
    "wd-update",
    "A step on the penalised loss is the decayed step: shrink w, then step along the gradient that "
    "it had before",
    "对加惩罚的损失做一步梯度下降，等于先衰减 w，再沿衰减前的梯度更新",
    source=f"{BOOK}: the minibatch update; {NOTES}: first shrink, then the gradient step",
    formula="w ← (1 - ηλ) w - η/|B| Σ x (w'x - y)",
    condition=Text("the loss is averaged over the batch's size", "损失按小批量的实际大小取平均"),
    given={
        "batch": counts(1, 32),
        "d": counts(1, 40),
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "dtype": dtypes("float32", "float64"),
        "decoupled": st.booleans(),
    },
    always=(CHAPTER_STEP,),
    holds=exactly_equal(),
)
def the_penalised_step_is_the_decayed_step(
    sgd, l2_penalty, squared_loss, mean_loss, batch, d, lr, weight_decay, dtype, decoupled,
    replicates, stream, device,
):  # fmt: skip
    X, y, w = steps.regression(batch, d, dtype, replicates, stream, device)

    def loss(w):
        return mean_loss(squared_loss((X @ w.unsqueeze(2)).squeeze(2), y))

    penalised = steps.gradients(lambda w: loss(w) + weight_decay * l2_penalty(w), [w])
    (one,) = sgd([w], penalised, lr)
    (two,) = sgd([w], steps.gradients(loss, [w]), lr, weight_decay, decoupled=decoupled)
    exact, size = _formula(X, y, w, lr, weight_decay, batch)
    operations = 2 * (batch + d) + 20
    return np.concatenate(
        [
            arrays.rounding_ratio(steps.wide(found), exact, size, operations, dtype).ravel()
            for found in (one, two)
        ]
    )


@claim(
    "wd-update.ragged",
    "The chapter's own step, a sum over the batch divided by batch_size, is that formula",
    "书中代码（对小批量求和再除以 batch_size）就是上述公式",
    source=f'{NOTES}: l.sum().backward(); d2l.sgd([w, b], lr, batch_size); d2l, "Implementation"',
    formula="η/batch_size Σ_{i in B} ∇(l_i + λ/2 ||w||²), |B| < batch_size",
    condition=Text("the last batch is smaller than batch_size", "最后一个小批量不足 batch_size"),
    given={
        "batch": counts(1, 15),
        "d": counts(1, 40),
        "lr": learning_rates(),
        "weight_decay": penalties(),
    },
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="wd-update",
    why=Text(
        "The sum over r examples is divided by batch_size, so a ragged batch takes r/batch_size "
        "of the step and of the decay. The chapter's 20 examples in batches of 5 hide it.",
        "对 r 个样本求和却除以 batch_size，因此不足的小批量，其步长与衰减都只有应有的 "
        "r/batch_size；书中 20 个样本、批量 5，恰好看不出来。",
    ),
)
def the_chapters_step_is_the_formula(
    sgd, l2_penalty, squared_loss, batch, d, lr, weight_decay, replicates, stream, device
):
    X, y, w = steps.regression(batch, d, "float64", replicates, stream, device)

    def chapter(w):
        losses = squared_loss((X @ w.unsqueeze(2)).squeeze(2), y)
        return (losses + weight_decay * l2_penalty(w).unsqueeze(1)).sum(dim=1)

    (stepped,) = sgd([w], steps.gradients(chapter, [w]), lr / 16)
    exact, size = _formula(X, y, w, lr, weight_decay, batch)
    return arrays.rounding_ratio(steps.wide(stepped), exact, size, 2 * (batch + d) + 20)


@claim(
    "wd-update.shape",
    "Loss plus penalty is a vector of length batch_size",
    "损失加惩罚是长度为 batch_size 的向量",
    source=f"{NOTES}: the comment beside l = loss(net(X), y) + lambd * l2_penalty(w)",
    formula="shape(l + λ ||w||²/2) = (batch_size,)",
    condition=Text(
        "the net has one output, a column of shape (batch_size, 1)",
        "网络只有一个输出，是形状为 (batch_size, 1) 的一列",
    ),
    given={"batch": counts(2, 32)},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-update.broadcast",
    why=Text(
        "The net returns one column, so the losses have shape (batch_size, 1), and so has the sum.",
        "网络输出一列，损失的形状是 (batch_size, 1)，加上惩罚后仍是如此。",
    ),
)
def the_penalised_loss_is_a_vector(squared_loss, l2_penalty, batch, stream, device):
    losses, penalty = _column_of_losses(squared_loss, l2_penalty, batch, stream, device)
    return arrays.truth(tuple((losses + penalty).shape) == (batch,))


@claim(
    "wd-update.broadcast",
    "Broadcasting adds the whole penalty to the loss of every example",
    "广播机制把整个惩罚加到每个样本的损失上",
    source=f"{NOTES}: the comment beside l = loss(net(X), y) + lambd * l2_penalty(w)",
    formula="Σ (l_i + λ ||w||²/2) = Σ l_i + |B| λ ||w||²/2, in shape (|B|, 1)",
    given={"batch": counts(2, 32)},
    holds=exactly_equal(),
)
def every_example_carries_the_penalty(squared_loss, l2_penalty, batch, stream, device):
    losses, penalty = _column_of_losses(squared_loss, l2_penalty, batch, stream, device)
    total = steps.wide((losses + penalty).sum())
    w = steps.wide(steps.normal(stream.child("w"), (1, 7), "float64", device))
    exact = steps.wide(losses).sum() + batch * 3.0 * np.square(w).sum() / 2
    shape = arrays.truth(tuple((losses + penalty).shape) == (batch, 1))
    return np.append(shape, arrays.rounding_ratio(total, exact, exact, 2 * batch + 20))


def _column_of_losses(squared_loss, l2_penalty, batch, stream, device):
    """The losses of a net with one output column, and 3 ||w||^2 / 2 of shape (1,)."""
    out = steps.normal(stream.child("out"), (batch, 1), "float64", device)
    y = steps.normal(stream.child("y"), (batch,), "float64", device)
    w = steps.normal(stream.child("w"), (1, 7), "float64", device)
    return squared_loss(out, y), 3.0 * l2_penalty(w)


def _formula(X, y, w, lr, weight_decay, batch):
    """The book's step in float64, and the sum of the sizes of its terms."""
    X, y, w = steps.wide(X), steps.wide(y), steps.wide(w)
    error = np.matvec(X, w) - y
    size = np.matvec(np.abs(X), np.abs(w)) + np.abs(y)
    stepped = (1 - lr * weight_decay) * w - lr / batch * np.vecmat(error, X)
    return stepped, (1 + lr * weight_decay) * np.abs(w) + lr / batch * np.vecmat(size, np.abs(X))


@claim(
    "wd-etalam",
    "With ηλ < 1 each step scales the weights towards 0: hence the name, decay",
    "当 ηλ < 1 时，每一步都把权重向 0 缩小，因此称为“衰减”",
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="g = 0, ηλ < 1: w_t = (1 - ηλ)^t w_0, same signs, smaller every step",
    condition=Text("0 < ηλ < 1, and the data have no gradient", "0 < ηλ < 1，且数据项的梯度为 0"),
    inside=lambda product: product < 1,
    given={"lr": learning_rates(0.05, 1.0), "product": st.floats(0.02, 0.9)},
    holds=always_true(),
)
def below_one_the_weights_decay(sgd, lr, product, stream, device):
    path = _decaying(sgd, lr, product, stream, device)
    exact = path[0] * (1 - lr * (product / lr)) ** np.arange(len(path))[:, None, None]
    smaller = np.abs(path[1:]) < np.abs(path[:-1])
    same = np.sign(path) == np.sign(path[0])
    # Each of the steps rounds 4 times on terms of size up to (1 + ηλ) |w| < 2 |w|.
    close = arrays.rounding_ratio(path, exact, 2 * np.abs(path[0]), 4 * len(path))
    return np.append(close.ravel(), arrays.truth(smaller, same))


@claim(
    "wd-etalam.outside",
    "With ηλ > 1, too, each step scales the weights towards 0 and keeps their signs",
    "当 ηλ > 1 时，每一步同样把权重向 0 缩小并保持符号",
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="g = 0: |w_t+1| < |w_t|,  sign(w_t) = sign(w_0)",
    condition=Text("1 < ηλ < 2, and the data have no gradient", "1 < ηλ < 2，且数据项的梯度为 0"),
    inside=lambda product: 1 < product < 2,
    given={"lr": learning_rates(0.05, 1.0), "product": st.floats(1.1, 1.9)},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-etalam",
    why=Text(
        "The factor 1 - ηλ is negative: every weight changes its sign at every step.",
        "因子 1 - ηλ 为负：每个权重在每一步都会变号。",
    ),
)
def above_one_the_weights_decay(sgd, lr, product, stream, device):
    path = _decaying(sgd, lr, product, stream, device)
    return arrays.truth(np.abs(path[1:]) < np.abs(path[:-1]), np.sign(path) == np.sign(path[0]))


@claim(
    "wd-etalam.oscillating",
    "With 1 < ηλ < 2 the weights change sign at every step and still go to 0",
    "当 1 < ηλ < 2 时，权重每步变号，但仍趋于 0",
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="g = 0: w_t = (1 - ηλ)^t w_0, |1 - ηλ| < 1",
    condition=Text("1 < ηλ < 2, and the data have no gradient", "1 < ηλ < 2，且数据项的梯度为 0"),
    inside=lambda product: 1 < product < 2,
    given={"lr": learning_rates(0.05, 1.0), "product": st.floats(1.1, 1.9)},
    holds=always_true(),
)
def above_one_the_weights_oscillate(sgd, lr, product, stream, device):
    path = _decaying(sgd, lr, product, stream, device)
    smaller = np.abs(path[1:]) < np.abs(path[:-1])
    return arrays.truth(smaller, np.sign(path[1:]) == -np.sign(path[:-1]))


@claim(
    "wd-etalam.stable",
    "Training with decay is stable exactly if η(λ + λ_max) < 2, λ_max the largest curvature",
    "带衰减的训练当且仅当 η(λ + λ_max) < 2 时稳定，其中 λ_max 为最大曲率",
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="w ← (1 - ηλ) w - ηHw: |w| → 0 ⇔ η(λ + λ_max(H)) < 2",
    condition=Text(
        "a quadratic loss, gradient descent on all data, coupled decay",
        "二次损失，用全部数据做梯度下降，衰减为耦合形式",
    ),
    given={
        "weight_decay": penalties(),
        "edge": st.one_of(st.floats(0.2, 1.9), st.floats(2.1, 4.0)),
    },
    always=({"weight_decay": 3.0, "edge": 1.9}, {"weight_decay": 3.0, "edge": 2.1}),
    holds=always_true(),
)
def decay_moves_the_edge_of_stability(sgd, weight_decay, edge, stream, device):
    import torch

    curvature = torch.tensor([1.0, 0.5, 0.1], dtype=torch.float64, device=device)
    lr = edge / (weight_decay + 1.0)
    (w,) = first = [steps.normal(stream, (8, 3), "float64", device)]
    for _ in range(60):
        (w,) = sgd([w], [curvature * w], lr, weight_decay=weight_decay)
    # The first direction is the steepest; |1 - edge|^60 is at most 0.002 or at least 300.
    start, end = (np.abs(steps.wide(v)[:, 0]) for v in (first[0], w))
    rate = (end / start) ** (1 / 60)
    return arrays.truth((end < start) == (edge < 2), np.abs(rate - abs(1 - edge)) < 0.01)


def _decaying(sgd, lr, product, stream, device):
    """w (steps, 3, 8) along 10 steps without a gradient, from values away from 0."""
    w = tensors.activations_like(
        (3, 8), stream.torch(device), dtype="float64", layout="contiguous", device=device
    )
    path = [w]
    for _ in range(10):
        path.extend(sgd([path[-1]], [0 * w], lr, weight_decay=product / lr))
    return np.stack([steps.wide(w) for w in path])
