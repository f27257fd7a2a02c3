"""Counting who survives in 10^8 mask draws (p = 0.2), unit by unit, in NumPy and by its peers."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

from studies.peers.forms import Check, Form, Target, Workload
from studies.peers.survivors import survivors
from studies.peers.tasks import generator

P, UNITS, BLOCK = 0.2, 256, 256  # 65536 draws at once lie in the second cache
DRAWS = 10**8


def ours(draws: int) -> Any:
    """Return how often each of 256 units survives."""
    return survivors(draws // UNITS, UNITS, P, np.random.Generator(np.random.SFC64(0)))


def by_dropout(draws: int) -> Any:
    """torch.nn.functional.dropout of ones, block by block."""
    ones, counts = torch.ones(BLOCK, UNITS), torch.zeros(UNITS)
    for _ in range(draws // ones.numel()):
        counts += torch.nn.functional.dropout(ones, P).sum(dim=0)
    return counts * (1 - P)


def by_bernoulli(draws: int) -> Any:
    """Tensor.bernoulli_, block by block."""
    mask, counts = torch.empty(BLOCK, UNITS), torch.zeros(UNITS)
    draws_from = generator(0)
    for _ in range(draws // mask.numel()):
        counts += mask.bernoulli_(1 - P, generator=draws_from).sum(dim=0)
    return counts


def by_uniform(draws: int) -> Any:
    """torch.rand and a comparison, block by block."""
    u, counts = torch.empty(BLOCK, UNITS), torch.zeros(UNITS)
    draws_from = generator(0)
    for _ in range(draws // u.numel()):
        u.uniform_(generator=draws_from)
        counts += torch.ge(u, P, out=u).sum(dim=0)
    return counts


def by_numpy(draws: int) -> Any:
    """Generator.random in float32 and a comparison, block by block."""
    rng = np.random.Generator(np.random.SFC64(0))
    counts = np.zeros(UNITS, dtype=np.int64)
    for _ in range(draws // (BLOCK * UNITS)):
        counts += (rng.random((BLOCK, UNITS), dtype=np.float32) >= P).sum(axis=0)
    return counts


class Jax:
    """jax.random.bernoulli in one scan, block by block."""

    def __init__(self, draws: int) -> None:
        def step(counts: Any, key: Any) -> Any:
            kept = jax.random.bernoulli(key, 1 - P, (BLOCK, UNITS))
            return counts + kept.sum(axis=0), None

        self._run = jax.jit(lambda keys: jax.lax.scan(step, jnp.zeros(UNITS, jnp.int32), keys)[0])
        self._keys = jax.random.split(jax.random.key(0), draws // (BLOCK * UNITS))

    def __call__(self) -> Any:
        """Return how often each unit survives."""
        return np.asarray(self._run(self._keys))


def workload(targets: list[Target]) -> Workload:
    """Return all forms; a unit of work is 10^8 draws."""
    tenth = DRAWS // 10
    part = "10^7 draws"
    jaxes = Jax(tenth)
    forms = [
        Form("F.dropout", 0.1, lambda: by_dropout(tenth), part),
        Form("bernoulli_", 0.1, lambda: by_bernoulli(tenth), part),
        Form("uniform_", 0.1, lambda: by_uniform(tenth), part),
        Form("numpy random", 0.1, lambda: by_numpy(tenth), part),
        Form("JAX", 0.1, jaxes, part),
        Form("ours, numpy", 1, lambda: ours(DRAWS)),
    ]
    return Workload(
        key="draws", title="10^8 mask draws in NumPy, survivors counted per unit",
        unit="10^8 draws", forms=forms, checks=_checks, targets=targets,
    )  # fmt: skip


def _checks() -> list[Check]:
    """Every form's total is 1 - p within binomial error, and no unit stands out."""
    draws = 2_000_000 // (BLOCK * UNITS) * (BLOCK * UNITS)
    each = draws // UNITS
    forms = {
        "F.dropout": by_dropout(draws), "bernoulli_": by_bernoulli(draws),
        "uniform_": by_uniform(draws), "numpy random": by_numpy(draws), "JAX": Jax(draws)(),
        "ours, numpy": ours(draws),
    }  # fmt: skip
    found = []
    for name, counts in forms.items():
        z = (np.asarray(counts, dtype=np.float64) - each * (1 - P)) / np.sqrt(each * P * (1 - P))
        total = abs(z.sum()) / np.sqrt(UNITS)
        found.append(Check(name, "total against 1 - p, in standard errors", float(total), 4.5))
        found.append(
            Check(name, "worst unit against 1 - p, in standard errors", float(abs(z).max()), 5.5)
        )
    return found
