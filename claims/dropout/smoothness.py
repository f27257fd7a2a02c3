"""Whether noise in every layer makes the map from inputs to outputs smoother.

Three measures of a net f at fresh inputs: its Jacobian's norm there, how far its outputs move under
a little noise, and the product of its weights' spectral norms, which bounds both everywhere.
"""

import numpy as np

from claims.dropout.experiments import clouds
from claims.dropout.experiments.clouds import HALVES, NOISY
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import all_hold, more_often_than_not
from harness.metrics import arrays, nets
from harness.text import Text

SOURCE = (
    'd2l, "Dropout": noise injected into each layer enforces smoothness of the map from inputs to '
    "outputs"
)
POINTS = 100  # test inputs at which a net is looked at
LITTLE = 0.1  # deviation of the noise on an input, whose class has 1
FORMULA = (
    "‖∂f/∂x‖_F,  ‖f(x + 0.1 ε) - f(x)‖ and Π_l ‖W_l‖_2, over 100 inputs: with dropout < without"
)
ALL_SMALLER = all_hold(
    jacobian=more_often_than_not(), moved=more_often_than_not(), spectral=more_often_than_not()
)


@claim(
    "do-smooth",
    "Noise in every layer makes the map from inputs to outputs smoother: its slopes are smaller",
    "在每一层注入噪声使输入到输出的映射更平滑：斜率更小",
    source=SOURCE,
    formula=FORMULA,
    condition=Text(
        "dropout of one half against none, on noisy labels that the net learns by heart without it",
        "丢弃一半与不丢弃相比；标签含噪，不用暂退法时网络会死记它们",
    ),
    holds=ALL_SMALLER,
)
def dropout_makes_the_map_smoother(train_mlp, dropout, replicates, stream, device):
    return _smoother(train_mlp, dropout, replicates, stream, device, n=200, noise=NOISY)


@claim(
    "do-smooth.outside",
    "Noise in every layer makes the map from inputs to outputs smoother, on clean and easy data "
    "too",
    "在每一层注入噪声使输入到输出的映射更平滑，在干净且容易的数据上也是如此",
    source=SOURCE,
    formula=FORMULA,
    condition=Text(
        "dropout of one half against none, on clean labels of well-separated classes",
        "丢弃一半与不丢弃相比；标签无噪声、类别易分",
    ),
    holds=ALL_SMALLER,
    expected=Verdict.REFUTED,
    twin="do-smooth",
    why=Text(
        "To be sure under every mask the net grows larger weights, and without masks its outputs "
        "then rise the more steeply.",
        "为了在任何掩码下都有把握，网络会学出更大的权重；去掉掩码后，输出随输入变化得更陡。",
    ),
)
def dropout_makes_the_map_smoother_on_clean_data(train_mlp, dropout, replicates, stream, device):
    return _smoother(train_mlp, dropout, replicates, stream, device, n=100, epochs=200)


def _smoother(train_mlp, dropout, replicates, stream, device, *, n, noise=0.0, **net):
    """Whether dropout gives the smaller value, by each measure, net by net."""
    x = clouds.task(replicates, stream, n, noise).X_test[:, :POINTS].to(device)
    shift = stream.child("little").numpy().normal(0, LITTLE, tuple(x.shape)).astype(np.float32)
    common = (train_mlp, dropout, [HALVES, ()], replicates, stream, device)
    smooth, rough = (
        _measures(run.parameters, x, shift) for run in clouds.arms(*common, n=n, noise=noise, **net)
    )
    return {name: arrays.exceeds(rough[name], smooth[name]) for name in smooth}


def _measures(parameters, x, shift):
    import torch

    moved = nets.logits(parameters, x + torch.as_tensor(shift, device=x.device))
    moved = (moved - nets.logits(parameters, x)).norm(dim=-1).mean(dim=-1)
    bound = torch.stack([torch.linalg.matrix_norm(W, 2) for W in parameters[::2]]).prod(dim=0)
    return {
        "jacobian": arrays.as_array(_slopes(parameters, x).mean(dim=-1)),
        "moved": arrays.as_array(moved),
        "spectral": arrays.as_array(bound),
    }


def _slopes(parameters, x):
    """The Frobenius norm of the logits' Jacobian of ReLU nets at each x: (R, points)."""
    import torch

    slopes, h = parameters[0].unsqueeze(1), x
    for layer in range(0, len(parameters) - 2, 2):
        h = h @ parameters[layer].mT + parameters[layer + 1].unsqueeze(1)
        above = parameters[layer + 2].unsqueeze(1)
        slopes = (above * (h > 0).unsqueeze(-2)) @ slopes
        h = torch.relu(h)
    return slopes.flatten(2).norm(dim=-1)
