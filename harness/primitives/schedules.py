"""The learning rate of every step: a linear warm-up, then half a cosine down to a floor."""

import math


def lr_schedule(
    step: int, total: int, warmup: int, peak: float, floor: float = 0.0, resumed: int | None = None
) -> float:
    """Return the rate of update number `step`, counted from 0, of a run of `total` updates.

    What every shape has to keep: the first update moves (a rate above 0), the rate does not fall
    before update `warmup` and is `peak` there, does not rise after it, and is `floor` at `total`
    and at every later step; 0 <= warmup < total and 0 <= floor <= peak. It counts updates: neither
    micro-batches nor processes. The result is a float, right to float32.
    `resumed`: a schedule that is stepped is saved after so many updates and loaded into a new one;
    a function of the step alone has no use for it, and the rate is the same.
    The reference has warm-up peak (t + 1) / (warmup + 1), then the cosine of Loshchilov and Hutter
    2017, Eq. 5 (d2l, "Learning Rate Scheduling", "Warmup").
    """
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    done = min(1.0, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(math.pi * done)) / 2
