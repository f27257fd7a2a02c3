"""python -m studies.peers [workload ...]: the engine against its peers on one core."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

# With them an environment forces a kind of kernels, or sizes of blocks, on NumPy's library: the
# limits and the forms are those of the machine.
FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main() -> int:
    """Run the workloads, print their tables, and keep the figures for the page."""
    parser = argparse.ArgumentParser(prog="python -m studies.peers", description=__doc__)
    parser.add_argument("workloads", nargs="*", help="default: all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, default=Path("out/peers.json"))
    parser.add_argument(
        "--page", action="store_true", help="write the table to docs/studies/performance.md"
    )
    given = parser.parse_args()
    _one_core()

    from studies.peers import machine, page, table

    names = given.workloads or list(table.WORKLOADS)
    unknown = set(names) - set(table.WORKLOADS)
    if unknown:
        parser.error(f"no workload {sorted(unknown)}; there are: {', '.join(table.WORKLOADS)}")
    kept = json.loads(given.output.read_text()) if given.output.is_file() else {"results": {}}
    kept["machine"] = machine.words_for_it()
    for name in names:
        result = table.run(name, given.rounds)
        print("\n".join(page.section(result.as_json())), flush=True)
        kept["results"][name] = result.as_json()
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(json.dumps(kept, indent=1))
    if given.page:
        page.write(kept, list(table.WORKLOADS))
    return 0


def _one_core() -> None:
    """Keep the whole process, and every library's pool, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ.update(dict.fromkeys(THREADS, "1"))
    for name in FORCED:
        os.environ.pop(name, None)
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")

    import torch

    torch.set_num_threads(1)


if __name__ == "__main__":
    sys.exit(main())
