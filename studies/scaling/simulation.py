"""A run on a cluster, simulated event by event: workers, the process that hands out, and a drift.

Times are seconds. Nothing is fitted: block times, overheads and start-up are measured and given.
"""

import heapq
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cluster:
    """Workers, and what each block costs besides its own time."""

    workers: int
    start: float  # until a worker is ready: process, imports
    dispatch: float  # of the one process that hands a block out and takes it back
    transit: float  # of a block on its way there and back, beside the dispatch


@dataclass(frozen=True)
class Outcome:
    """How long the run took, and how much of it the workers worked."""

    seconds: float
    efficiency: float
    dispatcher: float  # share of the time that the handing process was busy


def simulate(
    blocks: int, block: float, cluster: Cluster, *, spread: float = 0.0, deaths: float = 0.0,
    seed: int = 0,
) -> Outcome:  # fmt: skip
    """Run the blocks on the cluster in their order.

    Args:
        blocks: how many.
        block: mean seconds of one; lognormal with standard deviation `spread` of its logarithm.
        deaths: probability that a block's worker dies in it; it is measured again after a start.
        seed: of the simulation's own draws.
    """
    rng = np.random.Generator(np.random.SFC64(seed))
    times = block * np.exp(spread * rng.standard_normal(blocks) - spread**2 / 2)
    dies = rng.random(blocks) < deaths
    free = [cluster.start] * min(cluster.workers, blocks)
    heapq.heapify(free)
    dispatcher = 0.0
    last = 0.0
    worked = 0.0
    for time, died in zip(times.tolist(), dies.tolist(), strict=True):
        ready = heapq.heappop(free)
        dispatcher = max(dispatcher, ready) + cluster.dispatch
        begun = dispatcher + cluster.transit
        lost = cluster.start + time / 2 if died else 0.0  # half a block, and a new worker
        ended = begun + lost + time
        worked += time
        last = max(last, ended)
        heapq.heappush(free, ended)
    return Outcome(last, worked / (last * cluster.workers), blocks * cluster.dispatch / last)
