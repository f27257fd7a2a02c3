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


def sheared(*, once: bool = False) -> Role:
    """Matrices U (1/2 + 2 N) U' with ones above N's diagonal and a random rotation U.

    All their eigenvalues are 1/2. They are drawn anew for every layer, or `once` for all layers,
    which takes one chain of all replicates at a time.
    """
    import torch

    kept: list[Any] = []

    def initializer(
        fan_in: int, fan_out: int, generator: Any, replicates: int = 1, dtype: Any = None,
        device: str = "cpu",
    ) -> Any:  # fmt: skip
        if not kept or not once:
            options: Any = {"dtype": torch.float64, "device": device}
            shape = (replicates, fan_out, fan_in)
            turned, _ = torch.linalg.qr(torch.randn(shape, generator=generator, **options))
            above = torch.full((fan_in - 1,), 2.0, **options).diag(1)
            kept[:] = [turned @ (torch.eye(fan_in, **options) / 2 + above) @ turned.mT]
        return kept[0].to(dtype)

    return initializer
