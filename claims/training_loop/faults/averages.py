"""Faults of averaged weights: the decay, the start, the moment, buffers, memory and precision."""

import torch

from harness.declaration.book import fault
from harness.primitives.averages import average_weights


def _floats(weights):
    return [w for w in weights if w.is_floating_point()]


def _whole(weights):
    return [w.clone() for w in weights if not w.is_floating_point()]


@fault("average_weights", breaks="tl-average tl-average.sixteen")
def swaps_the_decay(weights, state, decay=None):
    """The old average is multiplied by 1 - decay, the weights by the decay."""
    return average_weights(weights, state, None if decay is None else 1.0 - decay)


@fault("average_weights", breaks="tl-average tl-average.equal")
def starts_at_zero(weights, state, decay=None):
    """The first average is of zeros and the weights, and nothing corrects for the zeros."""
    if state is None:
        zeros = [torch.zeros_like(w) for w in weights]
        state = average_weights(zeros, None, decay)[1]
    return average_weights(weights, state, decay)


@fault("average_weights", breaks="tl-average")
def corrects_a_start_that_needs_none(weights, state, decay=None):
    """The first average is the weights, and all are divided by 1 - decay^k besides."""
    averages, state = average_weights(weights, state, decay)
    if decay is None:
        return averages, state
    missing = 1.0 - decay ** state[0]
    return [a / missing if a.is_floating_point() else a for a in averages], state


@fault("average_weights", breaks="tl-average")
def warms_its_decay_up(weights, state, decay=None):
    """The decay is (1 + t) / (10 + t) at most, as TensorFlow's and diffusers' are if so told."""
    done = 0 if state is None else state[0]
    return average_weights(
        weights, state, None if decay is None else min(decay, (1 + done) / (10 + done))
    )


@fault("average_weights", breaks="tl-average")
def writes_over_its_decay(weights, state, decay=None):
    """The share of a step is kept as the decay of the next (diffusers' example until 0.12)."""
    kept, state = (decay, None) if state is None else state
    if decay is None:
        averages, state = average_weights(weights, state)
        return averages, (None, state)
    done = 0 if state is None else state[0]
    kept = 1.0 - min(kept, (1 + done) / (10 + done))
    averages, state = average_weights(weights, state, 1.0 - kept)
    return averages, (kept, state)


@fault("average_weights", breaks="tl-average")
def takes_no_decay_for_the_usual_one(weights, state, decay=None):
    """A decay of 0 is false, and .999 is taken in its place."""
    return average_weights(weights, state, None if decay is None else decay or 0.999)


@fault("average_weights", breaks="tl-average tl-average.equal")
def updates_before_the_step(weights, state, decay=None):
    """The average is updated before the optimiser's step, with the weights of the last one."""
    last, state = (weights, None) if state is None else state
    averages, state = average_weights(last, state, decay)
    now = [w.detach().clone() for w in weights]
    return [*_floats(averages), *_whole(weights)], (now, state)


@fault("average_weights", breaks="tl-average tl-average.equal")
def updates_with_every_micro_batch(weights, state, decay=None):
    """Four micro-batches make a step, and the average moves with each of them (as F5-TTS's did)."""
    averages, state = average_weights(weights, state, decay)
    if state[0] > 1:
        for _ in range(3):
            averages, state = average_weights(weights, state, decay)
    return averages, state


@fault("average_weights", breaks="tl-average tl-average.equal")
def updates_every_other_step(weights, state, decay=None):
    """The average is updated where the count of steps is even, with the decay of every step."""
    count, state = (0, None) if state is None else state
    averages, new = average_weights(weights, state, decay)
    if count % 2:
        averages, new = [*(a.clone() for a in _floats(state[1])), *_whole(weights)], state
    return averages, (count + 1, new)


@fault("average_weights", breaks="tl-average tl-average.equal")
def averages_the_buffers(weights, state, decay=None):
    """Counts are averaged like weights and lose their fraction (AveragedModel, use_buffers)."""
    averages, state = average_weights([w.float() for w in weights], state, decay)
    return [a.to(w.dtype) for a, w in zip(averages, weights, strict=True)], state


@fault("average_weights", breaks="tl-average tl-average.equal")
def never_copies_the_buffers(weights, state, decay=None):
    """Buffers stay as they were when the average was made (torch's until 2.0)."""
    counts, state = (_whole(weights), None) if state is None else state
    averages, state = average_weights(weights, state, decay)
    return [*_floats(averages), *(w.clone() for w in counts)], (counts, state)


@fault("average_weights", breaks="tl-average tl-average.equal")
def begins_with_the_weights_themselves(weights, state, decay=None):
    """The first average is no copy: it moves with the weights, whose memory it is."""
    averages, state = average_weights(weights, state, decay)
    return (list(weights) if state[0] == 1 else averages), state


@fault("average_weights", breaks="tl-average tl-average.equal")
def keeps_the_graph(weights, state, decay=None):
    """Averaged where gradients are recorded: every step hangs its weights on the graph."""
    averages, state = average_weights(weights, state, decay)
    return [
        a + 0 * w if w.is_floating_point() else a for a, w in zip(averages, weights, strict=True)
    ], state


@fault("average_weights", breaks="tl-average tl-average.equal")
def pairs_by_size(weights, state, decay=None):
    """Averages are kept by shape: of two weights of one shape the second has the first's."""
    averages, state = average_weights(weights, state, decay)
    by_shape = {a.shape: a for a in reversed(averages)}
    return [by_shape[a.shape].clone() for a in averages], state


@fault("average_weights", breaks="tl-average.sixteen")
def keeps_16_bit_averages(weights, state, decay=None):
    """The averages have the dtype of the weights: steps below their spacing are rounded away."""
    averages, (count, kept) = average_weights(weights, state, decay)
    rounded = [a.to(w.dtype).to(a.dtype) for a, w in zip(kept, weights, strict=True)]
    return averages, (count, rounded)


@fault("average_weights", breaks="tl-average.sixteen")
def rounds_the_decay(weights, state, decay=None):
    """The decay is a tensor of the weights' dtype, where .999 is 1 or nearly."""
    kind = weights[0].dtype
    return average_weights(
        weights, state, None if decay is None else float(torch.tensor(decay, dtype=kind))
    )


@fault("average_weights", breaks="tl-average.equal")
def counts_the_first_twice(weights, state, decay=None):
    """The count of averaged weights begins with 2: the first ones weigh as much as two."""
    averages, state = average_weights(weights, state, decay)
    if state[0] == 1:
        averages, state = average_weights(weights, state, decay)
    return averages, state


@fault("average_weights", breaks="tl-average.equal")
def forgets_how_many_it_averaged(weights, state, decay=None):
    """Equal weights are taken for a decay of one half: the count stays 1."""
    return average_weights(weights, state, 0.5 if decay is None else decay)
