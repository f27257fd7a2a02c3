"""scaling.md from scaling.json: the figures as tables, between markers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studies.scaling.simulation import Cluster, simulate
from studies.scaling.workers import BLOCKS

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "studies" / "scaling.json"
PAGE = ROOT / "docs" / "studies" / "scaling.md"
MODELS = 1_000_000
NODES, CORES = 100, 16
NETS = 8  # in a block of the claim that trains
WHAT = {
    "replicas": "replicas a block (degree 3, 100 epochs)",
    "degree": "degree (128 replicas, 100 epochs)",
    "width": "width of 64-w-w-10 with dropout (8 replicas, 4 epochs of 256)",
    "depth": "layers of width 64 (8 replicas, forward and backward)",
}


def table(head: str, rows: list[list[str]]) -> str:
    """A Markdown table."""
    names = head.split(" | ")
    lines = [f"| {head} |", "|" + "---|" * len(names)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def workers(rows: list[dict[str, Any]]) -> str:
    """The table of executors."""
    alone = rows[0]["blocks"]
    return table(
        "where | start-up, s | handing a block out, ms | 12 blocks that train, s | of serial",
        [
            [r["where"], f"{r['start']:.1f}", f"{1000 * r['handing']:.2f}", f"{r['blocks']:.2f}",
             f"{alone / r['blocks']:.2f} x"]
            for r in rows
        ],
    )  # fmt: skip


def growth(tables: dict[str, list[dict[str, Any]]]) -> str:
    """The tables of what grows."""
    return "\n\n".join(
        table(
            f"{WHAT[name]} | block, ms | replica, ms",
            [
                [str(r["value"]), f"{1000 * r['block']:.2f}", f"{1000 * r['replica']:.3f}"]
                for r in rows
            ],
        )
        for name, rows in tables.items()
    )


def plans(data: dict[str, Any]) -> list[list[str]]:
    """A million models on the cluster, for a few sizes of block."""
    overheads = next(r for r in data["workers"] if r["where"].startswith("dask"))
    model = data["workers"][0]["blocks"] / BLOCKS / NETS
    rows = []
    for nodes, size, deaths in (
        (1, 64, 0.0), (10, 64, 0.0), (NODES, 8, 0.0), (NODES, 64, 0.0), (NODES, 256, 0.0),
        (NODES, 1024, 0.0), (NODES, 256, 1e-3),
    ):  # fmt: skip
        cluster = Cluster(
            nodes * CORES, start=overheads["start"], dispatch=overheads["handing"], transit=0.001
        )
        found = simulate(MODELS // size, model * size, cluster, spread=0.2, deaths=deaths)
        rows.append(
            [str(nodes), str(size), f"{model * size:.2f}", f"{deaths:g}", f"{found.seconds:.0f}",
             f"{found.efficiency:.0%}", f"{found.dispatcher:.0%}"]
        )  # fmt: skip
    return rows


def plan(data: dict[str, Any]) -> str:
    """The table of the simulated runs."""
    return table(
        "nodes of 16 cores | models a block | block, s | deaths a block | run, s | "
        "workers at work | scheduler at work",
        plans(data),
    )


def write_page() -> None:
    """Put the tables between their markers."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    parts = {
        "workers": workers(data["workers"]),
        "growth": growth(data["growth"]),
        "plan": plan(data),
    }
    for name, part in parts.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}\n{part}\n{end}{after}"
    PAGE.write_text(text, encoding="utf-8")
