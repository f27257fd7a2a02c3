"""JAX, Flax and Optax behind the adapters."""

from __future__ import annotations

import functools
from typing import Any

import flax.linen
import flax.nnx
import jax
import optax

from harness.adapters.adapter import adapter

initializers = jax.nn.initializers
linen_dropout = adapter("dropout", flax.linen.Dropout, arrays="jax")
nnx_dropout = adapter("dropout", flax.nnx.Dropout, arrays="jax")
xavier_uniform = adapter("xavier_uniform", initializers.glorot_uniform(), arrays="jax")
xavier_normal = adapter(
    "xavier_normal", initializers.variance_scaling(1.0, "fan_avg", "normal"), arrays="jax"
)
glorot_normal = adapter("xavier_normal", initializers.glorot_normal(), arrays="jax")
he_uniform = adapter("he_uniform", initializers.he_uniform(), arrays="jax")
he_normal = adapter(
    "he_normal", initializers.variance_scaling(2.0, "fan_in", "normal"), arrays="jax"
)
relu = adapter("relu", jax.nn.relu, arrays="jax")
sigmoid = adapter("sigmoid", jax.nn.sigmoid, arrays="jax")
tanh = adapter("tanh", jax.numpy.tanh, arrays="jax")
sgd = adapter(
    "sgd",
    lambda lr, decay, mask: optax.chain(optax.add_decayed_weights(decay, mask), optax.sgd(lr)),
    arrays="jax",
)
nesterov_sgd = adapter(
    "nesterov_sgd",
    lambda lr, decay, mask: optax.chain(
        optax.add_decayed_weights(decay, mask), optax.sgd(lr, momentum=0.9, nesterov=True)
    ),
    arrays="jax",
)
adamw_role = adapter(
    "adamw", lambda lr, decay, mask: optax.adamw(lr, weight_decay=decay, mask=mask), arrays="jax"
)
he_kernel = adapter(
    "he_kernel",
    functools.partial(initializers.variance_scaling, 2.0, "fan_in", "normal"),
    arrays="jax",
)
xavier_kernel = adapter(
    "xavier_kernel",
    functools.partial(initializers.variance_scaling, 1.0, "fan_avg", "normal"),
    arrays="jax",
)
split_uniforms = adapter("split_uniforms", jax.random.split, arrays="jax")
folded_uniforms = adapter("folded_uniforms", jax.random.fold_in, arrays="jax")


def shared(axes: int) -> Any:
    """Flax's dropout whose mask is shared behind the first so many axes."""

    def drop(key: Any, x: Any, rate: float, training: bool = True) -> Any:
        layer = flax.linen.Dropout(rate, broadcast_dims=tuple(range(axes, x.ndim)))
        return layer.apply({}, x, deterministic=not training, rngs={"dropout": key})

    return drop


channel_dropout = adapter("channel_dropout", shared(2), arrays="jax")
path_dropout = adapter("path_dropout", shared(1), arrays="jax")
adamw = adapter(
    "adam",
    lambda lr, decay, mask: optax.adamw(lr, weight_decay=decay, mask=mask),
    arrays="jax",
    decay="decoupled",
)
warmup_cosine = adapter(
    "lr_schedule",
    lambda total, warmup, peak, floor: optax.warmup_cosine_decay_schedule(
        peak / (warmup + 1), peak, warmup, total, floor
    ),
    arrays="jax",
)
decay_groups = adapter(
    "decay_groups",
    lambda params: jax.tree.map(lambda w: w.ndim > 1, params),
    arrays="jax",
)
attention = adapter("attention", jax.nn.dot_product_attention, arrays="jax", dtypes=("float32",))


def _polyak(decay: float) -> Any:
    """The average itself is the state, and begins with the weights."""

    def update(weights: Any, averages: Any, params: Any = None) -> Any:
        averages = optax.incremental_update(weights, averages, 1 - decay)
        return averages, averages

    return optax.GradientTransformation(lambda weights: weights, update)


# Of 16-bit weights it rounds the product with 1 - decay, which lies at the edge of the margin.
ema = adapter("average_weights", optax.ema, arrays="jax", dtypes=("float32",))
incremental_update = adapter("average_weights", _polyak, arrays="jax")
