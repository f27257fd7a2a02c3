"""The signatures of roles, written once around what an object of any framework can do."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from harness.adapters.conventions import Conventions

DROPOUTS = ("dropout", "channel_dropout", "path_dropout")
INITIALIZERS = ("xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "plain_normal")
ACTIVATIONS = ("relu", "sigmoid", "tanh")

Made = Callable[[Any, Conventions], Callable[..., Any]]  # an adapter: object in, role out
Draw = Callable[[tuple[int, int], torch.Generator, int, torch.dtype], Tensor]


def initializer(draw: Draw, conventions: Conventions) -> Callable[..., Tensor]:
    """The role of `draw(shape, generator, replicates, dtype)`, whose axes are as declared."""

    def call(
        fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
        dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
    ) -> Tensor:  # fmt: skip
        out_in = conventions.layout == "out, in"
        shape = (fan_out, fan_in) if out_in else (fan_in, fan_out)
        weights = draw(shape, generator, replicates, dtype)
        return (weights if out_in else weights.mT).contiguous().to(device)

    return call


def without_state(step: Callable[..., Any]) -> Callable[..., list[Tensor]]:
    """The role sgd of a step that returns parameters and state."""

    def call(
        params: Sequence[Tensor], grads: Sequence[Tensor], lr: float, weight_decay: float = 0.0,
        decoupled: bool = False, decays: Sequence[bool] | None = None,
    ) -> list[Tensor]:  # fmt: skip
        stepped: list[Tensor] = step(params, grads, None, lr, weight_decay, decoupled, decays)[0]
        return stepped

    return call


def adamw(step: Callable[..., Any]) -> Callable[..., tuple[list[Tensor], Any]]:
    """The role adamw of a step that is asked for decoupled decay."""

    def call(
        params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
        weight_decay: float = 0.01, decays: Sequence[bool] | None = None,
    ) -> tuple[list[Tensor], Any]:  # fmt: skip
        stepped: tuple[list[Tensor], Any] = step(
            params, grads, state, lr, weight_decay, True, decays
        )
        return stepped

    return call
