"""Cross-entropy with smoothed labels, over the examples that count."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts
from harness.metrics import arrays

IGNORED = -100


@claim(
    "wd-update.ignored",
    "Ignored examples count in no part of the mean loss, with labels that are smoothed over all "
    "classes neither",
    "被忽略的样本不计入平均损失的任何一部分，标签在所有类别上平滑时也是如此",
    source='d2l, "Weight Decay": the loss averages over the |B| examples of the batch',
    formula="loss = mean of -Σ_c t_c ln softmax_c over the others,  t_c = s/k + (1 - s) 1{c = y}",
    given={
        "n": counts(8, 40),
        "classes": counts(2, 9),
        "smoothing": st.sampled_from([0.0, 0.1, 0.5]),
    },
    always=({"n": 12, "classes": 5, "smoothing": 0.1}, {"n": 12, "classes": 5, "smoothing": 0.0}),
    holds=exactly_equal(),
)
def ignored_examples_do_not_count(
    smoothed_cross_entropy, n, classes, smoothing, replicates, stream, device
):
    import torch

    rng = stream.numpy()
    logits = torch.tensor(rng.normal(0.0, 2.0, (replicates, n, classes)), device=device)
    labels = rng.integers(0, classes, (replicates, n))
    labels[:, : n // 3] = IGNORED
    y = torch.tensor(labels, device=device)
    found = arrays.as_array(smoothed_cross_entropy(logits, y, smoothing, IGNORED))

    kept, own = arrays.as_array(logits)[:, n // 3 :], labels[:, n // 3 :]
    shifted = kept - kept.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    target = np.full(kept.shape, smoothing / classes)
    np.put_along_axis(target, own[..., None], 1 - smoothing + smoothing / classes, axis=-1)
    terms = target * np.abs(log_p)
    exact = -(target * log_p).sum(axis=-1).mean(axis=-1)
    # A log-softmax errs by roundings of the logits themselves; sums over classes and examples.
    scale = terms.sum(axis=-1).mean(axis=-1) + np.abs(kept).max(axis=(1, 2))
    return arrays.rounding_ratio(found, exact, scale, 2 * (n + classes) + 32)
