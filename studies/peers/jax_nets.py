"""Perceptrons with dropout in JAX: jit of scan, over replicas by vmap or one after the other."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from studies.peers.tasks import NetTask, drawn_orders


class Trainer:
    """Masks from jax.random.bernoulli; orders too, or `given` by the engine's shuffler."""

    def __init__(self, task: NetTask, by_one: bool, given: bool = False) -> None:
        self._task = task
        self._given = given
        self._data = [
            jnp.asarray(part.numpy()) for part in (task.X, task.y, task.X_test, task.y_test)
        ]
        self._first = [jnp.asarray(p.numpy()) for p in task.initial]

        def one(arguments: Any) -> Any:
            return _trained(task, *arguments)

        self._run = jax.jit((lambda a: lax.map(one, a)) if by_one else jax.vmap(one))

    def __call__(self, epochs: int, orders: Any = None) -> list[Any]:
        """Train and return the parameters; both losses are measured at the end."""
        R, n = self._task.y.shape
        keys = jax.random.split(jax.random.key(0), R)
        if self._given:
            drawn = drawn_orders(R, epochs, n) if orders is None else orders
            order = jnp.asarray(np.ascontiguousarray(drawn, dtype=np.int32))
        else:
            shuffles = jax.random.split(jax.random.key(1), (R, epochs))
            order = _permutations(shuffles, n)
        parameters, losses = self._run((keys, order, *self._data, self._first))
        jax.block_until_ready(losses)
        return [np.asarray(p) for p in parameters]


@partial(jax.jit, static_argnums=1)
def _permutations(keys: Any, n: int) -> Any:
    return jax.vmap(jax.vmap(lambda key: jax.random.permutation(key, n)))(keys)


def _trained(
    task: NetTask, key: Any, orders: Any, x: Any, y: Any, x_test: Any, y_test: Any, parameters: Any
) -> Any:
    batches = orders.reshape(-1, task.batch_size)

    def step(parameters: Any, drawn: Any) -> Any:
        key, batch = drawn
        grads = jax.grad(lambda p: _loss(task, p, x[batch], y[batch], key))(parameters)
        return [p - task.lr * g for p, g in zip(parameters, grads, strict=True)], None

    keys = jax.random.split(key, len(batches))
    parameters, _ = lax.scan(step, parameters, (keys, batches))
    measured = [_loss(task, parameters, a, b, None) for a, b in ((x, y), (x_test, y_test))]
    return parameters, measured


def _loss(task: NetTask, parameters: Any, x: Any, y: Any, key: Any) -> Any:
    h = x
    layers = len(parameters) // 2
    for layer in range(layers):
        W, b = parameters[2 * layer : 2 * layer + 2]
        h = h @ W.T + b
        if layer == layers - 1:
            break
        h = jax.nn.relu(h)
        rate = task.rates[layer]
        if key is not None and rate:
            kept = jax.random.bernoulli(jax.random.fold_in(key, layer), 1 - rate, h.shape)
            h = jnp.where(kept, h / (1 - rate), 0.0)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], axis=1)
    return -chosen.mean()
