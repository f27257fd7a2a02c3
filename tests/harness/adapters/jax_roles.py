"""JAX, Flax and Optax behind the doors."""

from __future__ import annotations

import functools
from typing import Any

import flax.linen
import flax.nnx
import jax
import optax

from harness.adapters.adapter import door

initializers = jax.nn.initializers
linen_dropout = door("dropout", flax.linen.Dropout, arrays="jax")
nnx_dropout = door("dropout", flax.nnx.Dropout, arrays="jax")
xavier_uniform = door("xavier_uniform", initializers.glorot_uniform(), arrays="jax")
xavier_normal = door(
    "xavier_normal", initializers.variance_scaling(1.0, "fan_avg", "normal"), arrays="jax"
)
glorot_normal = door("xavier_normal", initializers.glorot_normal(), arrays="jax")
he_uniform = door("he_uniform", initializers.he_uniform(), arrays="jax")
he_normal = door("he_normal", initializers.variance_scaling(2.0, "fan_in", "normal"), arrays="jax")
relu = door("relu", jax.nn.relu, arrays="jax")
sigmoid = door("sigmoid", jax.nn.sigmoid, arrays="jax")
tanh = door("tanh", jax.numpy.tanh, arrays="jax")
sgd = door(
    "sgd",
    lambda lr, decay, mask: optax.chain(optax.add_decayed_weights(decay, mask), optax.sgd(lr)),
    arrays="jax",
)
nesterov_sgd = door(
    "nesterov_sgd",
    lambda lr, decay, mask: optax.chain(
        optax.add_decayed_weights(decay, mask), optax.sgd(lr, momentum=0.9, nesterov=True)
    ),
    arrays="jax",
)
adamw_role = door(
    "adamw", lambda lr, decay, mask: optax.adamw(lr, weight_decay=decay, mask=mask), arrays="jax"
)
he_kernel = door(
    "he_kernel",
    functools.partial(initializers.variance_scaling, 2.0, "fan_in", "normal"),
    arrays="jax",
)
xavier_kernel = door(
    "xavier_kernel",
    functools.partial(initializers.variance_scaling, 1.0, "fan_avg", "normal"),
    arrays="jax",
)
split_uniforms = door("split_uniforms", jax.random.split, arrays="jax")
folded_uniforms = door("folded_uniforms", jax.random.fold_in, arrays="jax")


def shared(axes: int) -> Any:
    """Flax's dropout whose mask is shared behind the first so many axes."""

    def drop(key: Any, x: Any, rate: float, training: bool = True) -> Any:
        layer = flax.linen.Dropout(rate, broadcast_dims=tuple(range(axes, x.ndim)))
        return layer.apply({}, x, deterministic=not training, rngs={"dropout": key})

    return drop


channel_dropout = door("channel_dropout", shared(2), arrays="jax")
path_dropout = door("path_dropout", shared(1), arrays="jax")
adamw = door(
    "adam",
    lambda lr, decay, mask: optax.adamw(lr, weight_decay=decay, mask=mask),
    arrays="jax",
    decay="decoupled",
)
