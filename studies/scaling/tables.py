"""What was measured as the tables of scaling.json, and the plan that is simulated from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.tables import Table, read_tables
from studies.scaling.simulation import Cluster, simulate
from studies.scaling.workers import BLOCKS
from studies.tables import DOCS, made

Raw = Sequence[Mapping[str, Any]]
DATA = DOCS / "scaling.json"
MODELS = 1_000_000
NODES, CORES = 100, 16
NETS = 8  # in a block of the claim that trains
WHAT = {"replicas": "replicas", "degree": "degree", "width": "width", "depth": "layers"}


def tables(workers: Raw, grown: Mapping[str, Raw]) -> dict[str, Table]:
    """The tables of what was measured; what they were made from stays with them."""
    alone = workers[0]["blocks"]
    where = [
        (r["where"], r["start"], 1000 * r["handing"], r["blocks"], alone / r["blocks"])
        for r in workers
    ]
    growth = [
        (WHAT[name], r["value"], 1000 * r["block"], 1000 * r["replica"])
        for name, rows in grown.items()
        for r in rows
    ]
    values = {"models": MODELS, "cores": CORES}
    return {
        "workers": made("workers", where, {"blocks": BLOCKS}, measured=list(workers)),
        "growth": made("growth", growth, measured=dict(grown)),
        "plan": made("plan", plans(workers), values),
    }


def plans(workers: Raw) -> Iterator[tuple[Any, ...]]:
    """A million models on the cluster, for a few sizes of block."""
    overheads = next(r for r in workers if r["where"].startswith("dask"))
    model = workers[0]["blocks"] / BLOCKS / NETS
    for nodes, size, deaths in (
        (1, 64, 0.0), (10, 64, 0.0), (NODES, 8, 0.0), (NODES, 64, 0.0), (NODES, 256, 0.0),
        (NODES, 1024, 0.0), (NODES, 256, 1e-3),
    ):  # fmt: skip
        cluster = Cluster(
            nodes * CORES, start=overheads["start"], dispatch=overheads["handing"], transit=0.001
        )
        found = simulate(MODELS // size, model * size, cluster, spread=0.2, deaths=deaths)
        shares = (100 * found.efficiency, 100 * found.dispatcher)
        yield nodes, size, model * size, deaths, found.seconds, *shares


def again() -> dict[str, Table]:
    """The tables from what is kept: the plan is simulated anew."""
    kept = read_tables(DATA)
    return tables(kept["workers"].measured, kept["growth"].measured)
