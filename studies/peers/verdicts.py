"""python -m studies.peers.verdicts: three polynomial verdicts, whole processes.

Degrees 1 and 3 for 400 epochs and degree 19 for 1500, 256 replicas each; the verdict is the share
of replicas whose test loss exceeds the noise by half. CPU seconds from the start of Python to its
end, imports and data included.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

PROTOCOLS = ((1, 400), (3, 400), (19, 1500))
REPLICAS, N, NOISE = 256, 100, 0.1
ROUNDS = 5


def verdicts() -> None:
    """Train the three protocols and print the shares."""
    import numpy as np

    from harness.data.synthetic import noisy_cubic
    from harness.primitives.polynomials import polynomial_features
    from harness.training.linear.linear import train_linear
    from harness.training.solver import Solver, Split

    rng = np.random.Generator(np.random.SFC64(0))
    for degree, epochs in PROTOCOLS:
        x, y = noisy_cubic(REPLICAS, 2 * N, rng)
        X = polynomial_features(x, degree).astype(np.float32)
        run = train_linear(
            Split(X[:, :N], y[:, :N], X[:, N:], y[:, N:]),
            Solver(lr=0.01, epochs=epochs, batch_size=10),
            rng,
            half=False,
        )
        share = float((run.test_loss[:, -1] > 1.5 * NOISE**2).mean())
        diverged = run.diverged.sum()
        print(f"degree {degree}: {share:.3f} of {REPLICAS}, {diverged} diverged ({run.kernel})")


def main() -> int:
    """Time whole processes, one after the other, for every accelerator that is installed."""
    from harness.training.accelerators import VARIABLE, installed

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in installed():
        environment = os.environ | {VARIABLE: name, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", __spec__.name, "once"]
        seconds = []
        for _ in range(ROUNDS + 1):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            shown = subprocess.run(command, env=environment, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            seconds.append(used)
        print(shown.stdout.decode().rstrip())
        print(
            f"{name}: {statistics.median(seconds[1:]):.2f} s, the least {min(seconds[1:]):.2f} s "
            f"(first process {seconds[0]:.2f} s)"
        )
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["once"]:
        verdicts()
    else:
        sys.exit(main())
