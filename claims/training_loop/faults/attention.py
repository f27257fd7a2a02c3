"""Faults of attention: its scale, its masks, and where its dropout stands."""

import math

import torch

from harness.declaration.book import fault
from harness.primitives.attention import attention
from harness.primitives.dropout import dropout


@fault("attention", breaks="tl-attention")
def drops_at_test_time(q, k, v, mask=None, causal=False, p=0.0, generator=None, training=True):
    """D13: the rate goes to the kernel without a look at the mode."""
    return attention(q, k, v, mask, causal, p, generator, True)


@fault("attention", breaks="tl-attention")
def forgets_the_root(q, k, v, *arguments, **options):
    """Scores are divided by d, not by its root."""
    return attention(q / math.sqrt(q.shape[-1]), k, v, *arguments, **options)


@fault("attention", breaks="tl-attention")
def divides_by_the_width_of_all_heads(q, k, v, *arguments, **options):
    """The scale is 1 / sqrt(h d): d is taken before the heads are split."""
    return attention(q / math.sqrt(q.shape[1]), k, v, *arguments, **options)


@fault("attention", breaks="tl-attention")
def reads_the_mask_the_other_way(q, k, v, mask=None, *arguments, **options):
    """True means hidden, as in torch's MultiheadAttention and not in its kernel."""
    return attention(q, k, v, None if mask is None else ~mask, *arguments, **options)


@fault("attention", breaks="tl-attention")
def masks_behind_the_softmax(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                             training=True):  # fmt: skip
    """Hidden weights are set to 0 after the softmax, and the rest adds up to less than 1."""
    weights = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1)
    return (weights * _seen(q, k, mask, causal)) @ v


@fault("attention", breaks="tl-attention.unseen")
def sees_one_step_ahead(q, k, v, mask=None, causal=False, *arguments, **options):
    """triu(1) was meant: every row sees the next token, which it is to predict."""
    if causal:
        t = q.shape[-2]
        ahead = torch.ones(t, t, dtype=torch.bool, device=q.device).tril(1)
        mask = ahead[None, None] if mask is None else mask & ahead
    return attention(q, k, v, mask, False, *arguments, **options)


@fault("attention", breaks="tl-attention.unseen")
def forgets_the_documents_when_causal(q, k, v, mask=None, causal=False, *arguments, **options):
    """Packed sequences: is_causal takes the fast path, on which the mask is not read."""
    return attention(q, k, v, None if causal else mask, causal, *arguments, **options)


@fault("attention", breaks="tl-attention.unseen")
def forgets_the_past_alone(q, k, v, mask=None, causal=False, *arguments, **options):
    """The mask of documents replaces the causal one."""
    return attention(q, k, v, mask, causal and mask is None, *arguments, **options)


@fault("attention", breaks="tl-attention.unseen")
def multiplies_scores_by_the_mask(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                                  training=True):  # fmt: skip
    """Hidden scores become 0 and not -infinity: they still have weight."""
    seen = _seen(q, k, mask, causal)
    return torch.softmax(seen * (q @ k.mT) / math.sqrt(q.shape[-1]), dim=-1) @ v


@fault("attention", breaks="tl-attention.blind")
def divides_nothing_by_nothing(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                               training=True):  # fmt: skip
    """A row of -infinities goes through the softmax: NaN in the output and in every gradient."""
    scores = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~_seen(q, k, mask, causal), -math.inf)
    return torch.softmax(scores, dim=-1) @ v


@fault("attention", breaks="tl-attention.blind")
def sees_everything_where_nothing_is_seen(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                                          training=True):  # fmt: skip
    """-1e9 in the place of -infinity: a row without anything to see takes the mean of all."""
    scores = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~_seen(q, k, mask, causal), -1e9)
    return torch.softmax(scores, dim=-1) @ v


@fault("attention", breaks="tl-attention.dropout")
def drops_the_output(q, k, v, mask=None, causal=False, p=0.0, generator=None, training=True):
    """Dropout stands behind the product, where nobody scaled it."""
    out = attention(q, k, v, mask, causal)
    return dropout(out, p, generator, training) * (1 - p) if p else out


