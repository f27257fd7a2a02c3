"""Second moments through 50 layers of width 256, forward and backward, by engine and peers."""

import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from jax import lax
from torch import Tensor, nn

from harness.primitives import initialization
from harness.primitives.activations import tanh
from harness.training.chains.propagation import Propagation, propagate
from studies.peers.forms import Check, Form, Target, Workload, deviation, largest
from studies.peers.tasks import generator

DEPTH, WIDTH, EXAMPLES = 50, 256, 64


def ours(replicas: int, initializer: Any = None, draws: Any = None) -> Propagation:
    """Return the engine's moments, in float32 as all the others."""
    draws = generator(1) if draws is None else draws
    return propagate(
        [WIDTH] * (DEPTH + 1), initializer, tanh, replicas, draws,
        examples=EXAMPLES, dtype=torch.float32,
    )  # fmt: skip


def by_modules(replicas: int, draws: torch.Generator, depth: int = DEPTH) -> list[list[float]]:
    """One net after the other: nn.Linear, nn.init with a generator, autograd; moments (R, ...)."""
    found = []
    for _ in range(replicas):
        layers = [nn.utils.skip_init(nn.Linear, WIDTH, WIDTH, bias=False) for _ in range(depth)]
        for layer in layers:
            nn.init.xavier_uniform_(layer.weight, generator=draws)
        h = torch.randn(EXAMPLES, WIDTH, generator=draws).requires_grad_()
        signals = [h]
        for layer in layers:
            h = torch.tanh(layer(h))
            h.retain_grad()
            signals.append(h)
        h.backward(torch.randn(EXAMPLES, WIDTH, generator=draws))
        forward = [float(h.detach().square().mean()) for h in signals]
        pulled = [_gradient(h) for h in signals[:-1]]
        norms = [float(_gradient(layer.weight).norm()) / EXAMPLES for layer in layers]
        found.append(forward + [float(g.square().mean()) for g in pulled] + norms)
    return found


def by_vmap(replicas: int, draws: torch.Generator) -> Any:
    """All nets at once by torch.func.vmap of grad."""
    a = math.sqrt(6.0 / (WIDTH + WIDTH))
    size = (replicas, WIDTH, WIDTH)
    # One tensor a layer: the gradient of a slice of a stack would be as large as the stack.
    W = tuple(torch.empty(size).uniform_(-a, a, generator=draws) for _ in range(DEPTH))
    x = torch.randn(replicas, EXAMPLES, WIDTH, generator=draws)
    c = torch.randn(replicas, EXAMPLES, WIDTH, generator=draws)

    def one(W: Any, x: Tensor, c: Tensor) -> Any:
        shifts = tuple(torch.zeros(EXAMPLES, WIDTH) for _ in range(DEPTH))

        def chain(W: Any, shifts: Any) -> Any:
            h, squares = x, []
            for layer in range(DEPTH):
                h = torch.tanh((h + shifts[layer]) @ W[layer].T)
                squares.append(h.square().mean())
            return (h * c).sum(), torch.stack(squares)

        (dW, dh), squares = torch.func.grad(chain, argnums=(0, 1), has_aux=True)(W, shifts)
        pulled = torch.stack([g.square().mean() for g in dh])
        return squares, pulled, torch.stack([g.norm() for g in dW]) / EXAMPLES

    return torch.func.vmap(one)(W, x, c)


def _chain_of(W: Any, x: Any, c: Any) -> Any:
    """One net in JAX by hand, with the same Gram form of the weights' gradients as the engine."""

    def up(h: Any, W: Any) -> Any:
        new = jnp.tanh(h @ W.T)
        return new, (h, new)

    _, (inputs, outputs) = lax.scan(up, x, W)

    def down(g: Any, layer: Any) -> Any:
        W, below, h = layer
        g = g * (1 - h * h)
        gram = jnp.sum((g @ g.T) * (below @ below.T))
        g = g @ W
        return g, (jnp.sqrt(jnp.maximum(gram, 0)) / EXAMPLES, jnp.mean(g * g))

    _, (norms, backward) = lax.scan(down, c, (W, inputs, outputs), reverse=True)
    return jnp.mean(outputs**2, axis=(1, 2)), backward, norms


