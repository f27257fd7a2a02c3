"""Faults of initial weights that show in the chapter's net on images."""

from harness.declaration.book import fault
from harness.primitives.initialization import plain_normal


@fault("plain_normal", breaks="do-concise-same.corrected")
def forgets_the_deviation(fan_in, fan_out, generator, *rest, **options):
    """The argument std is lost, and the standard normal law is left: the notes' own slip."""
    return plain_normal(fan_in, fan_out, generator, *rest, **{**options, "std": 1.0})


@fault("plain_normal", breaks="do-concise-same.corrected")
def ten_times_too_wide(fan_in, fan_out, generator, *rest, **options):
    """I13: the root of the variance is taken twice, 0.1 for 0.01."""
    return plain_normal(fan_in, fan_out, generator, *rest, **{**options, "std": 0.1})
