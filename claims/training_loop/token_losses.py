"""The loss over the tokens of a batch of sequences, some of them padding, and its gradient."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays
from harness.metrics.gradient_steps import normal, wide

END = 0  # the end mark is an ordinary class, and pads the sequences as well


@claim(
    "tl-tokens",
    "The loss is the weighted mean over the tokens that count, and so is its gradient: padding, "
    "told by its place, is in neither",
    "损失及其梯度都是对所计入的词元的加权平均：按位置判定的填充不计入其中",
    source='d2l, "Sequence to Sequence Learning": padding tokens are excluded from the loss',
    formula="L = Σ a_i l_i / Σ a_i,  ∂L/∂o_i = a_i (softmax(o_i) - q_i) / Σ a_i",
    given={
        "sequences": counts(1, 4), "longest": counts(1, 7), "classes": counts(2, 9),
        "weighted": st.booleans(), "smoothing": st.sampled_from([0.0, 0.1]),
        "offset": st.sampled_from([0.0, 200.0]), "dtype": dtypes("float32", "float64"),
        "ignored": st.sampled_from([-100, 1]),
    },
    always=(
        {"sequences": 4, "longest": 7, "classes": 5, "weighted": False, "smoothing": 0.0,
         "offset": 0.0, "dtype": "float64", "ignored": -100},
        {"sequences": 3, "longest": 6, "classes": 7, "weighted": True, "smoothing": 0.0,
         "offset": 200.0, "dtype": "float32", "ignored": -100},
        {"sequences": 4, "longest": 7, "classes": 5, "weighted": False, "smoothing": 0.1,
         "offset": 0.0, "dtype": "float64", "ignored": -100},
        {"sequences": 4, "longest": 7, "classes": 3, "weighted": False, "smoothing": 0.0,
         "offset": 0.0, "dtype": "float64", "ignored": 1},
    ),
    holds=exactly_equal(),
)  # fmt: skip
def padding_is_in_no_sum(
    token_loss, sequences, longest, classes, weighted, smoothing, offset, dtype, ignored,
    stream, device,
):  # fmt: skip
    import torch

    draws = stream.numpy()
    shape = (sequences, longest)
    logits = normal(stream.child("o"), (*shape, classes), dtype, device) * 3 + offset
    logits.requires_grad_()
    labels, lengths = _tokens(shape, classes, ignored, draws)
    weights = draws.integers(1, 9, shape).astype(np.float64)
    options = {"smoothing": smoothing} if smoothing else {}
    if ignored != -100:  # a class that does not count, told by its label wherever it stands
        options["ignored"] = ignored
    if weighted:
        options["weights"] = torch.as_tensor(weights, dtype=logits.dtype, device=device)
    told = [torch.as_tensor(part, device=device) for part in (labels, lengths)]
    factor = float(draws.uniform(0.5, 2.0))

    found = token_loss(logits, *told, **options)
    (gradient,) = torch.autograd.grad(found * factor, logits)

    counted = (np.arange(longest) < lengths[:, None]) & (labels != ignored)
    share = np.where(counted, weights if weighted else 1.0, 0.0)
    return _ratios(
        wide(found), wide(gradient), wide(logits), np.where(counted, labels, 0),
        share / share.sum(), smoothing, factor, dtype,
    )  # fmt: skip


def _tokens(shape, classes, ignored, draws):
    """Labels that are padded with the end mark, which ends every sequence; some are ignored."""
    lengths = draws.integers(1, shape[1] + 1, shape[0])
    labels = draws.integers(0, classes, shape)
    labels[draws.random(shape) < 0.2] = ignored
    labels[np.arange(shape[0]), lengths - 1] = END
    labels[np.arange(shape[1]) >= lengths[:, None]] = END
    return labels, lengths


def _ratios(found, gradient, o, labels, share, smoothing, factor, dtype):
    """|found - exact| / bound of the loss (1) and of its gradient (n, t, k)."""
    k = o.shape[-1]
    shifted = o - o.max(axis=-1, keepdims=True)
    p = np.exp(shifted)
    log_sum = np.log(p.sum(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    q = (1 - smoothing) * np.eye(k)[labels] + smoothing / k
    exact = np.sum(share * -(q * (shifted - log_sum)).sum(axis=-1))
    # A log-softmax is right to some roundings of its largest terms, in value and in exponent.
    reach = np.abs(o).max(axis=-1) + np.abs(shifted).max(axis=-1) + np.abs(log_sum)[..., 0]
    operations = 2 * (k + share.size) + 64
    slope = factor * share[..., None] * (p - q)
    size = factor * share[..., None] * (p * (1 + reach[..., None]) + q)
    return np.concatenate(
        [
            arrays.rounding_ratio(found, exact, np.sum(share * reach), operations, dtype).ravel(),
            arrays.rounding_ratio(gradient, slope, size, operations, dtype).ravel(),
        ]
    )
