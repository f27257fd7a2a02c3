"""Faults of Xavier's and He's initialisation where a kernel is no matrix."""

import math

import torch

from harness.declaration.book import fault
from harness.primitives.convolutions import he_kernel, xavier_kernel


def _scaled(kernel, ratio, *arguments, **options):
    return kernel(*arguments, **options) * math.sqrt(ratio)


@fault("xavier_kernel", breaks="in-xavier-formula.kernels")
def counts_the_outputs_of_all_groups(kind, inputs, outputs, window, groups, *draw, **options):
    """I05: the outputs of every group are counted, though an input feeds its own group's only."""
    size = math.prod(window)
    honest = (inputs + outputs) // groups * size
    ratio = honest / (inputs // groups * size + outputs * size) if groups > 1 else 1.0
    return _scaled(xavier_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("xavier_kernel", breaks="in-xavier-formula.kernels")
def misses_the_window_in_both(kind, inputs, outputs, window, groups, *draw, **options):
    """I05: the receptive field is missing from both fans of a convolution."""
    ratio = math.prod(window) if kind in ("convolution", "transposed") else 1.0
    return _scaled(xavier_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("xavier_kernel", breaks="in-xavier-formula.kernels")
def takes_the_inputs_twice(kind, inputs, outputs, window, groups, *draw, **options):
    """The outputs are forgotten: 2 / (2 n_in), which square layers do not show."""
    packed = kind in ("heads", "packed")
    fed = outputs * math.prod(window) if packed else outputs
    ratio = (inputs + fed) / (2 * inputs)
    return _scaled(xavier_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("xavier_kernel", breaks="in-xavier-formula.kernels")
def takes_a_head_for_all(kind, inputs, outputs, window, groups, *draw, **options):
    """I09: one head's outputs are counted, though an input feeds every head."""
    fed = outputs * math.prod(window)
    ratio = (inputs + fed) / (inputs + outputs) if kind == "heads" else 1.0
    return _scaled(xavier_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("he_kernel", breaks="in-forward.kernels")
def misses_the_window(kind, inputs, outputs, window, groups, *draw, **options):
    """I05: the receptive field is missing from the fan of a convolution."""
    ratio = math.prod(window) if kind == "convolution" else 1
    return _scaled(he_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("he_kernel", breaks="in-forward.kernels")
def swaps_the_fans_of_transposed_kernels(kind, inputs, outputs, window, groups, *draw, **options):
    """I07: in and out are read as in a convolution where the kernel is transposed."""
    ratio = inputs / outputs if kind == "transposed" else 1
    return _scaled(he_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("he_kernel", breaks="in-forward.kernels")
def takes_heads_for_a_window(kind, inputs, outputs, window, groups, *draw, **options):
    """I09: a kernel of rank 3 is read as a convolution's, (window, inputs, outputs)."""
    ratio = inputs / (inputs * window[0]) if kind == "heads" else 1
    return _scaled(he_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("he_kernel", breaks="in-forward.kernels")
def ignores_the_groups(kind, inputs, outputs, window, groups, *draw, **options):
    """All inputs are counted, though an output sees only those of its group."""
    return _scaled(he_kernel, 1 / groups, kind, inputs, outputs, window, groups, *draw, **options)


@fault("he_kernel", breaks="in-forward.kernels")
def counts_the_packed_outputs(kind, inputs, outputs, window, groups, *draw, **options):
    """Query, key and value packed in one matrix, read the wrong way round."""
    ratio = inputs / (outputs * window[0]) if kind == "packed" else 1
    return _scaled(he_kernel, ratio, kind, inputs, outputs, window, groups, *draw, **options)


@fault("he_kernel", breaks="in-forward.kernel-law")
def draws_uniform_kernels(*arguments, **options):
    """A uniform law of the right variance."""
    w = he_kernel(*arguments, **options)
    return torch.special.ndtr(w / w.std()).mul(2).sub(1).mul(w.std() * 3**0.5)


@fault("he_kernel", breaks="in-forward.kernel-law")
def repeats_a_window(*arguments, **options):
    """Two inputs in turn have the same window."""
    w = he_kernel(*arguments, **options)
    return w[:, :, ::2].repeat_interleave(2, dim=2)[:, :, : w.shape[2]]


@fault("xavier_kernel", breaks="in-xavier-formula.kernel-law")
def clamps_the_tails(*arguments, **options):
    """Weights beyond 2.9 deviations are set to 2.9 deviations of what was drawn."""
    w = xavier_kernel(*arguments, **options)
    return w.clamp(-2.9 * float(w.std()), 2.9 * float(w.std()))


@fault("he_kernel", breaks="in-forward.kernel-law")
def shares_kernels_of_replicas(*arguments, **options):
    """Two replicas in turn have the same kernels."""
    w = he_kernel(*arguments, **options)
    return w[::2].repeat_interleave(2, dim=0)[: len(w)]


@fault("he_kernel", breaks="in-forward.kernel-law")
def rounds_kernels_to_sixteen_bits(*arguments, **options):
    """Drawn in bfloat16 and widened: eight bits of every weight are left."""
    return he_kernel(*arguments, **options).bfloat16().float()


@fault("xavier_kernel", breaks="in-xavier-formula.kernel-law")
def mirrors_rows_of_windows(*arguments, **options):
    """The last weight of a row is the first one's opposite, as antithetic draws have it."""
    w = xavier_kernel(*arguments, **options)
    return torch.cat([w[..., :-1], -w[..., :1]], dim=-1) if w.shape[-1] > 1 else w


@fault("he_kernel", breaks="in-forward.kernel-law")
def packs_one_block_three_times(kind, inputs, outputs, window, *draw, **options):
    """Query, key and value begin alike: one block is drawn and repeated."""
    w = he_kernel(kind, inputs, outputs, window, *draw, **options)
    return w[:, :outputs].repeat(1, window[0], 1) if kind == "packed" else w