@fault("attention", breaks="tl-attention.dropout")
def drops_scores(q, k, v, mask=None, causal=False, p=0.0, generator=None, training=True):
    """Dropout stands before the softmax, which hands the dropped weight to the others."""
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    kept = dropout(torch.ones_like(scores), p, generator, training) > 0
    scores = scores.masked_fill(~(_seen(q, k, mask, causal) & kept), -math.inf)
    return torch.softmax(scores, dim=-1).nan_to_num() @ v


@fault("attention", breaks="tl-attention.dropout")
def shares_the_mask_among_heads(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                                training=True):  # fmt: skip
    """One mask for all heads of an example."""
    weights = attention(q, k, torch.eye(k.shape[-2], device=q.device).expand(*k.shape[:-1], -1),
                        mask, causal)  # fmt: skip
    keep = dropout(torch.ones_like(weights[:, :1]), p, generator, training)
    return (weights * keep) @ v


@fault("attention", breaks="tl-attention.dropout")
def keeps_with_probability_p(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                             training=True):  # fmt: skip
    """D25's counterpart: the rate that is dropped is taken for the one that is kept."""
    return attention(q, k, v, mask, causal, 1 - p if p else 0.0, generator, training)


@fault("attention", breaks="tl-attention.dropout")
def renormalises_what_is_kept(q, k, v, mask=None, causal=False, p=0.0, generator=None,
                              training=True):  # fmt: skip
    """Kept weights are made to add up to 1 in the place of being divided by 1 - p."""
    eye = torch.eye(k.shape[-2], device=q.device, dtype=q.dtype).expand(*k.shape[:-1], -1)
    weights = attention(q, k, eye, mask, causal, p, generator, training)
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-9) @ v


@fault("attention", breaks="tl-attention.dropout")
def repeats_its_mask(q, k, v, mask=None, causal=False, p=0.0, generator=None, training=True):
    """The seed is set anew in every call: each has the mask of the first."""
    again = None if generator is None else generator.clone_state().manual_seed(0)
    return attention(q, k, v, mask, causal, p, again, training)


@fault("attention", breaks="tl-attention")
def draws_at_test_time(q, k, v, mask=None, causal=False, p=0.0, generator=None, training=True):
    """A mask is drawn in every call, and used in training alone: evaluation moves the stream."""
    if generator is not None and not training:
        torch.rand(1, generator=generator, device=generator.device)
    return attention(q, k, v, mask, causal, p, generator, training)


@fault("attention", breaks="tl-attention")
def reads_as_many_keys_as_queries(q, k, v, mask=None, *arguments, **options):
    """Made for self-attention: further keys and values are cut off."""
    t = q.shape[-2]
    seen = mask if mask is None else mask[..., :t]
    return attention(q, k[..., :t, :], v[..., :t, :], seen, *arguments, **options)


@fault("attention", breaks="tl-attention.unseen")
def takes_ten_thousand_off(q, k, v, mask=None, causal=False, *arguments, **options):
    """A finite penalty, as masks that are added have it: a larger score is seen all the same."""
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    seen = _seen(q, k, mask, causal)
    weights = torch.softmax(torch.where(seen, scores, scores - 1e4), dim=-1)
    return torch.where(seen.any(dim=-1, keepdim=True), weights @ v, 0.0)


@fault("attention", breaks="tl-attention")
def keeps_the_sum_of_a_lower_maximum(q, k, v, mask=None, causal=False, *arguments, **options):
    """Keys are read in blocks of 64; at a new maximum the sum so far is not scaled down to it."""
    right = attention(q, k, v, mask, causal, *arguments, **options)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    scores = torch.where(_seen(q, k, mask, causal), scores, -torch.inf)
    tops = [part.amax(dim=-1, keepdim=True) for part in scores.split(64, dim=-1)]
    sums = [
        (part - part.amax(dim=-1, keepdim=True)).exp().nan_to_num().sum(dim=-1, keepdim=True)
        for part in scores.split(64, dim=-1)
    ]
    top, wrong, exact = tops[0], sums[0], sums[0]
    for other, more in zip(tops[1:], sums[1:], strict=True):
        new = torch.maximum(top, other)
        wrong = wrong + more * (other - new).exp()
        exact = exact * (top - new).exp() + more * (other - new).exp()
        top = new
    return right * exact / wrong


def _seen(q, k, mask, causal):
    seen = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device)
    seen = seen.tril() if causal else seen
    return seen if mask is None else seen & mask
