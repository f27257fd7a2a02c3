"""The mean loss of a minibatch that is processed in parts of unequal size."""

import numpy as np

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.metrics import arrays


@claim(
    "wd-update.microbatches",
    "The mean loss of a batch in parts, and its gradient, are those of the whole batch",
    "把一个批量分成若干份计算，平均损失及其梯度与整批相同",
    source='d2l, "Weight Decay": the update averages over the |B| examples of the batch',
    formula="1/|B| Σ_i l_i, however B is cut",
    always=(
        {"sizes": [11, 101]},
        {"sizes": [7]},
        {"sizes": [8, 8, 8]},
        {"sizes": [1, 2, 3, 64, 5]},
    ),
    holds=exactly_equal(),
)
def parts_average_to_the_whole(mean_over_microbatches, sizes, replicates, stream):
    import torch

    losses = torch.tensor(stream.numpy().exponential(size=(replicates, sum(sizes))))
    losses.requires_grad_()
    mean = mean_over_microbatches(list(losses.split(sizes, dim=-1)))
    (gradient,) = torch.autograd.grad(mean.sum(), losses)

    exact = arrays.as_array(losses).mean(axis=-1)
    share = np.full(losses.shape, 1 / sum(sizes))
    operations = sum(sizes) + 2  # additions, and the division on either side
    return np.concatenate(
        [
            arrays.rounding_ratio(mean.detach(), exact, exact, 2 * operations),
            arrays.rounding_ratio(gradient, share, share, operations).ravel(),
        ]
    )
