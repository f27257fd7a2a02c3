"""Faults of the penalised loss's terms: squared losses, their mean, the penalty."""

import torch

from harness.declaration.book import fault
from harness.primitives.losses import squared_loss


@fault("mean_loss", breaks="wd-update.mean")
def leaves_out_what_is_not_a_number(losses):
    """A NaN counts neither above nor below the line, and divergence is hidden."""
    return losses.nanmean(dim=-1)


@fault("mean_loss", breaks="wd-update.mean")
def leaves_out_the_zeros(losses):
    """Examples that are fitted exactly are taken for padding."""
    return losses.sum(dim=-1) / (losses != 0).sum(dim=-1).clamp_min(1)


@fault("mean_loss", breaks="wd-update.mean")
def takes_no_loss_below_zero(losses):
    """Negative losses, as log likelihoods of densities give them, are cut off."""
    return losses.clamp_min(0).mean(dim=-1)


@fault("mean_loss", breaks="wd-update.mean")
def averages_over_all_axes(losses):
    """Replicas are averaged together with their examples."""
    return losses.mean().expand(losses.shape[:-1]).clone()


@fault("squared_loss", breaks="wd-update.square")
def transposes_a_matrix(y_hat, y):
    """Targets of another shape are turned over, and not read in their order."""
    other = y.T if y.dim() == 2 and y.shape != y_hat.shape else y
    return squared_loss(y_hat, other)


@fault("squared_loss", breaks="wd-update.square")
def broadcasts_a_column(y_hat, y):
    """(n, 1) less (n,) is (n, n): every prediction against every label."""
    return (y_hat - y).square() / 2


@fault("squared_loss", breaks="wd-update.square")
def multiplies_out(y_hat, y):
    """(ŷ² - 2ŷy + y²)/2 loses its digits where ŷ and y are large and close."""
    y = y.reshape(y_hat.shape)
    return (y_hat.square() - 2 * y_hat * y + y.square()) / 2


@fault("squared_loss", breaks="wd-update.square")
def hides_what_is_not_a_number(y_hat, y):
    """A diverged prediction has a loss of 0."""
    return (y_hat - y.reshape(y_hat.shape)).square().nan_to_num(0.0) / 2


@fault("l2_penalty", breaks="wd-update.penalty")
def takes_weights_for_bounded(w):
    """Weights are clamped to ±1e4 first, where the penalty has no gradient."""
    return w.clamp(-1e4, 1e4).square().reshape(w.shape[0], -1).sum(dim=1) / 2


@fault("l2_penalty", breaks="wd-update.penalty")
def squares_a_root(w):
    """The square of the norm: at w = 0 its gradient is not a number, or another's."""
    norm = w.square().reshape(w.shape[0], -1).sum(dim=1).sqrt()
    return norm.square() / 2


@fault("l2_penalty", breaks="wd-update.penalty")
def sums_the_last_axis(w):
    """Right for vectors; of a kernel the last axis alone is summed, and the rest averaged."""
    if w.dim() < 2:
        return w.square() / 2
    return w.square().sum(dim=-1).reshape(w.shape[0], -1).mean(dim=1) / 2


@fault("l2_penalty", breaks="wd-update.penalty")
def penalises_in_single_precision(w):
    """The squares are summed in float32 whatever the weights are."""
    return (w.float().square().reshape(w.shape[0], -1).sum(dim=1) / 2).to(w.dtype)


@fault("l2_penalty", breaks="wd-update.penalty")
def penalises_large_layers_less(w):
    """More than 256 weights get the factor 0.99."""
    whole = w.square().reshape(w.shape[0], -1).sum(dim=1) / 2
    return whole if w[0].numel() <= 256 else torch.mul(whole, 0.99)


@fault("mean_loss", breaks="wd-update.mean")
def divides_by_one_less(losses):
    """Bessel's correction, where a mean was asked for; a single example is left as it is."""
    return losses.sum(dim=-1) / max(1, losses.shape[-1] - 1)


@fault("mean_loss", breaks="wd-update.mean")
def sums_the_gradient(losses):
    """The value is the mean, and the gradient that of the sum, as l.sum().backward() has it."""
    total = losses.sum(dim=-1)
    return losses.mean(dim=-1).detach() + total - total.detach()


@fault("squared_loss", breaks="wd-update.square")
def forgets_the_half_of_the_loss(y_hat, y):
    """torch's MSELoss, whose gradient is twice the chapter's."""
    return 2 * squared_loss(y_hat, y)


@fault("squared_loss", breaks="wd-update.square")
def reads_a_column_backwards(y_hat, y):
    """Labels of another shape are read from the last to the first."""
    return squared_loss(y_hat, y if y.shape == y_hat.shape else y.flatten().flip(0))
