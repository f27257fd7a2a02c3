"""python -m studies.peers [workload ...]: the engine against its peers on one core."""

import argparse
import os
import sys

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

# With them an environment forces a kind of kernels, or sizes of blocks, on NumPy's library: the
# limits and the forms are those of the machine.
FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main() -> int:
    """Run the workloads, and write their tables into docs/studies/performance.*."""
    parser = argparse.ArgumentParser(prog="python -m studies.peers", description=__doc__)
    parser.add_argument("workloads", nargs="*", help="default: all")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    _one_core()

    from reports.tables import read_tables, write_tables
    from studies.peers import machine, table
    from studies.tables import DOCS, filled, made, write

    names = given.workloads or list(table.WORKLOADS)
    if unknown := set(names) - set(table.WORKLOADS):
        parser.error(f"no workload {sorted(unknown)}; there are: {', '.join(table.WORKLOADS)}")
    data = DOCS / "performance.json"
    for name in names:
        found, rows = table.run(name, given.rounds)
        kept = read_tables(data)
        before = kept["peers"].rows if "peers" in kept else ()
        rows = [*(row for row in before if row[0] != rows[0][0]), *rows]
        kept |= {name: found, "peers": made("peers", rows, {"machine": machine.words_for_it()})}
        write_tables(data, {key: kept[key] for key in ("peers", *table.WORKLOADS) if key in kept})
        print(found.title.en, *found.rows, sep="\n", flush=True)
        write([filled("performance")])
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
