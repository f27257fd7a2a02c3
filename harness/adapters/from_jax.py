"""Adapters of JAX: Flax modules, jax.nn functions and initialisers, Optax transformations.

Everything is compiled (jax.jit); float64 is switched on for the call that asks for it.
Every shape is compiled anew and most of them run a few times: XLA does all that it does to a graph,
but its code is not polished and comes in one piece, which takes a third of the time.
"""

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import Tensor

from harness.adapters import attention as attending
from harness.adapters import parameter_groups, schedules, signatures
from harness.adapters.conventions import Conventions
from harness.declaration.not_applicable import NotApplicableError

LAYOUT = "in, out"
LEAST_SHARE = 0.5  # some 0.1 s a shape go into compiling, as much as hundreds of calls
KEPT = 200  # codes that are kept: each has some 50 maps of memory, of which a process has 65,530

# XLA's own names, which its releases add and drop: what this one does not know is left out.
WISHED = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}

# Calls here are small and waited for: to hand each to another thread costs more than most of them.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def _is_known(option: str, value: Any) -> bool:
    try:
        jax.jit(jnp.negative, compiler_options={option: value})(0.0)
    except jax.errors.JaxRuntimeError:
        return False
    return True


jit = functools.partial(
    jax.jit,
    compiler_options={name: value for name, value in WISHED.items() if _is_known(name, value)},
)


_kept: set[tuple[Any, ...]] = set()


def _keep(*code: Any) -> None:
    """Note what code is compiled for, and let go of all code where there is too much."""
    _kept.add(code)
    if len(_kept) > KEPT:
        _kept.clear()
        jax.clear_caches()


def argument_of(x: Tensor) -> Any:
    """What code is called with that keeps nothing: the tensor's memory, bfloat16 by float32."""
    if x.device.type != "cpu":
        raise NotApplicableError("JAX's adapters are on the cpu alone")
    x = x.detach()
    if x.dtype == torch.bfloat16:
        return x.float().numpy().astype(jnp.bfloat16)
    return x.numpy()


def array_of(x: Tensor) -> Any:
    """The tensor as a JAX array of the same dtype; bfloat16 goes through float32, exactly."""
    return jnp.array(argument_of(x))


def tensor_of(array: Any) -> Tensor:
    """The JAX array as a tensor of the same dtype."""
    if array.dtype == jnp.bfloat16:
        return torch.from_numpy(np.array(array.astype(jnp.float32))).to(torch.bfloat16)
    return torch.from_numpy(np.array(array))


def _wide(*tensors: Tensor) -> Any:
    return jax.enable_x64(any(x.dtype == torch.float64 for x in tensors))


class Compiled:
    """A JAX function whose last argument is an array, and its gradient with respect to that."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.value = jit(function)

        def both(gradient: Any, *arguments: Any) -> tuple[Any, Any]:
            *others, x = arguments
            value, pull_back = jax.vjp(functools.partial(function, *others), x)
            return value, pull_back(gradient)[0]

        # Called forward and back: a second program, of one direction, would take longer to compile.
        self.value_and_gradient = jit(both)

    def __call__(self, *arguments: Any) -> Tensor:
        """The value at the arguments, the last of which is a tensor that may ask for gradients."""
        *others, x = arguments
        _keep(id(self), x.shape, x.dtype, x.requires_grad)
        if x.requires_grad:
            result: Tensor = _Traced.apply(x, self, others)  # type: ignore[no-untyped-call]
            return result
        with _wide(x):
            return tensor_of(self.value(*others, argument_of(x)))


class _Traced(torch.autograd.Function):
    """A JAX function of one array, with JAX's own gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, function: Compiled, others: Sequence[Any]) -> Tensor:
        with _wide(x):
            ctx.function, ctx.arguments = function, (*others, array_of(x))
            result = function.value.eval_shape(*ctx.arguments)
            nothing = np.zeros(result.shape, result.dtype)
            return tensor_of(function.value_and_gradient(nothing, *ctx.arguments)[0])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        if torch.is_grad_enabled():
            raise NotApplicableError("JAX's adapters pass first derivatives on, and no second ones")
        (gradient,) = gradients
        with _wide(gradient):
            _, result = ctx.function.value_and_gradient(array_of(gradient), *ctx.arguments)
            return tensor_of(result), None, None


