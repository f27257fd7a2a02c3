"""Faults of learning-rate schedules: off by one, past the end, by micro-batch, after a restart."""

import math

import torch

from harness.declaration.book import fault
from harness.primitives.schedules import lr_schedule


@fault("lr_schedule", breaks="tl-rate")
def starts_at_zero(step, total, warmup, peak, floor=0.0, resumed=None):
    """Warm-up peak t / warmup: the first update of the run does nothing."""
    if step < warmup:
        return peak * step / warmup
    return lr_schedule(step, total, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate")
def warms_up_past_the_peak(step, total, warmup, peak, floor=0.0, resumed=None):
    """The decay counts from the first step, so that it has begun before the warm-up ends."""
    decayed = floor + (peak - floor) * (1 + math.cos(math.pi * min(1.0, step / total))) / 2
    return decayed * min(1.0, (step + 1) / (warmup + 1))


@fault("lr_schedule", breaks="tl-rate")
def rebounds_past_the_end(step, total, warmup, peak, floor=0.0, resumed=None):
    """The cosine is not cut off, and the rate climbs again after the last step."""
    if step < warmup:
        return lr_schedule(step, total, warmup, peak, floor)
    done = (step - warmup) / (total - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2


@fault("lr_schedule", breaks="tl-rate")
def decays_over_the_whole_run(step, total, warmup, peak, floor=0.0, resumed=None):
    """The decay takes `total` steps after the warm-up: the run ends above its floor."""
    return lr_schedule(step, total + warmup + 1, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate")
def takes_the_floor_for_a_fraction(step, total, warmup, peak, floor=0.0, resumed=None):
    """The floor is multiplied by the peak, where it was a rate."""
    return lr_schedule(step, total, warmup, peak, floor * peak)


@fault("lr_schedule", breaks="tl-rate")
def forgets_the_floor(step, total, warmup, peak, floor=0.0, resumed=None):
    """The rate goes to 0 whatever the floor is."""
    return lr_schedule(step, total, warmup, peak)


@fault("lr_schedule", breaks="tl-rate")
def steps_once_for_every_process(step, total, warmup, peak, floor=0.0, resumed=None):
    """Two processes each move the one schedule: the run is over at half of its steps."""
    return lr_schedule(2 * step, total, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate")
def swaps_the_arguments_of_the_cosine(step, total, warmup, peak, floor=0.0, resumed=None):
    """From the floor up to the peak: the sign before the cosine is wrong."""
    if step < warmup:
        return lr_schedule(step, total, warmup, peak, floor)
    return peak + floor - lr_schedule(step, total, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate.resumed")
def warms_up_again(step, total, warmup, peak, floor=0.0, resumed=None):
    """The count of steps is not saved: the resumed run begins with the warm-up."""
    return lr_schedule(step - (resumed or 0), total, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate.resumed")
def repeats_a_step(step, total, warmup, peak, floor=0.0, resumed=None):
    """The count is saved before the step that is under way: all rates come one step late."""
    late = 0 if resumed is None else 1
    return lr_schedule(max(0, step - late), total, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate.resumed")
def starts_from_the_saved_rate(step, total, warmup, peak, floor=0.0, resumed=None):
    """The rate at the restart is taken for the peak, and decays a second time."""
    if resumed is not None:
        peak = lr_schedule(resumed, total, warmup, peak, floor)
    return lr_schedule(step, total, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate.resumed")
def counts_what_remains(step, total, warmup, peak, floor=0.0, resumed=None):
    """The resumed schedule is made for the steps that remain, and steps on from where it was."""
    return lr_schedule(step, total - (resumed or 0) // 2, warmup, peak, floor)


@fault("lr_schedule", breaks="tl-rate")
def dips_in_the_warm_up(step, total, warmup, peak, floor=0.0, resumed=None):
    """A step before the peak falls back: two pieces of the warm-up do not meet."""
    rate = lr_schedule(step, total, warmup, peak, floor)
    return rate / 4 if 2 * step == warmup or 0 < step == warmup - 1 else rate


@fault("lr_schedule", breaks="tl-rate")
def rounds_to_sixteen_bits(step, total, warmup, peak, floor=0.0, resumed=None):
    """The rate is kept beside the parameters, in their dtype."""
    rate = lr_schedule(step, total, warmup, peak, floor, resumed)
    return float(torch.tensor(rate, dtype=torch.bfloat16))
