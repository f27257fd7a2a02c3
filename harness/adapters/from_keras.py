"""Doors from Keras 3, on the torch backend: set KERAS_BACKEND=torch before Keras is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch
from torch import Tensor

from harness.adapters.conventions import Conventions
from harness.adapters.from_torch import check_decay
from harness.declaration.not_applicable import NotApplicableError

LAYOUT = "in, out"


def _seed(generator: torch.Generator) -> int:
    if keras.backend.backend() != "torch":
        raise NotApplicableError("this door is for the torch backend; set KERAS_BACKEND=torch")
    return int(torch.randint(2**31, (), generator=generator, device=generator.device))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def dropout(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A layer class that takes (rate, seed, dtype), as keras.layers.Dropout."""

    def call(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        rate = 1.0 - p if conventions.rate == "keep" else p
        layer = thing(rate, seed=_seed(generator), dtype=_name(h.dtype))
        rank = getattr(layer.input_spec, "ndim", None)
        if rank not in (None, h.dim()):
            raise NotApplicableError(f"this layer is for inputs of {rank} axes")
        result: Tensor = layer(h, training=training)
        return result

    def compiled(backend: str) -> Callable[..., Tensor]:
        raise NotApplicableError("this door makes a layer for each call, and compiles none")

    call.compiled = compiled  # type: ignore[attr-defined]
    return call


def initializer(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A class that takes a seed, as keras.initializers.GlorotUniform."""

    def call(
        fan_in: int,
        fan_out: int,
        generator: torch.Generator,
        replicates: int = 1,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> Tensor:
        in_out = conventions.layout == "in, out"
        shape = (fan_in, fan_out) if in_out else (fan_out, fan_in)
        drawn = [thing(seed=_seed(generator))(shape, dtype=_name(dtype)) for _ in range(replicates)]
        weights = torch.stack([w.detach() for w in drawn]).to(device)
        return weights.mT.contiguous() if in_out else weights

    return call


def elementwise(thing: Any, conventions: Conventions) -> Callable[[Tensor], Tensor]:
    """A function of one tensor, as keras.activations.relu."""
    return lambda x: thing(x)


def optimizer(stateful: bool) -> Callable[[Any, Conventions], Callable[..., Any]]:
    """A class of keras.optimizers; its weight decay is decoupled and scaled by lr."""

    def make(thing: Any, conventions: Conventions) -> Callable[..., Any]:
        def step(
            params: Sequence[Tensor],
            grads: Sequence[Tensor],
            state: Any,
            lr: float,
            weight_decay: float = 0.0,
            decoupled: bool = False,
            decays: Sequence[bool] | None = None,
        ) -> tuple[list[Tensor], Any]:
            check_decay(conventions, decoupled, weight_decay)
            if state is not None:
                raise NotApplicableError("this door copies no optimiser state")
            variables = [keras.Variable(w.detach().clone(), dtype=_name(w.dtype)) for w in params]
            made = thing(learning_rate=lr, weight_decay=weight_decay or None)
            flags = [True] * len(variables) if decays is None else decays
            spared = [v for v, decay in zip(variables, flags, strict=True) if not decay]
            if spared:
                made.exclude_from_weight_decay(var_list=spared)
            made.apply([g.detach().clone() for g in grads], variables)
            return [v.value.detach().clone() for v in variables], made

        if stateful:
            return step

        def stateless(
            params: Sequence[Tensor],
            grads: Sequence[Tensor],
            lr: float,
            weight_decay: float = 0.0,
            decoupled: bool = False,
            decays: Sequence[bool] | None = None,
        ) -> list[Tensor]:
            return step(params, grads, None, lr, weight_decay, decoupled, decays)[0]

        return stateless

    return make


DOORS: dict[str, Callable[[Any, Conventions], Callable[..., Any]]] = {
    **dict.fromkeys(("dropout", "channel_dropout", "path_dropout"), dropout),
    **dict.fromkeys(
        ("xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "plain_normal"), initializer
    ),
    **dict.fromkeys(("relu", "sigmoid", "tanh"), elementwise),
    "sgd": optimizer(stateful=False),
    "adam": optimizer(stateful=True),
}
