"""Many questions at once: which of them may be answered so that few answers are false."""

from collections.abc import Sequence


def discoveries(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which null hypotheses are rejected at a false discovery rate of `rate`.

    The step-up procedure of Benjamini & Hochberg (1995), Theorem 1: with p sorted, reject up to
    the largest k with p_(k) <= k rate / m. Valid for independent p-values and for positively
    dependent ones (Benjamini & Yekutieli 2001, Theorem 1.2), as rows timed in the same processes
    are. Where every null is true, the chance of any rejection is at most `rate`.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    last = 0
    for place, index in enumerate(order, start=1):
        if p_values[index] <= place * rate / len(p_values):
            last = place
    rejected = set(order[:last])
    return [index in rejected for index in range(len(p_values))]
