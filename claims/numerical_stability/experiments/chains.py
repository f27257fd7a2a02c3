"""Chains of dense layers as claims send signals through them: one example up, a cotangent down.

h_l = f(W_l h_(l-1)). Of one example for each net, the second moments of successive layers have
independent ratios.
"""

from collections.abc import Callable, Sequence
from typing import Any

from harness.blocks.streams import Stream

Role = Callable[..., Any]


def through(
    propagate: Role, initializer: Role, activation: Role | None, depth: int, width: int,
    replicates: int, stream: Stream, device: str = "cpu",
) -> Any:  # fmt: skip
    """What `propagate` measures of one example through each of `replicates` chains."""
    widths = [width] * (depth + 1)
    return through_widths(propagate, initializer, activation, widths, replicates, stream, device)


def through_widths(
    propagate: Role, initializer: Role, activation: Role | None, widths: Sequence[int],
    replicates: int, stream: Stream, device: str = "cpu",
) -> Any:  # fmt: skip
    """The same through layers from widths[0] inputs to widths[-1] outputs."""
    generator = stream.torch(device)
    return propagate(widths, initializer, activation, replicates, generator, examples=1)


def with_std(plain_normal: Role, std: float) -> Role:
    """The plain initialiser that draws N(0, std^2)."""

    def initializer(*arguments: Any, **options: Any) -> Any:
        return plain_normal(*arguments, std=std, **options)

    return initializer
