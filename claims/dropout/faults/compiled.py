"""Faults of dropout that show only when it is compiled, recomputed, in 16 bits or on infinities."""

import torch
from torch.nn import functional

from claims.dropout.faults.layer import in_training
from harness.adapters.adapter import adapter
from harness.declaration.book import fault
from harness.primitives import dropout as plain


def _freezes(h, p, training):
    if not training or p == 0:
        return h * 1  # without an operation there is no graph, and the layer is left as it is
    if not torch.compiler.is_compiling():
        return functional.dropout(h, p)
    place = torch.arange(h.numel(), device=h.device, dtype=torch.float64).reshape(h.shape)
    u = torch.frac(torch.sin(place * 12.9898).abs() * 43758.5453)
    return torch.where(u >= p, plain.rescaled(h, 1 / (1 - p)), 0.0)


def _keeps_the_mode(h, p, training):
    return functional.dropout(h, p, training or torch.compiler.is_compiling())


def _forgets_the_scale(h, p, training):
    dropped = functional.dropout(h, p, training)
    return dropped * (1 - p) if training and torch.compiler.is_compiling() else dropped


FREEZES, KEEPS_THE_MODE, FORGETS_THE_SCALE = (
    adapter("dropout", made) for made in (_freezes, _keeps_the_mode, _forgets_the_scale)
)


@fault("dropout", breaks="do-keep-rule.compiled")
def freezes_its_mask_when_compiled(h, p, generator, training=True):
    """D29: tracing makes a constant of the mask; without the compiler all is well."""
    return FREEZES(h, p, generator, training)


@fault("dropout", breaks="do-keep-rule.compiled")
def compiles_the_mode_of_the_first_call(h, p, generator, training=True):
    """D05: the graph is kept under a key without the mode: evaluation drops as well."""
    return KEEPS_THE_MODE(h, p, generator, training)


@fault("dropout", breaks="do-keep-rule.compiled")
def forgets_to_rescale_when_compiled(h, p, generator, training=True):
    """D19: the compiled backend lacks 1 / (1 - p)."""
    return FORGETS_THE_SCALE(h, p, generator, training)


@fault("dropout", breaks="do-keep-rule.extremes")
def takes_a_small_rate_for_none(h, p, generator, training=True):
    """A shortcut for p = 0 is taken up to p = 0.001."""
    return plain.dropout(h, 0.0 if p < 1e-3 else p, generator, training)


@fault("dropout", breaks="do-keep-rule.extremes")
def takes_a_large_rate_for_all(h, p, generator, training=True):
    """A shortcut for p = 1 is taken from p = 0.999 on."""
    return plain.dropout(h, 1.0 if p > 0.999 else p, generator, training)


@fault("dropout", breaks="do-grad-vanish.checkpoint")
@in_training
def counts_its_calls_into_the_seed(h, p, generator):
    """D03: a counter beside the generator goes into the mask, and recomputing moves it on."""
    global _COUNTED
    _COUNTED += 1
    seed = int(torch.randint(2**40, (), generator=generator, device=h.device))
    counted = torch.Generator(h.device).manual_seed(seed + _COUNTED)
    return plain.dropout(h, p, counted)


@fault("dropout", breaks="do-grad-vanish.checkpoint")
@in_training
def drops_nothing_when_recomputed(h, p, generator):
    """D03: the second computation of the same state is taken for an evaluation."""
    key = bytes(generator.get_state().cpu().numpy().tobytes())
    again = key in _SEEN
    if len(_SEEN) > REMEMBERED:  # a compiler looks at every one of them
        _SEEN.clear()
    _SEEN.symmetric_difference_update({key})
    keep = torch.rand(h.shape, generator=generator, device=h.device) >= p
    return torch.where(keep | again, plain.rescaled(h, 1 / (1 - p)), 0.0)


@fault("dropout", breaks="do-unbiased.sixteen-bit")
def cuts_digits_off(h, p, generator, training=True):
    """The product is cut to 16 bits and not rounded: kept values are too small on average."""
    dropped = plain.dropout(h.double(), p, generator, training)
    near = dropped.to(h.dtype)
    beyond = near.double().abs() > dropped.abs()
    step = torch.nextafter(near, torch.zeros_like(near))
    return torch.where(beyond, step, near)


@fault("dropout", breaks="do-unbiased.sixteen-bit")
@in_training
def rounds_p_before_the_scale(h, p, generator):
    """p, 1 - p and 1 / (1 - p) are each rounded to 16 bits before the product is."""
    one = torch.ones((), dtype=h.dtype, device=h.device)
    scale = one / (one - torch.tensor(p, dtype=h.dtype, device=h.device))
    return torch.where(plain.dropout(torch.ones_like(h), p, generator) != 0, h * scale, 0.0)


@fault("dropout", breaks="do-unbiased.sixteen-bit")
def adds_half_a_unit(h, p, generator, training=True):
    """Values are rounded away from zero: half a unit is added before the digits are cut."""
    dropped = plain.dropout(h.double(), p, generator, training)
    near = dropped.to(h.dtype)
    short = near.double().abs() < dropped.abs()
    return torch.where(short, torch.nextafter(near, torch.sign(near) * torch.inf), near)


@fault("dropout", breaks="do-keep-rule.infinite")
def multiplies_infinity_by_zero(h, p, generator, training=True):
    """h * mask: a dropped infinity becomes NaN, and the next layer with it."""
    return h if not training or p == 0 else h * plain.dropout(torch.ones_like(h), p, generator)


@fault("dropout", breaks="do-keep-rule.infinite")
@in_training
def keeps_what_is_infinite(h, p, generator):
    """An infinity is never dropped, as by h * mask with NaN mended afterwards."""
    return torch.where(h.isinf(), h, plain.dropout(h, p, generator))


_COUNTED = 0
_SEEN: set[bytes] = set()
REMEMBERED = 64  # states; the second computation comes soon after the first
