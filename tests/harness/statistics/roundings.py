"""Rates at which two computed floats are equal to the last bit: for tests of thresholds."""

from collections.abc import Callable


def rate_where(equal: Callable[[float], bool], near: float) -> float:
    """The first rate within some roundings of `near` for which `equal` holds."""
    return next(rate for i in range(-3000, 3000) if equal(rate := near * (1 + i * 2.0**-53)))
