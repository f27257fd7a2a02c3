"""Dropout at test time: h' = h, and a net without dropout beside the mean of the dropped nets.

f is the net, f_m the one whose layer the mask m thinned: E_m f_m(x) = f(x) for logits, which are
linear in the dropped layer, and not behind a softmax.
"""

import numpy as np
from hypothesis import strategies as st

from claims.dropout.experiments.clouds import HALVES
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal, mean_equals
from harness.declaration.strategies import counts, drop_probabilities, dtypes, layouts, shapes
from harness.metrics import arrays, nets, tensors
from harness.text import Text
from harness.training.solver import Solver

SCRATCH = 'd2l, "Dropout", "Implementation from Scratch": '
PRACTICE = 'd2l, "Dropout", "Dropout in Practice": '


@claim(
    "do-eval",
    "At test time nothing is dropped and nothing rescaled: the layer is the identity, and back in "
    "training it drops again",
    "测试时既不丢弃也不缩放，该层就是恒等映射；回到训练模式后又照常丢弃",
    source=PRACTICE + "typically, we disable dropout at test time",
    formula="eval: h' = h;  in training, before and after: some h' = 0",
    given={
        "p": drop_probabilities(0.05, 0.95),
        "shape": shapes(min_size=1024),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    always=(
        {"p": 1.0, "shape": [16, 65], "dtype": "float32", "layout": "contiguous"},
        {"p": 0.5, "shape": [9, 16, 16], "dtype": "float32", "layout": "channels_last"},
    ),
    holds=exactly_equal(),
)
def evaluation_mode_is_the_identity(dropout, p, shape, dtype, layout, stream, device):
    generator = stream.child("mask").torch(device)
    h = tensors.activations_like(
        shape, stream.child("h").torch(device), dtype=dtype, layout=layout, device=device
    )
    ratios = []
    for training in (True, False, True, False, False, True):
        dropped = dropout(h, p, generator, training=training)
        if training:
            # 1024 units or more all survive with probability 0.95^1024 < 2e-23.
            ratios.append(arrays.truth((dropped == 0).any()))
        else:
            ratios.append(arrays.mismatch(dropped, h).ravel())
    return np.concatenate(ratios)


@claim(
    "do-eval.gradient",
    "At test time the gradient passes the layer unchanged, too",
    "测试时梯度也原样通过该层",
    source=PRACTICE + "implied by the identity at test time",
    formula="eval: ∂h'/∂h = 1",
    given={"p": drop_probabilities(0.05, 0.95), "shape": shapes(), "dtype": dtypes()},
    always=({"p": 0.5, "shape": [8, 16], "dtype": "float32"},),
    holds=exactly_equal(),
)
def evaluation_passes_the_gradient_on(dropout, p, shape, dtype, stream, device):
    import torch

    options = {"dtype": dtype, "layout": "contiguous", "device": device}
    h = tensors.activations_like(shape, stream.child("h").torch(device), **options)
    cotangent = tensors.activations_like(shape, stream.child("v").torch(device), **options)
    leaf = h.requires_grad_()
    passed = dropout(leaf, p, stream.child("mask").torch(device), training=False)
    (gradient,) = torch.autograd.grad(passed, leaf, cotangent)
    return arrays.mismatch(gradient, cotangent).ravel()


@claim(
    "do-eval.recorded",
    "The losses that a training run reports are measured without dropout",
    "训练过程中报告的损失是在不丢弃的情况下测量的",
    source=SCRATCH + "units are dropped during training only",
    formula="reported loss = cross-entropy of the net without masks",
    given={"noise": st.sampled_from([0.0, 0.5])},
    holds=exactly_equal(),
)
def reported_losses_are_without_dropout(train_mlp, dropout, noise, replicates, stream, device):
    task = nets.clouds(replicates, 60, stream.child("data").numpy(), noise=noise, tests=80)
    net = nets.train(
        train_mlp, task, Solver(0.1, 5, batch_size=10), stream, device, hidden=(16, 16),
        dropout=dropout, dropout_rates=HALVES,
    )  # fmt: skip
    parameters = [part.double() for part in net.parameters]
    ratios = []
    for x, y, reported in (
        (task.X, task.y, net.train_loss[:, -1]),
        (task.X_test, task.y_test, net.test_loss[:, -1]),
    ):
        x, y = x.to(device).double(), y.to(device)
        exact = nets.cross_entropy(nets.logits(parameters, x), y)
        size = nets.loss_size(parameters, x)
        # Three layers of 20, 16 and 16 inputs, the softmax over ten classes, a mean over 80.
        ratios.append(arrays.rounding_ratio(reported, exact, size, 52 + 30 + 80, "float32"))
    return np.concatenate(ratios)


@claim(
    "do-eval-equals-mean",
    "The net without dropout is the mean of the dropped nets",
    "不丢弃的网络等于所有丢弃后网络的平均",
    source=PRACTICE + "implied by evaluating without dropout",
    formula="E_m[f_m(x)] = f(x)",
    condition=Text(
        "dropout in the last hidden layer; what is averaged is a logit, which is linear in it",
        "暂退法用于最后一个隐藏层；被平均的是 logit，它对该层是线性的",
    ),
    given={"p": drop_probabilities(0.2, 0.7), "units": counts(16, 48)},
    holds=mean_equals(0.0, within=0.02, low=-1.0, high=1.0, cap=1 << 18),
)
def the_logits_are_the_mean_of_the_dropped_logits(dropout, p, units, replicates, stream, device):
    noisy, clean, bound = _top_class(dropout, p, units, replicates, stream, device)
    return ((noisy - clean) / bound).clip(-1.0, 1.0)


@claim(
    "do-eval-equals-mean.outside",
    "The net without dropout is the mean of the dropped nets, in its probabilities too",
    "不丢弃的网络等于所有丢弃后网络的平均，预测概率也是如此",
    source=PRACTICE + "implied by evaluating without dropout",
    formula="E_m[softmax f_m(x)] = softmax f(x)",
    condition=Text(
        "dropout in the last hidden layer; behind a softmax",
        "暂退法用于最后一个隐藏层；被平均的是 softmax 之后的概率",
    ),
    given={"p": drop_probabilities(0.5, 0.7), "units": counts(16, 48)},
    holds=mean_equals(0.0, within=0.05, low=-1.0, high=1.0, cap=1 << 16),
    expected=Verdict.REFUTED,
    twin="do-eval-equals-mean",
    why=Text(
        "The softmax is not linear: noise on the logits takes from the top class more often than "
        "it gives, so that the mean of the dropped nets is less confident than the net itself.",
        "softmax 不是线性的：logit 上的噪声更多地削弱而不是增强概率最高的类，因此丢弃后网络的平"
        "均不如原网络自信。",
    ),
)
def the_probabilities_are_the_mean_of_dropped_ones(dropout, p, units, replicates, stream, device):
    noisy, clean, _ = _top_class(dropout, p, units, replicates, stream, device, softmax=True)
    return noisy - clean


def _top_class(dropout, p, units, replicates, stream, device, softmax=False):
    """The clean top class of dropped nets: noisy, clean, and a bound on both, (R,).

    The logits of ten classes over `units` dropped units have a standard deviation of 3. Behind a
    softmax the difference depends on the net, and a replicate has one of its own. The logits'
    mean is 0 for each net; all replicates share one, since errors of many nets cancel out.
    """
    import torch

    generator = stream.child("net").torch(device)
    options = {"generator": generator, "device": device, "dtype": torch.float64}
    nets = replicates if softmax else 1
    h = torch.randn(nets, units, **options).abs()
    W = torch.randn(nets, 10, units, **options) * 3 / h.norm(dim=1)[:, None, None]
    h, W = (one.expand(replicates, *one.shape[1:]).contiguous() for one in (h, W))
    noisy = torch.einsum("rku,ru->rk", W, dropout(h, p, stream.child("mask").torch(device)))
    clean = torch.einsum("rku,ru->rk", W, h)
    top = clean.argmax(dim=1, keepdim=True)
    bound = torch.einsum("rku,ru->rk", W.abs(), h) * max(1.0, p / (1 - p))
    if softmax:
        noisy, clean = torch.softmax(noisy, dim=1), torch.softmax(clean, dim=1)
    return [arrays.as_array(scores.gather(1, top)[:, 0]) for scores in (noisy, clean, bound)]
