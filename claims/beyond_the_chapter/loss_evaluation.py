"""The loss of a net on a data set: evaluated batch by batch, at test time, leaving no trace."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import drop_probabilities
from harness.metrics import arrays


@claim(
    "do-eval.data-set",
    "The loss on a data set is the mean over its examples without dropout, and measuring it "
    "leaves the net as it was",
    "数据集上的损失是不使用暂退法时全部样本损失的平均；测量之后网络保持原样",
    source='d2l, "Dropout", "Dropout in Practice": typically, we disable dropout at test time',
    formula="L(f) = 1/n Σ_i l(f(x_i), y_i),  however the n examples are cut into batches;  "
    "after = before: modes, parameters, buffers, no gradients",
    given={
        "p": drop_probabilities(0.1, 0.9),
        "sizes": st.sampled_from([[20, 20, 3], [48], [9, 2]]),
        "training": st.booleans(),
    },
    always=(
        {"p": 0.5, "sizes": [16, 16, 16], "training": True},
        {"p": 0.2, "sizes": [64, 64, 7], "training": True},
        {"p": 0.5, "sizes": [32, 5], "training": False},
    ),
    holds=exactly_equal(),
)
def evaluation_is_a_mean_and_leaves_no_trace(evaluate_loss, p, sizes, training, replicates, stream):
    return np.concatenate(
        [
            _ratios(evaluate_loss, p, sizes, training, stream.child(index))
            for index in range(replicates)
        ]
    )


def _ratios(evaluate_loss, p, sizes, training, stream):
    """Two evaluations of one net: both exact, and mode, parameters and buffers untouched.

    One part of the net is always in evaluation mode, as a frozen batch norm is.
    """
    import torch

    draws = stream.numpy()
    net = _net(p, draws).train(training)
    batches = [
        (torch.as_tensor(draws.normal(size=(n, 8)), dtype=torch.float32), torch.zeros(n))
        for n in sizes
    ]
    before = {name: value.clone() for name, value in net.state_dict().items()}
    losses = np.concatenate([arrays.as_array(_exact(net, X, y)) for X, y in batches])
    net.train(training)[1].eval()
    modes, graphs = [module.training for module in net.modules()], []

    def loss(y_hat, y):
        graphs.append(y_hat.requires_grad)
        return _halved_square(y_hat, y)

    # A list of batches and, as a loader is, what can be gone through once.
    found = [float(evaluate_loss(net, given, loss)) for given in (batches, iter(batches))]
    far = [(batches[0][0], batches[0][1] + float("inf")), *batches[1:]]
    infinite = float(evaluate_loss(net, far, loss))

    modes = [module.training == mode for module, mode in zip(net.modules(), modes, strict=True)]
    after = net.state_dict()
    same = [bool(torch.equal(value, before[name])) for name, value in after.items()]
    gradients = [w.grad is None and w.requires_grad for w in net.parameters()]
    # A sum of n terms, a division, and the parts' sums once more, in float32.
    operations = 2 * sum(sizes) + 2
    exact, scale = losses.mean(), np.abs(losses).mean()
    return np.concatenate(
        [
            arrays.rounding_ratio(np.array(found), exact, scale, operations, "float32").ravel(),
            arrays.truth(found[0] == found[1], *modes, *same, *gradients),
            arrays.truth(not np.isfinite(infinite), not any(graphs)),
        ]
    )


def _exact(net, X, y):
    """The losses of single examples in evaluation mode, (n,) float64."""
    import torch

    with torch.no_grad():
        return _halved_square(net.eval()(X), y).double()


def _halved_square(y_hat, y):
    return (y_hat.reshape(y.shape) - y).square() / 2


def _net(p, draws):
    """Eight inputs, 32 units with batch norm and dropout from `draws`, one output."""
    import torch
    from torch import nn

    class Dropout(nn.Module):
        def forward(self, h):
            if not self.training:
                return h
            return h * torch.as_tensor(draws.random(tuple(h.shape)) >= p) / (1 - p)

    net = nn.Sequential(
        nn.utils.skip_init(nn.Linear, 8, 32), nn.BatchNorm1d(32), nn.ReLU(), Dropout(),
        nn.utils.skip_init(nn.Linear, 32, 1),
    )  # fmt: skip
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.as_tensor(draws.normal(size=tuple(parameter.shape))))
    return net
