"""Three verdicts on polynomials from 256 replicas each: python -m studies.scaling.verdicts.

A line underfits, a cubic reaches the noise, degree 19 is closer to its training data than to fresh
data. `--times` times whole processes on one core instead, from Python's start to its end, for each
accelerator that is installed.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from claims.polynomial_regression.experiments import protocol
from claims.polynomial_regression.experiments.polynomials import FLOOR
from harness.blocks.streams import Stream
from harness.data.synthetic import noisy_cubic
from harness.primitives.polynomials import polynomial_features
from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.accelerators import VARIABLE, installed
from harness.training.linear.linear import train_linear

REPLICAS = 256
RATE = 1e-9
EPOCHS = {1: 400, 3: 400, 19: 1500}


def verdict(degree: int, replicas: int = REPLICAS) -> tuple[Verdict, float]:
    """The verdict on the sentence about the degree, and the share of replicas that agree."""
    stream = Stream(b"three verdicts").child(degree)
    data = protocol.drawn(noisy_cubic, replicas, stream)
    history = protocol.trained(
        train_linear, polynomial_features, data, degree, EPOCHS[degree], stream, every=None
    )
    train, test = protocol.last_losses(history)
    agrees = {
        1: (train > 2 * FLOOR) & (test > 2 * FLOOR),
        3: (train < 2 * FLOOR) & (test < 2 * FLOOR),
        19: test > train,
    }[degree]
    kind = BernoulliTest(p0=0.5, p1=0.75)
    evidence = kind.evidence(kind.summarise(agrees), RATE, RATE)
    return decide(evidence, RATE, RATE), float(np.mean(agrees))


def times() -> None:
    """Print the median and the least processor time of five processes, after a first one."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in installed():
        seconds = []
        for _ in range(6):
            before = sum(os.times()[2:4])  # of the processes that have ended
            subprocess.run(
                [sys.executable, "-m", "studies.scaling.verdicts"],
                env=os.environ | {VARIABLE: name}, check=True, capture_output=True,
            )  # fmt: skip
            seconds.append(sum(os.times()[2:4]) - before)
        rest = seconds[1:]
        print(f"{name}: {statistics.median(rest):.2f} s, the least {min(rest):.2f} s "
              f"(first process {seconds[0]:.2f} s)")  # fmt: skip


def main(words: Sequence[str]) -> None:
    """Print the three verdicts, or what they take."""
    if "--times" in words:
        times()
        return
    for degree in EPOCHS:
        found, share = verdict(degree)
        print(f"degree {degree:2d}: {found.value}, {share:.3f} of {REPLICAS} replicas")


if __name__ == "__main__":
    main(sys.argv[1:])
