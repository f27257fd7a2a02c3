"""The figures of the page, by section: each is read from what the studies measured and kept."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from harness.text import Text
from reports.tables import Table, read_tables
from reports.words import words
from studies.calibration.suite_runs import read_runs
from studies.calibration.suite_table import bounds, sums, unexplained
from studies.power.rows import bugs
from studies.tables import DOCS, shown

FAULTS = DOCS / "faults.md"


def figures() -> Mapping[str, Any]:
    """Every section's figures, by the section's name."""
    kept = {
        name: read_tables(DOCS / f"{name}.json")
        for name in ("calibration", "power", "gate", "scaling", "mutation", "performance")
    }
    calibration, power = kept["calibration"], kept["power"]
    return {
        "promise": words("promise"), "rates": _rates(calibration), "runs": _runs(),
        "cost": _cost(calibration["efficiency"]), "bugs": _bugs(power),
        "mutation": _mutation(kept["mutation"]["mutation"]), "fuzz": _fuzz(calibration["fuzz"]),
        "faults": _faults(calibration["kills"]), "versions": _versions(calibration["portability"]),
        "gate": _gate(kept["gate"]), "scaling": _scaling(kept["scaling"]),
        "speed": _speed(kept["performance"]["peers"]),
    }  # fmt: skip


def column(table: Table, name: str) -> list[Any]:
    """The cells of the column that is called so in English; cells in two languages in English."""
    place = [one.en for one in table.columns].index(name)
    cells = [row[place] for row in table.rows]
    return [cell.en if isinstance(cell, Text) else cell for cell in cells]


def _rates(kept: Mapping[str, Table]) -> SimpleNamespace:
    exact, sampled, edges = kept["exact"], kept["importance"], kept["end-to-end"]
    places = column(exact, "where")
    confirmed, refuted = column(exact, "P(CONFIRMED)"), column(exact, "P(REFUTED)")
    wrong = [
        said_true if "false zone" in place else said_false
        for place, said_true, said_false in zip(places, confirmed, refuted, strict=True)
        if "middle" not in place
    ]
    return SimpleNamespace(
        exact_tests=len(places) // len(set(places)), exact_worst=max(wrong),
        sampled=len(sampled.rows), sampled_worst=max(filter(None, column(sampled, "of nominal"))),
        edges=len(edges.rows), relations=len(set(column(edges, "relation"))),
        edges_worst=max(column(edges, "rate")), checks=len(kept["replication"].rows),
    )  # fmt: skip


def _runs() -> SimpleNamespace:
    runs = read_runs()
    counted = sums(runs)
    return SimpleNamespace(**counted, **bounds(counted), unexplained=len(unexplained(runs)))


def _cost(table: Table) -> SimpleNamespace:
    ratios = [
        fixed / spent
        for fixed, spent in zip(
            column(table, "fixed exact"), column(table, "expected"), strict=True
        )
        if fixed
    ]
    return SimpleNamespace(
        cases=len(table.rows),
        worst=max(column(table, "expected / bound")),
        least=min(ratios),
        most=max(ratios),
    )


def _bugs(kept: Mapping[str, Table]) -> SimpleNamespace:
    salts = kept["salts"]
    caught = [shown(cell).split(" of ") for cell in column(kept["theirs"], "faults caught")]
    agreed = [shown(cell).split(" of ") for cell in column(kept["frameworks"], "as expected")]
    asked = sum(column(salts, "examinations"))
    counts = [int(count) for cell in column(salts, "salts") for count in shown(cell).split("–")]
    matrices = [table for key, table in kept.items() if key.startswith("kills:")]
    return SimpleNamespace(
        rows=len(bugs()), planted=sum(column(salts, "faults")), pairs=sum(column(salts, "pairs")),
        roles=len(salts.rows), asked=asked, missed=asked - sum(column(salts, "refuted")),
        salts=f"{min(counts)}–{max(counts)}",
        bound=1 - 0.05 ** (1 / asked), theirs=sum(int(found) for found, _ in caught),
        theirs_of=sum(int(total) for _, total in caught), frameworks=len(agreed),
        frameworks_agreed=sum(found == total for found, total in agreed),
        curves=sum(key.startswith("curve:") for key in kept),
        out_of_reach=len(kept["out-of-reach"].rows),
        matrix=sum(len(table.rows) for table in matrices),
        slowest=max(column(kept["seconds"], "processor seconds")),
    )  # fmt: skip


def _mutation(table: Table) -> SimpleNamespace:
    return SimpleNamespace(
        modules=len(table.rows),
        **{
            name: sum(column(table, name))
            for name in ("mutants", "killed", "equivalent", "survived")
        },
    )


def _fuzz(table: Table) -> SimpleNamespace:
    inputs, accepted = column(table, "inputs"), column(table, "accepted")
    return SimpleNamespace(
        readers=len(inputs),
        inputs=sum(inputs),
        accepted=100 * sum(accepted) / sum(inputs),
        crashes=sum(column(table, "crashes")),
    )


def _faults(kills: Table) -> SimpleNamespace:
    lines = FAULTS.read_text(encoding="utf-8").splitlines()
    return SimpleNamespace(
        rows=sum("::test_" in line for line in lines),
        kills=sum(column(kills, "kills")),
        inside=sum(column(kills, "while claims ran")),
        lost=0 if kills.holds else 1,
    )


def _versions(table: Table) -> SimpleNamespace:
    claims, verdicts, settings, digests = (
        column(table, name)
        for name in ("claims", "equal verdicts", "equal settings", "equal digests")
    )
    return SimpleNamespace(
        runs=len(claims), verdicts=sum(verdicts), verdicts_of=sum(claims), digests=sum(digests),
        digests_of=sum(settings),
    )  # fmt: skip


def _gate(kept: Mapping[str, Table]) -> SimpleNamespace:
    red, found = column(kept["unchanged"], "red suites"), column(kept["slower"], "found")
    return SimpleNamespace(
        suites=column(kept["slower"], "suites")[0], red=red[0], threshold_red=min(red[1:]),
        found=found[0], undecided=found[1] - found[0], threshold_found=max(found[2:]),
        ratio=column(kept["time"], "ratio")[0].partition(" ")[0],
    )  # fmt: skip


def _scaling(kept: Mapping[str, Table]) -> SimpleNamespace:
    workers, plan = kept["workers"], kept["plan"]
    speed = dict(zip(column(workers, "where"), column(workers, "speed-up"), strict=True))
    nodes, sizes, seconds = (
        column(plan, name) for name in ("nodes of 16 cores", "models a block", "run, s")
    )
    best = seconds.index(min(seconds))
    return SimpleNamespace(
        two=speed["processes:2"], dask=speed["dask, 2 workers"], nodes=nodes[best],
        seconds=seconds[best], size=sizes[best],
    )  # fmt: skip


def _speed(table: Table) -> SimpleNamespace:
    against, reached = column(table, "against"), column(table, "reached")
    loops = [value for name, value in zip(against, reached, strict=True) if "loop" in name]
    met = column(table, "met")
    return SimpleNamespace(
        targets=len(met), met=sum(met), least_loop=min(loops), most_loop=max(loops)
    )
