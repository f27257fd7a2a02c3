"""Nets as users build them: renamed, wrapped, tied, frozen in part."""

from __future__ import annotations

from typing import Any

PARTS = ("plain", "renamed", "wrapped", "tied", "frozen", "own", "transposed")


def net_of(parts: list[str], width: int) -> tuple[Any, list[Any], list[Any]]:
    """A net with these parts; the parameters that decay, and those that do not.

    Numbers are left as they come: nobody reads them. What is frozen is in evaluation mode.
    """
    import torch
    from torch import nn

    class Rescale(nn.Module):
        """A gain under a name of its own, as many an RMS norm has it, and a temperature."""

        def __init__(self) -> None:
            super().__init__()
            self.gamma = nn.Parameter(torch.empty(width))
            self.temperature = nn.Parameter(torch.empty(()))

    class Wrapper(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.module = inner

    def linear(n: int = 2 * width) -> Any:
        return nn.utils.skip_init(nn.Linear, width, n)

    net = nn.Module()
    decaying: list[Any] = []
    spared: list[Any] = []

    def add(name: str, module: Any, kept: list[Any], left: list[Any]) -> None:
        net.add_module(name, module)
        decaying.extend(kept)
        spared.extend(left)

    if "plain" in parts:
        one, norm = linear(), nn.LayerNorm(width)
        add("linear", one, [one.weight], [one.bias])
        add("norm", norm, [], [norm.weight, norm.bias])
    if "renamed" in parts:
        norm, one, other = nn.LayerNorm(width), linear(width + 1), linear()
        add("ln_f", norm, [], [norm.weight, norm.bias])
        add("debiased", other, [other.weight], [other.bias])
        add("norm_projection", one, [one.weight], [one.bias])
    if "wrapped" in parts:
        one, batch = nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)
        add("_orig_mod", Wrapper(nn.Sequential(one, batch)), [one.weight],
            [one.bias, batch.weight, batch.bias])  # fmt: skip
    if "tied" in parts:
        one, two = linear(width), nn.Linear(width, width, bias=False)
        two.weight = one.weight
        add("first", one, [one.weight], [one.bias])
        add("second", two, [], [])
    if "frozen" in parts:
        one = linear().requires_grad_(False).eval()
        add("pretrained", one, [], [])
    if "transposed" in parts:
        one = nn.utils.skip_init(nn.ConvTranspose1d, 2, 3, 3)
        add("up", one, [one.weight], [one.bias])
    if "own" in parts:
        own = Rescale()
        add("rescale", own, [], [own.gamma, own.temperature])
        free = nn.Parameter(torch.empty(3, width))
        net.register_parameter("kernel", free)
        decaying.append(free)
    return net, decaying, spared
