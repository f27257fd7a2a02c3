"""Doors from JAX: Flax modules, jax.nn functions and initialisers, Optax transformations.

Everything is compiled (jax.jit); float64 is switched on for the call that asks for it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import Tensor

from harness.adapters.capabilities import NotApplicableError
from harness.adapters.conventions import Conventions
from harness.adapters.from_torch import check_decay

LAYOUT = "in, out"


def array_of(x: Tensor) -> Any:
    """The tensor as a JAX array of the same dtype; bfloat16 goes through float32, exactly."""
    if x.device.type != "cpu":
        raise NotApplicableError("this door is on the cpu alone")
    x = x.detach()
    if x.dtype == torch.bfloat16:
        return jnp.asarray(x.float().numpy()).astype(jnp.bfloat16)
    return jnp.array(x.numpy())


def tensor_of(array: Any) -> Tensor:
    """The JAX array as a tensor of the same dtype."""
    if array.dtype == jnp.bfloat16:
        return torch.from_numpy(np.array(array.astype(jnp.float32))).to(torch.bfloat16)
    return torch.from_numpy(np.array(array))


def _wide(*tensors: Tensor) -> Any:
    return jax.enable_x64(any(x.dtype == torch.float64 for x in tensors))


class _Traced(torch.autograd.Function):
    """A JAX function of one array, with JAX's own gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, function: Callable[[Any], Any]) -> Tensor:
        with _wide(x):
            result, ctx.pull_back = jax.vjp(function, array_of(x))
            return tensor_of(result)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        if torch.is_grad_enabled():
            raise NotApplicableError("this door passes first derivatives on, and no second ones")
        (gradient,) = gradients
        with _wide(gradient):
            return tensor_of(ctx.pull_back(array_of(gradient))[0]), None


def _applied(function: Callable[[Any], Any], x: Tensor) -> Tensor:
    if x.requires_grad:
        result: Tensor = _Traced.apply(x, function)  # type: ignore[no-untyped-call]
        return result
    with _wide(x):
        return tensor_of(function(array_of(x)))


def key_from(generator: torch.Generator) -> Any:
    """A JAX key that the torch generator determines; that one moves on."""
    return jax.random.key(int(torch.randint(2**31, (), generator=generator)))


def dropout(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """flax.linen.Dropout, flax.nnx.Dropout, or a function (key, x, rate)."""

    @functools.lru_cache(maxsize=64)
    def compiled(rate: float, training: bool) -> Callable[..., Any]:
        made: Callable[..., Any] = jax.jit(functools.partial(_drop, thing, rate, training))
        return made

    def call(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        rate = 1.0 - p if conventions.rate == "keep" else p
        key = key_from(generator)
        return _applied(lambda x: compiled(rate, training)(key, x), h)

    return call


def _drop(thing: Any, rate: float, training: bool, key: Any, x: Any) -> Any:
    module: Any = thing
    if not inspect.isclass(thing):
        if not training:
            raise NotApplicableError("a function of (key, x, rate) has no evaluation mode")
        return thing(key, x, rate)
    if hasattr(module, "apply"):  # flax.linen: parameters and keys are arguments
        return module(rate, deterministic=not training).apply({}, x, rngs={"dropout": key})
    from flax import nnx

    return module(rate, deterministic=not training, rngs=nnx.Rngs(dropout=key))(x)


def initializer(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function (key, shape, dtype) as those of jax.nn.initializers."""

    @functools.lru_cache(maxsize=256)
    def compiled(shape: tuple[int, int], dtype: str, replicates: int) -> Callable[[Any], Any]:
        def draw(key: Any) -> Any:
            keys = jax.random.split(key, replicates)
            return jax.vmap(lambda one: thing(one, shape, jnp.dtype(dtype)))(keys)

        made: Callable[[Any], Any] = jax.jit(draw)
        return made

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
        with jax.enable_x64(dtype == torch.float64):
            name = str(dtype).removeprefix("torch.")
            weights = tensor_of(compiled(shape, name, replicates)(key_from(generator)))
        return (weights.mT if in_out else weights).contiguous().to(device)

    return call


def elementwise(thing: Any, conventions: Conventions) -> Callable[[Tensor], Tensor]:
    """A function of one array."""
    compiled = jax.jit(thing)
    return lambda x: _applied(compiled, x)


def optimizer(stateful: bool) -> Callable[[Any, Conventions], Callable[..., Any]]:
    """A function (lr, weight_decay, mask) of an Optax transformation; mask: which ones decay."""

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
            mask = [True] * len(params) if decays is None else list(decays)
            with _wide(*params):
                weights = [array_of(w) for w in params]
                transform = thing(lr, weight_decay, mask)
                if state is None:
                    state = transform.init(weights)
                updates, state = transform.update([array_of(g) for g in grads], state, weights)
                stepped = [w + u for w, u in zip(weights, updates, strict=True)]
                return [tensor_of(w) for w in stepped], state

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
    "dropout": dropout,
    **dict.fromkeys(
        ("xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "plain_normal"), initializer
    ),
    **dict.fromkeys(("relu", "sigmoid", "tanh", "l2_penalty", "mean_loss"), elementwise),
    "sgd": optimizer(stateful=False),
    "momentum_sgd": optimizer(stateful=True),
    "adam": optimizer(stateful=True),
}
