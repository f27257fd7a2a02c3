"""Cross-entropy with smoothed labels, over the examples that count."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts
from harness.metrics import arrays


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
        "ignored": st.sampled_from([-100, -1, 0]),
    },
    always=(
        {"n": 12, "classes": 5, "smoothing": 0.1, "ignored": -100},
        {"n": 12, "classes": 5, "smoothing": 0.0, "ignored": -100},
        {"n": 12, "classes": 5, "smoothing": 0.1, "ignored": 0},  # a class, as padding is
    ),
    holds=exactly_equal(),
)
def ignored_examples_do_not_count(
    smoothed_cross_entropy, n, classes, smoothing, ignored, replicates, stream, device
):
    import torch

    rng = stream.numpy()
    logits = rng.normal(0.0, 2.0, (replicates, n, classes))
    labels = rng.integers(max(ignored + 1, 0), classes, (replicates, n))
    # Of every replicate others, and not as many.
    labels[rng.random((replicates, n)).argsort(axis=1) < rng.integers(1, n, (replicates, 1))] = (
        ignored
    )
    counted = labels != ignored
    logits[~counted] = np.nan  # what is left out may be anything
    if smoothing == 0:  # and a class that cannot be need not have a finite logit
        np.put_along_axis(logits, np.where(counted, labels + 1, 0)[..., None] % classes, -np.inf, 2)
    y, given = torch.tensor(labels, device=device), torch.tensor(logits, device=device)
    found = arrays.as_array(smoothed_cross_entropy(given, y, smoothing, ignored))

    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    target = np.full(logits.shape, smoothing / classes)
    own = np.where(counted, labels, 0)[..., None]
    np.put_along_axis(target, own, 1 - smoothing + smoothing / classes, axis=-1)
    left_out = ~(counted[..., None] & np.isfinite(log_p))
    target[left_out], log_p[left_out], logits[left_out] = 0.0, 0.0, 0.0
    each = (target * log_p).sum(axis=-1)
    exact = -each.sum(axis=-1) / counted.sum(axis=-1)
    # A log-softmax errs by roundings of the logits themselves; sums over classes and examples.
    scale = np.abs(exact) + np.abs(logits).max(axis=(1, 2))
    return arrays.rounding_ratio(found, exact, scale, 2 * (n + classes) + 32)
