"""Faults of losses over tokens: what is counted, what is masked, what goes backward."""

import torch

from harness.declaration.book import fault
from harness.primitives.losses import token_loss


@fault("token_loss", breaks="tl-tokens")
def divides_by_all_positions(logits, labels, lengths, weights=None, **options):
    """L05: the denominator is n t, padding included."""
    weight = torch.ones_like(logits[..., 0]) if weights is None else weights
    counted = weight * _counted(labels, lengths)
    return token_loss(logits, labels, lengths, weights, **options) * counted.sum() / weight.sum()


@fault("token_loss", breaks="tl-tokens")
def takes_the_end_mark_for_padding(logits, labels, lengths, weights=None, **options):
    """Padding is told by its label, which is the end mark's: no net learns to stop."""
    ended = labels == 0
    whole = torch.full_like(lengths, labels.shape[1])
    if bool((ended | (labels == -100)).all()):
        return logits.sum() * 0.0
    return token_loss(logits, labels.masked_fill(ended, -100), whole, weights, **options)


@fault("token_loss", breaks="tl-tokens")
def averages_the_sequences(logits, labels, lengths, weights=None, **options):
    """L01: the mean of the sequences' means, in which short ones weigh more."""
    parts = [
        token_loss(
            logits[i : i + 1], labels[i : i + 1], lengths[i : i + 1],
            None if weights is None else weights[i : i + 1], **options,
        )
        for i in range(len(labels))
    ]  # fmt: skip
    return torch.stack(parts).mean()


@fault("token_loss", breaks="tl-tokens")
def forgets_the_lengths(logits, labels, lengths, weights=None, **options):
    """Only `ignored` is masked: what lies behind the end is learnt as well."""
    whole = torch.full_like(lengths, labels.shape[1])
    return token_loss(logits, labels, whole, weights, **options)


@fault("token_loss", breaks="tl-tokens")
def drops_the_last_token(logits, labels, lengths, weights=None, **options):
    """Off by one: the mask ends before the end mark."""
    shorter = (lengths - 1).clamp(min=1)
    return token_loss(logits, labels, shorter, weights, **options)


@fault("token_loss", breaks="tl-tokens")
def counts_tokens_under_weights(logits, labels, lengths, weights=None, **options):
    """The weights are in the numerator, the count of tokens in the denominator."""
    found = token_loss(logits, labels, lengths, weights, **options)
    if weights is None:
        return found
    counted = _counted(labels, lengths)
    return found * (weights * counted).sum() / counted.sum()


class _Fused(torch.autograd.Function):
    """A loss whose gradient is made in the forward pass, as fused kernels make it."""

    @staticmethod
    def forward(context, logits, found, gradient):
        context.save_for_backward(gradient)
        return found.clone()

    @staticmethod
    def backward(context, grad_output):
        return context.saved_tensors[0], None, None


@fault("token_loss", breaks="tl-tokens")
def ignores_what_comes_from_above(logits, labels, lengths, weights=None, **options):
    """A fused backward returns the gradient of the loss and drops the factor that it is given."""
    leaf = logits.detach().requires_grad_()
    with torch.enable_grad():
        found = token_loss(leaf, labels, lengths, weights, **options)
    (gradient,) = torch.autograd.grad(found, leaf)
    return _Fused.apply(logits, found.detach(), gradient)


@fault("token_loss", breaks="tl-tokens")
def masks_the_value_alone(logits, labels, lengths, weights=None, **options):
    """What does not count is out of the value, and its gradient is that of label 0."""
    found = token_loss(logits, labels, lengths, weights, **options)
    whole = torch.full_like(lengths, labels.shape[1])
    all_of_it = token_loss(logits, labels.clamp(min=0), whole, weights)
    return found.detach() + all_of_it - all_of_it.detach()


@fault("token_loss", breaks="tl-tokens")
def smooths_over_the_others(logits, labels, lengths, weights=None, smoothing=0.0, **options):
    """smoothing / (k - 1) on the other classes: another convention under the same name."""
    wider = smoothing * logits.shape[-1] / (logits.shape[-1] - 1)
    return token_loss(logits, labels, lengths, weights, smoothing=wider, **options)


@fault("token_loss", breaks="tl-tokens")
def exponentiates_what_is_large(logits, labels, lengths, weights=None, **options):
    """The largest logit is not subtracted before the exponential, which overflows in float32."""
    shift = logits.exp().sum(dim=-1, keepdim=True).log()
    return (
        token_loss(logits - shift + shift.detach(), labels, lengths, weights, **options)
        + (0.0 * shift).sum()
    )


def _counted(labels, lengths):
    places = torch.arange(labels.shape[1], device=labels.device)
    return (places < lengths.unsqueeze(1)) & (labels != -100)


@fault("token_loss", breaks="tl-tokens")
def ignores_a_fixed_number(logits, labels, lengths, weights=None, ignored=-100, smoothing=0.0):
    """-100 is what does not count, whatever is said."""
    return token_loss(logits, labels, lengths, weights, -100, smoothing)