def seed_from(generator: torch.Generator) -> int:
    """The seed of a JAX key, from the torch generator; that one moves on."""
    return int(torch.randint(2**31, (), generator=generator))


def dropout(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """flax.linen.Dropout, flax.nnx.Dropout, or a function (key, x, rate), also with `training`."""

    @functools.lru_cache(maxsize=64)
    def compiled(rate: float, training: bool) -> Compiled:
        return Compiled(functools.partial(_drop, thing, rate, training))

    def call(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        rate = conventions.rate_of(p)
        return compiled(rate, training)(seed_from(generator), h)

    return call


def _drop(thing: Any, rate: float, training: bool, seed: Any, x: Any) -> Any:
    module: Any = thing
    key = jax.random.key(seed)
    if not inspect.isclass(thing):
        if "training" in inspect.signature(thing).parameters:
            return thing(key, x, rate, training=training)
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
        def of_keys(seed: Any) -> Any:
            keys = jax.random.split(jax.random.key(seed), replicates)
            return jax.vmap(lambda one: thing(one, shape, jnp.dtype(dtype)))(keys)

        made: Callable[[Any], Any] = jit(of_keys)
        return made

    def draw(
        shape: tuple[int, int], generator: torch.Generator, replicates: int, dtype: torch.dtype
    ) -> Tensor:
        _keep(thing, shape, dtype, replicates)
        with jax.enable_x64(dtype == torch.float64):
            name = str(dtype).removeprefix("torch.")
            return tensor_of(compiled(shape, name, replicates)(seed_from(generator)))

    return signatures.initializer(draw, conventions)


def elementwise(thing: Any, conventions: Conventions) -> Callable[[Tensor], Tensor]:
    """A function of one array."""
    return Compiled(thing)


def kernel(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function (in_axes, out_axes) of an initialiser, as partials of variance_scaling.

    The kernels are JAX's, (*window, inputs / groups, outputs) and (inputs, heads, outputs); their
    axes are brought into the protocol's order.
    """

    def call(
        kind: str, inputs: int, outputs: int, window: Sequence[int], groups: int,
        generator: torch.Generator, replicates: int = 1, device: str | torch.device = "cpu",
    ) -> Tensor:  # fmt: skip
        size = math.prod(window)
        shape, in_axes, out_axes = {
            "convolution": ((*window, inputs // groups, outputs), -2, -1),
            "transposed": ((*window, inputs // groups, outputs), -2, -1),
            "heads": ((inputs, *window, outputs), 0, (1, 2)),
            "packed": ((inputs, size * outputs), -2, -1),
        }[kind]
        draw = _kernels(thing, shape, in_axes, out_axes, replicates)
        drawn = tensor_of(draw(seed_from(generator))).to(device)
        return _ordered(kind, drawn, len(window), groups)

    return call


def _ordered(kind: str, drawn: Tensor, window: int, groups: int) -> Tensor:
    """JAX's kernels behind an axis of replicates, with the protocol's order of axes."""
    spatial = range(1, 1 + window)
    if kind == "convolution":
        return drawn.permute(0, -1, -2, *spatial)
    if kind == "transposed":
        *before, outputs = drawn.shape
        parts = drawn.reshape(*before, groups, outputs // groups)
        return parts.permute(0, -2, -3, -1, *spatial).flatten(1, 2)
    return drawn.mT if kind == "packed" else drawn


@functools.lru_cache(maxsize=64)
def _kernels(
    thing: Any, shape: Sequence[int], in_axes: Any, out_axes: Any, replicates: int
) -> Callable[[Any], Any]:
    made = thing(in_axis=in_axes, out_axis=out_axes)
    draw = jax.vmap(lambda key: made(key, shape, jnp.float32))
    compiled: Callable[[Any], Any] = jit(
        lambda seed: draw(jax.random.split(jax.random.key(seed), replicates))
    )
    return compiled


def split_uniforms(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (key, n) that gives n keys, as jax.random.split."""

    @functools.lru_cache(maxsize=16)
    def compiled(children: int, size: int) -> Callable[[Any], Any]:
        draw = jax.vmap(lambda key: jax.random.uniform(key, (size,)))
        made: Callable[[Any], Any] = jit(lambda key: draw(thing(key, children)))
        return made

    def call(seed: int, children: int, size: int) -> Any:
        return np.asarray(compiled(children, size)(jax.random.key(seed)), dtype=np.float64)

    return call


def folded_uniforms(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (key, number) that gives a key, as jax.random.fold_in."""
    draw = jit(jax.random.uniform, static_argnums=1)
    fold = jit(thing)

    def call(seed: int, numbers: Sequence[int], size: int) -> Any:
        key = jax.random.key(seed)
        for number in numbers:
            key = fold(key, np.uint32(number % 2**32))  # what JAX takes
        return np.asarray(draw(key, (size,)), dtype=np.float64)

    return call


def optimizer(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (lr, weight_decay, mask) of an Optax transformation; mask: which ones decay."""

    def step(
        params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
        weight_decay: float = 0.0, decoupled: bool = False, decays: Sequence[bool] | None = None,
    ) -> tuple[list[Tensor], Any]:  # fmt: skip
        conventions.check_decay(decoupled, weight_decay)
        mask = [True] * len(params) if decays is None else list(decays)
        _keep(thing, *((w.shape, w.dtype) for w in params))
        with _wide(*params):
            weights = [array_of(w) for w in params]
            transform = thing(lr, weight_decay, mask)
            if state is None:
                state = transform.init(weights)
            updates, state = transform.update([array_of(g) for g in grads], state, weights)
            stepped = [w + u for w, u in zip(weights, updates, strict=True)]
            return [tensor_of(w) for w in stepped], state

    return step


def average_weights(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (decay) of an Optax transformation of the weights, as optax.ema.

    Whole numbers are copied: they are none of the parameters that it is told of.
    """

    def call(
        weights: Sequence[Tensor], state: Any, decay: float | None = None
    ) -> tuple[list[Tensor], Any]:
        if decay is None:
            raise NotApplicableError("an average of Optax has a decay")
        floats = [w for w in weights if w.is_floating_point()]
        _keep(thing, *((w.shape, w.dtype) for w in floats))
        with _wide(*floats):
            values, transform = [array_of(w) for w in floats], thing(decay)
            averages, state = transform.update(
                values, transform.init(values) if state is None else state
            )
            found = map(tensor_of, averages)
        return [next(found) if w.is_floating_point() else w.clone() for w in weights], state

    return call


def attention(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function (q, k, v, mask=, is_causal=), as jax.nn.dot_product_attention; no dropout."""
    return attending.of_arrays(thing, array_of, tensor_of, _wide)


def sgd(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """As for optimisers with a state, which is left out."""
    return signatures.without_state(optimizer(thing, conventions))


def adamw(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (lr, weight_decay, mask) of an Optax transformation whose decay is decoupled."""
    decoupled = replace(conventions, decay="decoupled")
    return signatures.adamw(optimizer(thing, decoupled))


ADAPTERS: dict[str, signatures.Made] = {
    **dict.fromkeys(signatures.DROPOUTS, dropout),
    **dict.fromkeys(("he_kernel", "xavier_kernel"), kernel), "split_uniforms": split_uniforms,
    "folded_uniforms": folded_uniforms, **dict.fromkeys(signatures.INITIALIZERS, initializer),
    **dict.fromkeys((*signatures.ACTIVATIONS, "l2_penalty", "mean_loss"), elementwise), "sgd": sgd,
    **dict.fromkeys(("momentum_sgd", "nesterov_sgd", "adam"), optimizer), "adamw": adamw,
    "lr_schedule": schedules.counted,
    "decay_groups": parameter_groups.masked,
    "attention": attention,
    "average_weights": average_weights,
}  # fmt: skip