class Jax:
    """JAX's nets one after the other (lax.map), its best at this width."""

    def __init__(self, replicas: int) -> None:
        a = math.sqrt(6.0 / (WIDTH + WIDTH))

        def one(key: Any) -> Any:
            weights, inputs, cotangents = jax.random.split(key, 3)
            W = jax.random.uniform(weights, (DEPTH, WIDTH, WIDTH), minval=-a, maxval=a)
            x = jax.random.normal(inputs, (EXAMPLES, WIDTH))
            return _chain_of(W, x, jax.random.normal(cotangents, (EXAMPLES, WIDTH)))

        self._run = jax.jit(lambda keys: lax.map(one, keys))
        self._keys = jax.random.split(jax.random.key(0), replicas)

    def __call__(self) -> Any:
        """Return forward, backward moments and norms."""
        return jax.block_until_ready(self._run(self._keys))


def workload(targets: list[Target]) -> Workload:
    """Return all forms; a unit of work is one net."""
    draws = generator(0)
    chained = Jax(4)
    forms = [
        Form("sequential nn.Linear", 2, lambda: by_modules(2, draws), "2 nets"),
        Form("torch.func vmap", 4, lambda: by_vmap(4, draws), "4 nets"),
        Form("JAX", 4, chained, "4 nets"),
        Form("GEMM + RNG", 1, _Limit(draws), "the matrix products and the weights' draws alone"),
        Form("ours, torch", 4, lambda: ours(4), "4 nets"),
    ]
    return Workload(
        key="chain", title=f"{DEPTH} layers of width {WIDTH}, forward and backward, m = {EXAMPLES}",
        unit="net", forms=forms, checks=_checks, targets=targets,
        flop=2.0 * 2 * DEPTH * EXAMPLES * WIDTH * WIDTH,
    )  # fmt: skip


class _Limit:
    """What no form can avoid: 3.3 million uniform weights and two products a layer."""

    def __init__(self, draws: torch.Generator) -> None:
        self._draws = draws
        self._W = torch.empty(WIDTH, WIDTH)
        self._h = torch.randn(EXAMPLES, WIDTH, generator=draws)
        self._out = torch.empty(EXAMPLES, WIDTH)

    def __call__(self) -> None:
        for _ in range(DEPTH):
            self._W.uniform_(-0.1, 0.1, generator=self._draws)
            torch.mm(self._h, self._W.T, out=self._out)
            torch.mm(self._h, self._W, out=self._out)


def _checks() -> list[Check]:
    """The same weights give the same moments; own weights the same in the mean of the logarithm."""
    drawn: list[Tensor] = []

    def noted(*arguments: Any, **options: Any) -> Tensor:
        drawn.append(initialization.xavier_uniform(*arguments, **options))
        return drawn[-1]

    run = ours(1, noted, generator(2))
    draws = generator(2)
    x = torch.randn(1, EXAMPLES, WIDTH, generator=draws)
    for fan_in, fan_out in itertools.repeat((WIDTH, WIDTH), DEPTH):
        initialization.xavier_uniform(fan_in, fan_out, draws)
    c = torch.randn(1, EXAMPLES, WIDTH, generator=draws)
    forward, backward, norms = _chain_of(
        jnp.asarray(torch.cat(drawn).numpy()), jnp.asarray(x[0].numpy()), jnp.asarray(c[0].numpy())
    )
    pairs = {
        "forward": (run.forward[0, 1:], forward),
        "backward": (run.backward[0, :-1], backward),
        "weights": (run.weight_gradient[0], norms),
    }
    found = [
        Check("JAX", f"same weights: {name} moments, relative", largest(mine, theirs), 1e-4)
        for name, (mine, theirs) in pairs.items()
    ]
    count = 24
    mine = ours(count)
    slow = np.array(by_modules(count, generator(7)))
    jaxes = [np.asarray(part) for part in Jax(count)()]
    side_by_side = [part.numpy() for part in by_vmap(count, generator(8))]
    peers = {  # ln of h_L^2 and of |dW_1| of each net
        "sequential nn.Linear": (slow[:, DEPTH], slow[:, 2 * DEPTH + 1]),
        "JAX": (jaxes[0][:, -1], jaxes[2][:, 0]),
        "torch.func vmap": (side_by_side[0][:, -1], side_by_side[2][:, 0]),
    }
    ends = {"h_L^2": mine.forward[:, -1], "|dW_1|": mine.weight_gradient[:, 0]}
    found += [
        Check(
            name,
            f"own weights: mean log {what}, in standard errors",
            deviation(np.log(end), np.log(theirs)),
            4.5,
        )
        for name, found_there in peers.items()
        for (what, end), theirs in zip(ends.items(), found_there, strict=True)
    ]
    return found


def _gradient(tensor: Tensor) -> Tensor:
    assert tensor.grad is not None
    return tensor.grad
