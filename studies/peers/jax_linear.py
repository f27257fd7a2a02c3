"""Linear regression in JAX, jit(vmap(scan)): own shuffles, given orders, and the dual form."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from studies.peers.tasks import Array, LinearTask, drawn_orders

UNROLL = 10  # its best, measured


class Natural:
    """All replicas at once, as one writes it: a permutation an epoch from jax.random."""

    def __init__(self, task: LinearTask, every: int) -> None:
        self._every = every
        self._data = _on_device(task)
        n = task.X.shape[1]

        def one(key: Any, X: Any, y: Any, X_test: Any, y_test: Any, w: Any) -> Any:
            def epoch(parameters: Any, key: Any) -> Any:
                order = jax.random.permutation(key, n)
                return _epoch(task, parameters, X[order], y[order], 1), None

            parameters, _ = lax.scan(epoch, w, jax.random.split(key, every))
            return parameters, _losses(parameters, X, y, X_test, y_test)

        self._chunk = jax.jit(jax.vmap(one))
        self._first = _first(task)

    def __call__(self, epochs: int) -> Any:
        """Train and return the weights; losses are measured every `every` epochs."""
        parameters = self._first
        key = jax.random.key(0)
        for _ in range(epochs // self._every):
            key, used = jax.random.split(key)
            keys = jax.random.split(used, len(parameters[0]))
            parameters, losses = self._chunk(keys, *self._data, parameters)
        jax.block_until_ready(losses)
        return jax.block_until_ready(parameters[0])


class Given:
    """The same with orders that the engine's shuffler draws on the host, within the time."""

    def __init__(self, task: LinearTask, every: int, dual: bool = False) -> None:
        self._every = every
        self._task = task
        self._n = task.X.shape[1]
        one = _dual(task) if dual else _primal(task)
        self._run = jax.jit(jax.vmap(one))

    def __call__(self, epochs: int, block: int, orders: Any = None) -> Array:
        """Train blocks of replicas and return the weights."""
        R = len(self._task.X)
        found = []
        for start in range(0, R, block):
            part = self._task.cut(slice(start, min(start + block, R)))
            replicas = len(part.X)
            data, parameters = _on_device(part), _first(part)
            done = 0
            while done < epochs:
                count = min(self._every, epochs - done)
                if orders is None:
                    order = drawn_orders(replicas, count, self._n, seed=start + done)
                else:
                    order = orders[start : start + block, done : done + count]
                order = np.ascontiguousarray(order, dtype=np.int32)
                parameters, losses = self._run(order, *data, parameters)
                done += count
            jax.block_until_ready(losses)
            found.append(np.asarray(parameters[0]))
        return np.concatenate(found)


def _primal(task: LinearTask) -> Any:
    def one(orders: Any, X: Any, y: Any, X_test: Any, y_test: Any, parameters: Any) -> Any:
        def epoch(parameters: Any, order: Any) -> Any:
            return _epoch(task, parameters, X[order], y[order], UNROLL), None

        parameters, _ = lax.scan(epoch, parameters, orders)
        return parameters, _losses(parameters, X, y, X_test, y_test)

    return one


def _dual(task: LinearTask) -> Any:
    """The engine's own form for more features than examples: u = Xw and the n x n products.

    All epochs in one call, from w0; the decay is folded in one scalar.
    """
    B, n = task.batch_size, task.X.shape[1]
    shrink = 1.0 - task.lr * task.weight_decay
    factor = 2.0 * task.lr / B

    def one(orders: Any, X: Any, y: Any, X_test: Any, y_test: Any, parameters: Any) -> Any:
        w, b = parameters
        gram, cross = X @ X.T, X_test @ X.T
        steps = orders.reshape(-1, B)

        def step(state: Any, batch: Any) -> Any:
            u, b, a, kept = state
            error = factor * (u[batch] + b - y[batch])
            u = shrink * u - error @ gram[batch]
            # a counts in units of the shrinkage since the start, so that no step touches it all
            kept = kept * shrink
            a = a.at[batch].add(-error / kept)
            return (u, b - error.sum() if task.bias else b, a, kept), None

        state = (X @ w, b, jnp.zeros(n), jnp.ones(()))
        (u, b, a, kept), _ = lax.scan(step, state, steps, unroll=UNROLL)
        a = kept * a
        final = kept * w + a @ X
        test = kept * (X_test @ w) + cross @ a + b
        return (final, b), (jnp.mean((u + b - y) ** 2), jnp.mean((test - y_test) ** 2))

    return one


def _epoch(task: LinearTask, parameters: Any, X: Any, y: Any, unroll: int) -> Any:
    B = task.batch_size
    batches = (X.reshape(-1, B, X.shape[1]), y.reshape(-1, B))

    def loss(parameters: Any, X: Any, y: Any) -> Any:
        w, b = parameters
        decay = task.weight_decay * jnp.sum(w * w) / 2 if task.weight_decay else 0.0
        return jnp.mean((X @ w + b - y) ** 2) + decay

    def step(parameters: Any, batch: Any) -> Any:
        w, b = parameters
        dw, db = jax.grad(loss)(parameters, *batch)
        return (w - task.lr * dw, b - task.lr * db if task.bias else b), None

    return lax.scan(step, parameters, batches, unroll=unroll)[0]


def _losses(parameters: Any, X: Any, y: Any, X_test: Any, y_test: Any) -> Any:
    w, b = parameters
    return jnp.mean((X @ w + b - y) ** 2), jnp.mean((X_test @ w + b - y_test) ** 2)


def _first(task: LinearTask) -> Any:
    return jnp.asarray(task.initial), jnp.zeros(len(task.initial))


def _on_device(task: LinearTask) -> Any:
    return tuple(jnp.asarray(a) for a in (task.X, task.y, task.X_test, task.y_test))
