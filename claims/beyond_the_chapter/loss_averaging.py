"""The mean loss of a minibatch that is processed in parts of unequal size."""

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.metrics import gradient_steps as steps


@claim(
    "wd-update.microbatches",
    "The mean loss of a batch in parts, and its gradient, are those of the whole batch: zeros "
    "count, empty parts do not, and a NaN is not hidden",
    "把一个批量分成若干份计算，平均损失及其梯度与整批相同："
    "零要计入，空的一份没有影响，NaN 不会被掩盖",
    source='d2l, "Weight Decay": the update averages over the |B| examples of the batch',
    formula="1/|B| Σ_i l_i, however B is cut",
    always=(
        {"sizes": [11, 101], "before": [16], "odd": "none"},
        {"sizes": [7], "before": [], "odd": "none"},
        {"sizes": [8, 8, 8], "before": [1], "odd": "none"},
        {"sizes": [1, 2, 3, 64, 5], "before": [2, 1], "odd": "zero"},
        {"sizes": [8, 8, 3], "before": [3], "odd": "nan"},
        {"sizes": [4, 0, 2], "before": [3], "odd": "none"},
    ),
    holds=exactly_equal(),
)
def parts_average_to_the_whole(mean_over_microbatches, sizes, before, odd, stream, device):
    import torch

    losses = steps.normal(stream, (*before, sum(sizes)), "float64", device)
    if odd != "none":
        losses.reshape(-1, sum(sizes))[0, 0] = {"zero": 0.0, "nan": float("nan")}[odd]
    losses.requires_grad_()
    mean = mean_over_microbatches(list(losses.split(sizes, dim=-1)))
    (gradient,) = torch.autograd.grad(mean.sum(), losses)
    # Additions and a division on either side; parts may have means of their own.
    return steps.mean_ratios(mean, gradient, losses, 2 * sum(sizes) + 8, "float64")
