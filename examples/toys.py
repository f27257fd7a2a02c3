"""Claims about coins, declared like any other, for tests and studies of the walk."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from harness.blocks.streams import Stream
from harness.declaration.claim import Claim, claim
from harness.declaration.exhibits import Curve, Histogram, Line, Measured, Statistic
from harness.declaration.relations import Relation, more_often_than_not, rate_equals
from harness.text import Text


def toy(name: str, en: str, zh: str, **options: Any) -> Callable[[Callable[..., Any]], Claim]:
    """A declaration with what a toy need not say; `options` are those of `claim`."""
    return claim(
        name, en, zh, **{"source": "a test", "holds": more_often_than_not(), "block": 4, **options}
    )


def coin(bias: float, name: str = "toy", holds: Relation | None = None, **options: Any) -> Claim:
    """A claim that a coin of that bias shows heads more often than not."""

    if holds:
        options["holds"] = holds

    @toy(name, "A coin shows heads", "硬币出正面", **options)
    def a_coin_shows_heads(relu: Any, replicates: int, stream: Stream) -> Any:
        return stream.numpy().random(replicates) < bias

    return a_coin_shows_heads


def bits(**options: Any) -> Claim:
    """A claim that a bit is one with probability p, at drawn settings."""

    options = {
        "given": {"p": st.sampled_from([0.1, 0.2, 0.3, 0.4])},
        "holds": rate_equals(lambda p: p, within=0.05),
        "block": 1024,
    } | options

    @toy("toy-bits", "A bit is one with probability p", "比特以概率 p 为一", **options)
    def a_bit_is_one(relu: Any, p: float, replicates: int, stream: Stream) -> Any:
        # Above 0.25 the bit is wrong: a fault that only some settings show.
        return stream.numpy().random(replicates) < (p if p < 0.25 else 0.5)

    return a_bit_is_one


@toy("toy-shown", "A coin is drawn as it is tossed", "边掷边画")
def a_coin_is_drawn(relu: Any, replicates: int, stream: Stream) -> Measured:
    """Heads, with a curve of which one replicate diverges and a histogram with a mark."""
    heads = stream.numpy().random(replicates) < 0.95
    walk = np.cumsum(np.ones((replicates, 700)), axis=1)
    walk[0, -1] = np.inf
    return Measured(
        heads,
        Curve(
            Text("Walk", "路径"), np.arange(700), (Line(Text("heads", "正面"), walk),), log_y=True
        ),
        Histogram(Text("Heads", "正面"), heads, marks={Text("printed", "printed"): 3.0}),
    )


@toy("toy-counted", "A coin is counted as it is tossed", "边掷边数")
def a_coin_is_counted(relu: Any, replicates: int, stream: Stream) -> Measured:
    """Heads, a number of each replicate, a reference line, and a number of the whole block."""
    tosses = stream.numpy().random(replicates)
    return Measured(
        tosses < 0.95,
        Statistic("place", tosses),
        Statistic("whole block", [tosses.mean()]),
        Curve(
            Text("Walk", "路径"),
            np.arange(3),
            (
                Line(Text("toss", "掷"), tosses[:, None] * [1, 2, 3]),
                Line(Text("truth", "真"), np.ones(3)),
            ),
        ),
    )


@toy("toy-never", "A coin that never lands", "不落地的硬币")
def a_coin_that_never_lands(relu: Any, replicates: int, stream: Stream) -> Any:
    """No observation, ever."""
    while True:
        pass


@toy("toy-kills", "A coin kills who tosses it", "杀死掷币者的硬币", always=({"marker": ""},))
def a_coin_that_kills_its_worker_once(
    relu: Any, marker: str, replicates: int, stream: Stream
) -> Any:
    """Heads, unless the marker is not there: then it is left, and the process dies."""
    file = Path(marker)
    if not file.exists():
        file.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return stream.numpy().random(replicates) < 0.95


def threads_of_this_process() -> tuple[str, int]:
    """What a worker says of its threads: the variable that BLAS reads, and torch's number."""
    import torch

    return os.environ.get("OMP_NUM_THREADS", ""), torch.get_num_threads()
